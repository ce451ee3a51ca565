"""A case report as a Bundle of the type `document`: a Composition with the report's own headings, and the data behind.

Nobody is named in it. Dates are Months, ages above 89 are one group, and there is no number of a record, no lot, no
place and no free text of the record but what the report itself prints, which its author has looked through. The two
dates that FHIR asks of a document are those of its making.
"""

import base64
import datetime
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils import timezone

from treatments.courses.models import Course
from treatments.evidence.fhir.bundle import as_bytes, write_all
from treatments.evidence.fhir.resources.people import subject
from treatments.evidence.fhir.rows import Rows, rows_of
from treatments.evidence.fhir.writing.codes import hl7
from treatments.evidence.fhir.writing.datatypes import Json, bare, concept, instant
from treatments.evidence.fhir.writing.narrative import items, narrative, paragraph, table
from treatments.evidence.fhir.writing.terms import identifier, local
from treatments.evidence.fhir.writing.writer import Month0, Writer
from treatments.papers.document import (
    Block,
    Document,
    Figure,
    Heading,
    Items,
    KeyValues,
    Paragraph,
    Passage,
    Picture,
    Pictures,
    Sentences,
    Table,
)
from treatments.patients.models import Patient
from treatments.records.formatting import count

CASE_REPORT: Final = local("document", "case-report", "Case report")
DATA: Final = "Data of the report"
KINDS: Final = {
    "Condition": "Conditions",
    "FamilyMemberHistory": "Family",
    "AllergyIntolerance": "Allergies",
    "MedicationStatement": "Other treatments",
    "CarePlan": "Plans",
    "Procedure": "Sessions and procedures",
    "MedicationAdministration": "What was given",
    "Medication": "Products",
    "Observation": "Findings and measurements",
    "AdverseEvent": "Adverse events",
    "Consent": "Consents",
}


def as_fhir(report: Document, patient: Patient, course: Course) -> bytes:
    """The file that leaves: the report with the rows of its course, and with what is the patient's own. Raises
    ValueError for a course that was struck out."""
    rows = rows_of(patient, course=course.pk).of_case()
    if rows.facts.course is None or rows.facts.course.pk != course.pk:
        raise ValueError("The course of this report was struck out.")
    return as_bytes(document(report, rows, rows.facts.course))


@dataclass
class _Part:
    """A heading with what stands below it."""

    title: str
    blocks: list[Block] = field(default_factory=list)
    parts: list["_Part"] = field(default_factory=list)


def document(report: Document, rows: Rows, course: Course | None, *, at: datetime.datetime | None = None) -> Json:
    """The report with the rows behind it. Months are those of `course`, None where the patient has none."""
    at = at or timezone.now()
    zone = rows.clinic.zone
    writer = Writer(zone=zone, is_named=False)
    if course is not None:
        writer.month_0 = Month0(course.when, writer.key("CarePlan", course.pk))
    write_all(writer, rows, today=at.astimezone(zone).date())
    data = list(writer.entries)
    software = writer.add(
        "Device", "software", {"deviceName": [{"name": "Anagen", "type": "manufacturer-name"}]}, text="Anagen"
    )
    sections = [_section(writer, rows, part) for part in _parts(report)]
    sections.append(_data(data))
    key = writer.key("Composition", rows.patient.pk)
    composition = {
        "resourceType": "Composition",
        "id": key,
        "language": report.language,
        "text": narrative(paragraph(report.title), paragraph(report.stamp)),
        "status": "preliminary" if report.stamp else "final",
        "type": concept(CASE_REPORT),
        "subject": subject(writer, rows.patient),
        "date": instant(at, zone),
        "author": [software],
        "title": report.title,
        "section": sections,
    }
    entry = {"fullUrl": f"urn:uuid:{key}", "resource": bare(composition)}
    return {
        "resourceType": "Bundle",
        "id": writer.key("Bundle", rows.patient.pk),
        "identifier": identifier("case-report", writer.key("Bundle", rows.patient.pk)),
        "type": "document",
        "timestamp": instant(at, zone),
        "entry": [entry, *writer.entries],
    }


def _parts(report: Document) -> list[_Part]:
    """The report's own headings, of two levels, in their order; what stands before the first has the report's title."""
    found: list[_Part] = []
    for block in report.flat():
        if isinstance(block, Heading) and (block.level == 2 or not found):
            found.append(_Part(block.text))
        elif isinstance(block, Heading):
            found[-1].parts.append(_Part(block.text))
        else:
            if not found:
                found.append(_Part(report.title))
            within = found[-1].parts[-1] if found[-1].parts else found[-1]
            within.blocks.append(block)
    return found


def _section(writer: Writer, rows: Rows, part: _Part) -> Json:
    told = "".join(_markup(part.blocks))
    below = [_section(writer, rows, each) for each in part.parts]
    pictures = [each for block in part.blocks if isinstance(block, Pictures | Figure) for each in block.pictures]
    return {
        "title": part.title,
        "text": narrative(told or paragraph("Nothing stands here."), status="additional") if told or not below else {},
        "entry": [_picture(writer, rows, each) for each in pictures if each.jpeg],
        "section": below,
    }


def _markup(blocks: Iterable[Block | Passage]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Paragraph() | Sentences():
                yield paragraph(block.text)
            case Items():
                yield items(block.items, is_numbered=block.is_numbered)
            case KeyValues():
                yield table("", (), block.rows)
            case Table():
                yield table(block.caption, block.columns, block.rows)
            case Pictures():
                yield items([each.caption or each.alt for each in block.pictures])
            case Figure():
                yield paragraph(block.label)
                yield items([each.caption or each.alt for each in block.pictures])


def _picture(writer: Writer, rows: Rows, picture: Picture) -> Json:
    """A picture as the report prints it: its bytes carry nothing but pixels."""
    body = {
        "status": "completed",
        "type": concept(hl7("media-type", "image")),
        "subject": subject(writer, rows.patient),
        "content": {
            "contentType": "image/jpeg",
            "data": base64.b64encode(picture.jpeg).decode(),
            "title": picture.caption or picture.alt,
        },
    }
    of = hashlib.sha256(picture.jpeg).hexdigest()
    return writer.add("Media", of, body, text=picture.alt or picture.caption)


def _data(entries: Sequence[Json]) -> Json:
    """Every row behind the report, by its kind."""
    by_kind: dict[str, list[Json]] = {kind: [] for kind in KINDS}
    for entry in entries:
        if (kind := entry["resource"]["resourceType"]) in by_kind:
            by_kind[kind].append({"reference": entry["fullUrl"]})
    parts = [
        {
            "title": KINDS[kind],
            "text": narrative(paragraph(f"{KINDS[kind]}: {count(len(found), 'entry', 'entries')}.")),
            "entry": found,
        }
        for kind, found in by_kind.items()
        if found
    ]
    total = sum(len(found) for found in by_kind.values())
    text = f"The {count(total, 'entry', 'entries')} of the record behind the report. Dates are Months from Month 0."
    return {"title": DATA, "text": narrative(paragraph(text)), "section": parts}
