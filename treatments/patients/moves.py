"""Which records moved from one patient's record to another's: filed under the wrong person, or two records merged."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from treatments.patients.models import Patient
from treatments.records.fields import ClinicOf, PartialDateField
from treatments.records.models import Record


class MoveKind(models.TextChoices):
    MISFILED = "misfiled", "Filed under the wrong patient"
    MERGE = "merge", "Two records of one person merged"
    APART = "apart", "Merged records taken apart"


class RecordMove(Record):
    """One act that moved records from one patient to another: why, by whom and when. It is never changed.

    `undoes` is the merge that this act took apart.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="moves_in", editable=False)
    from_patient = models.ForeignKey(Patient, models.PROTECT, related_name="moves_out", editable=False)
    kind = models.CharField(max_length=12, choices=MoveKind.choices, default=MoveKind.MISFILED, editable=False)
    reason = models.CharField("Why?", max_length=300)
    undoes = models.OneToOneField("self", models.PROTECT, related_name="undone_by", null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="a_move_has_its_reason"),
            models.CheckConstraint(
                condition=~Q(patient=models.F("from_patient")), name="a_move_is_between_two_patients"
            ),
            models.CheckConstraint(
                condition=Q(kind=MoveKind.APART, undoes__isnull=False)
                | (~Q(kind=MoveKind.APART) & Q(undoes__isnull=True)),
                name="only_taking_apart_undoes_a_merge",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.from_patient_id} to {self.patient_id}"

    def get_absolute_url(self) -> str:
        return self.patient.get_absolute_url()

    @property
    def is_undone(self) -> bool:
        return hasattr(self, "undone_by")


class MovedRecordQuerySet(models.QuerySet["MovedRecord"]):
    def of_patient(self, patient: Patient) -> Self:
        """What left this patient's record and what came to it, the oldest act first."""
        theirs = self.filter(Q(move__patient=patient) | Q(move__from_patient=patient))
        return theirs.select_related("move__patient", "move__from_patient", "move__created_by").order_by("move", "id")

    def of_record(self, record: Record) -> Self:
        moved = self.filter(record_id=record.pk)
        return moved.select_related("move__patient", "move__from_patient", "move__created_by").order_by("move", "id")


class MovedRecord(models.Model):
    """A record that one move took along.

    `record_type` is a model's lower-case name. `name` and `happened` say what it was without its content, for the
    patient whose record it left. `is_chief` is the record that the move was about; the others went with it. `before`
    maps further columns that changed to their values before, as text or null.
    """

    move = models.ForeignKey(RecordMove, models.PROTECT, related_name="records")
    clinic = ClinicOf("move")
    record_type = models.CharField(max_length=32)
    record_id = models.UUIDField()
    name = models.CharField(max_length=60)
    happened = PartialDateField()
    is_chief = models.BooleanField(default=False)
    before: Any = models.JSONField(default=dict)

    objects = MovedRecordQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["move", "record_id"], name="a_move_takes_a_record_once")]
        indexes = [models.Index(fields=["record_id"], name="moves_of_a_record")]

    def __str__(self) -> str:
        return f"{self.name} of {self.happened.label()}" if self.happened else self.name
