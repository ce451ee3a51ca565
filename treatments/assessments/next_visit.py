"""What a course has next, computed from its plan, its sessions and its other visits, and stored where lists can sort by
it. What else is computed of a course: `sessions.course_state`.
"""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from treatments.assessments.models import Assessment
from treatments.assessments.outcomes.computing import bring_outcomes_in_line
from treatments.courses.intervals import Given
from treatments.courses.models import Course, ExosomeSession
from treatments.courses.schedule import DueState, Window, next_visit, state_after
from treatments.courses.vocabulary import PlannedVisit
from treatments.patients.actions import wait_for
from treatments.patients.models import Patient
from treatments.records.models import partial
from treatments.records.partial_dates import PartialDate


def lock(course_id: uuid.UUID) -> Course:
    """The course, locked until the transaction ends, behind its patient: no two writers can wait for each other. Who
    locks several courses locks their patients first, then the courses by id. Lots come after them."""
    wait_for(*Course.objects.filter(pk=course_id).values_list("patient_id", flat=True))
    return Course.objects.select_for_update(no_key=True).get(pk=course_id)


def sessions_given(course: Course) -> list[Given]:
    """The standing sessions of a course, in order. One query."""
    rows = ExosomeSession.objects.standing().filter(course=course).in_order()
    columns = rows.values_list("phase", "performed_on", "performed_precision", "outcome")
    return [Given(phase, partial(on, precision), outcome) for phase, on, precision, outcome in columns]


def visits_seen(course: Course) -> list[PartialDate]:
    """When the patient was assessed or followed up in this course. One query."""
    rows = Assessment.objects.standing().filter(course=course)
    return [partial(on, precision) for on, precision in rows.values_list("assessed_on", "assessed_precision")]


def computed(course: Course, given: Sequence[Given]) -> dict[str, Any]:
    """The columns of a course that say where it stands and what it has next."""
    facts: dict[str, Any] = {"baseline": course.baseline, "given": given, "seen": visits_seen(course)}
    stopped = course.stopped_on is not None
    due = None if stopped or course.is_struck_out else next_visit(course.facts, **facts)
    if due is not None and _is_left_for_another(course, due.window):
        due = None
    return {
        "state": state_after(course.facts, **facts, stopped=stopped),
        "next_due": due.window.text if due else "",
        "next_due_on": due.window.on if due else None,
        "next_due_until": due.window.until if due else None,
        "next_due_place": due.number if due else None,
        "next_due_visit": due.kind if due else PlannedVisit.SESSION,
    }


def _is_left_for_another(course: Course, due: Window) -> bool:
    """Whether its next visit was overdue already when a newer course of the patient began, which goes on or was
    finished: the patient is called for that one. Two courses side by side are both called for. One query where the
    visit is overdue, else none."""
    if due.state(timezone.localdate()) is not DueState.OVERDUE:
        return False
    newer = Course.objects.standing().filter(patient=course.patient_id, stopped_on=None, baseline_on__gt=due.until)
    return newer.filter(sessions_done__gt=0).exclude(pk=course.pk).exists()


def recompute_next(course_id: uuid.UUID) -> None:
    """Bring what a course has next in line with its visits; to be called with the course locked."""
    course = Course.objects.get(pk=course_id)
    Course.objects.filter(pk=course_id).update(**computed(course, sessions_given(course)))
    recompute_patient(course.patient_id)


def recompute_patient(patient_id: uuid.UUID) -> None:
    """What the patient's open courses wait for first, the state of the newest, open ones first; and their outcomes."""
    courses = list(Course.objects.standing().filter(patient_id=patient_id).open_first())
    if len(courses) > 1:
        _recompute_beside(courses)
    first = next_of(courses)
    Patient.objects.filter(pk=patient_id).update(
        next_due=first.next_due if first else "",
        next_due_on=first.next_due_on if first else None,
        next_due_until=first.next_due_until if first else None,
        next_due_visit=first.next_due_visit if first else PlannedVisit.SESSION,
        course_state=courses[0].state if courses else "",
    )
    update_last_seen(patient_id)
    bring_outcomes_in_line(patient_id)


def _recompute_beside(courses: Iterable[Course]) -> None:
    """Bring those in line that another course decides about: whose visit is overdue or not waited for."""
    today = timezone.localdate()
    for course in courses:
        if not course.is_open or (course.next_due_until is not None and course.next_due_until >= today):
            continue
        columns = computed(course, sessions_given(course))
        if any(getattr(course, name) != value for name, value in columns.items()):
            Course.objects.filter(pk=course.pk).update(**columns)
            for name, value in columns.items():
                setattr(course, name, value)


def update_last_seen(patient_id: uuid.UUID) -> None:
    """The day in the lists on which the patient was seen last, at a session or an assessment. One query."""
    sessions = ExosomeSession.objects.standing().filter(patient_id=patient_id).order_by("-performed_on")
    assessments = Assessment.objects.standing().filter(patient_id=patient_id).order_by("-assessed_on")
    session = Subquery(sessions.values("performed_on")[:1])
    assessment = Subquery(assessments.values("assessed_on")[:1])
    # Of one that is not known SQLite makes nothing known, PostgreSQL the other.
    last = Greatest(Coalesce(session, assessment), Coalesce(assessment, session))
    Patient.objects.filter(pk=patient_id).update(last_seen_on=last)


def next_of(courses: Iterable[Course]) -> Course | None:
    """Of the open courses that whose next visit is the first to be overdue."""
    due = [course for course in courses if course.is_open and course.next_due_on and course.next_due_until]
    return min(due, key=lambda course: (course.next_due_until, course.next_due_on), default=None)
