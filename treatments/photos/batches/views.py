"""Old photos of many patients: sent at once, given patient, view and date in a grid, kept, and taken back."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, HttpResponseNotModified, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import parse_etags
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from clinic.audit import looks
from clinic.sign_in.script_responses import is_fetch
from clinic.staff.access import Can, ClinicRequest, may, requires
from treatments.photos.batches import actions
from treatments.photos.batches import grid as grids
from treatments.photos.batches.keeping import Outcome, keep_ticked
from treatments.photos.forms import VIEW_CHOICES
from treatments.photos.models import WAITING_DAYS, PhotoBatch, WaitingPhoto
from treatments.photos.store import originals
from treatments.photos.store.media import DERIVED_SIZES, confined, picture_etag
from treatments.photos.store.photo_files import FAULTS, derivative_of
from treatments.photos.store.raw_files import RAW_FILES
from treatments.photos.store.upload_errors import SENTENCES, PhotoRefused, raw_sentence
from treatments.photos.upload.answer import LAST_FIELD, STATUS
from treatments.photos.upload.consent_checks import filing_problems_of
from treatments.photos.upload.context import ACCEPT
from treatments.photos.vocabulary import KEYS, NEEDS_MAGNIFICATION, NEEDS_SITE, View
from treatments.records.drafts import store as drafts
from treatments.records.form_view import is_truncated, nothing_to_do, step_page
from treatments.records.formatting import count
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import MIN_REASON
from treatments.records.ids import new_id
from treatments.records.regions import Region

LATEST_BATCHES: Final = 30


@requires(Can.WRITE_RECORD, look="")
@require_GET
def index(request: ClinicRequest) -> HttpResponse:
    """Where old photos are sent, and the batches that wait or can be taken back, the newest first."""
    counted = PhotoBatch.objects.filter(clinic=request.clinic).select_related("started_by")
    kept = Q(files__photo__isnull=False, files__was_there=False, files__photo__struck_out_at=None)
    counted = counted.annotate(
        waiting=Count("files", filter=Q(files__photo__isnull=True)), kept=Count("files", filter=kept)
    )
    batches = list(counted.filter(Q(waiting__gt=0) | Q(kept__gt=0)).order_by("-started_at", "-id")[:LATEST_BATCHES])
    context = {
        "nav": "patients",
        "batches": batches,
        "batch_id": new_id(),
        "accept": ACCEPT,
        "raw_json": _raw_json(),
        "days": WAITING_DAYS,
    }
    return render(request, "treatments/photos/batches/index.html", context)


def _raw_json() -> str:
    files = {ending: raw_sentence(name) for ending, name in RAW_FILES.items()}
    return json.dumps({"files": files, "sentence": SENTENCES["raw"]})


@requires(Can.WRITE_RECORD, look="")
@require_POST
def send(request: ClinicRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Take in the files of a request. A script sends one and is answered in JSON; a form goes on to the grid."""
    dropped = [(name, code) for _field, name, code in getattr(request, "refused_files", [])]
    files = [file for _name, some in request.FILES.lists() for file in some]
    if is_fetch(request):
        try:
            if LAST_FIELD not in request.POST or len(files) + len(dropped) != 1:
                raise PhotoRefused("damaged")
            if dropped:
                raise PhotoRefused(dropped[0][1])
            return _answer(_receive(request, batch_id, files[0]))
        except PhotoRefused as refusal:
            status = STATUS.get(refusal.code, 422)
            headers = {"Retry-After": "20"} if status == 503 else {}
            return JsonResponse({"code": refusal.code, "sentence": refusal.sentence}, status=status, headers=headers)
    if LAST_FIELD not in request.POST:
        messages.error(request, SENTENCES["damaged"])
    elif not files and not dropped:
        messages.error(request, "No photo was chosen. Choose the files, and send them again.")
    else:
        _receive_all(request, batch_id, files)
    for name, code in dropped:
        messages.error(request, f"{name} was not taken in. {SENTENCES[code]}")
    has_waiting = WaitingPhoto.objects.of(request.clinic).waiting().filter(batch=batch_id).exists()
    return redirect("photos:batch", batch_id) if has_waiting else redirect("photos:batches")


def _receive(request: ClinicRequest, batch_id: uuid.UUID, file: Any) -> actions.Received:
    """Raises PhotoRefused, and Http404 for a batch of another clinic."""
    try:
        waiting_id = uuid.UUID(request.POST["id"]) if is_fetch(request) else new_id()
    except (KeyError, ValueError):
        raise PhotoRefused("damaged") from None
    sha256 = request.POST.get("sha256", "") if is_fetch(request) else ""
    try:
        return actions.receive(
            file.chunks(),
            waiting_id=waiting_id,
            batch_id=batch_id,
            clinic=request.clinic,
            sha256=sha256 or None,
            original_name=file.name or "",
            folder=request.POST.get("folder", ""),
            by=request.user,
        )
    except PhotoBatch.DoesNotExist:
        raise Http404("No such batch of this clinic.") from None


