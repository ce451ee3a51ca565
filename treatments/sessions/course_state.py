"""The state of a course, computed from its plan and its sessions, and stored where lists can sort by it."""

import datetime
import uuid

from django.core.exceptions import ValidationError

from treatments.courses.models import Course, ExosomeSession
from treatments.courses.schedule import Given, next_due, state_after
from treatments.courses.vocabulary import CourseState, Phase
from treatments.patients.models import Patient
from treatments.photos import final_photos
from treatments.records.months import add_months
from treatments.records.partial_dates import PartialDate

CHECKPOINT_TOLERANCE = datetime.timedelta(days=15)


def lock(course_id: uuid.UUID) -> Course:
    """The course, locked until the transaction ends. It is always the first lock taken; lots come after it."""
    return Course.objects.select_for_update(no_key=True).get(pk=course_id)


def check_patient(patient: Patient, when: PartialDate, *, field: str | None, what: str) -> None:
    """Raises ValidationError where the patient was archived, or had died, by then. To be called in the transaction."""
    for problem in patient.treatment_day_problems(when, field=field or "", what=what):
        raise ValidationError({field: problem.sentence} if field else problem.sentence)


def recompute(course_id: uuid.UUID) -> Course:
    """Bring a course's computed columns, and its patient's, in line with its plan and standing sessions."""
    course = Course.objects.select_related("patient").get(pk=course_id)
    sessions = ExosomeSession.objects.standing().filter(course=course).in_order()
    given = [Given(phase, on) for phase, on in sessions.values_list("phase", "performed_on")]
    stopped = course.stopped_on is not None
    due = None if stopped else next_due(course.facts, baseline_on=course.baseline_on, given=given)
    course.state = state_after(course.facts, baseline_on=course.baseline_on, given=given, stopped=stopped)
    course.sessions_done = len(given)
    course.last_session_on = given[-1].on if given else None
    course.next_due_on = due.on if due else None
    course.next_due_until = due.until if due else None
    is_over = course.is_struck_out or course.state == CourseState.STOPPED
    course.final_photos_from = None if is_over else final_photos_from(course, given)
    course.final_photos_missing = final_photos.are_missing(course.patient_id, course.views, course.final_photos_from)
    Course.objects.filter(pk=course.pk).update(
        state=course.state,
        sessions_done=course.sessions_done,
        last_session_on=course.last_session_on,
        next_due_on=course.next_due_on,
        next_due_until=course.next_due_until,
        final_photos_from=course.final_photos_from,
        final_photos_missing=course.final_photos_missing,
        patient_archived=course.patient.archived_at is not None,
    )
    recompute_patient(course.patient_id)
    return course


def recompute_patient(patient_id: uuid.UUID) -> None:
    """The earliest due day of the patient's open courses, and the state of the newest, open ones first."""
    courses = list(Course.objects.standing().filter(patient_id=patient_id).open_first())
    due = [course.next_due_on for course in courses if course.is_open and course.next_due_on]
    Patient.objects.filter(pk=patient_id).update(
        next_due_on=min(due, default=None), course_state=courses[0].state if courses else ""
    )


def final_photos_from(course: Course, given: list[Given]) -> datetime.date | None:
    """The first day whose photos count as the course's final ones; None while the opening run is under way.

    The last checkpoint of the plan, less 15 days, but not before the last session of the opening run.
    """
    induction = [session.on for session in given if session.phase == Phase.INDUCTION]
    if len(induction) < course.sessions_planned or not course.views:
        return None
    last = max(induction)
    if not course.checkpoints:
        return last
    return max(last, add_months(course.baseline_on, max(course.checkpoints)) - CHECKPOINT_TOLERANCE)
