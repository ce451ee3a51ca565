"""What a resource says in words: XHTML that is made here and nowhere else, so that no text of a record is ever markup.

The dialect is FHIR's (https://hl7.org/fhir/R4/narrative.html): a `div`, and in it paragraphs, lists and tables; no
script, no style, no address, no picture.
"""

from collections.abc import Iterable, Sequence

from treatments.evidence.fhir.writing.datatypes import Json, clean

XHTML = "http://www.w3.org/1999/xhtml"
_SIGNS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def escaped(text: str) -> str:
    """The only way of a text into markup."""
    return clean(text).translate(_SIGNS)


def paragraph(text: str) -> str:
    return f"<p>{escaped(text)}</p>" if clean(text) else ""


def items(texts: Iterable[str], *, is_numbered: bool = False) -> str:
    told = "".join(f"<li>{escaped(text)}</li>" for text in texts if clean(text))
    tag = "ol" if is_numbered else "ul"
    return f"<{tag}>{told}</{tag}>" if told else ""


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = f"<thead><tr>{_cells('th', columns)}</tr></thead>" if any(map(clean, columns)) else ""
    body = "".join(f"<tr>{_cells('td', row)}</tr>" for row in rows)
    if not body:
        return ""
    named = f"<caption>{escaped(caption)}</caption>" if clean(caption) else ""
    return f"<table>{named}{head}<tbody>{body}</tbody></table>"


def _cells(tag: str, texts: Iterable[str]) -> str:
    return "".join(f"<{tag}>{escaped(text)}</{tag}>" for text in texts)


def narrative(*blocks: str, status: str = "generated") -> Json:
    """`blocks` are what the functions above made. Raises ValueError without any: FHIR takes no empty narrative."""
    told = "".join(blocks)
    if not told:
        raise ValueError("A narrative says something.")
    return {"status": status, "div": f'<div xmlns="{XHTML}">{told}</div>'}
