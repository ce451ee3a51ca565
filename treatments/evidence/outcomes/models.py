from typing import Any, ClassVar, Self

from django.db import models

from clinic.staff.models import Clinic
from treatments.records.models import Record


class Measure(models.TextChoices):
    """By what a patient counts as a responder."""

    COUNT = "count", "Hair count at the same spot rose by more than the error of counting"
    READING = "reading", "Blinded readers: median reading"
    PATIENT = "patient", "The patient’s own assessment"


class DefinitionQuerySet(models.QuerySet[Any]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)


class ResponderDefinition(Record):
    """What the clinic calls a responder, in one version. A new version is a new row: none is ever changed.

    `least` is the smallest reading or answer, −3 to +3, that counts; None for a count, where the error decides.
    `result_before` keeps what the version before gave on the day it was replaced.
    """

    number = models.PositiveSmallIntegerField(editable=False)
    name = models.CharField("Name of the definition", max_length=80)
    measure = models.CharField("A responder is a patient of whom this is true", max_length=8, choices=Measure.choices)
    month = models.PositiveSmallIntegerField("Read at", choices=[(3, "Month 3"), (6, "Month 6"), (12, "Month 12")])
    least = models.SmallIntegerField("At least", null=True, blank=True)
    reason = models.CharField("Why this definition", max_length=300, blank=True)
    result_before = models.JSONField(default=dict, editable=False)

    objects: ClassVar[Any] = DefinitionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "number"], name="one_definition_of_a_clinic_with_a_number"),
            models.CheckConstraint(
                condition=models.Q(measure="count", least__isnull=True)
                | (~models.Q(measure="count") & models.Q(least__range=(0, 3))),
                name="only_a_reading_or_an_answer_has_a_least",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}" if self.number else self.name
