"""Where a day or a figure stands on the chart: months, the time axis, round numbers, clusters.

Months are calendar months from Month 0, clamped to the month's end (31 January + 1 is 28 February).
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count, pairwise
from operator import itemgetter
from typing import Generic, TypeVar

from treatments.records.months import add_months, label
from treatments.timeline.chart.types import ChartCourse, When, middle

Item = TypeVar("Item")
Tick = tuple[int, date, float]  # a month, its day, its x

MONTH_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600)
SCREENING_MONTHS = 3  # what lies further before Month 0 stands at the left edge
RUNNING_MONTHS = 6  # a course that has just begun is drawn over this many months at least
ENDED_MONTHS = 3
LAST_DRAWABLE = date(9900, 1, 1)  # beyond it calendar arithmetic ends


def whole_months(baseline: date, day: date) -> int:
    """Months completed between the two; negative and rounded down before the baseline."""
    months = (day.year - baseline.year) * 12 + day.month - baseline.month
    return months - 1 if add_months(baseline, months) > day else months


def month_name(month_0: When, when: When) -> str:
    """The nearest "Month 5", without the days it is off, or "Month 4 to 5"; shortly before Month 0, "Screening"."""
    return label(month_0, when).short.replace("-", "−")


def span_of(course: ChartCourse) -> tuple[date, date]:
    """First and last day of the time axis, both on a monthly anniversary."""
    baseline = course.baseline
    least = add_months(baseline, ENDED_MONTHS if course.end else RUNNING_MONTHS)
    days = [baseline, least, course.end or course.today, *course.days]
    first = add_months(baseline, max(-SCREENING_MONTHS, whole_months(baseline, min(days))))
    latest = min(LAST_DRAWABLE, max(days + [window.days[1] for window in course.planned]))
    months = whole_months(baseline, latest)
    last = add_months(baseline, months)
    return first, last if last == latest else add_months(baseline, months + 1)


@dataclass(slots=True)
class TimeAxis:
    """Days to pixels: `first` stands at `left`, `last` at `right`; days outside are held at the edge."""

    baseline: date
    first: date
    last: date
    left: float
    right: float
    px_a_day: float = field(init=False)

    def __post_init__(self) -> None:
        self.px_a_day = (self.right - self.left) / max(1, (self.last - self.first).days)

    def x(self, when: When) -> float:
        day = middle(when)
        return self.left + (max(self.first, min(day, self.last)) - self.first).days * self.px_a_day

    def ticks(self, least_px: float) -> list[Tick]:
        """Every so many months that they stand `least_px` apart."""
        first, last = whole_months(self.baseline, self.first), whole_months(self.baseline, self.last)
        per_month = (self.right - self.left) / max(1, last - first)
        step = next((step for step in MONTH_STEPS if step * per_month >= least_px), MONTH_STEPS[-1])
        days = ((month, add_months(self.baseline, month)) for month in range(-(-first // step) * step, last + 1, step))
        return [(month, day, self.x(day)) for month, day in days]


def round_values(low: float, high: float, most: int = 5) -> list[float]:
    """Evenly spaced round numbers that enclose both, 0 among them, `most` at the most."""
    low, high = min(low, 0.0), max(high, 0.0)
    for step in (round_ * 10**power for power in count() for round_ in (1, 2, 5)):
        first, last = int(low // step), -int(-high // step)
        if last - first < most:
            break
    return [float(step * k) for k in range(first, max(last, first + 1) + 1)]


@dataclass(frozen=True, slots=True)
class Cluster(Generic[Item]):
    """Neighbours too close to stand apart."""

    first_x: float
    last_x: float
    items: list[Item]

    @property
    def x(self) -> float:
        return (self.first_x + self.last_x) / 2


def cluster(items: Sequence[Item], places: Sequence[float], gap: float) -> list[Cluster[Item]]:
    """Items in order of place; clusters whose middles would stand nearer than `gap` are one."""
    clusters: list[Cluster[Item]] = []
    for x, item in sorted(zip(places, items, strict=True), key=itemgetter(0)):
        last = Cluster(x, x, [item])
        while clusters and last.x - clusters[-1].x < gap:
            before = clusters.pop()
            last = Cluster(before.first_x, x, before.items + last.items)
        clusters.append(last)
    return clusters


def rooms(clusters: Sequence[Cluster[Item]], most: float) -> list[float]:
    """The width each cluster has for itself, no more than `most`."""
    apart = [most, *(after.x - before.x for before, after in pairwise(clusters)), most]
    return [min(before, after, most) for before, after in pairwise(apart)][: len(clusters)]


def apart(places: Sequence[float], gap: float) -> list[int]:
    """Indices of places (in order) that stand at least `gap` behind the one before; the first is among them."""
    chosen = [0] if places else []
    for number, x in enumerate(places):
        if x - places[chosen[-1]] >= gap:
            chosen.append(number)
    return chosen


def _nearest(places: Sequence[float], x: float) -> int:
    """Index of the place (of places in order) nearest to x; the first of several."""
    after = bisect_left(places, x)
    if after and (after == len(places) or x - places[after - 1] <= places[after] - x):
        return bisect_left(places, places[after - 1])
    return after


def spread(places: Sequence[float], gap: float) -> list[int]:
    """Indices of places (in order) that stand at least `gap` apart, evenly if they can; the first and the last are
    among them."""
    chosen = apart(places, gap)
    if len(chosen) < 2:
        return chosen
    stride = (places[-1] - places[0]) / (len(chosen) - 1)
    inner = (places[0] + stride * number for number in range(1, len(chosen) - 1))
    even = [0, *(_nearest(places, x) for x in inner), len(places) - 1]
    is_apart = len(apart([places[number] for number in even], gap)) == len(even)
    return even if is_apart else [*chosen[:-1], len(places) - 1]
