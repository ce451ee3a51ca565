"""Courses as a state machine: planned, changed with a reason, moved on, stopped, taken up again."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from time_machine import travel

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from tests.sessions.log.post_data import TODAY, plan_post, planned
from treatments.models import Correction, Course, ExosomeSession, Protocol
from treatments.records.actions import Conflict
from treatments.records.months import add_months
from treatments.sessions.course_state import recompute
from treatments.sessions.plan import actions as planning
from treatments.sessions.plan.forms import CheckpointsField

PLAN = {
    "sessions_planned": 3,
    "maintenance_from_month": 6,
    "maintenance_to_month": 9,
    "refresh_months": 12,
}


def with_sessions(cast: Cast, count: int, **fields: Any) -> Course:
    course = planned(cast, baseline_on=add_months(TODAY(), -count), **{**PLAN, **fields})
    for number in range(count):
        factories.exosome_session(course, performed_on=add_months(course.baseline_on, number))
    return recompute(course.pk)


def test_a_planned_course_is_due_on_month_0(cast: Cast) -> None:
    client = cast.client(cast.clinician)
    answer = client.post(reverse("sessions:course-plan", args=[cast.patient.pk]), plan_post())
    course = Course.objects.get()
    assert answer.status_code == 302
    assert answer.url == course.get_absolute_url()
    assert (course.state, course.next_due_on, course.volumes) == ("induction", TODAY(), {"vertex": "3.00"})
    assert (course.checkpoints, course.views) == ([0, 3, 5], ["vertex", "frontal"])
    cast.patient.refresh_from_db()
    assert (cast.patient.next_due_on, cast.patient.course_state) == (TODAY(), "induction")
    assert AuditEvent.objects.filter(action="planned_course", actor=cast.clinician).count() == 1


def test_course_may_begin_in_a_month(cast: Cast) -> None:
    """A course may begin in a month whose day is not known."""
    client = cast.client(cast.clinician)
    client.post(reverse("sessions:course-plan", args=[cast.patient.pk]), plan_post(baseline="January 2025"))
    course = Course.objects.get()
    assert (course.baseline_on, course.baseline_precision) == (datetime.date(2025, 1, 1), "month")


def test_course_starts_from_its_protocol(cast: Cast) -> None:
    """A course is filled in from its protocol."""
    protocol = factories.protocol(cast.clinic, name="Three sessions", sessions_planned=3, volumes={"frontal": "2.00"})
    client = cast.client(cast.clinician)
    page = client.get(reverse("sessions:course-plan", args=[cast.patient.pk]))
    form = page.context["form"]
    assert form["name"].value() == "Three sessions"
    assert form["sessions_planned"].value() == 3
    assert str(form["volume-frontal"].value()) == "2"
    answer = client.post(reverse("sessions:course-plan", args=[cast.patient.pk]), plan_post(protocol=str(protocol.pk)))
    assert answer.status_code == 302
    assert Course.objects.get().protocol == protocol


def test_nurse_may_not_plan(cast: Cast) -> None:
    """A nurse may not plan, and reads what to do."""
    client = cast.client(cast.nurse)
    assert client.post(reverse("sessions:course-plan", args=[cast.patient.pk]), plan_post()).status_code == 403
    page = client.get(reverse("sessions:log", args=[cast.patient.pk]))
    assert "A clinician or manager can plan a course, or allow walk-ins in a protocol." in page.content.decode()
    assert not Course.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"sessions_planned": "0"}, "from 1 to 24"),
        ({"interval_months": "1e1"}, "whole number in figures"),
        ({"checkpoints": "0; soon"}, "Write the months as numbers"),
        ({"maintenance_to_month": "3"}, "ends before it begins"),
        ({"maintenance_from_month": ""}, "from which month"),
        ({"maintenance_from_month": "4"}, "Maintenance can begin in Month 5 at the earliest."),
        ({"interval_months": "2"}, "The first part (5 sessions) lasts until Month 8."),
        ({"volume-vertex": "1,500"}, "can be read in two ways"),
        ({"volume-crown": "2"}, "Crown and vertex are one region"),
        ({"baseline": "about 2024"}, "at least the month"),
        ({"baseline": "1 May 2150"}, "more than a year ahead"),
        ({"name": ""}, "Give the course a name"),
    ],
)
def test_impossible_plan_is_refused(cast: Cast, fields: dict[str, str], sentence: str) -> None:
    """A plan that cannot be is refused and stays on the page."""
    client = cast.client(cast.clinician)
    told = plan_post(note="kept words", **{**fields})
    page = client.post(reverse("sessions:course-plan", args=[cast.patient.pk]), told)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert "kept words" in page.content.decode()
    assert not Course.objects.exists()


@pytest.mark.parametrize("typed", ["0, 3, 5", "0;3;5", "٠، ٣، ٥", "０、３、５", "0\u00a03\u202f5", "3, 5\u200f, 0,"])
def test_months_in_every_spelling(typed: str) -> None:
    assert CheckpointsField(required=False).clean(typed) == [0, 3, 5]


def test_crown_alone_is_the_vertex(cast: Cast) -> None:
    client = cast.client(cast.clinician)
    told = plan_post(**{"volume-vertex": "", "volume-crown": "2.5"})
    assert client.post(reverse("sessions:course-plan", args=[cast.patient.pk]), told).status_code == 302
    assert Course.objects.get().volumes == {"vertex": "2.50"}


def test_changed_plan_leaves_the_old(cast: Cast) -> None:
    """A change of plan keeps the old plan and the reason."""
    course = with_sessions(cast, 1)
    client = cast.client(cast.clinician)
    url = reverse("sessions:course-change", args=[cast.patient.pk, course.pk])
    told = plan_post(
        version="1",
        interval_months="2",
        maintenance_from_month="9",
        maintenance_to_month="12",
        baseline=course.baseline.label(),
        correction_reason="patient travels in spring",
    )
    assert client.post(url, told).status_code == 302
    course.refresh_from_db()
    assert (course.interval_months, course.next_due_on) == (2, add_months(course.last_session_on, 2))
    kept = Correction.objects.get(record_id=course.pk)
    assert kept.reason == "patient travels in spring"
    assert ("1", "2") in [(change["before"], change["after"]) for change in kept.changes]
    page = client.get(course.get_absolute_url()).content.decode()
    assert "patient travels in spring" in page
    assert client.post(url, told | {"correction_reason": ""}).status_code == 422


def test_two_changing_a_plan_are_shown(cast: Cast) -> None:
    """Two people changing a plan are both shown."""
    course = with_sessions(cast, 1)
    url = reverse("sessions:course-change", args=[cast.patient.pk, course.pk])
    shared = {"version": "1", "baseline": course.baseline.label(), "correction_reason": "agreed today"}
    shared |= {"maintenance_from_month": "13", "maintenance_to_month": "16"}
    assert cast.client(cast.manager).post(url, plan_post(interval_months="2", **shared)).status_code == 302
    late = cast.client(cast.clinician).post(url, plan_post(interval_months="3", note="mine", **shared))
    assert late.status_code == 409
    told = {row["label"]: (row["theirs"], row["mine"]) for row in late.context["differences"]}
    assert told["How many months apart?"] == ("2", "3")
    assert "mine" in late.content.decode()


def test_course_moves_on_step_by_step(cast: Cast) -> None:
    """A course can be moved on step by step."""
    course = with_sessions(cast, 2)
    assert list(planning.next_states(course)) == ["maintenance", "refresh", "finished"]
    course = planning.advance_course(
        course, to="maintenance", reason="enough regrowth", expected_version=1, by=cast.clinician
    )
    assert (course.state, course.sessions_planned) == ("maintenance", 2)
    assert course.next_due_on == add_months(course.baseline_on, 6)
    course = planning.advance_course(course, to="refresh", reason="stable", expected_version=2, by=cast.clinician)
    assert (course.state, course.next_due_on) == ("refresh", add_months(course.last_session_on, 12))
    course = planning.advance_course(course, to="finished", reason="content", expected_version=3, by=cast.clinician)
    assert (course.state, course.next_due_on) == ("finished", None)
    assert planning.next_states(course) == {}
    reasons = Correction.objects.filter(record_id=course.pk).order_by("version").values_list("reason", flat=True)
    assert list(reasons) == ["enough regrowth", "stable", "content"]
    assert AuditEvent.objects.filter(action="advanced_course").count() == 3


def test_course_moves_to_no_missing_part(cast: Cast) -> None:
    """A course cannot be moved to a part that it does not have."""
    course = with_sessions(cast, 2, maintenance_from_month=None, maintenance_to_month=None)
    assert list(planning.next_states(course)) == ["refresh", "finished"]
    with pytest.raises(ValidationError, match="cannot move on"):
        planning.advance_course(course, to="maintenance", reason="why not", expected_version=1, by=cast.clinician)
    begun = planned(cast)
    assert planning.next_states(begun) == {}


def test_course_is_stopped_and_resumed(cast: Cast) -> None:
    """A course is stopped with its day and reason, and taken up again."""
    course = with_sessions(cast, 2)
    client = cast.client(cast.clinician)
    url = reverse("sessions:course-stop", args=[cast.patient.pk, course.pk])
    day = f"{TODAY():%-d %b %Y}"
    assert client.post(url, {"version": "1", "stopped_on": day, "reason": ""}).status_code == 422
    assert client.post(url, {"version": "1", "stopped_on": day, "reason": "pregnant"}).status_code == 302
    course.refresh_from_db()
    assert (course.state, course.stopped_on, course.stop_reason) == ("stopped", TODAY(), "pregnant")
    cast.patient.refresh_from_db()
    assert (cast.patient.next_due_on, cast.patient.course_state) == (None, "stopped")
    page = client.get(course.get_absolute_url()).content.decode()
    assert "pregnant" in page
    url = reverse("sessions:course-resume", args=[cast.patient.pk, course.pk])
    assert client.post(url, {"version": "2", "reason": "after weaning"}).status_code == 302
    course.refresh_from_db()
    assert (course.state, course.stopped_on) == ("induction", None)
    assert course.next_due_on == add_months(course.last_session_on, 1)


def test_stop_tells_what_is_booked(cast: Cast) -> None:
    """Nothing more is due, but somebody is expected: the page says so, of a visit of this course."""
    course = with_sessions(cast, 2)
    booked = factories.appointment(cast.patient, day=TODAY() + datetime.timedelta(days=3), course=course)
    url = reverse("sessions:course-stop", args=[cast.patient.pk, course.pk])
    told = {"version": "1", "stopped_on": f"{TODAY():%-d %b %Y}", "reason": "Moved abroad"}

    page = cast.client(cast.clinician).post(url, told, follow=True).content.decode()

    assert f"{cast.patient.name} is booked for {booked.label}. Cancel that if nobody will come." in page
    assert "the next due date is counted" not in page


@pytest.mark.parametrize("day", ["1 Jan 2020", "January 2025", "1 Jan 2150", "someday"])
def test_course_stops_on_a_possible_day(cast: Cast, day: str) -> None:
    """A course is not stopped on a day that cannot be."""
    course = with_sessions(cast, 1)
    url = reverse("sessions:course-stop", args=[cast.patient.pk, course.pk])
    told = {"version": "1", "stopped_on": day, "reason": "kept words"}
    page = cast.client(cast.clinician).post(url, told)
    assert page.status_code == 422
    assert "kept words" in page.content.decode()
    course.refresh_from_db()
    assert course.state == "induction"


def test_stop_from_an_old_page_is_refused(cast: Cast) -> None:
    """Who stops a course from an old page reads so, and it is not stopped."""
    course = with_sessions(cast, 1)
    planning.change_course(course, changes={"interval_months": 2}, reason="agreed", expected_version=1, by=cast.manager)
    url = reverse("sessions:course-stop", args=[cast.patient.pk, course.pk])
    told = {"version": "1", "stopped_on": f"{TODAY():%-d %b %Y}", "reason": "moved away"}
    page = cast.client(cast.clinician).post(url, told)
    assert page.status_code == 409
    assert "moved away" in page.content.decode()
    again = told | {"version": page.context["form"]["version"].value()}
    assert cast.client(cast.clinician).post(url, again).status_code == 302


def test_strike_out_needs_an_empty_course(cast: Cast) -> None:
    """A course entered in error is struck out unless sessions belong to it."""
    course = with_sessions(cast, 1)
    with pytest.raises(Conflict):
        planning.strike_out_course(course, reason="wrong patient", expected_version=1, by=cast.clinician)
    empty = planned(cast)
    url = reverse("sessions:course-strike-out", args=[cast.patient.pk, empty.pk])
    told = {"version": "1", "reason": "wrong patient"}
    assert cast.client(cast.clinician).post(url, told).status_code == 302
    empty.refresh_from_db()
    assert empty.is_struck_out
    cast.patient.refresh_from_db()
    assert cast.patient.next_due_on == course.next_due_on


def test_patient_is_due_at_the_earliest_day(cast: Cast) -> None:
    """The earliest due day of open courses is the patient's."""
    first, second = planned(cast, baseline_on=add_months(TODAY(), 2)), planned(cast, baseline_on=TODAY())
    recompute(first.pk)
    recompute(second.pk)
    cast.patient.refresh_from_db()
    assert cast.patient.next_due_on == TODAY()


