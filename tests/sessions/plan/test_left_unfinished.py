"""A course that was overdue already when a newer one of the patient began is not called for any more."""

import datetime

import pytest
from django.urls import reverse

from tests import factories
from tests.people import Cast
from treatments.models import Course, Patient
from treatments.records.months import add_months
from treatments.sessions.course_state import recompute
from treatments.sessions.log.actions import strike_out_session
from treatments.sessions.plan.actions import stop_course

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()
YEARS_AGO, MONTHS_AGO = TODAY - datetime.timedelta(days=700), add_months(TODAY, -1)


def given(cast: Cast, begun: datetime.date) -> Course:
    """A course of five, of which one session is given."""
    course = factories.course(cast.patient, baseline_on=begun)
    factories.exosome_session(course)
    return recompute(course.pk)


def overdue(cast: Cast) -> list[Course]:
    return [row.course for row in cast.client(cast.nurse).get(reverse("today")).context["agenda"].overdue.rows]


def due_of(course: Course) -> str:
    return Course.objects.get(pk=course.pk).next_due


def test_only_the_newer_course_is_called_for(cast: Cast) -> None:
    """Whichever was recorded first; Today, the list of patients, the timeline and the page of the course agree."""
    newer = given(cast, MONTHS_AGO)
    older = given(cast, YEARS_AGO)
    assert (older.next_due, older.is_open, overdue(cast)) == ("", True, [])
    assert Patient.objects.get(pk=cast.patient.pk).next_due == newer.next_due != ""

    client = cast.client(cast.clinician)
    timeline = client.get(cast.patient.get_absolute_url()).content.decode()
    assert "not finished, a newer course began" in timeline and "days overdue" not in timeline
    page = client.get(older.get_absolute_url()).content.decode()
    assert "not called for it any more" in page and "is-overdue" not in page
    assert reverse("sessions:course-stop", args=[cast.patient.pk, older.pk]) in page


def test_older_course_is_left_later(cast: Cast) -> None:
    """It is called for until the newer has had a session, and again without it."""
    older = given(cast, YEARS_AGO)
    assert overdue(cast) == [older]
    newer = recompute(factories.course(cast.patient, baseline_on=MONTHS_AGO).pk)
    assert older in overdue(cast)
    session = factories.exosome_session(newer)
    recompute(newer.pk)
    assert (due_of(older), overdue(cast)) == ("", [])
    strike_out_session(session, reason="Not given", expected_version=session.version, by=cast.nurse)
    assert older in overdue(cast)


def test_older_course_after_a_stopped_one(cast: Cast) -> None:
    """Once the newer course is stopped, the older one is what goes on."""
    older, newer = given(cast, YEARS_AGO), given(cast, MONTHS_AGO)
    stop_course(newer, on=TODAY, reason="Moved", expected_version=newer.version, by=cast.clinician)
    assert due_of(older) != "" and overdue(cast) == [older]


def test_courses_side_by_side_are_both_due(cast: Cast) -> None:
    """One that was not overdue yet when the other began goes on beside it."""
    one = given(cast, add_months(TODAY, -3))
    other = given(cast, add_months(TODAY, -3) + datetime.timedelta(days=10))
    assert {each.pk for each in overdue(cast)} == {one.pk, other.pk}
