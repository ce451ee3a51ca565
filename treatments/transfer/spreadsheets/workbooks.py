"""Workbooks (XLSX): what is refused before anything is read, and the cells of each sheet. No Django here.

Cells are taken as Excel last showed them. A formula that was never calculated has no value, and says so; it is never
taken for an empty cell.
"""

from __future__ import annotations

import datetime
import warnings
import zipfile
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any, Final

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import CALENDAR_MAC_1904, from_excel, from_ISO8601
from openpyxl.xml.constants import SHARED_STRINGS

from treatments.transfer.spreadsheets.sheet_xml import SheetReader, shared_texts
from treatments.transfer.spreadsheets.tables import (
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_TEXT,
    TITLE_ROWS,
    Cell,
    FileRefused,
    Table,
    is_pattern,
)

MAX_UNPACKED: Final = 50 * 1024 * 1024
MAX_RATIO: Final = 100
MAX_PARTS: Final = 5_000
MAX_SHEETS: Final = 40
_MAX_EMPTY_ROWS: Final = 200_000

TOO_MUCH: Final = (
    f"This file unpacks to far more than a list of patients has. At most {MAX_UNPACKED // 1024 // 1024} MB are read. "
    "Nothing of it was kept."
)
DAMAGED: Final = "This workbook is damaged and cannot be read. Open it in Excel, save it again as .xlsx, and send that."
MACROS: Final = (
    "This workbook holds macros, which are never opened here. Save it as .xlsx, without macros, and send that."
)
NO_SHEETS: Final = "No sheet of this workbook has anything in it."
TOO_MANY_ROWS: Final = f"A sheet may have at most {MAX_ROWS:,} rows. Send it in parts."
TOO_MANY_COLUMNS: Final = f"A sheet may have at most {MAX_COLUMNS} columns with something in them."


def check_package(file: IO[bytes]) -> None:
    """Refuse what is no workbook, or may blow up, from the list of its parts alone. Raises FileRefused."""
    try:
        with zipfile.ZipFile(file) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as fault:
        raise FileRefused(DAMAGED) from fault
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefused("This file is protected by a password. Save it without one, and send that.")
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 1):
        raise FileRefused(TOO_MUCH)
    names = {part.filename.lstrip("/").lower() for part in parts}
    if any(name.endswith("vbaproject.bin") for name in names):
        raise FileRefused(MACROS)
    if "xl/workbook.xml" not in names:
        raise FileRefused(_what_it_is(names))


def _what_it_is(names: set[str]) -> str:
    kinds = {"word/document.xml": "a Word document", "ppt/presentation.xml": "a presentation", "content.xml": "ODF"}
    kind = next((kind for name, kind in kinds.items() if name in names), "")
    if kind == "ODF":
        return "This is an OpenDocument file. Save the sheet as .xlsx, and send that."
    if "xl/workbook.bin" in names:
        return "This is a binary workbook (.xlsb). Save it as .xlsx, and send that."
    return f"This is {kind or 'not a workbook'}. Only spreadsheets (.xlsx) and CSV files can be imported."


def read(file: IO[bytes]) -> list[Table]:
    """Every sheet that has something in it, hidden ones too. Raises FileRefused."""
    check_package(file)
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that are not read: charts, extensions, validations
            tables = _tables(file)
    except FileRefused:
        raise
    # Whatever a damaged part makes the library say: the person can do the same about each of them.
    except Exception as fault:
        raise FileRefused(DAMAGED) from fault
    if not any(table.rows for table in tables):
        raise FileRefused(NO_SHEETS)
    return [table for table in tables if table.rows]


def _tables(file: IO[bytes]) -> list[Table]:
    """openpyxl finds the sheets, the styles and the calendar; the cells are streamed."""
    with zipfile.ZipFile(file) as package:
        reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
        reader.read_manifest()
        reader.read_workbook()
        apply_stylesheet(reader.archive, reader.wb)
        texts: list[str] = []
        if (part := reader.package.find(SHARED_STRINGS)) is not None:
            with package.open(part.PartName[1:]) as source:
                texts = shared_texts(source, longest=MAX_TEXT)
        book = _Book(
            texts=texts,
            percents=_percent_styles(reader.wb),
            patterns=_patterns(reader.wb),
            dates=frozenset(reader.wb._date_formats),
            durations=frozenset(reader.wb._timedelta_formats),
            epoch=reader.wb.epoch,
        )
        tables = []
        for sheet, relation in list(reader.parser.find_sheets())[:MAX_SHEETS]:
            if relation.Type.endswith("/worksheet") and relation.target in package.namelist():
                table = _table(package, relation.target, sheet.name, book)
                table.is_hidden = sheet.state != "visible"
                tables.append(table)
        reader.archive.close()
    return tables


