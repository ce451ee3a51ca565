"""The time axis above the lanes: months of the course, months of the calendar, and today."""

from collections.abc import Sequence

from treatments.timeline.chart.canvas import Canvas, px
from treatments.timeline.chart.labels import Line
from treatments.timeline.chart.time_scale import Tick
from treatments.timeline.chart.types import ChartCourse

NAME_REACH = 44  # px from the middle of "Month 0" to that of a label before it
TOP = 80  # px above the lanes
NOTES = 74  # the base line of what is said of today, and of days before the axis


def draw_axis(canvas: Canvas, course: ChartCourse, ticks: Sequence[Tick]) -> int:
    """Gives the y where the first lane begins."""
    zero = canvas.axis.x(course.baseline)
    numbers = [(x, str(month).replace("-", "−")) for month, _, x in ticks if month > 0 or x < zero - NAME_REACH]
    canvas.texts(16, "c-month", numbers)
    name = '<tspan class="c-sub">Month</tspan> 0'
    canvas.drawn.append(f'<text x="{px(zero)}" y="16" class="c-month" text-anchor="middle">{name}</text>')
    canvas.texts(32, "c-cal", [(x, f"{day:%b}") for _, day, x in ticks])
    new_years = {day.year: x for _, day, x in reversed(ticks)}
    canvas.texts(48, "c-cal", [(x, str(year)) for year, x in new_years.items()])
    room = _write_today(canvas, course)
    if course.days[:1] < [canvas.axis.first]:
        left = max(0, canvas.axis.left - 4)
        note = Line("‹ earlier, held at this edge")
        canvas.text(left, NOTES, note if left + note.width < room else Line("‹ earlier"))
    return TOP


def _write_today(canvas: Canvas, course: ChartCourse) -> float:
    """ "today, 16 Jun 2025" or "stopped, 17 Nov 2026", behind the line or, at the end of the page, before it. Gives
    the x where it begins."""
    if canvas.today is None:
        return canvas.form.width
    word = course.end_word if course.reached == course.end else "today"
    line = Line(f"{word}, {course.spelled(course.reached)}")
    is_behind = canvas.today + 6 + line.width <= canvas.form.width
    left = canvas.today + 6 if is_behind else canvas.today - 6 - line.width
    canvas.text(left, NOTES, line)
    return left
