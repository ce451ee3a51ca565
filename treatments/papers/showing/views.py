import re
import uuid
from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from clinic.sign_in.cover import covering, pins
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.assessments.thresholds.clinic_thresholds import thresholds_of
from treatments.papers.photo_pair import pair_of
from treatments.patients.access import get_patient
from treatments.timeline import density, facts
from treatments.timeline.chart import data, drawing, text
from treatments.timeline.chart.types import ChartCourse
from treatments.timeline.month_photos import PhotoComparisons

_LINK = re.compile(r"<a\b[^>]*>")


@requires(Can.SEE_RECORD)
@require_GET
def show(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The chart and the pair, to be looked at together with the patient: nothing of other people, and no way into the
    record but the one that asks for a PIN, where somebody has one on this device."""
    patient = get_patient(request, patient_id, with_history=True)
    record = facts.load(patient)
    thresholds = thresholds_of(request.clinic)
    changes = density.changes(record, thresholds)
    pair, why = pair_of(patient, request.clinic)
    course = data.chart_course(record, changes, PhotoComparisons(record, thresholds), timezone.localdate())
    if course is not None and pair is None:
        # Where no consent covers the pair, the chart says that there are photos and shows none.
        course = replace(course, photos=tuple(replace(each, thumb_url="") for each in course.photos))
    asks_pin = bool(pins.people_here(request, request.clinic))
    if asks_pin:
        covering.hold(request)
    context = {
        "patient": patient,
        "chart": _drawn(course) if course else "",
        "chart_summary": text.summary(course) if course else "",
        "pair": pair,
        "why_no_pair": why,
        "captions": [(photo, pair.caption(photo)) for photo in pair.pair] if pair else [],
        "back": reverse("papers:index", args=[patient.pk]),
        "asks_pin": asks_pin,
    }
    return render(request, "treatments/papers/showing/show.html", context)


def _drawn(course: ChartCourse) -> str:
    """The drawing with nothing in it that could be pressed."""
    drawn = drawing.draw_all(course)
    # The drawing escapes every text it is given.
    return mark_safe(_LINK.sub("<g>", str(drawn)).replace("</a>", "</g>"))  # noqa: S308
