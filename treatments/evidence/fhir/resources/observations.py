"""What all observations share: what was asked, of whom, when, by whom, and either an answer or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from treatments.evidence.fhir.resources.people import subject
from treatments.evidence.fhir.rows import Rows
from treatments.evidence.fhir.writing.codes import hl7
from treatments.evidence.fhir.writing.datatypes import Json, absent, concept
from treatments.evidence.fhir.writing.terms import choice, local
from treatments.evidence.fhir.writing.writer import When, Writer
from treatments.records.terminology import Code
from treatments.records.vocabulary import Asked


@dataclass(frozen=True)
class Finding:
    """`value` is one element, value[x], or {} where there is none: then `absent` says why. `said` is the answer in
    words, `more` stands in other elements of the observation."""

    code: Code
    said: str = ""
    value: Json = field(default_factory=dict)
    absent: str = ""
    category: str = "exam"
    others: tuple[Code, ...] = ()
    components: Sequence[Json] = ()
    more: Json = field(default_factory=dict)
    lines: Sequence[str] = ()


def question(code: str, display: str) -> Code:
    return local("observation", code, display)


def component(code: Code, value: Json, *, absent_for: str = "") -> Json:
    """A part of an observation. One with neither value nor reason is left out by whoever lists it."""
    return {"code": concept(code), **(value or {"dataAbsentReason": absent(absent_for)})}


def observe(writer: Writer, rows: Rows, row: Any, part: str, found: Finding, *, when: When | None, by: Json) -> Json:
    """Add an observation that a row of the record holds; answers the reference to it."""
    said = found.said or {"": "", "not-asked": "not asked", "not-performed": "not done"}.get(found.absent, "not known")
    at = writer.said(when)
    first = f"{found.code.display}: {said}" if said else found.code.display
    body: Json = {
        "status": "final",
        "category": [concept(hl7("observation-category", found.category))],
        "code": concept(found.code, *found.others),
        "subject": subject(writer, rows.patient),
        **writer.date("effectiveDateTime", when),
        "performer": [by],
        **(found.value or ({"dataAbsentReason": absent(found.absent)} if found.absent else {})),
        **found.more,
        "component": list(found.components),
    }
    told = [f"{first}{f' ({at})' if at else ''}.", *found.lines]
    return writer.add("Observation", row.pk, body, part=part, text=told, row=row.pk)


def asked(code: str, display: str, answer: str, told: str = "", *, category: str = "survey") -> Finding:
    """A question of which it is kept whether it was put at all. `told` is what was answered, in words."""
    if answer == Asked.NOT_ASKED or answer not in Asked.values:
        return Finding(question(code, display), absent="not-asked", category=category)
    if answer == Asked.NONE:
        value: Json = {"valueCodeableConcept": concept(choice("asked", Asked.NONE))}
        return Finding(question(code, display), "asked, none", value, category=category)
    value = {"valueString": told} if told else {"valueCodeableConcept": concept(choice("asked", Asked.YES))}
    return Finding(question(code, display), told or "yes", value, category=category)


def chosen(system: str, member: Any) -> Json:
    """The value of an observation that is a choice of one of our vocabularies."""
    return {"valueCodeableConcept": concept(choice(system, member))}
