"""Treatments beside the clinic's sessions, each dose with the time for which it was taken."""

from dataclasses import dataclass
from decimal import Decimal

from treatments.evidence.fhir.resources.people import subject
from treatments.evidence.fhir.resources.places import body_site
from treatments.evidence.fhir.rows import Rows
from treatments.evidence.fhir.writing.datatypes import Json, concept, note, quantity
from treatments.evidence.fhir.writing.terms import choice, local, own
from treatments.evidence.fhir.writing.writer import Writer
from treatments.patients.models import Therapy
from treatments.patients.therapies import doses, first_dose
from treatments.patients.vocabulary import ON_A_DAY, DoseUnit, TherapyKind, TherapyResponse
from treatments.records.partial_dates import PartialDate
from treatments.records.terminology import Code

NOT_MEDICINES = {
    TherapyKind.LLLT,
    TherapyKind.MICRONEEDLING_ALONE,
    TherapyKind.HAIR_TRANSPLANT_FUE,
    TherapyKind.HAIR_TRANSPLANT_FUT,
    TherapyKind.MICROPIGMENTATION,
    TherapyKind.CAMOUFLAGE,
}
"""What is done and not taken: procedures."""
_UCUM = {DoseUnit.MILLIGRAM: "mg", DoseUnit.MICROGRAM: "ug", DoseUnit.MILLILITRE: "mL"}


@dataclass(frozen=True)
class _Span:
    """What was taken from when to when; `place` is "" for a treatment that was never changed."""

    place: str
    start: PartialDate | None
    end: PartialDate | None
    dose: str
    is_last: bool


def write(writer: Writer, rows: Rows) -> None:
    for therapy in rows.facts.therapies:
        if therapy.is_struck_out:
            continue
        if therapy.kind in NOT_MEDICINES:
            _done(writer, rows, therapy)
        else:
            for span in _spans(rows, therapy):
                _taken(writer, rows, therapy, span)


def _spans(rows: Rows, therapy: Therapy) -> list[_Span]:
    updates = [each for each in rows.facts.corrections.get(therapy.pk, ()) if each.is_update]
    changes = doses(therapy, updates)
    started, ended = therapy.started or None, therapy.ended or None
    if not changes:
        return [_Span("", started, ended, therapy.dose_text, True)]
    begins = [started, *(change.when for change in changes)]
    ends = [*(change.when for change in changes), ended]
    texts = [first_dose(therapy, updates), *(change.dose for change in changes)]
    told = zip(begins, ends, texts, strict=True)
    return [_Span(str(place), *each, place == len(changes)) for place, each in enumerate(told)]


def _taken(writer: Writer, rows: Rows, therapy: Therapy, span: _Span) -> None:
    kind = _kind(therapy)
    said = writer.words(span.dose)
    body = {
        "status": _status(therapy) if span.is_last else "completed",
        "medicationCodeableConcept": concept(kind),
        "subject": subject(writer, rows.patient),
        **_when(writer, therapy, span),
        **writer.moment("dateAsserted", therapy.created_at),
        "dosage": [_dosage(therapy, said) if span.is_last else {"text": said}],
        "note": note(writer.words(therapy.note) if span.is_last else ""),
        "extension": _response(therapy) if span.is_last else [],
    }
    lines = [f"{kind.display}{f', {said}' if said else ''}.", _span_said(writer, therapy, span)]
    writer.add("MedicationStatement", therapy.pk, body, part=span.place, text=lines, row=therapy.pk)


def _dosage(therapy: Therapy, said: str) -> Json:
    """A percentage is the strength of what is taken, and no dose of it."""
    if therapy.dose is None:
        return {"text": said}
    unit = DoseUnit(therapy.dose_unit) if therapy.dose_unit in DoseUnit.values else None
    if unit == DoseUnit.PER_CENT:
        return {"text": said, "extension": [own("strength", valueQuantity=quantity(therapy.dose, "%"))]}
    words = str(unit.label) if unit else therapy.dose_unit
    dose = quantity(therapy.dose, _UCUM[unit] if unit in _UCUM else words, shown=words)
    return {"text": said, "doseAndRate": [{"doseQuantity": dose}]}


def _done(writer: Writer, rows: Rows, therapy: Therapy) -> None:
    kind = _kind(therapy)
    said = writer.words(therapy.dose_text)
    span = _Span("", therapy.started or None, therapy.ended or None, said, True)
    grafts = [own("grafts", valueQuantity=quantity(Decimal(therapy.grafts), "{grafts}"))] if therapy.grafts else []
    body = {
        "status": {"active": "in-progress"}.get(_status(therapy), _status(therapy)),
        "code": concept(kind),
        "subject": subject(writer, rows.patient),
        **_when(writer, therapy, span, once="performedDateTime", span="performedPeriod"),
        "bodySite": [body_site(region) for region in therapy.grafted_regions],
        "note": note(said, writer.words(therapy.note)),
        "extension": [own("elsewhere", valueBoolean=True), *grafts, *_response(therapy)],
    }
    lines = [f"{kind.display}, not one of the clinic’s sessions.", _span_said(writer, therapy, span), said]
    writer.add("Procedure", therapy.pk, body, text=lines, row=therapy.pk)


def _kind(therapy: Therapy) -> Code:
    known = therapy.kind in TherapyKind.values
    return choice("therapy", TherapyKind(therapy.kind)) if known else local("therapy", therapy.kind, therapy.kind)


def _status(therapy: Therapy) -> str:
    """Where nobody said whether it goes on, nothing is said: what is done on a day is over."""
    if therapy.ended or therapy.is_ongoing is False:
        return "completed"
    if therapy.is_ongoing:
        return "active"
    return "completed" if therapy.kind in ON_A_DAY and therapy.started else "unknown"


def _is_once(therapy: Therapy) -> bool:
    return therapy.kind in ON_A_DAY and not therapy.is_ongoing and therapy.ended in (None, "", therapy.started)


def _when(
    writer: Writer, therapy: Therapy, taken: _Span, *, once: str = "effectiveDateTime", span: str = "effectivePeriod"
) -> Json:
    if _is_once(therapy) and not taken.place:
        return writer.date(once, taken.start)
    return {span: writer.period(taken.start, taken.end)}


def _span_said(writer: Writer, therapy: Therapy, span: _Span) -> str:
    start, end = writer.said(span.start), writer.said(span.end)
    if _is_once(therapy) and not span.place:
        return f"Done: {start}." if start else "Done, day not recorded."
    told = [f"From {start}" if start else "Begin not recorded", f"to {end}" if end else ""]
    if not end:
        told[1] = {"active": "and goes on", "completed": "over, day not recorded"}.get(
            _status(therapy), "not recorded whether it goes on"
        )
    return f"{', '.join(filter(None, told))}."


def _response(therapy: Therapy) -> list[Json]:
    if therapy.response not in TherapyResponse.values:
        return []
    return [own("response", valueCodeableConcept=concept(choice("response", TherapyResponse(therapy.response))))]
