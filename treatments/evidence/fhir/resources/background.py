"""What the patient brought along: the diagnosis, the history, the family, allergies, and other treatments."""

from collections.abc import Iterator
from typing import Any

from treatments.assessments.models import Assessment
from treatments.assessments.vocabulary import Diagnosis
from treatments.evidence.fhir.resources.observations import Finding, asked, chosen, observe, question
from treatments.evidence.fhir.resources.people import account, subject
from treatments.evidence.fhir.resources.places import body_site
from treatments.evidence.fhir.rows import Rows
from treatments.evidence.fhir.writing.codes import diagnosis_codes, hl7
from treatments.evidence.fhir.writing.datatypes import Json, concept, note
from treatments.evidence.fhir.writing.terms import choice, local, own
from treatments.evidence.fhir.writing.writer import Writer
from treatments.patients.models import HairHistory
from treatments.patients.vocabulary import Caution, Complaint, FamilyStatus, HairLossCourse, Relative
from treatments.records.formatting import listed
from treatments.records.vocabulary import Asked

HAIR_LOSS = local("condition", "hair-loss", "Hair loss")
_RELATIVES = {
    Relative.MOTHER: "MTH",
    Relative.FATHER: "FTH",
    Relative.BROTHER: "BRO",
    Relative.SISTER: "SIS",
    Relative.MATERNAL_GRANDFATHER: "MGRFTH",
    Relative.MATERNAL_GRANDMOTHER: "MGRMTH",
    Relative.PATERNAL_GRANDFATHER: "PGRFTH",
    Relative.PATERNAL_GRANDMOTHER: "PGRMTH",
    Relative.UNCLE_AUNT: "EXT",
    Relative.OTHER: "FAMMEMB",
}


def write(writer: Writer, rows: Rows) -> None:
    diagnoses = _diagnoses(rows)
    for code, assessments in diagnoses.items():
        _condition(writer, rows, code, assessments, is_last=code == list(diagnoses)[-1])
    if not diagnoses and rows.histories:
        _complaint(writer, rows, rows.histories[0])
    for history in rows.histories:
        _history(writer, rows, history)
        _family(writer, rows, history)
        _allergy(writer, rows, history)


def problem(writer: Writer, rows: Rows) -> Json:
    """What the patient is treated for; {} where no diagnosis and no history is recorded."""
    if diagnoses := _diagnoses(rows):
        return writer.reference("Condition", rows.patient.pk, list(diagnoses)[-1])
    return writer.reference("Condition", rows.patient.pk, "complaint") if rows.histories else {}


def _diagnoses(rows: Rows) -> dict[str, list[Assessment]]:
    """Each diagnosis with the visits that stated it, the one that was stated last at the end."""
    found: dict[str, list[Assessment]] = {}
    for each in rows.facts.standing_assessments:
        if each.diagnosis:
            found[each.diagnosis] = [*found.pop(each.diagnosis, []), each]
    return found


def _condition(writer: Writer, rows: Rows, code: str, visits: list[Assessment], *, is_last: bool) -> None:
    """One that a later visit stated otherwise is not active any more, and says so."""
    label = str(Diagnosis(code).label) if code in Diagnosis.values else code
    last = visits[-1]
    differentials = [label for each in visits for label in each.differential_labels]
    also = f"Also considered: {listed(list(dict.fromkeys(differentials)))}." if differentials else ""
    graded = rows.facts.graded
    stage = [
        {
            "summary": concept(local(f"scale:{each.scale}", each.stage, each.stage_text)),
            "assessment": [writer.reference("Observation", each.pk, "stage")],
        }
        for each in graded[-1:]
    ]
    later = "" if is_last else "A later visit states another diagnosis."
    body = {
        **_standing(writer, rows, is_active=is_last),
        "verificationStatus": concept(hl7("condition-ver-status", "confirmed")),
        "code": concept(*diagnosis_codes(code), local("diagnosis", code, label), text=label),
        "bodySite": [body_site(region) for region in last.regions],
        **_onset(writer, rows),
        **writer.moment("recordedDate", visits[0].created_at),
        "recorder": account(writer, rows, visits[0].created_by_id),
        "stage": stage if is_last else [],
        "evidence": [{"detail": [writer.reference("Observation", each.pk, "visit") for each in visits]}],
        "note": note(writer.words(last.diagnosis_note), also, later),
    }
    staged = f"Stage: {graded[-1].stage_text}." if graded and is_last else ""
    lines = [f"{label}.", later, _onset_said(writer, rows), also, staged]
    writer.add("Condition", rows.patient.pk, body, part=code, text=lines, row=visits[0].pk)


def _complaint(writer: Writer, rows: Rows, history: HairHistory) -> None:
    """Hair loss of which no diagnosis is recorded."""
    body = {
        **_standing(writer, rows),
        "verificationStatus": concept(hl7("condition-ver-status", "unconfirmed")),
        "code": concept(HAIR_LOSS),
        "bodySite": [body_site(region) for region in history.regions],
        **_onset(writer, rows),
        **writer.moment("recordedDate", history.created_at),
    }
    lines = ["Hair loss; no diagnosis is recorded.", _onset_said(writer, rows)]
    writer.add("Condition", rows.patient.pk, body, part="complaint", text=lines, row=history.pk)


