import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.assessments import actions
from treatments.assessments.measurements.forms import MeasurementForm
from treatments.assessments.models import Assessment, Measurement
from treatments.patients.access import get_patient, get_record
from treatments.patients.models import Patient
from treatments.records.form_view import form_page, history_page, strike_out_page
from treatments.records.models import Correction

FORM = "treatments/assessments/measure.html"


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def measure(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """A further measurement: of the assessment named by ?assessment=, or on its own."""
    patient = get_patient(request, patient_id)
    visit = _visit(patient, request.GET.get("assessment", ""))
    form = MeasurementForm(
        request.POST or None, patient=patient, clinic=request.clinic, by=request.user, initial=_like_the_visit(visit)
    )

    def act(form: MeasurementForm) -> HttpResponse:
        made = form.new_record(clinic=request.clinic, patient=patient, assessment=visit)
        kept = actions.record_measurement(made, passed=form.passed, by=request.user)
        messages.success(request, f"The measurement is saved: {kept}.")
        return redirect(visit or kept)

    lede = f"Belongs to the assessment of {visit.assessed.label()}." if visit else ""
    context = _about(patient, heading="Add a measurement", lede=lede, save_label="Save measurement")
    return form_page(request, FORM, form, act, context)


def _visit(patient: Patient, assessment_id: str) -> Assessment | None:
    """The visit of this patient that stands under this id; anything else is no visit."""
    try:
        wanted = uuid.UUID(assessment_id)
    except ValueError:
        return None
    found: Assessment | None = Assessment.objects.standing().filter(patient=patient, pk=wanted).first()
    return found


def _like_the_visit(visit: Assessment | None) -> dict[str, Any]:
    if visit is None:
        return {}
    last = visit.measurements.standing().order_by("id").last()
    carried = {"site": last.site, "method": last.method, "device": last.device} if last else {}
    return {"when": visit.assessed, **carried}


@requires(Can.SEE_RECORD)
@require_GET
def measurement(request: ClinicRequest, patient_id: uuid.UUID, measurement_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Measurement, measurement_id)
    context = _about(patient, measurement=kept, corrections=Correction.objects.of_record(kept))
    return render(request, "treatments/assessments/measurement.html", context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def correct(request: ClinicRequest, patient_id: uuid.UUID, measurement_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Measurement, measurement_id)
    form = MeasurementForm(request.POST or None, patient=patient, clinic=request.clinic, by=request.user, instance=kept)

    def act(form: MeasurementForm) -> HttpResponse:
        actions.correct_measurement(
            kept,
            changes=form.values(),
            reason=form.reason,
            expected_version=form.expected_version,
            passed=form.passed,
            by=request.user,
        )
        messages.success(request, "The measurement is corrected; what stood before is kept.")
        return redirect(kept)

    context = _about(patient, heading="Correct the measurement", lede=str(kept))
    return form_page(request, FORM, form, act, context | {"cancel_url": kept.get_absolute_url()})


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def strike_out(request: ClinicRequest, patient_id: uuid.UUID, measurement_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Measurement, measurement_id)
    return strike_out_page(
        request, patient=patient, record=kept, act=actions.strike_out_measurement, back=kept.get_absolute_url()
    )


@requires(Can.SEE_RECORD)
@require_GET
def corrections(request: ClinicRequest, patient_id: uuid.UUID, measurement_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Measurement, measurement_id)
    return history_page(request, patient=patient, record=kept, back=kept.get_absolute_url())


def _about(patient: Patient, **more: Any) -> dict[str, Any]:
    return {"patient": patient, "nav": "patients", "cancel_url": patient.get_absolute_url(), **more}
