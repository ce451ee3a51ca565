"""What authors answered to a passage that might identify somebody: why it stays."""

from django.db import models

from clinic.audit.append_only import AppendOnly
from treatments.records.models import Record


class AnsweredFlag(AppendOnly, Record):
    """`key` names what was found, where and in which sentence, so that another sentence asks again."""

    key = models.CharField(max_length=64)
    found = models.CharField(max_length=200)
    sentence = models.CharField(max_length=500)
    answer = models.CharField("Why does it stay?", max_length=300)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.found}: {self.answer}"
