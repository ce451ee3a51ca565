"""Who is telephoned about the next visit: computed from bookings and calls, and stored where lists can leave them out.

Whoever is booked is not called until that day is over, whoever postponed not before the day they named, and who does
not want not again: until the course waits for another visit, after a session or by a new plan, or a visit is booked
after all. A booking is a later word than the call before it: who cancels it, or does not come, is called again.
"""

import uuid
from typing import Any

from django.db.models import Max, Q

from treatments.appointments.models import Appointment, Call
from treatments.appointments.vocabulary import SETTLES_CALLING, Outcome
from treatments.courses.models import Course


def recompute(patient_id: uuid.UUID) -> None:
    """Bring what is stored of a patient's courses in line."""
    for course in Course.objects.filter(patient_id=patient_id).order_by("id"):
        booked = _bookings(course).booked()
        last = last_word(course)
        Course.objects.filter(pk=course.pk).update(
            booked_until=booked.aggregate(last=Max("day"))["last"],
            postponed_to=last.until if last else None,
            does_not_want=last is not None and last.outcome == Outcome.DOES_NOT_WANT,
        )


def last_word(course: Course) -> Call | None:
    """The latest call about what the course waits for now in which the patient was spoken to; None where a visit was
    booked since. A booking that is struck out was never made."""
    if not course.next_due:
        return None
    calls = Call.objects.standing().filter(course=course, about_due=course.next_due, outcome__in=SETTLES_CALLING)
    last: Call | None = calls.newest_first().first()
    if last is not None and _bookings(course).filter(created_at__gt=last.at).exists():
        return None
    return last


def _bookings(course: Course) -> Any:
    """Those that stand for a course. One without a plan counts for each of the patient's."""
    rows = Appointment.objects.standing()
    return rows.filter(Q(course=course) | Q(course=None), patient_id=course.patient_id)
