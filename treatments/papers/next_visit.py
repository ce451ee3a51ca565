"""What comes next for the patient, in the same words on every paper that goes home."""

import datetime

from treatments.appointments.models import Appointment
from treatments.courses.models import Course
from treatments.records.formatting import day


def next_visit(course: Course | None, booked: Appointment | None, today: datetime.date) -> tuple[str, str] | None:
    """Which visit, and when: what is booked, else what the course plans now. None where it plans nothing."""
    if booked is not None:
        return "Next visit", f"booked for {day(booked.day)} at {booked.time:%H:%M}"
    if course is None or course.due is None:
        return None
    when = f"planned for {course.due.label()}" if course.due.until >= today else "please ask us for a day"
    return "Follow-up" if course.awaits_follow_up else "Next session", when
