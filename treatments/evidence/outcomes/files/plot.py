"""Every patient as a point: changes in per cent on a logarithmic axis, drawn on the server as SVG.

Points of one place are stacked. A disc is a patient without another treatment beside, a ring one with it. Below stands
the mean with its interval; the band is the error of two counts at the same spot. Nothing carries a style attribute.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString

from treatments.evidence.outcomes.figures import FEWEST, Month, Point
from treatments.evidence.outcomes.words import hidden_if_few, whole
from treatments.evidence.statistics.results import Estimate, Interval

TICKS: Final = (-75, -50, -25, 0, 25, 50, 100, 200, 400)
WIDE, NARROW = 720, 350
MARGIN: Final = 16
RADIUS: Final = 3.5
STEP: Final = 8.0
"""px between the middles of two points."""
TALLEST: Final = 150
_TITLE_HEIGHT: Final = 34
_LINE: Final = 18
"""px from one line of the words below to the next."""
CSS: Final = (
    "text{font:13px Inter,system-ui,sans-serif;fill:#414d4a}.o-axis,.o-tick{stroke:#7b8683;fill:none}"
    ".o-zero{stroke:#16211f;fill:none}.o-band{fill:#e9ece8}.o-point{fill:#2a8582}"
    ".o-title{fill:#16211f;font-weight:600}.o-ring{fill:#fff;stroke:#2a8582;stroke-width:1.5}"
    ".o-mean{fill:#16211f}.o-bar{stroke:#16211f;stroke-width:2;fill:none}"
)


@dataclass(frozen=True)
class _Axis:
    low: float
    high: float
    width: int

    @classmethod
    def of(cls, logs: Sequence[float], width: int) -> "_Axis":
        low, high = min(-0.25, *logs) - 0.05, max(0.45, *logs) + 0.05
        return cls(low, high, width)

    def x(self, log: float) -> float:
        share = (min(max(log, self.low), self.high) - self.low) / (self.high - self.low)
        return MARGIN + share * (self.width - 2 * MARGIN)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        logs = [(math.log1p(tick / 100), tick) for tick in TICKS]
        return [(self.x(log), _signed(tick)) for log, tick in logs if self.low <= log <= self.high]


def plot(
    month: Month, *, sdc_pct: float, beside: Iterable[Month] = (), width: int = WIDE, is_file: bool = False
) -> SafeString:
    """The drawing of a Month; "" where nobody was analysed. `is_file` brings its styles and its words along, first who
    is missing: a picture is shown without the page that it was on.

    The axis holds the points of the Months `beside` too: drawings under one another can be compared by eye.
    """
    if not month.points:
        return SafeString()
    axis = _Axis.of([point.log_ratio for each in (month, *beside) for point in each.points], width)
    columns = _columns(month.points, axis)
    tallest = max(map(len, columns.values()))
    step = min(STEP, (TALLEST - STEP) / max(1, tallest - 1))
    floor = 14 + (tallest - 1) * step + RADIUS
    height = floor + (62 if month.ladder.analysed >= FEWEST else 34)
    parts = [*_ground(axis, floor, sdc_pct), *_marks(columns, floor, step), *_mean(month, axis, floor)]
    above, hidden = 0, 'aria-hidden="true" focusable="false"'
    if is_file:
        title = f"Month {month.number}: change in hair density of {month.ladder.analysed} patients, with the mean"
        head = f"<title>{title}</title><style>{CSS}</style>"
        head += f'<text x="0" y="{18 - _TITLE_HEIGHT}" class="o-title">{title}</text>'
        told = enumerate(_told(month))
        lines = [f'<text x="0" y="{height + _LINE * (n + 0.5):.1f}" class="o-text">{line}</text>' for n, line in told]
        parts = [head, *parts, *lines]
        above, hidden, height = _TITLE_HEIGHT, 'role="img"', height + _LINE * len(lines)
    name = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {-above} {width} {height + above:.0f}" width="{width}" '
    name += f'height="{height + above:.0f}" class="o-plot" {hidden}>'
    # Of figures and fixed words alone: nothing that anybody has typed.
    return SafeString("".join([name, *parts, "</svg>"]))


def _told(month: Month) -> list[str]:
    """What a picture says of itself; numbers of 1 to 4 are not told, nor the sum from which they would follow."""
    it, missing = month.ladder, hidden_if_few(month.ladder.missing)
    of_due = f" of {whole(it.due)} who were due" if isinstance(missing, int) else ""
    told_missing = whole(missing) if isinstance(missing, int) else missing
    return [
        f"{whole(it.analysed)} patients{of_due} are analysed; {told_missing} are missing.",
        "Each mark is a patient; a ring had another treatment too. Grey: the error of two counts.",
        "Diamond: the mean with its 95 % interval. There was no control group.",
    ]


def _columns(points: Sequence[Point], axis: _Axis) -> dict[float, list[Point]]:
    columns: dict[float, list[Point]] = defaultdict(list)
    for point in points:
        columns[round(axis.x(point.log_ratio) / STEP) * STEP].append(point)
    return columns


def _ground(axis: _Axis, floor: float, sdc_pct: float) -> list[str]:
    error = sdc_pct / 100
    left, right = axis.x(-error), axis.x(error)
    base = floor + RADIUS + 2
    parts = [
        f'<rect x="{left:.1f}" y="4" width="{right - left:.1f}" height="{base - 4:.1f}" class="o-band"/>',
        f'<path d="M{axis.x(0):.1f} 4V{base:.1f}" class="o-zero"/>',
        f'<path d="M{MARGIN} {base:.1f}H{axis.width - MARGIN}" class="o-axis"/>',
    ]
    for x, text in axis.ticks:
        parts.append(f'<path d="M{x:.1f} {base:.1f}v5" class="o-tick"/>')
        parts.append(f'<text x="{x:.1f}" y="{base + 20:.1f}" text-anchor="middle" class="o-text">{text}</text>')
    return parts


def _marks(columns: dict[float, list[Point]], floor: float, step: float) -> list[str]:
    discs: list[tuple[float, float]] = []
    rings: list[tuple[float, float]] = []
    for x, points in columns.items():
        for place, point in enumerate(sorted(points, key=lambda each: each.is_beside)):
            (rings if point.is_beside else discs).append((x, floor - place * step))
    return [_circle(x, y, "o-point") for x, y in discs] + [_circle(x, y, "o-ring") for x, y in rings]


def _circle(x: float, y: float, css: str) -> str:
    return f'<circle cx="{x:g}" cy="{y:.1f}" r="{RADIUS:g}" class="{css}"/>'


def _mean(month: Month, axis: _Axis, floor: float) -> list[str]:
    """The mean and its interval, below the axis; nothing of fewer than five."""
    told, y = month.per_cent, floor + 42
    if month.ladder.analysed < FEWEST or not isinstance(told, Estimate):
        return []
    middle = axis.x(math.log1p(told.value / 100))
    parts = []
    if isinstance(told.interval, Interval):
        ends = [axis.x(math.log1p(end / 100)) for end in (told.interval.low, told.interval.high)]
        parts.append(
            f'<path d="M{ends[0]:.1f} {y:.1f}H{ends[1]:.1f}m0 -5v10M{ends[0]:.1f} {y - 5:.1f}v10" class="o-bar"/>'
        )
    parts.append(f'<path d="M{middle:.1f} {y - 6:.1f}l6 6l-6 6l-6 -6z" class="o-mean"/>')
    return parts


def _signed(per_cent: int) -> str:
    return f"{per_cent:+d} %".replace("-", "−") if per_cent else "0"
