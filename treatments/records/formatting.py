"""Figures, days and lists as a person reads them, spelled in one way everywhere. No Django queries here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal


def number(value: Decimal) -> str:
    """A decimal without idle zeros and without an exponent: 3, 2.5, 0.25, 100."""
    return f"{value.normalize():f}"


def signed(value: Decimal) -> str:
    """A change of a volume: "+3", "−2.5"."""
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{number(abs(value))}"


def ml(value: Decimal) -> str:
    """A volume with its unit: "3 mL", "2.5 mL"."""
    return f"{number(value)} mL"


def mm(value: Decimal) -> str:
    """A length with its unit: "4 mm", "0.5 mm"."""
    return f"{number(value)} mm"


def day(value: date) -> str:
    """ "14 May 2025"."""
    return f"{value.day} {value:%b %Y}"


def day_of_year(value: date) -> str:
    """ "14 May", where the year is printed beside it, or is this year."""
    return f"{value.day} {value:%b}"


def month(value: date) -> str:
    """ "May 2025"."""
    return f"{value:%b %Y}"


def count(quantity: int, singular: str, plural: str = "") -> str:
    """ "1 photo", "3 photos", "2 people"."""
    return f"{quantity} {singular if quantity == 1 else plural or f'{singular}s'}"


def listed(words: Sequence[str], conjunction: str = "and") -> str:
    """ "a", "a and b", "a, b and c"; "" for none."""
    return f" {conjunction} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def uncapitalised(text: str) -> str:
    """Without the capital of a label that stands inside a sentence; abbreviations keep theirs."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
