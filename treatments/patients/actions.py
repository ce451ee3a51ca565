from collections.abc import Iterable
from typing import Unpack

from clinic.staff.models import Clinic, User
from treatments.patients.models import HairHistory, Patient, Therapy
from treatments.records.actions import CorrectionArguments, Passed, correct, insert


def next_record_number(clinic: Clinic) -> str:
    """A free record number to propose: the clinic's prefix and the next number of four digits or more."""
    taken = Patient.objects.of(clinic).filter(record_number__startswith=clinic.record_prefix)
    last = taken.order_by("-id").values_list("record_number", flat=True).first() or ""
    digits = last.removeprefix(clinic.record_prefix)
    number = (int(digits) if digits.isdigit() else taken.count()) + 1
    # Ids of one millisecond have no order, and numbers may be typed by hand.
    while taken.filter(record_number=f"{clinic.record_prefix}{number:04d}").exists():
        number += 1
    return f"{clinic.record_prefix}{number:04d}"


def register_patient(patient: Patient, *, passed: Iterable[Passed] = (), by: User) -> Patient:
    """Register a patient of the clinic that the row names. Raises AlreadySaved for a used id, IntegrityError for a
    record number that the clinic has already."""
    return insert(patient, event="registered", passed=passed, by=by)


def correct_details(patient: Patient, **correction: Unpack[CorrectionArguments]) -> Patient:
    """Change a patient's details, and the search text with them. Raises Conflict when somebody else did so first."""
    return correct(patient, **correction, then=_update_search_text)


def _update_search_text(patient: Patient) -> None:
    patient.refresh_from_db()
    Patient.objects.filter(pk=patient.pk).update(search_text=patient.folded())


def record_history(history: HairHistory, *, passed: Iterable[Passed] = (), by: User) -> HairHistory:
    """Record the history of a patient, of whom each has one. Raises AlreadySaved for a used id."""
    return insert(history, event="recorded_history", passed=passed, by=by)


def record_therapy(therapy: Therapy, *, passed: Iterable[Passed] = (), by: User) -> Therapy:
    """Record a treatment that the patient has or had besides, here or elsewhere. Raises AlreadySaved for a used id."""
    return insert(therapy, event="recorded_therapy", passed=passed, by=by)
