"""Where a day or a figure stands on the chart: months, the time axis, round numbers, clusters.

Months are calendar months from Month 0, clamped to the month's end (31 January + 1 is 28 February).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Generic, TypeVar

from treatments.records.months import add_months, label
from treatments.timeline.chart.types import ChartCourse

Item = TypeVar("Item")

MONTH_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600)
SCREENING_MONTHS = 3  # what lies further before Month 0 stands at the left edge
RUNNING_MONTHS = 6  # a course that has just begun is drawn over this many months at least
ENDED_MONTHS = 3
CLOSEST = 0.8
LAST_DRAWABLE = date(9900, 1, 1)  # beyond it calendar arithmetic ends


def whole_months(baseline: date, day: date) -> int:
    """Months completed between the two; negative and rounded down before the baseline."""
    months = (day.year - baseline.year) * 12 + day.month - baseline.month
    return months - 1 if add_months(baseline, months) > day else months


def month_name(baseline: date, day: date) -> str:
    """The nearest "Month 5", without the days it is off; shortly before Month 0, "Screening"."""
    found = label(baseline, day)
    return found.text.partition(" (")[0].replace("-", "−")


def span_of(course: ChartCourse) -> tuple[date, date]:
    """First and last day of the time axis, both on a monthly anniversary."""
    baseline, days = course.baseline, course.days
    first = baseline
    if days and days[0] < baseline:
        first = add_months(baseline, max(-SCREENING_MONTHS, whole_months(baseline, days[0])))
    running = max(course.today, add_months(baseline, RUNNING_MONTHS))
    ended = max(course.end or baseline, add_months(baseline, ENDED_MONTHS))
    latest = max([ended if course.end else running, *days[-1:], *(w.last for w in course.planned)])
    latest = min(latest, LAST_DRAWABLE)
    months = whole_months(baseline, latest)
    reached = add_months(baseline, months)
    return first, reached if reached == latest else add_months(baseline, months + 1)


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Days to pixels: `first` stands at `left`, `last` at `right`; days outside are held at the edge."""

    baseline: date
    first: date
    last: date
    left: float
    right: float

    def x(self, day: date) -> float:
        share = (day - self.first).days / max(1, (self.last - self.first).days)
        return self.left + min(1.0, max(0.0, share)) * (self.right - self.left)

    def shows(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def months(self) -> range:
        return range(whole_months(self.baseline, self.first), whole_months(self.baseline, self.last) + 1)

    def ticks(self, least_px: float) -> list[tuple[int, date, float]]:
        """Month, its day and its place, every so many months that they stand `least_px` apart."""
        per_month = (self.right - self.left) / max(1, len(self.months) - 1)
        step = next((s for s in MONTH_STEPS if s * per_month >= least_px), MONTH_STEPS[-1])
        days = [(m, add_months(self.baseline, m)) for m in self.months if m % step == 0]
        return [(month, day, self.x(day)) for month, day in days]


def round_values(low: float, high: float, most: int = 5) -> list[float]:
    """Evenly spaced round numbers that enclose both, 0 among them, `most` at the most."""
    low, high = min(low, 0.0), max(high, 0.0)
    for step in (round_ * 10**power for power in count() for round_ in (1, 2, 5)):
        first, last = int(low // step), -int(-high // step)
        if last - first < most:
            break
    return [float(step * k) for k in range(first, max(last, first + 1) + 1)]


@dataclass(slots=True)
class Cluster(Generic[Item]):
    """Neighbours too close to stand apart; `x` is the middle between the first and the last."""

    first_x: float
    last_x: float
    items: list[Item] = field(default_factory=list)

    @property
    def x(self) -> float:
        return (self.first_x + self.last_x) / 2


def cluster(items: Iterable[Item], place: Callable[[Item], float], gap: float) -> list[Cluster[Item]]:
    """Items in order of place. Those within `gap` of the first of a cluster join it; clusters whose
    middles then stand nearer than `CLOSEST` of the gap are one."""
    done: list[Cluster[Item]] = []
    for item in sorted(items, key=place):
        x = place(item)
        if done and x - done[-1].first_x < gap:
            done[-1].last_x = x
            done[-1].items.append(item)
            continue
        _join_if_close(done, gap)
        done.append(Cluster(x, x, [item]))
    _join_if_close(done, gap)
    return done


def _join_if_close(clusters: list[Cluster[Item]], gap: float) -> None:
    if len(clusters) > 1 and clusters[-1].x - clusters[-2].x < CLOSEST * gap:
        late = clusters.pop()
        clusters[-1].last_x = late.last_x
        clusters[-1].items += late.items


def rooms(clusters: Sequence[Cluster[Item]], most: float) -> list[float]:
    """The width each cluster has for itself, no more than `most`."""
    if not clusters:
        return []
    middles = [c.x for c in clusters]
    apart = [most, *(b - a for a, b in zip(middles, middles[1:], strict=False)), most]
    return [min(before, after, most) for before, after in zip(apart, apart[1:], strict=False)]


def spread(places: Sequence[float], gap: float) -> list[int]:
    """Indices of places (in order) that stand at least `gap` apart, evenly where that costs no
    more than two of them; the first and the last are among them."""
    chosen: list[int] = []
    for number, x in enumerate(places):
        if not chosen or x - places[chosen[-1]] >= gap:
            chosen.append(number)
    if len(chosen) < 2:
        return chosen
    chosen[-1] = len(places) - 1
    for many in range(len(chosen), max(2, len(chosen) - 2) - 1, -1):
        stride = (places[-1] - places[0]) / (many - 1)
        even = [0, *(_nearest(places, places[0] + stride * k) for k in range(1, many - 1)), len(places) - 1]
        if all(places[b] - places[a] >= gap for a, b in zip(even, even[1:], strict=False)):
            return even
    return chosen


def _nearest(places: Sequence[float], x: float) -> int:
    return min(range(len(places)), key=lambda number: abs(places[number] - x))
