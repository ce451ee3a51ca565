"""Messages that a person sends with a program of their own: the text, and the links that open mail and text messages.

Anagen sends nothing. No Django here.
"""

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from treatments.records.formatting import day, listed

PLACEHOLDERS: Final = ("name", "day", "time", "clinic", "telephone")
NEEDS_BOOKING: Final = frozenset({"day", "time"})
_NAMED = re.compile(r"\{([^{}\n]*)\}")
_TELEPHONE = re.compile(r"(?:tel|phone|call)[^\d+\n]*(\+?[\d(][\d ()/.-]{5,}\d)", re.IGNORECASE)

DEFAULTS: Final[dict[str, tuple[str, str]]] = {
    "reminder": (
        "Your appointment on {day}",
        "Dear {name},\n\nthis is a reminder of your appointment on {day} at {time}. If you cannot come, please "
        "call us: {telephone}.\n\n{clinic}",
    ),
    "confirmation": (
        "Your appointment on {day}",
        "Dear {name},\n\nyour appointment is on {day} at {time}.\n\n{clinic}\n{telephone}",
    ),
    "please_call": (
        "Please call us",
        "Dear {name},\n\nwe could not reach you. Please call us: {telephone}.\n\n{clinic}",
    ),
    "aftercare": (
        "After your visit",
        "Dear {name},\n\nplease read the sheet that you took home. If anything worries you, call us: {telephone}.\n\n"
        "{clinic}",
    ),
}
"""Subject and text of each kind, in English, until the clinic writes its own."""


@dataclass(frozen=True)
class Message:
    """A message as it is read, with the links that open it; "" where the patient has no such address."""

    kind: str
    label: str
    language: str
    subject: str
    text: str
    mail: str = ""
    sms: str = ""


def faults(text: str, *, has_booking: bool) -> list[str]:
    """What is wrong with the placeholders of a text, in sentences."""
    used = _NAMED.findall(text)
    unknown = [f"{{{name}}}" for name in dict.fromkeys(used) if name not in PLACEHOLDERS]
    sentences = []
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        sentences.append(f"{listed(unknown)} cannot be filled in. These can: {known}.")
    if re.search(r"[{}]", _NAMED.sub("", text)):
        sentences.append("A brace { or } stands alone. Write a placeholder as {name}.")
    if not has_booking and NEEDS_BOOKING & set(used):
        sentences.append("{day} and {time} are known of a booking alone. Leave them out of this text.")
    return sentences


def fill(text: str, values: Mapping[str, str]) -> str:
    """With each placeholder replaced; what a value says itself is not looked at again."""
    return _NAMED.sub(lambda found: values.get(found[1], found[0]), text)


def values_of(
    *, name: str, clinic: str, letterhead: str, on: datetime.date | None, at: datetime.time | None, language: str
) -> dict[str, str]:
    """The day in words in English, in figures that every language reads alike in others."""
    shown = "" if on is None else f"{on:%A} {day(on)}" if language == "English" else on.isoformat()
    return {
        "name": name,
        "clinic": clinic,
        "telephone": telephone_in(letterhead),
        "day": shown,
        "time": f"{at:%H:%M}" if at else "",
    }


def telephone_in(letterhead: str) -> str:
    """The number behind "Telephone" in the clinic's letterhead; "" where none stands there."""
    found = _TELEPHONE.search(letterhead)
    return found[1] if found else ""


def mail_link(address: str, subject: str, text: str) -> str:
    """A mailto: address (RFC 6068): everything percent-encoded, lines broken by CR LF."""
    return f"mailto:{quote(address, safe='@')}?subject={_encoded(subject)}&body={_encoded(text)}" if address else ""


def sms_link(telephone: str, text: str) -> str:
    """An sms: address (RFC 5724): the number without blanks, the text percent-encoded."""
    number = re.sub(r"[^0-9+]", "", re.sub(r"\(0\)", "", telephone))
    return f"sms:{number}?body={_encoded(text)}" if number else ""


def _encoded(text: str) -> str:
    lines: Iterable[str] = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return quote("\r\n".join(lines), safe="")
