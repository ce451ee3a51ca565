"""How views get at a patient and their records; whoever is reached is on the audit trail as looked at."""

import uuid
from typing import Any, TypeVar, cast

from django.http import Http404
from django.shortcuts import get_object_or_404

from clinic.audit import looks
from clinic.staff.access import ClinicRequest
from treatments.patients.models import Patient
from treatments.patients.moves import MovedRecord
from treatments.records.models import ClinicalRecord

C = TypeVar("C", bound=ClinicalRecord)


class Elsewhere(Http404):
    """What the address names is read under another patient now: it was moved there, or two records were merged.

    `address` leads there, `sentence` says it. Without `patients.elsewhere` it is a 404.
    """

    def __init__(self, address: str, sentence: str) -> None:
        super().__init__(sentence)
        self.address, self.sentence = address, sentence


def get_patient(request: ClinicRequest, patient_id: uuid.UUID, *, with_history: bool = False) -> Patient:
    """The patient of the clinic this person works in; another clinic's id and an unused id give the same 404.

    Whatever is answered to the request is a look at them. Raises Elsewhere for a record that was merged into another
    one. `with_history` reads the hair-loss history in the same query.
    """
    patients = Patient.objects.of(request.clinic)
    patient = get_object_or_404(patients.select_related("history") if with_history else patients, pk=patient_id)
    reach(patient)
    return patient


def reach(patient: Patient) -> None:
    """Have the look go on the audit trail when it is answered; raise Elsewhere when the record was merged away."""
    looks.reached(patient)
    if patient.merged_into is not None:
        into = patient.merged_into
        sentence = (
            f"{patient.record_number} and {into.record_number} are the same person. Everything is in this record."
        )
        raise Elsewhere(into.get_absolute_url(), sentence)


def get_record(patient: Patient, model: type[C], record_id: uuid.UUID, **owner_ids: uuid.UUID) -> C:
    """A clinical record of this patient, struck out or not; 404 when it is another patient's, or another owner's.

    Raises Elsewhere when it was this patient's and has been moved.
    """
    rows: Any = model._default_manager
    record: Any = rows.filter(pk=record_id, patient=patient, **owner_ids).first()
    if record is None:
        raise _where_it_went(patient, rows.filter(pk=record_id).select_related("patient").first())
    record.patient = patient  # saves the query for it
    return cast(C, record)


def _where_it_went(patient: Patient, record: Any | None) -> Http404:
    left = None
    if record is not None:
        left = MovedRecord.objects.filter(record_id=record.pk, move__from_patient=patient).order_by("move").last()
    if record is None or left is None:
        return Http404("No record of this patient has this id.")
    address = record.get_absolute_url() or record.patient.get_absolute_url()
    return Elsewhere(address, f"{left} was moved from {patient.record_number} to {record.patient.record_number}.")


def page_context(patient: Patient, **more: Any) -> dict[str, Any]:
    """The context of a page about a patient, with the entry of the masthead and the address to go back to."""
    return {"patient": patient, "nav": "patients", "cancel_url": patient.get_absolute_url(), **more}
