"""A report of the published case, entered from its own facts: what it scores, what it asks, and what it says."""

from typing import Any

import pytest
from django.utils import timezone

from tests import factories
from tests.evidence.reports import paper
from tests.people import Cast
from treatments.demonstration.builder import RecordBuilder
from treatments.evidence.reports.checklist.care import score, score_words
from treatments.evidence.reports.checklist.of_report import checks_of, marks_of
from treatments.evidence.reports.report_page import ReportPage
from treatments.evidence.reports.sentences import course as told_course
from treatments.evidence.reports.sentences import limits
from treatments.evidence.reports.sentences import patient as told_patient
from treatments.evidence.reports.sentences.record import CaseRecord, load
from treatments.models import Assessment, CaseReport, ExosomeSession, HairHistory, Patient
from treatments.papers.document import Table
from treatments.records.months import add_months
from treatments.records.partial_dates import PartialDate

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
AS_PRINTED = {
    "title": paper.TITLE,
    "keywords": paper.KEYWORDS.replace(";", ","),
    "what_is_new": paper.LESSON,
    "main_lesson": paper.LESSON,
    "introduction": paper.INTRODUCTION,
    "literature": paper.LITERATURE,
    "rationale": paper.RATIONALE,
    "take_away": paper.CONCLUSION,
    "references": "\n".join(paper.REFERENCES),
}
ANSWERED = {
    "what_is_new": "In this case every session, product and light is on record.",
    "main_lesson": "In this case the change was estimated, and nobody can say how exact it is.",
    "challenges": "None.",
    "changes_why": "None.",
    "rationale": "In this case the stage and the words of the patient point in one direction.",
    "take_away": "This case shows what a record can say of one course.",
}
"""What the page asks of the author."""


def again(patient: Patient) -> CaseRecord:
    fresh = Patient.objects.select_related("history", "clinic").get(pk=patient.pk)
    return load(fresh, fresh.courses.get(), fresh.clinic)


def marks(report: CaseReport, record: CaseRecord) -> dict[str, str]:
    return {each.item.number: each.mark for each in marks_of(report, record, timezone.localdate())}


def total(report: CaseReport, record: CaseRecord) -> float:
    return float(score(marks_of(report, record, timezone.localdate())))


def write(report: CaseReport, **texts: str) -> None:
    for name, text in texts.items():
        setattr(report, name, text)
    report.save()


def test_same_facts_score_more(report: CaseReport, patient: Patient) -> None:
    """With the paper's own texts and the drafted limits, a record of only its facts passes 20.5, and asks for the
    rest."""
    record = again(patient)
    write(report, **AS_PRINTED, limits=limits.draft(record))
    told = marks(report, record)
    raised = {number for number, mark in told.items() if mark != paper.MARKS[number]}
    assert raised == {"3b", "3c", "10d", "11a", "12"}  # the last: the demonstration has the patient's own words
    assert total(report, record) >= 20.5 > 17
    page = ReportPage(report, record, patient.clinic)
    assert {"5c", "8b", "9c", "10b", "13"} <= {question.item for question in page.questions}
    assert all(told[number] == "N" for number in ("5c", "8b", "9c", "10b", "13"))
    assert score_words(score(page.marks)) == page.score == "21"


def test_words_of_another_count_half(report: CaseReport, patient: Patient) -> None:
    """In the words of the paper, which are not the patient's, the score is 20.5."""
    Assessment.objects.exclude(patient_words="").update(patient_words=paper.CASE.patient_words)
    record = again(patient)
    write(report, **AS_PRINTED, limits=limits.draft(record))
    assert total(report, record) == 20.5 and marks(report, record)["12"] == "P"


def test_answers_bring_it_to_28(cast: Cast, build: RecordBuilder, report: CaseReport, patient: Patient) -> None:
    """To 25 with consent, history and a later stage, and then with the author's boxes to 29: each mark that
    moves is named. The record alone does not reach 28: six lines ask for what only the author can write."""
    write(report, **AS_PRINTED)
    HairHistory.objects.filter(patient=patient).update(
        family="yes", relatives={"father": "affected"}, conditions="none", medicines="none", allergies="none",
        smoking="never",
    )  # fmt: skip
    later = add_months(patient.courses.get().baseline_on, 6)
    build.assess(
        patient, later, scale="norwood_1975", stage="III-vertex", global_change=1, patient_change=1, satisfaction=4,
        differentials=["telogen_effluvium"], lighting="bright_overhead",
    )  # fmt: skip
    build.consent(patient, later, "case_publication")
    record = again(patient)
    write(report, limits=limits.draft(record))
    told = marks(report, record)
    moved = {number: told[number] for number in told if told[number] != paper.MARKS[number]}
    by_record = {"5c", "8c", "10a", "10b", "13"}
    assert by_record <= moved.keys() and total(report, record) == 25
    write(report, **ANSWERED)
    answered = marks(report, record)
    raised = {number for number in answered if answered[number] != told[number]}
    assert raised == {"3a", "3d", "8b", "9c", "11c", "11d"}
    assert total(report, record) >= 28, answered
    assert all(check.is_passed for check in checks_of(report, record))


@pytest.mark.parametrize(
    "blank",
    [
        {"family": "not_asked", "conditions": "not_asked", "medicines": "not_asked", "allergies": "not_asked"},
        {"family": "not_asked", "conditions": "yes", "conditions_text": "", "smoking": "", "impact": ""},
    ],
)
def test_not_asked_is_no_answer(report: CaseReport, patient: Patient, blank: dict[str, Any]) -> None:
    HairHistory.objects.filter(patient=patient).update(**blank)
    assert marks(report, again(patient))["5c"] == "N"


