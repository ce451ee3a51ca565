"""What is due next in a course: induction, then maintenance, then a refresh now and then; and what "due" means.

Intervals are calendar months, clamped to the month's end. From a date known to its month what follows is known to the
month too, and nothing is overdue before the last day that may have been meant. No Django here.

- Induction: `sessions_planned` sessions, `interval_months` apart, the first at Month 0. The one session of a walk-in
  is never asked for.
- Maintenance: between `maintenance_from_month` and `maintenance_to_month` after Month 0, but not before the opening run
  is over and an interval has passed; one session, or one every `maintenance_interval_months` while the window lasts.
- Follow-up: one visit between `follow_up_from_month` and `follow_up_to_month` after Month 0, but as maintenance not
  before the opening run is over and an interval has passed. Whatever brings the patient in then, a session too, is it.
- Refresh: one session every `refresh_months` after the last, for as long as the course is open.

A rescue session fills no place of the plan, nor does one that was broken off; one that was partly given does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from treatments.courses.intervals import MAX_DAYS_PER_MONTH, MIN_DAYS_PER_MONTH, Given, in_order
from treatments.courses.vocabulary import CourseState, Phase, PlannedVisit
from treatments.records.formatting import count
from treatments.records.months import shifted
from treatments.records.partial_dates import PartialDate

TOLERANCE = timedelta(days=30)
"""How late a maintenance or refresh session may be and still be called on time."""

FOLLOW_UP_TOLERANCE = timedelta(days=15)
"""How long before its window a visit may be and still be the follow-up: half a month, so that no other Month is
meant."""


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A course's plan; None where the plan has no such part. All intervals in calendar months."""

    sessions_planned: int
    interval_months: int = 1
    maintenance_from_month: int | None = None
    maintenance_to_month: int | None = None
    maintenance_interval_months: int | None = None
    refresh_months: int | None = None
    follow_up_from_month: int | None = None
    follow_up_to_month: int | None = None
    is_walk_in: bool = False

    @property
    def asks_no_session(self) -> bool:
        """Whether the one session of the opening run is what brought the patient in: nobody planned it, so that without
        it none is waited for. With a longer run somebody planned the others."""
        return self.is_walk_in and self.sessions_planned == 1

    @property
    def last_month_of_run(self) -> int:
        """The Month in which the opening run ends, where every session is given on its day."""
        return (self.sessions_planned - 1) * self.interval_months


class DueState(Enum):
    """What "due" means, on every page."""

    LATER = "later"
    TODAY = "today"
    OPEN = "open"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Window:
    """When something is planned: from `first` to `last`, which are one where it is planned for a day or a month."""

    first: PartialDate
    last: PartialDate

    @classmethod
    def read(cls, text: str) -> Window:
        """From its EDTF spelling. Raises ValueError."""
        first, _, last = text.partition("/")
        return cls(PartialDate(first), PartialDate(last or first))

    @property
    def text(self) -> str:
        """In EDTF spelling: "2025-05-14", "2025-05", "2025-07-14/2025-10-14"."""
        return self.first.text if self.first == self.last else f"{self.first.text}/{self.last.text}"

    @property
    def on(self) -> date:
        """The first day on which it may be meant."""
        return self.first.bounds()[0]

    @property
    def until(self) -> date:
        """The last day on which it may be meant: overdue is counted from here."""
        return self.last.bounds()[1]

    @property
    def is_exact(self) -> bool:
        """Whether its end is known to the day."""
        return self.last.is_exact

    def label(self) -> str:
        """ "14 May 2025", "May 2025", "14 Jul to 14 Oct 2025"."""
        if self.first == self.last:
            return self.first.label()
        first, last = self.first.label(), self.last.label()
        year = f" {self.last.parts[0]}"
        return f"{first.removesuffix(year)} to {last}"

    def state(self, today: date) -> DueState:
        if today > self.until:
            return DueState.OVERDUE
        if today < self.on:
            return DueState.LATER
        return DueState.TODAY if self.on == self.until else DueState.OPEN

    def days_overdue(self, today: date) -> int:
        """Days since the last that may have been meant; 0 while it has not passed."""
        return max(0, (today - self.until).days)

    def standing(self, today: date) -> str:
        """ "due today", "open now, until 14 Oct 2025", "due in May 2025", "12 days overdue", "due 14 May 2025"."""
        days = self.days_overdue(today)
        match self.state(today):
            case DueState.OVERDUE:
                return f"{'' if self.is_exact else 'at least '}{count(days, 'day')} overdue"
            case DueState.TODAY:
                return "due today"
            case DueState.OPEN if self.first != self.last:
                return f"due now, until {self.last.label()}"
        is_a_month = self.first == self.last and self.first.precision != "day"
        return f"due {'in ' if is_a_month else ''}{self.label()}"

    def in_full(self, today: date) -> str:
        """With the days also where they have passed: "due Jul to Oct 2025, at least 12 days overdue"."""
        standing = self.standing(today)
        return f"due {self.label()}, {standing}" if self.state(today) is DueState.OVERDUE else standing


