"""Text for spreadsheets: the one place in which a file for Excel, Numbers or LibreOffice is written. No Django here.

A spreadsheet runs a cell that begins with = + - @ as a formula, and takes figures for a number: of the record number
0042 it leaves 42, of a GTIN 9.506E+12. Which sign parts the cells depends on the country (, or ; or a tab), so that
one cell of ours may be several of theirs.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from treatments.records.formatting import number
from treatments.records.text.text_folding import ascii_digits, is_seen

_FORMULA_STARTS = frozenset("=+-@")
_LINE_BREAKS = re.compile(r"\s*[\t\r\n\v\f\x1c-\x1f\x85\u2028\u2029]\s*")
_AFTER_A_SEPARATOR = re.compile(r"([;,|])([\s\"']*)(?=(\S))")
_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?)"
)
# Figures that would lose their zeros or their end, powers, days, months, hours, and amounts of any country's spelling.
_LOOKS_LIKE_A_NUMBER = re.compile(
    r"0[0-9\s]+|[0-9]{12,}|[0-9.,]+e[+-]?[0-9]+|[0-9]{1,4}[-/.][0-9]{1,4}(?:[-/.][0-9]{1,4})?\.?|[0-9]+(?:[.,'][0-9]+)+"
    rf"|[0-9]{{1,3}}(?::[0-9]{{2}}){{1,2}}|[0-9.,]+\s?%|\([0-9.,]+\)"
    rf"|{_MONTH}[-/. ]*[0-9]{{1,4}}|[0-9]{{1,2}}[-/. ]*{_MONTH}(?:[-/. ]*[0-9]{{2,4}})?",
    re.IGNORECASE,
)


def cell(value: Any) -> str:
    """The text of a cell. An apostrophe, which spreadsheets show and other programs can take away, stands before what
    would be run as a formula, also behind a separator, and before figures that would lose their zeros or their end, or
    would be read as a power or a day (12E3, 3-4, 2025-03, MAR-25). A value that is a day or a number is one."""
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    seen = "".join(c for c in str(value or "") if is_seen(c) or c.isspace())
    text = _LINE_BREAKS.sub(" ", seen).strip()
    text = _AFTER_A_SEPARATOR.sub(lambda match: match[1] + match[2] + ("'" if _starts(match[3]) else ""), text)
    return f"'{text}" if _starts(text.lstrip(" \"'")) or _LOOKS_LIKE_A_NUMBER.fullmatch(_plain_figures(text)) else text


def _plain_figures(text: str) -> str:
    """With figures of every width and script as plain ones: spreadsheets of their countries read them as numbers."""
    return ascii_digits(unicodedata.normalize("NFKC", text))


def _starts(text: str) -> bool:
    return unicodedata.normalize("NFKC", text[:1])[:1] in _FORMULA_STARTS


class _Echo:
    """A file whose `write` returns the line, so that the list is never whole in memory."""

    def write(self, line: str) -> str:
        return line


def lines(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """A table as CSV, line by line, in UTF-8 with the mark that spreadsheets look for; every cell between quotes."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield "\ufeff" + writer.writerow(map(cell, columns))
    for row in rows:
        yield writer.writerow(map(cell, row))
