"""A course as a row of dots: what was given, what is due, what is planned. No Django here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from treatments.courses.schedule import Due, Given, PlanFacts, next_due
from treatments.courses.vocabulary import Phase
from treatments.records.formatting import count
from treatments.records.months import label as month_label

FURTHEST = 36
"""How many planned sessions are drawn at most; a yearly refresh would go on for ever."""


@dataclass(frozen=True, slots=True)
class GivenSession:
    """A session that counts. `latest` differs from `on` where only the month is known."""

    key: Any
    phase: str
    on: date
    latest: date


@dataclass(frozen=True, slots=True)
class Dot:
    """One place in the course. `kind` is done, due, overdue or planned; `number` is its place by date."""

    kind: str
    phase: str
    number: int
    on: date
    until: date
    month: str
    deviation: str = ""
    key: Any = None

    @property
    def phase_label(self) -> str:
        return str(Phase(self.phase).label)


def row(
    plan: PlanFacts, *, baseline_on: date, given: Sequence[GivenSession], today: date, closed: bool = False
) -> list[Dot]:
    """The dots of a course, by date. A closed course (stopped or finished) has no more to come."""
    sessions = sorted(given, key=lambda g: g.on)
    dots: list[Dot] = []
    before: list[Given] = []
    for number, session in enumerate(sessions, start=1):
        due = next_due(plan, baseline_on=baseline_on, given=before)
        dots.append(
            Dot(
                "done",
                session.phase,
                number,
                session.on,
                session.latest,
                month_label(baseline_on, session.on).text,
                deviation(due, session),
                session.key,
            )
        )
        before.append(Given(session.phase, session.on))
    return dots if closed else dots + _to_come(plan, baseline_on, before, today)


def deviation(due: Due | None, session: GivenSession) -> str:
    """How far outside the tolerated span a session was given: "9 days late"; "" when on time or unplanned."""
    if due is None or due.phase != session.phase:
        return ""
    if session.latest < due.earliest:
        return f"{count((due.earliest - session.latest).days, 'day')} early"
    if session.on > due.latest:
        return f"{count((session.on - due.latest).days, 'day')} late"
    return ""


def _to_come(plan: PlanFacts, baseline_on: date, given: list[Given], today: date) -> list[Dot]:
    dots: list[Dot] = []
    done = list(given)
    while len(dots) < FURTHEST:
        due = next_due(plan, baseline_on=baseline_on, given=done)
        if due is None:
            break
        is_first = not dots
        kind = ("overdue" if due.until < today else "due") if is_first else "planned"
        dots.append(Dot(kind, due.phase, len(done) + 1, due.on, due.until, month_label(baseline_on, due.on).text))
        if due.phase == Phase.ANNUAL_REFRESH:
            break
        # What follows an overdue session can be counted from today at the earliest.
        done.append(Given(due.phase, max(due.on, today) if kind == "overdue" else due.on))
    return dots
