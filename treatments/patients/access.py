"""The one way in to a patient, and where each look at a record is put on the audit trail."""

import uuid
from typing import TypeVar

from django.shortcuts import get_object_or_404

from clinic.audit import log
from clinic.staff.access import ClinicRequest
from treatments.patients.models import Patient
from treatments.records.models import ClinicalRecord

C = TypeVar("C", bound=ClinicalRecord)


def get_patient(request: ClinicRequest, patient_id: uuid.UUID, *, look: str = "viewed") -> Patient:
    """The patient of the clinic this person works in; a stranger's id and an unused id give the same 404.

    `look` is the word for the audit trail; give "" where an action that follows writes its own event.
    """
    patient = get_object_or_404(Patient.objects.of(request.clinic), pk=patient_id)
    if look and request.method in {"GET", "HEAD"}:
        view = request.resolver_match.view_name if request.resolver_match else ""
        log.record(look, by=request.user, clinic=request.clinic, target=patient, detail={"page": view})
    return patient


def get_record(patient: Patient, model: type[C], record_id: uuid.UUID) -> C:
    """A clinical record of this patient, struck out or not; 404 when it is another patient's."""
    found: C = get_object_or_404(model._default_manager.all(), pk=record_id, patient=patient)  # type: ignore[assignment]
    return found
