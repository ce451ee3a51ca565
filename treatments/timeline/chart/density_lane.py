"""The density lane: changes against Month 0, each with its error, or with the word that it has none.

Disc: a change beyond its error. Ring: within it, or the error is not known. Hatched: estimated by
eye, not measured. Dotted: noted without a figure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from treatments.timeline.chart.density_notes import LABEL_WIDTHS, note
from treatments.timeline.chart.label_placement import Placed, Wish, place_all, total_loss
from treatments.timeline.chart.svg_canvas import CLEAR, Sheet, px
from treatments.timeline.chart.text import density_figure, density_words, lowered, percent, plain
from treatments.timeline.chart.text_metrics import Box, Lines, Place, Words, balance, drop, label_box
from treatments.timeline.chart.time_scale import round_values
from treatments.timeline.chart.types import ChartCourse, DensityPoint

CROWD, FEW, APART = 8, 3, 44  # with more figures, or a few less than so many px apart, only the latest is written out
MOST_NOTES = 6  # notes without a figure that are written out
TALLER = (0, 24, 48)  # px by which the lane may grow
WORTH_IT = 4  # places by which labels must come nearer to their marks for the lane to grow
ABOVE, ABOVE_CROWD = 20, 44  # px from the lane's beginning to the highest value
BELOW = 14  # px below the lowest value
BESIDE = 7  # px between a mark and its label
Height = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class _Plot:
    """Per cent to pixels: the highest of the values stands at `head`, the lowest at `bottom`."""

    values: list[float]
    head: float
    bottom: float

    def y(self, figure: float) -> float:
        return self.bottom - (figure - self.values[0]) * (self.bottom - self.head) / (self.values[-1] - self.values[0])


def draw_density(sheet: Sheet, course: ChartCourse, top: float) -> float:
    """Gives the y below the lane."""
    points = sorted(course.density, key=lambda d: d.day)
    reaches = [d.reach for d in points if d.reach]
    if not reaches:
        return _draw_without_figures(sheet, course, points, top)
    about = "% against Month 0" if sheet.form.narrow else "change against Month 0"
    begins, words_end = sheet.lane(top, "Density", [about], 42)
    figures = [point for point in points if point.span]
    silent = [point for point in points if point.span is None]
    values = round_values(min(low for low, _ in reaches), max(high for _, high in reaches))
    head = begins + (ABOVE_CROWD if _is_crowded(sheet, figures) else ABOVE)
    free = list(sheet.taken)
    plots = [_Plot(values, head, head + (92 if len(values) <= 4 else 108) + taller) for taller in TALLER]
    tried: list[tuple[int, int, _Plot, list[Placed | None]]] = []
    for number, plot in enumerate(plots[:1] if _is_crowded(sheet, figures) else plots):
        sheet.floor, sheet.taken = plot.bottom + BELOW, [*free, *_obstacles(sheet, course, points, plot)]
        placed = place_all(sheet.room, _wishes(sheet, figures, silent, plot))
        tried.append((total_loss(placed) + number * WORTH_IT, number, plot, placed))
    _, _, plot, placed = min(tried, key=lambda each: each[:2])
    sheet.floor, sheet.taken = plot.bottom + BELOW, [*free, *_obstacles(sheet, course, points, plot)]
    marks = [_mark(sheet, point, plot) for point in figures]
    _draw_scale(sheet, plot, [*marks, *([sheet.today] if sheet.today else [])])
    sheet.dot(sheet.axis.x(course.baseline), plot.y(0), 4, "c-dot")
    _draw_errors(sheet, points, plot.y)
    _draw_figures(sheet, figures, plot.y)
    sheet.path("".join(f"M{px(x)} {px(head)}V{px(plot.bottom)}" for x in _lines(sheet, silent)), "c-unknown")
    _write(sheet, placed, figures, begins + 25)
    sheet.left_out = len(points) - sum(label is not None and label.is_whole for label in placed)
    return sheet.close(sheet.floor, words_end)


def _is_crowded(sheet: Sheet, figures: list[DensityPoint]) -> bool:
    """Whether labels would stand nearer to other marks than to their own."""
    if len(figures) < FEW:
        return False
    reach = sheet.axis.x(figures[-1].day) - sheet.axis.x(figures[0].day)
    return len(figures) > CROWD or reach / (len(figures) - 1) < APART


def _lines(sheet: Sheet, silent: list[DensityPoint]) -> list[float]:
    return sorted({sheet.axis.x(point.day) for point in silent})


def _obstacles(sheet: Sheet, course: ChartCourse, points: list[DensityPoint], plot: _Plot) -> list[Box]:
    """The zero line, the words of the scale beside the narrow plot, every figure with its error, every note's line."""
    zero, start = plot.y(0), sheet.axis.x(course.baseline)
    found = [Box(sheet.form.left, zero - 2, sheet.form.right, zero + 2), Box(start - 4, zero - 4, start + 4, zero + 4)]
    if sheet.form.narrow:
        found += [Box(0, plot.y(value) - 14, 26, plot.y(value) + 1) for value in plot.values]
    for point in points:
        x = sheet.axis.x(point.day)
        if point.reach is None:
            found.append(Box(x - 2, plot.head, x + 2, plot.bottom))
            continue
        found.append(_mark(sheet, point, plot))
    return found


