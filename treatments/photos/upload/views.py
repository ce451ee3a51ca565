"""Photos arriving: one a request from a script, or several in one form where there is none."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.http.request import QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from clinic.sign_in.script_responses import is_fetch
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.patients.access import get_patient
from treatments.patients.models import Patient
from treatments.photos.store.upload_errors import SENTENCES, PhotoRefused, RefusalCode
from treatments.photos.upload import answer
from treatments.photos.upload.answer import LAST_FIELD, STATUS
from treatments.photos.upload.consent_checks import filing_problems, may_file_without_consent
from treatments.photos.upload.forms import UploadForm
from treatments.photos.upload.store_photo import StoredPhoto, store_photo


class NotAccepted(Exception):
    """A photo that is not stored because of what was entered with it; the text says why."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a request with the fields that belong to it."""

    file: UploadedFile
    fields: QueryDict


@requires(Can.WRITE_RECORD)
@require_POST
def upload(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Store the photos of a request. A script sends one and is answered in JSON; a form goes back to the sheet."""
    patient = get_patient(request, patient_id)
    if is_fetch(request):
        return _answer_script(request, patient)
    _store_all(request, patient)
    return redirect("photos:sheet", patient.pk)


def _answer_script(request: ClinicRequest, patient: Patient) -> JsonResponse:
    try:
        uploads = _uploads(request)
        if len(uploads) != 1:
            raise PhotoRefused("damaged")
        stored = _store(request, patient, uploads[0])
    except NotAccepted as refusal:
        return JsonResponse({"code": "not_accepted", "sentence": str(refusal)}, status=422)
    except PhotoRefused as refusal:
        return _refused(refusal)
    return JsonResponse(answer.as_json(stored), status=200 if stored.is_duplicate else 201)


def _store_all(request: ClinicRequest, patient: Patient) -> None:
    """Store each photo of a form, and leave a message about each and about each that did not arrive."""
    dropped = _dropped(request)
    try:
        uploads = _uploads(request)
        if not uploads and not dropped:
            messages.error(request, "No photo was chosen. Choose the files, and send them again.")
    except PhotoRefused as refusal:
        uploads = []
        messages.error(request, refusal.sentence)
    for each in uploads:
        _store_with_message(request, patient, each)
    for name, code in dropped:
        messages.error(request, f"{name} was not kept. {SENTENCES[code]}")


def _store_with_message(request: ClinicRequest, patient: Patient, upload: Upload) -> None:
    name = upload.file.name or "The photo"
    try:
        stored = _store(request, patient, upload)
    except NotAccepted as refusal:
        messages.error(request, f"{name} was not kept: {refusal}")
    except PhotoRefused as refusal:
        again = " Send it again in a minute." if refusal.code == "photos_away" else ""  # which a script does by itself
        messages.error(request, f"{name} was not kept. {refusal.sentence}{again}")
    else:
        _report(request, stored)


def _uploads(request: ClinicRequest) -> list[Upload]:
    """The files of a request, with the view of each: `photo` under `view`, or `photo-vertex` under its own.

    Raises PhotoRefused when the body was cut short, or the only file was dropped on its way in.
    """
    if LAST_FIELD not in request.POST:
        raise PhotoRefused("damaged")
    dropped = _dropped(request)
    if is_fetch(request) and dropped:
        raise PhotoRefused(dropped[0][1])
    return [Upload(file, _fields(request, name)) for name, files in request.FILES.lists() for file in files]


def _fields(request: ClinicRequest, name: str) -> QueryDict:
    fields = request.POST.copy()
    fields["view"] = name.removeprefix("photo-") if name.startswith("photo-") else request.POST.get("view", "")
    return fields


def _dropped(request: ClinicRequest) -> list[tuple[str, RefusalCode]]:
    """Name and reason of each file that was dropped while it arrived."""
    return [(name, code) for _field, name, code in getattr(request, "refused_files", [])]


def _store(request: ClinicRequest, patient: Patient, upload: Upload) -> StoredPhoto:
    """Raises NotAccepted and PhotoRefused."""
    form = UploadForm(
        upload.fields,
        patient=patient,
        problems=filing_problems(patient),
        may_override=may_file_without_consent(request),
    )
    if not form.is_valid():
        raise NotAccepted(form.first_sentence)
    return store_photo(
        form.new_photo(request.clinic),
        upload.file.chunks(),
        sha256=form.cleaned_data["sha256"] or None,
        original_name=upload.file.name or "",
        session_day=form.session_day,
        passed=form.passed,
        by=request.user,
    )


def _refused(refusal: PhotoRefused) -> JsonResponse:
    status = STATUS.get(refusal.code, 422)
    headers = {"Retry-After": "20"} if status == 503 else {}
    return JsonResponse({"code": refusal.code, "sentence": refusal.sentence}, status=status, headers=headers)


def _report(request: ClinicRequest, stored: StoredPhoto) -> None:
    photo = stored.photo
    if stored.is_duplicate:
        messages.info(request, answer.duplicate_sentence(photo))
        return
    messages.success(request, answer.sentence(photo))
    for check in stored.checks:
        if check.verdict == "warn":
            messages.warning(request, f"{photo}: {check.sentence}")
