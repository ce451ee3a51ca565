"""The patients among whom the right one is found."""

from dataclasses import dataclass

from django.db.models import Q

from clinic.staff.models import Clinic
from treatments.patients.models import Patient
from treatments.records.text.text_folding import fold, identifier_key
from treatments.registry.patient_list import portraits

MAX_CANDIDATES = 8


@dataclass(frozen=True)
class Candidate:
    """A patient with what tells two people apart: a picture, where there is one."""

    patient: Patient
    portrait: str = ""


def find(clinic: Clinic, text: str, *, but: Patient) -> list[Candidate]:
    """Up to eight patients that match, archived ones too, those whose name or number begins with the text first."""
    if not fold(text):
        return []
    people = Patient.objects.of(clinic).filter(merged_into=None).exclude(pk=but.pk)
    rows = list(people.beginning_with(text).by_name()[:MAX_CANDIDATES])
    if len(rows) < MAX_CANDIDATES:
        others = people.matching(text, all_of_many=False).not_beginning_with(text)
        rows += others.by_name()[: MAX_CANDIDATES - len(rows)]
    return with_portraits(rows)


def of_number(clinic: Clinic, text: str, *, but: Patient) -> Patient | None:
    """The patient whose record number was typed, in any spelling; None for any other text, and where two have it."""
    if not (key := identifier_key(text)):
        return None
    typed = text.replace("\x00", "").strip()  # PostgreSQL refuses to look for a NUL
    numbered = Patient.objects.of(clinic).filter(Q(record_key=key) | Q(record_number__iexact=typed))
    rows = list(numbered.filter(merged_into=None).exclude(pk=but.pk)[:2])
    return rows[0] if len(rows) == 1 else None


def with_portraits(patients: list[Patient]) -> list[Candidate]:
    faces = portraits(patients)
    return [Candidate(patient, faces.get(patient.pk, "")) for patient in patients]