def _standing(writer: Writer, rows: Rows, *, is_active: bool = True) -> Json:
    return {
        "clinicalStatus": concept(hl7("condition-clinical", "active" if is_active else "inactive")),
        "category": [concept(hl7("condition-category", "problem-list-item"))],
        "subject": subject(writer, rows.patient),
    }


def _onset(writer: Writer, rows: Rows) -> Json:
    history = next((each for each in rows.histories if each.onset or each.onset_as_told), None)
    if history is None:
        return {}
    if history.onset:
        told = writer.words(history.onset_as_told)
        words = {"extension": [own("onset-as-told", valueString=told)]} if told else {}
        return writer.date("onsetDateTime", history.onset) | words
    told = writer.words(history.onset_as_told)
    return {"onsetString": told} if told else {}


def _onset_said(writer: Writer, rows: Rows) -> str:
    onset = next((each.onset for each in rows.histories if each.onset), None)
    said = writer.said(onset)
    return f"Began: {said}." if said else ""


def _history(writer: Writer, rows: Rows, history: HairHistory) -> None:
    """Each question of the history, with its answer, or that it was not put."""
    by = account(writer, rows, history.created_by_id)
    for found in _answers(writer, history):
        observe(writer, rows, history, found.code.code, found, when=history.when, by=by)


def _answers(writer: Writer, history: HairHistory) -> Iterator[Finding]:
    survey: dict[str, Any] = {"category": "survey"}
    if history.course in HairLossCourse.values:
        course = HairLossCourse(history.course)
        yield Finding(question("course", "Course of the hair loss"), course.label, chosen("course", course), **survey)
    if history.complaint in Complaint.values:
        complaint = Complaint(history.complaint)
        told = question("complaint", "Main complaint")
        yield Finding(told, complaint.label, chosen("complaint", complaint), **survey)
    yield asked("earlier-treatment", "Treatment for it before", history.earlier_treatment)
    yield asked("family", "Hair loss in the family", history.family, writer.words(history.family_note))
    yield asked("allergies", "Allergies", history.allergies, writer.words(history.allergies_text))
    yield asked("conditions", "Other illness", history.conditions, writer.words(history.conditions_text))
    yield asked("medicines", "Medicines in the past year", history.medicines, writer.words(history.medicines_text))
    known = [str(Caution(code).label) for code in history.cautions if code in Caution.values]
    yield asked("cautions", "A reason not to inject", history.cautions_asked, listed(known))
    for code, display, text in (
        ("story", "In the patient’s words, or the clinician’s", history.story),
        ("smoking", "Smoking", history.smoking),
        ("impact", "What it means to the patient", history.impact),
    ):
        if told_text := writer.words(text):
            kind = "social-history" if code == "smoking" else "survey"
            yield Finding(question(code, display), told_text, {"valueString": told_text}, category=kind)


def _family(writer: Writer, rows: Rows, history: HairHistory) -> None:
    for code, status in history.relatives.items():
        relative = Relative(code) if code in Relative.values else Relative.OTHER
        state = FamilyStatus(status) if status in FamilyStatus.values else FamilyStatus.UNKNOWN
        said = f"{relative.label}: {str(state.label).lower()}"
        is_affected = state == FamilyStatus.AFFECTED
        body = {
            "status": "health-unknown" if state == FamilyStatus.UNKNOWN else "partial",
            "patient": subject(writer, rows.patient),
            **writer.date("date", history.when),
            "relationship": concept(
                hl7("v3-RoleCode", _RELATIVES[relative]), choice("relative", relative), text=str(relative.label)
            ),
            "condition": [{"code": concept(HAIR_LOSS)}] if is_affected else [],
            # FHIR cannot say that a relative does not have something.
            "extension": [own("hair-loss", valueCodeableConcept=concept(choice("family-status", state)))],
            "note": note(f"Hair loss, {said}."),
        }
        text = f"Hair loss in the family. {said}."
        writer.add("FamilyMemberHistory", history.pk, body, part=code, text=text, row=history.pk)


def _allergy(writer: Writer, rows: Rows, history: HairHistory) -> None:
    """Allergies in the patient’s words, in one text: nobody sorted them. What was denied is an observation, because an
    allergy that is none looks like one to whoever reads the kind of resource alone."""
    told = writer.words(history.allergies_text)
    if history.allergies != Asked.YES or not told:
        return
    body = {
        "clinicalStatus": concept(hl7("allergyintolerance-clinical", "active")),
        "verificationStatus": concept(hl7("allergyintolerance-verification", "unconfirmed")),
        "code": {"text": told},
        "patient": subject(writer, rows.patient),
        **writer.moment("recordedDate", history.created_at),
        "recorder": account(writer, rows, history.created_by_id),
    }
    writer.add(
        "AllergyIntolerance", history.pk, body, text=f"Allergies, in the patient’s words: {told}", row=history.pk
    )
