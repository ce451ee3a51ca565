"""What was found at a visit: stage, scalp, trichoscopy, pull test, opinions, and what was asked about and denied."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from treatments.assessments.models import Assessment
from treatments.assessments.scales.catalogue import SCALES
from treatments.assessments.vocabulary import (
    FINDING_SNOMED,
    FITZPATRICK_NCIT,
    FindingGrade,
    Fitzpatrick,
    GlobalChange,
    GlobalInstrument,
    Presence,
    PullTestResult,
    PullTestRule,
    SafetyNegative,
    Satisfaction,
    ShedType,
    StageHow,
    TrichoscopyFinding,
)
from treatments.assessments.vocabulary import (
    Finding as ScalpFinding,
)
from treatments.evidence.fhir.resources.observations import Finding, asked, chosen, component, observe, question
from treatments.evidence.fhir.resources.people import subject, whoever
from treatments.evidence.fhir.resources.places import body_site
from treatments.evidence.fhir.rows import Rows
from treatments.evidence.fhir.writing.codes import FITZPATRICK, hl7
from treatments.evidence.fhir.writing.datatypes import Json, concept, note, quantity
from treatments.evidence.fhir.writing.terms import choice, local
from treatments.evidence.fhir.writing.writer import Writer
from treatments.records.formatting import listed
from treatments.records.regions import Region
from treatments.records.vocabulary import Asked, Lighting

SCALE_OF_CHANGE = local("method", "change-from-minus-3-to-plus-3", "From −3 greatly decreased to +3 greatly increased")
_INTERPRETED = {PullTestResult.NEGATIVE: "NEG", PullTestResult.POSITIVE: "POS", PullTestResult.EQUIVOCAL: "E"}


def write(writer: Writer, rows: Rows) -> None:
    for visit in rows.facts.standing_assessments:
        by = whoever(writer, rows, visit.assessor_id, visit.assessor_name)
        members = [
            observe(writer, rows, visit, part, found, when=visit.when, by=by)
            for part, found in _findings(writer, visit)
        ]
        patient = subject(writer, rows.patient)
        members += [
            observe(writer, rows, visit, part, found, when=visit.when, by=patient)
            for part, found in _told(writer, visit)
        ]
        measured = [each for each in rows.facts.standing_measurements if each.assessment_id == visit.pk]
        members += [writer.reference("Observation", each.pk) for each in measured]
        kind = question("follow-up" if visit.is_follow_up else "assessment", str(visit.get_visit_display()))
        found = Finding(
            kind,
            components=list(_circumstances(writer, visit)),
            more={"hasMember": members, "note": note(writer.words(visit.reported_label))},
            lines=[writer.words(text) for text in (visit.examination, visit.change_seen, visit.plan)],
        )
        observe(writer, rows, visit, "visit", found, when=visit.when, by=by)


def _findings(writer: Writer, visit: Assessment) -> Iterator[tuple[str, Finding]]:
    yield from _stage(writer, visit)
    yield from _scalp(writer, visit)
    yield from _pull_test(visit)
    yield from _trichoscopy(writer, visit)
    if visit.fitzpatrick in Fitzpatrick.values:
        skin = Fitzpatrick(visit.fitzpatrick)
        value = {"valueCodeableConcept": concept(FITZPATRICK_NCIT[skin], choice("fitzpatrick", skin))}
        yield "fitzpatrick", Finding(FITZPATRICK, f"type {skin.label}", value)
    if visit.global_change is not None:
        yield "iga", _change(GlobalInstrument.INVESTIGATOR, visit.global_change, "exam")
    for code in visit.safety_negatives:
        if code in SafetyNegative.values:
            harm = SafetyNegative(code)
            display = str(harm.label).removeprefix("No ").capitalize()
            value = {"valueCodeableConcept": concept(choice("asked", Asked.NONE))}
            yield f"asked-{code}", Finding(local("harm-asked", code, display), "asked, none", value, category="survey")
    if visit.is_follow_up:
        yield "since-last", asked("since-last", "Anything since last time", visit.since_last)


def _stage(writer: Writer, visit: Assessment) -> Iterator[tuple[str, Finding]]:
    """A visit without a stage says that it was not graded; a follow-up does not ask."""
    scale = SCALES.get(visit.scale)
    if visit.is_follow_up or (not visit.stage and scale is None):
        if not visit.is_follow_up:
            yield "stage", Finding(question("stage", "Stage of hair loss"), absent="not-performed")
        return
    code = local("observation", f"stage-{visit.scale}", f"Stage, {scale.name if scale else visit.scale}")
    if not visit.stage:
        yield "stage", Finding(code, absent="not-performed")
        return
    stage = local(f"scale:{visit.scale}", visit.stage, visit.stage_text)
    version = f"{scale.name}, {scale.version}" if scale else visit.scale
    method = {"method": concept(local("scale", visit.scale, version))}
    how = StageHow(visit.stage_how) if visit.stage_how in StageHow.values else None
    components = [component(question("stage-how", "How it was chosen"), chosen("stage-how", how))] if how else []
    more = method | {"note": note(writer.words(visit.stage_note))}
    value = {"valueCodeableConcept": concept(stage)}
    yield "stage", Finding(code, visit.stage_text, value, components=components, more=more)


def _scalp(writer: Writer, visit: Assessment) -> Iterator[tuple[str, Finding]]:
    for code, grade in visit.findings.items():
        if code not in ScalpFinding.values or grade not in FindingGrade.values:
            continue
        finding, degree = ScalpFinding(code), FindingGrade(grade)
        known = FINDING_SNOMED.get(finding)
        yield (
            f"scalp-{code}",
            Finding(
                choice("scalp-finding", finding),
                str(degree.label).lower(),
                chosen("finding-grade", degree),
                others=(known,) if known else (),
                more={"bodySite": body_site(Region.WHOLE_SCALP)},
            ),
        )
    if told := writer.words(visit.findings_note):
        yield "scalp-note", Finding(question("scalp-note", "Note on the scalp"), told, {"valueString": told})


def _pull_test(visit: Assessment) -> Iterator[tuple[str, Finding]]:
    if visit.pull_result not in PullTestResult.values:
        return
    result = PullTestResult(visit.pull_result)
    code = question("pull-test", "Hair pull test")
    if result == PullTestResult.NOT_DONE:
        yield "pull-test", Finding(code, absent="not-performed")
        return
    counted = (
        (visit.pull_grasped, "pull-grasped", "Hairs grasped"),
        (visit.pull_extracted, "pull-extracted", "Hairs that came out"),
    )
    parts = [
        component(question(name, display), {"valueQuantity": quantity(Decimal(number), "{hairs}")})
        for number, name, display in counted
        if number is not None
    ]
    if visit.pull_hours_since_wash is not None:
        hours = {"valueQuantity": quantity(Decimal(visit.pull_hours_since_wash), "h")}
        parts.append(component(question("pull-hours-since-wash", "Hours since washing"), hours))
    if visit.pull_shed in ShedType.values:
        shed, asked_for = ShedType(visit.pull_shed), question("pull-shed", "Under the microscope")
        is_known = shed != ShedType.NOT_EXAMINED
        parts.append(component(asked_for, chosen("shed", shed) if is_known else {}, absent_for="not-performed"))
    rule = PullTestRule(visit.pull_rule) if visit.pull_rule in PullTestRule.values else None
    flag = _INTERPRETED[result]
    more = {
        "interpretation": [concept(hl7("v3-ObservationInterpretation", flag))],
        "method": concept(choice("pull-test-rule", rule)) if rule else {},
        "bodySite": body_site(visit.pull_site),
    }
    yield (
        "pull-test",
        Finding(code, str(result.label).lower(), chosen("pull-test", result), components=parts, more=more),
    )


def _trichoscopy(writer: Writer, visit: Assessment) -> Iterator[tuple[str, Finding]]:
    parts, seen = [], []
    for code, presence in visit.trichoscopy.items():
        if code not in TrichoscopyFinding.values or presence not in Presence.values:
            continue
        sign, state = TrichoscopyFinding(code), Presence(presence)
        is_known = state != Presence.NOT_EXAMINED
        value = chosen("presence", state) if is_known else {}
        parts.append(component(choice("trichoscopy", sign), value, absent_for="not-performed"))
        seen += [f"{sign.label}: {str(state.label).lower()}"]
    told = writer.words(visit.trichoscopy_note)
    if parts or told:
        more = {"note": note(told)}
        yield "trichoscopy", Finding(question("trichoscopy", "Trichoscopy"), components=parts, more=more, lines=seen)


def _change(instrument: GlobalInstrument, degree: int, category: str) -> Finding:
    code = local("observation", instrument.value, f"Change since the baseline, seven points: {instrument.label}")
    anchor = GlobalChange(degree)
    said = f"{degree:+d}, {str(anchor.label).lower()}" if degree else str(anchor.label).lower()
    more = {"method": concept(SCALE_OF_CHANGE), "note": note(f"{anchor.label}.")}
    return Finding(code, said, {"valueInteger": degree}, category=category, more=more)


def _told(writer: Writer, visit: Assessment) -> Iterator[tuple[str, Finding]]:
    """What the patient says."""
    survey: dict[str, Any] = {"category": "survey"}
    if visit.patient_change is not None:
        yield "sga", _change(GlobalInstrument.SUBJECT, visit.patient_change, "survey")
    if visit.satisfaction is not None:
        degree = Satisfaction(visit.satisfaction)
        code = question("satisfaction", "Patient’s satisfaction, 1 to 5")
        yield "satisfaction", Finding(code, str(degree.label).lower(), chosen("satisfaction", degree), **survey)
    if visit.dlqi is not None:
        code = question("dlqi-total", "DLQI total, 0 to 30")
        yield "dlqi", Finding(code, str(visit.dlqi), {"valueInteger": visit.dlqi}, **survey)
    if told := writer.words(visit.patient_words):
        code = question("patient-words", "The patient’s own words")
        yield "patient-words", Finding(code, told, {"valueString": told}, **survey)


def _circumstances(writer: Writer, visit: Assessment) -> Iterator[Json]:
    for code in visit.regions:
        if code in Region.values:
            yield component(question("thin-at", "Where the hair is thin"), {"valueCodeableConcept": body_site(code)})
    if visit.lighting in Lighting.values:
        light = Lighting(visit.lighting)
        is_known = light != Lighting.UNKNOWN
        asked_for = question("lighting", "Seen in")
        yield component(asked_for, chosen("lighting", light) if is_known else {}, absent_for="unknown")
    for code, display, text in (
        ("examination", "Examination", visit.examination),
        ("change-seen", "Change since the baseline", visit.change_seen),
        ("plan", "Plan", visit.plan),
    ):
        if told := writer.words(text):
            yield component(question(code, display), {"valueString": told})
    if visit.differential_labels:
        told = listed(visit.differential_labels)
        yield component(question("differentials", "Also considered"), {"valueString": told})
