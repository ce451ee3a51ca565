"""The event lane: a triangle for each adverse event, a ring for each time there were none."""

from collections.abc import Sequence
from operator import attrgetter

from treatments.records.formatting import uncapitalised
from treatments.timeline.chart.canvas import FINGER, MANY, SHARED, TARGET, Box, Canvas
from treatments.timeline.chart.labels import Label, Line, balance
from treatments.timeline.chart.text import at_month, event_facts, event_state, grades, month_of, tally
from treatments.timeline.chart.time_scale import Cluster, apart, cluster, rooms
from treatments.timeline.chart.types import ChartCourse, EventMark, middle

MOST_TRIANGLES = 3  # of one cluster; more become one triangle and a count
TRIANGLE, APART = "M{x:g} {y:g}m-6 4l6-11 6 11z", 15  # px from one to the next
TEXT_WIDTH = 96  # px at which the names of events are broken
RING_APART = 9  # px; of rings nearer than this one is drawn
MOST_LINES = 3
MOST_NAMED = 3
SHIFTS = (0, -6, 6, -12, 12)  # px that a label may stand aside of its mark
FEW_RINGS = 6
FEW_GROUPS = 2  # that are named on the narrow chart

Group = Cluster[EventMark]


def draw_events(canvas: Canvas, course: ChartCourse, top: float) -> int:
    """Gives the y below the lane. Serious: filled, and the word; open: the word."""
    if not (course.events or course.asked_none):
        return canvas.empty_lane(top, "Events", "none recorded", ["not asked"])
    y = canvas.open_lane(top, "Events", _about(course)) + 14
    rings = sorted(map(canvas.axis.x, course.asked_none))
    xs = [canvas.axis.x(event.at) for event in course.events]
    groups = cluster(course.events, xs, TARGET if len(xs) <= MANY else SHARED)
    _draw_rings(canvas, rings, groups, y)
    for group, room in zip(groups, rooms(groups, FINGER + 4), strict=True):
        _draw_group(canvas, course, group, (group.x - room / 2, y - 14, room, 42))
    rows = _label_groups(canvas, groups)
    _label_rings(canvas, rings, rows[0])
    bottom = y + 5
    for row in rows:
        bottom = canvas.labels(row, bottom)
    return canvas.close_lane(max(bottom, y + 24))


def _about(course: ChartCourse) -> list[str]:
    events = [f"{len(course.events)}, {grades(course.events)}", event_state(course.events)] if course.events else []
    return events + [f"○ asked, none: {len(course.asked_none)}"] * bool(course.asked_none)


def _draw_rings(canvas: Canvas, rings: Sequence[float], groups: Sequence[Group], y: float) -> None:
    """Rings that would meet a triangle or another ring are left out; the text about the lane counts them all."""
    reaches = [(group.x, 6 + 6 * min(len(group.items), MOST_TRIANGLES)) for group in groups]
    free = [x for x in rings if all(abs(x - middle) > reach for middle, reach in reaches)]
    canvas.rings([(free[number], y - 1) for number in apart(free, RING_APART)], 9, "c-asked")


def _draw_group(canvas: Canvas, course: ChartCourse, group: Group, box: Box) -> None:
    """A triangle for each event, or one for all, serious if one of them is. The link leads to what matters most:
    serious, then open, then the latest."""
    events = sorted(group.items, key=lambda event: (event.serious, event.is_open, middle(event.at)), reverse=True)
    canvas.link(events[0].url, _link_text(course, group, events[0]), box)
    if len(events) > min(MOST_TRIANGLES, box[2] // APART):
        events = events[:1]
    left = group.x - (len(events) - 1) / 2 * APART
    for number, event in enumerate(events):
        css = "c-event c-serious" if event.serious else "c-event"
        canvas.marks(TRIANGLE, [(left + number * APART, box[1] + 14)], css)


def _label_groups(canvas: Canvas, groups: Sequence[Group]) -> list[list[Label]]:
    """What happened where there is room for it. How many events share a mark, and that one of them is serious or open,
    is always written, in further rows if need be."""
    rows: list[list[Label]] = [[]]
    is_wordy = len(groups) <= FEW_GROUPS or not canvas.form.narrow
    for group in sorted(groups, key=_weight, reverse=True):
        state = _state(group)
        names, brief = _names(group, is_wordy or bool(state)), _count(group) + state
        wordings = [state + names] * bool(names) + [brief]
        if not any(_add(canvas, rows[0], group.x, lines) for lines in wordings) and brief:
            rows.append([])
            next(row for row in rows[1:] if _add(canvas, row, group.x, brief))
    return rows


def _weight(group: Group) -> tuple[int, int]:
    return tally(group.items)


def _label_rings(canvas: Canvas, rings: Sequence[float], row: list[Label]) -> None:
    if len(rings) <= FEW_RINGS:
        for x in rings:
            _add(canvas, row, x, [Line("asked, none")]) or _add(canvas, row, x, [Line("asked,"), Line("none")])


def _add(canvas: Canvas, row: list[Label], x: float, lines: Sequence[Line]) -> bool:
    """Puts the lines under their mark or a little aside, between the bounds, if nothing stands there."""
    label = Label(x, lines)
    half = label.width / 2
    for shift in SHIFTS if lines else ():
        label.middle = max(canvas.bounds[0] + half, min(x + shift, canvas.bounds[1] - half))
        if all(map(label.is_clear_of, row)):
            row.append(label)
            return True
    return False


def _names(group: Group, is_wordy: bool) -> list[Line]:
    """Each kind of event once; nothing where they are too many to be read."""
    names = dict.fromkeys(map(uncapitalised, map(attrgetter("label"), group.items)))
    lines = [Line(text) for name in names for text in balance(name, TEXT_WIDTH)]
    is_short = len(lines) <= MOST_LINES and len(group.items) <= MOST_TRIANGLES
    return lines if is_short and is_wordy else []


def _count(group: Group) -> list[Line]:
    return [Line(str(len(group.items)))] * (len(group.items) > 1)


def _state(group: Group) -> list[Line]:
    """ "1 serious", "2 not resolved"; without the number where there is one event only."""
    states = zip(tally(group.items), ("serious", "not resolved"), ("c-note c-harm", "c-note warn"), strict=True)
    return [Line(f"{number} {text}" if _count(group) else text, css) for number, text, css in states if number]


def _link_text(course: ChartCourse, group: Group, lead: EventMark) -> str:
    if len(group.items) == 1:
        when = at_month(course, lead.at)
        return f"{event_facts(lead)}, {when if lead.onset else f'reported {when}, beginning not known'}"
    names = list(dict.fromkeys(event.label for event in group.items))
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    named = f"from {month_of(course, group.items[0].at)}: {', '.join(names[:MOST_NAMED])}{more}"
    return f"{len(group.items)} adverse events, {named}; {event_state(group.items)}"
