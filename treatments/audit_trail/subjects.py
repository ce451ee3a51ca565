"""Which records a question about one patient is about: the patient's own, and what was merged or moved into it."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from clinic.staff.models import Clinic
from treatments.patients.models import Patient
from treatments.patients.moves import MovedRecord, MoveKind
from treatments.records.formatting import day, listed
from treatments.records.text.text_folding import fold, identifier_key

MAX_MATCHES = 8


@dataclass(frozen=True)
class Subject:
    """A patient whose trail is asked for; `merged` are the records that are read under this one."""

    patient: Patient
    merged: list[Patient]
    entries: dict[uuid.UUID, list[str]]
    moved: list[MovedRecord]

    @property
    def ids(self) -> list[uuid.UUID]:
        return [self.patient.pk, *(each.pk for each in self.merged)]

    @property
    def notes(self) -> list[str]:
        """What belongs to the trail of this patient although it was done with another record."""
        notes = []
        if self.merged:
            numbers = listed([each.record_number for each in self.merged])
            were = "was" if len(self.merged) == 1 else "were"
            notes.append(f"{numbers} {were} merged into {self.patient.record_number}. The events of all are shown.")
        whole = defaultdict(set)
        for each in self.moved:
            whole[each.move.from_patient.record_number].add(each.move.created_at)
        for number, moments in whole.items():
            notes.append(
                f"Entries were moved here from {number} on {listed([day(each) for each in sorted(moments)])}. What was "
                f"done with these entries before is shown too; who looked at {number} as a whole is not."
            )
        return notes


def subject_of(patient: Patient) -> Subject:
    """Of a record that was merged into another one, the subject is the other one."""
    while patient.merged_into is not None:
        patient = patient.merged_into
    merged: list[Patient] = []
    found = list(patient.merged_records.order_by("record_number"))
    while found:
        merged += found
        found = list(Patient.objects.filter(merged_into__in=found).order_by("record_number"))
    ids = [patient.pk, *(each.pk for each in merged)]
    came: Any = MovedRecord.objects.filter(move__patient__in=ids, move__kind=MoveKind.MISFILED)
    moved = list(came.exclude(move__from_patient__in=ids).select_related("move__from_patient").order_by("move", "id"))
    entries = defaultdict(list)
    for each in moved:
        entries[each.move.from_patient_id].append(str(each.record_id))
    return Subject(patient, merged, dict(entries), moved)


def find(clinic: Clinic, text: str) -> list[Patient]:
    """The one patient whose record number was typed, in any spelling, merged or not; else up to nine who match, those
    whose name or number begins with the text first."""
    people = Patient.objects.of(clinic)
    text = text.replace("\x00", "").strip()
    if exact := people.filter(record_number=text).first() or _of_key(clinic, text):
        return [exact]
    if not fold(text):
        return []
    people = people.filter(merged_into=None)
    rows = list(people.beginning_with(text).by_name()[: MAX_MATCHES + 1])
    if len(rows) <= MAX_MATCHES:
        others = people.matching(text, all_of_many=False).not_beginning_with(text)
        rows += others.by_name()[: MAX_MATCHES + 1 - len(rows)]
    return rows


def _of_key(clinic: Clinic, text: str) -> Patient | None:
    key = identifier_key(text)
    return Patient.objects.of(clinic).filter(record_key=key).first() if key else None


def named(clinic: Clinic, ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, Patient]:
    """The patients of these ids, for their numbers and names."""
    return Patient.objects.of(clinic).only("record_number", "name").in_bulk([each for each in set(ids) if each])
