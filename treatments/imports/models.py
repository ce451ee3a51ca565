"""A file while it is being imported, what was imported, and how this clinic's columns were read last time."""

import datetime
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.records.fields import ClinicOf
from treatments.records.ids import new_id
from treatments.records.models import all_or_none

FILE_HOURS = 24
"""A file that is not imported is kept no longer than this."""


class ImportFileQuerySet(models.QuerySet["ImportFile"]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)

    def alive(self) -> Self:
        return self.filter(uploaded_at__gte=timezone.now() - datetime.timedelta(hours=FILE_HOURS))

    def over(self, now: datetime.datetime) -> Self:
        return self.filter(uploaded_at__lt=now - datetime.timedelta(hours=FILE_HOURS))


class ImportFile(models.Model):
    """A spreadsheet that somebody has sent and not imported yet. It is gone once it is imported, and after a day.

    `content` is the file as it came, kept only of a CSV whose encoding is not known yet; `tables` is what was read of
    it. Both are encrypted (`encryption`). `layout` says how it is read: names of columns and codes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("clinic.Clinic", models.CASCADE, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    content = models.BinaryField(default=b"")
    tables = models.BinaryField(default=b"")
    layout = models.JSONField(default=dict)

    objects: Any = ImportFileQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["uploaded_at"], name="import_files_by_age")]

    def __str__(self) -> str:
        return self.name

    @property
    def kept_until(self) -> datetime.datetime:
        return self.uploaded_at + datetime.timedelta(hours=FILE_HOURS)


class ImportQuerySet(models.QuerySet["Import"]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)

    def newest_first(self) -> Self:
        return self.select_related("by", "taken_back_by").order_by("-at", "-id")


class Import(models.Model):
    """One file that was imported: which, how it was read, how many records it made, and whether it was taken back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    clinic = models.ForeignKey("clinic.Clinic", models.PROTECT, related_name="+", editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)
    file_name = models.CharField(max_length=200, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    # Names of columns and codes; never a value of the file.
    mapping = models.JSONField(default=dict, editable=False)
    # {"patient": 200, "course": 200, "exosomesession": 900, "refused": 3, "same": 0, "changed": 1}
    counts = models.JSONField(default=dict, editable=False)
    warnings_reason = models.CharField(max_length=300, blank=True, editable=False)
    taken_back_at = models.DateTimeField(null=True, editable=False)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False
    )
    taken_back_reason = models.CharField(max_length=300, blank=True, editable=False)

    objects: Any = ImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=all_or_none("taken_back_at", "taken_back_by"), name="an_import_taken_back_says_by_whom"
            ),
            models.CheckConstraint(
                condition=models.Q(taken_back_at__isnull=True) | ~models.Q(taken_back_reason=""),
                name="an_import_taken_back_says_why",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "-at"], name="imports_of_a_clinic")]

    def __str__(self) -> str:
        return f"Import of {self.file_name}"

    def get_absolute_url(self) -> str:
        return reverse("transfer:import", args=[self.pk])

    @property
    def is_taken_back(self) -> bool:
        return self.taken_back_at is not None


class ImportedRecord(models.Model):
    """One row that an import made, or one that it tied to a row it made (`is_tied`): by these it is taken back.

    `record_type` is a model's lower-case name. Of what was tied, `field` is the column that was empty before.
    """

    imported = models.ForeignKey(Import, models.CASCADE, related_name="records", editable=False)
    clinic = ClinicOf("imported")
    record_type = models.CharField(max_length=32, editable=False)
    record_id = models.UUIDField(editable=False)
    is_tied = models.BooleanField(default=False, editable=False)
    field = models.CharField(max_length=32, blank=True, editable=False)

    class Meta:
        indexes = [models.Index(fields=["record_id"], name="imports_of_a_record")]

    def __str__(self) -> str:
        return f"{self.record_type} {self.record_id}"


class ImportHabits(models.Model):
    """What the columns and words of this clinic's files meant last time: targets by heading, codes by word."""

    clinic = models.OneToOneField("clinic.Clinic", models.CASCADE, related_name="+", primary_key=True)
    headings = models.JSONField(default=dict)
    words = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"Columns of {self.clinic}"

    @classmethod
    def of(cls, clinic: Clinic) -> "ImportHabits":
        return cls.objects.filter(clinic=clinic).first() or cls(clinic=clinic)
