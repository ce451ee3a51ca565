"""What the chart is drawn on: escaped SVG elements, the lanes they stand in, and the line of today.

Nothing here carries a style attribute: a strict content policy would drop it.
"""

import html
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from treatments.timeline.chart.labels import LINE, TAIL_GAP, Bounds, Line, Row, text_width, wrap
from treatments.timeline.chart.time_scale import TimeAxis

WidthKind = Literal["wide", "mid", "narrow"]
Anchor = Literal["start", "middle", "end"]
Place = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, width, height

UNPRINTABLE = (*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)
ESCAPES = {**{ord(letter): html.escape(letter) for letter in "&<>\"'"}, **dict.fromkeys(UNPRINTABLE)}
ANCHORS = {"start": "", "middle": ' text-anchor="middle"', "end": ' text-anchor="end"'}
SHARES = {"start": 0.0, "middle": 0.5, "end": 1.0}  # of a text stand before its x
CLEAR = 3  # px that the line of today leaves beside a text
RING = 3.5  # px, twice the line of a ring
PAD = 10  # px that marks keep off the edges of the plot
TARGET, FINGER, SHARED = 28, 44, 64  # px between links: at least, at ease, and where many share one anyway
MANY = 40  # records in a lane


class Format(NamedTuple):
    """One of the three widths, in px of the drawing, which is shown at its own size. `left` and `right` bound the plot,
    `month` is the least distance of two months on the axis, `photo` the side of a thumbnail."""

    width: int
    left: int
    right: int
    month: int
    photo: int
    narrow: bool = False


FORMATS: dict[WidthKind, Format] = {
    "wide": Format(1200, 184, 1176, 46, 68),
    "mid": Format(756, 172, 744, 42, 64),
    "narrow": Format(358, 22, 348, 33, 52, narrow=True),
}


def escape(text: str) -> str:
    """Safe inside XML text and quoted attributes; characters XML cannot hold are left out."""
    return text.translate(ESCAPES)


def px(value: float) -> str:
    """One decimal at the most, none where there is none."""
    return f"{round(value, 1):g}"


def path(d: str, css: str, more: str = "") -> str:
    """Nothing where there is nothing to draw."""
    return f'<path d="{d}" class="{css}"{more}/>' if d else ""


