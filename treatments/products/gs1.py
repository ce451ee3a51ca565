"""What a scanner reads off a vial: GS1 element strings, or a bare lot number. No Django here.

GTIN is application identifier 01, lot 10, expiry 17, serial 21 (GS1 General Specifications).
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

SEPARATOR = "\x1d"
_SYMBOLOGY = re.compile(r"^\](?:C1|d2|Q3|e0|J1)")
_BRACKETED = re.compile(r"\((\d{2,4})\)([^(]*)")

_FIXED: dict[str, int] = {"00": 18, "01": 14, "02": 14, "20": 2} | {
    ai: 6 for ai in ("11", "12", "13", "15", "16", "17")
}
_VARIABLE: dict[str, int] = {
    "10": 20,
    "21": 20,
    "22": 20,
    "30": 8,
    "37": 8,
    "240": 30,
    "241": 30,
    "250": 30,
    "251": 30,
    "710": 20,
    "711": 20,
    "712": 20,
    "713": 20,
    "714": 20,
    "7003": 10,
} | {str(ai): 90 for ai in range(91, 100)}
LOOK_ALIKES = {"O": "0", "I": "1", "L": "1"}
_LOOK_ALIKES = str.maketrans(LOOK_ALIKES)


@dataclass(frozen=True, slots=True)
class GS1:
    """Parts of a label; "" or None where the label does not carry them. `is_scanned`: read from its code, so that each
    sign of the lot number is as it is printed; a person may leave some out."""

    gtin: str = ""
    lot: str = ""
    expiry: date | None = None
    serial: str = ""
    is_scanned: bool = field(default=False, compare=False)


def parse(text: str) -> GS1:
    """Read a scan: "(01)…(17)…(10)…", a raw element string with FNC1, or a bare lot number.

    A raw string counts as GS1 only if it begins with a symbology identifier ("]d2", "]C1" …) or
    FNC1, or with a GTIN whose check digit is right; anything else is taken as the lot number.
    Raises ValueError, with a sentence, for an empty scan or a label that contradicts itself.
    """
    raw = text.replace("\u241d", SEPARATOR).strip(" \t\r\n")
    if not raw.strip(SEPARATOR):
        raise ValueError("The scan is empty. Scan again, or type the lot number.")
    body, prefixed = _SYMBOLOGY.subn("", raw)
    prefixed += body.startswith(SEPARATOR)
    body = body.lstrip(SEPARATOR)
    if body.startswith("("):
        return _label(_bracketed(body))
    if prefixed or (body[:2] == "01" and _check_digit_is_right(body[2:16])):
        return _label(_elements(body))
    return GS1(lot=_printable(body))


def number_key(text: str) -> str:
    """What makes two lot numbers one: all that is printed but case, width, spaces in a row and signs that nobody sees.

    Every dash is a hyphen: a keyboard puts in another than the printer did. "12-34" and "1-234" are two lots.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    seen = (" " if c.isspace() else "-" if _is_dash(c) else c for c in plain if c.isspace() or not _is_invisible(c))
    return " ".join("".join(seen).split())


def normalise_lot(text: str) -> str:
    """A lot number for finding it, as people type it: upper case, letters and digits only ("ex-25 03": "EX2503").

    O and 0 are kept apart: two lots may differ by nothing else.
    """
    return "".join(c for c in number_key(text) if c.isalnum())


def look_alike(text: str) -> str:
    """What is left of a lot number for an eye that reads no separators and takes O for 0, and I and L for 1."""
    return normalise_lot(text).translate(_LOOK_ALIKES)


def _is_dash(character: str) -> bool:
    return unicodedata.category(character) == "Pd" or character == "\u2212"


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in {"Cf", "Cc", "Cs"} or "\ufe00" <= character <= "\ufe0f"


def _printable(value: str) -> str:
    value = value.strip(SEPARATOR + " ")
    if not value.isprintable():
        raise ValueError("The scan holds unreadable signs. Scan again, or type the lot number.")
    return value


def _bracketed(body: str) -> dict[str, str]:
    elements = _BRACKETED.findall(body)
    if "".join(f"({ai}){value}" for ai, value in elements) != body:
        raise ValueError("The label could not be read. Type the lot number as it is printed.")
    return {ai: _printable(value) for ai, value in elements}


def _elements(body: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    rest = body
    while rest:
        ai = next((rest[:n] for n in (2, 3, 4) if rest[:n] in _FIXED or rest[:n] in _VARIABLE), "")
        if not ai:
            raise ValueError(
                f"The label has a part this page does not know ({rest[:4]}). Type the lot number as it is printed."
            )
        value, rest = _split_value(ai, rest[len(ai) :])
        parts[ai] = _printable(value)
        rest = rest.lstrip(SEPARATOR)
    return parts


def _split_value(ai: str, rest: str) -> tuple[str, str]:
    """The value of one element and what follows it: of fixed length, or up to the separator."""
    if ai in _FIXED:
        return rest[: _FIXED[ai]], rest[_FIXED[ai] :]
    value, _, rest = rest.partition(SEPARATOR)
    if len(value) > _VARIABLE[ai]:
        raise ValueError("The parts of the label run into each other. Type the lot number as printed.")
    return value, rest


def _label(parts: dict[str, str]) -> GS1:
    gtin = parts.get("01", "")
    if gtin and not _check_digit_is_right(gtin):
        raise ValueError("The product number (GTIN) was misread. Scan again.")
    expiry = _expiry(parts["17"]) if "17" in parts else None
    return GS1(gtin, parts.get("10", ""), expiry, parts.get("21", ""), is_scanned=True)


def _expiry(value: str) -> date:
    """YYMMDD in this century; day 00 stands for the last day of the month."""
    if not re.fullmatch(r"[0-9]{6}", value) or not 1 <= int(value[2:4]) <= 12:
        raise ValueError("The expiry date was misread. Scan again, or type it.")
    year, month, day = 2000 + int(value[:2]), int(value[2:4]), int(value[4:])
    last = calendar.monthrange(year, month)[1]
    if day > last:
        raise ValueError("The expiry date was misread. Scan again, or type it.")
    return date(year, month, day or last)


def _check_digit_is_right(gtin: str) -> bool:
    if not re.fullmatch(r"[0-9]{14}", gtin):
        return False
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(gtin[:13]))
    return (10 - weighed % 10) % 10 == int(gtin[13])
