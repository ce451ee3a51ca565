"""How the patient's own pair of photographs leaves the clinic on paper: under the consent in force at that moment."""

import hashlib
from collections.abc import Sequence

from django.db import transaction

from clinic.audit import log
from clinic.staff.models import User
from treatments.consents.models import Export
from treatments.consents.photo_permission import locked_photo_permissions
from treatments.papers.photo_pair import PURPOSE
from treatments.patients.models import Patient
from treatments.photos.models import Photo
from treatments.records.actions import insert


def release_course(patient: Patient, *, photos: Sequence[Photo], content: bytes, by: User) -> bool:
    """Put on record that the file leaves, and the photographs in it under their consent. False where the consent ended
    since the file was made: then nothing leaves."""
    with transaction.atomic():
        log.record("downloaded_paper", by=by, clinic=patient.clinic, target=patient, detail={"page": "papers:course"})
        if not photos:
            return True
        permission = next(each for each in locked_photo_permissions(patient) if each.code == PURPOSE)
        if permission.consent is None:
            transaction.set_rollback(True)
            return False
        export = Export(
            clinic=patient.clinic,
            patient=patient,
            purpose=PURPOSE,
            consent=permission.consent,
            photos=[str(photo.pk) for photo in photos],
            file_format="pdf",
            sha256=hashlib.sha256(content).hexdigest(),
        )
        detail = {"purpose": PURPOSE.value, "photos": len(photos), "format": "pdf"}
        insert(export, event="exported_photos", by=by, detail=detail)
    return True