def test_protocols_are_changed_and_archived(cast: Cast) -> None:
    """Protocols are written, changed with a reason, and taken off the list."""
    client = cast.client(cast.clinician)
    told = plan_post(name="Monthly", baseline=None)
    assert client.post(reverse("sessions:protocol-add"), told).status_code == 302
    protocol = Protocol.objects.get()
    assert (protocol.volumes, protocol.refresh_months) == ({"vertex": "3.00"}, 12)
    taken = client.post(reverse("sessions:protocol-add"), plan_post(name="Monthly", baseline=None))
    assert taken.status_code == 422
    assert "already exists" in taken.content.decode()
    changed = plan_post(name="Monthly", baseline=None, version="1", refresh_months="6", correction_reason="evidence")
    assert client.post(protocol.get_absolute_url(), changed).status_code == 302
    protocol.refresh_from_db()
    assert protocol.refresh_months == 6
    client.post(reverse("sessions:protocol-archive", args=[protocol.pk]))
    page = client.get(reverse("sessions:course-plan", args=[cast.patient.pk]))
    assert page.context["protocols"] == []
    assert "not offered" in client.get(reverse("sessions:protocols")).content.decode()


def test_other_clinics_plans_are_not_found(cast: Cast) -> None:
    """Another clinic's protocols and courses are not found."""
    course, protocol = planned(cast), factories.protocol(cast.clinic)
    client = cast.client(cast.stranger)
    kept = [cast.patient.pk, course.pk]
    names = ["course", "course-change", "course-stop", "course-advance", "course-resume", "course-strike-out"]
    for name in names:
        assert client.get(reverse(f"sessions:{name}", args=kept)).status_code == 404, name
    assert client.get(protocol.get_absolute_url()).status_code == 404
    assert client.post(reverse("sessions:protocol-archive", args=[protocol.pk])).status_code == 404
    assert str(protocol.pk) not in client.get(reverse("sessions:protocols")).content.decode()


