"""What the course chart and its table are drawn from: plain, frozen facts of one course."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Any, Literal

from treatments.records import formatting
from treatments.records.partial_dates import PartialDate

When = date | PartialDate
"""A day; or a month or a year of which no more is known, which is drawn in its middle and never named as a day."""
DOUBTFUL_VERDICTS = frozenset({"within_error", "no_clear_change", "too_early", "not_comparable", "estimate"})


def middle(when: When) -> date:
    """Where a date is drawn."""
    if isinstance(when, date):
        return when
    return when.earliest + (when.latest - when.earliest) / 2


def _drawn_at(record: Any) -> date:
    return middle(record.day)


@dataclass(frozen=True, slots=True)
class StagePoint:
    """One grading. `rank` orders the stages of the scale, higher is more loss; None where the
    scale has no single order. Two codes of one rank differ in pattern, not in extent."""

    day: When
    code: str
    label: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class GradedScale:
    """The gradings on one staging scale; those of two scales cannot be compared."""

    label: str
    stages: tuple[StagePoint, ...]


@dataclass(frozen=True)
class DensityPoint:
    """Hair density as percent change against the baseline of its spot.

    A measured change has `value` and, where known, the `interval` in which the true one lies. A visual estimate is a
    range `low` to `high`, or a value, with `is_estimate`. Neither figure: something was noted (`note`) and nothing was
    counted. `series` is where and how it was measured: points of two series tell of different hairs.
    """

    day: When
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

    day: When
    number: int
    total_ml: float | None
    url: str
    phase: str = "induction"


@dataclass(frozen=True, slots=True)
class PlannedWindow:
    """A stretch of time in which something is planned, both ends included; a month alone is first and last."""

    first: When
    last: When
    label: str

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day of it."""
        first, last = self.first, self.last
        earliest = first if isinstance(first, date) else first.earliest
        return earliest, last if isinstance(last, date) else last.latest


@dataclass(frozen=True, slots=True)
class EventMark:
    """An adverse event. It stands at its onset; where that is not known, at `day`, that of the
    session after which it came (`follows_session`) or of its report. `grade` is the CTCAE grade, 1 to 5."""

    onset: When | None
    day: When
    label: str
    grade: int
    serious: bool
    is_open: bool
    url: str
    follows_session: bool = False

    @property
    def at(self) -> When:
        return self.onset or self.day


@dataclass(frozen=True, slots=True)
class PhotoMark:
    """The photos of one day: `label` says which, `thumb_url` shows one of them, "" if it cannot; `word` is what may
    be said of a change since Month 0."""

    day: When
    thumb_url: str
    label: str
    url: str
    word: str = ""


@dataclass(frozen=True, slots=True)
class TherapyBar:
    """A treatment besides the clinic's sessions. `began` or `ended` is None where no date is known; then `is_over` says
    whether it ended all the same, and `is_asked` whether anybody asked. `recorded` is the day it was written down. One
    that `is_occasion` was done on a day. `dose` is the first one, `changes` are the days of the others with their text.
    """

    name: str
    dose: str
    began: When | None
    ended: When | None
    recorded: date
    is_over: bool = False
    is_asked: bool = True
    is_occasion: bool = False
    changes: tuple[tuple[When, str], ...] = ()


@dataclass(frozen=True)
class ChartCourse:
    """One course, ready to be drawn; its records are put in order of time.

    `baseline` is where Month 0 is drawn, and `month_0` what is known of it, where that is no day; `end` is where the
    course ended, None while it runs, `end_word` how, and `known_end` what is known of that, where it is no day.
    `asked_none` are the dates on which events were asked for and there were none; `other_scales` are gradings on
    another scale than `stages`. `therapies` are the patient's and not of the course: they may begin before it, and do
    not lengthen its axis. `is_counted`: the hairs were counted, also where that tells no change yet.
    """

    baseline: date
    today: date
    end: date | None
    stage_scale_label: str
    stages: tuple[StagePoint, ...] = ()
    density: tuple[DensityPoint, ...] = ()
    sessions: tuple[SessionTick, ...] = ()
    planned: tuple[PlannedWindow, ...] = ()
    events: tuple[EventMark, ...] = ()
    asked_none: tuple[When, ...] = ()
    photos: tuple[PhotoMark, ...] = ()
    therapies: tuple[TherapyBar, ...] = ()
    end_word: str = "ended"
    month_0: PartialDate | None = None
    known_end: PartialDate | None = None
    other_scales: tuple[GradedScale, ...] = ()
    is_counted: bool = False

    def __post_init__(self) -> None:
        for name in ("stages", "density", "sessions", "photos"):
            object.__setattr__(self, name, tuple(sorted(getattr(self, name), key=_drawn_at)))

    @cached_property
    def month_names(self) -> dict[When, str]:
        """The Month of each day that was named so far."""
        return {}

    @property
    def reached(self) -> date:
        """How far the course has come: today, or the day it ended."""
        return min(self.today, self.end or self.today)

    @cached_property
    def days(self) -> list[date]:
        """Every day at which something is drawn, in order."""
        others = (stage for graded in self.other_scales for stage in graded.stages)
        records = (*self.stages, *others, *self.density, *self.sessions, *self.photos)
        whens = [*map(attrgetter("day"), records), *map(attrgetter("at"), self.events), *self.asked_none]
        return sorted(map(middle, whens))

    @property
    def known_month_0(self) -> When:
        return self.month_0 or self.baseline


def spelled(when: When) -> str:
    """ "14 May 2025", or "May 2025" where the day was not recorded."""
    return formatting.day(when) if isinstance(when, date) else when.label()
