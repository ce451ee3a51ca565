"""A patient who came without a plan is logged within a protocol that allows it."""

import datetime
from typing import Any

import pytest
from django.urls import reverse

from tests import factories
from tests.people import Cast
from tests.sessions.log.post_data import lot_of, session_post
from treatments.models import Assessment, Course, ExosomeSession, Patient, Protocol
from treatments.sessions.log.actions import strike_out_session
from treatments.sessions.plan.actions import change_course

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()


@pytest.fixture
def protocol(cast: Cast) -> Protocol:
    factories.consent(cast.patient)
    return factories.protocol(cast.clinic, name="One session", takes_walk_ins=True, refresh_months=12)


def address(cast: Cast) -> str:
    return reverse("sessions:log", args=[cast.patient.pk])


def posted(cast: Cast, protocol: Protocol, **fields: Any) -> dict[str, Any]:
    told = session_post(Course(patient=cast.patient), lot=lot_of(cast), **fields) | {"walk_in": str(protocol.pk)}
    del told["course"]
    return told


def test_walk_in_is_logged_in_one_go(cast: Cast, protocol: Protocol) -> None:
    """A nurse picks the protocol and logs: a course of one session is made with it, and nothing more becomes due."""
    client = cast.client(cast.nurse)
    earlier = factories.assessment(cast.patient, assessed_on=TODAY)
    link = f"{address(cast)}?walk_in={protocol.pk}"
    assert link in client.get(address(cast)).content.decode()
    form = client.get(link)
    assert form.context["form"]["volume-vertex"].value() == "3"
    assert not Course.objects.exists()

    told = posted(cast, protocol)
    first, again = client.post(link, told), client.post(link, told)
    assert (first.status_code, again.status_code) == (302, 302)
    course, session = Course.objects.get(), ExosomeSession.objects.get()
    assert (session.course, course.name, course.protocol) == (course, "One session", protocol)
    assert (course.sessions_planned, course.refresh_months, course.baseline_on) == (1, None, TODAY)
    assert (course.state, course.next_due) == ("finished", "")
    assert Assessment.objects.get(pk=earlier.pk).course == course


def test_one_session_is_not_a_month_apart(cast: Cast, protocol: Protocol) -> None:
    client = cast.client(cast.nurse)
    assert client.post(f"{address(cast)}?walk_in={protocol.pk}", posted(cast, protocol)).status_code == 302
    course = Course.objects.get()
    for url in (cast.patient.get_absolute_url(), course.get_absolute_url()):
        page = client.get(url).content.decode()
        assert "month apart" not in page and "months apart" not in page


def test_walk_in_struck_out_asks_for_none(cast: Cast, protocol: Protocol) -> None:
    """Nobody planned the session: once it is struck out, or in another patient's record, none is due."""
    client = cast.client(cast.nurse)
    client.post(f"{address(cast)}?walk_in={protocol.pk}", posted(cast, protocol))
    session = ExosomeSession.objects.get()
    strike_out_session(session, reason="Another patient", expected_version=session.version, by=cast.nurse)

    course = Course.objects.get()
    patient = Patient.objects.get(pk=cast.patient.pk)
    assert (course.next_due, course.is_open, patient.next_due) == ("", False, "")
    assert not client.get(reverse("today")).context["agenda"].due.rows
    page = client.get(cast.patient.get_absolute_url()).content.decode()
    assert "no session recorded" in page and "due today" not in page
    assert "No session recorded" in client.get(course.get_absolute_url()).content.decode()
    form = client.get(f"{address(cast)}?course={course.pk}").context["form"]
    assert form["phase"].value() == "induction"


def test_broken_off_walk_in_asks_for_none(cast: Cast, protocol: Protocol) -> None:
    """It fills no place of a plan, and there is none."""
    told = posted(cast, protocol, outcome="aborted", outcome_reason="Felt faint")
    assert cast.client(cast.nurse).post(address(cast), told).status_code == 302
    assert ExosomeSession.objects.get().outcome == "aborted"
    assert Course.objects.get().next_due == ""


def test_walk_in_planned_further_is_due(cast: Cast, protocol: Protocol) -> None:
    """A clinician who makes a course of it has planned the sessions that it waits for."""
    cast.client(cast.nurse).post(address(cast), posted(cast, protocol))
    course = Course.objects.get()
    planned = {"sessions_planned": 3, "interval_months": 1}
    told = {"reason": "Three in all", "expected_version": course.version, "by": cast.clinician}
    changed = change_course(course, changes=planned, **told)
    assert (changed.state, changed.next_due_place) == ("induction", 2)


def test_walk_in_of_an_earlier_day(cast: Cast, protocol: Protocol) -> None:
    """Month 0 is the day that was typed; the heading is told for it before it is saved."""
    day = TODAY - datetime.timedelta(days=10)
    client = cast.client(cast.nurse)
    query = {"walk_in": str(protocol.pk), "when": f"{day:%-d %b %Y}", "course": "", "phase": "induction"}
    heading = client.get(reverse("sessions:log-heading", args=[cast.patient.pk]), query).json()
    assert (heading["title"], heading["month"]) == ("Session 1 of 1", "Month 0")
    assert client.post(address(cast), posted(cast, protocol, when=f"{day:%-d %b %Y}")).status_code == 302
    assert Course.objects.get().baseline_on == day


def test_refused_walk_in_leaves_nothing(cast: Cast, protocol: Protocol) -> None:
    """What the session's form refuses plans no course."""
    page = cast.client(cast.nurse).post(address(cast), posted(cast, protocol, **{"volume-vertex": ""}))
    assert page.status_code == 422 and not Course.objects.exists()


def test_open_course_takes_the_session(cast: Cast, protocol: Protocol) -> None:
    """Where a course goes on, a walk-in is a session of it."""
    course = factories.course(cast.patient, baseline_on=TODAY)
    assert cast.client(cast.nurse).post(address(cast), posted(cast, protocol)).status_code == 302
    assert ExosomeSession.objects.get().course == course and Course.objects.count() == 1


@pytest.mark.parametrize("change", [{"takes_walk_ins": False}, {"archived_at": datetime.datetime.now(datetime.UTC)}])
def test_only_a_protocol_that_allows_it(cast: Cast, protocol: Protocol, change: dict[str, Any]) -> None:
    """Without one, the page says who may do what."""
    Protocol.objects.update(**change)
    client = cast.client(cast.nurse)
    assert client.post(address(cast), posted(cast, protocol)).status_code == 404
    page = client.get(address(cast)).content.decode()
    assert "A clinician or manager can plan a course, or allow walk-ins in a protocol." in page


def test_over_course_offers_a_walk_in(cast: Cast, protocol: Protocol) -> None:
    """After a course that is over, the page offers both: a session that belongs to it, and a walk-in."""
    factories.course(cast.patient, state="finished")
    page = cast.client(cast.nurse).get(address(cast)).content.decode()
    assert f"?walk_in={protocol.pk}" in page
