"""How a paper is answered: as a page to look at and to print, or as a PDF."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from treatments.papers.document import Document
from treatments.papers.docx import as_docx
from treatments.papers.pdf import as_pdf, unwritable

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def paper_page(
    request: HttpRequest, document: Document, context: dict[str, Any], *, template: str = "", status: int = 200
) -> HttpResponse:
    """The page; it says which letters the PDF could not print."""
    told = {"document": document, "unwritable": unwritable(document)}
    return render(request, template or "treatments/papers/paper.html", told | context, status=status)


def pdf_answer(document: Document, file_name: str) -> HttpResponse:
    """The file. Its name names nobody: it stands in a list of downloads for whoever looks over a shoulder."""
    return file_answer(as_pdf(document), f"{file_name}.pdf", "application/pdf")


def docx_answer(document: Document, file_name: str) -> HttpResponse:
    """The same for a word processor."""
    return file_answer(as_docx(document), f"{file_name}.docx", DOCX)


def file_answer(content: bytes, file_name: str, kind: str) -> HttpResponse:
    """A file to keep, that no cache on the way keeps."""
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
