"""One folding of text for all that is looked for or must be unique, the same on both databases: SQLite folds only
ASCII, PostgreSQL by its locale. No Django here.

What is folded away is what an eye does not see, or a keyboard writes otherwise: case, width (NFKC), accents, letters
that nobody sees, the kind of apostrophe and of dash, digits of another script.

- Names (of patients, products, protocols, spots, allergies) are found by `fold`; those that may be given only once in a
  clinic, of products and protocols, are compared by it too. Two patients may have one name.
- Record numbers are found by `fold`, and belong to one patient by `identifier_key`.
- Telephone numbers are found by their `digits`, with and without a "(0)".
- Lot numbers are found by `products.gs1.normalise_lot` and told apart by `products.gs1.number_key`, which keep O from 0
  and one hyphen's place from another: two lots may differ by no more.
"""

import re
import unicodedata
from functools import lru_cache

# Letters with no decomposition, which NFKD leaves as they are.
_WHOLE_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_APOSTROPHES = re.compile("['`´‘’‚‛′‵ʹʻʼʽʾʿˈˊˋ՚׳ꞌ＇｀]")
# Letters and marks that are drawn as nothing without being control or format characters (Unicode: Default_Ignorable).
_DRAWN_AS_NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_TATWEEL = "\u0640"
_MARK_OF_A_DASH = {"\u2212", "\u2043"}
_HYPHEN_IN_A_NAME = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")


@lru_cache(maxsize=512)
def fold(text: str) -> str:
    """Lower case without accents, apostrophes and signs that nobody sees, every dash as "-", white space run together.

    A hyphen between two letters is a space: Jean-Luc and Jean Luc are one name. One beside a figure stays: HC-0777.
    """
    return " ".join(_HYPHEN_IN_A_NAME.sub(" ", _plain(text)).split())


def fold_with_hyphens(text: str) -> str:
    """The same with every hyphen, so that Mei-Ling is one word."""
    return " ".join(_plain(text).split())


@lru_cache(maxsize=512)
def identifier_key(text: str) -> str:
    """What makes two record numbers one: as `fold`, without any space and with each hyphen; "HC‑0777 " is "hc-0777"."""
    return "".join(_plain(text).split())


def name_order(text: str) -> tuple[str, str]:
    """A key by which names sort as people expect, accents and case beside their plain letters."""
    return fold(text), text


def _plain(text: str) -> str:
    # An acute accent that stands alone is an apostrophe; decomposed it would be a space and an accent.
    bare = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text)).casefold()
    decomposed = unicodedata.normalize("NFKD", bare)
    visible = "".join(
        "-" if is_dash(c) else _digit(c) for c in decomposed if not unicodedata.combining(c) and is_seen(c)
    )
    return _APOSTROPHES.sub("", visible).replace(_TATWEEL, "").translate(_WHOLE_LETTERS)


def is_dash(character: str) -> bool:
    """A hyphen, dash or minus sign of any length and script."""
    return unicodedata.category(character) == "Pd" or character in _MARK_OF_A_DASH


def is_seen(character: str) -> bool:
    """Whether a character takes part in what is read: white space does, a mark of direction or a joiner does not."""
    if character.isspace():
        return True
    is_no_character = ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef"
    is_control = is_no_character or unicodedata.category(character) in {"Cf", "Cc", "Cs"}
    return not is_control and not _DRAWN_AS_NOTHING.match(character)


def has_visible(text: str) -> bool:
    """Whether anything of the text can be seen; a text of spaces and invisible letters is none."""
    return any(not character.isspace() and is_seen(character) for character in text)


def _digit(character: str) -> str:
    """A decimal digit of any script as the ASCII one, anything else as it is."""
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def ascii_digits(text: str) -> str:
    """The text with the decimal digits of every script as ASCII. A superscript is no digit: 12² is not 122."""
    return text if text.isascii() else "".join(map(_digit, text))


def usual_signs(text: str) -> str:
    """The text with digits of every script, full width and ligatures as a usual keyboard has them (NFKC), but for
    superscripts, fractions and figures in circles: 12² is not 122."""
    signs = (c if unicodedata.category(c) == "No" else unicodedata.normalize("NFKC", c) for c in ascii_digits(text))
    return unicodedata.normalize("NFC", "".join(signs))


def digits(text: str) -> str:
    """The digits of a telephone number as ASCII, without a "(0)" that is dialled only inside a country."""
    return "".join(c for c in ascii_digits(_TRUNK_ZERO.sub("", _narrow(text))) if c.isdecimal())


def digits_with_trunk_zero(text: str) -> str:
    """The same with the "(0)", as it stands when a number is written for inside the country."""
    return "".join(c for c in ascii_digits(_narrow(text)) if c.isdecimal())


def _narrow(text: str) -> str:
    """Full-width figures and brackets as usual ones; a superscript stays what it is."""
    return "".join(unicodedata.normalize("NFKC", c) if "\uff00" <= c <= "\uffef" else c for c in text)
