"""Labels: how wide their text is, how it is broken into lines, and how they stand side by side in a row.

Nothing is searched. A label spans the x of its mark; neighbours that would overlap are pushed apart evenly, and one
that would be pushed off its mark is left out: the lane says how many are, and the table beside the chart has them all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import attrgetter, itemgetter
from typing import Self

Bounds = tuple[float, float]
LINE = 15  # px from one line of 12 px text to the next
GAP = 8  # px between two labels, and by which a label may stand beside its mark
TAIL_GAP = 5  # px between a text and the quieter text that follows it
SIZES = {"c-val big": 16.6, "c-val": 13.5, "c-lane": 13.5, "c-note c-harm": 12.5}
"""Font size in px, a little more for bold letters, of the classes that are not of 12 px."""


class _Advances(dict[str, int]):
    def __missing__(self, letter: str) -> int:
        """As wide as a capital; scripts beyond Latin are square."""
        return self.setdefault(letter, 67 if ord(letter) < 0x2E80 else 100)


_ADVANCES = _Advances(
    {
        **dict.fromkeys("ijl \u00a0,.:;I’!·'", 28),
        **dict.fromkeys("`t|f/r()[]{}", 37),
        **dict.fromkeys('"^_–?s', 50),
        **dict.fromkeys("kxzavyJLceé", 57),
        **dict.fromkeys("EFhnuobdgpq#Z", 61),
        **dict.fromkeys("wmM…%@W", 92),
    }
)
"""Advance of Inter in hundredths of the font size."""


def text_width(text: str, css: str = "") -> float:
    """Px that the text covers in the given class, a little generous."""
    return sum(map(_ADVANCES.__getitem__, text)) * SIZES.get(css, 12) / 100


def _measured(text: str) -> list[tuple[str, float]]:
    return [(word, text_width(word)) for word in text.split(" ") if word]


def _broken(words: Sequence[tuple[str, float]], width: float) -> list[str]:
    space = text_width(" ")
    lines: list[str] = []
    room = 0.0
    for word, needed in words:
        room -= needed + space
        if room >= 0:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
            room = width - needed
    return lines


def wrap(text: str, width: float) -> list[str]:
    """Lines no wider than `width`, broken at spaces that may be broken; a single longer word stands alone."""
    return _broken(_measured(text), width)


def balance(text: str, width: float) -> list[str]:
    """As `wrap`, with the same number of lines and the longest of them about as short as it can be."""
    words = _measured(text)
    lines = _broken(words, width)
    narrower = sum(map(itemgetter(1), words)) / max(1, len(lines))
    while len(closer := _broken(words, narrower)) > len(lines):
        narrower += 6
    return closer if narrower < width else lines


@dataclass(slots=True)
class Line:
    """One line of text in a class of the style sheet; `tail` follows in quieter letters."""

    text: str
    css: str = "c-note"
    tail: str = ""
    width: float = field(init=False)

    def __post_init__(self) -> None:
        self.width = text_width(self.text, self.css) + text_width(self.tail) + TAIL_GAP * bool(self.tail)


@dataclass(slots=True)
class Label:
    """Lines for the mark at `x`; `middle` is where they are written. `number` is the mark's place in its lane."""

    x: float
    lines: Sequence[Line]
    number: int = 0
    middle: float = field(init=False)
    width: float = field(init=False)

    def __post_init__(self) -> None:
        self.middle = self.x
        self.width = max(map(attrgetter("width"), self.lines), default=0)

    @classmethod
    def of(cls, x: float, texts: Sequence[str], css: str = "c-note", number: int = 0) -> Self:
        return cls(x, [Line(text, css) for text in texts], number)

    @property
    def height(self) -> int:
        return LINE * len(self.lines)

    @property
    def spans_its_mark(self) -> bool:
        return abs(self.middle - self.x) <= self.width / 2 + GAP

    def is_clear_of(self, other: "Label") -> bool:
        return abs(self.middle - other.middle) > (self.width + other.width) / 2 + GAP - 1e-6


Row = Sequence[Label]


def place(run: Row, bounds: Bounds) -> None:
    """Puts labels shoulder to shoulder, as near to their marks as they can be together, but between the bounds."""
    *offsets, end = accumulate((label.width + GAP for label in run), initial=0.0)
    lefts = [label.x - label.width / 2 - offset for label, offset in zip(run, offsets, strict=True)]
    left = max(bounds[0], min(sum(lefts) / len(run), bounds[1] - end + GAP))
    for label, offset in zip(run, offsets, strict=True):
        label.middle = left + offset + label.width / 2


def fit(row: Row, bounds: Bounds) -> bool:
    """Moves labels, given in order of x, apart and between the bounds. False if not all span their marks then."""
    if sum(label.width + GAP for label in row) > bounds[1] - bounds[0] + GAP:
        return False
    runs: list[list[Label]] = []
    for label in row:
        runs.append([label])
        place(runs[-1], bounds)
        while len(runs) > 1 and not runs[-2][-1].is_clear_of(runs[-1][0]):
            runs[-2:] = [runs[-2] + runs[-1]]
            place(runs[-1], bounds)
    return all(map(attrgetter("spans_its_mark"), row))


def latest_that_fit(row: Row, bounds: Bounds) -> Row:
    """The row without its earliest labels, if there is no room for all."""
    return next((row[first:] for first in range(len(row)) if fit(row[first:], bounds)), [])


def two_rows(row: Row, bounds: Bounds) -> tuple[Row, Row]:
    """A row above a plot and one below it, the latest label above. The row below is used, for every other label, only
    where one row is not enough and two hold most of them; the earliest are left out where there is no room for all."""
    for first in range((len(row) + 1) // 2):
        rest = row[first:]
        above, below = rest[::-2][::-1], rest[-2::-2][::-1]
        if fit(rest, bounds):
            return rest, []
        if fit(above, bounds) and fit(below, bounds):
            return above, below
    return latest_that_fit(row, bounds), []
