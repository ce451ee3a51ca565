"""What is done to plans: write protocols, plan a course, change it, move it on, stop it, take it up again.

A course's state is never set by hand: it follows from the plan and the sessions. To move on early is to change the
plan, with the reason kept.
"""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.audit import log
from clinic.staff.models import User
from treatments.assessments.next_visit import lock, sessions_given, visits_seen
from treatments.courses.computed_columns import bring_in_line
from treatments.courses.intervals import Given
from treatments.courses.models import Course, ExosomeSession, Protocol
from treatments.courses.schedule import PlanFacts, places_filled, state_after
from treatments.courses.vocabulary import CourseState, Phase
from treatments.patients.models import Patient
from treatments.records.actions import Conflict, CorrectionArguments, Passed, correct, insert, strike_out
from treatments.records.partial_dates import PartialDate, of_day
from treatments.sessions.course_state import check_patient, recompute
from treatments.sessions.plan import filed_facts

NAME_TAKEN = "A protocol with this name already exists. Give this one a different name."
_ORDER = [
    CourseState.INDUCTION, CourseState.MAINTENANCE, CourseState.FOLLOW_UP, CourseState.REFRESH, CourseState.FINISHED,
]  # fmt: skip


class StepArguments(TypedDict):
    """What every step of a course is called with: why, the version that the person saw, and who takes it."""

    reason: str
    expected_version: int
    by: User


def add_protocol(protocol: Protocol, *, passed: Iterable[Passed] = (), by: User) -> Protocol:
    """Raises ValidationError for a name in use, AlreadySaved for a used id."""
    try:
        return insert(protocol, event="added_protocol", passed=passed, by=by)
    except IntegrityError as error:
        raise ValidationError({"name": NAME_TAKEN}) from error


def change_protocol(protocol: Protocol, **correction: Unpack[CorrectionArguments]) -> Protocol:
    """Change the template; courses made from it keep the plan they have. Raises Conflict, ValidationError."""
    try:
        return correct(protocol, event="changed_protocol", **correction)
    except IntegrityError as error:
        raise ValidationError({"name": NAME_TAKEN}) from error


def archive_protocol(protocol: Protocol, *, archived: bool, by: User) -> Protocol:
    """Take a protocol off the list for new courses, or put it back."""
    with transaction.atomic():
        Protocol.objects.filter(pk=protocol.pk).update(archived_at=timezone.now() if archived else None)
        log.record("archived" if archived else "restored", by=by, clinic=protocol.clinic, target=protocol)
    return protocol


def plan_course(course: Course, *, passed: Iterable[Passed] = (), by: User) -> Course:
    """Write a planned course; its first session is due on Month 0. Raises AlreadySaved for a used id.

    The patient's only course takes in what was recorded before it. Raises ValidationError for a patient who was
    archived, or had died, by Month 0.
    """

    def with_what_is_due(planned: Course) -> None:
        filed_facts.take_in(planned, by=by)
        bring_in_line(recompute, planned.pk)

    with transaction.atomic():
        check_patient(course.patient, course.baseline, field="baseline", what="course")
        planned = insert(course, event="planned_course", passed=passed, by=by, then=with_what_is_due)
    planned.refresh_from_db()
    return planned


def unplanned_course(protocol: Protocol, *, patient: Patient, when: PartialDate) -> Course:
    """An unsaved course of one session, for a patient who came without a plan: what the protocol usually gives, begun
    on that day, and nothing after it. A clinician who wants more changes the plan."""
    return Course(
        clinic=protocol.clinic,
        patient=patient,
        protocol=protocol,
        name=protocol.name,
        baseline_on=when.earliest,
        baseline_precision=when.precision,
        is_walk_in=True,
        sessions_planned=1,
        product=protocol.product,
        volumes=protocol.volumes,
        route=protocol.route,
        views=protocol.views,
    )


def change_course(
    course: Course, *, event: str = "changed_course", **correction: Unpack[CorrectionArguments]
) -> Course:
    """Change the plan of a course. What is due, and its state, follow. Raises Conflict."""
    with transaction.atomic():
        lock(course.pk)
        correct(course, event=event, **correction)
        return recompute(course.pk)


