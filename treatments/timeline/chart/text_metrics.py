"""The letters of the chart: how wide a text is, how it is broken, what a label covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Anchor = Literal["start", "middle", "end"]
Place = tuple[float, float, Anchor]  # x, the base line of the first line, and which end stands at x

LINE = 15  # from one line of 12 px text to the next
TAIL_GAP = 5
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


Lines = Sequence[Words]


def drop(lines: Lines) -> float:
    """From the first base line to the last."""
    return LINE * (len(lines) - 1)


def label_box(place: Place, lines: Lines) -> Box:
    """What the lines cover when they stand at the place."""
    x, y, anchor = place
    width = max(line.width for line in lines)
    left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
    return Box(left - 2, y - lines[0].size + 1, left + width + 2, y + drop(lines) + 4)
