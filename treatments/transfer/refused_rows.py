"""The refused rows of a file as a sheet of the same columns, and one that says why: to be mended, and sent again."""

import datetime
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from treatments.transfer.judging.planned import Judgement
from treatments.transfer.own_workbook import text_cell
from treatments.transfer.reading.layout import Layout
from treatments.transfer.spreadsheets.tables import Cell, Table

WHY: Final = "Why it was refused"


def write(tables: Sequence[Table], layout: Layout, judgement: Judgement) -> bytes:
    book = Workbook(write_only=True)
    for place, (table, sheet_layout) in enumerate(zip(tables, layout.sheets, strict=True)):
        refused = {number: why for (sheet, number), why in judgement.refused.items() if sheet == place}
        if not refused:
            continue
        sheet = book.create_sheet(table.name[:31].translate(str.maketrans("[]:*?/\\", "       ")) or "Refused")
        width = table.width
        for number, cells in table.rows:
            if number > sheet_layout.header_row and number not in refused:
                continue
            row = [_written(sheet, cell) for cell in cells] + [None] * (width - len(cells))
            why = " ".join(refused.get(number, [])) or (WHY if number == sheet_layout.header_row else "")
            sheet.append([*row, text_cell(sheet, why) if why else None])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


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
