"""How far apart the sessions of a course lie (rule 20), where some are known to their month only. No Django here.

What is asked about is certain: the gap is too short, or too long, whichever days of the two months it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from treatments.courses.vocabulary import Phase, SessionOutcome
from treatments.records.formatting import count
from treatments.records.partial_dates import PartialDate
from treatments.records.problems import Problem, error, warning

MIN_DAYS_PER_MONTH, MAX_DAYS_PER_MONTH = 21, 45
"""Days between two sessions, for each month of the planned interval, that raise no question."""


class Given(NamedTuple):
    """A session that stands in the record: its phase, when it was given, how it ended."""

    phase: str
    when: PartialDate
    outcome: str = SessionOutcome.COMPLETED

    @property
    def fills_place(self) -> bool:
        """Whether it fills its place in the plan: one that was broken off is still to be given."""
        return self.outcome != SessionOutcome.ABORTED


def in_order(given: Iterable[Given]) -> list[Given]:
    """By date; on one first day what is known to the day before what is known to the month."""
    return sorted(given, key=lambda each: sort_key(each.when))


def sort_key(when: PartialDate) -> tuple[object, ...]:
    """The order of sessions in a course: the same as the database's (`SessionQuerySet.in_order`)."""
    return when.earliest, when.precision, when.approximate


def interval_problems(
    when: PartialDate,
    others: Iterable[Given],
    *,
    interval_months: int = 1,
    phase: str = Phase.INDUCTION,
    was: PartialDate | None = None,
    saved_with: Iterable[PartialDate] = (),
    field: str = "performed_on",
) -> list[Problem]:
    """Rule 20: a session of a course against its `others`. The planned interval counts in the opening run only.

    `was` is when a session that is corrected was said to be given. `saved_with` are the later sessions that are saved
    together with it: each of them asks about the gap before itself. Of two sessions that are known to one month it is
    asked whether they are the same.
    """
    others = in_order(others)
    if when.is_exact and any(each.when == when for each in others):
        sentence = "This course already has a session on that day. Correct that session."
        return [error(20, field, sentence, "same_day")]
    problems = [_same_problem(when, each, field) for each in others if may_be_one_day(when, each.when)]
    before = [each for each in others if each.when.latest < when.earliest]
    after = [each for each in others if each.when.earliest > when.latest]
    if before and phase == Phase.INDUCTION:
        problems += _gap_problems(before[-1].when, when, interval_months, field, after_this=False)
    follows_at_once = after and not any(each.earliest < after[0].when.earliest for each in saved_with)
    if follows_at_once and phase == after[0].phase == Phase.INDUCTION:
        problems += _gap_problems(when, after[0].when, interval_months, field, after_this=True)
    return problems + _order_problems(when, others, after, was, field)


def baseline_problems(when: PartialDate, baseline: PartialDate, *, field: str = "when") -> list[Problem]:
    """Rule 20: a session on a day that certainly lies before Month 0 of its course is asked about."""
    if not when.certainly_before(baseline):
        return []
    sentence = f"This is before Month 0 of the course, {baseline.label()}."
    return [warning(20, field, sentence, "before_baseline")]


def _same_problem(when: PartialDate, other: Given, field: str) -> Problem:
    sentence = (
        f"This course has a session of {other.when.label()} already, and this one ({when.label()}) may be the same. "
        "If it is another session, write how you know."
    )
    return warning(20, field, sentence, "perhaps_same")


def _gap_problems(
    earlier: PartialDate, later: PartialDate, interval_months: int, field: str, *, after_this: bool
) -> list[Problem]:
    """A question where the gap is outside the plan on whichever days the two were."""
    shortest, longest = _gap(earlier, later)
    low, high = MIN_DAYS_PER_MONTH * interval_months, MAX_DAYS_PER_MONTH * interval_months
    if low <= longest and shortest <= high:
        return []
    gap = count(longest, "day") if shortest == longest else f"{shortest} to {longest} days"
    place = f"before the next session, {later.label()}" if after_this else "after the last session"
    code = (
        ("next_too_soon" if longest < low else "next_too_late")
        if after_this
        else ("too_soon" if longest < low else "too_late")
    )
    return [warning(20, field, f"{gap} {place}. The plan says {low} to {high} days.", code)]


def _gap(earlier: PartialDate, later: PartialDate) -> tuple[int, int]:
    """The least and the most days that may lie between the two."""
    (first_low, first_high), (last_low, last_high) = earlier.bounds(), later.bounds()
    return max((last_low - first_high).days, 0), (last_high - first_low).days


def _order_problems(
    when: PartialDate, others: list[Given], after: list[Given], was: PartialDate | None, field: str
) -> list[Problem]:
    """That numbers change: of what comes after a session entered late, or between the old place and the new."""
    if was is None:
        if not after:
            return []
        sentence = (
            f"There is already a later session, {after[0].when.phrase}. "
            "The sessions after this one get the next number."
        )
        return [warning(20, field, sentence, "out_of_order")]
    old, new = (1 + sum(sort_key(each.when) < sort_key(day) for each in others) for day in (was, when))
    if old == new:
        return []
    sentence = f"This session was number {old} of the course and becomes number {new}. The numbers between change too."
    return [warning(20, field, sentence, "order_changes")]


def may_be_one_day(one: PartialDate, other: PartialDate) -> bool:
    """Whether two dates may be the same day: certain where both are days, possible where one is known to its month."""
    return one.earliest <= other.latest and other.earliest <= one.latest
