"""What a sheet holds, once it was read: rows by their number in the file, and cells that JSON can keep. No Django here.

A cell is None, a text, or a list that says what else it is: ["n", "146.5"] a number, ["n", "123", "00000"] one whose
format shows it as 00123, ["%", "0.25"] a number shown as
per cent, ["d", "2025-02-14"] a day, perhaps with its time, ["t", "14:30"] a time, ["b", true] yes or no, ["e", "#N/A"]
an error, ["f"] a formula that was never calculated.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from treatments.records.formatting import day

MAX_ROWS = 20_000
MAX_COLUMNS = 200
TITLE_ROWS = 30
"""Rows that a file may have above its list."""
MAX_TEXT = 32_767
"""Characters that are kept of one cell, as many as Excel keeps: one that is too long for its field is told, not cut."""

Cell = str | list[Any] | None


class FileRefused(ValueError):
    """A file that cannot be read, or is not read; the text is a sentence for the person who sent it."""


@dataclass
class Table:
    """One sheet. `rows` holds, by the number that the file gives it, each row that has anything in it.

    `merged` are ranges as (first row, first column, last row, last column), all from 1. `from_1904`: its days are
    counted from 1 January 1904, as old Excel for the Mac did, which matters where a day lost its format. `widths` are
    the cells of each row of a CSV file, empty ones too.
    """

    name: str
    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    from_1904: bool = False
    widths: list[int] = field(default_factory=list)
    is_hidden: bool = False

    @property
    def width(self) -> int:
        return max((len(cells) for _, cells in self.rows), default=0)

    def too_wide(self, header_row: int) -> dict[int, int]:
        """By its number, how many cells a row has that has more than its headings and than most rows."""
        rows = {number: width for (number, _), width in zip(self.rows, self.widths, strict=False)}
        if not rows:
            return {}
        usual = max(rows.get(header_row, 0), Counter(rows.values()).most_common(1)[0][0])
        return {number: width for number, width in rows.items() if width > usual}

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "rows": [[number, *cells] for number, cells in self.rows],
            "hidden_rows": self.hidden_rows,
            "hidden_columns": self.hidden_columns,
            "merged": self.merged,
            "from_1904": self.from_1904,
            "widths": self.widths,
            "is_hidden": self.is_hidden,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Table:
        return cls(
            name=kept["name"],
            rows=[(row[0], row[1:]) for row in kept["rows"]],
            hidden_rows=kept["hidden_rows"],
            hidden_columns=kept["hidden_columns"],
            merged=[(a, b, c, d) for a, b, c, d in kept["merged"]],
            from_1904=kept.get("from_1904", False),
            widths=kept.get("widths", []),
            is_hidden=kept.get("is_hidden", False),
        )


def plain(text: str) -> str:
    """As a person reads it: composed (NFC), white space of every kind run together, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def shown(cell: Cell) -> str:
    """What a person sees of a cell."""
    if cell is None or isinstance(cell, str):
        return cell or ""
    match cell[0]:
        case "n" if len(cell) > 2:
            return _in_pattern(cell[1], cell[2])
        case "%":
            return f"{_per_cent(cell[1])} %"
        case "d":
            spelled = day(date.fromisoformat(cell[1][:10]))
            return f"{spelled}, {cell[1][11:16]}" if len(cell[1]) > 10 else spelled
        case "b":
            return "yes" if cell[1] else "no"
        case "f":
            return "formula without a value"
    return str(cell[1])


_SIGNS: Final = re.compile(r'"([^"]*)"|\\(.)|([ \-/()+])|(0)')


def is_pattern(code: str) -> bool:
    """Whether the format of a number is nothing but places for its figures and signs around them: 00000, "HC-"0000."""
    return "0" in _SIGNS.sub(r"\4", code) and not _SIGNS.sub("", code)


def _in_pattern(figures: str, code: str) -> str:
    """As a spreadsheet shows it: 123 in the format 00000 is 00123, in "HC-"0000 HC-0123."""
    parts = [match.groups() for match in _SIGNS.finditer(code)]
    places = sum(part[3] is not None for part in parts)
    figures = figures.zfill(places)
    first = len(figures) - places + 1
    left = [figures[:first], *figures[first:]]
    return "".join(left.pop(0) if zero else literal or escaped or sign or "" for literal, escaped, sign, zero in parts)


def _per_cent(number: str) -> str:
    text = f"{Decimal(number) * 100:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def letter(column: int) -> str:
    """The letter over a column, which is counted from 1: 28 is AB."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def is_blank(cells: Sequence[Cell]) -> bool:
    return all(cell is None or cell == "" for cell in cells)


def trimmed(cells: list[Cell]) -> list[Cell]:
    """Without the empty cells at the end."""
    while cells and (cells[-1] is None or cells[-1] == ""):
        cells.pop()
    return cells


def filled_down(table: Table, *, after: int) -> Iterator[tuple[int, list[Cell]]]:
    """The rows below row `after`, with the value of cells that are merged over several rows in each of those rows."""
    first: dict[tuple[int, int], tuple[int, int]] = {}
    by_number = dict(table.rows)
    numbers = sorted(by_number)
    for top, left, bottom, right in table.merged:
        if bottom > top and top > after:
            # Only rows and columns that are there: a range may run to the end of the sheet.
            for below in numbers[bisect_right(numbers, top) : bisect_right(numbers, bottom)]:
                for column in range(left, min(right, table.width) + 1):
                    first[below, column] = (top, left)
    columns = range(1, table.width + 1) if first else ()
    for number, cells in table.rows:
        if number <= after:
            continue
        row = list(cells)
        for column in columns:
            if (place := first.get((number, column))) is not None and (column > len(row) or row[column - 1] is None):
                source = by_number.get(place[0], [])
                value = source[place[1] - 1] if place[1] <= len(source) else None
                row += [None] * (column - len(row))
                row[column - 1] = value
        yield number, row
