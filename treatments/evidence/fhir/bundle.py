"""One patient's record as a Bundle of the type `collection`."""

import datetime
import json
from typing import Any

from django.utils import timezone

from treatments.evidence.fhir.resources import (
    background,
    findings,
    harms,
    measured,
    origin,
    other_treatments,
    people,
    permissions,
    pictures,
    treatment,
    visits,
)
from treatments.evidence.fhir.resources.people import subject
from treatments.evidence.fhir.rows import Rows
from treatments.evidence.fhir.writing.datatypes import Json, concept, instant, note
from treatments.evidence.fhir.writing.terms import identifier, local
from treatments.evidence.fhir.writing.writer import Writer
from treatments.records.formatting import count

MEDIA_TYPE = "application/fhir+json; charset=utf-8"
NOT_IN_IT = (
    "Not in this file: the photographs themselves (each has the SHA-256 of its original), letters, aftercare sheets, "
    "calls, scans of signed forms, and what a correction found to be wrong."
)


def write_all(writer: Writer, rows: Rows, *, today: datetime.date) -> None:
    """Every resource of a record, the patient first."""
    people.write(writer, rows)
    background.write(writer, rows)
    other_treatments.write(writer, rows)
    treatment.write(writer, rows)
    findings.write(writer, rows)
    measured.write(writer, rows)
    pictures.write(writer, rows)
    harms.write(writer, rows)
    permissions.write(writer, rows, today=today)
    visits.write(writer, rows)
    origin.write(writer, rows)


def collection(rows: Rows, *, at: datetime.datetime | None = None) -> Json:
    """The record as it stands. `at` is the moment that is written on it, now if none is given."""
    at = at or timezone.now()
    zone = rows.clinic.zone
    writer = Writer(zone=zone)
    write_all(writer, rows, today=at.astimezone(zone).date())
    contents = _contents(writer, rows, at)
    moment = instant(at, zone)
    return {
        "resourceType": "Bundle",
        "id": writer.key("Bundle", rows.patient.pk),
        "meta": {"lastUpdated": moment},
        "identifier": identifier("record", str(rows.patient.pk)),
        "type": "collection",
        "timestamp": moment,
        "entry": [contents, *writer.entries],
    }


def _contents(writer: Writer, rows: Rows, at: datetime.datetime) -> Json:
    """The first entry: what the file holds, and what it leaves out."""
    counts: dict[str, int] = {}
    for entry in writer.entries:
        kind = entry["resource"]["resourceType"]
        counts[kind] = counts.get(kind, 0) + 1
    listed: list[Any] = [
        {"item": {"reference": entry["fullUrl"]}}
        for entry in writer.entries
        if entry["resource"]["resourceType"] not in {"Provenance", "Practitioner", "Organization", "Device"}
    ]
    left_out = rows.left_out or "Nothing was struck out."
    body = {
        "status": "current",
        "mode": "snapshot",
        "title": "The record of one patient, in FHIR R4",
        "code": concept(local("list", "record", "What this file holds")),
        "subject": subject(writer, rows.patient),
        "date": instant(at, writer.zone),
        "note": note(left_out, NOT_IN_IT),
        "entry": listed,
    }
    kinds = [f"{kind}: {number}" for kind, number in sorted(counts.items())]
    total = count(len(writer.entries), "resource")
    text = [f"The record of one patient: {total}.", *kinds, left_out, NOT_IN_IT]
    writer.add("List", rows.patient.pk, body, text=text)
    return writer.entries.pop()


def as_bytes(bundle: Json) -> bytes:
    """As it is sent: JSON in UTF-8. Raises ValueError for a figure that JSON does not have."""
    return json.dumps(bundle, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
