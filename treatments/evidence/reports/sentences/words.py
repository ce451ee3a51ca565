"""Whether a text says anything: a dash, "n/a", "to be written" or the filler of a printer says nothing. No Django."""

from __future__ import annotations

import re
from typing import Final

_NOTHING: Final = re.compile(
    r"\W*(?:n\s?/?\s?a|n\.a|tb[acd]|to\s?do|none|no|nil|nothing|unknown|pending|later|empty|blank|test|x+|"
    r"to be \w+|not (?:yet )?(?:asked|recorded|known|written|applicable|available|done|stated|reported))?"
    r"\W*(?:yet|later|please|here)?\W*",
    re.IGNORECASE,
)
_FILLER: Final = re.compile(
    r"\blorem ipsum\b|\bdolor sit\b|^\W*(?:tb[acd]\b|todo\b|to do\b|to be (?:done|written|added|filled|completed|"
    r"confirmed|decided)\b|not yet (?:known|written|done)\b|see (?:above|below)\b|no idea\b|placeholder\b)",
    re.IGNORECASE,
)


def says(text: str) -> str:
    """The text without its margins and last full stop; "" where nothing is said in it."""
    told = text.strip()
    if not any(letter.isalpha() for letter in told) or _NOTHING.fullmatch(told) or _FILLER.search(told):
        return ""
    each = [word.lower() for word in words(told)]
    if len(each) > 1 and (len(set(each)) == 1 or (told.isascii() and max(map(len, each)) == 1)):
        return ""
    return told.rstrip(".").rstrip()


def words(text: str) -> list[str]:
    """Those with a letter; of Chinese, Japanese and Korean, which are written without spaces, each character."""
    return re.findall(
        r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\d_][^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af’'-]*", text
    )


_SPELLED: Final = "no one two three four five six seven eight nine ten eleven twelve".split()


def in_words(quantity: int) -> str:
    """ "no", "five", "14": up to twelve in words, as journals print them."""
    return _SPELLED[quantity] if quantity < len(_SPELLED) else str(quantity)


def spelled(quantity: int, singular: str, plural: str = "") -> str:
    """ "one session", "five sessions", "14 sessions"."""
    return f"{in_words(quantity)} {singular if quantity == 1 else plural or f'{singular}s'}"


def begun(text: str) -> str:
    """A sentence from its first letter on, which is a capital; one that begins with a figure stays as it is."""
    return text[:1].upper() + text[1:]


def place(label: str) -> str:
    """A region inside a sentence: "vertex", "frontal region", "left parietal region"."""
    told = label.lower()
    return f"{told} region" if told.endswith(("frontal", "parietal", "occipital")) else told
