"""Blind reading: rounds for whoever opens and closes them, and one pair after the other for a reader."""

import logging
import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from clinic.audit import log, looks
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.evidence.reading import actions
from treatments.evidence.reading.forms import AnswerForm, CloseForm, ReaderForm, RoundForm
from treatments.evidence.reading.picture import Size, frame_of, picture_of, sizes_of
from treatments.evidence.reading.places import Progress, other_places, progress_at, waiting_places
from treatments.evidence.reading.round_page import results_context, round_context, tell_looks
from treatments.evidence.reading.spreadsheet import dictionary_lines, readings_lines
from treatments.photos.export.before_after import PictureMissing
from treatments.photos.readings.models import ReadingRound, ShownPair
from treatments.photos.store.media import confined
from treatments.records.form_view import form_page, is_truncated
from treatments.records.formatting import count
from treatments.records.text.numbers import page_number

_PAGES = "treatments/evidence/reading/"
_log = logging.getLogger(__name__)


@requires(Can.OPEN_ROUNDS, look="")
@require_GET
def rounds(request: ClinicRequest) -> HttpResponse:
    """Every round of the clinic, the newest first."""
    page = _page_of(request, ReadingRound.objects.of(request.clinic).newest_first())
    return render(request, f"{_PAGES}rounds.html", {"page": page, "nav": "outcomes"})


def _page_of(request: ClinicRequest, rows: Any) -> Page:
    return Paginator(rows, 20).get_page(page_number(request.GET.get("page")))


@requires(Can.OPEN_ROUNDS, look="")
@require_http_methods(["GET", "POST"])
def open_a_round(request: ClinicRequest) -> HttpResponse:
    form = RoundForm(request.POST or None, clinic=request.clinic, by=request.user)

    def act(checked: RoundForm) -> HttpResponse:
        new = checked.new_record(clinic=request.clinic)
        readers = list(checked.cleaned_data["readers"])
        kept = actions.open_round(new, readers=readers, by=request.user)
        messages.success(request, "The round is open. Its readers find it on their page; nobody sees a result yet.")
        return redirect(kept)

    context = {
        "heading": "Open a round",
        "lede": "Readers see pairs of photos, and not which is later, whose they are, or what the others say.",
        "cancel_url": reverse("reading:rounds"),
        "save_label": "Choose the pairs and open",
        "nav": "outcomes",
    }
    return form_page(request, f"{_PAGES}open.html", form, act, context)


def _round(request: ClinicRequest, round_id: uuid.UUID) -> ReadingRound:
    round: ReadingRound = get_object_or_404(ReadingRound.objects.of(request.clinic), pk=round_id)
    return round


@requires(Can.OPEN_ROUNDS, look="")
@require_GET
def round_page(request: ClinicRequest, round_id: uuid.UUID) -> HttpResponse:
    return _page(request, _round(request, round_id))


