"""How views get at a patient and their records; each look is put on the audit trail."""

import uuid
from typing import Any, TypeVar, cast

from django.shortcuts import get_object_or_404

from clinic.audit import log
from clinic.staff.access import ClinicRequest
from treatments.patients.models import Patient
from treatments.records.models import ClinicalRecord

C = TypeVar("C", bound=ClinicalRecord)


def get_patient(
    request: ClinicRequest, patient_id: uuid.UUID, *, look: str = "viewed", with_history: bool = False
) -> Patient:
    """The patient of the clinic this person works in; another clinic's id and an unused id give the same 404.

    `look` is the action that goes on the audit trail; give "" where an action that follows writes its own event.
    `with_history` reads the hair-loss history in the same query.
    """
    patients = Patient.objects.of(request.clinic)
    patient = get_object_or_404(patients.select_related("history") if with_history else patients, pk=patient_id)
    if look and request.method in {"GET", "HEAD"}:
        view = request.resolver_match.view_name if request.resolver_match else ""
        log.record(look, by=request.user, clinic=request.clinic, target=patient, detail={"page": view})
    return patient


def get_record(patient: Patient, model: type[C], record_id: uuid.UUID, **owner_ids: uuid.UUID) -> C:
    """A clinical record of this patient, struck out or not; 404 when it is another patient's, or another owner's."""
    records = model._default_manager.all()
    record: Any = get_object_or_404(records, pk=record_id, patient=patient, **owner_ids)
    record.patient = patient  # saves the query for it
    return cast(C, record)


def page_context(patient: Patient, **more: Any) -> dict[str, Any]:
    """The context of a page about a patient, with the entry of the masthead and the address to go back to."""
    return {"patient": patient, "nav": "patients", "cancel_url": patient.get_absolute_url(), **more}
