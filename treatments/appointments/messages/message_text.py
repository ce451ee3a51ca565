"""Messages that a person sends with a program of their own: the text, and the links that open mail and text messages.

Anagen sends nothing. No Django here.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from treatments.records.formatting import listed
from treatments.records.text.telephones import telephone_in

PLACEHOLDERS: Final = ("name", "day", "time", "clinic", "telephone")
NEEDS_BOOKING: Final = frozenset({"day", "time"})
LONGEST_LINK: Final = 2000
"""Signs of a mailto: link that every mail program takes; some cut what is longer, without a word."""
_NAMED = re.compile(r"\{([^{}\n]*)\}")
_LEFT_TO_RIGHT_MARK: Final = "\u200e"
_NUMBER = re.compile(r"\+?[\d(](?:[\d()./-]| (?![/+]))*")

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

    @property
    def is_long(self) -> bool:
        """Whether some mail programs would cut it: each letter beyond ASCII takes six signs of the link or more."""
        return len(self.mail) > LONGEST_LINK


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
    """With each placeholder replaced; what a value says itself is not looked at again.

    In a text that is written from right to left the mark that opens words from left to right stands before the
    telephone number: without it "+65 6000 0000" is shown as "0000 6000 65+".
    """
    if values.get("telephone") and _is_right_to_left(text):
        values = {**values, "telephone": _LEFT_TO_RIGHT_MARK + values["telephone"]}
    return _NAMED.sub(lambda found: values.get(found[1], found[0]), text)


def _is_right_to_left(text: str) -> bool:
    """By its first letter, as dir="auto" decides it; the names of placeholders are no letters of it."""
    kinds = (unicodedata.bidirectional(sign) for sign in _NAMED.sub("", text))
    return next((kind != "L" for kind in kinds if kind in {"L", "R", "AL"}), False)


def values_of(*, name: str, clinic: str, letterhead: str, day: str, time: str) -> dict[str, str]:
    """What the placeholders stand for. `day` and `time` are in the language of the text."""
    return {"name": name, "clinic": clinic, "telephone": telephone_in(letterhead), "day": day, "time": time}


def mail_link(address: str, subject: str, text: str) -> str:
    """A mailto: address (RFC 6068): everything percent-encoded, lines broken by CR LF."""
    return f"mailto:{quote(address, safe='@')}?subject={_encoded(subject)}&body={_encoded(text)}" if address else ""


def sms_link(telephone: str, text: str) -> str:
    """An sms: address (RFC 5724): the number without blanks, the text percent-encoded. Of "5550 0101 ext. 12" and of
    two numbers the first: all figures together would be the number of somebody else."""
    first = _NUMBER.search(telephone.replace("(0)", ""))
    number = re.sub(r"[^0-9+]", "", first[0]) if first else ""
    return f"sms:{number}?body={_encoded(text)}" if number else ""


def _encoded(text: str) -> str:
    lines: Iterable[str] = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return quote("\r\n".join(lines), safe="")
