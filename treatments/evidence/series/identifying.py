"""What in the words of a series' authors may tell who somebody is. Found, and never changed: the authors answer each.

A whole name or a record number of a patient of the series is more: with one of them no file is made at all.
"""

import re
from typing import Final

from clinic.staff.models import Membership
from treatments.evidence.deidentification.flags import Flag, Known, flags, unanswered
from treatments.evidence.series.cases import Facts, load
from treatments.evidence.series.models import CaseSeries, SeriesAnswer
from treatments.evidence.series.paper.manuscript import AUTHORED, REQUIRED, texts_of
from treatments.records.text.text_folding import fold

# These name people and places by their nature.
_OF_OTHERS: Final = {"authors", "funding", "interests", "references"}


def named_patients(facts: Facts) -> list[str]:
    """Names and record numbers of patients of the series that stand in what its authors wrote."""
    written = fold(" ".join(texts_of(facts.series)))
    people = [case.patient for case in facts.cases]
    told = dict.fromkeys(name for patient in people for name in (str(patient.name), str(patient.record_number)))
    return [name for name in told if len(fold(name)) > 2 and _stands_in(fold(name), written)]


def findings(facts: Facts) -> list[Flag]:
    """Each passage that may identify, with the part in which it stands."""
    known = _known(facts)
    parts = {"title": facts.series.title, **{name: getattr(facts.series, name) for name in AUTHORED}}
    return [
        flag
        for name, text in parts.items()
        if name not in _OF_OTHERS
        for flag in flags(REQUIRED.get(name, name.replace("_", " ")), text, known)
    ]


def answers(facts: Facts) -> dict[str, SeriesAnswer]:
    """What was answered, by the key of its flag."""
    rows = SeriesAnswer.objects.filter(series=facts.series).select_related("created_by")
    return {answer.key: answer for answer in rows}


def open_flags(facts: Facts) -> list[Flag]:
    """What nobody answered yet."""
    return unanswered(findings(facts), answers(facts))


def flag_of(series: CaseSeries, key: str) -> Flag | None:
    """The flag with this key, as the texts stand. Raises TooMany."""
    return next((flag for flag in findings(load(series)) if flag.key == key), None)


def _known(facts: Facts) -> Known:
    patients, clinic = [case.patient for case in facts.cases], facts.series.clinic
    people = Membership.objects.filter(clinic=clinic).values_list("user__name", flat=True)
    lots = {lot.number for session in facts.sessions for lot in session.lots_given}
    return Known(
        names=(
            *(("a patient", each.name) for each in patients),
            *(("a person of the clinic", name) for name in dict.fromkeys(people) if name),
        ),
        places=(clinic.name,),
        codes=tuple({*(each.record_number for each in patients), *lots}),
        numbers=tuple(filter(None, (each.phone for each in patients))),
        addresses=tuple(filter(None, (each.email for each in patients))),
    )


def _stands_in(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
