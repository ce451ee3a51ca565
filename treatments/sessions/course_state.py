"""The state of a course, computed from its plan and its sessions, and stored where lists can sort by it."""

import datetime
import uuid

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from clinic.staff.models import User
from treatments.appointments import calling
from treatments.assessments.next_visit import computed, recompute_patient, sessions_given
from treatments.courses.intervals import Given
from treatments.courses.models import Course, ExosomeSession
from treatments.courses.vocabulary import CourseState, Phase
from treatments.patients.models import Patient
from treatments.photos import final_photos
from treatments.records.fields import DatePrecision
from treatments.records.months import shifted
from treatments.records.partial_dates import PartialDate

CHECKPOINT_TOLERANCE = datetime.timedelta(days=15)


def check_patient(patient: Patient, when: PartialDate, *, field: str | None, what: str) -> None:
    """Raises ValidationError where the patient was archived, or had died, by then. To be called in the transaction."""
    for problem in patient.treatment_day_problems(when, field=field or "", what=what):
        raise ValidationError({field: problem.sentence} if field else problem.sentence)


def recompute(course_id: uuid.UUID) -> Course:
    """Bring a course's computed columns, and its patient's, in line with its plan and what stands in it."""
    course = Course.objects.select_related("patient").get(pk=course_id)
    given = sessions_given(course)
    columns = computed(course, given)
    is_over = course.is_struck_out or columns["state"] == CourseState.STOPPED
    photos_from = None if is_over else final_photos_from(course, given)
    columns |= {
        "sessions_done": len(given),
        "last_session_on": given[-1].when.earliest if given else None,
        "last_session_precision": DatePrecision.of(given[-1].when) if given else DatePrecision.DAY,
        "final_photos_from": photos_from,
        "final_photos_missing": final_photos.are_missing(course.patient_id, course.views, photos_from),
        "patient_archived": course.patient.archived_at is not None,
    }
    for column, value in columns.items():
        setattr(course, column, value)
    Course.objects.filter(pk=course.pk).update(**columns)
    recompute_patient(course.patient_id)
    calling.recompute(course.patient_id)
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
