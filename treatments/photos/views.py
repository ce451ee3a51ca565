import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, JsonResponse
from django.http.request import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.sign_in.script_responses import is_fetch
from clinic.staff.access import Can, ClinicRequest, requires
from clinic.staff.models import User
from treatments.patients.access import get_patient, get_record
from treatments.patients.models import Patient
from treatments.patients.record_views import record_views
from treatments.patients.therapies import other_treatments
from treatments.photos import actions
from treatments.photos.bulk_forms import DayForm, SeveralForm
from treatments.photos.contact_sheet import lay_out
from treatments.photos.forms import CARD, CorrectionForm, QualityForm
from treatments.photos.models import Photo, PhotoPair
from treatments.photos.patient_photos import load
from treatments.photos.quality.photo_quality import checks_of
from treatments.photos.store.photo_files import original_fault
from treatments.photos.upload.answer import facts
from treatments.photos.upload.context import upload_context
from treatments.photos.vocabulary import PhotoQuality
from treatments.records.actions import Conflict, display_value
from treatments.records.form_view import form_page, nothing_to_do
from treatments.records.formatting import count
from treatments.records.models import PassedWarning


@requires(Can.SEE_RECORD)
@require_GET
def sheet(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """All photos of a patient, views down and months across; here they are also sent."""
    patient = get_patient(request, patient_id)
    photos = load(patient)
    laid_out = lay_out(photos, other_treatments(patient))
    context = _context(patient, sheet=laid_out, upload=upload_context(request, patient, photos))
    return render(request, "treatments/photos/sheet.html", context)


@requires(Can.SEE_RECORD)
@require_GET
def pick(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Two photos ticked on the sheet go to the comparison, the earlier first; none: the baseline and the latest."""
    patient = get_patient(request, patient_id)
    if not request.GET.getlist("photo") and request.GET.get("view"):
        return redirect(reverse("photos:compare", args=[patient.pk], query={"view": request.GET["view"]}))
    pair = _picked(Photo.objects.standing().filter(patient=patient).in_order().only("view"), request.GET)
    if pair is None:
        messages.warning(request, "Tick two photos of one view to compare them.")
        return redirect("photos:sheet", patient.pk)
    earlier, later = pair
    query = {"view": earlier.view, "earlier": earlier.pk, "later": later.pk}
    return redirect(reverse("photos:compare", args=[patient.pk], query=query))


def _picked(photos: QuerySet[Photo], query: QueryDict) -> tuple[Photo, Photo] | None:
    """The two photos that were ticked; None unless these are two of a view."""
    ids = query.getlist("photo")
    chosen = [photo for photo in photos if str(photo.pk) in ids]
    if len(chosen) != 2 or chosen[0].view != chosen[1].view:
        return None
    return chosen[0], chosen[1]


@requires(Can.SEE_RECORD)
@require_GET
def detail(request: ClinicRequest, patient_id: uuid.UUID, photo_id: uuid.UUID) -> HttpResponse:
    """One photo with everything known of it: its card, its quality, where the file came from."""
    patient = get_patient(request, patient_id)
    photo = get_record(patient, Photo, photo_id)
    checks = checks_of(photo)
    context = _context(
        patient,
        photo=photo,
        original_fault=original_fault(photo),
        card=_card(photo),
        checks=checks,
        is_doubtful=photo.quality == PhotoQuality.RETAKE or "warn" in {check.verdict for check in checks},
        passed_warnings=PassedWarning.objects.filter(record_id=photo.pk).select_related("by").order_by("at"),
    )
    return render(request, "treatments/photos/detail.html", context)


@requires(Can.WRITE_RECORD)
@require_POST
def mark_quality(request: ClinicRequest, patient_id: uuid.UUID, photo_id: uuid.UUID) -> HttpResponse:
    """Keep a photo although a quality check warned, or mark it to be taken again."""
    photo = get_record(get_patient(request, patient_id), Photo, photo_id)
    form = QualityForm(request.POST)
    refusal = _mark_quality(photo, form, by=request.user)
    if is_fetch(request):
        told = {"sentence": refusal or "Kept.", "version": photo.version}
        return JsonResponse(told, status=422 if refusal else 200)
    if refusal:
        messages.error(request, refusal)
    elif form.cleaned_data["quality"] == PhotoQuality.RETAKE:
        messages.success(request, "Marked to be taken again.")
    else:
        messages.success(request, "The reason is saved with the photo.")
    return redirect(photo)


def _mark_quality(photo: Photo, form: QualityForm, *, by: User) -> str:
    """Why it was not marked; "" when it was."""
    if not form.is_valid():
        return " ".join(str(error) for errors in form.errors.values() for error in errors)
    try:
        actions.mark_quality(photo, **form.cleaned_data, by=by)
    except Conflict:
        return "Somebody else changed this photo while you were on this page. Read it again, then decide."
    return ""


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def correct(request: ClinicRequest, patient_id: uuid.UUID, photo_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    photo = get_record(patient, Photo, photo_id)
    form = CorrectionForm(request.POST or None, patient=patient, instance=photo)

    def act(form: CorrectionForm) -> HttpResponse:
        actions.correct_photo(photo, **form.correction(by=request.user))
        messages.success(request, "The photo is corrected. The old entry is kept.")
        return redirect(photo)

    context = _context(patient, heading=f"Correct: {photo}", cancel_url=photo.get_absolute_url(), photo=photo)
    return form_page(request, "treatments/photos/correct.html", form, act, context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def correct_several(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The day and the view of many photos in one act; `?photo=` names those that are ticked to begin with."""
    patient = get_patient(request, patient_id)
    own = Photo.objects.standing().filter(patient=patient).select_related("exosome_session")
    photos = list(own.defer("quality_checks").in_order())
    for photo in photos:
        photo.patient = patient
    if request.method == "GET" and not photos:
        return nothing_to_do(request, "There is no photo to correct.", back=reverse("photos:sheet", args=[patient.pk]))
    form = SeveralForm(request.POST or None, patient=patient, photos=photos)

    def act(form: SeveralForm) -> HttpResponse:
        actions.correct_photos(form.corrections(by=request.user))
        messages.success(request, f"{count(len(form.chosen), 'photo')} corrected. The old entries are kept.")
        return redirect("photos:sheet", patient.pk)

    asked = request.POST if form.is_bound else request.GET
    ticked = set(asked.getlist("photo"))
    shown = [photo for photo in photos if str(photo.pk) in ticked] if ticked and not form.is_bound else photos
    context = _context(
        patient,
        heading="Correct several photos",
        save_label="Save for all that are ticked",
        choices=[(photo, str(photo.pk) in ticked, _version_seen(form, photo)) for photo in shown],
        left_out=len(photos) - len(shown),
    )
    return form_page(request, "treatments/photos/correct_several.html", form, act, context)


def _version_seen(form: SeveralForm, photo: Photo) -> str:
    return str(form.data.get(f"version-{photo.pk}", photo.version))


@requires(Can.WRITE_RECORD)
@require_POST
def give_day(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The day of photos that were just sent, for the script: {"photos": [facts]}, or {"sentence"}. The page of a photo
    asks with `to_page`, and is shown again."""
    patient = get_patient(request, patient_id)
    asked = set(request.POST.getlist("photo"))
    ids = [each for each in map(_as_uuid, asked) if each]
    photos = list(Photo.objects.standing().filter(patient=patient, pk__in=ids).select_related("patient"))
    if not photos or len(photos) != len(asked):
        return _day_refused(request, patient, "One of these photos is no longer here. Reload the page.")
    form = DayForm(request.POST, patient=patient, photos=photos)
    if not form.is_valid():
        sentences = [str(error) for errors in form.errors.values() for error in errors]
        return _day_refused(request, patient, " ".join(sentences))
    try:
        actions.correct_photos((photo, form.correction_of(photo, by=request.user)) for photo in photos)
    except Conflict:
        sentence = "Somebody else changed one of these photos. Nothing was changed here: reload the page."
        return _day_refused(request, patient, sentence, status=409)
    if "to_page" in request.POST:
        messages.success(request, "The photo is corrected. The old entry is kept.")
        return redirect(photos[0])
    corrected = Photo.objects.filter(pk__in=ids).select_related("patient").order_by("pk")
    return JsonResponse({"photos": [facts(photo, checks_of(photo)) for photo in corrected]})


def _day_refused(request: ClinicRequest, patient: Patient, sentence: str, *, status: int = 422) -> HttpResponse:
    if "to_page" in request.POST:
        messages.error(request, sentence)
        return redirect("photos:sheet", patient.pk)
    return JsonResponse({"sentence": sentence}, status=status)


def _as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _sheet_of(photo: Any) -> str:
    return reverse("photos:sheet", args=[photo.patient_id])


def _depending(photo: Photo) -> str:
    sentences = []
    pairs = PhotoPair.objects.standing().filter(Q(earlier=photo) | Q(later=photo)).count()
    if pairs:
        sentences.append(
            f"{count(pairs, 'pair')} aligned with it {'is' if pairs == 1 else 'are'} not compared any more."
        )
    files = sum(str(photo.pk) in map(str, export.photos) for export in photo.patient.exports.standing())
    if files:
        sentences.append(f"It left the clinic in {count(files, 'file')} already. See the consents.")
    return " ".join(sentences)


strike_out = record_views(Photo, act=actions.strike_out_photo, back=_sheet_of, depending=_depending).strike_out
corrections = record_views(Photo).corrections


def _card(photo: Photo) -> list[tuple[str, str | None]]:
    """The capture card as the page prints it: (label, value or None for not recorded)."""
    card = []
    for name in CARD:
        field, value = photo._meta.get_field(name), getattr(photo, name)
        text = None if value in ("", None) else display_value(field, value)
        card.append((str(getattr(field, "verbose_name", name)), text))
    return card


def _context(patient: Patient, **more: Any) -> dict[str, Any]:
    return {"patient": patient, "nav": "patients", "cancel_url": reverse("photos:sheet", args=[patient.pk]), **more}
