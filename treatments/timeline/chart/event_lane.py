"""The event lane: a triangle for each adverse event, a ring for each time there were none."""

from collections.abc import Sequence

from treatments.records.formatting import uncapitalised
from treatments.timeline.chart.canvas import FINGER, MANY, SHARED, TARGET, Canvas
from treatments.timeline.chart.labels import Label, Line, balance, place
from treatments.timeline.chart.text import at_month, event_facts, event_state, grades, month_of, tally
from treatments.timeline.chart.time_scale import Cluster, cluster, rooms
from treatments.timeline.chart.types import ChartCourse, EventMark

MOST_TRIANGLES = 3  # of one cluster; more become one triangle and a count
TRIANGLE, TRIANGLE_APART = "M{x} {y}m-6 4l6-11 6 11z", 15  # px
TEXT_WIDTH = 96  # px at which the names of events are broken
MOST_LINES = 3
MOST_NAMED = 3
FEW_RINGS = 6

Group = Cluster[EventMark]


def draw_events(canvas: Canvas, course: ChartCourse, top: float) -> int:
    """Gives the y below the lane. Serious: filled, and the word; open: the word."""
    begins = canvas.open_lane(top, "Events", _about(course))
    if not course.events and not course.asked_none:
        return canvas.close_empty_lane(begins, "none recorded")
    y = begins + 14
    xs = [canvas.axis.x(event.at) for event in course.events]
    groups = cluster(course.events, xs, TARGET if len(xs) <= MANY else SHARED)
    taken: list[tuple[float, float]] = []
    for group, room in zip(groups, rooms(groups, FINGER), strict=True):
        taken.append((group.x, _draw_triangles(canvas, group, room, y)))
        lead = max(group.items, key=lambda event: (event.serious, event.is_open, event.at))
        canvas.link(lead.url, _link_text(course, group, lead), (group.x - room / 2, y - 14, room, 42))
    _draw_rings(canvas, course, taken, y)
    bottom = y + 5
    for row in _label_rows(canvas, groups, sorted(map(canvas.axis.x, course.asked_none))):
        bottom = canvas.labels(row, bottom)
    return canvas.close_lane(max(bottom, y + 24))


def _about(course: ChartCourse) -> list[str]:
    asked = [f"○ asked, none: {len(course.asked_none)}"] if course.asked_none else []
    if not course.events:
        return asked or ["not asked"]
    return [f"{len(course.events)}, {grades(course.events)}", event_state(course.events), *asked]


def _draw_triangles(canvas: Canvas, group: Group, room: float, y: float) -> float:
    """One for each event, or one for all, serious if one of them is. Gives half the width they take."""
    events = sorted(group.items, key=lambda event: not event.serious)
    if len(events) > min(MOST_TRIANGLES, room // TRIANGLE_APART):
        events = events[:1]
    half = (len(events) - 1) / 2 * TRIANGLE_APART
    for number, event in enumerate(events):
        css = "c-event c-serious" if event.serious else "c-event"
        canvas.marks(TRIANGLE, [(group.x - half + number * TRIANGLE_APART, y)], css)
    return half + 12


def _draw_rings(canvas: Canvas, course: ChartCourse, taken: list[tuple[float, float]], y: float) -> None:
    """Rings that would meet a triangle or another ring are left out; the text about the lane counts them all."""
    rings: list[tuple[float, float]] = []
    for x in sorted(map(canvas.axis.x, course.asked_none)):
        if all(abs(x - other) >= reach for other, reach in taken):
            rings.append((x, y - 1))
            taken.append((x, 8))
    canvas.rings(rings, 9, "c-asked")


def _label_rows(canvas: Canvas, groups: Sequence[Group], rings: Sequence[float]) -> list[list[Label]]:
    """What happened where there is room for it. How many events share a mark, and that one of them is serious or open,
    is always written, in further rows if need be."""
    rows: list[list[Label]] = [[]]
    for group in sorted(groups, key=lambda group: tally(group.items), reverse=True):
        brief = _count(group) + _state(group)
        if not (_add(canvas, rows[0], group.x, _full(group)) or _add(canvas, rows[0], group.x, brief)) and brief:
            rows.append([])
            next(row for row in rows[1:] if _add(canvas, row, group.x, brief))
    for x in rings if len(rings) <= FEW_RINGS else ():
        _add(canvas, rows[0], x, [Line("asked, none")])
    return rows


def _add(canvas: Canvas, row: list[Label], x: float, lines: Sequence[Line]) -> bool:
    """Writes the lines under their mark, held between the bounds, if nothing stands there."""
    if not lines:
        return False
    label = Label(x, lines)
    place([label], canvas.bounds)
    is_free = all(map(label.is_clear_of, row))
    if is_free:
        row.append(label)
    return is_free


def _full(group: Group) -> list[Line]:
    names = dict.fromkeys(uncapitalised(event.label) for event in group.items)
    lines = [Line(text) for name in names for text in balance(name, TEXT_WIDTH)]
    is_short = len(lines) <= MOST_LINES and len(group.items) <= MOST_TRIANGLES
    return _state(group) + lines if is_short else []


def _count(group: Group) -> list[Line]:
    return [Line(str(len(group.items)))] if len(group.items) > 1 else []


def _state(group: Group) -> list[Line]:
    """ "1 serious", "2 open"; without the number where there is one event only."""
    states = zip(tally(group.items), ("serious", "open"), ("c-note c-harm", "c-note warn"), strict=True)
    return [Line(f"{number} {text}" if _count(group) else text, css) for number, text, css in states if number]


def _link_text(course: ChartCourse, group: Group, lead: EventMark) -> str:
    """A cluster leads to what matters most in it: serious, then open, then the latest."""
    if len(group.items) == 1:
        when = at_month(course, lead.at)
        return f"{event_facts(lead)}, {when if lead.onset else f'reported {when}, onset not known'}"
    names = list(dict.fromkeys(event.label for event in group.items))
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    named = f"from {month_of(course, group.items[0].at)}: {', '.join(names[:MOST_NAMED])}{more}"
    return f"{len(group.items)} adverse events, {named}; {event_state(group.items)}"
