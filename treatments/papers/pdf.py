"""A document as a tagged PDF (PDF/UA-1), set by Typst in the typefaces beside this module.

Texts reach Typst as data (`sys.inputs`), never as source, so that "#read(…)" or "$x$" in a note is printed as it is
written. Nothing outside a folder made for the one file can be read, and no typeface of the machine is used, so that a
file looks alike everywhere. No Django here.
"""

import json
import tempfile
from pathlib import Path
from typing import Any, Final

import typst

from treatments.consents.languages import direction
from treatments.papers.document import (
    Block,
    Document,
    Figure,
    Heading,
    Items,
    KeyValues,
    NewSheet,
    Paragraph,
    Passage,
    Picture,
    Pictures,
    Sentences,
    Signature,
    Table,
)
from treatments.papers.typefaces import FONTS, TYPEFACES, printable, typeface_of
from treatments.records.text.text_folding import is_seen

_HERE: Final = Path(__file__).parent
TEMPLATE: Final = _HERE / "paper.typ"
UNWRITABLE: Final = "\u25a1"
"""An empty box, for a letter that no typeface here has: PDF/UA refuses a file with a letter that is not there."""


def as_pdf(document: Document) -> bytes:
    """The same document gives the same bytes: no moment of making is written into them but `Document.made`."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "paper.typ").write_bytes(TEMPLATE.read_bytes())
        data = json.dumps(_document(document, place), ensure_ascii=False)
        made: bytes = typst.compile(
            str(place / "paper.typ"),
            root=folder,
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            sys_inputs={"document": data},
            pdf_standards="ua-1",
            package_path=folder,
            package_cache_path=folder,
        )
    return made


def unwritable(document: Document) -> str:
    """The letters of a document that a PDF cannot print, each once."""
    letters = dict.fromkeys("".join(document.texts()))
    return "".join(
        letter for letter in letters if is_seen(letter) and not letter.isspace() and typeface_of(letter) is None
    )


def _text(text: str) -> str:
    """What can be printed of it, with a box for a letter that no typeface has. Breaks of lines stay."""
    return "".join(map(_letter, printable(text)))


def _letter(letter: str) -> str:
    if letter == "\n" or letter.isspace() or typeface_of(letter):
        return letter
    return UNWRITABLE if is_seen(letter) else ""


def _document(document: Document, place: Path) -> dict[str, Any]:
    numbers = _Numbers(place)
    return {
        "title": _text(document.title),
        "name": _text(document.letterhead.name),
        "lines": [_text(line) for line in document.letterhead.lines],
        "about": [_text(line) for line in document.about],
        "made": _text(document.made),
        "look": document.look,
        "stamp": _text(document.stamp),
        "fonts": [each.family for each in TYPEFACES],
        **_language(document.language),
        **{f"title-{name}": value for name, value in _language(document.title_language or document.language).items()},
        "opening": [_block(block, numbers) for block in document.opening],
        "blocks": [_passage_or_block(block, numbers) for block in document.blocks],
    }


def _language(code: str) -> dict[str, str]:
    return {"language": code.partition("-")[0], "direction": direction(code)}


class _Numbers:
    """Lays pictures into the folder under neutral names."""

    def __init__(self, place: Path) -> None:
        self._place, self._count = place, 0

    def file(self, content: bytes, ending: str) -> str:
        self._count += 1
        name = f"{self._count}.{ending}"
        (self._place / name).write_bytes(content)
        return name


def _passage_or_block(block: Block | Passage, numbers: _Numbers) -> dict[str, Any]:
    if isinstance(block, Passage):
        return {
            "kind": "passage",
            **_language(block.language),
            "blocks": [_block(each, numbers) for each in block.blocks],
        }
    return _block(block, numbers)


def _block(block: Block, numbers: _Numbers) -> dict[str, Any]:
    match block:
        case Heading():
            return {"kind": "heading", "level": block.level, "text": _text(block.text)}
        case Paragraph():
            return {"kind": "paragraph", "style": block.tone, "text": _text(block.text)}
        case Sentences():
            return {"kind": "paragraph", "style": "", "text": _text(block.text)}
        case Items():
            return {"kind": "items", "numbered": block.is_numbered, "items": [_text(item) for item in block.items]}
        case KeyValues():
            rows = [[_text(name), _text(value)] for name, value in block.rows]
            return {"kind": "values", "rows": rows, "answers-in": block.answers_in.partition("-")[0]}
        case Table():
            return {
                "kind": "table",
                "caption": _text(block.caption),
                "columns": [_text(column) for column in block.columns],
                "rows": [[_text(cell) for cell in row] for row in block.rows],
                "sides": list(block.sides) or ["start"] * len(block.columns),
                "widths": list(block.widths),
            }
        case Pictures():
            return {"kind": "pictures", "pictures": [_picture(each, numbers) for each in block.pictures]}
        case Figure():
            pictures = [_picture(each, numbers) for each in block.pictures]
            return {"kind": "figure", "caption": _text(block.label), "pictures": pictures}
        case Signature():
            return _signature(block, numbers)
        case NewSheet():
            return {"kind": "sheet"}


def _picture(picture: Picture, numbers: _Numbers) -> dict[str, str]:
    file = numbers.file(picture.jpeg, "jpg") if picture.jpeg else ""
    return {"alt": _text(picture.alt), "caption": _text(picture.caption), "file": file}


def _signature(block: Signature, numbers: _Numbers) -> dict[str, Any]:
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {block.width} {block.height}">'
        f'<path d="{block.path}" fill="none" stroke="#16211f" stroke-width="5" stroke-linecap="round"/></svg>'
    )
    file = numbers.file(drawn.encode(), "svg") if block.path else ""
    return {
        "kind": "signature",
        "file": file,
        "typed": _text(block.typed),
        "alt": _text(block.alt),
        "lines": [_text(line) for line in block.lines],
    }
