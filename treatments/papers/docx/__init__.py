"""A document as a file for a word processor (DOCX): what a journal takes and co-authors edit."""

from treatments.papers.docx.writer import as_docx

__all__ = ["as_docx"]
