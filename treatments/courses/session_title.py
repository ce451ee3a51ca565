"""The heading of a session that is being entered: all of it follows from the day it was given. No Django queries."""

from collections.abc import Sequence
from dataclasses import dataclass

from treatments.courses.models import Course
from treatments.courses.schedule import session_number
from treatments.courses.vocabulary import Phase
from treatments.records.months import label as month_label
from treatments.records.partial_dates import PartialDate


@dataclass(frozen=True)
class Heading:
    """ "Session 4 of 5", "Monday 23 November 2026", "Month 3", and the session before it: "Session 3, 22 Oct 2026"."""

    title: str
    day: str
    month: str
    before: str


def heading(course: Course, given: Sequence[PartialDate], *, when: PartialDate, phase: str) -> Heading:
    """`given` are the days of the course's standing sessions, in order."""
    number = session_number(when.earliest, [each.earliest for each in given])
    before = f"Session {number - 1}, {given[number - 2].label()}" if number > 1 else "No session before this one"
    return Heading(
        title=title(course, number, phase),
        day=f"{when.earliest:%A %-d %B %Y}" if when.precision == "day" else f"{when.earliest:%B %Y}",
        month=month_label(course.baseline_on, when.earliest).text,
        before=before,
    )


def title(course: Course, number: int, phase: str) -> str:
    """ "Session 4 of 5" in the opening run, "Session 7, maintenance" after it."""
    if phase == Phase.INDUCTION and number <= course.sessions_planned:
        return f"Session {number} of {course.sessions_planned}"
    return f"Session {number}, {Phase(phase).label.lower()}"
