"""The words of a consent form, read into headings, paragraphs and lists. No Django here.

The text is plain: an empty line ends a paragraph, a line that begins with "# " is a heading, lines that begin with
"- " are a list. Nothing else means anything, and whatever draws the blocks escapes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

HEADING: Final = "heading"
PARAGRAPH: Final = "paragraph"
LIST: Final = "list"
_MARKS: Final[dict[str, str]] = {"# ": HEADING, "- ": LIST, "• ": LIST}


@dataclass(frozen=True, slots=True)
class Block:
    """`kind` is HEADING, PARAGRAPH or LIST; `lines` are those of a paragraph or the items of a list, never none."""

    kind: str
    lines: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """The blocks in their order. Without a "# " or "- " a text is paragraphs only."""
    return [
        block
        for kind, lines in groupby(map(_read, text.splitlines()), key=lambda line: line[0])
        if kind
        for block in _made_of(kind, [words for _, words in lines])
    ]


def _read(line: str) -> tuple[str, str]:
    """What a line belongs to and its words; ("", "") for an empty one."""
    plain = line.strip()
    for mark, kind in _MARKS.items():
        if plain.startswith(mark) and (words := plain.removeprefix(mark).strip()):
            return kind, words
    return (PARAGRAPH, plain) if plain else ("", "")


def _made_of(kind: str, lines: list[str]) -> Iterator[Block]:
    if kind == HEADING:
        yield from (Block(kind, (line,)) for line in lines)
    else:
        yield Block(kind, tuple(lines))
