"""CSV files: how their letters are written, what parts their cells, and the cells themselves. No Django here.

An encoding is never guessed in silence: where the file does not say it, three readings of its first lines are shown.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Final

from treatments.transfer.spreadsheets.tables import (
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_TEXT,
    TITLE_ROWS,
    Cell,
    FileRefused,
    Table,
    trimmed,
)

ENCODINGS: Final[dict[str, str]] = {
    "utf-8-sig": "Unicode (UTF-8)",
    "utf-16": "Unicode (UTF-16)",
    "cp1252": "Western Europe (Windows-1252)",
    "cp1250": "Central Europe (Windows-1250)",
    "mac_roman": "Macintosh",
    "cp1251": "Cyrillic (Windows-1251)",
    "gb18030": "Chinese (GB 18030)",
    "big5": "Chinese (Big5)",
    "shift_jis": "Japanese (Shift JIS)",
    "euc_kr": "Korean (EUC-KR)",
}
PREVIEWED: Final = ("cp1252", "cp1250", "mac_roman")
"""The readings that are shown first, where a file is no Unicode."""
DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab"}
_LOOKED_AT: Final = 60
_MARKS: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


def encoding_of(data: bytes) -> str:
    """The encoding that the file itself shows: by its mark, or because it is UTF-8; "" where a person must say it."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return encoding
    return "utf-8-sig" if _reads(data, "utf-8-sig") else ""


def _reads(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def readings(data: bytes) -> list[tuple[str, str, str]]:
    """Encodings in which the file can be read: code, name, and the first lines that hold other letters than a to z."""
    found = []
    for encoding in [*PREVIEWED, *(each for each in ENCODINGS if each not in PREVIEWED)]:
        if encoding != "utf-16" and _reads(data, encoding):
            found.append((encoding, ENCODINGS[encoding], _telling_lines(data.decode(encoding))))
    return found


def _telling_lines(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if not line.isascii()]
    return "\n".join(line[:90] for line in lines[:3])


def read(data: bytes, encoding: str, *, name: str) -> Table:
    """The one table of a CSV file. Rows are numbered as a spreadsheet shows them. Raises FileRefused."""
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as fault:
        raise FileRefused("The file cannot be read in this encoding. Choose another one.") from fault
    if "\x00" in text:
        raise FileRefused("This file is not text. Only spreadsheets (.xlsx) and CSV files can be imported.")
    declared, text = _declared_delimiter(text)
    delimiter = declared or delimiter_of(text)
    table = Table(name[:100])
    csv.field_size_limit(1_000_000)
    try:
        for number, cells in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), start=1
        ):
            row: list[Cell] = [cell[:MAX_TEXT] if cell.strip() else None for cell in cells]
            if trimmed(row):
                table.rows.append((number, row))
                table.widths.append(len(cells))
            if len(row) > MAX_COLUMNS:
                raise FileRefused(f"A file may have at most {MAX_COLUMNS} columns with something in them.")
            if len(table.rows) > MAX_ROWS + TITLE_ROWS:
                raise FileRefused(f"A file may have at most {MAX_ROWS:,} rows. Send it in parts.")
    except csv.Error as fault:
        raise FileRefused("The quotation marks of this file do not match. Save it again from your program.") from fault
    if not table.rows:
        raise FileRefused("This file has nothing in it.")
    return table


def _declared_delimiter(text: str) -> tuple[str, str]:
    """What Excel writes into the first line, "sep=;", and the text below it."""
    first, _, rest = text.partition("\n")
    stripped = first.strip().strip('"')
    if stripped.lower().startswith("sep=") and len(stripped) == 5:
        return stripped[4], rest
    if first.strip().lower() == "sep=" and first.rstrip("\r\n").endswith("\t"):
        return "\t", rest
    return "", text


def delimiter_of(text: str) -> str:
    """Of comma, semicolon and tab that which parts most lines into the same number of cells, more than one."""
    sample = "\n".join(text.splitlines()[:_LOOKED_AT])

    def consistency(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row]
        except csv.Error:
            return 0, 0
        often = Counter(width for width in widths if width > 1).most_common(1)
        return (often[0][1] / len(widths), often[0][0]) if often else (0, 0)

    return max(DELIMITERS, key=consistency)
