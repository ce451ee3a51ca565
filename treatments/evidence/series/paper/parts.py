"""What an author wrote, as parts of a paper; and what the author has not written yet. No Django here."""

from collections.abc import Iterator
from typing import Final

from treatments.papers.document import Block, Heading, Items, Paragraph

TO_WRITE: Final = "[To be written by the authors.]"


def written(heading: str, text: str, level: int = 2) -> Iterator[Block]:
    """An author's own part, a paragraph for each line."""
    yield Heading(heading, 3 if level == 3 else 2)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    yield from (Paragraph(line) for line in lines)
    if not lines:
        yield Paragraph(TO_WRITE, "quiet")


def numbered_lines(heading: str, text: str) -> Iterator[Block]:
    yield Heading(heading)
    yield Items(tuple(line.strip() for line in text.splitlines() if line.strip()), is_numbered=True)
