"""The time axis above the lanes: months of the course, months of the calendar, and today."""

from collections.abc import Sequence

from treatments.timeline.chart.canvas import Canvas, px
from treatments.timeline.chart.labels import GAP, Label, fit, text_width
from treatments.timeline.chart.time_scale import Tick
from treatments.timeline.chart.types import ChartCourse, spelled

NAME = '<text x="{}" y="16" class="c-month" text-anchor="middle"><tspan class="c-sub">Month</tspan> 0</text>'
NAME_WIDTH = text_width("Month ") + text_width("0", "c-val")


def draw_axis(canvas: Canvas, course: ChartCourse, ticks: Sequence[Tick]) -> int:
    """Gives the y where the first lane begins."""
    zero = canvas.axis.x(course.baseline)
    numbers = [(x, str(month).replace("-", "−")) for month, _, x in ticks]
    canvas.drawn.append(NAME.format(px(zero)))
    canvas.texts(16, "c-month", [number for number in numbers if _is_clear(zero, *number)])
    canvas.texts(32, "c-cal", [(x, f"{day:%b}") for _, day, x in ticks])
    new_years = {day.year: (x, str(day.year)) for _, day, x in reversed(ticks)}
    canvas.texts(48, "c-cal", _apart(sorted(new_years.values())))
    labels = [*_earlier(canvas, course), *_today(canvas, course)]
    fit(labels, (0, canvas.form.width))
    canvas.labels(labels, 57)
    return 80


def _is_clear(zero: float, x: float, number: str) -> bool:
    """Whether the number at `x` stands clear of "Month 0", so that nobody reads "Month 0 1" as one."""
    return abs(x - zero) >= (NAME_WIDTH + text_width(number, "c-val")) / 2 + GAP


def _apart(years: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """The years, given in order of x, without those that would touch the one before."""
    kept: list[tuple[float, str]] = []
    for x, year in years:
        if not kept or x - kept[-1][0] >= text_width(year) + GAP:
            kept.append((x, year))
    return kept


def _earlier(canvas: Canvas, course: ChartCourse) -> list[Label]:
    is_earlier = min([canvas.axis.first, *course.days[:1]]) < canvas.axis.first
    return [Label.of(canvas.axis.left, ["‹ earlier, shown at this edge"])] * is_earlier


def _today(canvas: Canvas, course: ChartCourse) -> list[Label]:
    if canvas.today is None:
        return []
    if course.reached != course.end:
        return [Label.of(canvas.today, [f"today, {spelled(course.reached)}"])]
    return [Label.of(canvas.today, [f"{course.end_word}, {spelled(course.known_end or course.end)}"])]
