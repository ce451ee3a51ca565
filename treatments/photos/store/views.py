"""Pictures are shown through this view only, after the patient was reached through the clinic."""

import logging
import uuid
from pathlib import Path

from django.http import FileResponse, Http404, HttpResponseBase, HttpResponseNotModified
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from clinic.audit import looks
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.patients.access import get_patient, get_record
from treatments.photos.models import Photo
from treatments.photos.store.media import DERIVED_SIZES, confined, picture_etag
from treatments.photos.store.photo_files import OriginalFault, derivative
from treatments.photos.store.upload_errors import PhotoRefused

_log = logging.getLogger(__name__)


@requires(Can.SEE_RECORD, look="viewed_photo")
@require_safe
def file(request: ClinicRequest, patient_id: uuid.UUID, photo_id: uuid.UUID, size: int) -> HttpResponseBase:
    """A derivative, 400 or 1600 px on its longest side; one that is missing is made again from the original.

    A look at a page is not one line for each of its pictures: only one that is opened by itself goes on the trail. One
    that the browser keeps is shown too: whoever worked there before may have opened it.
    """
    patient = get_patient(request, patient_id)
    photo = get_record(patient, Photo, photo_id)
    if size not in DERIVED_SIZES:
        raise Http404
    etag = picture_etag(photo.sha256, size)
    # Asked only now: whether the browser has it is nobody's business who may not see it. What it has need not be on
    # this host, nor its store be there.
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response: HttpResponseBase = HttpResponseNotModified()
    else:
        response = FileResponse(_derivative(photo, size).open("rb"), content_type="image/jpeg")
        response.headers["Content-Disposition"] = "inline"
    looks.part_of_a_page(patient, by=request.user, clinic=request.clinic, in_lists=size == min(DERIVED_SIZES))
    response.headers["ETag"] = etag
    # The browser may keep it, and must ask each time; signing out clears what it kept.
    response.headers["Cache-Control"] = "private, no-cache"
    return confined(response)


def _derivative(photo: Photo, size: int) -> Path:
    try:
        return derivative(photo, size)
    except OriginalFault as fault:
        raise Http404(str(fault)) from None
    except PhotoRefused as refusal:
        _log.error("photo %s cannot be read again: %s", photo.pk, refusal.code)
        raise Http404(refusal.sentence) from None
