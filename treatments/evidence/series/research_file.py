"""Rows of cases as a workbook, or as CSV in a ZIP, each with its data dictionary.

Texts are cells of text whatever they begin with; numbers are numbers. Neither file says whose clinic it is of, who made
it, or on which day anybody was treated.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from treatments.assessments.outcomes.vocabulary import MONTHS
from treatments.evidence.series.cases import Case
from treatments.evidence.series.columns import MISSING, Value, columns
from treatments.records.text import spreadsheet
from treatments.transfer.own_workbook import text_cell

FORMATS: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "application/zip",
}
ENDINGS: Final = {"xlsx": "xlsx", "csv": "zip"}
_FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)
_DICTIONARY: Final = ("Column", "Meaning", "Unit", "Codes")
Rows = Sequence[tuple[Case, str]]


@dataclass(frozen=True)
class About:
    """What is said of the file in the file."""

    lines: tuple[tuple[str, str], ...]


def write(rows: Rows, about: About, *, file_format: str) -> bytes:
    """The file. Each row is a case with its pseudonym, in the order in which they are to stand."""
    names = [column.name for column in columns()]
    table = [[column.of(case, code) for column in columns()] for case, code in rows]
    return (_workbook if file_format == "xlsx" else _csv)(names, table, about)


def dictionary() -> list[tuple[str, str, str, str]]:
    """Every column, then the codes of what is missing."""
    told = [(column.name, column.meaning, column.unit, column.codes) for column in columns()]
    return [*told, *((code, meaning, "", "in any column: a missing value") for code, meaning in MISSING.items())]


def dictionary_once() -> list[tuple[str, str, str, str]]:
    """The same for a page: what is told at Month 3, 6 and 12 stands there once, as "month_N_…"."""
    first, *others = (f"month_{month}_" for month in MONTHS)
    month = f"Month {MONTHS[0]}"
    return [
        (name.replace(first, "month_N_"), meaning.replace(month, "Month N"), unit, codes)
        for name, meaning, unit, codes in dictionary()
        if not name.startswith(tuple(others))
    ]


def _workbook(names: Sequence[str], table: Iterable[Sequence[Value]], about: About) -> bytes:
    book = Workbook(write_only=True)
    book.properties.creator = "Anagen"
    _sheet(book, "Data", [names, *table], width=18)
    _sheet(book, "Dictionary", [_DICTIONARY, *dictionary()], width=34)
    _sheet(book, "About", [("Of this file", ""), *about.lines], width=46)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _sheet(book: Any, title: str, lines: Iterable[Sequence[Value]], *, width: int) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    head, *rest = list(lines)
    for place in range(1, len(head) + 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append([_heading(sheet, str(each)) for each in head])
    for line in rest:
        sheet.append([_cell(sheet, each) for each in line])


def _heading(sheet: Any, text: str) -> Any:
    cell = text_cell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Value) -> Any:
    if isinstance(value, str):
        cell = text_cell(sheet, value)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        return cell
    return WriteOnlyCell(sheet, value.normalize() if isinstance(value, Decimal) else value)


def _csv(names: Sequence[str], table: Iterable[Sequence[Value]], about: About) -> bytes:
    tables = {
        "data.csv": (names, table),
        "dictionary.csv": (_DICTIONARY, dictionary()),
        "about.csv": (("Of this file", ""), about.lines),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, (head, lines) in tables.items():
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, "".join(spreadsheet.lines(head, lines)).encode())
    return made.getvalue()
