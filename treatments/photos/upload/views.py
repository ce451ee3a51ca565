"""Photos arriving: one a request from a script, or several in one form where there is none."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.http.request import QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from clinic.staff.access import Can, ClinicRequest, requires
from clinic.staff.script_responses import is_fetch
from treatments.patients.access import get_patient
from treatments.patients.models import Patient
from treatments.photos.forms import UploadForm
from treatments.photos.models import Photo
from treatments.photos.quality.checks import GateResult
from treatments.photos.store.upload_errors import SENTENCES, PhotoRefused, RefusalCode
from treatments.photos.upload.consent_checks import filing_problems, may_file_without_consent
from treatments.photos.upload.store_photo import Kept, keep_photo
from treatments.photos.vocabulary import View

STATUS: Final[dict[str, int]] = {"too_large": 413, "storage": 507, "busy": 503}
"""Everything else that is wrong with a photo is 422."""
ARRIVED_WHOLE = "_sentinel"
"""The last field of the form. Django drops a file that was cut off and keeps what came before it without a word."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One file of a request with what was said about it."""

    file: UploadedFile
    fields: QueryDict


@requires(Can.WRITE_RECORD)
@require_POST
def upload(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Keep the photos of a request. A script sends one and is answered in JSON; a form goes back to the sheet."""
    patient = get_patient(request, patient_id, look="")
    if is_fetch(request):
        return _answer_script(request, patient)
    return _answer_form(request, patient)


def _answer_script(request: ClinicRequest, patient: Patient) -> JsonResponse:
    try:
        sent = list(_arrived(request))
        if len(sent) != 1:
            raise PhotoRefused("damaged")
        form = _form(request, patient, sent[0].fields)
        if not form.is_valid():
            return JsonResponse({"code": "not_accepted", "sentence": form.first_sentence}, status=422)
        kept = _keep(request, form, sent[0].file)
    except PhotoRefused as refusal:
        return _refused(refusal)
    return JsonResponse(_told(kept), status=200 if kept.is_duplicate else 201)


def _answer_form(request: ClinicRequest, patient: Patient) -> HttpResponse:
    try:
        arrived = list(_arrived(request))
    except PhotoRefused as refusal:
        messages.error(request, refusal.sentence)
        arrived = []
    else:
        if not arrived and not _dropped(request):
            messages.error(request, "No photo was chosen. Choose the files, and send them again.")
    for sent in arrived:
        form = _form(request, patient, sent.fields)
        name = sent.file.name or "The photo"
        if not form.is_valid():
            messages.error(request, f"{name} was not kept: {form.first_sentence}")
            continue
        try:
            _say(request, _keep(request, form, sent.file))
        except PhotoRefused as refusal:
            messages.error(request, f"{name} was not kept. {refusal.sentence}")
    for name, code in _dropped(request):
        messages.error(request, f"{name} was not kept. {SENTENCES[code]}")
    return redirect("photos:sheet", patient.pk)


def _arrived(request: ClinicRequest) -> Iterator[Sent]:
    """The files of a request, with the view of each: `photo` under `view`, or `photo-vertex` under its own.

    Raises PhotoRefused when the body was cut short, or the only file was dropped on its way in.
    """
    if ARRIVED_WHOLE not in request.POST:
        raise PhotoRefused("damaged")
    dropped = _dropped(request)
    if is_fetch(request) and dropped:
        raise PhotoRefused(dropped[0][1])
    for field, files in request.FILES.lists():
        view = field.removeprefix("photo-") if field.startswith("photo-") else request.POST.get("view", "")
        for file in files:
            fields = request.POST.copy()
            fields["view"] = view
            yield Sent(file, fields)


def _dropped(request: ClinicRequest) -> list[tuple[str, RefusalCode]]:
    return [(name, code) for _field, name, code in getattr(request, "refused_files", [])]


def _form(request: ClinicRequest, patient: Patient, fields: QueryDict) -> UploadForm:
    return UploadForm(
        fields,
        patient=patient,
        problems=filing_problems(patient),
        may_override=may_file_without_consent(request),
    )


def _keep(request: ClinicRequest, form: UploadForm, file: UploadedFile) -> Kept:
    return keep_photo(
        form.new_photo(clinic=request.clinic),
        file.chunks(),
        sha256=form.cleaned_data["sha256"] or None,
        original_name=file.name or "",
        passed=form.passed,
        by=request.user,
    )


def _refused(refusal: PhotoRefused) -> JsonResponse:
    told = {"code": refusal.code, "sentence": refusal.sentence}
    response = JsonResponse(told, status=STATUS.get(refusal.code, 422))
    if response.status_code == 503:
        response["Retry-After"] = "20"
    return response


def _told(kept: Kept) -> dict[str, Any]:
    photo = kept.photo
    return {
        "status": "duplicate" if kept.is_duplicate else "kept",
        "id": str(photo.pk),
        "url": photo.get_absolute_url(),
        "keep_url": photo.keep_url,
        "thumb": photo.small_url,
        "view": photo.view,
        "view_label": View(photo.view).label,
        "taken_on": photo.taken_on.isoformat(),
        "taken_label": photo.taken.label(),
        "dated_by": kept.dated_by,
        "megapixels": round(photo.width * photo.height / 1_000_000, 1),
        "gates": [_gate(gate) for gate in kept.gates],
    }


def _gate(gate: GateResult) -> dict[str, Any]:
    return {"code": gate.code, "verdict": gate.verdict, "sentence": gate.sentence}


def _say(request: ClinicRequest, kept: Kept) -> None:
    photo: Photo = kept.photo
    if kept.is_duplicate:
        messages.info(request, f"This file is here already: {photo}. Nothing was added.")
        return
    messages.success(request, f"Kept: {photo}.")
    for gate in kept.gates:
        if gate.verdict == "warn":
            messages.warning(request, f"{photo}: {gate.sentence}")