def _page(
    request: ClinicRequest,
    round: ReadingRound,
    *,
    reader_form: ReaderForm | None = None,
    close_form: CloseForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = round_context(round)
    if round.is_closed:
        context |= results_context(round)
        tell_looks(request, context)
    elif context["unfinished"]:
        context["close_form"] = close_form or CloseForm()
    if reader_form is not None or not round.is_closed or context["apart"]:
        context["reader_form"] = reader_form or ReaderForm(round=round, by=request.user)
    return render(request, f"{_PAGES}round.html", context, status=status)


@requires(Can.OPEN_ROUNDS, look="")
@require_POST
def ask_reader(request: ClinicRequest, round_id: uuid.UUID) -> HttpResponse:
    """One more reader of an open round; of a closed one, a third for the pairs on which the first differ."""
    round = _round(request, round_id)
    form = ReaderForm(request.POST, round=round, by=request.user)
    if not form.is_valid():
        return _page(request, round, reader_form=form, status=422)
    act = actions.ask_third if round.is_closed else actions.add_reader
    try:
        place = act(round, reader=form.cleaned_data["reader"], by=request.user)
    except ValidationError as refusal:
        form.add_error("reader", refusal)
        return _page(request, round, reader_form=form, status=422)
    messages.success(request, f"{place.reader} finds the round on their page.")
    return redirect(round)


@requires(Can.OPEN_ROUNDS, look="")
@require_POST
def close(request: ClinicRequest, round_id: uuid.UUID) -> HttpResponse:
    round = _round(request, round_id)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _page(request, round, close_form=form, status=422)
    try:
        actions.close_round(round, reason=form.cleaned_data["reason"], by=request.user)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return _page(request, round, close_form=form, status=422)
    messages.success(request, "The round is closed. What was read is in the record of each patient now.")
    return redirect(round)


@requires(Can.EXPORT, look="")
@require_GET
def readings_csv(request: ClinicRequest, round_id: uuid.UUID) -> HttpResponseBase:
    """Every reading of a closed round."""
    round = _round(request, round_id)
    if not round.is_closed:
        raise Http404("Nothing is told of a round before it is closed.")
    lines = list(readings_lines(round))
    log.record(
        "exported_readings", by=request.user, clinic=request.clinic, target=round, detail={"readings": len(lines) - 1}
    )
    return _csv(lines, "blind-readings.csv")


@requires(Can.EXPORT, look="")
@require_GET
def columns_csv(request: ClinicRequest, round_id: uuid.UUID) -> HttpResponseBase:
    """What the columns of the readings mean."""
    _round(request, round_id)
    return _csv(list(dictionary_lines()), "blind-readings-columns.csv")


def _csv(lines: list[str], name: str) -> HttpResponseBase:
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@requires(Can.READ_BLIND, look="")
@require_GET
def mine(request: ClinicRequest) -> HttpResponse:
    """The rounds in which this person reads: the first page of a blind reader."""
    waiting = waiting_places(request.membership)
    page = _page_of(request, other_places(request.membership))
    ended = [each for each in waiting if each.is_done] if page.number == 1 else []
    context = {
        "to_read": [each for each in waiting if not each.is_done],
        "read": [*ended, *(progress_at(place, request.membership) for place in page)],
        "page": page,
        "nav": "reading",
    }
    return render(request, f"{_PAGES}mine.html", context)


def _own(request: ClinicRequest, token: str) -> tuple[ShownPair, Progress]:
    """The pair of this reader's, and how far they are; 404 for everybody else's, as for one that never was."""
    rows = ShownPair.objects.filter(place__reader=request.user, place__round__clinic=request.clinic)
    shown = get_object_or_404(rows.select_related("place__round__clinic", "place__reader"), token=token)
    progress = progress_at(shown.place, request.membership)
    return next(each for each in progress.shown if each.pk == shown.pk), progress


def _frame(shown: ShownPair, progress: Progress) -> Size:
    return frame_of(sizes_of(shown.pair), (sizes_of(each.pair) for each in progress.shown))


@requires(Can.READ_BLIND, look="shown_pair")
@require_http_methods(["GET", "POST"])
def pair(request: ClinicRequest, token: str) -> HttpResponse:
    """The pair that is to be read now. One that was read before, or comes later, leads to it."""
    shown, progress = _own(request, token)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if is_truncated(request):
            form.add_error(None, "Only a part of your answer arrived. Nothing was saved. Press the button again.")
        elif form.is_valid():
            return _answered(request, shown, progress, form)
    if progress.current != shown:
        return _go_on(request, progress)
    looks.reached(shown.pair.later.patient)
    width, height = _frame(shown, progress)
    context = {
        "form": form,
        "number": progress.number,
        "total": progress.total,
        "done": progress.done,
        "picture_url": reverse("reading:picture", args=[shown.token]),
        "width": 2 * width,
        "height": height,
        # Its text would name whom the page shows.
        "print_ticket": "",
    }
    return render(request, f"{_PAGES}pair.html", context, status=422 if request.method == "POST" else 200)


def _answered(request: ClinicRequest, shown: ShownPair, progress: Progress, form: AnswerForm) -> HttpResponse:
    is_open = shown.place.is_open
    if is_open and not hasattr(shown, "reading") and shown not in progress.to_read:
        messages.warning(request, "This pair is not shown any more. Nothing was saved of it.")
        return _go_on(request, progress)
    try:
        answered = actions.answer(shown, **form.answer_given(), by=request.user)
    except ValidationError as refusal:
        messages.warning(request, " ".join(refusal.messages))
        return redirect("reading:mine")
    if answered.is_other:
        first = f"Your first reading stays: {answered.reading.said}."
        messages.warning(request, f"You had read that pair before. {first}")
    return _go_on(request, progress_at(shown.place, request.membership))


def _go_on(request: ClinicRequest, progress: Progress) -> HttpResponse:
    if progress.current is not None:
        return redirect(progress.current)
    if request.method == "POST" and progress.place.is_open:
        messages.success(request, _all_read(progress))
    return redirect("reading:mine")


def _all_read(progress: Progress) -> str:
    """What is told after the last pair: how many were read, and how many nobody shows any more."""
    read = f"You have read all {progress.done} pairs" if progress.done > 1 else "You have read the one pair"
    if not progress.done:
        return "No pair of this round is shown any more."
    if progress.gone:
        shown = "is" if progress.gone == 1 else "are"
        return f"{read} that could be shown; {count(progress.gone, 'pair')} {shown} not shown any more. Thank you."
    return f"{read}. Thank you."


@requires(Can.READ_BLIND, look="viewed_photo")
@require_safe
def picture(request: ClinicRequest, token: str) -> HttpResponse:
    """Both photographs of the pair that is to be read now, in one file; of no other."""
    shown, progress = _own(request, token)
    if progress.current != shown:
        raise Http404("This pair is not shown.")
    patient = shown.pair.later.patient
    looks.reached(patient)
    looks.part_of_a_page(patient, by=request.user, clinic=request.clinic, in_lists=False)
    try:
        data = picture_of(shown.left, shown.right, _frame(shown, progress))
    except PictureMissing:
        _log.exception("a pair of a blind reading cannot be shown")
        raise Http404("The pictures of this pair cannot be read.") from None
    response = HttpResponse(data, content_type="image/jpeg")
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = "no-store"
    confined(response)
    return response
