"""Drawing a before/after sheet: first where everything lies, then the same in pixels or on pages.

Lengths are points of an A4 page laid across; a PNG has `PNG_SCALE` px for each. Pictures come in already cropped and
covered, as bare pixels, so that nothing their files carried can follow them. No Django here.
"""

import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

PAGE_WIDTH, PAGE_HEIGHT = 842.0, 595.0
MARGIN, GAP = 32.0, 10.0
PNG_SCALE = 3
TALLEST_PICTURE = 400.0
# Bitstream Vera comes with ReportLab, may be embedded, and writes every Western European language.
_FONTS = {False: "Vera", True: "VeraBd"}
_FOLDER = Path(reportlab.__file__).parent / "fonts"
_INK, _QUIET, _RULE, _EMPTY = "#16211f", "#5b6764", "#d9ddd8", "#e9ece8"


@dataclass(frozen=True)
class Cell:
    """One photograph of the sheet, or None where that view was not taken; the lines are printed small under it."""

    picture: Image.Image | None
    heading: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    view: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Sheet:
    clinic: str
    title: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """A line of text, its baseline at y."""

    x: float
    y: float
    text: str
    size: float
    is_bold: bool = False
    colour: str = _INK


@dataclass(frozen=True)
class Placed:
    """A picture in its box, or an empty box."""

    x: float
    y: float
    width: float
    height: float
    picture: Image.Image | None


@dataclass
class Page:
    """Things from the top left; y runs down."""

    items: list[Words | Placed]
    height: float


def as_png(sheet: Sheet) -> bytes:
    """One picture, as tall as the sheet needs, without any chunk but its pixels."""
    (page,) = lay_out(sheet, page_height=None)
    size = (round(PAGE_WIDTH * PNG_SCALE), round(page.height * PNG_SCALE))
    canvas = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(canvas)
    for item in page.items:
        if isinstance(item, Words):
            font = _pixel_font(item.is_bold, round(item.size * PNG_SCALE))
            at = (item.x * PNG_SCALE, item.y * PNG_SCALE)
            draw.text(at, item.text, fill=item.colour, font=font, anchor="ls")
            continue
        box = [round(value * PNG_SCALE) for value in (item.x, item.y, item.width, item.height)]
        if item.picture is None:
            draw.rectangle((box[0], box[1], box[0] + box[2] - 1, box[1] + box[3] - 1), fill=_EMPTY)
        else:
            canvas.paste(item.picture.resize((box[2], box[3]), Image.Resampling.LANCZOS), (box[0], box[1]))
    out = io.BytesIO()
    canvas.save(out, "PNG", optimize=False)
    return out.getvalue()


def as_pdf(sheet: Sheet) -> bytes:
    """A4 pages laid across, with their letters in them, and nothing said about who made it or when."""
    for name in _FONTS.values():
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(_FOLDER / f"{name}.ttf")))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1, pageCompression=1)
    canvas._doc.info = _SaysNothing({})
    for page in lay_out(sheet, page_height=PAGE_HEIGHT):
        for item in page.items:
            if isinstance(item, Words):
                canvas.setFillColor(item.colour)
                canvas.setFont(_FONTS[item.is_bold], item.size)
                canvas.drawString(item.x, PAGE_HEIGHT - item.y, item.text)
            elif item.picture is None:
                canvas.setFillColor(_EMPTY)
                canvas.rect(item.x, PAGE_HEIGHT - item.y - item.height, item.width, item.height, stroke=0, fill=1)
            else:
                bottom = PAGE_HEIGHT - item.y - item.height
                canvas.drawImage(_jpeg(item), item.x, bottom, item.width, item.height)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


class _SaysNothing(pdfdoc.PDFDictionary):
    """A document information dictionary without an entry: no author, producer, title or date."""

    invariant = 1

    def digest(self, signature: object) -> None:
        """Adds nothing to the file's identifier."""


def lay_out(sheet: Sheet, *, page_height: float | None) -> list[Page]:
    """Rows packed onto pages of that height, each row whole; on one page as tall as it gets for None."""
    pages: list[Page] = []
    column = _column_width(len(sheet.rows[0].cells))
    notes = [line for note in sheet.notes for line in _wrapped(note, PAGE_WIDTH - 2 * MARGIN, 7)]
    foot = 14 + 10 * len(notes)
    page, y = _new_page(sheet)
    for row in sheet.rows:
        pictures, height = _row_height(row, column)
        bottom = (page_height or float("inf")) - MARGIN - foot
        if y + height > bottom and len(page.items) > 2:
            pages.append(page)
            page, y = _new_page(sheet)
        page.items += _row(row, column, pictures, y)
        y += height
    y = (page_height - MARGIN - foot if page_height else y) + 14
    page.items += [Words(MARGIN, y + 10 * n, line, 7, colour=_QUIET) for n, line in enumerate(notes)]
    page.height = page_height or y + 10 * len(notes) + MARGIN - 10
    return [*pages, page]


