from collections.abc import Iterable
from typing import Any

from clinic.staff.models import Clinic
from treatments.patients.models import HairHistory, Patient, Therapy
from treatments.records.actions import Passed, correct, insert


def next_record_number(clinic: Clinic) -> str:
    """A free record number to propose: the clinic's prefix and the next number of four digits or more."""
    taken = Patient.objects.of(clinic).filter(record_number__startswith=clinic.record_prefix)
    last = taken.order_by("-id").values_list("record_number", flat=True).first() or ""
    tail = last.removeprefix(clinic.record_prefix)
    number = (int(tail) if tail.isdigit() else taken.count()) + 1
    # Ids of one millisecond have no order, and numbers may be typed by hand.
    while taken.filter(record_number=f"{clinic.record_prefix}{number:04d}").exists():
        number += 1
    return f"{clinic.record_prefix}{number:04d}"


def register_patient(patient: Patient, *, passed: Iterable[Passed] = (), by: Any) -> Patient:
    return insert(patient, event="registered", passed=passed, by=by)


def correct_details(
    patient: Patient,
    *,
    changes: dict[str, Any],
    reason: str,
    expected_version: int,
    passed: Iterable[Passed] = (),
    by: Any,
) -> Patient:
    """Change a patient's details. Raises Conflict when somebody else did so first."""
    corrected = correct(
        patient,
        changes=changes,
        reason=reason,
        expected_version=expected_version,
        passed=passed,
        by=by,
        then=_refold,
    )
    return corrected


def _refold(patient: Patient) -> None:
    """Search text follows name, record number and telephone."""
    patient.refresh_from_db()
    Patient.objects.filter(pk=patient.pk).update(search_text=patient.folded())


def record_history(history: HairHistory, *, passed: Iterable[Passed] = (), by: Any) -> HairHistory:
    return insert(history, event="recorded_history", passed=passed, by=by)


def correct_history(
    history: HairHistory,
    *,
    changes: dict[str, Any],
    reason: str,
    expected_version: int,
    passed: Iterable[Passed] = (),
    by: Any,
) -> HairHistory:
    return correct(history, changes=changes, reason=reason, expected_version=expected_version, passed=passed, by=by)


def record_therapy(therapy: Therapy, *, passed: Iterable[Passed] = (), by: Any) -> Therapy:
    return insert(therapy, event="recorded_therapy", passed=passed, by=by)


def correct_therapy(
    therapy: Therapy,
    *,
    changes: dict[str, Any],
    reason: str,
    expected_version: int,
    passed: Iterable[Passed] = (),
    by: Any,
) -> Therapy:
    return correct(therapy, changes=changes, reason=reason, expected_version=expected_version, passed=passed, by=by)
