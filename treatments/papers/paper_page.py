"""How a paper is answered: as a page to look at and to print, or as a PDF."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from treatments.papers.document import Document
from treatments.papers.pdf import as_pdf, unwritable


def paper_page(
    request: HttpRequest, document: Document, context: dict[str, Any], *, template: str = "", status: int = 200
) -> HttpResponse:
    """The page; it says which letters the PDF could not print."""
    told = {"document": document, "unwritable": unwritable(document)}
    return render(request, template or "treatments/papers/paper.html", told | context, status=status)


def pdf_answer(document: Document, file_name: str) -> HttpResponse:
    """The file. Its name names nobody: it stands in a list of downloads for whoever looks over a shoulder."""
    response = HttpResponse(as_pdf(document), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
