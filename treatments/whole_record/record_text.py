"""The whole record of one patient as a paper: what is recorded, kind by kind, as a person reads it."""

import heapq
from collections.abc import Iterator
from typing import Any

from django.db import models

from treatments.assessments.laboratory.models import LaboratoryResult
from treatments.consents.models import Consent, Export
from treatments.consents.purposes import PhotoPurpose
from treatments.courses.models import Application, ExosomeSession, RegionVolume
from treatments.handouts.models import Letter
from treatments.papers.consent_form.consent_text import signature_of
from treatments.papers.document import Block, Document, Heading, KeyValues, Letterhead, Paragraph
from treatments.patients.models import Patient
from treatments.photos.models import PhotoPair
from treatments.photos.readings.models import Reading, ReadingPair
from treatments.photos.readings.results import read_by_pair
from treatments.records.actions import display_value
from treatments.records.formatting import count, day, listed
from treatments.records.models import ClinicalRecord, Correction, PassedWarning
from treatments.safety.models import FollowUp
from treatments.whole_record.tables import ROWS_AT_ONCE, RecordTable

MOST_ROWS = 400
"""Of one kind on paper; the tables have all."""
# What says nothing without the pictures or the program; the tables have them.
_NOT_ON_PAPER = (Correction, PassedWarning, PhotoPair, RegionVolume, Application, Reading)
# What is the program's, what it computed for its lists, and what another line says already; the tables have them.
_LEFT_OUT = {
    *("id", "version", "patient", "created_at", "created_by", "exosome_session", "course", "assessment"),
    *("sessions_done", "patient_archived", "course_state", "lot_confirmed", "sequence", "state_at", "came_by_record"),
    *("sha256", "size_bytes", "quality_checks", "first_ml", "has_died", "does_not_want", "search_also", "signature"),
    *(
        "capture_path",
        "media_type",
        "file_date",
        "has_gps",
        "crops",
        "also_under",
        "fell_with_session",
        "about_due",
        "was_there",
    ),
}
_COMPUTED = ("next_due", "last_s", "latest_", "final_photos")
# Columns that no form asks, which have no label of their own.
_NAMES = {
    "archived_at": "Archived", "at": "When", "ctcae_version": "Graded by", "exif_taken_at": "Date in the file",
    "file_format": "File", "height": "Height, pixels", "is_serious": "Serious", "original_name": "Name of the file",
    "photos": "Photos", "signed_at": "Signed", "text": "Words of the form", "width": "Width, pixels",
}  # fmt: skip
# Said where it is so, and not where it is not.
_ONLY_YES = {"lot_is_unknown", "as_told", "is_walk_in"}


def record_of(
    patient: Patient, tables: list[RecordTable], *, letterhead: Letterhead, about: tuple[str, ...], made: str
) -> Document:
    """Not bounded by the number of photographs, which are listed and not drawn."""
    return Document(
        title="Record",
        letterhead=letterhead,
        about=about,
        blocks=(
            Paragraph(
                "All that is recorded of this patient. Entries that were struck out as entered in error are left out. "
                "The tables and the original files lie beside this paper."
            ),
            *(block for table in tables if table.model not in _NOT_ON_PAPER for block in _kind(table)),
        ),
        made=made,
        look="record",
    )


def _kind(table: RecordTable) -> Iterator[Block]:
    if not any(field.name == "id" for field in table.fields):
        return
    total = table.rows.count()
    if not total:
        return
    yield Heading(table.title)
    for row in _in_order(table):
        if table.model is not Patient:
            yield Heading(_title(row)[:160], 3)
        yield KeyValues((*_facts(row, table), *_besides(row), *_before(row)) or (("Entry", "without further facts"),))
        if isinstance(row, Consent):
            yield from signature_of(row)
    if total > MOST_ROWS:
        yield Paragraph(f"{count(total - MOST_ROWS, 'more entry', 'more entries')} in the tables.", "quiet")


def _in_order(table: RecordTable) -> list[Any]:
    """By the day that each is about; what was entered later of an earlier day stands before. Never more than
    `MOST_ROWS` are held."""
    if not issubclass(table.model, ClinicalRecord):
        return list(table.rows[:MOST_ROWS])
    rows = table.rows.select_related("report") if table.model is LaboratoryResult else table.rows
    every = rows.iterator(chunk_size=ROWS_AT_ONCE)
    return heapq.nsmallest(MOST_ROWS, every, key=lambda row: (row.happened_on, str(row.pk)))


def _title(row: Any) -> str:
    match row:
        case Export():
            return f"Photos for {PhotoPurpose(row.purpose).label.lower()}, {day(row.happened_on)}"
        case FollowUp():
            return f"{row.event.get_kind_display()}, {row}"
        case _:
            return str(row)


def _besides(row: Any) -> Iterator[tuple[str, str]]:
    """Where it was given, and what besides: rows of their own, which a session is not read without; and that a letter
    is not signed."""
    if isinstance(row, ExosomeSession):
        yield "Where", row.where_text
        for application in row.applications.all():
            yield "Also given", application.text
    if isinstance(row, ReadingPair):
        for read in read_by_pair([row]):
            yield "Read blind", f"{read.in_words}: {read.each_in_words}"
    if isinstance(row, Letter) and not row.is_signed:
        yield "Signed", "no, this is a draft"


def _before(row: Any) -> Iterator[tuple[str, str]]:
    """What was true until something changed: ("Dose until 30 Jan 2026", "1"). What never was true is in the tables."""
    if getattr(row, "version", 1) == 1:
        return
    for update in Correction.objects.updates().filter(record_id=row.pk).order_by("version"):
        for change in update.changes:
            yield f"{change['label']} until {update.since}", change["before"]


def _facts(row: Any, table: RecordTable) -> Iterator[tuple[str, str]]:
    """What is recorded; a column that is empty is not printed."""
    for field in table.fields:
        value = getattr(row, field.attname)
        if value in (None, "", [], {}) or _is_left_out(field) or (field.name in _ONLY_YES and not value):
            continue
        name = _NAMES.get(field.name, str(field.verbose_name))
        yield name[:1].upper() + name[1:], _said(row, field)


def _said(row: Any, field: Any) -> str:
    value = getattr(row, field.name)
    if field.name == "unit" and isinstance(row, LaboratoryResult):
        return row.reading.shown_unit
    if field.name == "photos" and isinstance(row, Export):
        return str(len(value))
    if field.name in ("purpose", "purposes"):
        return listed([str(PhotoPurpose(code).label) for code in ([value] if isinstance(value, str) else value)])
    return display_value(field, value)


def _is_left_out(field: Any) -> bool:
    name = str(field.name)
    is_computed = name.startswith(_COMPUTED) or name.endswith("_precision")
    return name in _LEFT_OUT or is_computed or isinstance(field, models.UUIDField)
