"""What of a manuscript may identify: the very structure that is printed is searched, so that it is what is printed."""

import re
from collections.abc import Iterator
from dataclasses import replace

from clinic.staff.models import Clinic, Membership
from treatments.evidence.deidentification.flags import Flag, Known, flags, names_patient
from treatments.evidence.reports.sentences.record import CaseRecord
from treatments.papers.document import Document, Figure, Heading, Items, KeyValues, texts_of
from treatments.patients.models import Patient
from treatments.records.text.text_folding import fold

SHORTEST_CODE = 4
_AUTHORS = "Authors"
_KEYWORDS = "Key words"
_OF_OTHERS = ("References",)


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
    found: dict[str, Flag] = {}
    of_patient = replace(known, names=tuple(each for each in known.names if names_patient(each[0])), places=())
    for part, text, is_of_others in _texts(document):
        sought = of_patient if part == _AUTHORS else known
        for flag in flags(part, text, sought, is_of_others=is_of_others):
            found.setdefault(flag.key, flag)
    return list(found.values())


def named(document: Document, record: CaseRecord) -> list[str]:
    """Whole names and record numbers of the patient that stand in it: no answer lets them leave.

    A name of one word may be any word, and an author may bear the same name: both are flagged, and answered.
    """
    text = fold(" ".join(text for part, text, _ in _texts(document) if part != _AUTHORS))
    people = _records_of(record)
    names = [each.name for each in people if len(each.name.split()) > 1]
    numbers = [each.record_number for each in people if len(each.record_number) >= SHORTEST_CODE]
    return [each for each in dict.fromkeys([*names, *numbers]) if _stands_in(fold(each), text)]


def _records_of(record: CaseRecord) -> list[Patient]:
    """The patient, and records that were merged into theirs."""
    return [record.patient, *Patient.objects.filter(merged_into=record.patient)]


def _stands_in(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _texts(document: Document) -> Iterator[tuple[str, str, bool]]:
    yield "Title", document.title, False
    part = _AUTHORS
    for block in document.flat():
        if isinstance(block, Heading):
            part = block.text if block.level == 2 else f"{part.partition(', ')[0]}, {block.text}"
            continue
        is_before = part == _AUTHORS
        here = _KEYWORDS if is_before and isinstance(block, KeyValues) else part
        is_of_others = here == _AUTHORS or (isinstance(block, Items) and part in _OF_OTHERS)
        for text in texts_of(block):
            yield here, text, is_of_others
        if isinstance(block, Figure):
            for picture in block.pictures:
                yield part, picture.alt, False
