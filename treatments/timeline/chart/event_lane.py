"""The event lane: a triangle for each adverse event, a ring for each time there were none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from treatments.timeline.chart.svg_canvas import FINGER, MANY, SHARED, TARGET, Sheet, px
from treatments.timeline.chart.text import event_state, grades, lowered
from treatments.timeline.chart.text_metrics import LINE, Box, Place, Words, balance
from treatments.timeline.chart.time_scale import Cluster, cluster, month_name, rooms
from treatments.timeline.chart.types import ChartCourse, EventMark

MOST_TRIANGLES = 3  # of one cluster; more become one triangle and a count
TRIANGLE_APART = 15
WORD_WIDTH = 96
MOST_LINES = 3
MOST_NAMED = 3
FEW_RINGS = 6
LOWEST_ROW = 40
FEW = 2  # on the narrow chart, so many clusters still get their words


@dataclass(frozen=True, slots=True)
class _Label:
    group: Cluster[EventMark]
    state: list[Words]
    words: list[Words]
    count: list[Words]


def draw_events(sheet: Sheet, course: ChartCourse, top: float) -> float:
    """Gives the y below the lane. Serious: filled, and the word; open: the word."""
    begins, words_end = sheet.lane(top, "Events", _about(course))
    middle = begins + (22 if not sheet.form.narrow else 16)
    groups = cluster(course.events, lambda e: sheet.axis.x(e.at), TARGET if len(course.events) <= MANY else SHARED)
    widths = rooms(groups, FINGER + 4)
    if not groups and not course.asked_none:
        sheet.say(sheet.axis.x(course.baseline) + 8, middle + 4, "none recorded")
    for group, room in zip(groups, widths, strict=True):
        _draw_group(sheet, group, room, middle)
    _draw_rings(sheet, course, middle)
    _label_groups(sheet, groups, middle)
    _label_rings(sheet, course, middle)
    for group, room in zip(groups, widths, strict=True):
        _link_group(sheet, course, group, room, middle)
    lowest = max((box.bottom for box in sheet.taken if box.top > middle), default=middle)
    return sheet.close(max(lowest + 8, middle + 24), words_end)


def _about(course: ChartCourse) -> list[str]:
    asked = [f"○ asked, none: {len(course.asked_none)}"] if course.asked_none else []
    if not course.events:
        return asked or ["not asked"]
    return [f"{len(course.events)}, {grades(course.events)}", event_state(course.events), *asked]


def _draw_group(sheet: Sheet, group: Cluster[EventMark], room: float, y: float) -> None:
    """The serious ones first, one triangle each, or one that stands for all."""
    events = sorted(group.items, key=lambda e: not e.serious)
    fitting = int(room // TRIANGLE_APART)
    if len(events) > fitting:
        harmless = [e for e in events if not e.serious]
        events = ([e for e in events if e.serious][:1] + harmless[:1])[: max(1, fitting)]
    for number, event in enumerate(events):
        x = group.x + (number - (len(events) - 1) / 2) * TRIANGLE_APART
        css = "c-event c-serious" if event.serious else "c-event"
        sheet.path(f"M{px(x - 6)} {px(y + 4)}l6-11 6 11z", css)
    half = 8 + (len(events) - 1) / 2 * TRIANGLE_APART
    sheet.take(Box(group.x - half, y - 8, group.x + half, y + 6))


def _draw_rings(sheet: Sheet, course: ChartCourse, y: float) -> None:
    rings: list[tuple[float, float]] = []
    for day in sorted(course.asked_none):
        x = sheet.axis.x(day)
        box = Box(x - 4, y - 5, x + 4, y + 3)
        if not any(box.meets(other) for other in sheet.taken if other is not sheet.today):
            rings.append((x, y - 1))
            sheet.take(box)
    sheet.rings(rings, 9, "c-asked")


def _label_rings(sheet: Sheet, course: ChartCourse, y: float) -> None:
    """The words at each ring that has room for them; the words about the lane say it of all."""
    if len(course.asked_none) > FEW_RINGS:
        return
    variants = [[Words("asked, none")], [Words("asked,"), Words("none")]]
    for day in sorted(course.asked_none):
        _write(sheet, variants, sheet.axis.x(day), y)


def _label_of(group: Cluster[EventMark]) -> _Label:
    events = group.items
    serious, unclosed = sum(e.serious for e in events), sum(e.is_open for e in events)
    many = len(events) > 1
    state: list[Words] = []
    if serious:
        state.append(Words(f"{serious} serious" if many else "serious", "c-note c-harm"))
    if unclosed:
        state.append(Words(f"{unclosed} open" if many else "open", "c-note warn"))
    words: list[Words] = []
    for text in dict.fromkeys(lowered(e.label) for e in events):
        words += [Words(line) for line in balance(text, WORD_WIDTH)]
    count = [Words(str(len(events)))] if many else []
    return _Label(group, state, words, count)


def _label_groups(sheet: Sheet, groups: Sequence[Cluster[EventMark]], y: float) -> None:
    """What happened where there is room for it, else how many. That an event is serious or open
    is always written, lower down if need be."""
    wordy = not sheet.form.narrow or len(groups) <= FEW
    labels = sorted((_label_of(group) for group in groups), key=lambda label: not label.state)
    for label in labels:
        x = label.group.x
        few = len(label.words) <= MOST_LINES and len(label.group.items) <= MOST_TRIANGLES
        full = label.state + label.words if few and (wordy or label.state) else []
        variants = [lines for lines in (full, label.count + label.state) if lines]
        if not _write(sheet, variants, x, y) and label.state:
            lower = [y + LINE * row for row in range(1, LOWEST_ROW)]
            if not any(_write(sheet, [label.state], x, below) for below in lower):
                sheet.left_out += 1


def _write(sheet: Sheet, variants: list[list[Words]], x: float, y: float) -> Box | None:
    """In the middle below the mark, moved aside only as far as the edges of the sheet and today's line ask for."""
    for lines in variants:
        half = max(line.width for line in lines) / 2 + 3
        held = min(max(x, sheet.wall + half), sheet.form.width - half)
        places: list[Place] = [(near, y + 20, "middle") for near in sheet.beside_today(held, half)]
        if box := sheet.write_where_free([lines], places):
            return box
    return None


def _link_group(sheet: Sheet, course: ChartCourse, group: Cluster[EventMark], room: float, y: float) -> None:
    """A cluster leads to what matters most in it: serious, then open, then the latest."""
    lead = max(group.items, key=lambda e: (e.serious, e.is_open, e.at))
    if len(group.items) == 1:
        label = _described(course, lead)
    else:
        named = list(dict.fromkeys(e.label for e in group.items))
        more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
        label = (
            f"{len(group.items)} adverse events, from {month_name(course.baseline, group.items[0].at)}:"
            f" {', '.join(named[:MOST_NAMED])}{more}; {event_state(group.items)}"
        )
    sheet.link(lead.url, label, Box(group.x - room / 2, y - 14, group.x + room / 2, y + 28))


def _described(course: ChartCourse, event: EventMark) -> str:
    when = f"{month_name(course.baseline, event.at)}, {course.spelled(event.at)}"
    return ", ".join(
        filter(
            None,
            (
                f"{event.label}, grade {event.grade}",
                "serious" if event.serious else "",
                "open" if event.is_open else "closed",
                when if event.onset else f"reported {when}, onset not known",
            ),
        )
    )
