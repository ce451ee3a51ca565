"""The state of a course, computed from its plan and its sessions, and stored where lists can sort by it."""

import datetime
import uuid
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from clinic.staff.models import User
from treatments.courses.intervals import Given
from treatments.courses.models import Course, ExosomeSession
from treatments.courses.schedule import next_due, state_after
from treatments.courses.vocabulary import CourseState, Phase
from treatments.patients.models import Patient
from treatments.photos import final_photos
from treatments.records.fields import DatePrecision
from treatments.records.models import partial
from treatments.records.months import shifted
from treatments.records.partial_dates import PartialDate

CHECKPOINT_TOLERANCE = datetime.timedelta(days=15)


def lock(course_id: uuid.UUID) -> Course:
    """The course, locked until the transaction ends. It is always the first lock taken; lots come after it."""
    return Course.objects.select_for_update(no_key=True).get(pk=course_id)


def check_patient(patient: Patient, when: PartialDate, *, field: str | None, what: str) -> None:
    """Raises ValidationError where the patient was archived, or had died, by then. To be called in the transaction."""
    for problem in patient.treatment_day_problems(when, field=field or "", what=what):
        raise ValidationError({field: problem.sentence} if field else problem.sentence)


def sessions_given(course: Course) -> list[Given]:
    """The standing sessions of a course, in order. One query."""
    rows = ExosomeSession.objects.standing().filter(course=course).in_order()
    columns = rows.values_list("phase", "performed_on", "performed_precision", "outcome")
    return [Given(phase, partial(on, precision), outcome) for phase, on, precision, outcome in columns]


def recompute(course_id: uuid.UUID) -> Course:
    """Bring a course's computed columns, and its patient's, in line with its plan and standing sessions."""
    course = Course.objects.select_related("patient").get(pk=course_id)
    given = sessions_given(course)
    stopped = course.stopped_on is not None
    due = None if stopped or course.is_struck_out else next_due(course.facts, baseline=course.baseline, given=given)
    state = state_after(course.facts, baseline=course.baseline, given=given, stopped=stopped)
    is_over = course.is_struck_out or state == CourseState.STOPPED
    photos_from = None if is_over else final_photos_from(course, given)
    computed = {
        "state": state,
        "sessions_done": len(given),
        "last_session_on": given[-1].when.earliest if given else None,
        "last_session_precision": DatePrecision.of(given[-1].when) if given else DatePrecision.DAY,
        "next_due": due.window.text if due else "",
        "next_due_on": due.on if due else None,
        "next_due_until": due.until if due else None,
        "next_due_place": due.number if due else None,
        "final_photos_from": photos_from,
        "final_photos_missing": final_photos.are_missing(course.patient_id, course.views, photos_from),
        "patient_archived": course.patient.archived_at is not None,
    }
    for column, value in computed.items():
        setattr(course, column, value)
    Course.objects.filter(pk=course.pk).update(**computed)
    recompute_patient(course.patient_id)
    return course


def course_without(session: ExosomeSession, *, by: User) -> Course:
    """The course as it would be without this session, found by striking it out and taking that back."""
    with transaction.atomic():
        ExosomeSession.objects.filter(pk=session.pk).update(
            struck_out_at=timezone.now(), struck_out_by=by, struck_out_reason="To see what follows"
        )
        course = recompute(session.course_id)
        transaction.set_rollback(True)
    return course


def recompute_patient(patient_id: uuid.UUID) -> None:
    """What the patient's open courses wait for first, and the state of the newest, open ones first."""
    courses = list(Course.objects.standing().filter(patient_id=patient_id).open_first())
    first = next_of(courses)
    Patient.objects.filter(pk=patient_id).update(
        next_due=first.next_due if first else "",
        next_due_on=first.next_due_on if first else None,
        next_due_until=first.next_due_until if first else None,
        course_state=courses[0].state if courses else "",
    )


def next_of(courses: Iterable[Course]) -> Course | None:
    """Of the open courses that whose next session is the first to be overdue."""
    due = [course for course in courses if course.is_open and course.next_due_on and course.next_due_until]
    return min(due, key=lambda course: (course.next_due_until, course.next_due_on), default=None)


def final_photos_from(course: Course, given: list[Given]) -> datetime.date | None:
    """The first day whose photos count as the course's final ones; None while the opening run is under way.

    The last checkpoint of the plan, less 15 days, but not before the last session of the opening run. Where that is
    known to the month only, photos of that month count.
    """
    induction = [each.when.earliest for each in given if each.phase == Phase.INDUCTION and each.fills_place]
    if len(induction) < course.sessions_planned or not course.views:
        return None
    last = max(induction)
    if not course.checkpoints:
        return last
    return max(last, shifted(course.baseline, max(course.checkpoints)).earliest - CHECKPOINT_TOLERANCE)
