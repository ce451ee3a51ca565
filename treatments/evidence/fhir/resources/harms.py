"""Adverse events: each tied to what was given, with a Condition that says when it began and ended."""

from collections.abc import Iterator

from treatments.evidence.fhir.resources.observations import Finding, chosen, component, observe, question
from treatments.evidence.fhir.resources.people import account, subject
from treatments.evidence.fhir.resources.treatment import administrations
from treatments.evidence.fhir.rows import Rows
from treatments.evidence.fhir.writing.codes import event_code, hl7
from treatments.evidence.fhir.writing.datatypes import Json, concept, note
from treatments.evidence.fhir.writing.terms import choice, local, own, own_parts
from treatments.evidence.fhir.writing.writer import Writer
from treatments.records.formatting import listed
from treatments.records.terminology import Code
from treatments.safety.models import AdverseEvent, FollowUp
from treatments.safety.vocabulary import (
    ActionTaken,
    Causality,
    EventKind,
    Expectedness,
    LocalAction,
    Outcome,
    Seriousness,
)

SEVERITY = {1: "mild", 2: "moderate", 3: "severe", 4: "severe", 5: "severe"}
"""FHIR has three degrees; the CTCAE grade itself stands in an extension."""
SERIOUSNESS = {
    Seriousness.DEATH: "SeriousResultsInDeath",
    Seriousness.LIFE_THREATENING: "SeriousIsLifeThreatening",
    Seriousness.HOSPITALISATION: "SeriousResultsInHospitalization",
    Seriousness.DISABILITY: "SeriousResultsInDisability",
    Seriousness.CONGENITAL_ANOMALY: "SeriousIsBirthDefect",
    Seriousness.MEDICALLY_IMPORTANT: "Serious",
}
CAUSALITY = {
    Causality.CERTAIN: "Certain",
    Causality.PROBABLE_LIKELY: "Probably-Likely",
    Causality.POSSIBLE: "Possible",
    Causality.UNLIKELY: "Unlikely",
    Causality.CONDITIONAL_UNCLASSIFIED: "Conditional-Classified",
    Causality.UNASSESSABLE: "Unassessable-Unclassifiable",
}
OUTCOME = {
    Outcome.RECOVERED: "resolved",
    Outcome.RECOVERING: "recovering",
    Outcome.ONGOING: "ongoing",
    Outcome.RECOVERED_SEQUELAE: "resolvedWithSequelae",
    Outcome.FATAL: "fatal",
    Outcome.UNKNOWN: "unknown",
}
_STATUS = {
    Outcome.RECOVERED: "resolved",
    Outcome.RECOVERED_SEQUELAE: "resolved",
    Outcome.RECOVERING: "active",
    Outcome.ONGOING: "active",
}


def write(writer: Writer, rows: Rows) -> None:
    for event in rows.events:
        _condition(writer, rows, event)
        _event(writer, rows, event)
        for look in rows.follow_ups(event):
            _look(writer, rows, event, look)


def _kind(event: AdverseEvent) -> tuple[Code, Code | None]:
    if event.kind not in EventKind.values:
        return local("event", event.kind, event.kind), None
    return choice("event", EventKind(event.kind)), event_code(event.kind)


def _concept(event: AdverseEvent) -> Json:
    own_code, outside = _kind(event)
    return concept(outside, own_code, text=own_code.display)


def _condition(writer: Writer, rows: Rows, event: AdverseEvent) -> None:
    """What was felt or seen, from when to when."""
    status = _STATUS.get(Outcome(event.outcome), "")
    if event.ended and status in {"", "active"}:
        status = "inactive"  # what has an end is not active, whatever was said of how it ended
    duration = writer.words(event.duration_note)
    body = {
        "clinicalStatus": concept(hl7("condition-clinical", status)) if status else {},
        "verificationStatus": concept(hl7("condition-ver-status", "confirmed")),
        "category": [concept(hl7("condition-category", "encounter-diagnosis"))],
        "severity": concept(_grade(event)),
        "code": _concept(event),
        "subject": subject(writer, rows.patient),
        **writer.date("onsetDateTime", event.onset or None),
        **writer.date("abatementDateTime", event.ended or None),
        **writer.moment("recordedDate", event.created_at),
        "note": note(writer.words(event.description), f"How long: {duration}." if duration else ""),
    }
    onset, ended = writer.said(event.onset or None), writer.said(event.ended or None)
    spans = [f"Began: {onset}." if onset else "When it began is not recorded.", f"Over: {ended}." if ended else ""]
    text = [f"{_kind(event)[0].display}.", *spans, writer.words(event.description)]
    writer.add("Condition", event.pk, body, part="event", text=text, row=event.pk)


def _grade(event: AdverseEvent) -> Code:
    return local(f"ctcae-{event.ctcae_version}", str(event.grade), f"CTCAE {event.ctcae_version} grade {event.grade}")