@dataclass(frozen=True)
class _Book:
    """What the cells of every sheet point to: texts, and which styles show per cent, days or durations, or more of a
    number than its figures."""

    texts: list[str]
    percents: frozenset[int]
    patterns: dict[int, str]
    dates: frozenset[int]
    durations: frozenset[int]
    epoch: datetime.datetime


def _table(package: zipfile.ZipFile, part: str, name: str, book: _Book) -> Table:
    table = Table(name[:100], from_1904=book.epoch == CALENDAR_MAC_1904)
    row, counts = list[Cell](), {"empty": 0}

    def on_cell(column: int, kind: str, style: int, value: str, has_formula: bool) -> None:
        cell = _cell(kind, style, value, has_formula, book)
        if cell is not None:
            if column > MAX_COLUMNS:
                raise FileRefused(TOO_MANY_COLUMNS)
            while len(row) < column:
                row.append(None)
            row[column - 1] = cell

    def on_row(number: int) -> None:
        if row:
            table.rows.append((number, row.copy()))
            row.clear()
        else:
            counts["empty"] += 1
        if len(table.rows) > MAX_ROWS + TITLE_ROWS or counts["empty"] > _MAX_EMPTY_ROWS:
            raise FileRefused(TOO_MANY_ROWS)

    reader = SheetReader(on_cell, on_row)
    with package.open(part) as source:
        reader.read(source)
    shown = {number for number, _ in table.rows}
    table.hidden_rows = sorted(number for number in reader.hidden_rows if number in shown)
    hidden = (range(first, min(last, table.width) + 1) for first, last in reader.hidden_columns)
    table.hidden_columns = sorted({column for columns in hidden for column in columns})
    table.merged = [_bounds(reference) for reference in reader.merged]
    return table


def _spelled_styles(book: Any) -> list[str]:
    """How the cells of each style show a number: the codes of their formats."""

    def spelled(number: int) -> str:
        own = number - BUILTIN_FORMATS_MAX_SIZE
        if own < 0:
            return str(BUILTIN_FORMATS.get(number, ""))
        return str(book._number_formats[own]) if own < len(book._number_formats) else ""

    return [spelled(style.numFmtId) for style in book._cell_styles]


def _percent_styles(book: Any) -> frozenset[int]:
    """The numbers of the styles by which a cell is shown as per cent."""
    return frozenset(place for place, code in enumerate(_spelled_styles(book)) if "%" in code)


def _patterns(book: Any) -> dict[int, str]:
    """By style, the format that shows more figures or signs than the number has."""
    codes = ((place, code.split(";")[0]) for place, code in enumerate(_spelled_styles(book)))
    return {place: code for place, code in codes if code != "0" and is_pattern(code)}


def _cell(kind: str, style: int, value: str, has_formula: bool, book: _Book) -> Cell:
    if value == "":
        return ["f"] if has_formula and kind != "str" else None
    if kind == "s":
        text = book.texts[int(value)]
        return text if text.strip() else None
    if kind in {"str", "inlineStr"}:
        return value[:MAX_TEXT] if value.strip() else None
    if kind == "b":
        return ["b", value.strip() in {"1", "true"}]
    if kind == "e":
        return ["e", value[:20]]
    if kind == "d":
        return _moment(from_ISO8601(value))
    if style in book.dates:
        return _moment(from_excel(float(value), book.epoch, timedelta=style in book.durations))
    figures = _figures(float(value))
    if (pattern := book.patterns.get(style)) and figures.isdecimal():
        return ["n", figures, pattern]
    return ["%" if style in book.percents else "n", figures]


def _moment(value: Any) -> Cell:
    if isinstance(value, datetime.datetime):
        has_time = value.hour or value.minute
        return ["d", value.strftime("%Y-%m-%dT%H:%M") if has_time else value.strftime("%Y-%m-%d")]
    if isinstance(value, datetime.date):
        return ["d", value.isoformat()]
    if isinstance(value, datetime.time):
        return ["t", f"{value:%H:%M}"]
    return str(value)


def _figures(value: float) -> str:
    """The shortest figures that give this number back, which are those that were typed; never a power of ten."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{Decimal(repr(value)):f}"


def _bounds(reference: str) -> tuple[int, int, int, int]:
    first, _, last = reference.partition(":")
    (top, left), (bottom, right) = _place(first), _place(last or first)
    return top, left, bottom, right


def _place(coordinate: str) -> tuple[int, int]:
    letters = coordinate.rstrip("0123456789")
    return int(coordinate[len(letters) :]), column_index_from_string(letters)
