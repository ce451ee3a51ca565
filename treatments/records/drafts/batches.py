"""One batch of what was typed, as the browser sends it."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

_OPENING = re.compile(r"[0-9a-z]{8,40}")
_MOST = 2**31 - 1


class Unreadable(ValueError):
    """The batch is not one that our own page could have sent."""


@dataclass(frozen=True)
class Batch:
    """`opening` is the word that the page made up for itself; `replaces` that of the draft it was resumed from."""

    ticket: str
    opening: str
    values: dict[str, list[str]]
    base_version: int | None = None
    sequence: int = 0
    replaces: str = field(default="")


def read(body: bytes) -> Batch:
    """Raises Unreadable for anything but a well-formed batch of storable text."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable from error
    if not isinstance(told, dict):
        raise Unreadable
    return Batch(
        ticket=_text(told.get("ticket")),
        opening=_opening(told.get("opening")),
        values=_values(told.get("values")),
        base_version=_count(told.get("base_version")) or None,
        sequence=_count(told.get("sequence")) or 0,
        replaces=_opening(told["replaces"]) if told.get("replaces") else "",
    )


def _text(value: Any) -> str:
    """Text that both databases can keep: no NUL, and no half of a surrogate pair."""
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


def _count(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        raise Unreadable
    return value


def _values(value: Any) -> dict[str, list[str]]:
    if not isinstance(value, dict) or not all(isinstance(items, list) for items in value.values()):
        raise Unreadable
    return {_text(name): [_text(item) for item in items] for name, items in value.items()}
