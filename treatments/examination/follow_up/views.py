import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.assessments.models import Assessment
from treatments.examination.actions import correct_assessment
from treatments.examination.follow_up.actions import record_follow_up
from treatments.examination.follow_up.forms import FollowUpVisitForm
from treatments.patients.access import get_patient, get_record, page_context
from treatments.records.form_view import form_page
from treatments.records.vocabulary import Asked

FORM = "treatments/examination/follow_up.html"


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def record(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """A visit without needle and without grading, on one screen."""
    patient = get_patient(request, patient_id)
    form = FollowUpVisitForm(request.POST or None, patient=patient, clinic=request.clinic, by=request.user)

    def act(form: FollowUpVisitForm) -> HttpResponse:
        new = form.new_record(clinic=request.clinic, patient=patient)
        visit = record_follow_up(new, looks=form.looks(new), passed=form.passed, by=request.user)
        if visit.since_last == Asked.YES:
            messages.success(request, "The follow-up is saved. Now report what happened since last time.")
            return redirect("safety:report", patient.pk)
        messages.success(request, "The follow-up is saved.")
        return redirect(f"{patient.get_absolute_url()}#r-{visit.pk}")

    context = page_context(patient, heading="Follow-up", save_label="Save follow-up")
    return form_page(request, FORM, form, act, context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def correct(request: ClinicRequest, patient_id: uuid.UUID, assessment_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    visit = get_record(patient, Assessment, assessment_id)
    if not visit.is_follow_up:
        return redirect("examination:correct", patient.pk, visit.pk)
    form = FollowUpVisitForm(
        request.POST or None, patient=patient, clinic=request.clinic, by=request.user, instance=visit
    )

    def act(form: FollowUpVisitForm) -> HttpResponse:
        correct_assessment(visit, **form.correction(by=request.user))
        messages.success(request, "The follow-up is corrected. The old entry is kept.")
        return redirect(visit)

    context = page_context(patient, heading=f"Correct the follow-up of {visit.assessed.label()}")
    return form_page(request, FORM, form, act, context | {"cancel_url": visit.get_absolute_url()})
