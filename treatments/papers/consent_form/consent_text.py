"""A consent as a paper: the words that were signed, what was allowed, and the signature."""

from collections.abc import Iterator

from treatments.consents.models import Consent, ConsentText
from treatments.consents.purposes import ConsentKind
from treatments.consents.signatures import HEIGHT, WIDTH
from treatments.consents.text_blocks import HEADING, LIST
from treatments.papers.document import Block, Document, Heading, Items, KeyValues, Paragraph, Passage, Signature
from treatments.papers.letterhead import about, letterhead, made
from treatments.records.formatting import day

NO_WORDS = "Only the name of this form is kept here. Its words stand on the paper that was signed."


def consent_paper(consent: Consent) -> Document:
    """`consent.text` comes with it; of a form that was signed on paper only its name is known."""
    text = consent.text
    return Document(
        title=text.title if text else consent.form_version,
        letterhead=letterhead(consent.clinic),
        about=about(consent.patient, str(consent)),
        blocks=(
            *_state(consent),
            *((Passage(text.language, tuple(_words(text, consent))),) if text else (Paragraph(NO_WORDS),)),
            Heading("Signed"),
            KeyValues(tuple(_signed(consent))),
            *signature_of(consent),
        ),
        made=made(consent.clinic),
        look="consent",
        title_language=text.language if text else "",
    )


def _state(consent: Consent) -> Iterator[Block]:
    if consent.is_struck_out:
        # Why is the clinic's own note, and may name whom it is about instead.
        yield Paragraph("Struck out as entered in error. This consent does not count.", "notice")
    elif consent.withdrawn_on:
        yield Paragraph(f"Withdrawn {day(consent.withdrawn_on)}. Until that day it was valid.", "notice")


def _words(text: ConsentText, consent: Consent) -> Iterator[Block]:
    for block in text.blocks:
        if block.kind == HEADING:
            yield Heading(block.lines[0])
        elif block.kind == LIST:
            yield Items(block.lines)
        else:
            yield Paragraph("\n".join(block.lines))
    if text.use_words:
        said = ((words, "Yes" if use in consent.purposes else "No") for use, words in text.use_words)
        yield KeyValues(tuple(said), answers_in="en")


def _signed(consent: Consent) -> Iterator[tuple[str, str]]:
    until = f", valid until {day(consent.expires_on)}" if consent.expires_on else ""
    yield "Signed on", f"{day(consent.given_on)}{until}"
    yield "By", ": ".join(filter(None, [str(consent.get_signed_by_display()), consent.guardian]))
    if consent.witness:
        yield "Witness or interpreter", consent.witness
    if consent.kind == ConsentKind.PHOTOGRAPHY:
        if consent.text is None:
            yield "Photos may be used for", ", ".join(map(str, consent.purpose_labels()))
        yield "Face", "may be recognisable" if consent.is_identifiable else "not where it is recognisable"
    yield "How", str(consent.get_signed_how_display())
    yield "Form", str(consent.text) if consent.text else consent.form_version
    if consent.text is None and consent.language:
        yield "Language", consent.language


def signature_of(consent: Consent) -> Iterator[Block]:
    """What was drawn or typed on the screen; nothing for what was signed on paper."""
    who = consent.guardian or consent.patient.name
    if consent.signature_path:
        yield Signature((who, day(consent.given_on)), consent.signature_path, WIDTH, HEIGHT)
    elif consent.signature_name:
        lines = (who, f"Name typed on the screen, {day(consent.given_on)}")
        yield Signature(lines, typed=consent.signature_name)
