"""The course of one patient on one time axis, as SVG drawn on the server.

Stage, density, sessions, adverse events and photos stand below each other, so that what happened
together is seen together. Unknown is drawn as unknown: dotted where nothing was graded, hatched
where a figure was estimated and not measured. The drawing itself is hidden from screen readers;
its title tells the facts, and whatever leads to a record is a link.
"""

from __future__ import annotations

from treatments.timeline.chart.axis import axis_height, draw_axis
from treatments.timeline.chart.density_lane import draw_density
from treatments.timeline.chart.event_lane import draw_events
from treatments.timeline.chart.mark_lanes import draw_photos, draw_sessions
from treatments.timeline.chart.stage_lane import draw_stage
from treatments.timeline.chart.svg_canvas import FORMATS, Sheet, WidthKind, escape, px
from treatments.timeline.chart.table import ChartRow, rows
from treatments.timeline.chart.text import summary
from treatments.timeline.chart.text_metrics import Box
from treatments.timeline.chart.time_scale import TimeAxis, span_of
from treatments.timeline.chart.types import (
    ChartCourse,
    DensityPoint,
    EventMark,
    PhotoMark,
    PlannedWindow,
    SessionTick,
    StagePoint,
)

__all__ = [
    "ChartCourse",
    "ChartRow",
    "DensityPoint",
    "EventMark",
    "PhotoMark",
    "PlannedWindow",
    "SessionTick",
    "StagePoint",
    "WidthKind",
    "draw",
    "draw_all",
    "rows",
    "summary",
]


def draw(course: ChartCourse, width_kind: WidthKind, key: str = "") -> str:
    """One `<svg>`, every text escaped, so that it may be marked safe.

    `key` keeps ids apart where a page shows more than one course; letters, digits, hyphens.
    """
    form = FORMATS[width_kind]
    first, last = span_of(course)
    axis = TimeAxis(course.baseline, first, last, form.left + form.pad, form.right - form.pad)
    lanes = Sheet(form, axis, escape(f"{width_kind[0]}{key}"))
    if axis.shows(course.reached):
        today = axis.x(course.reached)
        lanes.today = Box(today - 1, 0, today + 1, float("inf"))
    bottom: float = axis_height(form, axis, course)
    top = bottom
    for lane in (draw_stage, draw_density, draw_sessions, draw_events, draw_photos):
        bottom = lane(lanes, course, bottom)
    lanes.path(f"M0 {px(bottom - 0.5)}H{form.width}", "c-rule")
    sheet = Sheet(form, axis, lanes.key)
    draw_axis(sheet, course, top, lanes.plots)
    return (
        f'<svg class="chart chart-{width_kind}" viewBox="0 0 {form.width} {bottom}"'
        f' width="{form.width}" height="{bottom}" role="group" aria-labelledby="ct-{sheet.key}">'
        f'<title id="ct-{sheet.key}">{escape(summary(course))}</title>'
        f'<defs><pattern id="h-{sheet.key}" width="6" height="6" patternUnits="userSpaceOnUse"'
        f' patternTransform="rotate(45)"><path d="M0 0V6" class="c-hatch"/></pattern></defs>'
        f'<g aria-hidden="true">{"".join(sheet.drawn)}{"".join(lanes.drawn)}</g>'
        f'<g pointer-events="all">{"".join(lanes.links)}</g></svg>'
    )


def draw_all(course: ChartCourse, key: str = "") -> str:
    """The chart in its three widths; the style sheet shows the one that fits."""
    return "".join(draw(course, kind, key) for kind in FORMATS)