def test_earlier_treatment_not_asked(report: CaseReport, patient: Patient) -> None:
    HairHistory.objects.filter(patient=patient).update(earlier_treatment="not_asked")
    record = again(patient)
    assert marks(report, record)["5d"] == "N" and told_patient.earlier(record) == []
    assert told_course.tolerability(record) == [], "nobody was asked at a session"


def test_paper_s_texts_are_contradicted(report: CaseReport, patient: Patient) -> None:
    """The record of the same case finds what the paper says and no row holds."""
    write(report, **AS_PRINTED)
    record = again(patient)
    told = {check.code: [f.said for f in check.findings] for check in checks_of(report, record)}
    assert told["harms"] and told["product"] and told["light"]
    assert any("repigmentation" in said for said in told["held"])
    assert any("six months" in said for said in told["held"])


def test_rows_alone_contradict_nothing(report: CaseReport, patient: Patient) -> None:
    record = again(patient)
    write(report, limits=limits.draft(record))
    assert [check.code for check in checks_of(report, record) if not check.is_passed] == []


def test_outdated_limits_are_found(cast: Cast, build: RecordBuilder, report: CaseReport, patient: Patient) -> None:
    """What was drafted from the record and confirmed is held against it again when the record goes on."""
    own = "The patient was seen by one person alone."
    write(report, limits=f"{limits.draft(again(patient))}\n{own}")
    course = report.course
    product = factories.product(cast.clinic, name="Vesicles", particles_per_ml=12, particles_method="nta")
    ExosomeSession.objects.filter(course=course).update(product=product, reactions="none")
    factories.assessment(
        patient, course=course, assessed_on=timezone.localdate(), scale="norwood_1975", stage="III-vertex"
    )
    (held,) = [check for check in checks_of(report, again(patient)) if check.code == "held"]
    told = {finding.sentence: finding.said for finding in held.findings if finding.part == "limits"}
    gone = "The record does not say this any more."
    assert told["The product was not identified."] == told["The stage was not graded again after treatment."] == gone
    assert own not in told and "estimated by eye" not in " ".join(told)


def test_a_later_look_hides_no_light(report: CaseReport, patient: Patient) -> None:
    """The per cent of Month 5 was seen in another light, whatever the light of a visit after it."""
    first, other = told_course.lights(again(patient))
    factories.assessment(patient, course=report.course, assessed_on=timezone.localdate(), lighting=first)
    assert told_course.lights(again(patient)) == (first, other) and first != other


def test_question_leads_to_the_entry(report: CaseReport, patient: Patient) -> None:
    """What lacks in an entry is corrected there, and not entered a second time."""
    record = again(patient)
    asked = {question.item: question for question in ReportPage(report, record, patient.clinic).questions}
    session = record.sessions[0]
    assert asked["9b"].address == f"/patients/{patient.pk}/sessions/{session.pk}/correct/"
    assert asked["9b"].page == "Session 1"
    assert asked["8c"].address == f"/patients/{patient.pk}/assessments/{record.before[0].pk}/correct/"
    product = factories.product(patient.clinic, name="Weak vesicles", particles_per_ml=None)
    ExosomeSession.objects.filter(course=report.course).update(product=product)
    asked = {each.item: each for each in ReportPage(report, again(patient), patient.clinic).questions}
    assert (asked["9b"].address, asked["9b"].page) == (f"/products/{product.pk}/", "Weak vesicles")


def test_event_stands_behind_its_session(report: CaseReport, patient: Patient) -> None:
    """One whose month alone is known does not stand before the examination at the beginning; per cents have a method;
    what was planned for the time after is told."""
    record = again(patient)
    event, session = record.events[0], record.sessions[0]
    event.exosome_session_id, event.onset = session.pk, PartialDate(f"{session.when.earliest:%Y-%m}")
    page = ReportPage(report, record, patient.clinic)
    (timeline,) = [each for each in page.draft.flat() if isinstance(each, Table) and each.columns[1] == "Entry"]
    entries = [(row[1], row[2]) for row in timeline.rows]
    first = next(place for place, row in enumerate(entries) if row[0] == "Session")
    assert all(entry != "Adverse event" for entry, _ in entries[:first])
    assert (
        "Measurement",
        "Density change from baseline at the vertex, +20–25 % (clinician’s visual estimate)",
    ) in entries
    told = [each.text for each in page.sources]
    assert "A follow-up visit without a session was planned between Month 6 and Month 9." in told
    assert "After that, a session of refresh was planned every year." in told
    assert any("it was planned: “" in text for text in told)


def test_each_sentence_names_its_row(report: CaseReport, patient: Patient) -> None:
    page = ReportPage(report, again(patient), patient.clinic)
    assert len(page.sources) > 25
    assert all(each.source and each.address.startswith(f"/patients/{patient.pk}/") for each in page.sources)
    said = {each.text: each.source for each in page.sources}
    assert said["Before treatment the stage was Norwood III vertex."] == "Assessment, Month 0"
    assert said["The patient was a Chinese man, about 60 years old."] == "The patient’s details"
    assert any("3 mL was given at the vertex" in text for text in said), "one region has one name"


def test_struck_out_rows_are_not_told(cast: Cast, report: CaseReport, patient: Patient) -> None:
    from treatments.records.actions import strike_out  # noqa: PLC0415

    event = patient.adverse_events.get(kind="headache")
    strike_out(event, reason="Of somebody else", expected_version=event.version, by=cast.clinician)
    harms = " ".join(each.text for each in told_course.harms(again(patient)))
    assert "Headache" not in harms and "Itching" in harms
