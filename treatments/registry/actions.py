"""Archives a patient, and restores one; their courses follow. Records details and other treatments; outcomes follow."""

from collections.abc import Iterable
from typing import Any, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from clinic.audit import log
from clinic.staff.models import User
from treatments.appointments.actions import cancel_all_ahead
from treatments.assessments.laboratory.models import LaboratoryReport
from treatments.assessments.models import Assessment, Measurement
from treatments.assessments.outcomes.computing import bring_outcomes_in_line
from treatments.consents.models import Consent
from treatments.courses.models import Course, ExosomeSession
from treatments.patients import actions as details
from treatments.patients.models import Patient, Therapy
from treatments.photos.models import Photo
from treatments.records.actions import CorrectionArguments, Passed, UpdateArguments, correct, insert, strike_out, update
from treatments.records.partial_dates import PartialDate

_OF_THE_LIVING: tuple[tuple[Any, str], ...] = (
    (ExosomeSession, "session"),
    (Assessment, "visit"),
    (Measurement, "measurement"),
    (LaboratoryReport, "laboratory report"),
    (Photo, "photo"),
    (Consent, "consent"),
)
"""What is recorded of a day on which the patient was there, and what it is called."""


def archive_patient(
    patient: Patient, *, reason: str, has_died: bool = False, died: PartialDate | None = None, by: User
) -> Patient:
    """Take a patient off Today, the search and the list of who is due; the record stays whole and readable. Visits that
    are booked for today or later are cancelled.

    Raises ValidationError for a death before the birth, or before anything that only the living are there for.
    """
    with transaction.atomic():
        if died:
            _check_day_of_death(patient, died)
        Patient.objects.filter(pk=patient.pk).update(
            archived_at=timezone.now(), archived_reason=reason, has_died=has_died, died=died or ""
        )
        Course.objects.filter(patient=patient).update(patient_archived=True)
        cancel_all_ahead(patient, reason="The patient died" if has_died else "The patient was archived", by=by)
        log.record("archived", by=by, clinic=patient.clinic, target=patient)
    return patient


def restore_patient(patient: Patient, *, by: User) -> Patient:
    """Undo `archive_patient`: patient and courses are back on Today and in the search, and count as living."""
    with transaction.atomic():
        Patient.objects.filter(pk=patient.pk).update(archived_at=None, archived_reason="", has_died=False, died="")
        Course.objects.filter(patient=patient).update(patient_archived=False)
        log.record("restored", by=by, clinic=patient.clinic, target=patient)
    return patient


def _check_day_of_death(patient: Patient, died: PartialDate) -> None:
    """The other way round of rule 1: what is refused after a death must not stand there when a death is recorded."""
    if patient.birth and died.certainly_before(patient.birth):
        raise ValidationError({"died": f"That is before the patient’s birth ({patient.birth.label()}). Check the day."})
    for model, what in _OF_THE_LIVING:
        days = [row.when for row in model.objects.standing().filter(patient=patient) if row.when]
        last = max(days, key=lambda when: when.earliest, default=None)
        if last is not None and last.earliest > died.latest:
            sentence = f"A {what} is recorded {last.phrase}, after that day. Check the day, or strike out the {what}."
            raise ValidationError({"died": sentence})


def correct_details(patient: Patient, **correction: Unpack[CorrectionArguments]) -> Patient:
    """As `patients.actions` does; by their sex patients are chosen among outcomes."""
    with transaction.atomic():
        corrected = details.correct_details(patient, **correction)
        bring_outcomes_in_line(corrected.pk)
    return corrected


def update_details(patient: Patient, **told: Unpack[UpdateArguments]) -> Patient:
    """As `patients.actions` does; by their sex patients are chosen among outcomes."""
    with transaction.atomic():
        updated = details.update_details(patient, **told)
        bring_outcomes_in_line(updated.pk)
    return updated


def record_therapy(therapy: Therapy, *, passed: Iterable[Passed] = (), by: User) -> Therapy:
    """Record a treatment that the patient has or had besides, here or elsewhere. Raises AlreadySaved for a used id."""
    return insert(therapy, event="recorded_therapy", passed=passed, by=by, then=_recompute_outcomes)


def correct_therapy(therapy: Therapy, **correction: Unpack[CorrectionArguments]) -> Therapy:
    """Change what was never right of a treatment. Raises Conflict when somebody else changed it first."""
    with transaction.atomic():
        corrected = correct(therapy, **correction)
        _recompute_outcomes(corrected)
    return corrected


def update_therapy(therapy: Therapy, **told: Unpack[UpdateArguments]) -> Therapy:
    """Write down what changed in a treatment from a day on. Raises Conflict when somebody else changed it first."""
    with transaction.atomic():
        updated = update(therapy, **told)
        # After it: of a change of dose the day stands in what is kept of the change.
        _recompute_outcomes(updated)
    return updated


def strike_out_therapy(therapy: Therapy, *, reason: str, expected_version: int, by: User) -> Therapy:
    """Mark a treatment as entered in error. Raises Conflict when somebody else changed it first."""
    return strike_out(therapy, reason=reason, expected_version=expected_version, by=by, then=_recompute_outcomes)


def _recompute_outcomes(therapy: Therapy) -> None:
    """Beside a change stands what else was taken."""
    bring_outcomes_in_line(therapy.patient_id)
