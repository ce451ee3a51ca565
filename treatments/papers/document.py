"""What a paper says, without a look: headed blocks of text, tables and pictures, in the order in which they are read.

The page in the browser and the PDF are both drawn from it, so that they cannot say different things. Every text is
plain; none is markup. No Django here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from treatments.consents.languages import direction

Side = Literal["start", "end"]


@dataclass(frozen=True)
class Heading:
    """Of a part (level 2) or of a part of one (level 3); the title of the paper is level 1."""

    part: ClassVar[str] = "heading"
    text: str
    level: Literal[2, 3] = 2


@dataclass(frozen=True)
class Paragraph:
    """`tone` is how it stands out: "notice" is what must not be overlooked, "quiet" a note to what stands above."""

    part: ClassVar[str] = "paragraph"
    text: str
    tone: Literal["", "lede", "notice", "quiet"] = ""


@dataclass(frozen=True)
class Items:
    """A list of sentences, one below the other."""

    part: ClassVar[str] = "items"
    items: tuple[str, ...]
    is_numbered: bool = False


@dataclass(frozen=True)
class KeyValues:
    """Names and what is known of each.

    `answers_in` is given where each name is a whole sentence and each value a short answer to it: the language of the
    answers, which may be another than that of the sentences.
    """

    part: ClassVar[str] = "values"
    rows: tuple[tuple[str, str], ...]
    answers_in: str = ""


@dataclass(frozen=True)
class Table:
    """`caption` names it; `sides` is where each column stands, "end" for figures; `widths` are shares of the line.

    Each row has as many cells as there are columns.
    """

    part: ClassVar[str] = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sides: tuple[Side, ...] = ()
    widths: tuple[float, ...] = ()

    @property
    def body(self) -> list[list[tuple[str, str]]]:
        """Each row as cells with their column's side, for a page."""
        sides = self.sides or ("start",) * len(self.columns)
        return [list(zip(row, sides, strict=True)) for row in self.rows]

    @property
    def head(self) -> list[tuple[str, str]]:
        return list(zip(self.columns, self.sides or ("start",) * len(self.columns), strict=True))


@dataclass(frozen=True)
class Picture:
    """`alt` says what it shows to whoever cannot see it; `address` is its place for a browser, `jpeg` its bytes for a
    file, which carry nothing but pixels."""

    alt: str
    caption: str
    address: str = ""
    jpeg: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Pictures:
    """Side by side."""

    part: ClassVar[str] = "pictures"
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class Figure:
    """One figure of a manuscript: its pictures side by side, with one number and one caption."""

    part: ClassVar[str] = "figure"
    number: int
    caption: str
    pictures: tuple[Picture, ...]

    @property
    def label(self) -> str:
        """ "Figure 1. Vertex at Month 0 and Month 5."."""
        return f"Figure {self.number}. {self.caption}"


@dataclass(frozen=True)
class Sentence:
    """`source` names the row of the record that it was written from, `address` is that row's page; both are "" where an
    author wrote it."""

    text: str
    source: str = ""
    address: str = ""


@dataclass(frozen=True)
class Sentences:
    """A paragraph of sentences, each of which says where it comes from: on a page, where there is room for it."""

    part: ClassVar[str] = "sentences"
    sentences: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        return " ".join(each.text for each in self.sentences)


@dataclass(frozen=True)
class Signature:
    """The strokes of a signature as the `d` of an SVG path in a box of `width` by `height`, or the name that was typed
    in its place; without either there is a line to sign on. `lines` stand below it: who, when."""

    part: ClassVar[str] = "signature"
    lines: tuple[str, ...]
    path: str = ""
    width: int = 600
    height: int = 200
    typed: str = ""

    @property
    def box(self) -> str:
        return f"0 0 {self.width} {self.height}"

    @property
    def alt(self) -> str:
        return f"Signature: {', '.join(self.lines)}" if self.path else ""


@dataclass(frozen=True)
class NewSheet:
    """What follows begins on a sheet of its own."""

    part: ClassVar[str] = "sheet"


