import uuid
from typing import Any

from django.http import HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.consents.photo_permission import photo_permissions, releases
from treatments.patients.access import get_patient, get_record
from treatments.patients.models import Patient
from treatments.photos.compare.pairs import Wanted, choose
from treatments.photos.export.actions import STRUCK_OUT, NotAllowed, release, release_original
from treatments.photos.export.before_after import PictureMissing, Plan
from treatments.photos.export.forms import ChooseForm, CoverForm, OriginalForm
from treatments.photos.export.printable_letters import unwritable, writable
from treatments.photos.models import Photo
from treatments.photos.patient_photos import PatientPhotos, load
from treatments.photos.store.media import confined
from treatments.photos.store.photo_files import OriginalFault, handed_out, require_whole
from treatments.records.ids import new_id

MEDIA_TYPES = {"png": "image/png", "pdf": "application/pdf"}


@requires(Can.EXPORT)
@require_GET
def export(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """What goes on the sheet, and for what use."""
    patient = get_patient(request, patient_id)
    return _choose_page(request, patient, _choose_form(request, patient))


@requires(Can.EXPORT)
@require_http_methods(["GET", "POST"])
def cover(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Look at each photograph and cover what identifies the patient; then the file comes."""
    patient = get_patient(request, patient_id)
    choice = _choose_form(request, patient)
    if not choice.is_bound:
        return redirect("photos:export", patient.pk)
    if not choice.is_valid() or choice.plan is None:
        return _choose_page(request, patient, choice, status=422)
    consent = choice.permission.consent
    form = CoverForm(
        request.POST or None,
        plan=choice.plan,
        is_identifiable=bool(consent and consent.is_identifiable),
        initial={"id": new_id()},
    )
    if request.method != "POST":
        return _cover_page(request, patient, choice, form)
    if form.is_valid():
        try:
            return _released(request, patient, choice.plan, form)
        except NotAllowed as refusal:
            choice.add_error("purpose", str(refusal))
            return _choose_page(request, patient, choice, status=422)
        except PictureMissing as missing:
            form.add_error(None, str(missing))
    return _cover_page(request, patient, choice, form, status=422)


def _released(request: ClinicRequest, patient: Patient, plan: Plan, form: CoverForm) -> HttpResponse:
    """The file. Raises NotAllowed and PictureMissing."""
    released = release(
        patient,
        plan=plan,
        covers=form.covers,
        export_id=form.cleaned_data["id"],
        submission=form.digest(),
        by=request.user,
    )
    response = HttpResponse(released.content, content_type=MEDIA_TYPES[plan.file_format])
    response.headers["Content-Disposition"] = f'attachment; filename="{plan.file_name}"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@requires(Can.EXPORT)
@require_http_methods(["GET", "POST"])
def original(request: ClinicRequest, patient_id: uuid.UUID, photo_id: uuid.UUID) -> HttpResponseBase:
    """The file as it came, with all that the camera wrote into it, for a use that the patient has allowed."""
    patient = get_patient(request, patient_id)
    photo = get_record(patient, Photo, photo_id)
    permissions = photo_permissions(patient)
    context = {"patient": patient, "photo": photo, "permissions": permissions, "nav": "patients"}
    context["is_possible"] = any(each.is_allowed for each in permissions)
    context["form"] = form = OriginalForm(request.POST or None, initial={"id": new_id()})
    context["struck_out"] = STRUCK_OUT if photo.is_struck_out else ""
    page = "treatments/photos/export/original.html"
    try:
        if request.method != "POST":
            require_whole(photo)
            return render(request, page, context)
        if not form.is_valid():
            told = " ".join(str(sentence) for sentences in form.errors.values() for sentence in sentences)
            return render(request, page, context | {"refusal": told}, status=422)
        release_original(
            photo, purpose=form.cleaned_data["purpose"], export_id=form.cleaned_data["id"], by=request.user
        )
        content = handed_out(photo)
    except NotAllowed as refusal:
        return render(request, page, context | {"refusal": str(refusal)}, status=422)
    except OriginalFault as fault:
        return render(request, page, context | {"fault": str(fault)}, status=503)
    ending = photo.media_type.rpartition("/")[2].replace("jpeg", "jpg")
    name = f"{photo.view}-{photo.taken_on:%Y-%m-%d}-{photo.sha256[:8]}.{ending}"
    response = StreamingHttpResponse(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Length"] = str(photo.size_bytes)  # or a browser would take what was cut short for whole
    response.headers["Cache-Control"] = "private, no-store"
    return confined(response)


def _choose_form(request: ClinicRequest, patient: Patient) -> ChooseForm:
    """The choice as the address gives it; without a purpose it is only a suggestion."""
    photos, name, query = load(patient), request.clinic.name, _query(request)
    if "purpose" in query or "file_format" in query:
        given: dict[str, Any] = {"data": query}
    else:
        given = {"initial": _suggested(query, photos, name)}
    return ChooseForm(**given, photos=photos, patient=patient, clinic_name=name, permissions=photo_permissions(patient))


def _query(request: ClinicRequest) -> QueryDict:
    """What was chosen, from the address, or from the form itself when it is sent again after signing in."""
    return QueryDict(request.POST["choice"]) if "choice" in request.POST else request.GET


def _suggested(query: QueryDict, photos: PatientPhotos, name: str) -> dict[str, Any]:
    chosen = choose(photos, Wanted.read(query))
    pair = chosen.pair if chosen else None
    return {
        "view": [chosen.group] if chosen else [],
        "date": query.getlist("date") or [photo.taken_on.isoformat() for photo in pair or ()],
        "clinic_name": "" if unwritable(name) else writable(name),
        "lay_over": True,
        "file_format": "png",
    }


def _choose_page(request: ClinicRequest, patient: Patient, form: ChooseForm, status: int = 200) -> HttpResponse:
    context = {
        "patient": patient,
        "form": form,
        "permissions": form.permissions,
        "is_possible": any(len(photos) > 1 for photos in form.photos.groups.values()),
        "releases": releases(patient),
        "nav": "patients",
    }
    return render(request, "treatments/photos/export/choose.html", context, status=status)


def _cover_page(
    request: ClinicRequest, patient: Patient, choice: ChooseForm, form: CoverForm, status: int = 200
) -> HttpResponse:
    query = _query(request).urlencode()
    context = {
        "patient": patient,
        "form": form,
        "plan": choice.plan,
        "permission": choice.permission,
        "back": f"{reverse('photos:export', args=[patient.pk])}?{query}",
        "choice": query,
        "nav": "patients",
    }
    return render(request, "treatments/photos/export/redact.html", context, status=status)
