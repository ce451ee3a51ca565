"""The telephone number of a letterhead, which a manager types as free text. No Django here."""

import re
from typing import Final

from treatments.records.text.text_folding import digits, fold

SHORTEST: Final = 7
"""Figures of a telephone number; a post code has fewer."""
_NUMBER: Final = re.compile(r"\+?[(]?\d[\d ().\-/]{5,}\d")
_CALLED: Final = re.compile(r"\b(?:tel|t\b|phone|fon|call|mobile|hotline|dien thoai)|phone\b|电话|電話|هاتف|☎")
_OTHER: Final = re.compile(
    r"\b(?:fax|telefax|reg|registration|registered|company|no|nr|number|vat|iban|uen|tax|licen[cs]e|charity|account)\b"
)


def telephone_in(letterhead: str) -> str:
    """The first number that is called a telephone; else the first that is called nothing else, as a fax or the number
    in a register is. "" where there is none."""
    found = [(_before(line, match.start()), match[0].strip()) for line, match in _numbers(letterhead)]
    called = (number for before, number in found if _CALLED.search(before) and "fax" not in before)
    other = (number for before, number in found if not _OTHER.search(before))
    return next(called, "") or next(other, "")


def _numbers(text: str) -> list[tuple[str, re.Match[str]]]:
    every = ((line, match) for line in text.splitlines() for match in _NUMBER.finditer(line))
    return [(line, match) for line, match in every if len(digits(match[0])) >= SHORTEST]


def _before(line: str, start: int) -> str:
    """What a number is called: the words between it and the one before it on its line."""
    return fold(re.split(r"\d", line[:start])[-1])