def _event(writer: Writer, rows: Rows, event: AdverseEvent) -> None:
    outcome = Outcome(event.outcome)
    serious = [Seriousness(code) for code in event.seriousness if code in Seriousness.values]
    body = {
        "actuality": "actual",
        "event": _concept(event),
        "subject": subject(writer, rows.patient),
        **writer.date("date", event.onset or None),
        **writer.date("detected", event.reported_on),
        **writer.moment("recordedDate", event.created_at),
        "resultingCondition": [writer.reference("Condition", event.pk, "event")],
        "seriousness": _seriousness(event, serious),
        "severity": concept(hl7("adverse-event-severity", SEVERITY[event.grade])),
        "outcome": concept(hl7("adverse-event-outcome", OUTCOME[outcome])),
        "recorder": account(writer, rows, event.created_by_id),
        "suspectEntity": _suspects(writer, rows, event),
        "extension": list(_extensions(writer, event, serious)),
    }
    lines = [
        f"{_kind(event)[0].display}, CTCAE {event.ctcae_version} grade {event.grade}.",
        _serious_said(event, serious),
        f"Outcome: {str(outcome.label).lower()}.",
        _cause_said(writer, rows, event),
    ]
    writer.add("AdverseEvent", event.pk, body, text=lines, row=event.pk)


def _seriousness(event: AdverseEvent, serious: list[Seriousness]) -> Json:
    """FHIR takes one: the gravest criterion that it has a code for; all of them stand in extensions."""
    if not event.is_serious:
        return concept(hl7("adverse-event-seriousness", "Non-serious"))
    gravest = next((each for each in Seriousness if each in serious), None)
    code = hl7("adverse-event-seriousness", SERIOUSNESS[gravest] if gravest else "Serious")
    return concept(code, text=listed([str(each.label) for each in serious]) or "Serious by its grade")


def _serious_said(event: AdverseEvent, serious: list[Seriousness]) -> str:
    if not event.is_serious:
        return "Not serious."
    return f"Serious: {listed([str(each.label).lower() for each in serious]) or 'by its grade'}."


def _suspects(writer: Writer, rows: Rows, event: AdverseEvent) -> list[Json]:
    """Everything that was given in the session it is tied to, each with what was said of the cause."""
    session = rows.session_of(event)
    if session is None:
        return []
    judged: Json = {}
    if event.causality in Causality.values:
        code = hl7("adverse-event-causality-assess", CAUSALITY[Causality(event.causality)])
        judged = {"causality": [{"assessment": concept(code)}]}
    return [{"instance": each, **judged} for each in administrations(writer, session)]


def _cause_said(writer: Writer, rows: Rows, event: AdverseEvent) -> str:
    session = rows.session_of(event)
    cause = f"Cause: {str(Causality(event.causality).label).lower()}" if event.causality in Causality.values else ""
    at = writer.said(session.when) if session else ""
    suspected = f"suspected session: {at}" if at else ""
    told = "; ".join(filter(None, [cause or "Cause not assessed", suspected]))
    return f"{told}."


def _extensions(writer: Writer, event: AdverseEvent, serious: list[Seriousness]) -> Iterator[Json]:
    """What FHIR R4 has no element for."""
    version = {"valueString": event.ctcae_version}
    yield own_parts("ctcae-grade", ("grade", {"valueInteger": event.grade}), ("version", version))
    for each in serious:
        yield own("seriousness-criterion", valueCodeableConcept=concept(choice("seriousness", each)))
    if event.causality in Causality.values:
        yield own("causality", valueCodeableConcept=concept(choice("causality", Causality(event.causality))))
    if event.action_taken in ActionTaken.values:
        yield own("action-taken", valueCodeableConcept=concept(choice("action-taken", ActionTaken(event.action_taken))))
    for code in event.local_actions:
        if code in LocalAction.values:
            yield own("done-for-the-patient", valueCodeableConcept=concept(choice("local-action", LocalAction(code))))
    if event.expectedness in Expectedness.values:
        expected = concept(
            choice("expectedness", Expectedness(event.expectedness)),
            text=", ".join(
                filter(
                    None,
                    [str(Expectedness(event.expectedness).label), writer.words(event.expectedness_reference)],
                )
            ),
        )
        yield own("expectedness", valueCodeableConcept=expected)
    if told := writer.words(event.reported_by):
        yield own("reported-by", valueString=told)


def _look(writer: Writer, rows: Rows, event: AdverseEvent, look: FollowUp) -> None:
    """A later look at an event: how it was then."""
    outcome = Outcome(look.outcome)
    grade = {"valueInteger": look.grade} if look.grade is not None else {}
    code = question("event-follow-up", "Later look at an adverse event")
    found = Finding(
        code,
        f"{str(_kind(event)[0].display).lower()}, {str(outcome.label).lower()}",
        chosen("event-outcome", outcome),
        components=[
            component(question("ctcae-grade", f"CTCAE {event.ctcae_version} grade"), grade, absent_for="not-performed"),
            *(
                component(question("seriousness", "Became serious"), chosen("seriousness", Seriousness(each)))
                for each in look.criteria
                if each in Seriousness.values
            ),
        ],
        more={
            "focus": [writer.reference("AdverseEvent", event.pk), writer.reference("Condition", event.pk, "event")],
            "note": note(writer.words(look.note)),
        },
    )
    observe(writer, rows, look, "", found, when=look.when, by=account(writer, rows, look.seen_by_id))
