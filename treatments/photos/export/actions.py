"""How photographs leave the clinic: with the consent in force at that moment, once, and on the audit trail."""

import hashlib
import uuid
from dataclasses import dataclass

from django.db import transaction

from clinic.audit import log
from clinic.staff.models import User
from treatments.assessments.thresholds.clinic_thresholds import thresholds_of
from treatments.consents.models import Consent, Export
from treatments.consents.photo_permission import locked_photo_permissions, refusal
from treatments.patients.models import Patient
from treatments.patients.therapies import other_treatments
from treatments.photos.compare.change_verdict import densities_of
from treatments.photos.export.before_after import Covers, Plan, sheet_of
from treatments.photos.export.sheet_files import as_pdf, as_png
from treatments.photos.models import Photo, PhotoPair
from treatments.photos.store.photo_files import require_whole
from treatments.records.actions import AlreadySaved, IdInUse, insert
from treatments.records.ids import new_id

STRUCK_OUT = "This photo is struck out as entered in error, so its file may not leave the clinic."


class NotAllowed(Exception):
    """No consent to this use is in force, or the photo no longer counts; the text says why, for the person who asked.
    Nothing was released."""


@dataclass(frozen=True)
class Released:
    """The row that says what left, and the bytes of the file."""

    export: Export
    content: bytes


def release(
    patient: Patient, *, plan: Plan, covers: Covers, export_id: uuid.UUID | None, submission: str, by: User
) -> Released:
    """Draw the sheet and put its release on record.

    The consent is asked when the file is ready, in the transaction that records it, so that one withdrawn meanwhile
    counts. The same submit sent twice is one export, and both times are on the trail. Raises NotAllowed, which is on
    the trail as well, and PictureMissing.
    """
    content = _drawn(patient, plan, covers)
    try:
        with transaction.atomic():
            export = Export(
                pk=export_id or new_id(),
                clinic=patient.clinic,
                patient=patient,
                purpose=plan.purpose,
                consent=_consent_now(patient, plan.purpose),
                photos=[str(photo.pk) for photo in plan.photos],
                crops={str(pk): cover.as_dict() for pk, cover in covers.items()},
                file_format=plan.file_format,
                sha256=hashlib.sha256(content).hexdigest(),
                submission=submission,
            )
            return Released(_recorded(export, by=by), content)
    except NotAllowed:
        log.record("refused_export", by=by, clinic=patient.clinic, target=patient, detail={"purpose": plan.purpose})
        raise


def release_original(photo: Photo, *, purpose: str, export_id: uuid.UUID | None, by: User) -> Export:
    """Put on record that the original file leaves, with all that the camera wrote into it, under the consent in force.

    The same submit sent twice is one export, and both times are on the trail. Raises NotAllowed, which is on the trail
    as well and also stands for a photo that is struck out, and OriginalFault where the file is not what it was.
    """
    ending = photo.media_type.rpartition("/")[2]
    detail = {"purpose": purpose, "format": ending, "with_place": photo.has_gps}
    if not photo.is_struck_out:
        require_whole(photo)  # before the transaction: its store may let us wait
    try:
        with transaction.atomic():
            if not Photo.objects.standing().filter(pk=photo.pk).select_for_update().values_list("pk"):
                raise NotAllowed(STRUCK_OUT)
            export = Export(
                pk=export_id or new_id(),
                clinic=photo.clinic,
                patient=photo.patient,
                purpose=purpose,
                consent=_consent_now(photo.patient, purpose),
                photos=[str(photo.pk)],
                file_format=ending,
                sha256=photo.sha256,
                submission=hashlib.sha256(f"{photo.pk} {purpose}".encode()).hexdigest(),
            )
            log.record("downloaded_original", by=by, clinic=photo.clinic, target=photo, detail=detail)
            return _recorded(export, by=by)
    except NotAllowed:
        log.record("refused_export", by=by, clinic=photo.clinic, target=photo, detail=detail)
        raise


def _drawn(patient: Patient, plan: Plan, covers: Covers) -> bytes:
    ids = [photo.pk for photo in plan.photos]
    pairs = PhotoPair.objects.standing().filter(earlier__in=ids, later__in=ids)
    sheet = sheet_of(
        plan,
        covers,
        pairs={(pair.earlier_id, pair.later_id): pair for pair in pairs},
        measurements=densities_of(patient),
        treatments=other_treatments(patient),
        thresholds=thresholds_of(patient.clinic),
    )
    return as_pdf(sheet) if plan.file_format == "pdf" else as_png(sheet)


def _consent_now(patient: Patient, purpose: str) -> Consent:
    """The consent the release rests on, locked until it is recorded. Raises NotAllowed."""
    permissions = locked_photo_permissions(patient)
    consent = next(each.consent for each in permissions if each.code == purpose)
    if consent is None:
        raise NotAllowed(refusal(permissions, purpose))
    return consent


def _recorded(export: Export, *, by: User) -> Export:
    detail = {"purpose": export.purpose, "photos": len(export.photos), "format": export.file_format}
    try:
        recorded = insert(export, event="exported_photos", by=by, detail=detail)
    except (AlreadySaved, IdInUse):
        # The page is still open after a download: what is changed there and sent again is another export.
        export.pk = new_id()
        return insert(export, event="exported_photos", by=by, detail=detail)
    if recorded is not export:
        log.record("exported_photos_again", by=by, clinic=recorded.clinic, target=recorded, detail=detail)
    return recorded
