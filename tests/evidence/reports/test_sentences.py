"""Sentences of records that are not as the published case: each true, whole, said once, and nothing made of a blank."""

import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.people import Cast
from treatments.evidence.reports.report_page import ReportPage
from treatments.evidence.reports.sentences import limits
from treatments.evidence.reports.sentences.record import load
from treatments.evidence.reports.sentences.words import says, spelled
from treatments.models import CaseReport, Course, HairHistory, Patient, Therapy
from treatments.papers.document import texts_of
from treatments.records.partial_dates import PartialDate

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
TODAY = datetime.date.today()


def ago(days: int) -> datetime.date:
    return TODAY - datetime.timedelta(days)


def page_of(course: Course, **texts: Any) -> ReportPage:
    patient = Patient.objects.select_related("history", "clinic").get(pk=course.patient_id)
    record = load(patient, course, patient.clinic)
    told = {"title": "A case report", "limits": limits.draft(record), **texts}
    report = CaseReport(clinic=patient.clinic, patient=patient, course=course, created_by=patient.created_by, **told)
    return ReportPage(report, record, patient.clinic)


def text_of(page: ReportPage) -> str:
    return "\n".join(text for block in page.draft.flat() for text in texts_of(block))


def marks_of(page: ReportPage) -> dict[str, str]:
    return {line.item.number: line.mark for line in page.marks}


def history(patient: Patient, **fields: Any) -> None:
    HairHistory.objects.create(clinic=patient.clinic, patient=patient, created_by=patient.created_by, **fields)


def test_woman_with_blanks_in_every_text(cast: Cast) -> None:
    """Above 89, of the Ludwig scale; dashes and fillers in the record are printed nowhere and credited nowhere."""
    patient = factories.patient(cast.clinic, sex="female", birth=PartialDate("1930"), ethnicity="Indian")
    history(
        patient, complaint="both", regions=["frontal"], onset=PartialDate("2019~"), family="not_asked",
        family_note="An aunt", conditions="yes", conditions_text="-", allergies="none", medicines="none",
        smoking="n/a", impact="TBD",
    )  # fmt: skip
    course = factories.course(patient, volumes={"frontal": "2.00", "eyebrow_left": "0.50"}, baseline_on=ago(200))
    factories.assessment(
        patient, scale="ludwig_1977", stage="II", assessed_on=ago(200), examination="TBD", diagnosis="other",
        diagnosis_note=".", pull_result="not_done", trichoscopy={"yellow_dots": "not_examined"},
    )  # fmt: skip
    factories.assessment(patient, scale="", stage="", assessed_on=ago(20), patient_words="-", change_seen="n/a")
    regions = {"frontal": "2.00", "eyebrow_left": "0.50"}
    told = {"outcome": "aborted", "outcome_reason": "The patient fainted.", "reactions": "not_asked"}
    factories.exosome_session(course, regions=regions, performed_on=ago(200), since_last="not_asked", **told)
    factories.exosome_session(course, regions={"frontal": "1.00"}, performed_on=ago(108), pain_during=0)
    for grade in (1, 3):
        factories.adverse_event(patient, kind="vasovagal", grade=grade, outcome="1")
    page = page_of(course)
    text = text_of(page)
    assert "The patient was an Indian woman, over 89 years old." in text
    assert "Before treatment the stage was Ludwig II." in text
    assert "2.5 mL was given at the frontal region (2 mL) and left eyebrow (0.5 mL) by injection into the skin" in text
    assert "Session 1 was broken off: the patient fainted." in text
    assert "At session 2, 1 mL was given where 2.5 mL was planned." in text
    assert "Session 2 was given at Month 3, planned for Month 1." in text
    assert "Fainting (vasovagal) was recorded twice (CTCAE grade 1 to 3; recovered)." in text
    assert "Of five planned sessions, one was completed." in text
    for blank in ("TBD", "n/a", "“-”", "not done", "other.", "An aunt", "The scalp was examined", "Illness"):
        assert blank not in text, blank
    marks = marks_of(page)
    assert [marks[each] for each in ("5c", "6", "8c", "12", "10b")] == ["N", "N", "N", "N", "N"]


def test_two_products_and_two_methods(cast: Cast) -> None:
    """Each product at its session; counts by two methods are set side by side and not compared."""
    patient = factories.patient(cast.clinic, sex="other", birth="")
    course = factories.course(patient, sessions_planned=1)
    first, second = (factories.product(cast.clinic, name=name) for name in ("Exo-X", "Exo-Y"))
    factories.exosome_session(course, product=first, pain_during=4, reactions="none")
    factories.exosome_session(course, product=second, performed_on=TODAY, phase="maintenance")
    factories.measurement(patient, measured_on=ago(61), value=Decimal("100"))
    factories.measurement(patient, measured_on=TODAY, value=Decimal("150"), method="phototrichogram")
    page = page_of(course, what_is_new="-", main_lesson="TBD")
    text = text_of(page)
    assert "The patient was of a sex recorded as neither male nor female." in text
    assert "Two sessions were given, from Month 0 to Month 2: one of induction and one of maintenance." in text
    assert "At session 1, Exo-X was given." in text and "At session 2, Exo-Y was given." in text
    assert "was 150 hairs/cm², against 100 at screening (phototrichogram). Not comparable:" in text
    assert "Asked at 1 of 2 sessions, the patient named no reaction." in text
    assert "Of 1 later count, 1 cannot be compared" in text and "Hair density was not measured." not in text
    assert "Not written yet: What is new about this case?" in text and "TBD" not in text


def test_second_course_tells_of_the_first(cast: Cast) -> None:
    """What was given before is an earlier treatment, whatever was answered before any of it; drugs with all turns."""
    patient = factories.patient(cast.clinic)
    history(patient, earlier_treatment="none")
    first = factories.course(patient, baseline_on=ago(700), state="finished")
    second = factories.course(patient, baseline_on=ago(100))
    factories.exosome_session(first, performed_on=ago(700))
    factories.exosome_session(second, performed_on=ago(100))
    assert "No treatment for the hair loss had been sought before." in text_of(page_of(first))
    text = text_of(page_of(second))
    assert "There had been an earlier course of one session here: 20 months before Month 0." in text
    assert "sought before" not in text and text.count("One session was given, at Month 0.") == 2
    told = {"clinic": patient.clinic, "patient": patient, "created_by": patient.created_by}
    Therapy.objects.create(kind="minoxidil_topical", started=PartialDate("2019"), is_ongoing=True, **told)
    Therapy.objects.create(kind="hair_transplant_fue", started=PartialDate("2015"), grafts=1800, **told)
    text = text_of(page_of(second))
    assert "before Month 0 and still going on at the last entry." in text
    assert "Hair transplant (FUE, 1800 grafts) was done" in text


def test_course_without_a_session(cast: Cast) -> None:
    """Nothing is said of what was given, and no limit of what was not done."""
    course = factories.course(factories.patient(cast.clinic), state="stopped", stopped_on=TODAY, stop_reason="Moved.")
    text = text_of(page_of(course))
    assert "The course was stopped at Month 2: moved." in text
    for said in ("planned session", "product was not", "not graded again", "of 0 sessions"):
        assert said not in text, said


def test_words_of_a_journal() -> None:
    assert spelled(1, "session") == "one session" and spelled(14, "session") == "14 sessions"
    assert says(" Happy. ") == "Happy" and says("头发变多了") and says("Keine Allergie")
    assert [says(each) for each in ("-", "n/a", "none", "TBD", "...", "a b c", "xx xx", "Not asked.")] == [""] * 8
