"""What the course chart and its table are drawn from: plain, frozen facts of one course."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

DOUBTFUL_VERDICTS = frozenset({"within_error", "too_early", "not_comparable", "estimate"})


@dataclass(frozen=True, slots=True)
class StagePoint:
    """One grading. `rank` orders the stages of the scale, higher is more loss; None where the
    scale has no single order. Two codes of one rank differ in pattern, not in extent."""

    day: date
    code: str
    label: str
    rank: int | None
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class DensityPoint:
    """Hair density as percent change against Month 0.

    A measured change has `value` and, where known, `error_pct`: the smallest detectable change in
    percent points either side. A visual estimate is a range `low` to `high`, or a value, with
    `is_estimate`. Neither figure: something was said (`note`) and nothing was counted.
    """

    day: date
    low: float | None
    high: float | None
    value: float | None
    error_pct: float | None
    method_label: str
    is_estimate: bool
    verdict_code: str
    verdict_label: str
    note: str = ""

    @property
    def span(self) -> tuple[float, float] | None:
        """The lowest and highest figure given, error left out; None without a figure."""
        given = [figure for figure in (self.low, self.high, self.value) if figure is not None]
        return (min(given), max(given)) if given else None

    @property
    def reach(self) -> tuple[float, float] | None:
        """The span widened by the error; a density cannot fall by more than 100 %."""
        if self.span is None:
            return None
        error = abs(self.error_pct or 0)
        return max(-100.0, self.span[0] - error), self.span[1] + error

    @property
    def is_beyond_error(self) -> bool:
        """True when a measured change, with its known error, stays on one side of no change, and
        its verdict does not speak against it."""
        if self.is_estimate or self.error_pct is None or self.reach is None:
            return False
        if self.verdict_code in DOUBTFUL_VERDICTS:
            return False
        low, high = self.reach
        return low > 0 or high < 0


@dataclass(frozen=True, slots=True)
class SessionTick:
    """One treatment session; `total_ml` in mL, None where it was not recorded."""

    day: date
    number: int
    total_ml: float | None
    url: str
    phase: str = "induction"


@dataclass(frozen=True, slots=True)
class PlannedWindow:
    """A stretch of days in which something is planned, both ends included."""

    first: date
    last: date
    label: str


@dataclass(frozen=True, slots=True)
class EventMark:
    """An adverse event. It stands at its onset; where that is not known, at `day`, when it was
    reported. `grade` is the CTCAE grade, 1 to 5."""

    onset: date | None
    day: date
    label: str
    grade: int
    serious: bool
    is_open: bool
    url: str

    @property
    def at(self) -> date:
        return self.onset or self.day


@dataclass(frozen=True, slots=True)
class PhotoMark:
    """The photos of one day: `label` says which, `thumb_url` shows one of them, "" if it cannot; `word` is what may
    be said of a change since Month 0."""

    day: date
    thumb_url: str
    label: str
    url: str
    word: str = ""


@dataclass(frozen=True, slots=True)
class ChartCourse:
    """One course, ready to be drawn. `baseline` is Month 0; `end` is where the course ended, None
    while it runs, and `end_word` how; `asked_none` are the days on which events were asked for and
    there were none."""

    baseline: date
    today: date
    end: date | None
    stage_scale_label: str
    stages: tuple[StagePoint, ...] = ()
    density: tuple[DensityPoint, ...] = ()
    sessions: tuple[SessionTick, ...] = ()
    planned: tuple[PlannedWindow, ...] = ()
    events: tuple[EventMark, ...] = ()
    asked_none: tuple[date, ...] = ()
    photos: tuple[PhotoMark, ...] = ()
    # Days that stand for a month whose day was not recorded: they are drawn on the first, and never said.
    only_months: frozenset[date] = frozenset()
    end_word: str = "ended"

    @property
    def reached(self) -> date:
        """How far the course has come: today, or the day it ended."""
        return self.today if self.end is None else min(self.today, self.end)

    @property
    def reached_words(self) -> str:
        """ "today, 16 Jun 2025", "stopped, 17 Nov 2026"."""
        word = "today" if self.reached != self.end else self.end_word
        return f"{word}, {self.spelled(self.reached)}"

    def spelled(self, day: date) -> str:
        """ "14 May 2025", or "May 2025" where the day was not recorded."""
        return f"{day:%b %Y}" if day in self.only_months else f"{day.day} {day:%b %Y}"

    @property
    def days(self) -> tuple[date, ...]:
        """Every day on which something was recorded, in order."""
        return tuple(
            sorted(
                [s.day for s in self.stages]
                + [d.day for d in self.density]
                + [s.day for s in self.sessions]
                + [e.at for e in self.events]
                + list(self.asked_none)
                + [p.day for p in self.photos]
            )
        )
