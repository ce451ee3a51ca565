"""The sheet the chart is drawn on: widths of text, room for labels, and escaped SVG elements.

Nothing here carries a style attribute: a strict content policy would drop it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from treatments.timeline.chart_scale import TimeAxis

WidthKind = Literal["wide", "mid", "narrow"]
Anchor = Literal["start", "middle", "end"]
Place = tuple[float, float, Anchor]

# Advance of Inter in hundredths of the size; letters not named here are taken as wide as a capital,
# scripts beyond Latin as square.
_ADVANCE = {
    letter: width
    for letters, width in (
        ("ijl ,.:;I’!·'", 28),
        ("`t|f/r()[]{}", 37),
        ('"^_–?s', 50),
        ("kxzavyJLceé", 57),
        ("EFhnuobdgpq#Z", 61),
        ("wmM…%@W", 92),
    )
    for letter in letters
}
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LINE = 15  # from one line of 12 px text to the next
TAIL_GAP = 5
MOST_CROSSED = 2  # today's line and the zero line
RING = 3.5  # px, twice the line of a ring
TARGET, FINGER, SHARED = 30, 44, 64  # px between links: at least, at ease, and where many share one anyway
MANY = 40  # marks in a lane, or points in an element; more are drawn to the nearest pixel


def text_width(text: str, size: float = 12, strong: bool = False) -> float:
    """Pixels, a little generous."""
    hundredths = sum(_ADVANCE.get(c, 67 if ord(c) < 0x2E80 else 100) for c in text)
    return hundredths * size / 100 * (1.04 if strong else 1.0)


def wrap(text: str, width: float, size: float = 12) -> list[str]:
    """Lines no wider than `width`, broken at spaces; a single longer word stands alone."""
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def balance(text: str, width: float) -> list[str]:
    """As `wrap`, with the same number of lines and the longest of them as short as it can be."""
    lines = wrap(text, width)
    for tighter in range(int(width), 30, -6):
        closer = wrap(text, tighter)
        if len(closer) > len(lines):
            break
        lines = closer
    return lines


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
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


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


@dataclass(frozen=True, slots=True)
class Words:
    """One line of a label; `tail` follows in quieter letters of 12 px."""

    text: str
    css: str = "c-note"
    size: int = 12
    tail: str = ""

    @property
    def width(self) -> float:
        tail = text_width(self.tail) + TAIL_GAP if self.tail else 0
        return text_width(self.text, self.size, strong="c-val" in self.css) + tail


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
    wall: float = 0  # nor further left than this,
    crossed: list[Box] = field(default_factory=list)  # nor over these, unless there is no other room.
    today: Box | None = None

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

    def is_free(self, box: Box, may_cross: int = MOST_CROSSED) -> bool:
        inside = box.left >= self.wall - 3 and box.right <= self.form.width + 3 and box.bottom <= self.floor
        if not inside or any(box.meets(other) for other in self.taken):
            return False
        return sum(box.meets(line) for line in self.crossed) <= may_cross

    def label_box(self, x: float, y: float, lines: Sequence[Words], anchor: Anchor) -> Box:
        """What the lines cover, the first standing on the base line `y`."""
        width = max(line.width for line in lines)
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        return Box(left - 2, y - lines[0].size + 1, left + width + 2, y + LINE * (len(lines) - 1) + 4)

    def write(self, x: float, y: float, lines: Sequence[Words], anchor: Anchor) -> Box:
        """Writes the lines, whatever is there already."""
        for number, line in enumerate(lines):
            self.text(x, y + LINE * number, line.text, line.css, anchor, line.tail)
        box = self.label_box(x, y, lines, anchor)
        self.take(box)
        return box

    def write_where_free(
        self,
        variants: Sequence[Sequence[Words]],
        places: Sequence[Place] | Callable[[float], Sequence[Place]],
        crossings: Sequence[int] = range(MOST_CROSSED + 1),
    ) -> Box | None:
        """Writes the first of the variants that finds a free place; None, and nothing, if none does.

        `places` may depend on the height of the lines below the first. Those that cross
        today's line, or the zero line, come last, unless `crossings` says how many may be crossed.
        """
        for may_cross in crossings:
            for lines in variants:
                found = places(LINE * (len(lines) - 1)) if callable(places) else places
                for x, y, anchor in found:
                    if self.is_free(self.label_box(x, y, lines, anchor), may_cross):
                        return self.write(x, y, lines, anchor)
        return None

    def lane(self, top: float, name: str, about: Sequence[str], ticks_width: float = 0) -> tuple[float, float]:
        """Opens a lane with its name and lines about it. Gives the y where its drawing begins and
        the y its words reach down to. No label of this lane will rise above it."""
        form = self.form
        self.path(f"M0 {px(top)}H{form.width}", "c-rule")
        self.taken.clear()
        self.crossed = [self.today] if self.today else []
        self.floor = float("inf")
        if form.narrow:
            begins = words_end = self._name_above(top + 17, name, about)
        else:
            begins, words_end = top, self._name_beside(top + 22, name, about, ticks_width)
        self.wall = 0 if form.narrow else form.left - (6 if ticks_width else 30)
        self.take(Box(-9, top - 200, form.width + 9, begins))
        return begins, words_end

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