def _receive_all(request: ClinicRequest, batch_id: uuid.UUID, files: list[Any]) -> None:
    taken = 0
    for file in files:
        try:
            received = _receive(request, batch_id, file)
        except PhotoRefused as refusal:
            messages.error(request, f"{file.name} was not taken in. {refusal.sentence}")
            continue
        if received.is_repeat or received.waiting is None:
            messages.info(request, f"{file.name}: {_repeat_sentence(received)}")
        else:
            taken += 1
    if taken:
        messages.success(request, f"{count(taken, 'photo')} taken in. Now say whose they are.")


def _repeat_sentence(received: actions.Received) -> str:
    if received.waiting is not None:
        return f"the same file waits already, as {received.waiting}. Nothing was added."
    return "the same file is in a patient’s record already. Nothing was added."


def _answer(received: actions.Received) -> JsonResponse:
    if received.is_repeat or received.waiting is None:
        sentence = _repeat_sentence(received)
        url = received.photo.get_absolute_url() if received.photo else received.waiting.batch.get_absolute_url()  # type: ignore[union-attr]
        told = {"status": "duplicate", "sentence": sentence[:1].upper() + sentence[1:], "asks": "", "url": url}
        return JsonResponse(told)
    url = received.waiting.batch.get_absolute_url()
    return JsonResponse({"status": "kept", "sentence": "Taken in.", "asks": "", "url": url}, status=201)


def _batch(request: ClinicRequest, batch_id: uuid.UUID) -> PhotoBatch:
    batch: PhotoBatch = get_object_or_404(PhotoBatch, pk=batch_id, clinic=request.clinic)
    batch.clinic = request.clinic
    return batch


