"""A batch of typing, as the browser sends it."""

import json
import re
from dataclasses import dataclass
from typing import Any

_OPENING = re.compile(r"[0-9a-z]{8,40}")
_MAX_COUNT = 2**31 - 1


class Unreadable(ValueError):
    """The batch is not one that our own page could have sent."""


@dataclass(frozen=True)
class Batch:
    """`opening` is the random word of the page that sends it; `replaces` that of the draft it was resumed from."""

    ticket: str
    opening: str
    values: dict[str, list[str]]
    base_version: int | None = None
    sequence: int = 0
    replaces: str = ""


def read(body: bytes) -> Batch:
    """Raises Unreadable for anything but a well-formed batch of storable text."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable from error
    if not isinstance(data, dict):
        raise Unreadable
    return Batch(
        ticket=_text(data.get("ticket")),
        opening=_opening(data.get("opening")),
        values=_values(data.get("values")),
        base_version=_count(data.get("base_version")) or None,
        sequence=_count(data.get("sequence")),
        replaces=_opening(data["replaces"]) if data.get("replaces") else "",
    )


def _text(value: Any) -> str:
    """Text that both databases can store: no NUL, and no half of a surrogate pair."""
    if not isinstance(value, str) or "\x00" in value:
        raise Unreadable
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Unreadable from error
    return value


def _opening(value: Any) -> str:
    if not isinstance(value, str) or not _OPENING.fullmatch(value):
        raise Unreadable
    return value


def _count(value: Any) -> int:
    """A whole number, or 0 for null. A JSON true, in Python an int, is refused."""
    if value is None:
        return 0
    if type(value) is not int or not 0 <= value <= _MAX_COUNT:
        raise Unreadable
    return value


def _values(value: Any) -> dict[str, list[str]]:
    if not isinstance(value, dict) or not all(isinstance(items, list) for items in value.values()):
        raise Unreadable
    return {_text(name): [_text(item) for item in items] for name, items in value.items()}
