import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.staff.access import Can, ClinicRequest, may, requires
from treatments.patients import actions
from treatments.patients.access import get_patient, get_record
from treatments.patients.models import HairHistory, Patient, Therapy
from treatments.records.actions import strike_out
from treatments.records.form_view import form_page, history_page, strike_out_page
from treatments.records.vocabulary import Asked
from treatments.registry.actions import archive_patient
from treatments.registry.actions import restore_patient
from treatments.registry.forms import HistoryForm, PatientForm, ReasonForm, TherapyForm
from treatments.registry.patient_list import Filters, first_matches, page_of, portraits

FOUND_AT_MOST = 8


@requires(Can.SEE_PEOPLE)
@require_GET
def index(request: ClinicRequest) -> HttpResponse:
    filters = Filters.read(request.GET, clinical=may(request.membership, Can.SEE_RECORD))
    where = {name: request.GET.get(name, "") for name in ("after", "before")}
    page = page_of(request.clinic, filters, **where)
    context = {"page": page, "filters": filters, "nav": "patients"}
    return render(request, "treatments/registry/index.html", context)


@requires(Can.SEE_PEOPLE)
@require_GET
def find(request: ClinicRequest) -> JsonResponse:
    """The first patients that match, for the search box: {"people": [{"url", "name", "number", …}]}."""
    text = request.GET.get("q", "")[:80]
    people = first_matches(request.clinic, text, FOUND_AT_MOST)
    sees_record = may(request.membership, Can.SEE_RECORD)
    faces = portraits(people) if sees_record else {}
    told = [
        {
            "url": _home(request, patient),
            "name": patient.name,
            "number": patient.record_number,
            "born": str(patient.birth.earliest.year) if patient.birth else "",
            "phone": patient.phone,
            "portrait": faces.get(patient.pk, ""),
        }
        for patient in people
    ]
    return JsonResponse({"people": told})


@requires(Can.REGISTER)
@require_http_methods(["GET", "POST"])
def register(request: ClinicRequest) -> HttpResponse:
    number = actions.next_record_number(request.clinic)
    form = PatientForm(request.POST or None, clinic=request.clinic, initial={"record_number": number})

    def act(form: PatientForm) -> HttpResponse:
        patient = actions.register_patient(form.new_record(clinic=request.clinic), passed=form.passed, by=request.user)
        messages.success(request, f"{patient.name} is registered as {patient.record_number}.")
        return redirect(_home(request, patient))

    context = {"heading": "Register a patient", "save_label": "Register", "nav": "patients"}
    return form_page(request, "treatments/form.html", form, act, context)


@requires(Can.REGISTER)
@require_http_methods(["GET", "POST"])
def details(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    form = PatientForm(request.POST or None, clinic=request.clinic, instance=patient)

    def act(form: PatientForm) -> HttpResponse:
        actions.correct_details(
            patient,
            changes=form.values(),
            reason=form.reason,
            expected_version=form.expected_version,
            passed=form.passed,
            by=request.user,
        )
        messages.success(request, "The details are corrected; the old ones are kept.")
        return redirect("patients:contact", patient.pk)

    context = _about(patient, heading="Correct the details", cancel_url=reverse("patients:contact", args=[patient.pk]))
    return form_page(request, "treatments/form.html", form, act, context)


@requires(Can.SEE_PEOPLE)
@require_GET
def contact(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """What everyone at the clinic may see of a patient: who it is, how to reach them, when they are due."""
    patient = get_patient(request, patient_id)
    return render(request, "treatments/registry/contact.html", _about(patient))


@requires(Can.SEE_RECORD)
@require_GET
def corrections(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    return history_page(request, patient=patient, record=patient, back=patient.get_absolute_url())


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def archive(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        archive_patient(patient, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, f"{patient.name} is archived, and no longer on Today or in the search.")
        return redirect("patients:index")
    status = 422 if request.method == "POST" else 200
    return render(request, "treatments/registry/archive.html", _about(patient, form=form), status=status)


@requires(Can.WRITE_RECORD)
@require_POST
def restore(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    restore_patient(patient, by=request.user)
    messages.success(request, f"{patient.name} is back among the patients.")
    return redirect(patient)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def history(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The hair-loss history: recorded once, corrected from then on."""
    patient = get_patient(request, patient_id)
    kept = HairHistory.objects.filter(patient=patient).first()
    if kept is not None and str(kept.pk) == request.POST.get("id"):
        kept = None  # the form that recorded it comes a second time, after a double click or a lost answer
    form = HistoryForm(request.POST or None, patient=patient, instance=kept)

    def act(form: HistoryForm) -> HttpResponse:
        told: dict[str, Any] = {"passed": form.passed, "by": request.user}
        if kept is None:
            history = actions.record_history(form.new_record(clinic=request.clinic, patient=patient), **told)
            if history.earlier_treatment == Asked.YES and not patient.therapies.standing().exists():
                messages.success(request, "The history is saved. Now name the first treatment.")
                return redirect("patients:therapy-add", patient.pk)
        else:
            actions.correct_history(
                kept, changes=form.values(), reason=form.reason, expected_version=form.expected_version, **told
            )
        messages.success(request, "The history is saved.")
        return redirect(patient)

    return form_page(request, "treatments/form.html", form, act, _about(patient, heading="Hair-loss history"))


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def therapy_add(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    form = TherapyForm(request.POST or None, patient=patient)

    def act(form: TherapyForm) -> HttpResponse:
        therapy = form.new_record(clinic=request.clinic, patient=patient)
        actions.record_therapy(therapy, passed=form.passed, by=request.user)
        messages.success(request, "The treatment is added.")
        return redirect(patient)

    heading = "Add another treatment, earlier or at the same time"
    return form_page(request, "treatments/form.html", form, act, _about(patient, heading=heading))


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def therapy(request: ClinicRequest, patient_id: uuid.UUID, therapy_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Therapy, therapy_id)
    form = TherapyForm(request.POST or None, patient=patient, instance=kept)

    def act(form: TherapyForm) -> HttpResponse:
        actions.correct_therapy(
            kept,
            changes=form.values(),
            reason=form.reason,
            expected_version=form.expected_version,
            passed=form.passed,
            by=request.user,
        )
        messages.success(request, "The treatment is corrected.")
        return redirect(patient)

    return form_page(request, "treatments/form.html", form, act, _about(patient, heading=f"Correct: {kept}"))


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def therapy_strike_out(request: ClinicRequest, patient_id: uuid.UUID, therapy_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Therapy, therapy_id)
    return strike_out_page(request, patient=patient, record=kept, act=strike_out, back=patient.get_absolute_url())


def _home(request: ClinicRequest, patient: Patient) -> str:
    """The page of this patient that this person may open."""
    sees_record = may(request.membership, Can.SEE_RECORD)
    return patient.get_absolute_url() if sees_record else reverse("patients:contact", args=[patient.pk])


def _about(patient: Patient, **more: Any) -> dict[str, Any]:
    return {"patient": patient, "nav": "patients", "cancel_url": patient.get_absolute_url(), **more}
