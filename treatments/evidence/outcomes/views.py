from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from clinic.audit import looks
from clinic.operations.release import version
from clinic.staff.access import Can, ClinicRequest, may, requires
from treatments.evidence.outcomes import actions
from treatments.evidence.outcomes.choices import choices
from treatments.evidence.outcomes.cohort import Cohort
from treatments.evidence.outcomes.figures import FEWEST, figures
from treatments.evidence.outcomes.files import export
from treatments.evidence.outcomes.files.pictures import drawn_of, picture
from treatments.evidence.outcomes.files.plot import NARROW, plot
from treatments.evidence.outcomes.forms import ResponderForm
from treatments.evidence.outcomes.rows_page import PAGE_SIZE, Rows
from treatments.evidence.published.panel import beside
from treatments.records.form_view import form_page
from treatments.records.text.numbers import page_number

PAGES = "treatments/evidence/outcomes/"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@requires(Can.SEE_RECORD, look="")  # counts and figures: it shows nobody
@require_GET
def index(request: ClinicRequest) -> HttpResponse:
    """Who is missing, then what came of those who are not."""
    cohort = Cohort.read(request.clinic, request.GET)
    told = figures(cohort)
    offered = choices(request.clinic, cohort)
    drawn = [
        {
            "month": month,
            "wide": plot(month, sdc_pct=told.sdc_pct, beside=told.months),
            "narrow": plot(month, sdc_pct=told.sdc_pct, beside=told.months, width=NARROW),
        }
        for month in told.months
    ]
    context = {
        "cohort": cohort,
        "figures": told,
        "drawn": drawn,
        "pictures": drawn_of(told) if may(request.membership, Can.EXPORT) else frozenset(),
        "has_plots": any(each["wide"] for each in drawn),
        "published": beside(told.beside_published),
        "choices": offered,
        "described": offered.described(cohort),
        "nav": "outcomes",
        "tab": "outcomes",
    }
    return render(request, f"{PAGES}index.html", context)


@requires(Can.SEE_RECORD, look="viewed_list")
@require_GET
def rows(request: ClinicRequest) -> HttpResponse:
    """The courses behind one figure."""
    cohort = Cohort.read(request.clinic, request.GET)
    asked = Rows.read(cohort, request.GET.get("month", ""), request.GET.get("step", ""))
    page = Paginator(asked.found, PAGE_SIZE).get_page(page_number(request.GET.get("page")))
    looks.told(rows=len(page.object_list))
    context = {
        "asked": asked,
        "page": page,
        "cohort": cohort,
        "described": choices(request.clinic, cohort).described(cohort),
        "nav": "outcomes",
        "tab": "outcomes",
    }
    return render(request, f"{PAGES}rows.html", context)


@requires(Can.SEE_RECORD, look="")
@require_GET
def guide(request: ClinicRequest) -> HttpResponse:
    """What the figures may not be used to claim, and how they are worked out."""
    return render(request, f"{PAGES}guide.html", {"nav": "outcomes"})


def _about(request: ClinicRequest, cohort: Cohort) -> export.About:
    described = choices(request.clinic, cohort).described(cohort)
    return export.About(request.clinic.name, str(request.user), version(), described)


def _named(kind: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="outcomes-{timezone.localdate():%Y-%m-%d}.{kind}"'}


@requires(Can.EXPORT, look="")  # nobody is named in it; that it left has an event of its own
@require_GET
def as_csv(request: ClinicRequest) -> HttpResponse:
    cohort = Cohort.read(request.clinic, request.GET)
    told = figures(cohort)
    actions.note_export(cohort, kind="csv", courses=told.beginning.courses, by=request.user)
    lines = "".join(export.csv_lines(told, _about(request, cohort)))
    return HttpResponse(lines, content_type="text/csv; charset=utf-8", headers=_named("csv"))


@requires(Can.EXPORT, look="")
@require_GET
def as_workbook(request: ClinicRequest) -> HttpResponse:
    cohort = Cohort.read(request.clinic, request.GET)
    told = figures(cohort)
    actions.note_export(cohort, kind="xlsx", courses=told.beginning.courses, by=request.user)
    return HttpResponse(export.workbook(told, _about(request, cohort)), content_type=XLSX, headers=_named("xlsx"))


@requires(Can.EXPORT, look="")
@require_GET
def as_picture(request: ClinicRequest) -> HttpResponse:
    """One figure of the page as a file to print; none that would tell of fewer than five patients."""
    cohort = Cohort.read(request.clinic, request.GET)
    told = figures(cohort)
    try:
        drawing = picture(request.GET.get("figure", ""), told)
    except KeyError:
        messages.warning(request, "There is no such picture. Choose one on this page.")
        return redirect(f"{reverse('evidence:outcomes')}?{cohort.query}")
    if not drawing:
        messages.warning(request, f"There is no picture: it would be of nobody, or tell of fewer than {FEWEST}.")
        return redirect(f"{reverse('evidence:outcomes')}?{cohort.query}")
    actions.note_export(cohort, kind="svg", courses=told.beginning.courses, by=request.user)
    return HttpResponse(drawing, content_type="image/svg+xml", headers=_named("svg"))


@requires(Can.MANAGE_CLINIC, look="")
@require_http_methods(["GET", "POST"])
def responder(request: ClinicRequest) -> HttpResponse:
    """The next version of the clinic's definition of a responder."""
    form = ResponderForm(request.POST or None)

    def act(form: ResponderForm) -> HttpResponse:
        definition = form.new_record(clinic=request.clinic)
        saved = actions.define_responder(definition, passed=form.passed, by=request.user)
        messages.success(request, f"{saved} is used from now on. The version before is kept with its result.")
        return redirect("evidence:outcomes")

    context: dict[str, Any] = {
        "heading": "What the clinic calls a responder",
        "lede": "Choose it before you look at the result. A new version keeps the old one and what it gave.",
        "cancel_url": reverse("evidence:outcomes"),
        "save_label": "Use this definition",
        "nav": "outcomes",
    }
    return form_page(request, f"{PAGES}responder.html", form, act, context)
