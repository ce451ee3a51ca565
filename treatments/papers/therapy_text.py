"""The other treatments of a patient in words, for the patient and for another doctor: each with its dose as it was at
first, what changed in it, and when it began and ended."""

from collections.abc import Iterator

from treatments.patients.models import Therapy
from treatments.patients.other_treatments import OtherTreatment
from treatments.timeline.facts import Facts


def therapies_told(facts: Facts) -> list[tuple[str, str]]:
    """Of each that stands its name and the rest: ("Finasteride, oral", "1 mg, once a day, from 30 Apr 2025, …")."""
    standing = [therapy for therapy in facts.therapies if not therapy.is_struck_out]
    treatments = zip(standing, facts.other_treatments, strict=True)
    return [(str(each.get_kind_display()), ", ".join(filter(None, _told(each, told)))) for each, told in treatments]


def _told(therapy: Therapy, told: OtherTreatment) -> Iterator[str]:
    if told.is_occasion:
        yield therapy.dose_text
        yield told.began.phrase if told.began else "day not recorded"
        return
    yield told.dose
    yield f"from {told.began.label()}" if told.began else "beginning not recorded"
    for change in told.changes:
        yield f"changed to {change.dose.replace(', ', ' ') or 'another dose'} {change.when.phrase}"
    if told.ended:
        yield f"until {told.ended.label()}"
    elif told.is_over:
        yield "ended, day not recorded"
    elif not told.is_asked:
        yield "whether it goes on is not recorded"
    else:
        yield "still going on"
