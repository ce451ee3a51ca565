"""The whole record of one patient as a paper: what is recorded, kind by kind, as a person reads it."""

from collections.abc import Iterator
from typing import Any

from django.db import models

from treatments.courses.models import ExosomeSession
from treatments.papers.document import Block, Document, Heading, KeyValues, Letterhead, Paragraph
from treatments.papers.whole_record.tables import RecordTable
from treatments.patients.models import Patient
from treatments.records.actions import display_value
from treatments.records.formatting import count
from treatments.records.models import Correction, PassedWarning

MOST_ROWS = 400
"""Of one kind on paper; the tables have all."""
_NOT_ON_PAPER = (Correction, PassedWarning)
# What is the program's, what it computed for its lists, and what another line says already; the tables have them.
_LEFT_OUT = {
    *("id", "version", "patient", "created_at", "created_by", "exosome_session", "course", "assessment", "event"),
    *("sessions_done", "patient_archived", "course_state", "lot_confirmed", "sequence", "state_at", "came_by_record"),
    *("sha256", "size_bytes", "quality_checks", "landmarks", "nudge", "first_ml", "has_died", "does_not_want"),
}
_COMPUTED = ("next_due", "last_s", "latest_", "final_photos")


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
    if not any(field.name == "id" for field in table.fields) or table.model._meta.model_name == "regionvolume":
        return
    total = table.rows.count()
    if not total:
        return
    yield Heading(table.title)
    for row in table.rows[:MOST_ROWS]:
        if table.model is not Patient:
            yield Heading(str(row)[:160], 3)
        yield KeyValues((*_facts(row, table), *_of_session(row)) or (("Entry", "without further facts"),))
    if total > MOST_ROWS:
        yield Paragraph(f"{count(total - MOST_ROWS, 'more entry', 'more entries')} in the tables.", "quiet")


def _of_session(row: Any) -> Iterator[tuple[str, str]]:
    """Where it was given, and what besides: rows of their own, which a session is not read without."""
    if isinstance(row, ExosomeSession):
        yield "Where", row.where_text
        for application in row.applications.all():
            yield "Also given", application.text


def _facts(row: Any, table: RecordTable) -> Iterator[tuple[str, str]]:
    """What is recorded; a column that is empty is not printed."""
    for field in table.fields:
        value = getattr(row, field.attname)
        if value in (None, "", [], {}) or _is_left_out(field):
            continue
        name = str(field.verbose_name)
        yield name[:1].upper() + name[1:], display_value(field, getattr(row, field.name))


def _is_left_out(field: Any) -> bool:
    name = str(field.name)
    is_computed = name.startswith(_COMPUTED) or name.endswith("_precision")
    return name in _LEFT_OUT or is_computed or isinstance(field, models.UUIDField)
