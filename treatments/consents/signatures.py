"""A signature made on the screen: strokes drawn with a finger, mouse or pen, or a name typed instead.

Drawn: a list of strokes, each a list of [x, y] in thousandths of the field's width. Typed: {"typed": name}.
No Django here.
"""

from __future__ import annotations

import json
from typing import Any

WIDTH = 1000
HEIGHT = 320
MAX_STROKES = 200
MAX_POINTS = 8_000
# A tap or a slip of the pen is a few points; a name is hundreds.
MIN_POINTS = 8

_NOT_READABLE = "The signature could not be read. Clear the field and sign again, or type the name."


def read_strokes(text: str) -> list[list[list[int]]]:
    """Strokes as the page sends them. Raises ValueError with a sentence when they are none, or too few."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(_NOT_READABLE) from None
    if not isinstance(told, list) or len(told) > MAX_STROKES:
        raise ValueError(_NOT_READABLE)
    strokes = [[_point(point) for point in _points(stroke)] for stroke in told]
    count = sum(len(stroke) for stroke in strokes)
    if count > MAX_POINTS:
        raise ValueError(_NOT_READABLE)
    if count < MIN_POINTS:
        raise ValueError("That is too short for a signature. Sign in the field, or type the name.")
    return strokes


def _points(stroke: object) -> list[Any]:
    if not isinstance(stroke, list) or not stroke:
        raise ValueError(_NOT_READABLE)
    return stroke


def _point(point: object) -> list[int]:
    if not isinstance(point, list) or len(point) != 2:
        raise ValueError(_NOT_READABLE)
    x, y = point
    if not all(isinstance(part, int) and not isinstance(part, bool) for part in point):
        raise ValueError(_NOT_READABLE)
    if not (0 <= x <= WIDTH and 0 <= y <= WIDTH):
        raise ValueError(_NOT_READABLE)
    return [x, y]


def typed(name: str) -> dict[str, str]:
    return {"typed": name.strip()}


def typed_name(signature: Any) -> str:
    """The name that was typed in place of a drawn signature, else ""."""
    return str(signature.get("typed", "")) if isinstance(signature, dict) else ""


def told(signature: Any) -> str:
    """A signature in words: "drawn in 3 strokes", "typed: Ana Invented", "none on the screen"."""
    if name := typed_name(signature):
        return f"typed: {name}"
    return (
        f"drawn in {len(signature)} stroke{'' if len(signature) == 1 else 's'}" if signature else "none on the screen"
    )


def path(signature: Any) -> str:
    """The strokes as the path data of an SVG of 1000 by 320 units; "" when nothing was drawn."""
    if not isinstance(signature, list):
        return ""
    return " ".join("M" + " L".join(f"{x} {y}" for x, y in _drawable(stroke)) for stroke in signature)


def _drawable(stroke: list[list[int]]) -> list[list[int]]:
    # A dot is a stroke of one point, and a line needs two to be drawn.
    return stroke if len(stroke) > 1 else [*stroke, stroke[0]]
