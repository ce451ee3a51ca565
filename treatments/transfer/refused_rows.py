"""The refused rows of a file as a sheet of the same columns, and one that says why: to be mended, and sent again."""

import datetime
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from treatments.transfer.judging.planned import Judgement
from treatments.transfer.own_workbook import text_cell
from treatments.transfer.reading.layout import Layout, SheetLayout, body, headings
from treatments.transfer.spreadsheets.tables import Cell, Table, letter

WHY: Final = "Why it was refused"


def write(tables: Sequence[Table], layout: Layout, judgement: Judgement) -> bytes:
    book = Workbook(write_only=True)
    for place, (table, sheet_layout) in enumerate(zip(tables, layout.sheets, strict=True)):
        refused = {number: why for (sheet, number), why in judgement.refused.items() if sheet == place}
        if not refused:
            continue
        sheet = book.create_sheet(table.name[:31].translate(str.maketrans("[]:*?/\\", "       ")) or "Refused")
        _write_sheet(sheet, table, sheet_layout, refused)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write_sheet(sheet: Any, table: Table, layout: SheetLayout, refused: Mapping[int, Sequence[str]]) -> None:
    """The headings with what is merged in them, and the rows as they were read: one that took its patient from a merged
    cell, or from the row above, names the patient itself. A column that said why already says it anew."""
    above = [(number, cells) for number, cells in table.rows if number <= layout.header_row]
    places = {number: place for place, (number, _) in enumerate(above, start=1)}
    for top, left, bottom, right in table.merged:
        if top in places and bottom in places:
            first, last = f"{letter(left)}{places[top]}", f"{letter(right)}{places[bottom]}"
            sheet.merged_cells.add(f"{first}:{last}")
    said = {column for column, text in headings(table, layout).items() if text == WHY}
    columns = [column for column in range(1, table.width + 1) if column not in said]
    for number, cells in [*above, *body(table, layout)]:
        if number > layout.header_row and number not in refused:
            continue
        row = [_written(sheet, cells[column - 1]) if column <= len(cells) else None for column in columns]
        why = " ".join(refused.get(number, [])) or (WHY if number == layout.header_row else "")
        sheet.append([*row, text_cell(sheet, why) if why else None])


def _written(sheet: Any, cell: Cell) -> Any:
    """As it came: a number stays one, a day is one again."""
    if cell is None or isinstance(cell, str):
        return text_cell(sheet, cell) if cell else None
    if cell[0] in {"n", "%"}:
        written = WriteOnlyCell(sheet, Decimal(cell[1]))
        written.number_format = "0%" if cell[0] == "%" else cell[2] if len(cell) > 2 else "General"
        return written
    if cell[0] == "d":
        written = WriteOnlyCell(sheet, datetime.datetime.fromisoformat(cell[1]))
        written.number_format = "yyyy-mm-dd hh:mm" if len(cell[1]) > 10 else "yyyy-mm-dd"
        return written
    if cell[0] == "b":
        return bool(cell[1])
    return text_cell(sheet, str(cell[1]) if len(cell) > 1 else "")
