"""What authors answered to a passage that might identify somebody: why it stays."""

from typing import TypeVar

from django.db import IntegrityError, models, transaction

from clinic.audit import log
from clinic.audit.append_only import AppendOnly
from clinic.staff.models import User
from treatments.evidence.deidentification.flags import Flag
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


A = TypeVar("A", bound=AnsweredFlag)


def keep_answer(model: type[A], flag: Flag, answer: str, *, column: str, of: Record, by: User) -> A:
    """Keep the answer to a flag in `of`, which the `column` of the model names. Answered twice at once it is the first
    answer."""
    made = model(
        clinic=of.clinic,
        key=flag.key,
        found=flag.found[:200],
        sentence=flag.sentence[:500],
        answer=answer,
        created_by=by,
        **{column: of},
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            log.record("answered_flag", by=by, clinic=of.clinic, target=of, detail={"kind": flag.kind})
    except IntegrityError:
        return model._default_manager.get(**{column: of, "key": flag.key})
    return made
