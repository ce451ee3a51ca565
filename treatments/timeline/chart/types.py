"""What the course chart and its table are drawn from: plain, frozen facts of one course."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Literal

from treatments.records import formatting

DOUBTFUL_VERDICTS = frozenset({"within_error", "no_clear_change", "too_early", "not_comparable", "estimate"})


@dataclass(frozen=True, slots=True)
class StagePoint:
    """One grading. `rank` orders the stages of the scale, higher is more loss; None where the
    scale has no single order. Two codes of one rank differ in pattern, not in extent."""

    day: date
    code: str
    label: str
    rank: int | None


@dataclass(frozen=True)
class DensityPoint:
    """Hair density as percent change against the baseline of its spot.

    A measured change has `value` and, where known, the `interval` in which the true one lies. A visual estimate is a
    range `low` to `high`, or a value, with `is_estimate`. Neither figure: something was noted (`note`) and nothing was
    counted. `series` is where and how it was measured: points of two series tell of different hairs.
    """

    day: date
    low: float | None
    high: float | None
    value: float | None
    interval: tuple[float, float] | None
    method_label: str
    is_estimate: bool
    verdict_code: str
    verdict_label: str
    note: str = ""
    series: str = ""

    @cached_property
    def figures(self) -> list[float]:
        return [figure for figure in (self.low, self.high, self.value) if figure is not None]

    @cached_property
    def reach(self) -> tuple[float, float]:
        """From the lowest to the highest figure and end of the interval; a density cannot fall by more than 100 %."""
        ends = [*self.figures, *(self.interval or ())]
        return max(-100.0, min(ends)), max(ends)

    @property
    def middle(self) -> float:
        return (min(self.figures) + max(self.figures)) / 2 if self.value is None else self.value

    @property
    def is_beyond_error(self) -> bool:
        """True when a measured change, with its known interval, stays on one side of no change, and
        its verdict does not speak against it."""
        is_doubtful = self.interval is None or self.verdict_code in DOUBTFUL_VERDICTS
        return not is_doubtful and not self.reach[0] <= 0 <= self.reach[1]

    @property
    def mark(self) -> Literal["line", "box", "disc", "ring"]:
        """A line where there is no figure, a box for an estimate, a disc for a change beyond its error."""
        if not self.figures:
            return "line"
        if self.is_estimate:
            return "box"
        return "disc" if self.is_beyond_error else "ring"


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


@dataclass(frozen=True)
class ChartCourse:
    """One course, ready to be drawn; its records are put in order of time. `baseline` is Month 0; `end` is where the
    course ended, None while it runs, and `end_word` how; `asked_none` are the days on which events were asked for and
    there were none; `only_months` are the days that stand for a month whose day was not recorded."""

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
    only_months: frozenset[date] = frozenset()
    end_word: str = "ended"

    def __post_init__(self) -> None:
        for name in ("stages", "density", "sessions", "photos"):
            object.__setattr__(self, name, tuple(sorted(getattr(self, name), key=attrgetter("day"))))

    @cached_property
    def month_names(self) -> dict[date, str]:
        """The Month of each day that was named so far."""
        return {}

    @property
    def reached(self) -> date:
        """How far the course has come: today, or the day it ended."""
        return min(self.today, self.end or self.today)

    @cached_property
    def days(self) -> list[date]:
        """Every day on which something was recorded, in order."""
        records = (*self.stages, *self.density, *self.sessions, *self.photos)
        return sorted([*map(attrgetter("day"), records), *map(attrgetter("at"), self.events), *self.asked_none])

    def spelled(self, day: date) -> str:
        """ "14 May 2025", or "May 2025" where the day was not recorded."""
        return formatting.month(day) if day in self.only_months else formatting.day(day)