@requires(Can.WRITE_RECORD, look="viewed_list")
@require_http_methods(["GET", "POST"])
def grid(request: ClinicRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Patient, view and date of each waiting photo; those that are ticked are kept, the others go on waiting."""
    batch = _batch(request, batch_id)
    if request.method == "POST":
        return _take_answers(request, batch)
    rows, waiting = grids.rows_of(batch, clinic=request.clinic)
    patients = grids.patients_of(rows)
    problems = filing_problems_of(patients)
    looks.reached(batch)
    looks.told(rows=len(rows))
    context = {
        "nav": "patients",
        "batch": batch,
        "rows": rows,
        "waiting": waiting,
        "more": waiting - len(rows),
        "complete": sum(row.is_complete for row in rows),
        "not_kept": sum(bool(row.waiting.refusal) for row in rows),
        "without_consent": [(patient, problems[patient.pk][0]) for patient in patients if problems[patient.pk]],
        "may_override": may(request.membership, Can.OVERRIDE),
        "views": list(_views()),
        "view_choices": VIEW_CHOICES,
        "sites": Region.choices,
        "kept": len(actions.kept_of(batch)),
        "until": min((actions.until(row.waiting) for row in rows), default=None),
        "draft_form": request.path,
    }
    return render(request, "treatments/photos/batches/grid.html", context)


def _views() -> Iterator[tuple[View, str, str]]:
    """Each view with its key and the fields that it cannot do without."""
    for view in View:
        needs = [name for name, of in (("site", NEEDS_SITE), ("magnification", NEEDS_MAGNIFICATION)) if view in of]
        yield view, KEYS[view], " ".join(needs)


def _take_answers(request: ClinicRequest, batch: PhotoBatch) -> HttpResponse:
    if is_truncated(request):
        messages.error(request, "Only a part of this form arrived. Nothing was saved. Press the button again.")
        return redirect(batch)
    rows, _waiting = grids.rows_of(batch, clinic=request.clinic)
    answers, act = grids.entered(request.POST, rows), request.POST.get("act", "")
    applied = grids.apply(request.POST, answers) if act == "apply" else 0
    actions.assign(batch, entered=answers, by=request.user)
    drafts.discard_saved(
        owner=request.user,
        clinic=request.clinic,
        form=request.path,
        opening=request.POST.get("_opening", ""),
        record_id="",
    )
    if act == "remove":
        return redirect("photos:batch-remove", batch.pk)
    if act == "apply":
        sentence = (
            f"Given to {count(applied, 'photo')}." if applied else "Tick the photos, and write what to give them."
        )
        messages.add_message(request, messages.SUCCESS if applied else messages.WARNING, sentence)
    elif act == "keep":
        _keep(request, batch)
    else:
        messages.success(request, "Saved for later. Nothing of it is in a patient’s record yet.")
    has_more = WaitingPhoto.objects.waiting().filter(batch=batch).exists()
    return redirect(batch) if has_more else redirect("photos:batches")


def _keep(request: ClinicRequest, batch: PhotoBatch) -> None:
    rows, _waiting = grids.rows_of(batch, clinic=request.clinic)
    names = [name for name in request.POST if name.startswith("reason-")]
    reasons = {name.removeprefix("reason-"): request.POST[name].strip()[:300] for name in names}
    may_override = may(request.membership, Can.OVERRIDE)
    outcome = keep_ticked(rows, reasons=reasons, clinic=request.clinic, may_override=may_override, by=request.user)
    _tell(request, outcome)


def _tell(request: ClinicRequest, outcome: Outcome) -> None:
    if outcome.kept:
        of = count(len(outcome.patients), "patient")
        messages.success(request, f"{count(outcome.kept, 'photo')} kept, of {of}.")
    if outcome.there:
        messages.info(
            request, f"{count(outcome.there, 'photo')} had been kept for that patient before. Nothing was added."
        )
    if outcome.refused:
        messages.warning(request, f"{count(outcome.refused, 'photo')} not kept. The reason stands in each row.")
    if not (outcome.kept or outcome.there or outcome.refused):
        messages.warning(request, "No photo is ticked. Tick those that are right, then press Keep.")


@requires(Can.WRITE_RECORD, look="viewed_list")
@require_http_methods(["GET", "POST"])
def remove(request: ClinicRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Ask once more, then delete the waiting photos that are ticked."""
    batch = _batch(request, batch_id)
    if request.method == "POST":
        ids = [each for each in map(_as_uuid, request.POST.getlist("photo")) if each]
        removed = actions.remove(batch, ids=ids, by=request.user)
        messages.success(request, f"{count(removed, 'photo')} removed. No record was changed.")
        has_more = WaitingPhoto.objects.waiting().filter(batch=batch).exists()
        return redirect(batch) if has_more else redirect("photos:batches")
    waiting = WaitingPhoto.objects.waiting().filter(batch=batch).order_by("folder", "original_name", "pk")
    ticked = [each for each in waiting if each.entered.get("keep")]
    if not ticked:
        return nothing_to_do(request, "Tick the photos that are to be removed.", back=batch.get_absolute_url())
    looks.reached(batch)
    looks.told(rows=len(ticked))
    context = {"nav": "patients", "batch": batch, "ticked": ticked}
    return render(request, "treatments/photos/batches/remove.html", context)


def _as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


class TakeBackForm(PlainTextForm, forms.Form):
    """One reason for all photos that were kept of a batch."""

    reason = forms.CharField(
        label="Why is it wrong?",
        min_length=MIN_REASON,
        max_length=300,
        help_text="For example: the folder of another clinic. It is saved with each photo.",
    )


@requires(Can.WRITE_RECORD, look="viewed_list")
@require_http_methods(["GET", "POST"])
def take_back(request: ClinicRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Strike out, with one reason, every photo that was kept of a batch."""
    batch = _batch(request, batch_id)
    kept = actions.kept_of(batch)
    if request.method == "GET" and not kept:
        return nothing_to_do(request, "No photo of this batch is in a record now.", back=_index_url())

    def act(values: dict[str, Any]) -> HttpResponse:
        taken = actions.take_back(batch, reason=values["reason"], by=request.user)
        messages.success(request, f"{count(taken, 'photo')} struck out as entered in error. They can still be read.")
        return redirect("photos:batches")

    looks.reached(batch)
    looks.told(rows=len(kept))
    patients = sorted({photo.patient for photo in kept}, key=lambda patient: str(patient.record_number))
    context = {
        "nav": "patients",
        "batch": batch,
        "heading": "Take this batch back",
        "kept": kept,
        "patients": patients,
        "cancel_url": _index_url(),
        "draft_form": request.path,
    }
    conflict = "Somebody changed one of these photos at this moment. Nothing was struck out. Try again."
    return step_page(
        request,
        "treatments/photos/batches/take_back.html",
        TakeBackForm(request.POST or None),
        act,
        context,
        conflict=conflict,
    )


def _index_url() -> str:
    return reverse("photos:batches")


@requires(Can.WRITE_RECORD, look="viewed_photo")
@require_safe
def file(request: ClinicRequest, batch_id: uuid.UUID, waiting_id: uuid.UUID, size: int) -> HttpResponseBase:
    """A picture of a waiting photo, 400 or 1600 px on its longest side; for whoever may assign it."""
    batch = _batch(request, batch_id)
    rows = WaitingPhoto.objects.waiting().filter(batch=batch).defer("facts", "measures")
    waiting = get_object_or_404(rows, pk=waiting_id)
    if size not in DERIVED_SIZES:
        raise Http404
    etag = picture_etag(waiting.sha256, size)
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response: HttpResponseBase = HttpResponseNotModified()
    else:
        response = FileResponse(_derivative(waiting, size).open("rb"), content_type="image/jpeg")
        response.headers["Content-Disposition"] = "inline"
    looks.part_of_a_page(batch, by=request.user, clinic=request.clinic, in_lists=True)
    looks.reached(batch)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"
    return confined(response)


def _derivative(waiting: WaitingPhoto, size: int) -> Path:
    try:
        return derivative_of(originals.storage_key(waiting.pk), waiting.sha256, size)
    except originals.NotWhole as fault:
        raise Http404(FAULTS[fault.state]) from None
    except PhotoRefused as refusal:
        raise Http404(refusal.sentence) from None