def _mark(sheet: Sheet, point: DensityPoint, plot: _Plot) -> Box:
    """What a figure covers with its error."""
    x, middle = sheet.axis.x(point.day), plot.y(_middle(point))
    half = (8 if sheet.form.narrow else 10) if point.is_estimate else 6
    low, high = point.reach or (0.0, 0.0)
    return Box(x - half, min(plot.y(high), middle - 6), x + half, max(plot.y(low), middle + 6))


def _wishes(sheet: Sheet, figures: list[DensityPoint], silent: list[DensityPoint], plot: _Plot) -> list[Wish]:
    """The latest figure first, then the others from the earliest on, then the notes without a figure."""
    if _is_crowded(sheet, figures):
        wished = [_latest_above(sheet, figures[-1], plot)]
    else:
        numbers = [len(figures) - 1, *range(len(figures) - 1)]
        marks = [sheet.axis.x(point.day) for point in figures]
        wished = [_label(sheet, figures[number], plot, number == len(figures) - 1, marks) for number in numbers]
    return wished + [note(point, sheet.axis.x(point.day), plot.head, plot.bottom) for point in silent[:MOST_NOTES]]


def _write(sheet: Sheet, placed: list[Placed | None], figures: list[DensityPoint], y: float) -> None:
    for label in placed:
        if label:
            sheet.write(label)
    if placed[0] and _is_crowded(sheet, figures):
        sheet.path(f"M{px(sheet.axis.x(figures[-1].day))} {px(y)}v6", "c-taken")


def _draw_without_figures(sheet: Sheet, course: ChartCourse, points: list[DensityPoint], top: float) -> float:
    is_counted = any(point.verdict_code for point in points)
    nothing = "no change to tell" if is_counted else "no figure recorded"
    begins, words_end = sheet.lane(top, "Density", [nothing] if points else [])
    height = 56 if points else 40
    if not points:
        sheet.say(sheet.axis.x(course.baseline) + 8, begins + 24, "not measured")
    for x in _lines(sheet, points):
        sheet.path(f"M{px(x)} {px(begins + 10)}V{px(begins + height - 10)}", "c-unknown")
        sheet.take(Box(x - 2, begins + 10, x + 2, begins + height - 10))
    notes = [note(point, sheet.axis.x(point.day), begins + 4, begins + height - 8) for point in points[:MOST_NOTES]]
    placed = [label for label in place_all(sheet.room, notes) if label]
    for label in placed:
        sheet.write(label)
    if points:
        sheet.left_out = len(points) - len(placed)
    return sheet.close(begins + height, words_end)


def _draw_scale(sheet: Sheet, plot: _Plot, marks: list[Box]) -> None:
    """On the narrow chart the values stand on their lines, but for those that something at Month 0 would cover."""
    form = sheet.form
    for value in plot.values:
        y = plot.y(value)
        zero = " zero" if value == 0 else ""
        sheet.path(f"M{form.left} {px(y)}H{form.right}", f"c-guide{zero}")
        if not form.narrow:
            sheet.text(form.left - 10, y + 4, percent(value), "c-tick", "end")
            continue
        text = percent(value).removesuffix(" %")
        box = label_box((0, y - 3, "start"), [Words(text)])
        if not any(box.meets(mark) for mark in marks):
            sheet.text(0, y - 3, text, "c-tick")


def _draw_errors(sheet: Sheet, points: list[DensityPoint], y_of: Height) -> None:
    """All error bars in one path. An interval given as low and high is drawn like an error."""
    bars = ""
    for point in points:
        if point.is_estimate or point.reach is None or point.reach[0] == point.reach[1]:
            continue
        x, low, high = sheet.axis.x(point.day), y_of(point.reach[0]), y_of(point.reach[1])
        bars += f"M{px(x)} {px(low)}V{px(high)}"
        if len(points) <= CROWD:
            bars += f"M{px(x - 4)} {px(low)}h8M{px(x - 4)} {px(high)}h8"
    sheet.path(bars, "c-error", ' fill="none"')


