import uuid
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.assessments import actions, previous_visits
from treatments.assessments.baseline import is_before_treatment
from treatments.assessments.measurements import density
from treatments.assessments.measurements.forms import MeasurementForm
from treatments.assessments.measurements.rows import MeasureForm
from treatments.assessments.measurements.visibility import Thresholds
from treatments.assessments.models import Assessment, Measurement
from treatments.courses.models import Course
from treatments.patients.access import get_patient, get_record, page_context
from treatments.patients.models import Patient
from treatments.patients.record_views import record_views
from treatments.patients.therapies import other_treatments
from treatments.records.form_view import form_page
from treatments.records.formatting import count, number
from treatments.records.models import Correction

FORM = "treatments/assessments/measure.html"


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def measure(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Further measurements of one day: of the assessment named by ?assessment=, or on their own."""
    patient = get_patient(request, patient_id)
    assessment = _assessment(patient, request.GET.get("assessment", ""))
    initial = _as_last_measured(patient, assessment)
    form = MeasureForm(
        request.POST or None,
        patient=patient,
        clinic=request.clinic,
        by=request.user,
        is_of_visit=assessment is not None,
        initial=initial,
    )

    def act(form: MeasureForm) -> HttpResponse:
        new = form.new_record(clinic=request.clinic, patient=patient, assessment=assessment)
        more = [row.made_on(new) for row in form.rows_made]
        measurement = actions.record_measurement(new, more=more, passed=form.passed, by=request.user)
        saved = (
            f"The measurements are saved: {count(1 + len(more), 'figure')}"
            if more
            else (f"The measurement is saved: {measurement}")
        )
        messages.success(request, f"{saved}.")
        return redirect(assessment or (patient if more else measurement))

    lede = f"Belongs to the assessment of {assessment.assessed.label()}." if assessment else ""
    course = previous_visits.course_of(assessment) if assessment else Course.objects.on(patient, timezone.localdate())
    start = previous_visits.course_start(course)
    context = page_context(
        patient,
        heading="Add measurements",
        lede=lede,
        save_label="Save measurements",
        baselines=density.baselines(previous_visits.densities(patient), start),
    )
    return form_page(request, FORM, form, act, context)


def _assessment(patient: Patient, assessment_id: str) -> Assessment | None:
    """The patient's assessment with this id, unless it was struck out; None for anything else."""
    try:
        pk = uuid.UUID(assessment_id)
    except ValueError:
        return None
    assessment: Assessment | None = patient.assessments.standing().filter(pk=pk).first()
    return assessment


# What is kept from one count of a spot to the next; whether the hair was clipped or dyed is asked each time.
_KEPT = ("site", "site_detail", "method", "device", "area_cm2", "magnification", "vellus_cutoff_um")


def _as_last_measured(patient: Patient, assessment: Assessment | None) -> dict[str, Any]:
    """The day of the assessment; and where, how and with what the last measurement was made, at it or before."""
    at_visit = assessment.measurements.standing().order_by("id").last() if assessment else None
    last = at_visit or previous_visits.last_measurement(patient)
    alike = {name: _plain(getattr(last, name)) for name in _KEPT} if last else {}
    day = {"when": assessment.when} if assessment else {}
    return {"site": previous_visits.usual_site(patient, last), **alike, **day}


def _plain(value: Any) -> Any:
    """A decimal as a person types it: 1, not 1.000."""
    return number(value) if isinstance(value, Decimal) else value


@requires(Can.SEE_RECORD)
@require_GET
def measurement(request: ClinicRequest, patient_id: uuid.UUID, measurement_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    measurement = get_record(patient, Measurement, measurement_id)
    corrections = Correction.objects.of_record(measurement)
    context = page_context(
        patient,
        measurement=measurement,
        corrections=corrections,
        **_change(measurement, Thresholds.of(request.clinic.thresholds, request.clinic.thresholds_repeats)),
    )
    return render(request, "treatments/assessments/measurement.html", context)


def _change(measurement: Measurement, thresholds: Thresholds) -> dict[str, Any]:
    """What the page says of a density: its change, or that it is itself a baseline, or that it has none."""
    if measurement.is_struck_out or measurement.kind not in {density.COUNT, density.CHANGE}:
        return {}
    patient = measurement.patient
    start = previous_visits.course_start(previous_visits.course_of(measurement))
    counts = previous_visits.densities(patient)
    change = density.change_since_baseline(measurement, counts, start, thresholds)
    return {
        "is_density": True,
        "error_source": thresholds.error_source,
        "change": change and change.with_others(other_treatments(patient), since=start.month_0),
        "is_baseline": any(each.pk == measurement.pk for each in density.baselines(counts, start)),
        "is_before_treatment": is_before_treatment(measurement, start),
    }


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def correct(request: ClinicRequest, patient_id: uuid.UUID, measurement_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    measurement = get_record(patient, Measurement, measurement_id)
    form = MeasurementForm(
        request.POST or None,
        patient=patient,
        clinic=request.clinic,
        by=request.user,
        is_of_visit=measurement.assessment_id is not None,
        instance=measurement,
    )

    def act(form: MeasurementForm) -> HttpResponse:
        actions.correct_measurement(measurement, **form.correction(by=request.user))
        messages.success(request, "The measurement is corrected. The old entry is kept.")
        return redirect(measurement)

    back = measurement.get_absolute_url()
    context = page_context(patient, heading="Correct the measurement", lede=str(measurement)) | {"cancel_url": back}
    return form_page(request, FORM, form, act, context)


strike_out, corrections = record_views(Measurement, act=actions.strike_out_measurement)
