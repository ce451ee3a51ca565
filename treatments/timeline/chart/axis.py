"""The time axis above the lanes: months of the course, months of the calendar, and today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from treatments.timeline.chart.svg_canvas import Format, Sheet, px
from treatments.timeline.chart.text_metrics import Place, Words
from treatments.timeline.chart.time_scale import TimeAxis
from treatments.timeline.chart.types import ChartCourse

YEAR_BESIDE_MONTH = 64  # px between two months; below it years get a line of their own
STRIP = 20
NAME_REACH = 44  # px from the middle of "Month 0" to that of a label before it

Tick = tuple[int, date, float]


def axis_height(form: Format, axis: TimeAxis, course: ChartCourse) -> int:
    """Where the first lane begins."""
    height = 44 if _has_room_for_years(axis.ticks(form.month_px)) else 60
    return height + (STRIP if _needs_strip(axis, course) else 0)


def draw_axis(sheet: Sheet, course: ChartCourse, top: float, plots: Sequence[tuple[float, float]]) -> None:
    """Labels above `top`; the lines of the months down to the end, that of today through the plot of each lane."""
    axis, bottom = sheet.axis, plots[-1][1]
    ticks = axis.ticks(sheet.form.month_px)
    zero = axis.x(course.baseline)
    strip = STRIP if _needs_strip(axis, course) else 0
    grid = "".join(f"M{px(x)} {px(top - strip - 4)}V{px(bottom)}" for _, _, x in ticks)
    sheet.path(grid, "c-grid")
    sheet.row(
        16, "c-month", ((x, str(month).replace("-", "−")) for month, _, x in ticks if _is_written(month, x - zero))
    )
    _write_month_zero(sheet, ticks)
    new_year = [day.year != before for before, (_, day, _) in zip(_years(ticks), ticks, strict=False)]
    if _has_room_for_years(ticks):
        sheet.row(
            32,
            "c-cal",
            (
                (x, f"{day:%b} {day.year}" if is_new else f"{day:%b}")
                for (_, day, x), is_new in zip(ticks, new_year, strict=True)
            ),
        )
    else:
        sheet.row(32, "c-cal", ((x, f"{day:%b}") for _, day, x in ticks))
        years = ((x, str(day.year)) for (_, day, x), new in zip(ticks, new_year, strict=True) if new)
        sheet.row(48, "c-cal", years)
    if axis.shows(course.reached):
        _draw_today(sheet, course, top, plots)
    if _has_earlier(axis, course):
        variants = [[Words("‹ earlier, held at this edge")], [Words("‹ earlier")]]
        sheet.write_where_free(variants, [(max(0, axis.left - 4), top - 6, "start")])


def _is_written(month: int, from_zero: float) -> bool:
    """False for Month 0, whose name is written out, and for a month that the name would touch."""
    return month > 0 or from_zero < -NAME_REACH


def _write_month_zero(sheet: Sheet, ticks: list[Tick]) -> None:
    """The word in small letters where the next month stands close."""
    x = sheet.axis.x(sheet.axis.baseline)
    word = "Month" if _has_room_for_years(ticks) else '<tspan class="c-sub">Month</tspan>'
    sheet.drawn.append(f'<text x="{px(x)}" y="16" class="c-month" text-anchor="middle">{word} 0</text>')


def _years(ticks: list[Tick]) -> list[int | None]:
    """The year of the tick before each."""
    return [None, *(day.year for _, day, _ in ticks)]


def _has_room_for_years(ticks: list[Tick]) -> bool:
    return len(ticks) < 2 or ticks[1][2] - ticks[0][2] >= YEAR_BESIDE_MONTH


def _has_earlier(axis: TimeAxis, course: ChartCourse) -> bool:
    return any(day < axis.first for day in course.days[:1])


def _needs_strip(axis: TimeAxis, course: ChartCourse) -> bool:
    return axis.shows(course.reached) or _has_earlier(axis, course)


def _draw_today(sheet: Sheet, course: ChartCourse, top: float, plots: Sequence[tuple[float, float]]) -> None:
    """On the narrow chart the line leaves out the names of the lanes, which stand above their plots."""
    x = sheet.axis.x(course.reached)
    stretches = [(top - STRIP + 2, top), *plots] if sheet.form.narrow else [(top - STRIP + 2, plots[-1][1])]
    line = "".join(f"M{px(x)} {px(begins)}V{px(ends)}" for begins, ends in stretches)
    sheet.path(line, "c-ended" if course.reached == course.end else "c-today")
    words = [[Words(course.reached_words)]]
    places: list[Place] = [(x + 6, top - 6, "start"), (x - 6, top - 6, "end")]
    sheet.write_where_free(words, places)
