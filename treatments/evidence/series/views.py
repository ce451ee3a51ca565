"""Case series: the list, one as a paper, its files, and whose row bears which code."""

import uuid
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.evidence.deidentification.flags import unanswered
from treatments.evidence.deidentification.forms import AnswerForm
from treatments.evidence.series import actions, research_file
from treatments.evidence.series.cases import TooMany, load
from treatments.evidence.series.forms import CodeForm, SeriesForm
from treatments.evidence.series.identifying import answers, findings, flag_of
from treatments.evidence.series.models import CaseSeries, ResearchExport, SeriesRelease
from treatments.evidence.series.paper.manuscript import manuscript, missing
from treatments.papers.paper_page import DOCX, file_answer, paper_page
from treatments.records.form_view import StrikeOutForm, form_page, nothing_to_do, step_page

MOST_FOUND: Final = 12
PAGES: Final = "treatments/evidence/series"
_KINDS: Final = {"pdf": "application/pdf", "docx": DOCX}


@requires(Can.SEE_RECORD, look="")
@require_GET
def index(request: ClinicRequest) -> HttpResponse:
    """Every series of the clinic, newest first; no patient is named."""
    context = {"all_series": list(CaseSeries.objects.of(request.clinic).newest_first()), "nav": "outcomes"}
    return render(request, f"{PAGES}/list.html", context)


@requires(Can.WRITE_RECORD, look="")
@require_http_methods(["GET", "POST"])
def begin(request: ClinicRequest) -> HttpResponse:
    today = timezone.localdate()
    first = {"from_on": today.replace(year=today.year - 1, day=1), "until_on": today, "month": 6}
    form = SeriesForm(request.POST or None, clinic=request.clinic, initial=first)

    def act(form: SeriesForm) -> HttpResponse:
        new = form.new_record(clinic=request.clinic)
        series = actions.begin(new, passed=form.passed, by=request.user)
        messages.success(request, "The case series is saved. Its flow and figures come from the record.")
        return redirect(series)

    context = {"heading": "Begin a case series", "save_label": "Save", "cancel_url": reverse("evidence:series")}
    return form_page(request, f"{PAGES}/edit.html", form, act, context | {"nav": "outcomes"})


@requires(Can.SEE_RECORD, look="")
@require_GET
def detail(request: ClinicRequest, series_id: uuid.UUID) -> HttpResponse:
    """The paper as it would leave now."""
    return _paper(request, _series(request, series_id))


def _paper(
    request: ClinicRequest, series: CaseSeries, *, error: str = "", form: AnswerForm | None = None
) -> HttpResponse:
    context: dict[str, Any] = {"series": series, "missing": missing(series), "error": error, "nav": "outcomes"}
    context["answer_form"] = form
    status = 422 if error or form else 200
    try:
        facts = load(series)
    except TooMany as refusal:
        return render(
            request, f"{PAGES}/too_many.html", context | {"sentence": actions.too_many(refusal)}, status=status
        )
    given, found = answers(facts), findings(facts)
    still = unanswered(found, given)
    context |= {
        "is_empty": not facts.cases,
        "open_flags": still[:MOST_FOUND],
        "flags_left": len(still),
        "answered": [(flag, given[flag.key]) for flag in found if flag.key in given],
        "releases": list(SeriesRelease.objects.of(request.clinic).filter(series=series).newest_first()),
    }
    return paper_page(request, manuscript(facts), context, template=f"{PAGES}/series.html", status=status)


@requires(Can.WRITE_RECORD, look="")
@require_http_methods(["GET", "POST"])
def write(request: ClinicRequest, series_id: uuid.UUID) -> HttpResponse:
    series = _series(request, series_id)
    if request.method == "GET" and series.is_struck_out:
        return nothing_to_do(request, actions.STRUCK_OUT, back=series.get_absolute_url())
    form = SeriesForm(request.POST or None, instance=series, clinic=request.clinic)

    def act(form: SeriesForm) -> HttpResponse:
        actions.write(series, **form.change(by=request.user))
        messages.success(request, "Saved. What was there before is kept.")
        return redirect(series)

    context = {"heading": "Write on the case series", "save_label": "Save", "cancel_url": series.get_absolute_url()}
    return form_page(request, f"{PAGES}/edit.html", form, act, context | {"nav": "outcomes"})