def next_states(course: Course) -> dict[CourseState, dict[str, Any]]:
    """The states a course can be moved on to, each with the change of plan that brings it about."""
    given, seen = sessions_given(course), visits_seen(course)
    induction = places_filled(given, Phase.INDUCTION)
    if course.state not in _ORDER[:-1] or not induction:
        return {}
    no_maintenance = {
        "maintenance_from_month": None,
        "maintenance_to_month": None,
        "maintenance_interval_months": None,
    }
    no_follow_up = {"follow_up_from_month": None, "follow_up_to_month": None}
    shorter = {"sessions_planned": min(course.sessions_planned, induction)}
    ways: dict[CourseState, dict[str, Any]] = {
        CourseState.MAINTENANCE: shorter,
        CourseState.FOLLOW_UP: shorter | no_maintenance,
        CourseState.REFRESH: shorter | no_maintenance | no_follow_up,
        CourseState.FINISHED: shorter | no_maintenance | no_follow_up | {"refresh_months": None},
    }
    return {
        state: changes
        for state, changes in ways.items()
        if _ORDER.index(state) > _ORDER.index(CourseState(course.state))
        and _state_with(course, changes, given, seen) == state
    }


def advance_course(course: Course, *, to: str, **step: Unpack[StepArguments]) -> Course:
    """Move a course on before its plan says so. Raises Conflict; ValidationError when the plan has no such part."""
    ways = next_states(course)
    if to not in ways:
        raise ValidationError("The course cannot move on to this part. Change the plan first, or stop the course.")
    return change_course(course, event="advanced_course", changes=ways[CourseState(to)], **step)


def stop_course(course: Course, *, on: datetime.date, **step: Unpack[StepArguments]) -> Course:
    """End a course before its plan does. Raises Conflict; ValidationError when a session was given later."""
    if not course.is_open:
        raise ValidationError(f"The course is {course.get_state_display().lower()} already.")
    last = next(iter(sessions_given(course)[::-1]), None)
    if last is not None and last.when.earliest > on:
        sentence = f"A session was given {last.when.phrase}. The course cannot be stopped before that day."
        raise ValidationError({"stopped_on": sentence})
    changes = {"state": CourseState.STOPPED, "stopped_on": on, "stop_reason": step["reason"]}
    return change_course(course, event="stopped_course", changes=changes, **step)


def resume_course(course: Course, **step: Unpack[StepArguments]) -> Course:
    """Take up a stopped course where it was left. Raises Conflict, ValidationError."""
    if course.state != CourseState.STOPPED:
        raise ValidationError("Only a course that was stopped can be taken up again.")
    check_patient(course.patient, of_day(timezone.localdate()), field=None, what="course")
    facts: dict[str, Any] = {"given": sessions_given(course), "seen": visits_seen(course)}
    state = state_after(course.facts, baseline=course.baseline, **facts)
    changes = {"state": state, "stopped_on": None, "stop_reason": ""}
    return change_course(course, event="resumed_course", changes=changes, **step)


def strike_out_course(course: Course, *, reason: str, expected_version: int, by: User) -> Course:
    """Mark a course as entered in error. Raises Conflict, also while sessions stand in it.

    What else is filed under it stays with it, and goes to another course only when somebody says so.
    """

    def recount(struck: Course) -> None:
        recompute(struck.pk)

    with transaction.atomic():
        lock(course.pk)
        if ExosomeSession.objects.standing().filter(course=course).exists():
            raise Conflict(course)
        return strike_out(course, reason=reason, expected_version=expected_version, by=by, then=recount)


def hand_facts_on(course: Course, *, to: Course, reason: str, by: User) -> int:
    """Give what is filed under a course entered in error to another; how many records. Raises ValidationError."""
    if not course.is_struck_out or to.is_struck_out or to.patient_id != course.patient_id:
        raise ValidationError("Move records only from a course entered in error to another course of this patient.")
    with transaction.atomic():
        lock(to.pk)
        handed_on = filed_facts.hand_on(course, to=to, reason=reason, by=by)
        recompute(to.pk)
    return handed_on


def _state_with(
    course: Course, changes: dict[str, Any], given: list[Given], seen: Sequence[PartialDate]
) -> CourseState:
    now = {name: changes.get(name, getattr(course, name)) for name in PlanFacts.__dataclass_fields__}
    return state_after(PlanFacts(**now), baseline=course.baseline, given=given, seen=seen)
