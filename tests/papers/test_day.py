"""The day's summary: what it says, on the page and in the PDF, and what is kept of what went home."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from clinic.audit.models import AuditEvent
from tests import factories
from tests.html_tree import read
from tests.papers.pdf_reader import facts_of, headings_of, letters, read_of
from tests.people import Cast
from treatments.courses.vocabulary import PlannedVisit
from treatments.handouts.default_sheet import DEFAULT_TEXT
from treatments.handouts.models import AftercareGiven, AftercareSheet
from treatments.models import Application, Appointment, Course, ExosomeSession, Patient
from treatments.papers.day_summary import day_summary
from treatments.records import formatting
from treatments.sessions.log.actions import strike_out_session

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def session(cast: Cast) -> ExosomeSession:
    """The second session of a course, with its lot, its reaction and two photos."""
    cast.clinic.letterhead = "1 Invented Road\nSingapore 000001\nTelephone +65 6000 0000"
    cast.clinic.save()
    Patient.objects.filter(pk=cast.patient.pk).update(name="Nguyễn Thị Hoài Ân 陈英杰")
    cast.patient.refresh_from_db()
    course = factories.course(cast.patient, protocol=factories.protocol(cast.clinic), next_due="2026-12-29")
    lot = factories.lot(factories.product(cast.clinic, name="Vesicle solution"), number="LT-77")
    factories.exosome_session(course)
    told: dict[str, Any] = {"lot": lot, "pain_during": 3, "operator": cast.nurse, "reactions": "yes"}
    made = factories.exosome_session(
        course,
        regions={"vertex": "2.5", "frontal": "0.5"},
        performed_on=course.baseline_on + datetime.timedelta(days=30),
        **told,
    )
    factories.adverse_event(cast.patient, exosome_session=made, kind="headache")
    for view in ("vertex", "frontal"):
        factories.photo(cast.patient, view=view, exosome_session=made)
    return made


def address(session: ExosomeSession) -> str:
    return f"/patients/{session.patient_id}/papers/sessions/{session.pk}/"


def text_of_page(answer: Any) -> str:
    (paper,) = read(answer.content.decode()).all("article")
    return letters(paper.text)


def test_says_what_was_given(cast: Cast, session: ExosomeSession) -> None:
    """Product, lot, mL, regions, route, pain, reaction, photos, what comes next, whom to telephone, and aftercare."""
    read = ExosomeSession.objects.with_number().as_read().get(pk=session.pk)
    said = " ".join(day_summary(read, AftercareSheet(clinic=cast.clinic, number=1, text=DEFAULT_TEXT)).texts())

    for fact in (
        "Session 2 of 5, Month 1", "Vesicle solution", "LT-77", "3 mL", "vertex 2.5 mL and frontal 0.5 mL",
        "3 of 10", "Headache", "2 photos: vertex and frontal", "+65 6000 0000", cast.nurse.name,
        "Do not wash your hair for 24 hours.", "Call an ambulance at once",
    ):  # fmt: skip
        assert fact in said


def test_page_and_file_say_the_same(cast: Cast, session: ExosomeSession) -> None:
    """Both are drawn from one structure: the same headings, texts and numbers."""
    client = cast.client(cast.nurse)
    page = client.get(address(session))
    pdf = client.post(f"{address(session)}give/", {"how": "pdf", "language": "en"})

    document = page.context["document"]
    assert pdf["Content-Type"] == "application/pdf" and facts_of(pdf.content)["Tagged"] == "yes"
    assert headings_of(pdf.content) == document.headings()
    on_page, on_paper = text_of_page(page), letters(read_of(pdf.content))
    for text in document.texts()[:-1]:
        assert letters(text) in on_page and letters(text) in on_paper, text


def test_keeps_which_version_went_home(cast: Cast, session: ExosomeSession) -> None:
    """Once for a version, and again for the next; the first time Anagen's own text becomes version 1."""
    client = cast.client(cast.nurse)
    for _ in range(2):
        answer = client.post(f"{address(session)}give/", {"how": "print", "language": "en"})
        assert answer["Location"] == f"{address(session)}?language=en&print=1"
    first = AftercareSheet.objects.get()
    assert (first.number, first.text) == (1, DEFAULT_TEXT)
    AftercareSheet.objects.create(
        clinic=cast.clinic, protocol=session.course.protocol, number=1, text="Own words.", created_by=cast.manager
    )
    client.post(f"{address(session)}give/", {"how": "pdf", "language": "en"})

    given = AftercareGiven.objects.order_by("id")
    assert [(each.sheet.text, each.exosome_session_id, each.created_by) for each in given] == [
        (DEFAULT_TEXT, session.pk, cast.nurse),
        ("Own words.", session.pk, cast.nurse),
    ]
    actions = AuditEvent.objects.filter(patient_id=cast.patient.pk).values_list("action", flat=True)
    assert list(actions.order_by("id")) == ["gave_aftercare", "gave_aftercare", "downloaded_paper"]
    assert "went home" in client.get(address(session)).content.decode()


