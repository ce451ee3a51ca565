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
from treatments.photos.compare import actions as alignment_actions
from treatments.photos.compare.alignment import Landmarks
from treatments.photos.compare.comparison import Refused, compare_address, comparison, export_address, view_choices
from treatments.photos.compare.forms import PairForm, readable
from treatments.photos.compare.pairs import Chosen, Wanted, choose
from treatments.photos.compare.similarity import AlignmentError
from treatments.photos.models import Photo
from treatments.photos.patient_photos import Album, group_label, group_of, load
from treatments.records.actions import Conflict

ALIGNED_MEANWHILE = (
    "Somebody else aligned this pair while you were marking. Nothing was overwritten: your points are shown below, "
    "and saving them now replaces the other alignment, which stays in the history."
)


@requires(Can.SEE_RECORD)
@require_GET
def compare(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    album = load(patient)
    chosen = choose(album, Wanted.read(request.GET.dict()))
    if chosen is None or chosen.earlier is None:
        return render(request, "treatments/photos/compare/empty.html", _alone(patient, album, chosen))
    return _page(request, patient, album, chosen)


@requires(Can.WRITE_RECORD)
@require_POST
def align(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Keep the points of a pair; what cannot be kept comes back as it was marked, with the reason."""
    patient = get_patient(request, patient_id)
    album, form, earlier, later = _posted(request, patient)
    marked = form.cleaned_data["alignment"]
    try:
        alignment_actions.keep_alignment(
            earlier=earlier,
            later=later,
            landmarks=Landmarks.from_json(marked),
            expected_version=form.version_seen,
            by=request.user,
        )
    except AlignmentError as refusal:
        return _again(request, patient, album, (earlier, later), Refused(str(refusal), readable(marked)), status=422)
    except Conflict:
        refused = Refused(ALIGNED_MEANWHILE, readable(marked))
        return _again(request, patient, album, (earlier, later), refused, status=409)
    messages.success(request, "The alignment is kept with your name. The photographs are unchanged.")
    return redirect(_address(patient, earlier, later))


@requires(Can.WRITE_RECORD)
@require_POST
def forget(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    _, form, earlier, later = _posted(request, patient)
    try:
        alignment_actions.forget_alignment(
            earlier=earlier, later=later, expected_version=form.version_seen, by=request.user
        )
    except Conflict:
        messages.warning(request, "Somebody else aligned this pair in the meantime. Look at it first.")
    else:
        messages.success(request, "The pair is shown as taken, and labelled as not aligned.")
    return redirect(_address(patient, earlier, later))


def _posted(request: ClinicRequest, patient: Patient) -> tuple[Album, PairForm, Photo, Photo]:
    """The pair a form speaks of; 404 when these are no two photographs of one view of this patient."""
    album = load(patient)
    form = PairForm(request.POST, album=album)
    if not form.is_valid() or form.pair is None:
        raise Http404("These are not two photographs of one view of this patient.")
    return album, form, *form.pair


def _again(
    request: ClinicRequest, patient: Patient, album: Album, pair: tuple[Photo, Photo], refused: Refused, status: int
) -> HttpResponse:
    earlier, later = pair
    chosen = choose(album, Wanted(group_of(earlier), earlier.pk, later.pk))
    if chosen is None:
        raise Http404
    return _page(request, patient, album, chosen, refused, status=status)


def _page(
    request: ClinicRequest,
    patient: Patient,
    album: Album,
    chosen: Chosen,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context = comparison(patient, album, chosen, thresholds_of(request.clinic), refused)
    context |= {
        "patient": patient,
        "nav": "patients",
        "can_align": may(request.membership, Can.WRITE_RECORD),
        "save_url": reverse("photos:align", args=[patient.pk]),
        "forget_url": reverse("photos:align-forget", args=[patient.pk]),
    }
    if may(request.membership, Can.EXPORT):
        context |= {"export_note": permission_text(photo_permissions(patient)), "export_url": export_address(patient, chosen)}
    return render(request, "treatments/photos/compare/compare.html", context, status=status)


def _alone(patient: Patient, album: Album, chosen: Chosen | None) -> dict[str, Any]:
    """What there is where there are no two photographs of a view."""
    found: dict[str, Any] = {"patient": patient, "nav": "patients", "photo": None}
    if chosen is not None:
        photo = chosen.photos[-1]
        counting = album.counting(photo.taken_on)
        found |= {"photo": photo, "month": counting.month(photo), "date": counting.date(photo)}
        found |= {"view_label": group_label(chosen.group)}
        found |= {"views": [(code, label) for code, label, current in view_choices(album, chosen.group) if not current]}
    return found


def _address(patient: Patient, earlier: Photo, later: Photo) -> str:
    return compare_address(patient, view=group_of(earlier), earlier=earlier.pk, later=later.pk)
