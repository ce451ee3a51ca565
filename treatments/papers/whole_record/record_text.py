"""The whole record of one patient as a paper: what is recorded, kind by kind, as a person reads it."""

from collections.abc import Iterator
from typing import Any

from django.db import models

from treatments.papers.document import Block, Document, Heading, KeyValues, Letterhead, Paragraph
from treatments.papers.whole_record.tables import RecordTable
from treatments.patients.models import Patient
from treatments.records.actions import display_value
from treatments.records.formatting import count
from treatments.records.models import Correction, PassedWarning

MOST_ROWS = 400
"""Of one kind on paper; the tables have all."""
_NOT_ON_PAPER = (Correction, PassedWarning)
# What is the program's, and what another line says already.
_LEFT_OUT = {"id", "version", "patient", "created_at", "created_by", "exosome_session", "course", "assessment", "event"}


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
    plural = str(table.model._meta.verbose_name_plural)
    yield Heading(plural[:1].upper() + plural[1:] if table.model is not Patient else "The patient")
    for row in table.rows[:MOST_ROWS]:
        if table.model is not Patient:
            yield Heading(str(row)[:160], 3)
        yield KeyValues(tuple(_facts(row, table)) or (("Entry", "without further facts"),))
    if total > MOST_ROWS:
        yield Paragraph(f"{count(total - MOST_ROWS, 'more entry', 'more entries')} in the tables.", "quiet")


def _facts(row: Any, table: RecordTable) -> Iterator[tuple[str, str]]:
    """What is recorded; a column that is empty is not printed."""
    for field in table.fields:
        value = getattr(row, field.attname)
        if field.name in _LEFT_OUT or value in (None, "", [], {}) or _is_key(field):
            continue
        name = str(field.verbose_name)
        yield name[:1].upper() + name[1:], display_value(field, getattr(row, field.name))


def _is_key(field: Any) -> bool:
    return isinstance(field, models.UUIDField) or field.name in {"sha256", "size_bytes", "quality_checks", "landmarks"}
