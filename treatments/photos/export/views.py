import uuid
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.consents.photo_permission import photo_permissions, releases
from treatments.patients.access import get_patient
from treatments.patients.models import Patient
from treatments.photos.compare.pairs import Wanted, choose
from treatments.photos.export.actions import NotAllowed, release
from treatments.photos.export.before_after import PictureMissing
from treatments.photos.export.forms import ChooseForm, CoverForm
from treatments.photos.export.sheet_drawing import unwritable, writable
from treatments.photos.patient_photos import load
from treatments.records.ids import new_id

MEDIA_TYPES = {"png": "image/png", "pdf": "application/pdf"}


@requires(Can.EXPORT)
@require_GET
def export(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """What goes on the sheet, and for what use."""
    patient = get_patient(request, patient_id)
    return _choose(request, patient, _chosen(request, patient))


@requires(Can.EXPORT)
@require_http_methods(["GET", "POST"])
def cover(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Look at each photograph and cover what identifies the patient; then the file comes."""
    patient = get_patient(request, patient_id)
    choice = _chosen(request, patient)
    if not choice.is_bound:
        return redirect("photos:export", patient.pk)
    if not choice.is_valid() or choice.plan is None:
        return _choose(request, patient, choice, status=422)
    line = next(line for line in choice.standing if line.code == choice.plan.purpose)
    looked = _looked_for(bool(line.consent and line.consent.is_identifiable))
    form = CoverForm(request.POST or None, plan=choice.plan, looked_for=looked, initial={"id": new_id()})
    if request.method == "POST" and form.is_valid():
        try:
            released = release(
                patient,
                plan=choice.plan,
                covers=form.covers,
                export_id=form.cleaned_data["id"],
                submission=form.digest(),
                by=request.user,
            )
        except NotAllowed as refused:
            choice.add_error("purpose", str(refused))
            return _choose(request, patient, choice, status=422)
        except PictureMissing as missing:
            form.add_error(None, str(missing))
        else:
            return _file(released.content, choice.plan.file_name, choice.plan.file_format)
    return _look(request, patient, choice, form, line)


def _chosen(request: ClinicRequest, patient: Patient) -> ChooseForm:
    """The choice as the address tells it; without a purpose it is only a suggestion."""
    album, name = load(patient), request.clinic.name
    told: dict[str, Any] = {"album": album, "patient": patient, "clinic_name": name, "standing": photo_permissions(patient)}
    chosen = _choice(request)
    if "purpose" in chosen or "file_format" in chosen:
        return ChooseForm(chosen, **told)
    return ChooseForm(initial=_suggested(request, album, name), **told)


def _choice(request: ClinicRequest) -> QueryDict:
    """What was chosen, from the address, or from the form itself when it is sent again after signing in."""
    return QueryDict(request.POST["choice"]) if "choice" in request.POST else request.GET


def _suggested(request: ClinicRequest, album: Any, name: str) -> dict[str, Any]:
    pair = choose(album, Wanted.read(request.GET.dict()))
    dates = (
        request.GET.getlist("date") or [p.taken_on.isoformat() for p in (pair.earlier, pair.later) if p] if pair else []
    )
    return {
        "view": [pair.group] if pair else [],
        "date": dates,
        "clinic_name": "" if unwritable(name) else writable(name),
        "lay_over": True,
        "file_format": "png",
    }


def _choose(request: ClinicRequest, patient: Patient, form: ChooseForm, status: int = 200) -> HttpResponse:
    context = {
        "patient": patient,
        "form": form,
        "standing": form.standing,
        "is_possible": any(len(photos) > 1 for photos in form.album.groups.values()),
        "releases": releases(patient),
        "nav": "patients",
    }
    return render(request, "treatments/photos/export/choose.html", context, status=status)


def _look(request: ClinicRequest, patient: Patient, choice: ChooseForm, form: CoverForm, line: Any) -> HttpResponse:
    context = {
        "patient": patient,
        "form": form,
        "plan": choice.plan,
        "line": line,
        "back": f"{reverse('photos:export', args=[patient.pk])}?{_choice(request).urlencode()}",
        "choice": _choice(request).urlencode(),
        "nav": "patients",
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "treatments/photos/export/redact.html", context, status=status)


def _looked_for(is_identifiable: bool) -> str:
    if is_identifiable:
        return "I have looked: nothing is shown that the patient has not allowed. The consent lets the face be seen."
    return "I have looked: no face and no mark in it identifies the patient."


def _file(content: bytes, name: str, file_format: str) -> HttpResponse:
    response = HttpResponse(content, content_type=MEDIA_TYPES[file_format])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
