"""What is due next in a course: induction, then maintenance, then a refresh now and then.

Intervals are calendar months, clamped to the month's end. No Django here.

- Induction: `sessions_planned` sessions, `interval_months` apart, the first on the baseline day.
- Maintenance: between `maintenance_from_month` and `maintenance_to_month` after the baseline; one
  session, or one every `maintenance_interval_months` as long as the window lasts.
- Refresh: one session every `refresh_months` after the last, for as long as the course is open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple

from treatments.courses.protocol import MAX_DAYS_PER_MONTH, MIN_DAYS_PER_MONTH
from treatments.courses.vocabulary import CourseState, Phase
from treatments.records.months import add_months

TOLERANCE = timedelta(days=30)
"""How late a maintenance or refresh session may be and still be called on time."""


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A course's plan; None where the plan has no such part. All intervals in calendar months."""

    sessions_planned: int
    interval_months: int = 1
    maintenance_from_month: int | None = None
    maintenance_to_month: int | None = None
    maintenance_interval_months: int | None = None
    refresh_months: int | None = None


class Given(NamedTuple):
    """A session that counts: its phase and its day."""

    phase: str
    on: date


@dataclass(frozen=True, slots=True)
class Due:
    """The next session: planned from `on` to `until`, tolerated from `earliest` to `latest`.

    `number` counts within the phase, from 1.
    """

    phase: Phase
    number: int
    on: date
    until: date
    earliest: date
    latest: date


class Timing(Enum):
    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"


def next_due(plan: PlanFacts, *, baseline_on: date, given: Iterable[Given]) -> Due | None:
    """The next session of the plan; None when the plan is complete. Rescue sessions fill no place."""
    sessions = sorted(given, key=lambda g: g.on)
    induction = [g.on for g in sessions if g.phase == Phase.INDUCTION]
    if len(induction) < plan.sessions_planned:
        return _induction(plan, baseline_on, induction)
    refreshed = any(g.phase == Phase.ANNUAL_REFRESH for g in sessions)
    maintained = [g.on for g in sessions if g.phase == Phase.MAINTENANCE]
    due = None if refreshed else _maintenance(plan, baseline_on, induction, maintained)
    return due or _refresh(plan, sessions)


def state_after(plan: PlanFacts, *, baseline_on: date, given: Iterable[Given], stopped: bool = False) -> CourseState:
    """Where the course stands: the phase of what is due next; finished when nothing is."""
    if stopped:
        return CourseState.STOPPED
    due = next_due(plan, baseline_on=baseline_on, given=given)
    if due is None:
        return CourseState.FINISHED
    return {
        Phase.INDUCTION: CourseState.INDUCTION,
        Phase.MAINTENANCE: CourseState.MAINTENANCE,
    }.get(due.phase, CourseState.REFRESH)


def timing(due: Due, day: date) -> tuple[Timing, int]:
    """Early, on time or late, and by how many days outside the tolerated span (negative: early)."""
    if day < due.earliest:
        return Timing.EARLY, (day - due.earliest).days
    if day > due.latest:
        return Timing.LATE, (day - due.latest).days
    return Timing.ON_TIME, 0


def days_overdue(due: Due, today: date) -> int:
    """Days past the planned day or window; 0 while it has not passed."""
    return max(0, (today - due.until).days)


def session_number(performed_on: date, days: Iterable[date]) -> int:
    """The place of a session among the days of its course's sessions, counted from 1."""
    return 1 + sum(day < performed_on for day in days)


def _induction(plan: PlanFacts, baseline_on: date, done: list[date]) -> Due:
    number = len(done) + 1
    if not done:
        return Due(Phase.INDUCTION, 1, baseline_on, baseline_on, baseline_on, baseline_on + TOLERANCE)
    last, months = done[-1], plan.interval_months
    on = add_months(last, months)
    return Due(
        Phase.INDUCTION,
        number,
        on,
        on,
        last + timedelta(days=MIN_DAYS_PER_MONTH * months),
        last + timedelta(days=MAX_DAYS_PER_MONTH * months),
    )


def _maintenance(plan: PlanFacts, baseline_on: date, induction: list[date], done: list[date]) -> Due | None:
    every, first_month, last_month = (
        plan.maintenance_interval_months,
        plan.maintenance_from_month,
        plan.maintenance_to_month,
    )
    number = len(done) + 1
    if done:
        if every is None:
            return None
        on = add_months(done[-1], every)
        if last_month is not None and on > add_months(baseline_on, last_month):
            return None
        return Due(Phase.MAINTENANCE, number, on, on, on - TOLERANCE, on + TOLERANCE)
    if first_month is None:
        if every is None or not induction:
            return None
        on = add_months(induction[-1], every)
        return Due(Phase.MAINTENANCE, number, on, on, on - TOLERANCE, on + TOLERANCE)
    on = add_months(baseline_on, first_month)
    until = add_months(baseline_on, last_month) if last_month is not None and every is None else on
    return Due(Phase.MAINTENANCE, number, on, until, on, until + TOLERANCE)


def _refresh(plan: PlanFacts, sessions: list[Given]) -> Due | None:
    if plan.refresh_months is None or not sessions:
        return None
    number = 1 + sum(g.phase == Phase.ANNUAL_REFRESH for g in sessions)
    on = add_months(sessions[-1].on, plan.refresh_months)
    return Due(Phase.ANNUAL_REFRESH, number, on, on, on - TOLERANCE, on + TOLERANCE)
