"""Where everything lies on a before/after sheet: texts, boxes and pictures on pages, whatever file they go into.

Lengths are points of an A4 page laid across, from the top left; y runs down. No Django here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path

import reportlab
from PIL import Image, ImageFont

PAGE_WIDTH, PAGE_HEIGHT = 842.0, 595.0
MARGIN, GAP = 32.0, 10.0
TALLEST_PICTURE = 400.0
HEAD, SMALL, SMALL_LINE = 22.0, 7.0, 9.5
# Bitstream Vera comes with ReportLab, may be embedded, and writes every Western European language.
FONTS = {False: "Vera", True: "VeraBd"}
_FOLDER = Path(reportlab.__file__).parent / "fonts"
_INK, _QUIET, _EMPTY = "#16211f", "#5b6764", "#e9ece8"


@dataclass(frozen=True)
class Cell:
    """One photograph of the sheet, or None where that view was not taken; the lines are printed small under it.

    The picture comes in cropped and covered, as bare pixels, so that nothing its file carried can follow it.
    """

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
class Text:
    """A line of text, its baseline at y."""

    x: float
    y: float
    text: str
    size: float
    is_bold: bool = False
    colour: str = _INK


@dataclass(frozen=True)
class Box:
    """A rectangle of flat colour."""

    x: float
    y: float
    width: float
    height: float
    colour: str = _EMPTY


@dataclass(frozen=True)
class Picture:
    """A picture, stretched to the size given."""

    x: float
    y: float
    width: float
    height: float
    picture: Image.Image


Item = Text | Box | Picture


@dataclass
class Page:
    height: float
    items: list[Item] = field(default_factory=list)


def lay_out(sheet: Sheet, *, page_height: float | None) -> list[Page]:
    """Rows packed onto pages of that height, each row whole; on one page as tall as it gets for None."""
    column = (PAGE_WIDTH - 2 * MARGIN - GAP * (len(sheet.rows[0].cells) - 1)) / len(sheet.rows[0].cells)
    notes = _wrapped(sheet.notes, PAGE_WIDTH - 2 * MARGIN)
    foot = 14 + 10 * len(notes)
    bottom = (page_height or float("inf")) - MARGIN - foot
    pages: list[Page] = []
    y = MARGIN + HEAD
    for row in sheet.rows:
        pictures, height = _row_height(row, column)
        if not pages or (y + height > bottom and y > MARGIN + HEAD):
            pages.append(Page(page_height or 0, list(_head(sheet))))
            y = MARGIN + HEAD
        pages[-1].items += _row(row, column, pictures, y)
        y += height
    y = (bottom if page_height else y) + 14
    pages[-1].items += [Text(MARGIN, y + 10 * n, line, SMALL, colour=_QUIET) for n, line in enumerate(notes)]
    pages[-1].height = page_height or y + 10 * len(notes) + MARGIN - 10
    return pages


def _head(sheet: Sheet) -> Iterator[Text]:
    width = font(is_bold=False, size=100).getlength(sheet.clinic) / 10
    yield Text(MARGIN, MARGIN + 8, sheet.title, 13, is_bold=True)
    yield Text(PAGE_WIDTH - MARGIN - width, MARGIN + 8, sheet.clinic, 10, colour=_QUIET)


def _row_height(row: Row, column: float) -> tuple[float, float]:
    """Height of the pictures, all alike, and of the whole row with its texts."""
    ratios = [cell.picture.height / cell.picture.width for cell in row.cells if cell.picture]
    pictures = min(TALLEST_PICTURE, column * max(ratios, default=0.75))
    lines = max(len(_wrapped(cell.lines, column)) for cell in row.cells)
    return pictures, 16 + pictures + 16 + SMALL_LINE * lines + 14


def _row(row: Row, column: float, pictures: float, y: float) -> Iterator[Item]:
    yield Text(MARGIN, y + 10, row.view, 9, is_bold=True, colour=_QUIET)
    for n, cell in enumerate(row.cells):
        x = MARGIN + n * (column + GAP)
        yield _picture(cell.picture, x, y + 16, column, pictures)
        below = y + 16 + pictures + 13
        yield Text(x, below, cell.heading, 10, is_bold=True)
        for number, line in enumerate(_wrapped(cell.lines, column), start=1):
            yield Text(x, below + 1 + SMALL_LINE * number, line, SMALL, colour=_QUIET)


def _picture(picture: Image.Image | None, x: float, y: float, width: float, height: float) -> Box | Picture:
    """The whole picture, as large as it fits, at the left of its column."""
    if picture is None:
        return Box(x, y, width, height)
    scale = min(width / picture.width, height / picture.height)
    return Picture(x, y, picture.width * scale, picture.height * scale, picture)


def _wrapped(texts: Iterable[str], width: float) -> list[str]:
    """Lines of small print no wider than `width`, unless one word alone is; each text begins a line."""
    return list(chain.from_iterable(_wrapped_text(text, width) for text in texts))


def _wrapped_text(text: str, width: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else ""
        if longer and font(is_bold=False, size=100).getlength(longer) * SMALL / 100 <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@cache
def font(*, is_bold: bool, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_file(is_bold), size)


def font_file(is_bold: bool) -> str:
    return str(_FOLDER / f"{FONTS[is_bold]}.ttf")
