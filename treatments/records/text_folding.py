"""Text folded for search in Python, the same on both databases: SQLite folds only ASCII, PostgreSQL by its locale."""

import unicodedata
from functools import lru_cache

# Letters with no decomposition, which NFKD leaves as they are.
_WHOLE_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


@lru_cache(maxsize=512)
def fold(text: str) -> str:
    """Lower case without accents, zero-width, direction and control marks, white space run together."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    visible = "".join(c for c in decomposed if not unicodedata.combining(c) and not _is_invisible(c))
    return " ".join(visible.translate(_WHOLE_LETTERS).split())


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in {"Cf", "Cc", "Cs"} and not character.isspace()


def digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
