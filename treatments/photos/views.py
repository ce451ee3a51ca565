import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.staff.access import Can, ClinicRequest, requires
from clinic.staff.script_responses import is_fetch
from treatments.patients.access import get_patient, get_record
from treatments.patients.models import Patient
from treatments.photos import actions
from treatments.photos.contact_sheet import lay_out
from treatments.photos.forms import CARD, CorrectionForm, QualityForm
from treatments.photos.models import Photo
from treatments.photos.quality.photo_quality import gates_of
from treatments.photos.upload.context import sending
from treatments.photos.vocabulary import PhotoQuality, View
from treatments.records.actions import Conflict
from treatments.records.form_view import form_page, history_page, strike_out_page
from treatments.records.models import PassedWarning
from treatments.records.months import label as month_label


@requires(Can.SEE_RECORD)
@require_GET
def sheet(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """All photos of a patient, views down and months across; here they are also sent."""
    patient = get_patient(request, patient_id)
    context = _about(patient, sheet=lay_out(patient), sending=sending(request, patient))
    return render(request, "treatments/photos/sheet.html", context)


@requires(Can.SEE_RECORD)
@require_GET
def pick(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Two photos ticked on the sheet go to the comparison, the earlier first; none: the first and the last."""
    patient = get_patient(request, patient_id, look="")
    ids = [each for each in map(_uuid, request.GET.getlist("photo")) if each]
    photos = Photo.objects.standing().filter(patient=patient).in_order()
    chosen = list(photos.filter(pk__in=ids))
    view = request.GET.get("view", "")
    if not chosen and view in View.values and (of_view := list(photos.filter(view=view))):
        chosen = [of_view[0], of_view[-1]]
    if len(chosen) != 2 or chosen[0] == chosen[1] or chosen[0].view != chosen[1].view:
        messages.warning(request, "Tick two photos of one view to compare them.")
        return redirect("photos:sheet", patient.pk)
    told = {"view": chosen[0].view, "earlier": chosen[0].pk, "later": chosen[1].pk}
    return redirect(f"{reverse('photos:compare', args=[patient.pk])}?{urlencode(told)}")


@requires(Can.SEE_RECORD)
@require_GET
def detail(request: ClinicRequest, patient_id: uuid.UUID, photo_id: uuid.UUID) -> HttpResponse:
    """One photo with everything known of it: its card, its quality, where the file came from."""
    patient = get_patient(request, patient_id)
    photo = get_record(patient, Photo, photo_id)
    gates = gates_of(photo)
    context = _about(
        patient,
        photo=photo,
        card=_card(photo),
        gates=gates,
        is_doubtful=any(gate.verdict == "warn" for gate in gates) or photo.quality == PhotoQuality.RETAKE,
        month=month_label(photo.course.baseline_on, photo.taken_on) if photo.course else None,
        passed_warnings=PassedWarning.objects.filter(record_id=photo.pk).select_related("by").order_by("at"),
    )
    return render(request, "treatments/photos/detail.html", context)


@requires(Can.WRITE_RECORD)
@require_POST
def keep(request: ClinicRequest, patient_id: uuid.UUID, photo_id: uuid.UUID) -> HttpResponse:
    """Say that a photo is kept although a gate warned, or that it is to be taken again."""
    patient = get_patient(request, patient_id, look="")
    photo = get_record(patient, Photo, photo_id)
    form = QualityForm(request.POST)
    sentence = ""
    if form.is_valid():
        try:
            actions.mark_quality(photo, **form.cleaned_data, by=request.user)
        except Conflict:
            sentence = "Somebody changed this photo in the meantime. Look at it again, then decide."
    else:
        sentence = " ".join(str(each) for found in form.errors.values() for each in found)
    if is_fetch(request):
        return JsonResponse({"sentence": sentence or "Kept."}, status=422 if sentence else 200)
    if sentence:
        messages.error(request, sentence)
    elif form.cleaned_data["quality"] == PhotoQuality.RETAKE:
        messages.success(request, "Marked to be taken again.")
    else:
        messages.success(request, "The reason is kept with the photo.")
    return redirect(photo)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def correct(request: ClinicRequest, patient_id: uuid.UUID, photo_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    photo = get_record(patient, Photo, photo_id)
    form = CorrectionForm(request.POST or None, patient=patient, instance=photo)

    def act(form: CorrectionForm) -> HttpResponse:
        actions.correct_photo(
            photo,
            changes=form.values(),
            reason=form.reason,
            expected_version=form.expected_version,
            passed=form.passed,
            by=request.user,
        )
        messages.success(request, "The photo is corrected; what stood there before is kept.")
        return redirect(photo)

    context = _about(patient, heading=f"Correct: {photo}", cancel_url=photo.get_absolute_url(), photo=photo)
    return form_page(request, "treatments/photos/correct.html", form, act, context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def strike_out(request: ClinicRequest, patient_id: uuid.UUID, photo_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    photo = get_record(patient, Photo, photo_id)
    back = reverse("photos:sheet", args=[patient.pk])
    return strike_out_page(request, patient=patient, record=photo, act=actions.strike_out_photo, back=back)


@requires(Can.SEE_RECORD)
@require_GET
def corrections(request: ClinicRequest, patient_id: uuid.UUID, photo_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    photo = get_record(patient, Photo, photo_id)
    return history_page(request, patient=patient, record=photo, back=photo.get_absolute_url())


def _card(photo: Photo) -> list[tuple[str, Any]]:
    """The capture card as the page prints it: (label, value or None for not recorded)."""
    rows = []
    for name in CARD:
        value = getattr(photo, name)
        shown = getattr(photo, f"get_{name}_display", lambda value=value: value)()
        if isinstance(value, bool):
            shown = "yes" if value else "no"
        label = str(getattr(photo._meta.get_field(name), "verbose_name", name))
        rows.append((label, None if value in ("", None) else shown))
    return rows


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _about(patient: Patient, **more: Any) -> dict[str, Any]:
    sheet_url = reverse("photos:sheet", args=[patient.pk])
    return {"patient": patient, "nav": "patients", "cancel_url": sheet_url, **more}
