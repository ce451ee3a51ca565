"""The heading of a session that is being entered: all of it follows from the day it was given. No Django queries."""

from collections.abc import Sequence
from dataclasses import dataclass

from treatments.courses.intervals import Given, sort_key
from treatments.courses.models import Course, Plan
from treatments.courses.schedule import places_filled
from treatments.courses.vocabulary import Phase, SessionOutcome
from treatments.records.months import label as month_label
from treatments.records.partial_dates import PartialDate


@dataclass(frozen=True)
class Heading:
    """ "Session 4 of 5", "Monday 23 November 2026", "Month 3", and the session before it: "Session 3, 22 Oct 2026"."""

    title: str
    day: str
    month: str
    before: str


def heading(course: Course, given: Sequence[Given], *, when: PartialDate, phase: str) -> Heading:
    """`given` are the course's standing sessions, in order."""
    earlier = [each for each in given if sort_key(each.when) < sort_key(when)]
    number = len(earlier) + 1
    before = f"Session {number - 1}, {earlier[-1].when.label()}" if earlier else "No session before this one"
    return Heading(
        title=title(course, number, places_filled(earlier, phase) + 1, phase),
        day=f"{'about ' if when.approximate else ''}{_spelled(when)}",
        month=month_label(course.baseline, when).text,
        before=before,
    )


def title(course: Plan, number: int, place: int, phase: str, outcome: str = SessionOutcome.COMPLETED) -> str:
    """ "Session 4 of 5" where the fourth session fills the fourth place of the opening run, "Session 5, 4 of 5 planned"
    where another came between; "Session 6, extra" beyond the plan, "Session 3, broken off", "Session 7, maintenance".

    `number` is the place by date among all sessions of the course, `place` among those that fill a place of the phase.
    """
    if outcome == SessionOutcome.ABORTED:
        return f"Session {number}, {SessionOutcome(outcome).label.lower()}"
    if phase != Phase.INDUCTION:
        return f"Session {number}, {Phase(phase).label.lower()}"
    if place > course.sessions_planned:
        return f"Session {number}, extra"
    if number == place:
        return f"Session {number} of {course.sessions_planned}"
    return f"Session {number}, {place} of {course.sessions_planned} planned"


def _spelled(when: PartialDate) -> str:
    return f"{when.earliest:%A %-d %B %Y}" if when.precision == "day" else f"{when.earliest:%B %Y}"