def _new_page(sheet: Sheet) -> tuple[Page, float]:
    width = _length(sheet.clinic, 10, False)
    head: list[Words | Placed] = [
        Words(MARGIN, MARGIN + 8, sheet.title, 13, is_bold=True),
        Words(PAGE_WIDTH - MARGIN - width, MARGIN + 8, sheet.clinic, 10, colour=_QUIET),
    ]
    return Page(head, PAGE_HEIGHT), MARGIN + 22


def _column_width(columns: int) -> float:
    return (PAGE_WIDTH - 2 * MARGIN - GAP * (columns - 1)) / columns


def _row_height(row: Row, column: float) -> tuple[float, float]:
    """Height of the pictures, all alike, and of the whole row with its words."""
    ratios = [cell.picture.height / cell.picture.width for cell in row.cells if cell.picture]
    pictures = min(TALLEST_PICTURE, column * max(ratios, default=0.75))
    lines = max(sum(len(_wrapped(line, column, 7)) for line in cell.lines) for cell in row.cells)
    return pictures, 16 + pictures + 16 + 9.5 * lines + 14


def _row(row: Row, column: float, pictures: float, y: float) -> Iterator[Words | Placed]:
    yield Words(MARGIN, y + 10, row.view, 9, is_bold=True, colour=_QUIET)
    for n, cell in enumerate(row.cells):
        x = MARGIN + n * (column + GAP)
        yield _placed(cell.picture, x, y + 16, column, pictures)
        below = y + 16 + pictures + 13
        yield Words(x, below, cell.heading, 10, is_bold=True)
        small = [part for line in cell.lines for part in _wrapped(line, column, 7)]
        for number, line in enumerate(small, start=1):
            yield Words(x, below + 1 + 9.5 * number, line, 7, colour=_QUIET)


def _placed(picture: Image.Image | None, x: float, y: float, width: float, height: float) -> Placed:
    """The whole picture, as large as it fits, at the left of its column."""
    if picture is None:
        return Placed(x, y, width, height, None)
    scale = min(width / picture.width, height / picture.height)
    return Placed(x, y, picture.width * scale, picture.height * scale, picture)


def _jpeg(item: Placed) -> ImageReader:
    """The picture at the sharpness it is printed in, as a JPEG that ReportLab embeds without touching it."""
    picture = item.picture
    if picture is None:
        raise ValueError("There is no picture here.")
    size = (max(1, round(item.width * PNG_SCALE)), max(1, round(item.height * PNG_SCALE)))
    out = io.BytesIO()
    picture.resize(size, Image.Resampling.LANCZOS).save(out, "JPEG", quality=90)
    out.seek(0)
    return ImageReader(out)


def _wrapped(text: str, width: float, size: float) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _length(longer, size, False) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return [line for line in lines if line]


def _length(text: str, size: float, is_bold: bool) -> float:
    return _pixel_font(is_bold, 100).getlength(text) * size / 100


@cache
def _pixel_font(is_bold: bool, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FOLDER / f"{_FONTS[is_bold]}.ttf"), size)


@cache
def _letters() -> frozenset[int]:
    return frozenset(TTFont("letters", str(_FOLDER / "Vera.ttf")).face.charToGlyph)


def writable(text: str) -> str:
    """The text in letters the sheet can print: without an accent where the letter has none of that kind."""
    told = ""
    for letter in text:
        if ord(letter) in _letters():
            told += letter
        else:
            bare = unicodedata.normalize("NFKD", letter)
            told += "".join(part for part in bare if not unicodedata.combining(part))
    return told


def unwritable(text: str) -> str:
    """The letters that the sheet cannot print, each once, even without their accents."""
    return "".join(dict.fromkeys(letter for letter in writable(text) if ord(letter) not in _letters()))


def months_in_name(months: Sequence[str]) -> str:
    """ "month-0-month-5", for the name of the file."""
    return "-".join("".join(c if c.isalnum() else "-" for c in month.lower()).strip("-") for month in months)
