"""Texts as runs of a paragraph: each in the typeface that has its letters, in its language and direction."""

from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn

from treatments.papers.typefaces import TYPEFACES, Typeface, printable, runs_of


def element(name: str, **attributes: str) -> Any:
    """ "w:jc" with its attributes, of the namespace w."""
    made = OxmlElement(name)
    for attribute, value in attributes.items():
        made.set(qn(f"w:{attribute}"), value)
    return made


def write(paragraph: Any, text: str, *, language: str = "", is_right_to_left: bool = False) -> Any:
    """Append a text with its breaks of lines; `language` is given where it is not that of the document."""
    for number, line in enumerate(printable(text).split("\n")):
        if number:
            paragraph._p.append(_with(element("w:r"), element("w:br")))
        for typeface, letters in runs_of(line):
            _append(paragraph, letters, typeface, language, is_right_to_left)
    return paragraph


def tab(paragraph: Any) -> None:
    paragraph._p.append(_with(element("w:r"), element("w:tab")))


def turned(paragraph: Any) -> Any:
    """The paragraph from right to left: it begins at the right."""
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(element("w:bidi"), *_AFTER_BIDI)
    return paragraph


def across(mark: str, number: int) -> Any:
    """A run that sets a word in grey across the sheet in whose header it stands. `number` is its own in the file."""
    return parse_xml(_ACROSS.format(mark=quoteattr(mark), number=number))


_ACROSS: Final = (Path(__file__).parent / "base" / "stamp.vml").read_text()
_AFTER_BIDI: Final = (
    "w:adjustRightInd",
    "w:snapToGrid",
    "w:spacing",
    "w:ind",
    "w:contextualSpacing",
    "w:mirrorIndents",
    "w:suppressOverlap",
    "w:jc",
    "w:textDirection",
    "w:textAlignment",
    "w:outlineLvl",
    "w:rPr",
    "w:sectPr",
)


def _append(paragraph: Any, letters: str, typeface: Typeface, language: str, is_right_to_left: bool) -> None:
    properties = element("w:rPr")
    if typeface is not TYPEFACES[0]:
        names = dict.fromkeys(("ascii", "hAnsi", "eastAsia", "cs"), typeface.family)
        properties.append(element("w:rFonts", **names))
    # Of a passage from right to left, spaces and signs between its words run so too; figures and Latin do not.
    if typeface.is_right_to_left or (is_right_to_left and not any(map(str.isalnum, letters))):
        properties.append(element("w:rtl"))
    elif typeface.is_complex:
        properties.append(element("w:cs"))
    if language:
        properties.append(element("w:lang", val=language, eastAsia=language, bidi=language))
    run = element("w:r")
    if len(properties):
        run.append(properties)
    text = element("w:t")
    text.text = letters
    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    run.append(text)
    paragraph._p.append(run)


def _with(parent: Any, child: Any) -> Any:
    parent.append(child)
    return parent
