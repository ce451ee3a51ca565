import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.assessments import previous_visits
from treatments.assessments.laboratory.values import latest_of_each, other_causes
from treatments.assessments.models import Assessment
from treatments.assessments.scales.catalogue import change_label, compare, scale, stage
from treatments.assessments.vocabulary import PULL_TEST_METHOD, SUN_RESPONSE
from treatments.examination import actions
from treatments.examination.forms import AssessmentForm
from treatments.patients.access import get_patient, get_record, page_context
from treatments.patients.record_views import record_views
from treatments.records.form_view import form_page
from treatments.records.formatting import count
from treatments.records.models import Correction, PassedWarning

FORM = "treatments/examination/record.html"


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def record(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The grading visit on one page, saved in one action with what was measured at it."""
    patient = get_patient(request, patient_id)
    form = AssessmentForm(request.POST or None, patient=patient, clinic=request.clinic, by=request.user)

    def act(form: AssessmentForm) -> HttpResponse:
        new = form.new_record(clinic=request.clinic, patient=patient)
        measurements = [row.made_at(new) for row in form.rows_made]
        assessment = actions.record_assessment(new, measurements=measurements, passed=form.passed, by=request.user)
        messages.success(request, f"The assessment is saved: {assessment.stage_text or 'not graded this time'}.")
        return redirect(assessment)

    context = page_context(patient, heading="Assess", save_label="Save assessment", **_hints(form))
    return form_page(request, FORM, form, act, context)


def _hints(form: AssessmentForm) -> dict[str, Any]:
    """What the page says beside its questions; the stage of last time depends on the day, and the form has it."""
    return {
        "pull_test_method": PULL_TEST_METHOD,
        "sun_response": SUN_RESPONSE,
        "last_skin": previous_visits.last_with(form.patient, "fitzpatrick"),
        "last_diagnosis": previous_visits.last_with(form.patient, "diagnosis"),
        "laboratory_hint": other_causes(latest_of_each(form.patient)),
    }


@requires(Can.SEE_RECORD)
@require_GET
def detail(request: ClinicRequest, patient_id: uuid.UUID, assessment_id: uuid.UUID) -> HttpResponse:
    """Everything of one visit, its stage beside the one before, its measurements and its corrections."""
    patient = get_patient(request, patient_id)
    assessment = get_record(patient, Assessment, assessment_id)
    before = previous_visits.graded_before(patient, assessment.when, pk=assessment.pk)
    context = page_context(
        patient,
        assessment=assessment,
        before=before,
        measurements=assessment.measurements.select_related("operator", "struck_out_by").order_by("id"),
        corrections=Correction.objects.of_record(assessment),
        passed_warnings=PassedWarning.objects.filter(record_id=assessment.pk).select_related("by").order_by("at"),
    )
    if assessment.stage:
        context["scale"] = scale(assessment.scale)
        context["stage"] = stage(assessment.scale, assessment.stage)
        if before:
            change = compare(previous_visits.grading(before), previous_visits.grading(assessment))
            context["change"] = change_label(change)
        context |= _since_baseline(assessment, before)
    return render(request, "treatments/examination/detail.html", context)


def _since_baseline(assessment: Assessment, before: Assessment | None) -> dict[str, Any]:
    """The baseline stage of the course and the change since, where that is not the grading before, which is named."""
    course = previous_visits.course_of(assessment)
    baseline = previous_visits.baseline_grading(
        assessment.patient, course, scale=assessment.scale, leaving_out=assessment.pk
    )
    is_later = baseline is not None and (baseline.when.earliest, baseline.pk) < (
        assessment.when.earliest,
        assessment.pk,
    )
    if baseline is None or not is_later or baseline == before:
        return {"before_is_baseline": baseline is not None and baseline == before}
    change = compare(previous_visits.grading(baseline), previous_visits.grading(assessment))
    return {"baseline": baseline, "change_since_baseline": change_label(change)}


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def correct(request: ClinicRequest, patient_id: uuid.UUID, assessment_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    assessment = get_record(patient, Assessment, assessment_id)
    if assessment.is_follow_up:
        return redirect("examination:follow-up-correct", patient.pk, assessment.pk)
    form = AssessmentForm(
        request.POST or None, patient=patient, clinic=request.clinic, by=request.user, instance=assessment
    )

    def act(form: AssessmentForm) -> HttpResponse:
        actions.correct_assessment(assessment, **form.correction(by=request.user))
        messages.success(request, "The assessment is corrected. The old entry is kept.")
        return redirect(assessment)

    heading, back = f"Correct the assessment of {assessment.assessed.label()}", assessment.get_absolute_url()
    context = page_context(patient, heading=heading, **_hints(form)) | {"cancel_url": back}
    return form_page(request, FORM, form, act, context)


def _depending(assessment: Assessment) -> str:
    measured = assessment.measurements.standing().count()
    photos = assessment.photos.standing().count()
    sentences = [f"{count(measured, 'measurement')} of this assessment will be struck out too."] if measured else []
    if photos:
        sentences.append(f"{count(photos, 'photo')} of this visit {'stays' if photos == 1 else 'stay'} in the record.")
    return " ".join(sentences)


strike_out, corrections = record_views(Assessment, act=actions.strike_out_assessment, depending=_depending)