@requires(Can.WRITE_RECORD, look="")
@require_http_methods(["GET", "POST"])
def strike_out(request: ClinicRequest, series_id: uuid.UUID) -> HttpResponse:
    """Ask why it is wrong, then mark it as entered in error."""
    series = _series(request, series_id)
    if request.method != "POST" and series.is_struck_out:
        return nothing_to_do(request, actions.STRUCK_OUT, back=series.get_absolute_url())

    def act(values: dict[str, Any]) -> HttpResponse:
        actions.strike_out(series, reason=values["reason"], expected_version=values["version"], by=request.user)
        messages.success(request, "Struck out as entered in error. It can still be read; nothing leaves from it.")
        return redirect(series)

    form = StrikeOutForm(request.POST or None, initial={"version": series.version})
    context = {
        "heading": "Strike out as entered in error",
        "lede": series.title,
        "depending": "Files that left already stay on record.",
        "cancel_url": series.get_absolute_url(),
        "nav": "outcomes",
    }
    return step_page(
        request,
        "treatments/records/strike_out.html",
        form,
        act,
        context,
        conflict="Somebody else changed this series while you were on this page. Read it again, then decide.",
        is_shown_anew=False,
    )


@requires(Can.EXPORT, look="")
@require_POST
def answer(request: ClinicRequest, series_id: uuid.UUID) -> HttpResponse:
    """Keep why a passage stays that might tell who somebody is; one that is not there any more needs no answer."""
    series = _series(request, series_id)
    form = AnswerForm(request.POST)
    if series.is_struck_out:
        return _paper(request, series, error=actions.STRUCK_OUT)
    if not form.is_valid():
        return _paper(request, series, form=form)
    try:
        flag = flag_of(series, form.cleaned_data["key"])
    except TooMany as many:
        return _paper(request, series, error=actions.too_many(many))
    if flag is None:
        return _paper(request, series, error="This passage was changed while you were on this page.")
    actions.answer_flag(series, flag=flag, answer=form.cleaned_data["answer"], by=request.user)
    return redirect(f"{series.get_absolute_url()}#identify")


@requires(Can.EXPORT, look="")
@require_POST
def paper(request: ClinicRequest, series_id: uuid.UUID, paper_format: str) -> HttpResponse:
    """The paper as a PDF or for a word processor."""
    series = _series(request, series_id)
    if paper_format not in _KINDS:
        raise Http404("A paper is made as pdf or docx.")
    try:
        made = actions.export_paper(series, file_format=paper_format, by=request.user)
    except ValidationError as refusal:
        return _paper(request, series, error=" ".join(refusal.messages))
    return file_answer(made, f"case-series.{paper_format}", _KINDS[paper_format])


@requires(Can.EXPORT, look="")
@require_http_methods(["GET", "POST"])
def rows(request: ClinicRequest, series_id: uuid.UUID) -> HttpResponse:
    """What would be in a file of rows, and the file."""
    series = _series(request, series_id)
    error = ""
    if request.method == "POST":
        file_format = "csv" if request.POST.get("format") == "csv" else "xlsx"
        try:
            _, made = actions.export_rows(series, file_format=file_format, by=request.user)
        except ValidationError as refusal:
            error = " ".join(refusal.messages)
        else:
            name = f"cases.{research_file.ENDINGS[file_format]}"
            return file_answer(made, name, research_file.FORMATS[file_format])
    context = {
        "series": series,
        "error": error,
        "counts": actions.would_leave(series),
        "dictionary": research_file.dictionary_once(),
        "exports": list(ResearchExport.objects.of(request.clinic).filter(series=series).newest_first()),
        "nav": "outcomes",
    }
    return render(request, f"{PAGES}/rows.html", context, status=422 if error else 200)


@requires(Can.MANAGE_CLINIC, look="")
@require_http_methods(["GET", "POST"])
def key(request: ClinicRequest, research_export_id: uuid.UUID) -> HttpResponse:
    """Whose row bears a code. Each look-up is on the trail of that patient."""
    exports = ResearchExport.objects.of(request.clinic).select_related("series", "created_by")
    export = get_object_or_404(exports, pk=research_export_id)
    form, found = CodeForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            found = actions.whose(export, code=form.cleaned_data["code"], by=request.user)
        except ValidationError as refusal:
            form.add_error("code", refusal)
    context = {"export": export, "form": form, "found": found, "nav": "outcomes"}
    return render(request, f"{PAGES}/key.html", context, status=422 if form.errors else 200)


def _series(request: ClinicRequest, series_id: uuid.UUID) -> CaseSeries:
    found: CaseSeries = get_object_or_404(CaseSeries.objects.of(request.clinic), pk=series_id)
    return found
