import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from clinic.audit import looks
from clinic.operations.last_copy import last_copy
from clinic.staff.access import Can, ClinicRequest, may, requires
from treatments.appointments import desk
from treatments.assessments.thresholds.clinic_thresholds import thresholds_of
from treatments.patients.access import reach
from treatments.patients.actions import numbers_used_twice
from treatments.patients.models import Patient
from treatments.records.text.numbers import page_number
from treatments.timeline import calls as call_lists
from treatments.timeline import density, facts
from treatments.timeline.chart import data, drawing, table, text
from treatments.timeline.chart.types import ChartCourse
from treatments.timeline.entries import FILTERS, Entry, all_entries, filtered
from treatments.timeline.first_start import first_steps, is_begun
from treatments.timeline.header import age_text, header
from treatments.timeline.month_photos import PhotoComparisons
from treatments.timeline.months import page_of
from treatments.timeline.today import agenda, summary


@dataclass(frozen=True)
class Tab:
    """A filter of the timeline, with how many entries it leaves."""

    code: str
    label: str
    count: int | str
    is_current: bool


@requires(Can.SEE_RECORD)
@require_GET
def patient(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The whole course on one page: the header's answers, the chart, and month by month what was recorded."""
    patients = Patient.objects.of(request.clinic).select_related("history__created_by", "history__struck_out_by")
    person = get_object_or_404(facts.with_rare_rows(patients), pk=patient_id)
    reach(person)
    today = timezone.localdate()
    record = facts.load(person, asked_for=_course_asked_for(request))
    thresholds = thresholds_of(request.clinic)
    changes = density.changes(record, thresholds)
    comparisons = PhotoComparisons(record, thresholds)
    entries = all_entries(record, changes)
    show = request.GET.get("show", "")
    photos = record.standing_photos if show in {"", "photos"} else []
    context = {
        "patient": person,
        "patient_age": age_text(person, today),
        "facts": record,
        "header": header(record, changes, today),
        "tabs": _tabs(record, entries, show),
        "show": show if show in FILTERS else "",
        "of_course": f"course={record.course.pk}&" if record.course and record.course.pk == record.asked_for else "",
        "page": page_of(record, filtered(entries, show), photos, comparisons, page_number(request.GET.get("page"))),
        "booked": list(desk.ahead_of(person)),
        "nav": "patients",
        "error_source": thresholds.error_source if changes and thresholds.has_own_error else "",
        **_chart(data.chart_course(record, changes, comparisons, today)),
    }
    return render(request, "treatments/timeline/patient.html", context)


def _course_asked_for(request: ClinicRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.GET.get("course", ""))
    except ValueError:
        return None


def _chart(course: ChartCourse | None) -> dict[str, Any]:
    """The drawing, the same as a table, and its summary; nothing while there is nothing to draw."""
    if course is None:
        return {}
    return {
        # The drawing escapes every text it is given.
        "chart": mark_safe(drawing.draw_all(course)),  # noqa: S308
        "chart_rows": table.rows(course),
        "chart_summary": text.summary(course),
    }


def _tabs(record: facts.Facts, entries: list[Entry], show: str) -> list[Tab]:
    """What was struck out counts under Corrections alone."""
    standing = [entry for entry in entries if not entry.is_struck_out]
    counts = {code: len(filtered(standing, code)) for code in FILTERS}
    counts |= {"photos": len(record.standing_photos), "corrections": len(filtered(entries, "corrections"))}
    tabs = [Tab(code, label, counts[code], show == code) for code, label in FILTERS.items()]
    return [Tab("", "Everything", "", not show), *tabs]


@requires(Can.SEE_PEOPLE, look="viewed_today")
@require_GET
def today(request: ClinicRequest) -> HttpResponse:
    """The day: due, overdue, unfinished, harm still open, lots near expiry. Reception sees names and dates."""
    clinical = may(request.membership, Can.SEE_RECORD)
    day = timezone.localdate()
    day_lists = agenda(request.clinic, day, clinical=clinical)
    context = {"agenda": day_lists, "summary": summary(day_lists), "day": day, "nav": "today"}
    context["numbers_used_twice"] = numbers_used_twice(request.clinic)
    if may(request.membership, Can.MANAGE_CLINIC):
        context["copy"] = last_copy(works_since=request.membership.since)
    if day_lists.is_empty and may(request.membership, Can.MANAGE_CLINIC):
        context["begins"] = not is_begun(first_steps(request.clinic))
    return render(request, "treatments/timeline/today.html", context)


@requires(Can.SEE_PEOPLE, look="viewed_list")
@require_GET
def calls(request: ClinicRequest) -> HttpResponse:
    """One list of the desk as a whole, page by page: whom to telephone, and what came of it."""
    day = timezone.localdate()
    shown = call_lists.page_of(request.clinic, day, request.GET.get("list", ""), page_number(request.GET.get("page")))
    looks.told(rows=len(shown.rows))
    context = {"shown": shown, "page": shown.page, "lists": call_lists.LISTS, "day": day, "nav": "today"}
    return render(request, "treatments/timeline/calls.html", context)


@requires(Can.MANAGE_CLINIC)
@require_GET
def first_start(request: ClinicRequest) -> HttpResponse:
    """What an empty clinic does first; each step ticks itself off."""
    steps = first_steps(request.clinic)
    context = {
        "steps": steps,
        "next": next((step for step in steps if not step.is_done), None),
        "is_begun": is_begun(steps),
        "nav": "today",
    }
    return render(request, "treatments/timeline/first_start.html", context)