@dataclass(slots=True)
class Canvas:
    """Collects the drawing: `drawn` is hidden from screen readers, `links` are not.

    `today` is the x of the line of today, None where it is off the axis; `parted` are the stretches of that line
    where texts stand. Labels keep between the `bounds`; `text_end` is the y below the text about the lane.
    """

    form: Format
    axis: TimeAxis
    key: str
    today: float | None
    drawn: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    parted: list[Place] = field(default_factory=list)
    bounds: Bounds = (0, 0)
    text_end: float = 0

    def xs(self, records: Iterable[Any]) -> list[float]:
        return list(map(self.axis.x, map(attrgetter("day"), records)))

    def path(self, d: str, css: str, more: str = "") -> None:
        self.drawn.append(path(d, css, more))

    def marks(self, shape: str, places: Sequence[Place], css: str, more: str = "") -> None:
        """One shape, such as "M{x:g} {y:g}v5", at all the places, in one element; many to the nearest pixel."""
        digits = 1 if len(places) <= MANY else 0
        self.path("".join([shape.format(x=round(x, digits), y=round(y, digits)) for x, y in places]), css, more)

    def points(self, places: Sequence[Place], size: float, css: str = "c-points") -> None:
        """Round points: strokes without length, with round ends."""
        self.marks("M{x:g} {y:g}h.01", places, css, f' stroke-width="{size:g}" stroke-linecap="round"')

    def rings(self, places: Sequence[Place], size: float, css: str = "c-points") -> None:
        self.points(places, size, css)
        self.points(places, size - RING, "c-holes")

    def hatched(self, box: Box, css: str) -> None:
        left, top, width, height = map(px, box)
        where = f'x="{left}" y="{top}" width="{width}" height="{height}"'
        self.drawn.append(f'<rect {where} class="{css}" fill="url(#h-{self.key})"/>')

    def link(self, url: str, label: str, box: Box, inside: str = "") -> None:
        """A link that is pressed anywhere in the box, which shows when it has the focus."""
        left, top, width, height = map(round, box)
        frame = f'<path d="M{left} {top}h{width}v{height}h-{width}z" class="c-frame"/>'
        self.links.append(f'<a href="{escape(url)}" aria-label="{escape(label)}">{frame}{inside}</a>')

    def text(self, x: float, y: float, line: Line, anchor: Anchor = "start") -> None:
        tail = f'<tspan class="c-sub" dx="{TAIL_GAP}">{escape(line.tail)}</tspan>' if line.tail else ""
        where = f'x="{px(x)}" y="{px(y)}" class="{line.css}"{ANCHORS[anchor]}'
        self.drawn.append(f"<text {where}>{escape(line.text)}{tail}</text>")
        self._part_today(x - line.width * SHARES[anchor], line.width, y)

    def texts(self, y: float, css: str, texts: Sequence[tuple[float, str]]) -> None:
        """Short texts side by side, each in the middle of its place."""
        spans = ""
        for x, text in texts:
            width = text_width(text, css)
            spans += f'<tspan x="{px(x)}">{escape(text)}</tspan>'
            self._part_today(x - width / 2, width, y)
        self.drawn.append(f'<text y="{px(y)}" class="{css}" text-anchor="middle">{spans}</text>')

    def labels(self, row: Row, top: float) -> float:
        """Gives the y below the row; `top` itself where there is no label."""
        bottom = top
        for label in row:
            bottom = max(bottom, top + label.height + 10)
            for number, line in enumerate(label.lines, start=1):
                self.text(label.middle, top + LINE * number, line, "middle")
        return bottom

    def leaders(self, rows: tuple[Row, Row], tops: Place, ends: Callable[[int], Place]) -> None:
        """Thin lines from the labels in the rows above and below a plot, at the `tops`, to the upper and lower ends of
        their marks, which `ends` knows by their numbers."""
        above = [f"M{px(a.x)} {px(tops[0] + a.height + 6)}V{px(ends(a.number)[0])}" for a in rows[0]]
        below = [f"M{px(b.x)} {px(tops[1] + 3)}V{px(ends(b.number)[1])}" for b in rows[1]]
        self.path("".join(above + below), "c-leader")

    def _part_today(self, left: float, width: float, y: float) -> None:
        if self.today is not None and left - CLEAR < self.today < left + width + CLEAR:
            self.parted.append((y - 14, y + 5))

    def today_line(self, top: float, bottom: float) -> str:
        """From top to bottom at the x of today, parted where a text stands."""
        line = ""
        for begins, ends in [*sorted(self.parted), (bottom, bottom)] if self.today else ():
            if begins > top:
                line += f"M{self.today:.5g} {px(top)}V{px(begins)}"
            top = max(top, ends)
        return line

    def open_lane(self, top: float, name: str, about: Sequence[str], ticks: int = 0) -> float:
        """Writes the name of a lane and what is said about it, beside the lane, which may have ticks of some px, or
        above it. Gives the y where its drawing begins."""
        self.path(f"M0 {px(top)}H{self.form.width}", "c-rule")
        if self.form.narrow:
            self.bounds = 0, self.form.width
            # What is short stays on one line; the name of a place may be longer than the chart is wide.
            short = self.form.width / 2
            parts = ", ".join(t.replace(" ", "\u00a0") if text_width(t) < short else t for t in about)
            first, *more = wrap(parts, self.form.width - text_width(name, "c-lane") - TAIL_GAP) or [""]
            return self._write_about(top + 17, Line(name, "c-lane", first), more) - 12
        room = self.form.left - 36 - ticks
        self.bounds = room + 6, self.form.width
        self._write_about(top + 22, Line(name, "c-lane"), [line for text in about for line in wrap(text, room)])
        return top + 7

    def _write_about(self, y: float, title: Line, more: Sequence[str]) -> float:
        self.text(0, y, title)
        for number, text in enumerate(more, start=1):
            self.text(0, y + 1 + 16 * number, Line(text, "c-sub"))
        self.text_end = y + 17 + 16 * len(more)
        return self.text_end

    def close_lane(self, bottom: float, left_out: int = 0) -> int:
        """Says how many facts of the lane only the table holds. Gives the y where the next lane begins."""
        if left_out:
            y = bottom + 12 if self.form.narrow else self.text_end
            self.text(0, y, Line(f"{left_out} more in the table", "c-sub"))
            self.text_end = y + 12
        return round(max(bottom, self.text_end - 4))

    def empty_lane(self, top: float, name: str, text: str, about: Sequence[str] = ()) -> int:
        """Nothing is drawn but a text at Month 0."""
        begins = self.open_lane(top, name, about)
        self.text(self.axis.x(self.axis.baseline) + 8, begins + 18, Line(text))
        return self.close_lane(begins + 32)
