"""The tags of a PDF, walked; and that the walk sees what is wrong with a file."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import BooleanObject, NameObject, TextStringObject

from tests.papers.pdf_tags import faults_in_tags, tree_of
from tests.papers.test_docx import MANUSCRIPT
from treatments.papers.pdf import as_pdf

pytestmark = pytest.mark.any_database


@pytest.fixture(scope="module")
def made() -> bytes:
    return as_pdf(MANUSCRIPT)


def test_manuscript_can_be_read_aloud(made: bytes) -> None:
    assert faults_in_tags(made) == []


def test_tags_are_those_of_the_paper(made: bytes) -> None:
    """As many headings, rows and cells as the document has, and each figure with what it shows."""
    tree = tree_of(made)
    kinds = [tag.kind for tag in tree.walk()]

    assert [int(kind[1:]) for kind in kinds if kind in {"H1", "H2", "H3"}] == [
        level for level, _ in MANUSCRIPT.headings()
    ]
    (table,) = tree.all("Table")
    assert [len(table.all(kind)) for kind in ("TR", "TH", "TD")] == [3, 2, 4]
    assert {head.scope for head in table.all("TH")} == {"/Column"}
    assert [tag.alt for tag in tree.all("Figure") if tag.alt.startswith("Vertex")] == ["Vertex before treatment"] * 2


def spoilt(pdf: bytes, spoil: Callable[[Any, list[Any]], None]) -> bytes:
    """The file with its catalogue or one of its tags changed."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    tags = [each for each in (o.get_object() for o in writer._objects if o is not None) if isinstance(each, dict)]
    spoil(writer.root_object, [tag for tag in tags if "/S" in tag and "/P" in tag])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def first(tags: list[Any], kind: str) -> Any:
    return next(tag for tag in tags if tag["/S"] == kind)


SPOILERS: dict[str, Callable[[Any, list[Any]], None]] = {
    "figure without alt text": lambda root, tags: first([t for t in tags if "/Alt" in t], "/Figure").__delitem__(
        "/Alt"
    ),
    "H4 after H2": lambda root, tags: first(tags, "/H3").update({NameObject("/S"): NameObject("/H4")}),
    "no title as its first heading": lambda root, tags: first(tags, "/H1").update({NameObject("/S"): NameObject("/P")}),
    "table without heads that say for what they are": lambda root, tags: (
        first(tags, "/TH").update({NameObject("/S"): NameObject("/TD")})
        or [tag.pop("/A", None) for tag in tags if tag["/S"] == "/TH"]
    ),
    "no tags": lambda root, tags: root.__delitem__("/StructTreeRoot"),
    "no language": lambda root, tags: root.update({NameObject("/Lang"): TextStringObject("")}),
    "not marked as tagged": lambda root, tags: root["/MarkInfo"].update({NameObject("/Marked"): BooleanObject(False)}),
    "list with something that is no item": lambda root, tags: first(tags, "/LI").update(
        {NameObject("/S"): NameObject("/P")}
    ),
}


@pytest.mark.parametrize("fault", SPOILERS)
def test_fault_is_seen(made: bytes, fault: str) -> None:
    assert fault in faults_in_tags(spoilt(made, SPOILERS[fault]))
