"""What a finished DOCX says, read by python-docx and from its own parts."""

import io
import re
import zipfile
from typing import Any

from docx import Document as open_docx
from docx.table import Table
from docx.text.paragraph import Paragraph

from tests.papers.pdf_reader import squeezed

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def parts_of(docx: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def headings_of(docx: bytes) -> list[tuple[int, str]]:
    """Each heading with its level, by the styles that a navigation pane lists."""
    paragraphs = open_docx(io.BytesIO(docx)).paragraphs
    return [
        (int(each.style.name[-1]), squeezed(each.text))
        for each in paragraphs
        if each.style and re.fullmatch(r"[Hh]eading \d", each.style.name or "")
    ]


def text_of(docx: bytes) -> str:
    """All texts of the body in their order, those of tables among them."""
    return squeezed(" ".join(_texts(open_docx(io.BytesIO(docx)))))


def _texts(holder: Any) -> list[str]:
    found = []
    for block in holder.iter_inner_content():
        if isinstance(block, Paragraph):
            found.append(block.text)
        elif isinstance(block, Table):
            found += [text for row in block.rows for cell in row.cells for text in _texts(cell)]
    return found


def tables_of(docx: bytes) -> list[Any]:
    """Each table that has a head which comes again, as its element."""
    tables = open_docx(io.BytesIO(docx)).tables
    return [table for table in tables if table._tbl.findall(f".//{W}tblHeader")]


def pictures_of(docx: bytes) -> list[tuple[str, str]]:
    """Each picture: its name, and what it shows."""
    body = parts_of(docx)["word/document.xml"].decode()
    return re.findall(r'<wp:docPr id="\d+" name="([^"]*)" descr="([^"]*)"', body)
