import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.assessments import actions, previous_visits
from treatments.assessments.models import Assessment
from treatments.assessments.scales.catalogue import change_label, compare, scale, stage
from treatments.assessments.vocabulary import PULL_TEST_METHOD, SUN_RESPONSE
from treatments.examination.forms import AssessmentForm
from treatments.patients.access import get_patient, get_record
from treatments.patients.models import Patient
from treatments.records.form_view import form_page, history_page, strike_out_page
from treatments.records.models import Correction, PassedWarning

FORM = "treatments/examination/record.html"


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def record(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The grading visit on one page, saved in one action with the measurement made at it."""
    patient = get_patient(request, patient_id)
    form = AssessmentForm(request.POST or None, patient=patient, clinic=request.clinic, by=request.user)

    def act(form: AssessmentForm) -> HttpResponse:
        assessment = form.new_record(clinic=request.clinic, patient=patient, course=form.course)
        made = form.measurement_made
        kept = actions.record_assessment(
            assessment, measurement=made.made_at(assessment) if made else None, passed=form.passed, by=request.user
        )
        messages.success(request, f"The assessment is saved: {kept.stage_text or 'not graded this time'}.")
        return redirect(kept)

    context = _about(patient, heading="Assess", save_label="Save assessment", **_known(form))
    return form_page(request, FORM, form, act, context)


def _known(form: AssessmentForm) -> dict[str, Any]:
    """What the page says beside its questions; last time's stage it reads from the form, once the day is known."""
    return {
        "pull_test_method": PULL_TEST_METHOD,
        "sun_response": SUN_RESPONSE,
        "last_skin": previous_visits.last_with(form.patient, "fitzpatrick"),
        "last_diagnosis": previous_visits.last_with(form.patient, "diagnosis"),
        "is_first": not form.patient.assessments.standing().exclude(pk=form.instance.pk).exists(),
    }


@requires(Can.SEE_RECORD)
@require_GET
def detail(request: ClinicRequest, patient_id: uuid.UUID, assessment_id: uuid.UUID) -> HttpResponse:
    """Everything of one visit, its stage beside the one before, its measurements and its corrections."""
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Assessment, assessment_id)
    before = previous_visits.graded_around(patient, kept.assessed_on, leaving_out=kept.pk).before
    context = _about(
        patient,
        assessment=kept,
        stage=stage(kept.scale, kept.stage) if kept.stage else None,
        scale=scale(kept.scale) if kept.scale else None,
        before=before,
        change=change_label(compare(previous_visits.grading(before), previous_visits.grading(kept)))
        if before and kept.stage
        else "",
        measurements=kept.measurements.select_related("operator", "struck_out_by").order_by("id"),
        corrections=Correction.objects.of_record(kept),
        passed_warnings=PassedWarning.objects.filter(record_id=kept.pk).select_related("by").order_by("at"),
    )
    return render(request, "treatments/examination/detail.html", context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def correct(request: ClinicRequest, patient_id: uuid.UUID, assessment_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Assessment, assessment_id)
    form = AssessmentForm(request.POST or None, patient=patient, clinic=request.clinic, by=request.user, instance=kept)

    def act(form: AssessmentForm) -> HttpResponse:
        actions.correct_assessment(
            kept,
            changes=form.values(),
            reason=form.reason,
            expected_version=form.expected_version,
            passed=form.passed,
            by=request.user,
        )
        messages.success(request, "The assessment is corrected; what stood before is kept.")
        return redirect(kept)

    heading = f"Correct the assessment of {kept.assessed.label()}"
    context = _about(patient, heading=heading, **_known(form)) | {"cancel_url": kept.get_absolute_url()}
    return form_page(request, FORM, form, act, context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def strike_out(request: ClinicRequest, patient_id: uuid.UUID, assessment_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Assessment, assessment_id)
    return strike_out_page(
        request, patient=patient, record=kept, act=actions.strike_out_assessment, back=kept.get_absolute_url()
    )


@requires(Can.SEE_RECORD)
@require_GET
def corrections(request: ClinicRequest, patient_id: uuid.UUID, assessment_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Assessment, assessment_id)
    return history_page(request, patient=patient, record=kept, back=kept.get_absolute_url())


def _about(patient: Patient, **more: Any) -> dict[str, Any]:
    return {"patient": patient, "nav": "patients", "cancel_url": patient.get_absolute_url(), **more}
