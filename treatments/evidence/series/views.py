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
from treatments.evidence.series import actions, research_file
from treatments.evidence.series.cases import TooMany, load
from treatments.evidence.series.forms import CodeForm, SeriesForm
from treatments.evidence.series.identifying import findings
from treatments.evidence.series.models import CaseSeries, ResearchExport
from treatments.evidence.series.paper.manuscript import manuscript, missing
from treatments.papers.paper_page import DOCX, file_answer, paper_page
from treatments.records.form_view import form_page

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


def _paper(request: ClinicRequest, series: CaseSeries, *, error: str = "") -> HttpResponse:
    context: dict[str, Any] = {"series": series, "missing": missing(series), "error": error, "nav": "outcomes"}
    status = 422 if error else 200
    try:
        facts = load(series)
    except TooMany as refusal:
        return render(
            request, f"{PAGES}/too_many.html", context | {"sentence": actions.too_many(refusal)}, status=status
        )
    found = findings(facts)
    context |= {"is_empty": not facts.cases, "findings": found[:MOST_FOUND], "more_findings": len(found) - MOST_FOUND}
    return paper_page(request, manuscript(facts), context, template=f"{PAGES}/series.html", status=status)


@requires(Can.WRITE_RECORD, look="")
@require_http_methods(["GET", "POST"])
def write(request: ClinicRequest, series_id: uuid.UUID) -> HttpResponse:
    series = _series(request, series_id)
    form = SeriesForm(request.POST or None, instance=series, clinic=request.clinic)

    def act(form: SeriesForm) -> HttpResponse:
        actions.write(series, **form.change(by=request.user))
        messages.success(request, "Saved. What was there before is kept.")
        return redirect(series)

    context = {"heading": "Write on the case series", "save_label": "Save", "cancel_url": series.get_absolute_url()}
    return form_page(request, f"{PAGES}/edit.html", form, act, context | {"nav": "outcomes"})


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
