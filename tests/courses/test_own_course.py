"""Every fact is filed under its course when it is entered, and goes to another only when somebody says so."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from tests import factories
from tests.html_forms import filled
from tests.people import Cast
from treatments.assessments.actions import correct_assessment, record_assessment, record_measurement
from treatments.courses.models import Course
from treatments.models import AdverseEvent, Assessment, Correction, Measurement, Photo
from treatments.photos.upload.store_photo import link_to_session
from treatments.safety.actions import correct_event, report
from treatments.sessions.plan import actions as planning

OLD, NEW = datetime.date(2024, 1, 10), datetime.date(2026, 3, 5)


def two_courses(cast: Cast) -> tuple[Course, Course]:
    first = factories.course(cast.patient, baseline_on=OLD, name="Five monthly sessions")
    return first, factories.course(cast.patient, baseline_on=NEW, name="Five monthly sessions")


def graded(cast: Cast, on: datetime.date, **fields: Any) -> Assessment:
    visit = Assessment(clinic=cast.clinic, patient=cast.patient, assessed_on=on, **fields)
    return record_assessment(visit, by=cast.clinician)


def test_a_visit_is_linked_as_it_is_entered(cast: Cast) -> None:
    first, second = two_courses(cast)
    assert graded(cast, datetime.date(2025, 1, 9)).course == first
    assert graded(cast, NEW).course == second


def test_a_measurement_goes_with_its_visit(cast: Cast) -> None:
    first, second = two_courses(cast)
    visit = graded(cast, NEW, course=first)
    kind = {"kind": "hair_density", "value": 140, "site": "vertex", "method": "manual_trichoscopy_count"}
    made = Measurement(clinic=cast.clinic, patient=cast.patient, assessment=visit, measured_on=NEW, **kind)
    assert record_measurement(made, by=cast.clinician).course == first

    change = {"changes": {"course": second}, "reason": "wrong course", "expected_version": visit.version}
    correct_assessment(visit, **change, by=cast.clinician)
    made.refresh_from_db()
    assert made.course == second
    told = Correction.objects.get(record_id=visit.pk).changes[0]
    assert (told["label"], told["before"], told["after"]) == (
        "Course",
        "Five monthly sessions, from 10 Jan 2024",
        "Five monthly sessions, from 5 Mar 2026",
    )


def test_an_event_has_its_sessions_course(cast: Cast) -> None:
    first, second = two_courses(cast)
    session = factories.exosome_session(first, performed_on=datetime.date(2026, 4, 1))
    told: dict[str, Any] = {"clinic": cast.clinic, "patient": cast.patient, "kind": "headache"}
    event = report(AdverseEvent(**told, exosome_session=session), by=cast.clinician)
    assert event.course == first
    assert report(AdverseEvent(**told, reported_on=datetime.date(2026, 4, 2)), by=cast.clinician).course == second

    other = factories.exosome_session(second, performed_on=datetime.date(2026, 4, 2))
    change = {"changes": {"exosome_session": other}, "reason": "the later one", "expected_version": event.version}
    assert correct_event(event, **change, by=cast.clinician).course == second


def test_another_patients_course_is_refused(cast: Cast) -> None:
    stranger = factories.course(factories.patient(cast.clinic))
    with pytest.raises(ValidationError, match="different patients"):
        graded(cast, NEW, course=stranger)
    told: dict[str, Any] = {"clinic": cast.clinic, "patient": cast.patient, "kind": "headache"}
    with pytest.raises(ValidationError, match="another patient"):
        report(AdverseEvent(**told, course=stranger), by=cast.clinician)


def test_a_photo_stays_in_the_chosen_course(cast: Cast) -> None:
    """A session of another course on the same day does not take it."""
    first, second = two_courses(cast)
    factories.exosome_session(second, performed_on=NEW)
    photo = Photo(clinic=cast.clinic, patient=cast.patient, taken_on=NEW, taken_precision="day", course=first)
    link_to_session(photo)
    assert (photo.course, photo.exosome_session) == (first, None)


def test_the_first_course_takes_in_what_was(cast: Cast) -> None:
    """What was there before a course was planned belongs to the first, not to a second with an earlier Month 0."""
    visit = graded(cast, datetime.date(2026, 2, 20))
    plan = {"clinic": cast.clinic, "patient": cast.patient, "name": "Five monthly sessions"}
    first = planning.plan_course(Course(**plan, baseline_on=NEW), by=cast.clinician)
    planning.plan_course(Course(**plan, baseline_on=OLD), by=cast.clinician)
    visit.refresh_from_db()
    assert visit.course == first


@pytest.mark.parametrize(("when", "line"), [("9 Jan 2025", "10 Jan 2024"), ("6 Mar 2026", "5 Mar 2026")])
def test_the_form_asks_where_there_are_two(cast: Cast, when: str, line: str) -> None:
    """The first choice follows the date; the page says which course that is."""
    two_courses(cast)
    url, client = reverse("examination:record", args=[cast.patient.pk]), cast.client(cast.clinician)
    page = client.get(url).content.decode()
    assert "By its date: Five monthly sessions, from 5 Mar 2026" in page

    refused = client.post(url, filled(page, when=when)).content.decode()
    assert f"By its date: Five monthly sessions, from {line}" in refused
    client.post(url, filled(page, when=when, grade="none"))
    assert str(Assessment.objects.get().course) == "Five monthly sessions"
    assert Assessment.objects.get().course.baseline.label() == line


def test_a_choice_comes_before_the_date(cast: Cast) -> None:
    first, _ = two_courses(cast)
    url, client = reverse("examination:record", args=[cast.patient.pk]), cast.client(cast.clinician)
    page = client.get(url).content.decode()
    client.post(url, filled(page, when="6 Mar 2026", grade="none", course=str(first.pk)))
    visit = Assessment.objects.get()
    assert visit.course == first

    correct = reverse("examination:correct", args=[cast.patient.pk, visit.pk])
    page = client.get(correct).content.decode()
    client.post(correct, filled(page, plan="Photos in May", correction_reason="left out"))
    visit.refresh_from_db()
    assert (visit.plan, visit.course) == ("Photos in May", first)


def test_one_course_is_not_asked_for(cast: Cast) -> None:
    factories.course(cast.patient)
    for name in ("examination:record", "assessments:measure", "safety:report"):
        page = cast.client(cast.clinician).get(reverse(name, args=[cast.patient.pk])).content.decode()
        assert "Which course does it belong to?" not in page


def test_a_struck_course_names_its_facts(cast: Cast) -> None:
    """Before, what is filed under it is named; after, it stays there until it is handed on with a reason."""
    wrong, right = two_courses(cast)
    visit = factories.assessment(cast.patient, course=wrong, assessed_on=OLD)
    factories.photo(cast.patient, course=wrong, taken_on=OLD)
    client, args = cast.client(cast.manager), [cast.patient.pk, wrong.pk]

    page = client.get(reverse("sessions:course-strike-out", args=args)).content.decode()
    assert "Filed under this course: 1 assessment and 1 photo." in page
    client.post(reverse("sessions:course-strike-out", args=args), filled(page, reason="planned twice"))
    visit.refresh_from_db()
    assert visit.course == wrong
    assert "This course was entered in error, so these records belong to no course now: 1 assessment, 1 photo." in (
        client.get(reverse("sessions:course", args=args)).content.decode()
    )

    page = client.get(reverse("sessions:course-hand-on", args=args)).content.decode()
    client.post(reverse("sessions:course-hand-on", args=args), filled(page, to=str(right.pk), reason="planned twice"))
    visit.refresh_from_db()
    assert visit.course == right
    assert Correction.objects.get(record_id=visit.pk).reason == "planned twice"
    assert not wrong.photos.exists()
