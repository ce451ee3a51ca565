"""Archives a patient, and restores one; their courses follow."""

from django.db import transaction
from django.utils import timezone

from clinic.audit import log
from clinic.staff.models import User
from treatments.courses.models import Course
from treatments.patients.models import Patient


def archive_patient(patient: Patient, *, reason: str, by: User) -> Patient:
    """Take a patient off Today, the search and the list of who is due; the record stays whole and readable."""
    with transaction.atomic():
        Patient.objects.filter(pk=patient.pk).update(archived_at=timezone.now(), archived_reason=reason)
        Course.objects.filter(patient=patient).update(patient_archived=True)
        log.record("archived", by=by, clinic=patient.clinic, target=patient)
    return patient


def restore_patient(patient: Patient, *, by: User) -> Patient:
    with transaction.atomic():
        Patient.objects.filter(pk=patient.pk).update(archived_at=None, archived_reason="")
        Course.objects.filter(patient=patient).update(patient_archived=False)
        log.record("restored", by=by, clinic=patient.clinic, target=patient)
    return patient
