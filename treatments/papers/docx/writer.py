"""The blocks of a document as paragraphs, tables and pictures of a DOCX.

The title is a heading of level 1 and the parts of the paper are headings of levels 2 and 3, as in the PDF; the first
row of a table comes again on each sheet; a picture says what it shows. Pictures are encoded anew from their pixels and
named by number, so that nothing that a camera or a program wrote beside them, and no name of a file, comes with them.
No Django here.
"""

import io
import re
from typing import Any, Final

from docx import Document as open_docx
from docx.shared import Emu, Mm
from PIL import Image, ImageDraw

from treatments.consents.languages import direction
from treatments.papers.document import (
    Block,
    Document,
    Figure,
    Heading,
    Items,
    KeyValues,
    NewSheet,
    Paragraph,
    Passage,
    Picture,
    Pictures,
    Sentences,
    Signature,
    Table,
)
from treatments.papers.docx import package
from treatments.papers.docx.runs import across, element, tab, turned, write
from treatments.papers.typefaces import printable

_LINE: Final = Mm(166)
"""The width between the margins of a sheet of A4."""
_GAP: Final = Mm(5)
_HIGHEST_PICTURE: Final = Mm(110)
_TONES: Final = {"": "Normal", "lede": "Lede", "notice": "Notice", "quiet": "Quiet"}


def as_docx(document: Document) -> bytes:
    """The file; the same document gives the same bytes."""
    properties = {"title": printable(document.title), "author": printable(document.letterhead.name)}
    writer = _Writer(open_docx(package.base(**properties, language=document.language)), document)
    writer.write()
    made = io.BytesIO()
    writer.file.save(made)
    return package.finished(made.getvalue(), "".join(document.texts()))


