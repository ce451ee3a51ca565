"""The density lane: changes against Month 0, each with its error, or with the word that it has none.

Disc: a change beyond its error. Ring: within it, or the error is not known. Hatched: estimated by
eye, not measured. Dotted: noted without a figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from treatments.timeline.chart.canvas import Canvas, px
from treatments.timeline.chart.labels import Label, Line, balance, two_rows
from treatments.timeline.chart.text import density_error, density_figure, density_verdict, percent, unfigured_text
from treatments.timeline.chart.time_scale import round_values
from treatments.timeline.chart.types import ChartCourse, DensityPoint

CROWD = 8  # with more points than this, error bars have no caps and marks are small
LABEL_WIDTH = 118  # px at which the text of a label is broken
MOST_LINES = 4  # of a note
MOST_LABELS = 16  # about as many as two rows could hold
HALF = 9  # px from the middle of a mark to a leader
EMPTY, LOW, HIGH = 22, 92, 108  # px that the plot is tall without figures, with few values, with more

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
        """What a point covers with its error; all of the plot without a figure."""
        if not point.figures:
            return self.top, self.bottom
        middle, (low, high) = self.y(point.middle), point.reach
        return min(self.y(high), middle - HALF), max(self.y(low), middle + HALF)


def draw_density(canvas: Canvas, course: ChartCourse, top: float) -> int:
    """Gives the y below the lane."""
    points = course.density
    begins = canvas.open_lane(top, "Density", _about(canvas, points), 24)
    if not points:
        return canvas.close_empty_lane(begins, "not measured")
    places = list(zip(canvas.xs(points), points, strict=True))
    rows = two_rows(_labels(places), canvas.bounds)
    scale = _scale(points, canvas.labels(rows[0], begins) + (14 if canvas.form.narrow else 6))
    _draw_scale(canvas, scale)
    canvas.leaders(rows, (begins, scale.bottom + 4), lambda number: scale.ends(points[number]))
    _draw_points(canvas, places, scale)
    bottom = canvas.labels(rows[1], scale.bottom + 4)
    return canvas.close_lane(bottom + 8, len(points) - len(rows[0]) - len(rows[1]))


def _about(canvas: Canvas, points: Sequence[DensityPoint]) -> list[str]:
    if any(point.figures for point in points):
        return ["% against Month 0" if canvas.form.narrow else "change against Month 0"]
    is_counted = any(point.verdict_code for point in points)
    return ["no change to tell" if is_counted else "no figure recorded"] if points else []


def _labels(places: Placed) -> list[Label]:
    latest = max((number for number, (_, point) in enumerate(places) if point.figures), default=-1)
    numbered = list(enumerate(places))[-MOST_LABELS:]
    return [Label(x, _lines(point, number == latest), number) for number, (x, point) in numbered]


def _lines(point: DensityPoint, is_latest: bool) -> list[Line]:
    """The figure with its error, and below it what it may be taken for; or the note."""
    if not point.figures:
        return [Line(text) for text in _note(point)]
    figure = Line(density_figure(point), "c-val big" if is_latest else "c-val", density_error(point))
    css = "c-note warn" if point.is_estimate else "c-note"
    return [figure, *(Line(text, css) for text in balance(density_verdict(point), LABEL_WIDTH))]


def _note(point: DensityPoint) -> list[str]:
    """The note in a few lines, its last words left out if need be, but never that there is no figure."""
    words = point.note.split()
    lines = balance(unfigured_text(point), LABEL_WIDTH)
    while len(lines) > MOST_LINES and len(words) > 1:
        words.pop()
        shorter = replace(point, note=" ".join(words).rstrip(",;:.") + "…")
        lines = balance(unfigured_text(shorter), LABEL_WIDTH)
    return lines[:MOST_LINES]


def _scale(points: Sequence[DensityPoint], top: float) -> _Scale:
    reaches = [point.reach for point in points if point.figures]
    if not reaches:
        return _Scale([], top, top + EMPTY)
    values = round_values(min(low for low, _ in reaches), max(high for _, high in reaches))
    return _Scale(values, top, top + (LOW if len(values) <= 4 else HIGH))


def _draw_scale(canvas: Canvas, scale: _Scale) -> None:
    """The values beside their lines, on the narrow chart above them; and a dot for Month 0."""
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
    """An interval given as low and high is drawn like an error."""
    groups: dict[str, list[tuple[float, DensityPoint]]] = {"line": [], "box": [], "ring": [], "disc": []}
    for x, point in places:
        groups[point.mark].append((x, point))
    size, caps = (8.5, "") if len(places) > CROWD else (11.5, "M{0} {1}h8M{0} {2}h8")
    lines = dict.fromkeys(x for x, _ in groups["line"])
    canvas.marks(f"M{{x}} {px(scale.top)}V{px(scale.bottom)}", [(x, 0) for x in lines], "c-unknown")
    bars = ""
    for x, point in groups["ring"] + groups["disc"]:
        low, high = (px(scale.y(figure)) for figure in point.reach)
        bars += f"M{px(x)} {low}V{high}" + caps.format(px(x - 4), low, high)
    canvas.path(bars, "c-error")
    canvas.rings([(x, scale.y(point.middle)) for x, point in groups["ring"]], size)
    canvas.points([(x, scale.y(point.middle)) for x, point in groups["disc"]], size - 1)
    for x, point in groups["box"]:
        _draw_estimate(canvas, x, scale.y(min(point.figures)), scale.y(max(point.figures)))


def _draw_estimate(canvas: Canvas, x: float, low: float, high: float) -> None:
    """A hatched box over the range, at least 10 px tall."""
    half = 8 if canvas.form.narrow else 10
    height = max(10.0, low - high)
    canvas.hatched((x - half, (low + high - height) / 2, 2 * half, height), "c-range")
