"""What makes a password easy to guess (NIST SP 800-63B rev. 4, 3.1.1.2): no rule about kinds of characters."""

import re
import unicodedata
from typing import Any, Final

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

LONGEST: Final = 1024  # characters; hashing takes longer for a longer one
_FEWEST_SURPRISES = 8  # characters that do not follow from those before them
_SHORTEST_WORD = 4
_OF_THE_PRODUCT = ("anagen", "exosome", "clinic", "patient", "password", "hair")
_ROWS = ("qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "1234567890")


class GuessableValidator:
    """Refuses what is too long, a common password with something around it, one made of the names of clinic, product
    and person, and a text that repeats itself or counts on."""

    def __init__(self) -> None:
        self.common = CommonPasswordValidator().passwords

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(f"This password is longer than {LONGEST} characters. Choose a shorter one.")
        plain = unicodedata.normalize("NFKC", password).casefold()
        if surprises(plain) < _FEWEST_SURPRISES:
            raise ValidationError(
                "This password repeats itself, or counts on. Choose words that do not follow from each other."
            )
        if plain in self.common or re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain) in self.common:
            raise ValidationError("This password is one of the first that are tried. Choose another one.")
        rest = plain
        for word in sorted({*_OF_THE_PRODUCT, *_names(user)}, key=len, reverse=True):
            rest = rest.replace(word, "\n")
        if surprises(rest.replace("\n", "")) < _FEWEST_SURPRISES and rest != plain:
            raise ValidationError(
                "This password is made of the names of the clinic, of Anagen or of yourself. Choose other words."
            )

    def get_help_text(self) -> str:
        return "Not a common password, no name of yours or of the clinic, and nothing that repeats itself."


def surprises(text: str) -> int:
    """How many characters do not follow from those before them: not the next or the last of an alphabet, a row of keys
    or the digits, and not what stood there before, where the text repeats a piece of itself."""
    counted = "".join(now for before, now in zip(" " + text, text, strict=False) if not _follows(before, now))
    return min(_without_repeats(text), _without_repeats(counted))


def _follows(before: str, now: str) -> bool:
    if abs(ord(now) - ord(before)) <= 1:
        return True
    return any(pair in row or pair[::-1] in row for row in _ROWS for pair in (before + now,)) or {before, now} == {
        "0",
        "9",
    }


def _without_repeats(text: str) -> int:
    """The length of the shortest piece that the text is made of, by saying it again and again, the last time perhaps
    not to its end."""
    # The prefix function of Knuth, Morris and Pratt: linear, also for the longest.
    border = [0] * len(text)
    for at in range(1, len(text)):
        length = border[at - 1]
        while length and text[at] != text[length]:
            length = border[length - 1]
        border[at] = length + (text[at] == text[length])
    period = len(text) - (border[-1] if text else 0)
    return period if period <= len(text) // 2 else len(text)


def _names(user: Any) -> set[str]:
    """The words of the person's name and e-mail, and of the clinics where they work."""
    if user is None:
        return set()
    told = [str(user.name), str(user.email)]
    if user.pk:
        told += user.memberships.values_list("clinic__name", flat=True)
    words = re.split(r"[\W_]+", unicodedata.normalize("NFKC", " ".join(told)).casefold())
    return {word for word in words if len(word) >= _SHORTEST_WORD}
