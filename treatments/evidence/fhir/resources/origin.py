"""Who entered each row, and who corrected or changed it: a Provenance of all that was written from it.

A correction tells which fields were wrong and why. What they said before is left out, like what was struck out: it was
never true, and may be about somebody else. An update tells from when on the new value is.
"""

from typing import Any

from treatments.evidence.fhir.resources.people import account
from treatments.evidence.fhir.rows import Rows
from treatments.evidence.fhir.writing.codes import hl7
from treatments.evidence.fhir.writing.datatypes import Json, concept
from treatments.evidence.fhir.writing.terms import own_parts
from treatments.evidence.fhir.writing.writer import Writer
from treatments.records.formatting import listed
from treatments.records.models import Correction


def write(writer: Writer, rows: Rows) -> None:
    """After everything else. Nobody is named in a bundle of somebody who may not be known, and so there is none."""
    if not writer.is_named:
        return
    records = _records(rows)
    for pk, keys in list(writer.rows.items()):
        targets = [{"reference": f"urn:uuid:{key}"} for key in keys]
        if (record := records.get(pk)) is not None:
            _entered(writer, rows, record, targets)
        for change in rows.facts.corrections.get(pk, ()):
            _changed(writer, rows, change, targets)


def _records(rows: Rows) -> dict[Any, Any]:
    facts = rows.facts
    every: list[Any] = [
        rows.patient, *rows.histories, *facts.therapies, *facts.consents, *facts.courses, *facts.sessions,
        *facts.assessments, *facts.measurements, *facts.events, *rows.photos, *rows.appointments,
        *(each for group in facts.follow_ups.values() for each in group),
        *(result for _, results in facts.laboratory for result in results),
    ]  # fmt: skip
    return {each.pk: each for each in every}


def _agent(writer: Writer, rows: Rows, pk: Any) -> list[Json]:
    who = account(writer, rows, pk) or writer.reference("Organization", rows.clinic.pk)
    return [{"type": concept(hl7("provenance-participant-type", "author")), "who": who}]


def _entered(writer: Writer, rows: Rows, record: Any, targets: list[Json]) -> None:
    name = rows.people.get(record.created_by_id)
    body = {
        "target": targets,
        **writer.moment("recorded", record.created_at),
        "activity": concept(hl7("v3-DataOperation", "CREATE")),
        "agent": _agent(writer, rows, record.created_by_id),
    }
    text = f"Entered by {name or 'the clinic'}."
    writer.add("Provenance", record.pk, body, part="entered", text=text)


def _changed(writer: Writer, rows: Rows, change: Correction, targets: list[Json]) -> None:
    labels = [str(each.get("label") or each.get("field")) for each in change.changes]
    since = change.since if change.is_update else None
    name = rows.people.get(change.by_id)
    extra = [own_parts("changed-field", *_told(each, is_update=change.is_update)) for each in change.shown_changes]
    body = {
        "target": targets,
        **(writer.date("occurredDateTime", since) if since else {}),
        **writer.moment("recorded", change.at),
        "reason": [{"text": change.reason}] if change.reason else [],
        "activity": concept(hl7("v3-DataOperation", "UPDATE")),
        "agent": _agent(writer, rows, change.by_id),
        "extension": extra,
    }
    why = f" Reason: {change.reason}" if change.reason else ""
    what = listed(labels) or "nothing that is shown"
    text = f"{change.headline} by {name or 'the clinic'}: {what}.{why}"
    writer.add("Provenance", change.pk, body, part="changed", text=text)


def _told(change: Any, *, is_update: bool) -> list[tuple[str, Json]]:
    named = [("field", {"valueString": str(change.get("label") or change.get("field"))})]
    before = str(change.get("before") or "")
    return [*named, ("before", {"valueString": before})] if is_update and before.strip() else named
