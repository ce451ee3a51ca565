"""What every record has: its id and version, corrections, passed warnings; and drafts of forms."""

import datetime
import re
import uuid
from decimal import Decimal
from functools import lru_cache
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from clinic.audit.append_only import AppendOnly
from clinic.staff.models import Clinic
from treatments.records.fields import DatePrecision, PartialDateField
from treatments.records.formatting import number
from treatments.records.ids import new_id
from treatments.records.partial_dates import PartialDate, of_day

DRAFT_DAYS = 14


def all_or_none(*fields: str) -> models.Q:
    """A condition: these nullable columns are filled together or empty together."""
    empty, full = models.Q(), models.Q()
    for field in fields:
        empty &= models.Q(**{f"{field}__isnull": True})
        full &= models.Q(**{f"{field}__isnull": False})
    return empty | full


class Record(models.Model):
    """A row that belongs to a clinic, is written once, and is corrected rather than overwritten.

    `submission` is the digest of the form that made the row: the same id with the same digest is a repeated
    submit; with another digest it is a clash, which the person is shown.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    clinic = models.ForeignKey("clinic.Clinic", models.PROTECT, related_name="+", editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    submission = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name="entered by"
    )

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        """Where the record is read; "" for a kind that has no page of its own."""
        return ""

    @property
    def distinct_name(self) -> str:
        """How the record is told apart from others of its kind."""
        return str(self)


class ClinicalQuerySet(models.QuerySet[Any]):
    def standing(self) -> Self:
        """Without what was struck out as entered in error: the rows that count."""
        return self.filter(struck_out_at__isnull=True)

    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)


class ClinicalRecord(Record):
    """A clinical fact about a patient. Nothing deletes it; a wrong one is struck out as entered in error."""

    struck_out_at = models.DateTimeField(null=True, editable=False)
    struck_out_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False
    )
    struck_out_reason = models.CharField(max_length=300, blank=True, editable=False)

    objects = ClinicalQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_struck_out(self) -> bool:
        return self.struck_out_at is not None

    @property
    def happened_on(self) -> datetime.date:
        """The day the fact is about, which orders the course; each kind of record names its own column.

        Of a fact known to a month it is the first of that month: for ordering alone, never for a page or a rule.
        """
        raise NotImplementedError

    @property
    def when(self) -> PartialDate:
        """When the fact happened, as far as it is known."""
        return of_day(self.happened_on)


@lru_cache(maxsize=4096)
def partial(day: datetime.date, precision: str) -> PartialDate:
    """The date as the person gave it: to the day, or to the month where the day was not recorded; perhaps "about"."""
    to_the_day = precision in (DatePrecision.DAY, DatePrecision.ABOUT_DAY)
    about = "~" if precision in (DatePrecision.ABOUT_DAY, DatePrecision.ABOUT_MONTH) else ""
    return PartialDate(f"{day.isoformat() if to_the_day else f'{day:%Y-%m}'}{about}")


def struck_out_together(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=all_or_none("struck_out_at", "struck_out_by")
        & (models.Q(struck_out_at__isnull=True) | ~models.Q(struck_out_reason="")),
        name=name,
    )


VOLUMES = "volumes"
# A sum that is shown region by region beside it.
_SHOWN_BY_REGION = {"first_ml"}
_FIGURES = ("_ml", "_mm")
_DECIMALS = re.compile(r"\b[0-9]+\.[0-9]+\b(?: mL)?")


def _spelled(field: str, text: str) -> str:
    if field != VOLUMES and not field.endswith(_FIGURES):
        return text
    unit = " mL" if field == VOLUMES else ""
    return _DECIMALS.sub(lambda match: number(Decimal(match[0].removesuffix(" mL"))) + unit, text)


class ChangeKind(models.TextChoices):
    """Whether what a record said before was never true, or was true until something changed."""

    CORRECTION = "correction", "Corrected"
    UPDATE = "update", "Changed"


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def updates(self) -> "CorrectionQuerySet":
        return self.filter(kind=ChangeKind.UPDATE)

    def of_patient(self, patient: Record) -> "CorrectionQuerySet":
        return self.filter(patient_id=patient.pk).select_related("by").order_by("at")

    def of_record(self, record: Record) -> "CorrectionQuerySet":
        return self.filter(record_id=record.pk).select_related("by").order_by("version")


class Correction(AppendOnly):
    """What a correction or an update changed: each field with the value before and after, as the person read them.

    A correction is of what was never true, and has a reason. An update is of what was true until `since`, the day from
    which the new value is; a history that is taken again names in `confirmed`, in words, the questions that were
    answered as before.
    Append-only. `record_type` is a model's lower-case name; `version` is the record's version after the change.
    `changes` is a list of {"field", "label", "before", "after", "raw"}, of an update with "was" besides: the value
    before as JSON.
    """

    # With a record that was filed under the wrong person, what is told of it goes to the right one.
    changeable = ("patient_id",)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    clinic = models.ForeignKey("clinic.Clinic", models.PROTECT, related_name="+")
    patient_id = models.UUIDField(null=True)
    record_type = models.CharField(max_length=32)
    record_id = models.UUIDField()
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=ChangeKind.choices, default=ChangeKind.CORRECTION)
    since = PartialDateField(blank=True)
    confirmed = models.JSONField(default=list)
    changes = models.JSONField()
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record_id", "version"], name="one_correction_for_a_version"),
            models.CheckConstraint(
                condition=models.Q(kind=ChangeKind.UPDATE) | ~models.Q(reason=""), name="a_correction_has_a_reason"
            ),
            models.CheckConstraint(
                condition=(models.Q(kind=ChangeKind.UPDATE) & ~models.Q(since=""))
                | models.Q(kind=ChangeKind.CORRECTION, since=""),
                name="an_update_has_its_day",
            ),
        ]
        indexes = [models.Index(fields=["patient_id", "at"], name="corrections_of_a_patient")]

    def __str__(self) -> str:
        return f"{self.record_type} {self.record_id} to version {self.version}: {self.reason}"

    @property
    def is_update(self) -> bool:
        return self.kind == ChangeKind.UPDATE

    @property
    def headline(self) -> str:
        """ "Changed on 3 May 2026", "Changed in May 2026", "Corrected"."""
        return f"Changed {self.since.phrase}" if self.is_update and self.since else "Corrected"

    @property
    def confirmed_text(self) -> str:
        """ "allergies, medicines": what was asked again and is as it was."""
        return ", ".join(self.confirmed)

    @property
    def shown_changes(self) -> list[dict[str, str]]:
        """The changes with each volume and length as pages spell it: earlier releases kept 3.00 for 3."""
        sides = ("before", "after")
        shown = (change for change in self.changes if change["field"] not in _SHOWN_BY_REGION)
        return [change | {side: _spelled(change["field"], change[side]) for side in sides} for change in shown]


class PassedWarning(AppendOnly):
    """A warning that somebody read and passed with a reason."""

    # With a record that was filed under the wrong person, what is told of it goes to the right one.
    changeable = ("patient_id",)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    clinic = models.ForeignKey("clinic.Clinic", models.PROTECT, related_name="+")
    patient_id = models.UUIDField(null=True)
    record_type = models.CharField(max_length=32)
    record_id = models.UUIDField()
    rule = models.CharField(max_length=40)
    sentence = models.CharField(max_length=400)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="a_passed_warning_has_a_reason")]
        indexes = [
            models.Index(fields=["patient_id", "at"], name="warnings_of_a_patient"),
            models.Index(fields=["record_id"], name="warnings_of_a_record"),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.reason}"


class DraftQuerySet(models.QuerySet["Draft"]):
    def alive(self) -> "DraftQuerySet":
        return self.filter(saved_at__gte=timezone.now() - datetime.timedelta(days=DRAFT_DAYS))


class Draft(models.Model):
    """What a person has typed into one form and not saved yet; visible to nobody else, deleted after 14 days.

    `form` is the path of the form's page, which names the patient and, in a correction, the record.
    `values` maps field names to lists of strings, as a browser would send them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("clinic.Clinic", models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    form = models.CharField(max_length=300)
    values = models.JSONField(default=dict)
    base_version = models.PositiveIntegerField(null=True)
    # The browser's own count of batches: an older batch that arrives late must not overwrite a newer one.
    sequence = models.PositiveBigIntegerField(default=0)
    saved_at = models.DateTimeField(default=timezone.now)

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "clinic", "form"], name="one_draft_for_a_person_and_form")
        ]
        indexes = [models.Index(fields=["saved_at"], name="drafts_by_age")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.form}"

    @property
    def patient_id(self) -> uuid.UUID | None:
        """The patient whom the page's path names; None for a page that is about none yet."""
        named = re.match(r"/patients/([0-9a-f-]{36})/", self.form)
        return uuid.UUID(named[1]) if named else None
