"""Reading the numbers that people type: one rule for every form and every address. No Django here.

Accepted: digits of any script, a full stop or a single comma as the decimal sign, a sign before the figures, spaces
around them. Refused, each with a sentence: a comma that may as well stand between the thousands (1,000), two decimal
signs, spaces or underscores between the figures, exponents, fractions, NaN and Infinity, more figures than any number
here has. static/js/volumes.js reads volumes in the same way; tests/records/number_spellings.json holds both to it.
"""

import re
from decimal import Decimal

from treatments.records.text.text_folding import ascii_digits, is_dash, is_seen

MOST_FIGURES = 12
"""Figures on each side of the decimal sign; no number in a record has more."""
_LONGEST = 60
_NUMBER = re.compile(r"([+-]?)([0-9]*)(?:[.,]([0-9]*))?")
_THOUSANDS_OR_DECIMALS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
_SEPARATORS = str.maketrans({"．": ".", "，": ",", "٫": ".", "＋": "+"})
PLAIN_FIGURES = "Write this in plain figures, for example 3 or 2.5."


class AmbiguousNumber(ValueError):
    """A comma that may be a decimal sign or mark the thousands: a wrong reading changes a dose a thousandfold."""


def parse_decimal(text: str) -> Decimal:
    """The number that a person typed. Raises ValueError, with a sentence that says how to write it."""
    typed = _plain(text) if len(text) <= _LONGEST else ""
    match = _NUMBER.fullmatch(typed)
    if match is None or not (match[2] or match[3]):
        raise ValueError(PLAIN_FIGURES if len(text) <= _LONGEST else _too_long())
    sign, whole, part = match[1], match[2], match[3] or ""
    if _THOUSANDS_OR_DECIMALS.fullmatch(typed):
        thousands, decimal = typed.replace(",", ""), typed.replace(",", ".")
        raise AmbiguousNumber(f"“{typed}” can be read in two ways. Write {thousands}, or {decimal} with a full stop.")
    if len(whole.lstrip("0")) > MOST_FIGURES or len(part.rstrip("0")) > MOST_FIGURES:
        raise ValueError(_too_long())
    return Decimal(f"{sign}{whole or '0'}.{part or '0'}") + 0  # of -0, which one database keeps, 0


def parse_whole(text: str) -> int:
    """A whole number, also one written with idle decimals (3.0). Raises ValueError with a sentence."""
    number = parse_decimal(text)
    if number != int(number):
        raise ValueError("Write a whole number, without decimals.")
    return int(number)


def page_number(text: str | None) -> int:
    """The page that an address asks for; the first for anything that is no number of a page."""
    try:
        return max(1, parse_whole(text or ""))
    except ValueError:
        return 1


def _plain(text: str) -> str:
    seen = "".join("-" if is_dash(c) else c for c in text if is_seen(c))
    return ascii_digits(seen).translate(_SEPARATORS).strip()


def _too_long() -> str:
    return f"This number is too long. At most {MOST_FIGURES} figures can be kept."