class _Writer:
    """Writes one document from its first block to its last, in the language and direction that hold there."""

    def __init__(self, file: Any, document: Document) -> None:
        self.file, self._document = file, document
        self._pictures = 0
        self._language = ""
        self._is_right_to_left = direction(document.language) == "rtl"

    def write(self) -> None:
        self._head_and_foot()
        head = self._document.letterhead
        if head.name or head.lines:
            self._paragraph("Clinic", head.name)
            for line in head.lines:
                self._paragraph("Address", line)
        self._blocks(self._document.opening)
        self._title()
        if self._document.about:
            self._paragraph("About", "  ·  ".join(map(_unbroken, self._document.about)))
        self._blocks(self._document.blocks)

    def _title(self) -> None:
        document, own = self._document, self._is_right_to_left
        self._is_right_to_left = document.title_is_right_to_left
        self._language = document.title_language
        self._paragraph("heading 1", document.title)
        self._language, self._is_right_to_left = "", own

    def _blocks(self, blocks: tuple[Block | Passage, ...]) -> None:
        for number, block in enumerate(blocks):
            if isinstance(block, Passage):
                own = self._language, self._is_right_to_left
                self._language, self._is_right_to_left = block.language, block.is_right_to_left
                self._blocks(block.blocks)
                self._language, self._is_right_to_left = own
                continue
            start = len(self.file.paragraphs)
            self._block(block)
            if number + 1 < len(blocks) and isinstance(blocks[number + 1], Signature):
                for paragraph in self.file.paragraphs[start:]:
                    paragraph.paragraph_format.keep_with_next = True

    def _block(self, block: Block) -> None:
        match block:
            case Heading():
                self._paragraph(f"heading {block.level}", block.text)
            case Paragraph():
                self._paragraph(_TONES[block.tone], block.text)
            case Sentences():
                self._paragraph("Normal", block.text)
            case Items():
                self._items(block)
            case KeyValues():
                self._values(block)
            case Table():
                self._table(block)
            case Pictures():
                self._side_by_side(block.pictures)
            case Figure():
                self._side_by_side(block.pictures, label=block.label)
            case Signature():
                self._signature(block)
            case NewSheet():
                self.file.add_page_break()

    # ── Text ───────────────────────────────────────────────────────────────────────────────────

    def _paragraph(self, style: str, text: str = "", *, into: Any = None) -> Any:
        paragraph = (into or self.file).add_paragraph(style=style)
        return self._said(paragraph, text)

    def _said(self, paragraph: Any, text: str, language: str = "") -> Any:
        if self._is_right_to_left:
            turned(paragraph)
        return write(paragraph, text, language=language or self._language, is_right_to_left=self._is_right_to_left)

    def _items(self, block: Items) -> None:
        style = "List Number" if block.is_numbered else "List Bullet"
        number = self._new_numbering() if block.is_numbered else None
        for item in block.items:
            paragraph = self._paragraph(style, item)
            if number is not None:
                properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
                properties.get_or_add_ilvl().val = 0
                properties.get_or_add_numId().val = number

    def _new_numbering(self) -> int:
        """A numbering that begins at 1 again."""
        numbering = self.file.part.numbering_part.element
        made = numbering.add_num(1)
        made.add_lvlOverride(0).add_startOverride(1)
        return int(made.numId)

    def _values(self, block: KeyValues) -> None:
        """Each name and its value in one paragraph, the value at a tab stop: a list of facts is no table."""
        for name, value in block.rows:
            paragraph = self._paragraph("Answers" if block.answers_in else "Facts", name)
            tab(paragraph)
            write(
                paragraph,
                value,
                language=block.answers_in or self._language,
                is_right_to_left=self._is_right_to_left and not block.answers_in,
            )
        self._paragraph("After Facts")

    # ── Tables ─────────────────────────────────────────────────────────────────────────────────

    def _table(self, block: Table) -> None:
        caption = self._paragraph("caption", block.caption)
        caption.paragraph_format.keep_with_next = True
        table = self._grid(len(block.rows) + 1, len(block.columns))
        widths = block.widths or _shares(block)
        whole = sum(widths)
        sides = block.sides or ("start",) * len(block.columns)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Emu(int(_LINE * width / whole))
        for number, (row, texts) in enumerate(zip(table.rows, [block.columns, *block.rows], strict=True)):
            properties = row._tr.get_or_add_trPr()
            properties.append(element("w:cantSplit"))
            if number == 0:
                properties.append(element("w:tblHeader"))
            keeps = number < len(block.rows) <= 10
            for cell, text, side, width in zip(row.cells, texts, sides, widths, strict=True):
                cell.width = Emu(int(_LINE * width / whole))
                _rule(cell, number, len(block.rows), is_right_to_left=self._is_right_to_left)
                self._cell(cell, text, "Cell Head" if number == 0 else "Cell", side, keeps=keeps)
        properties = table._tbl.tblPr
        properties.append(element("w:tblCaption", val=printable(block.caption)))
        self._paragraph("After")

    def _cell(self, cell: Any, text: str, style: str, side: str, *, keeps: bool) -> None:
        paragraph = cell.paragraphs[0]
        paragraph.style = style
        self._said(paragraph, text)
        # Few rows are not parted over two sheets.
        if keeps:
            paragraph.paragraph_format.keep_with_next = True
        if side == "end":
            paragraph._p.get_or_add_pPr().append(element("w:jc", val="right"))

    def _grid(self, rows: int, columns: int) -> Any:
        table = self.file.add_table(rows=rows, cols=columns)
        table.autofit = False
        properties = table._tbl.tblPr
        if self._is_right_to_left:
            properties.insert(0, element("w:bidiVisual"))
        margins = element("w:tblCellMar")
        for side in ("top", "left", "bottom", "right"):
            margins.append(element(f"w:{side}", w="0", type="dxa"))
        properties.insert_element_before(margins, "w:tblLook", "w:tblCaption")
        return table

    # ── Pictures ───────────────────────────────────────────────────────────────────────────────

    def _side_by_side(self, pictures: tuple[Picture, ...], *, label: str = "") -> None:
        """In cells of one row, each with what stands under it; `label` is the caption of all of them."""
        if len(pictures) == 1:
            self._picture(self._paragraph("Picture"), pictures[0], _LINE)
            self._under(pictures[0].caption, self.file, is_last=not label)
        elif pictures:
            width = Emu((_LINE - _GAP * (len(pictures) - 1)) // len(pictures))
            table = self._grid(1, len(pictures))
            table.rows[0]._tr.get_or_add_trPr().append(element("w:cantSplit"))
            for number, (cell, picture) in enumerate(zip(table.rows[0].cells, pictures, strict=True)):
                cell.width = Emu(width + (_GAP if number + 1 < len(pictures) else 0))
                table.columns[number].width = cell.width
                paragraph = cell.paragraphs[0]
                paragraph.style = "Picture"
                self._picture(self._said(paragraph, ""), picture, width)
                self._under(picture.caption, cell, is_last=not label)
        if label:
            self._paragraph("caption", label)
        elif len(pictures) > 1:
            self._paragraph("After")

    def _under(self, caption: str, into: Any, *, is_last: bool) -> None:
        self._paragraph("caption", caption, into=into).paragraph_format.keep_with_next = not is_last

    def _picture(self, paragraph: Any, picture: Picture, width: int) -> None:
        if not picture.jpeg:
            self._said(paragraph, f"[{picture.alt}]")
            return
        self._draw(paragraph, _pixels(picture.jpeg), picture.alt, width, _HIGHEST_PICTURE)

    def _draw(self, paragraph: Any, content: bytes, alt: str, width: int, height: int) -> None:
        """Within a box, in its own proportions."""
        with Image.open(io.BytesIO(content)) as opened:
            across, down = opened.size
        scale = min(width / across, height / down)
        run = paragraph.add_run()
        shape = run.add_picture(io.BytesIO(content), width=Emu(int(across * scale)), height=Emu(int(down * scale)))
        self._pictures += 1
        name = f"Figure {self._pictures}"
        for side in ("distT", "distB", "distL", "distR"):
            shape._inline.set(side, "0")
        for properties in (shape._inline.docPr, shape._inline.graphic.graphicData.pic.nvPicPr.cNvPr):
            properties.set("id", str(self._pictures))
            properties.set("name", name)
            properties.set("descr", printable(alt))

    def _signature(self, block: Signature) -> None:
        if block.path:
            paragraph = self._paragraph("Signature")
            paragraph.paragraph_format.space_before = Mm(8)
            self._draw(paragraph, _strokes(block), block.alt, Mm(70), Mm(16))
        else:
            paragraph = self._paragraph("Signature", block.typed)
            paragraph.paragraph_format.space_before = Mm(14)
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.right_indent = Emu(_LINE - Mm(70))
        _underline(paragraph)
        for number, line in enumerate(block.lines):
            said = self._paragraph("Signature" if number == 0 else "Quiet", line)
            said.paragraph_format.keep_with_next = number + 1 < len(block.lines)

    # ── Head and foot of each sheet ────────────────────────────────────────────────────────────

    def _head_and_foot(self) -> None:
        section, document = self.file.sections[0], self._document
        stamp = printable(document.stamp)
        facts = [*filter(None, [stamp]), document.title, *document.about[:2]]
        later, first = section.header.paragraphs[0], section.first_page_header.paragraphs[0]
        if stamp:
            write(first, stamp)
            for number, header in enumerate((first, later), 1):
                header._p.append(across(stamp, number))
        write(later, " · ".join(facts))
        tab(later)
        write(later, document.letterhead.name)
        for footer in (section.footer, section.first_page_footer):
            paragraph = footer.paragraphs[0]
            write(paragraph, document.made)
            tab(paragraph)
            write(paragraph, "Sheet ")
            _field(paragraph, "PAGE")
            write(paragraph, " of ")
            _field(paragraph, "NUMPAGES")


def _field(paragraph: Any, name: str) -> None:
    field = element("w:fldSimple", instr=name)
    run = element("w:r")
    text = element("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _unbroken(fact: str) -> str:
    """A short fact is not broken over two lines."""
    return fact if len(fact) > 40 else fact.replace(" ", "\u00a0")


def _shares(block: Table) -> tuple[float, ...]:
    """The width of each column by its longest text, none below a tenth nor above a half of all."""
    longest = [max(len(line) for text in column for line in text.split("\n")) for column in _columns(block)]
    whole = sum(longest) or 1
    return tuple(min(max(each / whole, 0.1), 0.5) for each in longest)


def _columns(block: Table) -> list[tuple[str, ...]]:
    return list(zip(*(block.columns, *block.rows), strict=True))


def _rule(cell: Any, number: int, last: int, *, is_right_to_left: bool) -> None:
    """Lines above and below: strong above the head, none at the sides."""
    properties = cell._tc.get_or_add_tcPr()
    borders = element("w:tcBorders")
    width, colour = {0: ("8", "16211F"), 1: ("6", "5B6764")}.get(number, ("4", "C9CFC9"))
    borders.append(element("w:top", val="single", sz=width, space="0", color=colour))
    if number == last:
        borders.append(element("w:bottom", val="single", sz="4", space="0", color="C9CFC9"))
    margins = element("w:tcMar")
    left, right = ("140", "0") if is_right_to_left else ("0", "140")
    for side, width in (("top", "70"), ("left", left), ("bottom", "70"), ("right", right)):
        margins.append(element(f"w:{side}", w=width, type="dxa"))
    properties.append(borders)
    properties.append(margins)


def _underline(paragraph: Any) -> None:
    borders = element("w:pBdr")
    borders.append(element("w:bottom", val="single", sz="6", space="2", color="414D4A"))
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:bidi", "w:spacing", "w:ind", "w:jc", "w:outlineLvl", "w:rPr"
    )


def _pixels(picture: bytes) -> bytes:
    """The picture encoded anew from its pixels alone."""
    with Image.open(io.BytesIO(picture)) as opened:
        bare = Image.frombytes("RGB", opened.size, opened.convert("RGB").tobytes())
    made = io.BytesIO()
    bare.save(made, "JPEG", quality=90, optimize=True)
    return made.getvalue()


def _strokes(block: Signature) -> bytes:
    """The strokes of a signature as a picture: a word processor draws no path."""
    drawn = Image.new("RGB", (block.width, block.height), "white")
    pen = ImageDraw.Draw(drawn)
    for stroke in block.path.split("M")[1:]:
        points = [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+)[ ,]+(-?[\d.]+)", stroke)]
        pen.line(points, fill=(22, 33, 31), width=5, joint="curve")
    made = io.BytesIO()
    drawn.save(made, "PNG", optimize=True)
    return made.getvalue()
