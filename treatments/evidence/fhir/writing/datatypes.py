"""FHIR's data types as plain dicts. An empty text, list or dict has no place in FHIR: `bare` takes them out."""

import datetime
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from treatments.records.terminology import UCUM, Code

Json = dict[str, Any]

DATA_ABSENT: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
DATA_ABSENT_EXTENSION: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

UNITS: Final[dict[str, str]] = {
    "mL": "mL",
    "mm": "mm",
    "cm": "cm",
    "cm2": "cm²",
    "um": "µm",
    "%": "%",
    "1": "hairs per unit",
    "{hairs}": "hairs",
    "{hairs}/cm2": "hairs/cm²",
    "{hairs}/d": "hairs/day",
    "{FU}/cm2": "units/cm²",
    "{ratio}": "to 1",
    "{score}": "points",
    "{grafts}": "grafts",
    "{points}": "injection points",
    "mm/d": "mm/day",
    "mm/cm2": "mm/cm²",
    "10*9": "10^9 particles",
    "mg": "mg",
    "ug": "µg",
    "h": "hours",
    "mo": "months",
    "a": "years",
    "ug/L": "µg/L",
    "ng/mL": "ng/mL",
    "ng/dL": "ng/dL",
    "nmol/L": "nmol/L",
    "m[IU]/L": "mIU/L",
    "u[IU]/mL": "µIU/mL",
}
"""Every unit of UCUM that is ever written, with the words beside it. Another is written as its words alone."""

_SPACES = re.compile(r"[^\S \t\r\n]")
# What XML cannot hold: control characters, halves of pairs, and code points that are none.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """A text that FHIR takes: no control characters, of the spaces only those that its pattern knows."""
    if text.isascii() and text.isprintable():  # most of them
        return text.strip()
    return _SPACES.sub(" ", _IMPOSSIBLE.sub("", text)).strip()


def bare(value: Any) -> Any:
    """Without what is empty, at any depth; texts are cleaned. 0 and False are answers, and stay."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        found = {key: bare(each) for key, each in value.items()}
        return {key: each for key, each in found.items() if not _is_empty(each)}
    if isinstance(value, list | tuple):
        return [each for each in map(bare, value) if not _is_empty(each)]
    return figure(value) if isinstance(value, Decimal) else value


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | dict) and not value)


def figure(value: Decimal | float) -> int | float:
    """As JSON has numbers; 140.000 as it is read, 140. Raises ValueError for what is no number."""
    if not Decimal(value).is_finite():
        raise ValueError(f"{value} is not a number.")
    whole = int(value)
    return whole if whole == value else float(value)


def coding(code: Code) -> Json:
    return {"system": code.system, "code": code.code, "display": code.display}


def concept(*codes: Code | None, text: str = "") -> Json:
    """One meaning in several code systems; without `text` the first code's own words."""
    known = [code for code in codes if code is not None]
    return {"coding": [coding(code) for code in known], "text": text or (known[0].display if known else "")}


def quantity(value: Decimal | float, ucum: str, *, shown: str = "", comparator: str = "") -> Json:
    """A figure with its unit. A unit that UCUM does not have, or that we do not know as one of it, is words alone."""
    unit = UNITS.get(ucum)
    coded = {"system": UCUM, "code": ucum} if unit else {}
    told = {"comparator": comparator} if comparator else {}
    return {"value": figure(value), **told, "unit": unit or shown or ucum, **coded}


def span(low: Decimal | float, high: Decimal | float, ucum: str) -> Json:
    """A range. Raises ValueError where it runs from high to low."""
    if low > high:
        raise ValueError(f"A range from {low} to {high} is none.")
    return {"low": quantity(low, ucum), "high": quantity(high, ucum)}


def absent(reason: str) -> Json:
    """Why there is no value: "not-asked", "not-performed", "unknown", "masked"."""
    return {"coding": [{"system": DATA_ABSENT, "code": reason, "display": ABSENT[reason]}]}


ABSENT: Final = {
    "unknown": "Unknown",
    "not-asked": "Not Asked",
    "not-performed": "Not Performed",
    "not-applicable": "Not Applicable",
    "masked": "Masked",
}


def no_value(reason: str) -> Json:
    """Beside an element of a simple type that has no value: why."""
    return {"extension": [{"url": DATA_ABSENT_EXTENSION, "valueCode": reason}]}


def instant(at: datetime.datetime, zone: datetime.tzinfo) -> str:
    """ "2026-05-03T10:20:30+08:00": a moment on the clinic's clock, with its zone."""
    return at.astimezone(zone).isoformat(timespec="seconds")


def note(*texts: str) -> list[Json]:
    return [{"text": text} for text in texts if clean(text)]


def extension(url: str, **value: Any) -> Json:
    return {"url": url, **value}


def many(parts: Iterable[tuple[str, Json]]) -> list[Json]:
    """The parts of an extension that has several."""
    return [{"url": url, **value} for url, value in parts]
