"""A text that a person typed, as blocks: the four signs with which a sheet is written. No Django here.

# After your session      a heading
- Wash it gently.         one of a list
! Call at once if …       what must not be overlooked
Anything else             a paragraph; a blank line ends it, a single line break stays
"""

import re
from collections.abc import Iterator

from treatments.papers.document import Block, Heading, Items, Paragraph

_ITEM = re.compile(r"[-*•]\s+")


def blocks(text: str, *, level: int = 2) -> tuple[Block, ...]:
    """The blocks in order; `level` is that of its headings."""
    return tuple(_blocks(text.replace("\r\n", "\n"), level))


def _blocks(text: str, level: int) -> Iterator[Block]:
    paragraph: list[str] = []
    items: list[str] = []
    for line in [*map(str.strip, text.split("\n")), ""]:
        is_item = _ITEM.match(line)
        if paragraph and (not line or is_item or line[:1] in "#!"):
            yield Paragraph("\n".join(paragraph))
            paragraph = []
        if items and not is_item:
            yield Items(tuple(items))
            items = []
        if is_item:
            items.append(line[is_item.end() :])
        elif line.startswith("#"):
            if heading := line.lstrip("#").strip():
                yield Heading(heading, 3 if level == 3 else 2)
        elif line.startswith("!"):
            if notice := line.lstrip("!").strip():
                yield Paragraph(notice, "notice")
        elif line:
            paragraph.append(line)