def _draw_figures(sheet: Sheet, points: list[DensityPoint], y_of: Height) -> None:
    discs: list[tuple[float, float]] = []
    rings: list[tuple[float, float]] = []
    for point in points:
        if point.is_estimate:
            _draw_estimate(sheet, point, y_of)
            continue
        at = (sheet.axis.x(point.day), y_of(_middle(point)))
        (discs if point.is_beyond_error else rings).append(at)
    size = 11.5 if len(points) <= CROWD else 8.5
    sheet.rings(rings, size, "c-points")
    sheet.points(discs, size - 1, "c-points")


def _middle(point: DensityPoint) -> float:
    low, high = point.span or (0.0, 0.0)
    return point.value if point.value is not None else (low + high) / 2


def _draw_estimate(sheet: Sheet, point: DensityPoint, y_of: Height) -> None:
    low, high = point.span or (0.0, 0.0)
    x, half = sheet.axis.x(point.day), 8 if sheet.form.narrow else 10
    above, below = y_of(high), y_of(low)
    if below - above < 10:
        above, below = (above + below) / 2 - 5, (above + below) / 2 + 5
    box = Box(x - half, above, x + half, below)
    sheet.rect(box, "c-plate")
    sheet.rect(box, "c-range", f' fill="{sheet.hatch}"')


def _label(sheet: Sheet, point: DensityPoint, plot: _Plot, is_latest: bool, marks: list[float]) -> Wish:
    """A label keeps between its neighbours' marks, so that it is never read as one of theirs."""
    low, high = point.reach or (0.0, 0.0)
    x, y = sheet.axis.x(point.day), plot.y(_middle(point))
    before = max((other + BESIDE for other in marks if other < x - 2 * BESIDE), default=float("-inf"))
    behind = min((other - BESIDE for other in marks if other > x + 2 * BESIDE), default=float("inf"))
    around = _places_around(_mark(sheet, point, plot), y, min(plot.y(high), y - 8), max(plot.y(low), y + 8))

    def places(lines: Lines) -> list[Place]:
        boxes = ((where, label_box(where, lines)) for where in around(lines))
        return [where for where, box in boxes if box.left >= before and box.right <= behind]

    return Wish(_wordings(point, is_latest), places, whole=len(LABEL_WIDTHS) + 1, stubborn=3)


def _places_around(mark: Box, y: float, top: float, bottom: float) -> Callable[[Lines], list[Place]]:
    """Behind the mark at `y`, above its `top`, below its `bottom`, before it; then further up and down beside it."""
    before, x, behind = mark.left - BESIDE, (mark.left + mark.right) / 2, mark.right + BESIDE

    def places(lines: Lines) -> list[Place]:
        deep = drop(lines)
        middle, above, below = y + 4 - deep / 2, top - 8 - deep, bottom + 18
        beside = (y + 4, y + 4 - deep, middle)
        found: list[Place] = [(behind, at, "start") for at in beside]
        found += [(x, above, "middle"), (x, below, "middle")]
        found += [(before, at, "end") for at in beside]
        for step in range(6, 73, 6):
            for at in (middle + step, middle - step):
                found += [(behind, at, "start"), (before, at, "end")]
        return found

    return places


def _latest_above(sheet: Sheet, point: DensityPoint, plot: _Plot) -> Wish:
    """Where figures stand close, only the latest is written out, above them all."""
    x, figure = sheet.axis.x(point.day), Words(density_figure(point), "c-val", 13)
    told = density_words(point).removeprefix(figure.text).strip(" ,")
    y = plot.head - ABOVE_CROWD + 20
    wordings = [[replace(figure, tail=tail)] for tail in (told, _error(point), "")]
    right = x + CLEAR
    return Wish(
        wordings,
        lambda lines: [(max(right, lines[0].width), y, "end"), (x - 2 * CLEAR, y, "end"), (x + 2 * CLEAR, y, "start")],
        whole=1,
    )


def _error(point: DensityPoint) -> str:
    return "" if point.error_pct is None else f"± {plain(abs(point.error_pct))}"


def _wordings(point: DensityPoint, is_latest: bool) -> list[Lines]:
    """The figure with its verdict in lines of several widths, the last with its error below it; without verdict;
    without error."""
    css, size = ("c-val big", 16) if is_latest else ("c-val", 13)
    bare = Words(density_figure(point), css, size)
    figure, error = replace(bare, tail=_error(point)), _error(point)
    tone = "c-note warn" if point.is_estimate else "c-note"
    verdict = lowered(point.verdict_label or point.method_label)
    found: list[Lines] = [[figure, *(Words(line, tone) for line in balance(verdict, w))] for w in LABEL_WIDTHS]
    stacked = [Words(error, "c-sub")] if error else []
    found.append([bare, *stacked, *(Words(line, tone) for line in balance(verdict, LABEL_WIDTHS[-1]))])
    return [*found, [figure], [bare]]
