"""The course of one patient on one time axis, as SVG drawn on the server.

Stage, density, sessions, adverse events and photos stand below each other, so that what happened
together is seen together. Unknown is drawn as unknown: dotted where nothing was graded, hatched
where a figure was estimated and not measured. The drawing itself is hidden from screen readers;
its title tells the facts, and whatever leads to a record is a link.
"""

from treatments.timeline.chart.axis import draw_axis
from treatments.timeline.chart.canvas import FORMATS, PAD, Canvas, WidthKind, escape, path, px
from treatments.timeline.chart.lanes.density_lane import draw_density
from treatments.timeline.chart.lanes.event_lane import draw_events
from treatments.timeline.chart.lanes.photo_lane import draw_photos
from treatments.timeline.chart.lanes.session_lane import draw_sessions
from treatments.timeline.chart.lanes.stage_lane import draw_stage
from treatments.timeline.chart.lanes.therapy_lane import draw_therapies
from treatments.timeline.chart.text import summary
from treatments.timeline.chart.time_scale import TimeAxis, span_of
from treatments.timeline.chart.types import ChartCourse

LANES = (draw_stage, draw_density, draw_sessions, draw_therapies, draw_events, draw_photos)

SVG = """\
<svg class="chart chart-{kind}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="group" \
aria-labelledby="ct-{key}">\
<title id="ct-{key}">{title}</title>\
<defs>\
<pattern id="h-{key}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">\
<rect width="6" height="6" class="c-plate"/><path d="M0 0V6" class="c-hatch"/></pattern>\
</defs>\
<g aria-hidden="true">{behind}{drawn}</g>\
<g pointer-events="all">{links}</g>\
</svg>"""


def draw(course: ChartCourse, width_kind: WidthKind, key: str = "", title: str = "") -> str:
    """One `<svg>`, every text escaped, so that it may be marked safe.

    `key` keeps ids apart where a page shows more than one course; letters, digits, hyphens.
    """
    form = FORMATS[width_kind]
    axis = TimeAxis(course.baseline, *span_of(course), form.left + PAD, form.right - PAD)
    canvas = Canvas(form, axis, escape(f"{width_kind[0]}{key}"), _today(course, axis))
    ticks = axis.ticks(form.month)
    top = bottom = draw_axis(canvas, course, ticks)
    for draw_lane in LANES:
        bottom = draw_lane(canvas, course, bottom)
    canvas.path(f"M0 {px(bottom - 0.5)}H{form.width}", "c-rule")
    grid = path("".join(f"M{px(x)} 56V{bottom}" for _, _, x in ticks), "c-grid")
    today = path(canvas.today_line(top - 6, bottom), "c-ended" if course.reached == course.end else "c-today")
    return SVG.format(
        kind=width_kind,
        width=form.width,
        height=bottom,
        key=canvas.key,
        title=escape(title or summary(course)),
        behind=grid + today,
        drawn="".join(canvas.drawn),
        links="".join(canvas.links),
    )


def _today(course: ChartCourse, axis: TimeAxis) -> float | None:
    return axis.x(course.reached) if axis.first <= course.reached <= axis.last else None


def draw_all(course: ChartCourse, key: str = "") -> str:
    """The chart in its three widths; the style sheet shows the one that fits."""
    title = summary(course)
    return "".join(draw(course, kind, key, title) for kind in FORMATS)