def test_file_is_named_after_nobody(cast: Cast, session: ExosomeSession) -> None:
    pdf = cast.client(cast.nurse).post(f"{address(session)}give/", {"how": "pdf"})

    assert pdf["Content-Disposition"] == f'attachment; filename="summary-{session.performed_on}.pdf"'
    assert pdf["Cache-Control"] == "private, no-store"


def test_blank_is_said_to_be_blank(cast: Cast) -> None:
    """A session of which little is recorded: nothing is made up, and "not asked" is no "none"."""
    session = factories.exosome_session(factories.course(cast.patient), route="", total_ml=Decimal("3"))
    read = ExosomeSession.objects.with_number().as_read().get(pk=session.pk)
    said = day_summary(read, None).texts()

    assert said[said.index("Lot") + 1] == "not recorded"
    assert said[said.index("Reactions") + 1] == "not asked"
    assert said[said.index("Photos taken") + 1] == "none"
    assert said[said.index("Whom to telephone") + 1] == cast.clinic.name


def test_sheet_in_another_language(cast: Cast, session: ExosomeSession) -> None:
    """The clinic's Arabic sheet, from right to left, in page and file; the choice of languages names those written."""
    AftercareSheet.objects.create(
        clinic=cast.clinic, language="ar", number=1, text="# بعد الجلسة\n- تغسل شعرك غدا", created_by=cast.manager
    )
    client = cast.client(cast.nurse)
    page = client.get(f"{address(session)}?language=ar").content.decode()
    pdf = client.post(f"{address(session)}give/", {"how": "pdf", "language": "ar"}).content

    assert 'lang="ar" dir="rtl"' in page and "?language=en" in page and "?language=vi" not in page
    assert letters("تغسل شعرك غدا") in letters(read_of(pdf))
    assert AftercareGiven.objects.get().sheet.language == "ar"


def test_empty_state(cast: Cast) -> None:
    page = cast.client(cast.nurse).get(f"/patients/{cast.patient.pk}/papers/").content.decode()

    assert "No session is recorded yet" in page


def test_says_all_that_was_given(cast: Cast, session: ExosomeSession) -> None:
    """A second product of the same session, with its own lot, and the volume of both together."""
    second = factories.lot(factories.product(cast.clinic, name="Another solution"), number="LT-88")
    ExosomeSession.objects.filter(pk=session.pk).update(total_ml=Decimal("4"), first_ml=Decimal("3"))
    Application.objects.create(
        exosome_session=session, place=2, product=second.product, lot=second, total_ml=Decimal("1"),
        volumes={"vertex": "1.00"}, route="intradermal_injection", note="An aside of the clinic",
    )  # fmt: skip
    Application.objects.create(exosome_session=session, place=3, route="microneedling_topical", regions=["frontal"])
    said = day_summary(ExosomeSession.objects.with_number().as_read().get(pk=session.pk), None).texts()

    beside = [said[place + 1] for place, text in enumerate(said) if text == "Also given"]
    assert beside == [
        "Another solution, lot LT-88, 1 mL, vertex; injection into the skin (intradermal)",
        "Microneedling, frontal",
    ]
    assert (said[said.index("Volume") + 1], said[said.index("Volume in all") + 1]) == ("3 mL", "4 mL")


