"""The package around the text of a DOCX: what it starts from, its properties, its typefaces, its bytes.

It starts from the few files in `base`, not from python-docx's own template, which carries a preview picture, a day in
2013, a comment, an author and the styles of somebody's Word. Nothing in a finished file is from the machine that made
it.
"""

import io
import uuid
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from treatments.papers.typefaces import FONTS, TYPEFACES, Typeface, typeface_of

_BASE: Final = Path(__file__).parent / "base"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_PART: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_FONT_TYPE: Final = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
_NAMESPACE: Final = uuid.UUID("0b5757ee-0000-4000-8000-000000000042")
_FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest that a ZIP can say: a file tells no moment of its making."""
_FONT_TABLE: Final = "word/fontTable.xml"
_PARTS: Final = {
    "document": f"{_PART}.document.main+xml",
    "styles": f"{_PART}.styles+xml",
    "settings": f"{_PART}.settings+xml",
    "numbering": f"{_PART}.numbering+xml",
    "fontTable": f"{_PART}.fontTable+xml",
}


def base(*, title: str, author: str, language: str) -> io.BytesIO:
    """An empty file of A4 sheets with our styles. `author` is who stands in its properties; "" for nobody."""
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{content}"/>' for name, content in _PARTS.items()
    )
    files = {
        "[Content_Types].xml": (
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{overrides}'
            '<Override PartName="/docProps/core.xml"'
            ' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
        ),
        "_rels/.rels": _relations(
            ("rId1", f"{_R}/officeDocument", "word/document.xml"),
            ("rId2", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
        ),
        "word/_rels/document.xml.rels": _relations(
            *(
                (f"rId{number}", f"{_R}/{name}", f"{name}.xml")
                for number, name in enumerate((name for name in _PARTS if name != "document"), 1)
            )
        ),
        "docProps/core.xml": (
            f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
            ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>{escape(title)}</dc:title><dc:creator>{escape(author)}</dc:creator>"
            f"<dc:language>{escape(language)}</dc:language></cp:coreProperties>"
        ),
        _FONT_TABLE: f'{_HEAD}<w:fonts xmlns:w="{_W}"/>',
        **{f"word/{path.name}": path.read_text(encoding="utf-8") for path in sorted(_BASE.glob("*.xml"))},
    }
    files["word/styles.xml"] = files["word/styles.xml"].replace(
        '<w:lang w:val="en" w:eastAsia="en" w:bidi="en"/>',
        "<w:lang w:val={0} w:eastAsia={0} w:bidi={0}/>".format(quoteattr(language)),
    )
    return io.BytesIO(_zipped((name, text.encode()) for name, text in files.items()))


def finished(made: bytes, text: str) -> bytes:
    """The file with the typefaces that its text needs, each part with the same day. `text` is all that is printed."""
    used = [each for each in TYPEFACES if each in {TYPEFACES[0], *map(typeface_of, text)}]
    names: list[tuple[str, str, str]] = []
    entries: list[str] = []
    fonts: dict[str, bytes] = {}
    for typeface in used:
        places = []
        for kind, file in (("Regular", typeface.regular), ("Bold", typeface.bold)):
            if not file:
                continue
            number, key = len(fonts) + 1, uuid.uuid5(_NAMESPACE, file)
            fonts[f"word/fonts/font{number}.odttf"] = _obfuscated((FONTS / file).read_bytes(), key)
            names.append((f"rId{number}", f"{_R}/font", f"fonts/font{number}.odttf"))
            places.append(f'<w:embed{kind} r:id="rId{number}" w:fontKey="{{{str(key).upper()}}}"/>')
        entries.append(_font(typeface, "".join(places)))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[_FONT_TABLE] = f'{_HEAD}<w:fonts xmlns:w="{_W}" xmlns:r="{_R}">{"".join(entries)}</w:fonts>'.encode()
    parts["word/_rels/fontTable.xml.rels"] = _relations(*names).encode()
    types = parts["[Content_Types].xml"].decode()
    last = types.index("<Override")
    font_type = f'<Default Extension="odttf" ContentType="{_FONT_TYPE}"/>'
    parts["[Content_Types].xml"] = f"{types[:last]}{font_type}{types[last:]}".encode()
    return _zipped((parts | fonts).items())


def _font(typeface: Typeface, places: str) -> str:
    return (
        f"<w:font w:name={quoteattr(typeface.family)}>"
        f'<w:charset w:val="00"/><w:family w:val="swiss"/><w:pitch w:val="variable"/>{places}</w:font>'
    )


def _obfuscated(content: bytes, key: uuid.UUID) -> bytes:
    """As ECMA-376, part 4, 17.8.1 wants an embedded typeface: its first 32 bytes mixed with the key, backwards."""
    mask = key.bytes[::-1] * 2
    return bytes(one ^ other for one, other in zip(content[:32], mask, strict=True)) + content[32:]


def _relations(*relations: tuple[str, str, str]) -> str:
    lines = "".join(f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>' for name, kind, target in relations)
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return made.getvalue()