@dataclass(frozen=True, slots=True)
class Due:
    """The next session: planned in a `window`, tolerated from `earliest` to `latest`.

    `number` counts the places of the phase, from 1.
    """

    phase: Phase
    number: int
    window: Window
    earliest: date
    latest: date

    @property
    def on(self) -> date:
        return self.window.on

    @property
    def until(self) -> date:
        return self.window.until


@dataclass(frozen=True, slots=True)
class NextVisit:
    """What the plan has next: a session with its `number` in its part of the plan, or the follow-up, without one."""

    kind: PlannedVisit
    window: Window
    number: int | None = None


class Timing(Enum):
    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"


def next_due(plan: PlanFacts, *, baseline: PartialDate, given: Iterable[Given]) -> Due | None:
    """The next session of the plan, whether or not it is asked for; None when the plan is complete."""
    sessions = [each for each in in_order(given) if each.fills_place]
    induction = _of(sessions, Phase.INDUCTION)
    if len(induction) < plan.sessions_planned:
        return _induction(plan, baseline, induction)
    refreshed, maintained = _of(sessions, Phase.ANNUAL_REFRESH), _of(sessions, Phase.MAINTENANCE)
    due = None if refreshed else _maintenance(plan, baseline, induction, maintained)
    return due or _refresh(plan, sessions, len(refreshed) + 1)


def next_visit(
    plan: PlanFacts, *, baseline: PartialDate, given: Iterable[Given], seen: Iterable[PartialDate] = ()
) -> NextVisit | None:
    """The next visit of the plan: the follow-up where it begins no later than the next session, else that session.

    `seen` are the other visits of the course. None when the plan is complete.
    """
    sessions = list(given)
    due = next_due(plan, baseline=baseline, given=sessions)
    if _is_unasked(plan, due):
        return None
    follow_up = follow_up_window(plan, baseline=baseline, given=sessions, seen=seen)
    if follow_up is not None and (due is None or follow_up.on <= due.on):
        return NextVisit(PlannedVisit.FOLLOW_UP, follow_up)
    return NextVisit(PlannedVisit.SESSION, due.window, due.number) if due else None


def follow_up_window(
    plan: PlanFacts, *, baseline: PartialDate, given: Iterable[Given], seen: Iterable[PartialDate] = ()
) -> Window | None:
    """When the follow-up is planned; None where there is none, before the opening run is over, and once the patient
    was seen."""
    sessions = in_order(given)
    induction = _of([each for each in sessions if each.fills_place], Phase.INDUCTION)
    if plan.follow_up_from_month is None or len(induction) < plan.sessions_planned:
        return None
    rested = shifted(induction[-1], plan.interval_months)
    window = _after_rest(rested, baseline, plan.follow_up_from_month, plan.follow_up_to_month)
    from_day = window.on - FOLLOW_UP_TOLERANCE
    # A visit known to its month counts where each of its days would.
    was_seen = any(when.earliest >= from_day for when in [*seen, *(each.when for each in sessions)])
    return None if was_seen else window


def places_filled(given: Iterable[Given], phase: str) -> int:
    """How many places of a phase are filled."""
    return len(_of([each for each in given if each.fills_place], phase))


