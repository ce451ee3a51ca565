"""Who looked at one patient's record or wrote in it: by day and person, for the patient to read."""

import datetime
from collections import defaultdict
from dataclasses import dataclass

from clinic.audit.models import AuditEvent
from clinic.audit_report.questions import Question
from clinic.audit_report.words import Kind, words_of
from clinic.staff.models import Clinic
from treatments.audit_trail.lines import SERVER
from treatments.audit_trail.people import People
from treatments.records.formatting import day, listed

# What was done, told to the patient: without the words of the clinic.
TOLD: dict[Kind, str] = {
    Kind.LOOKED: "looked at it",
    Kind.WROTE: "wrote in it",
    Kind.CORRECTED: "corrected it",
    Kind.STRUCK_OUT: "marked an entry as made in error",
    Kind.LEFT: "exported or printed from it",
    Kind.REFUSED: "was refused",
}


@dataclass(frozen=True)
class DayOfPerson:
    """What one person did with the record on one day, in the clinic's time."""

    day: str
    who: str
    role: str
    did: str


def days_of_people(question: Question, people: People) -> list[DayOfPerson]:
    """By day, the latest first, and then by name."""
    done: dict[tuple[datetime.date, int | None], set[Kind]] = defaultdict(set)
    for at, actor, action in question.values("at", "actor", "action"):
        if words := words_of(action):
            done[at.astimezone(question.clinic.zone).date(), actor].add(words.kind)
    names = people.names | {None: SERVER}
    rows = sorted(done.items(), key=lambda row: (-row[0][0].toordinal(), names.get(row[0][1], "")))
    return [
        DayOfPerson(
            day(on),
            names.get(actor, "Somebody who works elsewhere"),
            people.roles.get(actor or 0, ""),
            listed([told for kind, told in TOLD.items() if kind in kinds]) or "worked with it",
        )
        for (on, actor), kinds in rows
    ]


def trail_begins(clinic: Clinic) -> datetime.datetime | None:
    """The moment of the clinic's first event."""
    return AuditEvent.objects.filter(clinic=clinic).order_by("at").values_list("at", flat=True).first()
