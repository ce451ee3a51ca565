"""Every table of one patient's record, read from the models themselves, so that a new kind of record is in it without
being named here."""

import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone

from clinic.staff.models import User
from treatments.patients.models import Patient
from treatments.patients.moves import MovedRecord, RecordMove
from treatments.photos.readings.models import Reading, ReadingPair
from treatments.photos.readings.results import read_pairs
from treatments.records.models import ClinicalQuerySet, Correction, PassedWarning

# Rows about two records at once: they would name another patient.
_OF_TWO = (RecordMove, MovedRecord)
# Columns of the program, which say nothing of the patient.
_INTERNAL = {"clinic", "submission", "search_text", "search_digits", "record_key", "key", "data", "merged_into"}
_STRUCK_OUT = {"struck_out_at", "struck_out_by", "struck_out_reason"}
# What a row says nothing without: where that is struck out, the row is left out with it.
_FALLS_WITH = {"exosome_session", "event", "report", "earlier", "later"}
_TITLES = {
    "readingpair": "Pairs of photos that were read blind",
    "reading": "Blind readings",
    "patient": "The patient",
    "hairhistory": "Hair-loss history",
    "exosomesession": "Sessions",
    "therapy": "Other treatments",
    "adverseevent": "Adverse events",
    "followup": "Follow-ups of adverse events",
    "aftercaregiven": "Aftercare sheets that went home",
    "photopair": "Pairs of photos that were laid over each other",
    "export": "Exports of photos",
    "regionvolume": "Regions of the sessions",
    "application": "What else was given at the sessions",
    "passedwarning": "Warnings that were passed",
}
ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Column:
    """`codes` are what its values stand for."""

    name: str
    meaning: str
    kind: str
    codes: str


@dataclass(frozen=True)
class RecordTable:
    """One file: the rows of one model that belong to the patient, without those struck out."""

    model: type[models.Model]
    rows: models.QuerySet[Any]
    struck_out: int

    @property
    def name(self) -> str:
        """ "exosome_session" as a file's name: "exosomesession"."""
        return str(self.model._meta.model_name)

    @property
    def title(self) -> str:
        """ "Sessions"."""
        plural = str(self.model._meta.verbose_name_plural)
        return _TITLES.get(self.name, plural[:1].upper() + plural[1:])

    @property
    def fields(self) -> list[Any]:
        left_out = _INTERNAL | _STRUCK_OUT
        return [each for each in self.model._meta.concrete_fields if each.name not in left_out]

    def columns(self) -> list[Column]:
        return [_column(field) for field in self.fields]

    def lines(self) -> Iterator[list[Any]]:
        fields = self.fields
        for row in self.rows.iterator(chunk_size=ROWS_AT_ONCE):
            yield [_value(row, field) for field in fields]


def tables(patient: Patient) -> list[RecordTable]:
    """Those with a row at least, the patient's own first."""
    found = [RecordTable(Patient, Patient.objects.filter(pk=patient.pk), 0)]
    owned: list[type[models.Model]] = []
    for model in apps.get_app_config("treatments").get_models():
        names = {field.name for field in model._meta.concrete_fields}
        if model not in _OF_TWO and model is not Patient and "patient" in names:
            owned.append(model)
            found += _standing(model, model._default_manager.filter(patient=patient))
    for model in apps.get_app_config("treatments").get_models():
        found += _parts(model, owned, patient)
    return [*found, *_read_blind(patient), *_told_of(found, patient)]


def _read_blind(patient: Patient) -> Iterator[RecordTable]:
    """What was read of the patient's photographs in rounds that are closed, and of which pairs."""
    read = read_pairs(patient)
    if read:
        pairs = ReadingPair.objects.filter(pk__in=[pair.pair_id for pair in read])
        yield RecordTable(ReadingPair, pairs.select_related("round", "earlier", "later").order_by("pk"), 0)
        readings = Reading.objects.filter(shown__pair__in=pairs).select_related("shown__place__reader")
        yield RecordTable(Reading, readings.order_by("shown__pair", "pk"), 0)


def _told_of(found: list[RecordTable], patient: Patient) -> Iterator[RecordTable]:
    """What was corrected and what warnings were passed, of entries that are here themselves: of one that is struck
    out it says what the entry said, which may be about somebody else."""
    is_here = Q(pk__in=())
    for table in found:
        if not isinstance(table.model._meta.pk, models.UUIDField):
            continue  # the regions of a session: PostgreSQL does not compare their numbers with ids
        is_here |= Q(record_id__in=table.rows.order_by().values("pk"))
    for model in (Correction, PassedWarning):
        every = model._default_manager.filter(patient_id=patient.pk)
        here = every.filter(is_here).select_related("by")
        left_out = every.count() - here.count()
        if left_out or here.exists():
            yield RecordTable(model, here.order_by("pk"), left_out)


def _standing(model: type[models.Model], rows: models.QuerySet[Any]) -> list[RecordTable]:
    standing = rows.standing() if isinstance(rows, ClinicalQuerySet) else rows
    for field in model._meta.concrete_fields:
        if field.name in _FALLS_WITH and not field.null:
            whole: Any = field.related_model
            standing = standing.filter(**{f"{field.name}__in": whole.objects.standing()})
    struck = rows.count() - standing.count()
    people = [
        field.name
        for field in model._meta.concrete_fields
        if field.related_model is User and field.name not in _STRUCK_OUT
    ]
    standing = standing.select_related(*people) if people else standing
    if not standing.exists() and not struck:
        return []
    return [RecordTable(model, standing.order_by("pk"), struck)]


def _parts(model: type[models.Model], owned: list[type[models.Model]], patient: Patient) -> list[RecordTable]:
    """Rows that belong to a record of the patient and name no patient themselves: the regions of a session."""
    fields = model._meta.concrete_fields
    if model in (*owned, ReadingPair) or any(
        field.name in {"patient", "from_patient", "patient_id"} for field in fields
    ):
        return []
    for field in fields:
        if (
            field.related_model in owned
            and not field.null
            and not any(isinstance(f, models.BinaryField) for f in fields)
        ):
            return _standing(model, model._default_manager.filter(**{f"{field.name}__patient": patient}))
    return []


def _column(field: Any) -> Column:
    codes = "; ".join(f"{code} = {label}" for code, label in field.flatchoices) if field.choices else ""
    kind = "code" if codes else _KINDS.get(field.get_internal_type(), "text")
    meaning = str(field.verbose_name)
    return Column(field.name, meaning[:1].upper() + meaning[1:], kind, codes)


_KINDS = {
    "UUIDField": "identifier",
    "ForeignKey": "identifier, or the name of a person of the clinic",
    "OneToOneField": "identifier",
    "DateField": "day, ISO 8601",
    "DateTimeField": "moment, ISO 8601 in the clinic’s time",
    "TimeField": "time of day",
    "DecimalField": "number",
    "PositiveSmallIntegerField": "number",
    "PositiveIntegerField": "number",
    "BooleanField": "yes, no, or empty where it is not known",
    "JSONField": "JSON",
}


def _value(row: Any, field: Any) -> Any:
    if field.related_model is User:
        person = getattr(row, field.name)
        return str(person) if person else ""
    value = getattr(row, field.attname)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, datetime.time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return value if isinstance(value, int | datetime.date) or hasattr(value, "normalize") else str(value)
