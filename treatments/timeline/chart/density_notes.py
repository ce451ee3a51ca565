"""Notes of the density lane: what was said where nothing was counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from treatments.timeline.chart.label_placement import Wish
from treatments.timeline.chart.text import unfigured_words
from treatments.timeline.chart.text_metrics import Lines, Place, Words, balance, drop
from treatments.timeline.chart.types import DensityPoint

LABEL_WIDTHS = (150, 104, 70)  # px: a text is wrapped tighter before it is left out
MOST_LINES = 4


def note(point: DensityPoint, x: float, top: float, bottom: float) -> Wish:
    """Beside the vertical line at `x` that stands for the day, between `top` and `bottom`."""
    wordings = [[Words(line) for line in _shortened(point, width)] for width in LABEL_WIDTHS]
    return Wish(wordings, _places_along(x, top, bottom))


def _shortened(point: DensityPoint, width: float) -> list[str]:
    """The note in a few lines, its last words left out if need be, but never that there is no figure."""
    words = point.note.split()
    lines = balance(unfigured_words(point), width)
    while len(lines) > MOST_LINES and len(words) > 1:
        words.pop()
        lines = balance(unfigured_words(replace(point, note=" ".join(words).rstrip(",;:.") + "…")), width)
    return lines[:MOST_LINES]


def _places_along(x: float, top: float, bottom: float) -> Callable[[Lines], list[Place]]:
    """Left and right of a vertical line, the higher the better."""

    def places(lines: Lines) -> list[Place]:
        steps = range(int(max(0, bottom - top - 12 - drop(lines)) // 6) + 1)
        return [
            place for y in (top + 12 + 6 * step for step in steps) for place in ((x - 8, y, "end"), (x + 8, y, "start"))
        ]

    return places
