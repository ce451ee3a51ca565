"""What a scanner reads off a vial: GS1 element strings, GS1 Digital Links, or a bare lot number. No Django here.

GTIN is application identifier 01 (02 on a box: that of the vials in it), lot 10, expiry 17 or 7003, serial 21 (GS1
General Specifications; GS1 Digital Link URI Syntax).
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import parse_qsl, unquote, urlsplit

from treatments.records.text.text_folding import is_dash, is_seen, usual_signs

SEPARATOR = "\x1d"
LONGEST_SCAN = 500
"""Letters of a code; a Digital Link with all that it may carry stays below."""
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9]")
_GS1_SYMBOLOGIES = {"]C1", "]d2", "]Q3", "]e0", "]J1", "]c1", "]D2", "]q3", "]j1"}
"""With the case that Caps Lock turns about; "]E0" is a code of its own."""
# How scanners write FNC1 that cannot send the sign itself; no part of a label holds one of these signs.
_WRITTEN_SEPARATOR = re.compile(r"[<{\[](?:GS|FNC1)[>}\]]|\\x1d|\\F|\](?:C1|d2|Q3|e0|J1)|[\]^|~]", re.IGNORECASE)
_BRACKETED = re.compile(r"\(([0-9]{2,4})\)([^(]*)")
# Whether figures between brackets can be an identifier of GS1: in "(10)EX(25)" they are of the lot number.
_IDENTIFIER = re.compile(
    r"0[0-3]|1[0-9]|2[0-2]|30|37|9[0-9]|2[3-5][0-9]|4[0-2][0-9]|71[0-9]|(?:3[1-69]|43|7[0-2]|8[0-2])[0-9]{2}"
)
# A web address, and one of a label without its "https:", which some telephones leave out.
_WEB = re.compile(
    r"[a-z][a-z0-9+.-]*://|//|[a-z0-9.-]+\.[a-z]{2,}(?::[0-9]+)?/(?:\S*/)?(?:01|gtin)/[0-9]{8,14}", re.IGNORECASE
)
# What stands where "(01)", "https:" or "01" should stand when the scanner types for a keyboard that is not this one's.
_OTHER_BRACKETS = re.compile(r"([^\w\s(])01([^\w\s)])[0-9]{14}\1")
_OTHER_COLON = re.compile(r"https?[^\w\s]?[^:A-Za-z0-9\s]|https?[öñçÖÑÇ]", re.IGNORECASE)
_FIGURES_OF_AZERTY = str.maketrans("à&é\"'(-è_ç", "0123456789")
_HIBC = re.compile(r"\+[A-Z][A-Z0-9]{3}[A-Z0-9]+", re.IGNORECASE)

# Identifiers whose values have a fixed number of figures and need no separator after them: the whole list of GS1.
_FIXED: dict[str, int] = (
    {"00": 18, "01": 14, "02": 14, "03": 14, "04": 16, "20": 2}
    | {str(ai): 6 for ai in range(11, 20)}
    | {str(ai): 6 for ai in (*range(310, 370),)}
    | {str(ai): 13 for ai in range(410, 418)}
)
# Of 310 to 369 a fourth figure says where the decimal sign stands.
_MEASURES = {str(ai) for ai in range(310, 370)}
_VARIABLE: dict[str, int] = (
    {"10": 20, "21": 20, "22": 20, "30": 8, "37": 8, "235": 28, "240": 30, "241": 30, "242": 6, "243": 20}
    | {"250": 30, "251": 30, "253": 30, "254": 20, "255": 25, "400": 30, "403": 30, "422": 3, "7003": 10, "7004": 4}
    | {"7007": 12, "7020": 20, "7021": 20, "7022": 20, "8005": 6, "8007": 34, "8008": 12, "8020": 25, "8200": 70}
    | {str(ai): 20 for ai in range(710, 718)}
    | {str(ai): 90 for ai in range(91, 100)}
    | {"90": 30}
)
# How the first release of Digital Link spelled the identifiers that are read here.
_IN_WORDS = {"gtin": "01", "lot": "10", "ser": "21", "cpv": "22", "exp": "17"}
LOOK_ALIKES = {"O": "0", "I": "1", "L": "1"}
_LOOK_ALIKES = str.maketrans(LOOK_ALIKES)

_TYPE_IT = "Type the lot number as it is printed."
_UNREADABLE = f"The label could not be read. {_TYPE_IT}"
_OTHER_KEYBOARD = (
    "The scanner has the wrong keyboard setting, so it sends wrong characters. "
    f"Set the scanner to this keyboard. Until then: {_TYPE_IT[0].lower()}{_TYPE_IT[1:]}"
)


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
    """Read a scan: "(01)…(17)…(10)…", a raw element string with FNC1, a Digital Link, or a bare lot number.

    A raw string counts as GS1 only if it begins with a symbology identifier ("]d2", "]C1" …) or FNC1, or with a GTIN
    whose check digit is right; anything else is taken as the lot number.
    Raises ValueError, with a sentence, for an empty scan, a label that contradicts itself, and a code in which no lot
    number can be looked for.
    """
    plain = usual_signs(text.replace("\u241d", SEPARATOR))
    raw = "".join(c for c in plain if is_seen(c) or unicodedata.category(c) == "Cc").strip(" \t\r\n")
    if not any(is_seen(c) and not c.isspace() for c in raw):
        raise ValueError("The scan is empty. Scan again, or type the lot number.")
    found = _SYMBOLOGY.match(raw)
    symbology, body = (found[0], raw[3:]) if found else ("", raw)
    separated = _WRITTEN_SEPARATOR.sub(SEPARATOR, body)
    is_marked = symbology in _GS1_SYMBOLOGIES or body.startswith(SEPARATOR)
    if is_marked or _begins_with_gtin(separated.lstrip(SEPARATOR)):
        body = separated
    body = body.lstrip(SEPARATOR)
    if _WEB.match(body):
        return _label(_linked(body if "//" in body else f"//{body}"))
    if body.startswith("("):
        return _label(_bracketed(body))
    if symbology.startswith("]E"):
        return _label({"01": body.zfill(14)})
    close = "".join(body.split(" "))
    if is_marked or _begins_with_gtin(close):
        return _label(_elements(body if is_marked or _begins_with_gtin(body) else close))
    _refuse_what_is_no_lot(body)
    return GS1(lot=_printable(body))


def _refuse_what_is_no_lot(body: str) -> None:
    """Raises ValueError for a code that was garbled on its way, or that is of another system."""
    figures = body.translate(_FIGURES_OF_AZERTY)
    if _OTHER_BRACKETS.match(body) or _OTHER_COLON.match(body) or (figures != body and _begins_with_gtin(figures)):
        raise ValueError(_OTHER_KEYBOARD)
    if _HIBC.fullmatch(body):
        raise ValueError(f"This is a code of another system (HIBC), which this page does not read. {_TYPE_IT}")


def number_key(text: str) -> str:
    """What makes two lot numbers one: all that is printed but case, width, spaces in a row and signs that nobody sees.

    Every dash is a hyphen: a keyboard puts in another than the printer did. "12-34" and "1-234" are two lots.
    """
    plain = usual_signs(text).upper()
    seen = (" " if c.isspace() else "-" if is_dash(c) else c for c in plain if is_seen(c))
    return " ".join("".join(seen).split())


def normalise_lot(text: str) -> str:
    """A lot number for finding it, as people type it: upper case, letters and digits only ("ex-25 03": "EX2503").

    O and 0 are kept apart: two lots may differ by nothing else.
    """
    return "".join(c for c in number_key(text) if c.isalnum())


def look_alike(text: str) -> str:
    """What is left of a lot number for an eye that reads no separators and takes O for 0, and I and L for 1."""
    return normalise_lot(text).translate(_LOOK_ALIKES)


def gtin(text: str) -> str:
    """The 14 figures of a product number of 8 to 14 figures. Raises ValueError, with a sentence, for any other text."""
    figures = "".join(text.split())
    if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", figures) or not _check_digit_is_right(figures.zfill(14)):
        raise ValueError("The product number (GTIN) was misread. Scan again.")
    return figures.zfill(14)


def _printable(value: str) -> str:
    value = value.strip(SEPARATOR + " \t\r\n")
    if not value.isprintable():
        raise ValueError("The scan holds unreadable signs. Scan again, or type the lot number.")
    return value


def _put(parts: dict[str, str], ai: str, value: str) -> None:
    value = _printable(value)
    if parts.setdefault(ai, value) != value:
        raise ValueError(f"The label names two different values for one thing ({ai}). {_TYPE_IT}")


def _linked(address: str) -> dict[str, str]:
    """The identifiers of a Digital Link: pairs in its path, whatever stands before them, and in its query."""
    try:
        link = urlsplit(address)
        steps = [unquote(step, errors="strict") for step in link.path.split("/")]
        query = parse_qsl(link.query.replace(";", "&"), errors="strict")
    except ValueError as error:
        raise ValueError(_UNREADABLE) from error
    parts: dict[str, str] = {}
    start = next((n for n, step in enumerate(steps) if _ai_of(step) in {"01", "10"}), len(steps))
    pairs = [*zip(steps[start::2], steps[start + 1 :: 2], strict=False), *query]
    for name, value in pairs:
        if (ai := _ai_of(name)) and value:
            _put(parts, ai, value)
    if not parts:
        raise ValueError(f"This code is a web address without a lot number that can be read. {_TYPE_IT}")
    if "01" in parts:
        parts["01"] = gtin(parts["01"])
    return parts


def _ai_of(name: str) -> str:
    ai = _IN_WORDS.get(name.lower(), name)
    return ai if ai in _FIXED or ai in _VARIABLE else ""


def _bracketed(body: str) -> dict[str, str]:
    elements = _BRACKETED.findall(body)
    if "".join(f"({ai}){value}" for ai, value in elements) != body or not all(
        _IDENTIFIER.fullmatch(ai) for ai, _ in elements
    ):
        raise ValueError(_UNREADABLE)
    parts: dict[str, str] = {}
    for ai, value in elements:
        _put(parts, ai, value)
    return parts


def _elements(body: str) -> dict[str, str]:
    """The parts of a raw string. A part that is not known ends at the separator, as GS1 has it for all such parts."""
    parts: dict[str, str] = {}
    rest, unknown = body, ""
    while rest:
        ai = next((rest[:n] for n in (2, 3, 4) if rest[:n] in _FIXED or rest[:n] in _VARIABLE), "")
        if ai:
            value, rest = _split_value(ai, rest[len(ai) :])
            _put(parts, ai, value)
        else:
            unknown = unknown or rest[:4]
            rest = rest.partition(SEPARATOR)[2]
        rest = rest.lstrip(SEPARATOR)
    if unknown and "10" not in parts:
        raise ValueError(f"The label has a part this page does not know ({unknown}). {_TYPE_IT}")
    if SEPARATOR not in body and _may_run_on(parts):
        raise ValueError(
            "The scanner does not send the sign between the parts of the label, so the end of the lot number is not "
            f"known. {_TYPE_IT}"
        )
    return parts


def _may_run_on(parts: dict[str, str]) -> bool:
    """Whether the last part, a lot or serial number, may hold a date that was printed after it."""
    last = list(parts)[-1] if parts else ""
    dates = re.findall(r"(?=17([0-9]{6}))", parts[last][1:]) if last in {"10", "21"} and "17" not in parts else []
    return any(_is_a_day(each) for each in dates)


def _is_a_day(value: str) -> bool:
    try:
        return 2020 <= _expiry(value).year <= 2049
    except ValueError:
        return False


def _split_value(ai: str, rest: str) -> tuple[str, str]:
    """The value of one element and what follows it: of fixed length, or up to the separator."""
    if ai in _FIXED:
        length = _FIXED[ai] + (ai in _MEASURES)
        if len(rest) < length or not re.fullmatch("[0-9]+", rest[:length]):
            raise ValueError(_misread(ai))
        return rest[:length], rest[length:]
    value, _, rest = rest.partition(SEPARATOR)
    if len(value) > _VARIABLE[ai]:
        raise ValueError("The parts of the label run into each other. Type the lot number as printed.")
    return value, rest


def _misread(ai: str) -> str:
    if ai == "17":
        return "The expiry date was misread. Scan again, or type it."
    if ai in {"01", "02"}:
        return "The product number (GTIN) was misread. Scan again."
    return "The label was not read to its end. Scan again, or type the lot number."


def _label(parts: dict[str, str]) -> GS1:
    for ai in ("01", "02"):
        if ai in parts and not _check_digit_is_right(parts[ai]):
            raise ValueError(_misread(ai))
    expiry = _expiry(parts["17"]) if "17" in parts else _expiry(parts["7003"][:6]) if "7003" in parts else None
    number = parts.get("01") or parts.get("02", "")
    return GS1(number, parts.get("10", ""), expiry, parts.get("21", ""), is_scanned=True)


def _expiry(value: str) -> date:
    """YYMMDD of the century that is nearest, as GS1 has it; day 00 stands for the last day of the month."""
    if not re.fullmatch(r"[0-9]{6}", value) or not 1 <= int(value[2:4]) <= 12:
        raise ValueError(_misread("17"))
    this_year = date.today().year
    year = this_year - this_year % 100 + int(value[:2])
    year += 100 * ((year - this_year <= -50) - (year - this_year >= 51))
    month, day = int(value[2:4]), int(value[4:])
    last = calendar.monthrange(year, month)[1]
    if day > last:
        raise ValueError(_misread("17"))
    return date(year, month, day or last)


def _begins_with_gtin(text: str) -> bool:
    return text[:2] == "01" and _check_digit_is_right(text[2:16])


def _check_digit_is_right(gtin: str) -> bool:
    if not re.fullmatch(r"[0-9]{14}", gtin):
        return False
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(gtin[:13]))
    return (10 - weighed % 10) % 10 == int(gtin[13])
