"""Archives a patient, and restores one; their courses follow."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from clinic.audit import log
from clinic.staff.models import User
from treatments.appointments.actions import cancel_all_ahead
from treatments.courses.models import Course, ExosomeSession
from treatments.patients.models import Patient
from treatments.records.partial_dates import PartialDate


def archive_patient(
    patient: Patient, *, reason: str, has_died: bool = False, died: PartialDate | None = None, by: User
) -> Patient:
    """Take a patient off Today, the search and the list of who is due; the record stays whole and readable. Visits that
    are booked for today or later are cancelled.

    Raises ValidationError when a session was given after the day of death.
    """
    with transaction.atomic():
        _check_last_session(patient, died)
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


def _check_last_session(patient: Patient, died: PartialDate | None) -> None:
    last = ExosomeSession.objects.standing().filter(patient=patient).in_order().last() if died else None
    if died and last is not None and last.when.earliest > died.latest:
        sentence = (
            f"A session is recorded {last.when.phrase}, after that day. Check the day, or strike out the session."
        )
        raise ValidationError({"died": sentence})