Block = Heading | Paragraph | Sentences | Items | KeyValues | Table | Pictures | Figure | Signature | NewSheet


@dataclass(frozen=True)
class Passage:
    """Blocks in a language of their own: a sheet that the clinic wrote in another one."""

    part: ClassVar[str] = "passage"
    language: str
    blocks: tuple[Block, ...]

    @property
    def is_right_to_left(self) -> bool:
        return direction(self.language) == "rtl"


@dataclass(frozen=True)
class Letterhead:
    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """`about` is whom it is about and of when, in short facts below the title; `made` is where and when it was made,
    at the foot of each sheet. `look` is the page's own: "day", "course", "letter", "record", "consent", "manuscript".
    `opening` stands above the title: whom a letter is to. `title_language` is that of a title in another language than
    the paper. `stamp` stands at the head of every sheet, and across it: "DRAFT"."""

    title: str
    letterhead: Letterhead
    about: tuple[str, ...]
    blocks: tuple[Block | Passage, ...]
    made: str
    look: str = ""
    language: str = "en"
    opening: tuple[Block, ...] = ()
    title_language: str = ""
    stamp: str = ""

    @property
    def title_is_right_to_left(self) -> bool:
        return direction(self.title_language or self.language) == "rtl"

    @property
    def parts(self) -> list[tuple[Block | Passage, ...]]:
        """Its blocks in order; a signature is one part with what is said right before it and the heading of that, for
        it never stands on a sheet alone."""
        found: list[tuple[Block | Passage, ...]] = []
        for block in self.blocks:
            before = 0
            if isinstance(block, Signature) and found and isinstance(found[-1][0], KeyValues | Paragraph):
                before = 2 if len(found) > 1 and isinstance(found[-2][0], Heading) else 1
            together = [each for part in found[len(found) - before :] for each in part]
            found[len(found) - before :] = [(*together, block)]
        return found

    def flat(self) -> Iterator[Block]:
        """Its blocks in order, those of a passage among them."""
        for block in self.blocks:
            if isinstance(block, Passage):
                yield from block.blocks
            else:
                yield block

    def headings(self) -> list[tuple[int, str]]:
        """The title and every heading, with its level."""
        found = [(block.level, block.text) for block in self.flat() if isinstance(block, Heading)]
        return [(1, self.title), *((int(level), text) for level, text in found)]

    def texts(self) -> list[str]:
        """Every text that is printed, in order."""
        opening = [text for block in self.opening for text in texts_of(block)]
        stamp = [self.stamp] if self.stamp else []
        head = [*stamp, self.letterhead.name, *self.letterhead.lines, *opening, self.title, *self.about]
        return [*head, *(text for block in self.flat() for text in texts_of(block)), self.made]

    def pictures(self) -> list[Picture]:
        shown = [block for block in self.flat() if isinstance(block, Pictures | Figure)]
        return [picture for block in shown for picture in block.pictures]

    def figures(self) -> list[str]:
        """What stands under each figure of a manuscript: "Figure 1. Vertex at Month 0 and Month 5."."""
        return [block.label for block in self.flat() if isinstance(block, Figure)]

    def sentences(self) -> list[Sentence]:
        """Every sentence that was written from a row, in order."""
        told = [block for block in self.flat() if isinstance(block, Sentences)]
        return [sentence for block in told for sentence in block.sentences if sentence.source]


def texts_of(block: Block) -> Iterator[str]:
    """The texts of a block in the order in which they are read."""
    match block:
        case Heading() | Paragraph() | Sentences():
            yield block.text
        case Items():
            yield from block.items
        case KeyValues():
            for name, value in block.rows:
                yield name
                yield value
        case Table():
            yield block.caption
            yield from block.columns
            for row in block.rows:
                yield from row
        case Pictures():
            for picture in block.pictures:
                yield picture.caption
        case Figure():
            for picture in block.pictures:
                yield picture.caption
            yield block.label
        case Signature():
            if block.typed:
                yield block.typed
            yield from block.lines
