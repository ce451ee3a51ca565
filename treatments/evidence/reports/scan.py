"""What of a manuscript may identify: the very structure that is printed is searched, so that it is what is printed."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from clinic.staff.models import Clinic, Membership
from treatments.evidence.deidentification.flags import Flag, Known, flags, names_patient
from treatments.evidence.reports.sentences.record import CaseRecord
from treatments.papers.document import (
    Block,
    Document,
    Figure,
    Heading,
    Items,
    KeyValues,
    Paragraph,
    Sentences,
    Table,
    texts_of,
)
from treatments.patients.models import Patient
from treatments.records.text.text_folding import fold

SHORTEST_CODE = 4
_AUTHORS = "Authors"
_KEYWORDS = "Key words"
_OF_OTHERS = ("References",)
LEFT_OUT = "[…]"


@dataclass(frozen=True)
class _Place:
    """Under which heading a block stands, and whether it names other people by its nature."""

    part: str
    is_of_others: bool = False


_TITLE = _Place("Title")


def known_of(record: CaseRecord, clinic: Clinic) -> Known:
    """Whom and what this record knows by name."""
    patient, people_of_record = record.patient, _records_of(record)
    people = Membership.objects.filter(clinic=clinic).values_list("user__name", flat=True)
    named = [each.operator_name for each in record.sessions] + [each.assistant for each in record.sessions]
    named += [each.assessor_name for each in record.assessments]
    codes = [each.record_number for each in people_of_record]
    codes += [lot.number for session in record.sessions for lot in session.lots_given]
    places = [clinic.name, *(line for line in clinic.letterhead.splitlines() if _is_place(line))]
    return Known(
        names=(
            *(("the patient", each.name) for each in people_of_record),
            *(("a person of the clinic", name) for name in dict.fromkeys([*people, *named]) if name),
        ),
        places=tuple(filter(None, map(str.strip, places))),
        codes=tuple(dict.fromkeys(codes)),
        numbers=tuple(filter(None, [patient.phone])),
        addresses=tuple(filter(None, [patient.email])),
    )


def _is_place(line: str) -> bool:
    return sum(letter.isalpha() for letter in line) > 3


def flags_of(document: Document, known: Known) -> list[Flag]:
    """In the order in which they are read. The authors name themselves and where they work: among them only the patient
    is looked for."""
    every = [flag for block, place in _placed(document) for flag in _flags(_read(block), place, known)]
    titled = _flags([document.title], _TITLE, known)
    return list({flag.key: flag for flag in [*titled, *every]}.values())


def without(document: Document, known: Known, left_out: Collection[str]) -> Document:
    """The same, with what was left out of it by the key of its flag; "[…]" stands in its place."""
    if not left_out:
        return document
    blocks = []
    for block, place in _placed(document):
        gone = [flag.found for flag in _flags(_read(block), place, known) if flag.key in left_out]
        blocks.append(_cut(block, gone) if gone else block)
    titled = [flag.found for flag in _flags([document.title], _TITLE, known) if flag.key in left_out]
    return replace(document, title=_parted(document.title, titled), blocks=tuple(blocks))


def _flags(texts: Iterable[str], place: _Place, known: Known) -> list[Flag]:
    if place.part == _AUTHORS:
        known = replace(known, names=tuple(each for each in known.names if names_patient(each[0])), places=())
    return [flag for text in texts for flag in flags(place.part, text, known, is_of_others=place.is_of_others)]


def named(document: Document, record: CaseRecord) -> list[str]:
    """Whole names and record numbers of the patient that stand in it: no answer lets them leave.

    A name of one word may be any word, and an author may bear the same name: both are flagged, and answered.
    """
    read = [text for block, place in _placed(document) if place.part != _AUTHORS for text in _read(block)]
    text = fold(" ".join([document.title, *read]))
    people = _records_of(record)
    names = [each.name for each in people if len(each.name.split()) > 1]
    numbers = [each.record_number for each in people if len(each.record_number) >= SHORTEST_CODE]
    return [each for each in dict.fromkeys([*names, *numbers]) if _stands_in(fold(each), text)]


def _records_of(record: CaseRecord) -> list[Patient]:
    """The patient, and records that were merged into theirs."""
    return [record.patient, *Patient.objects.filter(merged_into=record.patient)]


def _stands_in(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _placed(document: Document) -> Iterator[tuple[Block, _Place]]:
    part = _AUTHORS
    for block in document.flat():
        if isinstance(block, Heading):
            part = block.text if block.level == 2 else f"{part.partition(', ')[0]}, {block.text}"
        here = _KEYWORDS if part == _AUTHORS and isinstance(block, KeyValues) else part
        is_of_others = here == _AUTHORS or (isinstance(block, Items) and part in _OF_OTHERS)
        yield block, _Place(here, is_of_others=is_of_others)


def _read(block: Block) -> Iterator[str]:
    """What is searched of a block; a heading is ours."""
    if isinstance(block, Heading):
        return
    yield from texts_of(block)
    if isinstance(block, Figure):
        yield from (picture.alt for picture in block.pictures)


def _cut(block: Block, gone: Sequence[str]) -> Block:
    def cut(text: str) -> str:
        return _parted(text, gone)

    match block:
        case Paragraph():
            return replace(block, text=cut(block.text))
        case Sentences():
            return replace(block, sentences=tuple(replace(each, text=cut(each.text)) for each in block.sentences))
        case Items():
            return replace(block, items=tuple(map(cut, block.items)))
        case KeyValues():
            return replace(block, rows=tuple((cut(name), cut(value)) for name, value in block.rows))
        case Table():
            return replace(block, rows=tuple(tuple(map(cut, row)) for row in block.rows))
        case Figure():
            shown = tuple(replace(each, alt=cut(each.alt), caption=cut(each.caption)) for each in block.pictures)
            return replace(block, caption=cut(block.caption), pictures=shown)
        case _:
            return block


def _parted(text: str, gone: Sequence[str]) -> str:
    """Without each of these, however its spaces and the full stop of a title are written."""
    for found in gone:
        words = r"\.?\s+".join(map(re.escape, found.split()))
        start, end = (r"(?<!\w)", r"(?!\w)") if found.isascii() else ("", "")
        text = re.sub(f"{start}{words}{end}", LEFT_OUT, text)
    return text
