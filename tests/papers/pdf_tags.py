"""The tags of a PDF, walked as a screen reader walks them, and what is wrong with them."""

import io
from dataclasses import dataclass, field
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject


@dataclass
class Tag:
    kind: str
    alt: str = ""
    scope: str = ""
    children: list["Tag"] = field(default_factory=list)

    def all(self, kind: str) -> list["Tag"]:
        found = [self] if self.kind == kind else []
        return found + [tag for child in self.children for tag in child.all(kind)]

    def walk(self) -> list["Tag"]:
        return [self, *(tag for child in self.children for tag in child.walk())]


def tree_of(pdf: bytes) -> Tag:
    """From the root of the structure; a file without one raises KeyError."""
    return Tag("Root", children=_children(PdfReader(io.BytesIO(pdf)).root_object["/StructTreeRoot"].get_object()))


def _listed(value: Any) -> list[Any]:
    """One value, several, or none, each as it is and not where it is."""
    found = value.get_object() if value is not None else []
    return [each.get_object() for each in (found if isinstance(found, ArrayObject) else [found] if found != [] else [])]


def _children(node: Any) -> list[Tag]:
    kids = _listed(node.get("/K"))
    return [_tag(kid) for kid in kids if isinstance(kid, DictionaryObject) and "/S" in kid]


def _tag(node: DictionaryObject) -> Tag:
    given = [each for each in _listed(node.get("/A")) if isinstance(each, DictionaryObject)]
    scope = next((str(each["/Scope"]) for each in given if "/Scope" in each), "")
    return Tag(str(node["/S"]).lstrip("/"), str(node.get("/Alt", "")), scope, _children(node))


def faults_in_tags(pdf: bytes) -> list[str]:
    """What a reader for the blind would stumble on; [] where nothing is wrong."""
    catalogue = PdfReader(io.BytesIO(pdf)).root_object
    found = []
    if str(catalogue.get("/MarkInfo", {}).get("/Marked")) != "True":
        found.append("not marked as tagged")
    if not catalogue.get("/Lang"):
        found.append("no language")
    if str(catalogue.get("/ViewerPreferences", {}).get("/DisplayDocTitle")) != "True":
        found.append("shows the name of the file, not the title")
    if "/StructTreeRoot" not in catalogue:
        return [*found, "no tags"]
    tree = tree_of(pdf)
    levels = [int(tag.kind[1:]) for tag in tree.walk() if tag.kind[:1] == "H" and tag.kind[1:].isdigit()]
    if levels[:1] != [1]:
        found.append("no title as its first heading")
    found += [f"H{b} after H{a}" for a, b in zip(levels, levels[1:], strict=False) if b > a + 1]
    found += ["figure without alt text" for tag in tree.all("Figure") if not tag.alt.strip()]
    for table in tree.all("Table"):
        heads = table.all("TH")
        if not heads or any(not head.scope for head in heads):
            found.append("table without heads that say for what they are")
        lengths = {len([cell for cell in row.children if cell.kind in {"TH", "TD"}]) for row in table.all("TR")}
        if len(lengths) != 1:
            found.append("table with rows of different length")
    for items in tree.all("L"):
        if any(child.kind not in {"LI", "Caption"} for child in items.children):
            found.append("list with something that is no item")
    return found
