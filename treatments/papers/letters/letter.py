"""A letter as a paper."""

from django.utils import timezone

from treatments.handouts.models import Letter
from treatments.papers import sheet_text
from treatments.papers.document import Block, Document, Paragraph, Signature
from treatments.papers.letterhead import letterhead, made
from treatments.records.formatting import day


def document_of(letter: Letter) -> Document:
    """As it stands: a draft says that it is one, and leaves a line to sign on."""
    signed = letter.signed_at is not None
    opening: list[Block] = [Paragraph(letter.recipient.strip()), Paragraph(day(letter.dated), "quiet")]
    if letter.is_struck_out:
        opening.insert(0, Paragraph("Struck out as entered in error. This letter does not count.", "notice"))
    elif not signed:
        opening.insert(0, Paragraph("Draft, not signed", "notice"))
    lines = (letter.signed_as, f"Signed {_moment(letter)}") if signed else ("Name and signature",)
    return Document(
        title=letter.subject,
        letterhead=letterhead(letter.clinic),
        about=(),
        blocks=(*sheet_text.blocks(letter.body), Signature(tuple(lines))),
        made=made(letter.clinic),
        look="letter",
        opening=tuple(opening),
    )


def _moment(letter: Letter) -> str:
    at = timezone.localtime(letter.signed_at)
    return f"{day(at)}, {at:%H:%M}"
