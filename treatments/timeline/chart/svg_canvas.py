"""The sheet the chart is drawn on: its lanes, the room they leave for labels, and escaped SVG elements.

Nothing here carries a style attribute: a strict content policy would drop it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from treatments.timeline.chart.label_placement import Placed, Places, Room, Wish, place
from treatments.timeline.chart.text_metrics import LINE, TAIL_GAP, Anchor, Box, Lines, Place, Words, text_width, wrap
from treatments.timeline.chart.time_scale import TimeAxis

WidthKind = Literal["wide", "mid", "narrow"]

_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
CLEAR = 3  # px that a label keeps from the line of today
ON_THE_LINE = 5  # px from the line, within which a label may stand on either side
RING = 3.5  # px, twice the line of a ring
TARGET, FINGER, SHARED = 30, 44, 64  # px between links: at least, at ease, and where many share one anyway
MANY = 40  # marks in a lane, or points in an element; more are drawn to the nearest pixel


def escape(text: str) -> str:
    """Safe inside XML text and quoted attributes; characters XML cannot hold are left out."""
    return html.escape(_UNPRINTABLE.sub("", text))


def px(value: float) -> str:
    """One decimal at the most, none where there is none."""
    rounded = round(value, 1)
    return str(int(rounded) if rounded == int(rounded) else rounded)


def whole_px(value: float) -> str:
    return str(round(value))


def _ends(places: Sequence[tuple[float, float]]) -> str:
    exact = px if len(places) <= MANY else whole_px
    return "".join(f"M{exact(x)} {exact(y)}h.01" for x, y in places)


@dataclass(frozen=True, slots=True)
class Format:
    """One of the three widths; every length in px of the drawing, which is shown at its own size.

    `left` and `right` bound the plot, `pad` keeps marks off its edges, `month_px` is the least
    distance of two months on the axis, `photo` the side of a thumbnail.
    """

    kind: WidthKind
    width: int
    left: int
    right: int
    pad: int
    month_px: int
    photo: int

    @property
    def narrow(self) -> bool:
        return self.kind == "narrow"


FORMATS: dict[WidthKind, Format] = {
    "wide": Format("wide", 1200, 184, 1176, 10, 46, 68),
    "mid": Format("mid", 756, 172, 744, 10, 42, 64),
    "narrow": Format("narrow", 358, 14, 352, 14, 33, 52),
}


@dataclass(slots=True)
class Sheet:
    """Collects the drawing: `drawn` is hidden from screen readers, `links` are not."""

    form: Format
    axis: TimeAxis
    key: str
    drawn: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    taken: list[Box] = field(default_factory=list)
    floor: float = float("inf")  # no label reaches below it,
    wall: float = 0  # nor further left than this
    today: Box | None = None  # the line of today, which no label crosses
    left_out: int = 0  # facts of this lane that found no room
    plots: list[tuple[float, float]] = field(default_factory=list)  # from where to where each lane is drawn

    @property
    def hatch(self) -> str:
        return f"url(#h-{self.key})"

    def path(self, d: str, css: str, extra: str = "") -> None:
        if d:
            self.drawn.append(f'<path d="{d}" class="{css}"{extra}/>')

    def rect(self, box: Box, css: str, extra: str = "") -> None:
        self.drawn.append(
            f'<rect x="{px(box.left)}" y="{px(box.top)}" width="{px(box.right - box.left)}"'
            f' height="{px(box.bottom - box.top)}" class="{css}"{extra}/>'
        )

    def dot(self, x: float, y: float, radius: float, css: str) -> None:
        self.drawn.append(f'<circle cx="{px(x)}" cy="{px(y)}" r="{radius}" class="{css}"/>')
        self.take(Box(x - radius, y - radius, x + radius, y + radius))

    def points(self, places: Sequence[tuple[float, float]], size: float, css: str) -> None:
        """Many round points in one element: strokes without length, with round ends."""
        self.path(_ends(places), css, f' stroke-width="{size:g}" stroke-linecap="round"')

    def rings(self, places: Sequence[tuple[float, float]], size: float, css: str) -> None:
        """Points with a hole; the places are written once and used for both."""
        if not places:
            return
        name = f"r{len(self.drawn)}-{self.key}"
        self.drawn.append(f'<defs><path id="{name}" d="{_ends(places)}"/></defs>')
        for width, colour in ((size, css), (size - RING, "c-holes")):
            self.drawn.append(f'<use href="#{name}" class="{colour}" stroke-width="{width:g}" stroke-linecap="round"/>')

    def text(self, x: float, y: float, text: str, css: str, anchor: Anchor = "start", tail: str = "") -> None:
        where = "" if anchor == "start" else f' text-anchor="{anchor}"'
        after = f'<tspan class="c-sub" dx="{TAIL_GAP}">{escape(tail)}</tspan>' if tail else ""
        self.drawn.append(f'<text x="{px(x)}" y="{px(y)}" class="{css}"{where}>{escape(text)}{after}</text>')

    def row(self, y: float, css: str, texts: Iterable[tuple[float, str]]) -> None:
        """Short texts side by side, each in the middle of its place."""
        spans = "".join(f'<tspan x="{px(x)}">{escape(text)}</tspan>' for x, text in texts)
        if spans:
            self.drawn.append(f'<text y="{px(y)}" class="{css}" text-anchor="middle">{spans}</text>')

    def link(self, url: str, label: str, box: Box, inside: str = "") -> None:
        """A link that is pressed anywhere in the box; the box shows when it has the focus."""
        width, height = round(box.right - box.left), round(box.bottom - box.top)
        frame = f"M{round(box.left)} {round(box.top)}h{width}v{height}h-{width}z"
        self.links.append(
            f'<a href="{escape(url)}" aria-label="{escape(label)}"><path d="{frame}" class="c-frame"/>{inside}</a>'
        )

    def image(self, url: str, where: str) -> str:
        """The whole frame, never cropped; `where` is its x, y, width and height."""
        return f'<image href="{escape(url)}" {where}/>'

    def take(self, box: Box) -> None:
        self.taken.append(box)

    @property
    def room(self) -> Room:
        return Room(self.wall - 3, self.form.width + 3, self.floor, self.taken)

    def is_free(self, box: Box) -> bool:
        return self.room.is_free(box)

    def write(self, placed: Placed) -> Box:
        x, y, anchor = placed.place
        for number, line in enumerate(placed.lines):
            self.text(x, y + LINE * number, line.text, line.css, anchor, line.tail)
        self.take(placed.box)
        return placed.box

    def write_where_free(self, wordings: Sequence[Lines], places: Places) -> Box | None:
        """Writes the first of the wordings that finds a free place; None, and nothing, if none does."""
        found = place(self.room, Wish(wordings, places))
        return None if found is None else self.write(found)

    def say(self, x: float, y: float, text: str) -> None:
        """What a lane has to say of itself, from `x` on, or behind the line of today if that stands in the way."""
        words = [Words(text)]
        places: list[Place] = [(x, y, "start")]
        if self.today:
            places.append((self.today.right + CLEAR, y, "start"))
        if self.write_where_free([words], places) is None:
            self.left_out += 1

    def beside_today(self, x: float, half: float) -> list[float]:
        """`x`, for a label that reaches `half` px to both sides; beside the line of today if it would cross it, on the
        side of its mark."""
        if self.today is None or x + half < self.today.left or x - half > self.today.right:
            return [x]
        line = (self.today.left + self.today.right) / 2
        before, after = self.today.left - half - CLEAR, self.today.right + half + CLEAR
        if abs(x - line) <= ON_THE_LINE:
            return [after, before]
        return [after if x > line else before]

    def lane(self, top: float, name: str, about: Sequence[str], ticks_width: float = 0) -> tuple[float, float]:
        """Opens a lane with its name and lines about it. Gives the y where its drawing begins and
        the y its words reach down to. No label of this lane will rise above it."""
        form = self.form
        self.path(f"M0 {px(top)}H{form.width}", "c-rule")
        self.taken = [self.today] if self.today else []
        self.floor, self.left_out = float("inf"), 0
        if form.narrow:
            begins = words_end = self._name_above(top + 17, name, about)
        else:
            begins, words_end = top, self._name_beside(top + 22, name, about, ticks_width)
        self.wall = 0 if form.narrow else form.left - (6 if ticks_width else 30)
        self.take(Box(-9, top - 200, form.width + 9, begins))
        self.plots.append((begins, begins))
        return begins, words_end

    def close(self, bottom: float, words_end: float) -> float:
        """Ends the lane below its drawing and its words, and says how many facts only the table holds.

        Gives the y where the next lane begins.
        """
        if not self.left_out:
            end = round(max(bottom, words_end))
            self.plots[-1] = (self.plots[-1][0], end)
            return end
        more = f"{self.left_out} more in the table"
        if self.form.narrow:
            self.plots[-1] = (self.plots[-1][0], bottom)
            self.text(0, bottom + 12, more, "c-sub")
            return round(bottom + 20)
        self.text(0, words_end + 4, more, "c-sub")
        end = round(max(bottom, words_end + 16))
        self.plots[-1] = (self.plots[-1][0], end)
        return end

    def _name_beside(self, y: float, name: str, about: Sequence[str], ticks_width: float) -> float:
        self.text(0, y, name, "c-lane")
        room = self.form.left - (ticks_width + 18 if ticks_width else 36)
        lines = [line for part in about for line in wrap(part, room)]
        for number, line in enumerate(lines):
            self.text(0, y + 17 + 16 * number, line, "c-sub")
        return y + 17 + 16 * len(lines) - 4

    def _name_above(self, y: float, name: str, about: Sequence[str]) -> float:
        """The words about the lane follow its name; parts that do not fit go below it."""
        room = self.form.width - text_width(name, 13, strong=True) - TAIL_GAP
        beside = list(about)
        while beside and text_width(", ".join(beside)) > room:
            beside.pop()
        self.text(0, y, name, "c-lane", tail=", ".join(beside))
        more = wrap(", ".join(about[len(beside) :]), self.form.width)
        for number, line in enumerate(more):
            self.text(0, y + 16 + 16 * number, line, "c-sub")
        return y + 5 + 16 * len(more)
