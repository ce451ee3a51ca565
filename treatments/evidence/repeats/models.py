"""Two counts of one spot on one day, from which the clinic's own error of counting is worked out."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from clinic.staff.models import Clinic
from treatments.records.formatting import day, number
from treatments.records.models import Record, struck_out_together


class Readers(models.TextChoices):
    SAME = "same", "the same person"
    OTHER = "other", "two people"


class RepeatPairQuerySet(models.QuerySet["RepeatPair"]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)

    def standing(self) -> Self:
        """Without what was struck out as entered in error: the pairs that count."""
        return self.filter(struck_out_at__isnull=True)


class RepeatPair(Record):
    """Two counts of one spot in one frame on one day, typed for their difference. Of no patient: it tells of counting.

    Both are in the same unit, hairs or hairs per cm²: only their ratio is used. Nothing deletes or changes a pair; a
    wrong one is struck out.
    """

    counted_on = models.DateField("Date of the two counts")
    first = models.DecimalField("First count", max_digits=9, decimal_places=3)
    second = models.DecimalField("Second count", max_digits=9, decimal_places=3)
    readers = models.CharField("Who counted", max_length=8, choices=Readers.choices)
    counted_by = models.CharField("Names of who counted", max_length=120, blank=True)
    how = models.CharField("Method and device", max_length=160, blank=True)
    struck_out_at = models.DateTimeField(null=True, editable=False)
    struck_out_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False
    )
    struck_out_reason = models.CharField(max_length=300, blank=True, editable=False)

    objects: ClassVar[Any] = RepeatPairQuerySet.as_manager()

    class Meta:
        constraints = [
            struck_out_together("repeat_pair_struck_out_with_who_and_why"),
            models.CheckConstraint(
                condition=Q(first__gt=0) & Q(second__gt=0), name="both_counts_of_a_pair_are_above_nothing"
            ),
        ]
        indexes = [models.Index(fields=["clinic", "counted_on"], name="repeat_pairs_of_a_clinic")]

    def __str__(self) -> str:
        return f"{number(self.first)} and {number(self.second)}, counted on {day(self.counted_on)}"

    def get_absolute_url(self) -> str:
        return reverse("evidence:repeats")

    @property
    def is_struck_out(self) -> bool:
        return self.struck_out_at is not None
