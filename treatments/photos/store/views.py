"""Pictures are shown through this view only, after the patient was reached through the clinic."""

import logging
import uuid
from pathlib import Path

from django.http import FileResponse, Http404, HttpResponseBase, HttpResponseNotModified
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from clinic.operations import photo_folder
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.patients.access import get_patient, get_record
from treatments.photos.models import Photo
from treatments.photos.store.media import DERIVED_SIZES, confined
from treatments.photos.store.photo_files import OriginalFault, derivative
from treatments.photos.store.upload_errors import PhotoRefused

_log = logging.getLogger(__name__)


@requires(Can.SEE_RECORD)
@require_safe
def file(request: ClinicRequest, patient_id: uuid.UUID, photo_id: uuid.UUID, size: int) -> HttpResponseBase:
    """A derivative, 400 or 1600 px on its longest side; one that is missing is made again from the original.

    The page that shows it has put the look on the audit trail; a look is not one line for each picture.
    """
    photo = get_record(get_patient(request, patient_id, look=""), Photo, photo_id)
    if size not in DERIVED_SIZES:
        raise Http404
    path = _derivative(photo, size)
    etag = f'"{photo.sha256[:32]}-{size}-{path.stat().st_mtime_ns}"'
    # Asked only now: whether the browser has it is nobody's business who may not see it.
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response: HttpResponseBase = HttpResponseNotModified()
    else:
        response = FileResponse(path.open("rb"), content_type="image/jpeg")
        response.headers["Content-Disposition"] = "inline"
    response.headers["ETag"] = etag
    # The browser may keep it, and must ask each time; signing out clears what it kept.
    response.headers["Cache-Control"] = "private, no-cache"
<<<<<<< HEAD
    return _confined(response)


@requires(Can.EXPORT)
@require_GET
def original(request: ClinicRequest, patient_id: uuid.UUID, photo_id: uuid.UUID) -> HttpResponseBase:
    """The file as it came, with all that the camera wrote into it; each time is on the audit trail."""
    photo = get_record(get_patient(request, patient_id, look=""), Photo, photo_id)
    path = _original(photo)
    hand_out_original(photo, by=request.user)
    ending = photo.media_type.rpartition("/")[2].replace("jpeg", "jpg")
    name = f"{photo.view}-{photo.taken_on:%Y-%m-%d}-{photo.sha256[:8]}.{ending}"
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream")
    response.headers["Cache-Control"] = "private, no-store"
    return _confined(response)


def _confined(response: HttpResponseBase) -> HttpResponseBase:
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _original(photo: Photo) -> Path:
    try:
        path = original_path(media_root(), photo.key)
    except ValueError:
        raise Http404("This photo has no file.") from None
    if not path.is_file():
        photo_folder.require()
        _log.error("the original of photo %s is missing; run manage.py photos verify", photo.pk)
        raise Http404("The file of this photo is missing. Tell the person who looks after Anagen.")
    return path
=======
    return confined(response)
>>>>>>> 21eda2e (Hand out an original only whole, for a use that the patient allowed, and say on its pages when it is not)


def _derivative(photo: Photo, size: int) -> Path:
    try:
        return derivative(photo, size)
    except OriginalFault as fault:
        raise Http404(str(fault)) from None
    except PhotoRefused as refusal:
        _log.error("photo %s cannot be read again: %s", photo.pk, refusal.code)
        raise Http404(refusal.sentence) from None
