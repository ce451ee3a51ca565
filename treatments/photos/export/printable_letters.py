"""Which letters a before/after sheet can print. No Django here."""

import unicodedata
from functools import cache

from reportlab.pdfbase.ttfonts import TTFont

from treatments.photos.export.sheet_layout import font_file


@cache
def _letters() -> frozenset[int]:
    """The code points of the sheet's typeface."""
    return frozenset(TTFont("letters", font_file(is_bold=False)).face.charToGlyph)


def writable(text: str) -> str:
    """The text in letters the sheet can print: without an accent where the letter has none of that kind."""
    return "".join(letter if ord(letter) in _letters() else _without_accents(letter) for letter in text)


def _without_accents(letter: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))


def unwritable(text: str) -> str:
    """The letters that the sheet cannot print, each once, even without their accents."""
    return "".join(dict.fromkeys(letter for letter in writable(text) if ord(letter) not in _letters()))
