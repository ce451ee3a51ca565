"""What stands on every paper of a clinic: its letterhead, whom the paper is about, and when it was made."""

from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.papers.document import Letterhead
from treatments.patients.models import Patient
from treatments.records.formatting import day
from treatments.records.text.telephones import telephone_in


def letterhead(clinic: Clinic) -> Letterhead:
    return Letterhead(clinic.name, tuple(filter(None, map(str.strip, clinic.letterhead.splitlines()))))


def telephone(clinic: Clinic) -> str:
    """The telephone number of the letterhead; "" where it names none."""
    return telephone_in(clinic.letterhead)


def about(patient: Patient, *more: str) -> tuple[str, ...]:
    born = f"born {patient.birth.label()}" if patient.birth else ""
    return tuple(filter(None, [patient.name, patient.record_number, born, *more]))


def made(clinic: Clinic) -> str:
    """ "Lime Tree Hair Clinic, 29 Nov 2026, 17:40"."""
    now = timezone.localtime()
    return f"{clinic.name}, {day(now)}, {now:%H:%M}"