def test_resume_writes_the_state_it_restores(cast: Cast) -> None:
    """Taken up again after its run, a course is in maintenance, and its history says so."""
    course = with_sessions(cast, 5)
    recompute(course.pk)
    course = planning.stop_course(course, on=TODAY(), reason="moved away", expected_version=1, by=cast.clinician)
    course = planning.resume_course(course, reason="back again", expected_version=2, by=cast.clinician)
    assert course.state == "maintenance"
    changes = Correction.objects.get(record_id=course.pk, version=3).changes
    (state,) = [change for change in changes if change["field"] == "state"]
    assert (state["before"], state["after"]) == ("Stopped", "Maintenance")


def test_month_known_course_is_due_in_it(cast: Cast) -> None:
    """A course that begins in a month without a day names no day of it, on any list or page."""
    # In the middle of the last month: on the first of one a page names it, as when something was saved.
    month = add_months(TODAY().replace(day=1), -1)
    with travel(datetime.datetime(month.year, month.month, 15, 4, tzinfo=datetime.UTC)):
        course = planned(cast, baseline_on=month, baseline_precision="month")
        course = recompute(course.pk)
        cast.patient.refresh_from_db()
        spelled = f"{month:%b %Y}"
        assert course.due is not None and course.due.label() == spelled
        assert (cast.patient.next_due, cast.patient.next_due_until) == (f"{month:%Y-%m}", course.next_due_until)
        client = cast.client(cast.clinician)
        for url in ("/", "/patients/", course.get_absolute_url(), reverse("patients:contact", args=[cast.patient.pk])):
            page = client.get(url).content.decode()
            assert f"1 {spelled}" not in page and spelled in page


def test_two_sessions_of_a_month_are_two(cast: Cast) -> None:
    """Known to the month, two sessions stand side by side, beside one of a day too, each with its own number."""
    course = planned(cast, baseline_on=datetime.date(2025, 3, 1))
    days = [("2025-03-01", "day"), ("2025-03-01", "month"), ("2025-03-01", "month")]
    for on, precision in days:
        factories.exosome_session(course, performed_on=on, performed_precision=precision)
    rows = ExosomeSession.objects.filter(course=course).with_number().in_order()
    assert [(row.number, row.place) for row in rows] == [(1, 1), (2, 2), (3, 3)]
    assert [row.performed.text for row in rows] == ["2025-03-01", "2025-03", "2025-03"]