def state_after(
    plan: PlanFacts,
    *,
    baseline: PartialDate,
    given: Iterable[Given],
    seen: Iterable[PartialDate] = (),
    stopped: bool = False,
) -> CourseState:
    """Where the course stands: the phase of the session that is due next, follow-up where that visit is waited for
    before the refresh or the end; finished when nothing is due."""
    if stopped:
        return CourseState.STOPPED
    sessions = list(given)
    due = next_due(plan, baseline=baseline, given=sessions)
    if due is None or due.phase == Phase.ANNUAL_REFRESH:
        visit = next_visit(plan, baseline=baseline, given=sessions, seen=seen)
        if visit is not None and visit.kind == PlannedVisit.FOLLOW_UP:
            return CourseState.FOLLOW_UP
    if due is None or _is_unasked(plan, due):
        return CourseState.FINISHED
    return {
        Phase.INDUCTION: CourseState.INDUCTION,
        Phase.MAINTENANCE: CourseState.MAINTENANCE,
    }.get(due.phase, CourseState.REFRESH)


def timing(due: Due, when: PartialDate) -> tuple[Timing, int]:
    """Early, on time or late, and by how many days outside the tolerated span at the least (negative: early)."""
    first, last = when.bounds()
    if last < due.earliest:
        return Timing.EARLY, (last - due.earliest).days
    if first > due.latest:
        return Timing.LATE, (first - due.latest).days
    return Timing.ON_TIME, 0


def _of(sessions: Iterable[Given], phase: str) -> list[PartialDate]:
    return [each.when for each in sessions if each.phase == phase]


def _is_unasked(plan: PlanFacts, due: Due | None) -> bool:
    """Whether what has its place next is the session of a walk-in, which nobody planned."""
    return plan.asks_no_session and due is not None and due.phase == Phase.INDUCTION


def _induction(plan: PlanFacts, baseline: PartialDate, done: list[PartialDate]) -> Due:
    if not done:
        window = Window(baseline, baseline)
        return Due(Phase.INDUCTION, 1, window, window.on, window.until + TOLERANCE)
    last, months = done[-1], plan.interval_months
    low, high = last.bounds()
    on = shifted(last, months)
    return Due(
        Phase.INDUCTION,
        len(done) + 1,
        Window(on, on),
        low + timedelta(days=MIN_DAYS_PER_MONTH * months),
        high + timedelta(days=MAX_DAYS_PER_MONTH * months),
    )


def _maintenance(
    plan: PlanFacts, baseline: PartialDate, induction: list[PartialDate], done: list[PartialDate]
) -> Due | None:
    """One after another, where the plan says how far apart; the first in its window, once the opening run is over."""
    every, number = plan.maintenance_interval_months, len(done) + 1
    end = None if plan.maintenance_to_month is None else shifted(baseline, plan.maintenance_to_month)
    if done:
        on = None if every is None else shifted(done[-1], every)
        is_over = on is None or (end is not None and on.certainly_after(end))
        return None if on is None or is_over else _around(Phase.MAINTENANCE, number, on)
    rested = shifted(induction[-1], every or plan.interval_months)
    if plan.maintenance_from_month is None:
        return None if every is None else _around(Phase.MAINTENANCE, number, rested)
    last_month = plan.maintenance_to_month if every is None else None
    window = _after_rest(rested, baseline, plan.maintenance_from_month, last_month)
    return Due(Phase.MAINTENANCE, number, window, window.on, window.until + TOLERANCE)


def _after_rest(rested: PartialDate, baseline: PartialDate, from_month: int, to_month: int | None) -> Window:
    """From one Month to another, but not before the patient has `rested` from the opening run."""
    first = max(shifted(baseline, from_month), rested, key=lambda day: day.earliest)
    end = first if to_month is None else shifted(baseline, to_month)
    return Window(first, first if end.latest < first.latest else end)


def _refresh(plan: PlanFacts, sessions: list[Given], number: int) -> Due | None:
    if plan.refresh_months is None or not sessions:
        return None
    return _around(Phase.ANNUAL_REFRESH, number, shifted(sessions[-1].when, plan.refresh_months))


def _around(phase: Phase, number: int, on: PartialDate) -> Due:
    """A session planned for a day or a month, tolerated a while before and after it."""
    window = Window(on, on)
    return Due(phase, number, window, window.on - TOLERANCE, window.until + TOLERANCE)
