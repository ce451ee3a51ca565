"""The typefaces that are shipped, so that a paper looks alike on every machine, and which of them has a letter.

No Django here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final

from reportlab.pdfbase.ttfonts import TTFont

from treatments.records.text.text_folding import is_seen

FONTS: Final = Path(__file__).parent / "fonts"
JOINERS: Final = "\u200c\u200d\u200e\u200f"
"""What joins and parts letters, and turns the direction: not seen, and needed by Arabic and the scripts of India."""


@dataclass(frozen=True)
class Typeface:
    """`family` is its name inside the file; `bold` is of the same family and weight 700, where there is one.

    `is_complex` is what Word calls a complex script: Arabic, Hebrew, Thai and those of India and its neighbours;
    `is_right_to_left` those of them that run so.
    """

    family: str
    regular: str
    bold: str = ""
    is_complex: bool = False
    is_right_to_left: bool = False


def _noto(script: str, *, is_right_to_left: bool = False) -> Typeface:
    return Typeface(f"Noto Sans {script}", f"NotoSans{script}_400Regular.ttf", "", True, is_right_to_left)


TYPEFACES: Final = (
    Typeface("Inter", "Inter_400Regular.ttf", "Inter_700Bold.ttf"),
    Typeface(
        "IBM Plex Sans Arabic",
        "IBMPlexSansArabic_400Regular.ttf",
        "IBMPlexSansArabic_700Bold.ttf",
        is_complex=True,
        is_right_to_left=True,
    ),
    Typeface("NanumGothic", "NanumGothic_400Regular.ttf"),
    _noto("Thai"),
    _noto("Tamil"),
    _noto("Hebrew", is_right_to_left=True),
    _noto("Devanagari"),
    _noto("Bengali"),
    _noto("Gurmukhi"),
    _noto("Telugu"),
    _noto("Khmer"),
    _noto("Myanmar"),
    Typeface("Droid Sans Fallback", "DroidSansFallbackFull.ttf"),
)
"""In the order in which they are asked for a letter; the first is that of the paper."""


@cache
def _letters(file: str) -> frozenset[int]:
    return frozenset(TTFont(file, str(FONTS / file)).face.charToGlyph)


@cache
def typeface_of(letter: str) -> Typeface | None:
    """The first typeface that has the letter; None where none has."""
    return next((each for each in TYPEFACES if ord(letter) in _letters(each.regular)), None)


def printable(text: str) -> str:
    """A text without control characters, which no file may have, and with plain spaces. Breaks of lines stay."""
    return "".join(map(_printable, text.replace("\r\n", "\n").replace("\r", "\n")))


def _printable(letter: str) -> str:
    if letter == "\n":
        return letter
    if letter.isspace():
        return "\u00a0" if letter in "\u00a0\u202f\u2007" else " "
    if not is_seen(letter):
        return letter if letter in JOINERS else ""
    return letter


def runs_of(line: str) -> Iterator[tuple[Typeface, str]]:
    """A line in pieces of one typeface each; spaces, signs and what joins letters stay with the letter before them.

    A letter that no typeface has stays in that of the paper: whoever opens the file may have one for it.
    """
    at, found = TYPEFACES[0], []
    for letter in line:
        own = typeface_of(letter) or TYPEFACES[0]
        if not (letter in JOINERS or (letter.isspace() and own is TYPEFACES[0])):
            at = own
        found.append((at, letter))
    for typeface, letters in groupby(found, key=lambda each: each[0]):
        yield typeface, "".join(letter for _, letter in letters)
