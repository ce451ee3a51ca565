"""The limits of a case, drafted from the record for its author to confirm: each a fact of a row, or of its absence."""

import re
from collections.abc import Iterator
from typing import Final

from treatments.assessments.measurements.density import CHANGE, COUNT
from treatments.courses.models import ExosomeSession
from treatments.evidence.reports.sentences import course as told_course
from treatments.evidence.reports.sentences import patient as told_patient
from treatments.evidence.reports.sentences.record import CaseRecord
from treatments.records.formatting import count
from treatments.records.vocabulary import Asked, Lighting


def draft(record: CaseRecord) -> str:
    """Sentences, one on each line."""
    return "\n".join(_limits(record))


def _limits(record: CaseRecord) -> Iterator[str]:
    yield "This is one patient, without a control: what would have happened without the treatment is not known."
    changes = told_course.density(record)
    if changes and all(each.is_estimate for each in changes):
        yield "The change in density was estimated by eye, not measured."
    counted = [each for each in record.measurements if each.kind in (COUNT, CHANGE)]
    if not counted:
        yield "Hair density was not measured."
    elif not changes:
        yield "Hair density was not measured again after treatment."
    elif apart := [each for each in changes if not each.is_figure]:
        later = count(len(changes), "later count")
        yield f"Of {later}, {len(apart)} cannot be compared with the count before treatment."
    first, last = told_course.lights(record)
    if first and last and first != last:
        named = " and ".join(str(Lighting(each).label).lower() for each in (first, last))
        yield f"The light differed between the first and a later look: {named}."
    products = told_course.products(record)
    if record.sessions and not all(each.products_given for each in record.sessions):
        yield f"The product was not identified{'' if not products else ' at every session'}."
    if products and not all(told_course.strength(each) for each in products):
        yield "The strength of the product is not known."
    if record.sessions and told_patient.staged(record) and not told_course.regraded(record):
        yield "The stage was not graded again after treatment."
    for sentence in told_course.beside(record):
        yield f"Other treatments may have had a part in the change. {sentence.text}"
    asked = [each for each in record.sessions if (each.reactions, each.since_last) != (Asked.NOT_ASKED,) * 2]
    if len(asked) < len(record.sessions):
        yield f"Reactions were asked about at {len(asked) or 'none'} of {_the_sessions(record)}."
    late = [session for session in record.sessions if _is_late(session)]
    if late:
        were = "was" if len(late) == 1 else "were"
        who = "All" if len(late) == len(record.sessions) > 1 else f"{len(late)}"
        yield f"{who} of {_the_sessions(record)} {were} entered late, from other notes."


def _the_sessions(record: CaseRecord) -> str:
    return f"the {count(len(record.sessions), 'session')}" if len(record.sessions) > 1 else "one session"


_DRAFTED: Final = tuple(
    re.compile(start)
    for start in (
        "The change in density was estimated by eye",
        "Hair density was not measured",
        r"Of \d+ later counts?, ",
        "The light differed between the first and ",
        "The product was not identified",
        "The strength of the product is not known",
        "The stage was not graded again",
        "Other treatments may have had a part",
        "Reactions were asked about at ",
        r"(?:All|\d+) of [\w ]*sessions? (?:was|were) entered late",
        r"Of \d+ sessions?, \d+ (?:was|were) entered late",
    )
)
"""How each limit begins that the record can hold, and cease to hold."""


def outdated(text: str, record: CaseRecord) -> list[tuple[str, str]]:
    """Lines that were drafted from the record as it was, and what it says now; "" where it says nothing of the kind."""
    now = draft(record).splitlines()
    found = []
    for line in map(str.strip, text.splitlines()):
        kind = next((each for each in _DRAFTED if each.match(line)), None)
        if kind is not None and not any(line.startswith(each.rstrip(".")) for each in now):
            found.append((line, next((each for each in now if kind.match(each)), "")))
    return found


def _is_late(session: ExosomeSession) -> bool:
    return session.is_late_entry
