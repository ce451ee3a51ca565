"""What one version of a consent form says otherwise than another. No Django here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

KEPT: Final = "kept"
ADDED: Final = "added"
REMOVED: Final = "removed"
# Words with what follows them; of scripts that are written without spaces, one character at a time.
_PARTS: Final = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\uffef]|\S+\s*|\s+"
)
# Above this likeness a changed line is shown as one with changed words, else as one line that went and one that came.
_ALIKE: Final = 0.4


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line: `how` is KEPT, ADDED or REMOVED."""

    how: str
    text: str


Line = tuple[Part, ...]


def differences(before: str, after: str) -> list[Line]:
    """Every line of both texts in the order of reading, empty ones left out; each made of parts."""
    old, new = (_lines(text) for text in (before, after))
    return [line for how, ours, theirs in _steps(old, new) for line in _told(how, ours, theirs)]


def only_changed(lines: Sequence[Line]) -> list[Line]:
    """The lines that changed, each with its neighbours; () stands for the lines between, which did not. Empty where
    nothing changed."""
    changed = [number for number, line in enumerate(lines) if any(part.how != KEPT for part in line)]
    near = sorted({number + step for number in changed for step in (-1, 0, 1) if 0 <= number + step < len(lines)})
    found: list[Line] = []
    for place, number in enumerate(near):
        if number > (near[place - 1] + 1 if place else 0):
            found.append(())
        found.append(lines[number])
    if near and near[-1] < len(lines) - 1:
        found.append(())
    return found


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _steps(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    for how, begin, end, new_begin, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield how, old[begin:end], new[new_begin:new_end]


def _told(how: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    if how == "equal":
        yield from ((Part(KEPT, line),) for line in old)
        return
    if how == "replace" and len(old) == len(new):
        for was, now in zip(old, new, strict=True):
            yield from _by_words(was, now)
        return
    yield from ((Part(REMOVED, line),) for line in old)
    yield from ((Part(ADDED, line),) for line in new)


def _by_words(was: str, now: str) -> Iterator[Line]:
    old, new = _PARTS.findall(was), _PARTS.findall(now)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _ALIKE:
        yield (Part(REMOVED, was),)
        yield (Part(ADDED, now),)
        return
    parts: list[Part] = []
    for how, ours, theirs in _steps(old, new):
        if how == "equal":
            parts.append(Part(KEPT, "".join(ours)))
            continue
        if ours:
            parts.append(Part(REMOVED, "".join(ours)))
        if theirs:
            parts.append(Part(ADDED, "".join(theirs)))
    yield tuple(parts)
