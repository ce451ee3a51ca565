"""The density lane: changes against the baseline, each with its interval, or with the word that it has none.

The lane names where and how it was measured. What was measured elsewhere or otherwise tells of other hairs, and has a
lane of its own.

Disc: a change beyond its error. Ring: within it, or the error is not known. Hatched: estimated by
eye, not measured. Dotted: noted without a figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from treatments.timeline.chart.canvas import Canvas, Place, px
from treatments.timeline.chart.labels import Label, Line, balance, two_rows, wrap
from treatments.timeline.chart.text import (
    all_series,
    density_error,
    density_figure,
    density_verdict,
    percent,
    unfigured_text,
)
from treatments.timeline.chart.time_scale import round_values
from treatments.timeline.chart.types import ChartCourse, DensityPoint

CROWD = 8  # with more points than this, error bars have no caps and marks are small
LABEL_WIDTH = 118  # px at which the text of a label is broken
MOST_LINES = 4  # of a note
MOST_LANES = 4  # of places and methods
MOST_LABELS = 12  # about as many as two rows could hold
HALF = 9  # px from the middle of a mark to a leader
HEIGHT, EMPTY = 100, 22  # px that the plot is tall with figures, and without

Placed = Sequence[tuple[float, DensityPoint]]


@dataclass(frozen=True, slots=True)
class _Scale:
    """Per cent to pixels: the highest of the values stands at `top`, the lowest at `bottom`."""

    values: Sequence[float]
    top: float
    bottom: float

    def y(self, figure: float) -> float:
        return self.bottom - (figure - self.values[0]) * (self.bottom - self.top) / (self.values[-1] - self.values[0])

    def ends(self, point: DensityPoint) -> tuple[float, float]:
        """What a point covers with its interval; all of the plot without a figure."""
        if not point.figures:
            return self.top, self.bottom
        middle, (low, high) = self.y(point.middle), point.reach
        return min(self.y(high), middle - HALF), max(self.y(low), middle + HALF)


def draw_density(canvas: Canvas, course: ChartCourse, top: float) -> int:
    """A lane for each place and method. Gives the y below them."""
    if not course.density:
        return canvas.empty_lane(top, "Density", "counted, no change yet" if course.is_counted else "not measured")
    lanes = _lanes(course)
    more = len(lanes) - MOST_LANES
    bottom = round(top)
    for series, points in lanes[:MOST_LANES]:
        is_last = more > 0 and series == lanes[MOST_LANES - 1][0]
        bottom = _draw_lane(canvas, series, points, bottom, f"{more} more places in the table" if is_last else "")
    return bottom


def _lanes(course: ChartCourse) -> list[tuple[str, list[DensityPoint]]]:
    """The points of each place and method; what was noted without a place stands in the first lane."""
    lanes: dict[str, list[DensityPoint]] = {series: [] for series in all_series(course) or [""]}
    first = next(iter(lanes))
    for point in course.density:
        lanes[point.series or first].append(point)
    return list(lanes.items())


def _draw_lane(canvas: Canvas, series: str, points: Sequence[DensityPoint], top: float, more: str) -> int:
    about = "% against the baseline" if canvas.form.narrow else "change against the baseline"
    begins = canvas.open_lane(top, "Density", [text for text in (series, about, more) if text], 24)
    places = list(zip(canvas.xs(points), points, strict=True))
    rows = two_rows(_labels(places), canvas.bounds)
    scale = _scale(points, canvas.labels(rows[0], begins) + (14 if canvas.form.narrow else 6))
    _draw_scale(canvas, scale)
    canvas.leaders(rows, (begins, scale.bottom + 4), lambda number: scale.ends(points[number]))
    _draw_points(canvas, places, scale)
    bottom = canvas.labels(rows[1], scale.bottom + 4)
    return canvas.close_lane(bottom + 8, len(points) - len(rows[0]) - len(rows[1]))


def _labels(places: Placed) -> list[Label]:
    numbered = [(number, x, point) for number, (x, point) in enumerate(places)]
    latest = max((number for number, _, point in numbered if point.figures), default=-1)
    return [Label(x, _lines(point, number == latest), number) for number, x, point in numbered[-MOST_LABELS:]]


def _lines(point: DensityPoint, is_latest: bool) -> list[Line]:
    """The figure with its interval, and below it what it may be taken for; or the note."""
    if not point.figures:
        return [Line(text) for text in _note(point)]
    figure = Line(density_figure(point), "c-val big" if is_latest else "c-val", density_error(point))
    css = "c-note warn" if point.is_estimate else "c-note"
    return [figure, *(Line(text, css) for text in balance(density_verdict(point), LABEL_WIDTH))]


def _note(point: DensityPoint) -> list[str]:
    """The note in a few lines, its end left out if need be, but never that there is no figure."""
    lines = balance(unfigured_text(point), LABEL_WIDTH)
    if len(lines) <= MOST_LINES:
        return lines
    *first, last = wrap(point.note, LABEL_WIDTH)[: MOST_LINES - 1]
    return [*first, f"{last.rstrip(',;:.')}…,", unfigured_text(replace(point, note=""))]


def _scale(points: Sequence[DensityPoint], top: float) -> _Scale:
    ends = [end for point in points for end in (point.reach if point.figures else ())]
    if not ends:
        return _Scale([], top, top + EMPTY)
    return _Scale(round_values(min(ends), max(ends)), top, top + HEIGHT)


def _draw_scale(canvas: Canvas, scale: _Scale) -> None:
    """The values beside their lines, on the narrow chart above them; and a dot for the baseline at Month 0."""
    form = canvas.form
    for value in scale.values:
        y = scale.y(value)
        canvas.path(f"M{form.left} {px(y)}H{form.right}", "c-guide" if value else "c-guide zero")
        if form.narrow:
            canvas.text(0, y - 3, Line(percent(value).removesuffix(" %"), "c-tick"))
        else:
            canvas.text(form.left - 10, y + 4, Line(percent(value), "c-tick"), "end")
    if scale.values:
        x, y = canvas.axis.x(canvas.axis.baseline), scale.y(0)
        canvas.drawn.append(f'<circle cx="{px(x)}" cy="{px(y)}" r="4" class="c-dot"/>')


def _draw_points(canvas: Canvas, places: Placed, scale: _Scale) -> None:
    marks: dict[str, list[tuple[float, DensityPoint]]] = {"line": [], "box": [], "ring": [], "disc": []}
    for x, point in places:
        marks[point.mark].append((x, point))
    size, caps = (8.5, "") if len(places) > CROWD else (11.5, "M{0} {1}h8M{0} {2}h8")
    lines = dict.fromkeys((x, scale.top) for x, _ in marks["line"])
    canvas.marks(f"M{{x:g}} {{y:g}}V{px(scale.bottom)}", list(lines), "c-unknown")
    _draw_errors(canvas, marks["ring"] + marks["disc"], scale, caps)
    canvas.rings(_middles(marks["ring"], scale), size)
    canvas.points(_middles(marks["disc"], scale), size - 1)
    _draw_estimates(canvas, marks["box"], scale)


def _middles(places: Placed, scale: _Scale) -> list[Place]:
    return [(x, scale.y(point.middle)) for x, point in places]


def _draw_errors(canvas: Canvas, places: Placed, scale: _Scale, caps: str) -> None:
    """From one end of the interval to the other: up and down it does not reach equally far."""
    bars = ""
    for x, point in places:
        low, high = map(px, map(scale.y, point.reach))
        bars += f"M{px(x)} {low}V{high}" + caps.format(px(x - 4), low, high)
    canvas.path(bars, "c-error")


def _draw_estimates(canvas: Canvas, places: Placed, scale: _Scale) -> None:
    """A hatched box over each range, at least 10 px tall."""
    width = 16 if canvas.form.narrow else 20
    for x, point in places:
        low, high = scale.y(min(point.figures)), scale.y(max(point.figures))
        height = max(10.0, low - high)
        canvas.hatched((x - width / 2, (low + high - height) / 2, width, height), "c-range")