def test_own_blood_has_no_lot(cast: Cast) -> None:
    """What came from the patient's own blood has no lot that somebody forgot."""
    blood = {"name": "PRP", "source_type": "platelet_rich_plasma", "donor": "autologous"}
    session = factories.exosome_session(factories.course(cast.patient), product=factories.product(cast.clinic, **blood))
    said = day_summary(ExosomeSession.objects.with_number().as_read().get(pk=session.pk), None).texts()

    assert said[said.index("Lot") + 1] == "prepared from your own blood"


def test_follow_up_is_called_one(cast: Cast, session: ExosomeSession) -> None:
    day = timezone.localdate() + datetime.timedelta(days=200)
    Course.objects.filter(pk=session.course_id).update(
        next_due=day.isoformat(), next_due_on=day, next_due_until=day, next_due_visit=PlannedVisit.FOLLOW_UP
    )
    said = day_summary(ExosomeSession.objects.with_number().as_read().get(pk=session.pk), None).texts()

    assert said[said.index("Follow-up") + 1] == f"planned for {formatting.day(day)}"
    assert "Next session" not in said


def test_reason_of_the_clinic_stays_there(cast: Cast, session: ExosomeSession) -> None:
    """That it was broken off is said; what the clinic wrote about it is not for the paper that goes home."""
    ExosomeSession.objects.filter(pk=session.pk).update(outcome="aborted", outcome_reason="She was difficult")
    said = day_summary(ExosomeSession.objects.with_number().as_read().get(pk=session.pk), None).texts()

    assert said[said.index("How it ended") + 1] == "Broken off" and "difficult" not in " ".join(said)


def test_struck_out_session_says_so(cast: Cast, session: ExosomeSession) -> None:
    """In the file too, which may go home by mistake."""
    factories.draw(session.lot, session.total_ml)
    strike_out_session(session, reason="Of Otto Other", expected_version=1, by=cast.clinician)
    pdf = cast.client(cast.nurse).post(f"{address(session)}give/", {"how": "pdf"}).content

    said = read_of(pdf)
    assert "Struck out as entered in error. This summary does not count." in said
    assert "Otto Other" not in said


def test_month_and_another_course(cast: Cast, session: ExosomeSession) -> None:
    """A summary that is printed again: its day is known to the month, and another course goes on by now."""
    day = timezone.localdate() + datetime.timedelta(days=20)
    Course.objects.filter(pk=session.course_id).update(next_due="")
    factories.course(cast.patient, next_due_on=day)
    ExosomeSession.objects.filter(pk=session.pk).update(performed_precision="month")

    said = day_summary(ExosomeSession.objects.with_number().as_read().get(pk=session.pk), None).texts()

    assert f"Your treatment in {session.performed_on:%b %Y}" in said
    assert said[said.index("Next session") + 1] == f"planned for {formatting.day(day)}"


def test_booked_visit_is_what_comes_next(cast: Cast, session: ExosomeSession) -> None:
    day = timezone.localdate() + datetime.timedelta(days=9)
    Appointment.objects.create(
        clinic=cast.clinic, patient=cast.patient, created_by=cast.reception, day=day, time=datetime.time(14, 30)
    )
    said = day_summary(ExosomeSession.objects.with_number().as_read().get(pk=session.pk), None).texts()

    assert said[said.index("Next visit") + 1] == f"booked for {formatting.day(day)} at 14:30"
