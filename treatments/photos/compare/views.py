import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from clinic.staff.access import Can, ClinicRequest, may, requires
from treatments.assessments.thresholds.clinic_thresholds import thresholds_of
from treatments.consents.photo_permission import permission_text, photo_permissions
from treatments.patients.access import get_patient
from treatments.patients.models import Patient
from treatments.photos.compare.actions import forget_alignment, save_alignment
from treatments.photos.compare.alignment import Landmarks
from treatments.photos.compare.context import (
    RefusedAlignment,
    compare_address,
    compare_context,
    export_address,
    view_choices,
)
from treatments.photos.compare.forms import PairForm
from treatments.photos.compare.geometry import AlignmentError
from treatments.photos.compare.pairs import Chosen, Pair, Wanted, choose
from treatments.photos.patient_photos import PatientPhotos, group_label, load
from treatments.records.actions import Conflict
from treatments.records.drafts import store as drafts

ALIGNED_MEANWHILE = (
    "Somebody else aligned this pair while you were marking. Nothing was overwritten. Your points are below. "
    "If you save them now, they replace the other alignment, which stays in the history."
)


@requires(Can.SEE_RECORD)
@require_GET
def compare(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    photos = load(patient)
    chosen = choose(photos, Wanted.read(request.GET))
    if chosen is None or chosen.pair is None:
        return render(request, "treatments/photos/compare/empty.html", _without_pair(patient, photos, chosen))
    return _page(request, patient, photos, chosen.pair)


@requires(Can.WRITE_RECORD)
@require_POST
def align(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Save the points of a pair; what cannot be saved comes back as it was marked, with the reason."""
    patient = get_patient(request, patient_id)
    photos, form, pair = _posted(request, patient)
    marked = form.cleaned_data["alignment"]
    try:
        save_alignment(
            earlier=pair.earlier,
            later=pair.later,
            landmarks=Landmarks.from_json(marked),
            expected_version=form.version_seen,
            by=request.user,
        )
    except AlignmentError as refusal:
        return _page(request, patient, photos, pair, RefusedAlignment(str(refusal), marked), status=422)
    except Conflict:
        return _page(request, patient, photos, pair, RefusedAlignment(ALIGNED_MEANWHILE, marked), status=409)
    for name in ("photos:compare", "photos:align"):
        drafts.discard_saved(
            owner=request.user,
            clinic=request.clinic,
            form=reverse(name, args=[patient.pk]),
            opening=request.POST.get("_opening", ""),
            record_id="",
        )
    messages.success(request, "The alignment is saved with your name. The photographs are unchanged.")
    return redirect(compare_address(patient, pair))


@requires(Can.WRITE_RECORD)
@require_POST
def forget(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    _, form, pair = _posted(request, patient)
    try:
        forget_alignment(earlier=pair.earlier, later=pair.later, expected_version=form.version_seen, by=request.user)
    except Conflict:
        messages.warning(request, "Somebody else aligned this pair while you were on this page. Look at it first.")
    else:
        messages.success(request, "The pair is shown as taken, and labelled as not aligned.")
    return redirect(compare_address(patient, pair))


def _posted(request: ClinicRequest, patient: Patient) -> tuple[PatientPhotos, PairForm, Pair]:
    """The pair of a posted form; 404 when these are no two photographs of one view of this patient."""
    photos = load(patient)
    form = PairForm(request.POST, photos=photos)
    if not form.is_valid() or form.pair is None:
        raise Http404("These are not two photographs of one view of this patient.")
    return photos, form, form.pair


def _page(
    request: ClinicRequest,
    patient: Patient,
    photos: PatientPhotos,
    pair: Pair,
    refused: RefusedAlignment | None = None,
    status: int = 200,
) -> HttpResponse:
    context = compare_context(patient, photos, pair, thresholds_of(request.clinic), refused)
    context |= {
        "patient": patient,
        "nav": "patients",
        "can_align": may(request.membership, Can.WRITE_RECORD),
        "save_url": reverse("photos:align", args=[patient.pk]),
        "forget_url": reverse("photos:align-forget", args=[patient.pk]),
    }
    if may(request.membership, Can.EXPORT):
        context["export_note"] = permission_text(photo_permissions(patient))
        context["export_url"] = export_address(patient, pair)
    return render(request, "treatments/photos/compare/compare.html", context, status=status)


def _without_pair(patient: Patient, photos: PatientPhotos, chosen: Chosen | None) -> dict[str, Any]:
    """The context where there are no two photographs of a view."""
    context: dict[str, Any] = {"patient": patient, "nav": "patients", "photo": None}
    if chosen is None:
        return context
    photo = photos.groups[chosen.group][-1]
    calendar = photos.calendar(photo)
    return context | {
        "photo": photo,
        "month": calendar.month(photo),
        "date": calendar.date(photo),
        "view_label": group_label(chosen.group),
        "views": [(code, label) for code, label, is_current in view_choices(photos, chosen.group) if not is_current],
    }
