"""The density lane: changes against Month 0, each with its error, or with the word that it has none.

Disc: a change beyond its error. Ring: within it, or the error is not known. Hatched: estimated by
eye, not measured. Dotted: noted without a figure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from treatments.timeline.chart_course import ChartCourse, DensityPoint
from treatments.timeline.chart_facts import (
    density_figure,
    density_words,
    lowered,
    percent,
    plain,
    unfigured_words,
)
from treatments.timeline.chart_scale import round_values
from treatments.timeline.chart_sheet import Box, Place, Sheet, Words, balance, px

Height = Callable[[float], float]
LABEL_WIDTHS = (150, 104, 70)  # px: a verdict is wrapped tighter before it is left out
CROWD, CROWD_NARROW = 8, 5  # with more figures than this, only the latest is written out
MOST_NOTES = 6  # notes without a figure that are written out


def draw_density(sheet: Sheet, course: ChartCourse, top: float) -> float:
    """Gives the y below the lane."""
    points = sorted(course.density, key=lambda d: d.day)
    reaches = [d.reach for d in points if d.reach]
    if not reaches:
        return _draw_without_figures(sheet, course, points, top)
    about = "% against Month 0" if sheet.form.narrow else "change against Month 0"
    begins, words_end = sheet.lane(top, "Density", [about], 42)
    figures = [point for point in points if point.span]
    is_crowded = len(figures) > (CROWD_NARROW if sheet.form.narrow else CROWD)
    values = round_values(min(low for low, _ in reaches), max(high for _, high in reaches))
    head = begins + (20 if not is_crowded else 44)
    bottom = head + (92 if len(values) <= 4 else 108)
    sheet.floor = bottom + 14
    scale = (bottom - head) / (values[-1] - values[0])

    def y_of(figure: float) -> float:
        return bottom - (figure - values[0]) * scale

    _draw_scale(sheet, values, y_of)
    sheet.crossed.append(Box(sheet.form.left, y_of(0) - 1, sheet.form.right, y_of(0) + 1))
    sheet.dot(sheet.axis.x(course.baseline), y_of(0), 4, "c-dot")
    _draw_errors(sheet, points, y_of)
    _draw_figures(sheet, figures, y_of)
    silent = [point for point in points if point.span is None]
    for x in sorted({sheet.axis.x(point.day) for point in silent}):
        sheet.path(f"M{px(x)} {px(head)}V{px(bottom)}", "c-unknown")
        sheet.take(Box(x - 2, head, x + 2, bottom))
    if is_crowded:
        _label_latest(sheet, figures[-1], begins + 20)
    else:
        _label_figures(sheet, figures, y_of)
    _label_silent(sheet, silent, (head, bottom))
    return max(sheet.floor, words_end)


def _draw_without_figures(sheet: Sheet, course: ChartCourse, points: list[DensityPoint], top: float) -> float:
    begins, words_end = sheet.lane(top, "Density", ["no figure recorded"] if points else [])
    height = 56 if points else 40
    if not points:
        sheet.write(sheet.axis.x(course.baseline) + 8, begins + 24, [Words("not measured")], "start")
    for point in points:
        x = sheet.axis.x(point.day)
        sheet.path(f"M{px(x)} {px(begins + 10)}V{px(begins + height - 10)}", "c-unknown")
        sheet.take(Box(x - 2, begins + 10, x + 2, begins + height - 10))
    _label_silent(sheet, points, (begins + 4, begins + height - 8))
    return max(begins + height, words_end)


def _draw_scale(sheet: Sheet, values: list[float], y_of: Height) -> None:
    form = sheet.form
    for value in values:
        y = y_of(value)
        zero = " zero" if value == 0 else ""
        sheet.path(f"M{form.left} {px(y)}H{form.right}", f"c-guide{zero}")
        if not form.narrow:
            sheet.text(form.left - 10, y + 4, percent(value), "c-tick", "end")
            continue
        text = percent(value) if value == values[-1] else percent(value).removesuffix(" %")
        sheet.write(0, y - 3, [Words(text, "c-tick")], "start")


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
        sheet.take(Box(x - 5, high - 1, x + 5, low + 1))
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
        sheet.take(Box(at[0] - 6, at[1] - 6, at[0] + 6, at[1] + 6))
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
    sheet.take(box)


def _label_figures(sheet: Sheet, points: list[DensityPoint], y_of: Height) -> None:
    """The latest figure first, then the others as long as there is room."""
    for number in [len(points) - 1, *range(len(points) - 1)]:
        point = points[number]
        low, high = point.reach or (0.0, 0.0)
        x, y = sheet.axis.x(point.day), y_of(_middle(point))
        places = _places_around(x, y, min(y_of(high), y - 8), max(y_of(low), y + 8))
        full, brief = _wordings(point, is_latest=number == len(points) - 1)
        if not sheet.write_where_free(full, places):
            sheet.write_where_free(brief, places)


def _places_around(x: float, y: float, top: float, bottom: float) -> Callable[[float], list[Place]]:
    """Beside the mark at `y`, above its `top`, below its `bottom`."""
    return lambda drop: [
        (x + 14, y + 4, "start"),
        (x + 14, y + 4 - drop, "start"),
        (x - 14, y + 4, "end"),
        (x - 14, y + 4 - drop, "end"),
        *((x + 14, y + 4 + step, "start") for step in (8, -8 - drop, 16, -16 - drop)),
        (x, top - 8 - drop, "middle"),
        (x, bottom + 18, "middle"),
    ]


def _label_latest(sheet: Sheet, point: DensityPoint, y: float) -> None:
    """Where figures stand close, only the latest is written out, above them all."""
    x, figure = sheet.axis.x(point.day), Words(density_figure(point), "c-val", 13)
    told = density_words(point).removeprefix(figure.text).strip(" ,")
    variants = [replace(figure, tail=told), replace(figure, tail=_error(point)), figure]
    for words in variants:
        right = max(x + 6, words.width)
        if sheet.write_where_free([[words]], [(right, y, "end")]):
            sheet.path(f"M{px(x)} {px(y + 5)}v6", "c-taken")
            return


def _error(point: DensityPoint) -> str:
    return "" if point.error_pct is None else f"± {plain(abs(point.error_pct))}"


def _wordings(point: DensityPoint, is_latest: bool) -> tuple[list[list[Words]], list[list[Words]]]:
    """The figure with its verdict, in lines of several widths; and the figure without it."""
    css, size = ("c-val big", 16) if is_latest else ("c-val", 13)
    figure = Words(density_figure(point), css, size, tail=_error(point))
    tone = "c-note warn" if point.is_estimate else "c-note"
    verdict = lowered(point.verdict_label or point.method_label)
    full = [[figure, *(Words(line, tone) for line in balance(verdict, w))] for w in LABEL_WIDTHS]
    return full, [[figure], [replace(figure, tail="")]]


def _label_silent(sheet: Sheet, points: list[DensityPoint], between: tuple[float, float]) -> None:
    top, bottom = between
    for point in points[:MOST_NOTES]:
        words = unfigured_words(point)
        variants = [[Words(line) for line in balance(words, width)][:4] for width in LABEL_WIDTHS]
        sheet.write_where_free(variants, _places_along(sheet.axis.x(point.day), top, bottom))


def _places_along(x: float, top: float, bottom: float) -> Callable[[float], list[Place]]:
    """Left and right of a vertical line, the higher the better."""

    def places(drop: float) -> list[Place]:
        steps = range(int(max(0, bottom - top - 12 - drop) // 6) + 1)
        return [
            place for y in (top + 12 + 6 * step for step in steps) for place in ((x - 8, y, "end"), (x + 8, y, "start"))
        ]

    return places
