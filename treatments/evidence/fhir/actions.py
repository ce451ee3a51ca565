"""Hands out a record as a file, and puts that on the trail."""

import hashlib

from django.db import transaction

from clinic.audit import log
from clinic.staff.models import User
from treatments.evidence.fhir.bundle import as_bytes, collection
from treatments.evidence.fhir.rows import rows_of
from treatments.patients.models import Patient


@transaction.atomic
def hand_out(patient: Patient, *, asked_by: str, by: User) -> bytes:
    """The bundle as it is sent, UTF-8. The trail keeps for whom, how many resources, and the SHA-256 of the file."""
    bundle = collection(rows_of(patient))
    data = as_bytes(bundle)
    detail = {
        "asked_by": asked_by,
        "resources": len(bundle["entry"]),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    log.record("exported_fhir", by=by, clinic=patient.clinic, target=patient, detail=detail)
    return data
