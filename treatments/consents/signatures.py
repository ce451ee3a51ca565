"""A signature made on the screen: strokes drawn with a finger, mouse or pen, or a name typed instead.

Drawn: a list of strokes, each a list of [x, y] in thousandths of the field's width. Typed: {"typed": name}.
No Django here.
"""

from __future__ import annotations

import json
from typing import Any

from treatments.records.formatting import count

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
        strokes = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(_NOT_READABLE) from None
    if not _are_strokes(strokes):
        raise ValueError(_NOT_READABLE)
    if sum(map(len, strokes)) < MIN_POINTS:
        raise ValueError("That is too short for a signature. Sign in the field, or type the name.")
    return list(strokes)


def _are_strokes(strokes: object) -> bool:
    if not isinstance(strokes, list) or len(strokes) > MAX_STROKES:
        return False
    return all(map(_is_stroke, strokes)) and sum(map(len, strokes)) <= MAX_POINTS


def _is_stroke(points: object) -> bool:
    return isinstance(points, list) and bool(points) and all(map(_is_point, points))


def _is_point(point: object) -> bool:
    return isinstance(point, list) and len(point) == 2 and all(map(_is_coordinate, point))


def _is_coordinate(number: object) -> bool:
    # In Python True is an int, and in JSON it is none.
    return type(number) is int and 0 <= number <= WIDTH


def typed(name: str) -> dict[str, str]:
    return {"typed": name.strip()}


def typed_name(signature: Any) -> str:
    """The name that was typed in place of a drawn signature, else ""."""
    return str(signature.get("typed", "")) if isinstance(signature, dict) else ""


def description(signature: Any) -> str:
    """ "drawn in 3 strokes", "typed: Ana Invented", "none on the screen"."""
    if name := typed_name(signature):
        return f"typed: {name}"
    return f"drawn in {count(len(signature), 'stroke')}" if signature else "none on the screen"


def path(signature: Any) -> str:
    """The strokes as the path data of an SVG of 1000 by 320 units; "" when nothing was drawn."""
    if not isinstance(signature, list):
        return ""
    return " ".join("M" + " L".join(f"{x} {y}" for x, y in _drawable(stroke)) for stroke in signature)


def _drawable(stroke: list[list[int]]) -> list[list[int]]:
    # SVG draws nothing for a line of one point.
    return stroke if len(stroke) > 1 else [*stroke, stroke[0]]
