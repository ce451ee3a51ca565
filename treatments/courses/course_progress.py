"""A course as a row of dots: what was given, what is due, what is planned. No Django here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from treatments.courses.intervals import Given, sort_key
from treatments.courses.schedule import Due, DueState, PlanFacts, Timing, Window, next_due, next_visit, timing
from treatments.courses.vocabulary import Phase, PlannedVisit
from treatments.records.formatting import count
from treatments.records.months import label as month_label
from treatments.records.partial_dates import PartialDate, of_day

FURTHEST = 36
"""How many planned sessions are drawn at most; a yearly refresh would go on for ever."""


@dataclass(frozen=True, slots=True)
class GivenSession:
    """A session that counts, under the `key` by which its dot is found."""

    key: Any
    given: Given


@dataclass(frozen=True, slots=True)
class Dot:
    """One place in the course. `kind` is done, due, overdue or planned; `number` is its place by date among the
    sessions, None for the follow-up, whose `phase` is "follow_up"."""

    kind: str
    phase: str
    number: int | None
    window: Window
    month: str
    deviation: str = ""
    key: Any = None

    @property
    def phase_label(self) -> str:
        return str(PlannedVisit.FOLLOW_UP.label if self.number is None else Phase(self.phase).label)

    @property
    def text(self) -> str:
        """When it was given or is planned, as far as that is known."""
        return self.window.label()


def row(
    plan: PlanFacts,
    *,
    baseline: PartialDate,
    given: Sequence[GivenSession],
    seen: Sequence[PartialDate] = (),
    today: date,
    closed: bool = False,
) -> list[Dot]:
    """The dots of a course, by date. A closed course (stopped or finished) has no more to come. `seen` are its visits
    without a session."""
    dots: list[Dot] = []
    before: list[Given] = []
    for number, session in enumerate(sorted(given, key=lambda each: sort_key(each.given.when)), start=1):
        when = session.given.when
        due = next_due(plan, baseline=baseline, given=before)
        dots.append(
            Dot(
                "done",
                session.given.phase,
                number,
                Window(when, when),
                month_label(baseline, when).text,
                deviation(due, session.given),
                session.key,
            )
        )
        before.append(session.given)
    return dots if closed else dots + _to_come(plan, baseline, before, list(seen), today)


def deviation(due: Due | None, given: Given) -> str:
    """How far outside the tolerated span a session was given: "9 days late"; "" when on time or unplanned."""
    if due is None or due.phase != given.phase:
        return ""
    word, days = timing(due, given.when)
    if word is Timing.ON_TIME:
        return ""
    at_least = "" if given.when.is_exact and due.window.is_exact else "at least "
    return f"{at_least}{count(abs(days), 'day')} {word.value}"


def _to_come(
    plan: PlanFacts, baseline: PartialDate, given: list[Given], seen: list[PartialDate], today: date
) -> list[Dot]:
    dots: list[Dot] = []
    done, visits = list(given), list(seen)
    while len(dots) < FURTHEST:
        visit = next_visit(plan, baseline=baseline, given=done, seen=visits)
        due = next_due(plan, baseline=baseline, given=done)
        if visit is None:
            break
        is_overdue = not dots and visit.window.state(today) is DueState.OVERDUE
        kind = "overdue" if is_overdue else "planned" if dots else "due"
        month = month_label(baseline, visit.window.first).text
        # What follows an overdue visit can be counted from today at the earliest.
        when = of_day(today) if is_overdue else visit.window.first
        if visit.kind == PlannedVisit.FOLLOW_UP or due is None:
            dots.append(Dot(kind, PlannedVisit.FOLLOW_UP, None, visit.window, month))
            visits.append(when)
            continue
        dots.append(Dot(kind, due.phase, len(done) + 1, visit.window, month))
        if due.phase == Phase.ANNUAL_REFRESH:
            break
        done.append(Given(due.phase, when))
    return dots
