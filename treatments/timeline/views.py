import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from clinic.audit import log
from clinic.staff.access import Can, ClinicRequest, may, requires
from treatments.patients.models import Patient
from treatments.timeline import density, entries, facts
from treatments.timeline.chart import data as charting
from treatments.timeline.chart import drawing, table, text
from treatments.timeline.header import age_text, header
from treatments.timeline.month_photos import Pictures
from treatments.timeline.today import agenda, summary


@requires(Can.SEE_RECORD)
@require_GET
def patient(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The whole course on one page: the header's answers, the chart, and month by month what was recorded."""
    person = get_object_or_404(Patient.objects.of(request.clinic).select_related("history"), pk=patient_id)
    log.record("viewed", by=request.user, clinic=request.clinic, target=person, detail={"page": "timeline"})
    today = timezone.localdate()
    record = facts.load(person)
    thresholds = density.thresholds_of(request.clinic)
    changes = density.changes(record.standing_measurements, record.course, thresholds)
    pictures = Pictures(record, thresholds)
    every = entries.all_entries(record, changes)
    show = request.GET.get("show", "")
    found = entries.months(record, entries.filtered(every, show), pictures if show in {"", "photos"} else None)
    number = request.GET.get("page", "1")
    shown, page, last_page = entries.page_of(found, int(number) if number.isdigit() else 1)
    course_chart = charting.chart_course(record, changes, pictures, today)
    context = {
        "patient": person,
        "patient_age": age_text(person, today),
        "facts": record,
        "header": header(record, changes, today),
        "tabs": _tabs(record, every, show),
        "show": show if show in entries.FILTERS else "",
        "months": shown,
        "page": page,
        "last_page": last_page,
        "nav": "patients",
    }
    if course_chart is not None:
        # The drawing escapes every text it is given.
        context["chart"] = mark_safe(drawing.draw_all(course_chart))  # noqa: S308
        context["chart_rows"] = table.rows(course_chart)
        context["chart_summary"] = text.summary(course_chart)
    return render(request, "treatments/timeline/patient.html", context)


def _tabs(record: facts.Facts, every: list[entries.Entry], show: str) -> list[dict[str, object]]:
    tabs: list[dict[str, object]] = [{"code": "", "label": "Everything", "count": "", "is_current": not show}]
    for code, (words, _) in entries.FILTERS.items():
        if code == "photos":
            count = len(record.standing_photos)
        else:
            count = len(entries.filtered(every, code))
        tabs.append({"code": code, "label": words, "count": count, "is_current": show == code})
    return tabs


@requires(Can.SEE_PEOPLE)
@require_GET
def today(request: ClinicRequest) -> HttpResponse:
    """The day: due, overdue, unfinished, harm still open, lots near expiry. Reception sees names and dates."""
    clinical = may(request.membership, Can.SEE_RECORD)
    day = timezone.localdate()
    found = agenda(request.clinic, day, clinical=clinical)
    context = {"agenda": found, "summary": summary(found), "day": day, "nav": "today"}
    return render(request, "treatments/timeline/today.html", context)
