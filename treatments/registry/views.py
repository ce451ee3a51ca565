import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.audit import looks
from clinic.staff.access import Can, ClinicRequest, may, requires
from treatments.appointments import desk
from treatments.patients import actions
from treatments.patients.access import get_patient, get_record, page_context
from treatments.patients.history_topics import answers
from treatments.patients.models import HairHistory, Patient, Therapy
from treatments.patients.record_views import record_views
from treatments.patients.therapies import is_among_medicines
from treatments.patients.vocabulary import IN_SHORT
from treatments.records.actions import correct, update
from treatments.records.form_view import form_page, history_page, nothing_to_do, step_page
from treatments.records.models import Correction
from treatments.records.past_values import former_values, since_when
from treatments.records.vocabulary import Asked
from treatments.registry.actions import (
    archive_patient,
    correct_details,
    correct_therapy,
    record_therapy,
    restore_patient,
    strike_out_therapy,
    update_details,
    update_therapy,
)
from treatments.registry.forms import ArchiveForm, HistoryAgainForm, HistoryForm, PatientForm, TherapyForm
from treatments.registry.patient_list import Filters, first_matches, page_of, portraits

MAX_MATCHES = 8

therapy_strike_out, _ = record_views(
    Therapy, act=strike_out_therapy, back=lambda therapy: reverse("timeline:patient", args=[therapy.patient_id])
)


@requires(Can.SEE_PEOPLE, look="viewed_list")
@require_GET
def index(request: ClinicRequest) -> HttpResponse:
    filters = Filters.read(request.GET, clinical=may(request.membership, Can.SEE_RECORD))
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    page = page_of(request.clinic, filters, after=after, before=before)
    if filters.text:
        looks.told("searched", letters=len(filters.text), hits=len(page.rows))
    else:
        looks.told(rows=len(page.rows))
    context = {"page": page, "filters": filters, "today": timezone.localdate(), "nav": "patients"}
    return render(request, "treatments/registry/index.html", context)


@requires(Can.SEE_PEOPLE, look="searched")
@require_GET
def find(request: ClinicRequest) -> JsonResponse:
    """The first patients that match, for the search box: {"people": [{"url", "name", "number", …}]}."""
    text = request.GET.get("q", "")[:80]
    patients = first_matches(request.clinic, text, MAX_MATCHES)
    looks.told(letters=len(text), hits=len(patients))
    sees_record = may(request.membership, Can.SEE_RECORD)
    faces = portraits(patients) if sees_record else {}
    people = [
        {
            "url": _home(request, patient),
            "name": patient.name,
            "number": patient.record_number,
            "born": str(patient.birth.earliest.year) if patient.birth else "",
            "phone": patient.phone,
            "portrait": faces.get(patient.pk, ""),
        }
        for patient in patients
    ]
    return JsonResponse({"people": people})


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
    return _page_with_doubles(request, form, act, context)


def _page_with_doubles(
    request: ClinicRequest, form: PatientForm, act: Callable[[PatientForm], HttpResponse], context: dict[str, Any]
) -> HttpResponse:
    """A form of a patient with those who are likely the same person, in sight, with picture, age and number."""
    if request.method == "POST" and (form.is_valid() or form.likely_doubles):
        patients = [each.patient for each in form.likely_doubles]
        looks.told(hits=len(patients))
        faces = portraits(patients) if may(request.membership, Can.SEE_RECORD) else {}
        context["doubles"] = [
            {"patient": each, "portrait": faces.get(each.pk, ""), "age": _age(each), "url": _home(request, each)}
            for each in patients
        ]
    return form_page(request, "treatments/registry/person.html", form, act, context)


def _age(patient: Patient) -> str:
    age = patient.age(timezone.localdate())
    return "" if age is None else f"{'about ' if age[1] else ''}{age[0]}"


@requires(Can.REGISTER)
@require_http_methods(["GET", "POST"])
def details(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    form = PatientForm(request.POST or None, clinic=request.clinic, instance=patient)

    def act(form: PatientForm) -> HttpResponse:
        if form.is_update:
            update_details(patient, **form.update(by=request.user))
            messages.success(request, "The new details are saved. The old ones are kept, and still find the patient.")
        else:
            correct_details(patient, **form.correction(by=request.user))
            messages.success(request, "The details are corrected. The old ones are kept.")
        return redirect("patients:contact", patient.pk)

    back = reverse("patients:contact", args=[patient.pk])
    context = page_context(patient, heading="Change the details", cancel_url=back)
    return _page_with_doubles(request, form, act, context)


@requires(Can.SEE_PEOPLE)
@require_GET
def contact(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """What everyone at the clinic may see of a patient: who it is, how to reach them, when they are due."""
    patient = get_patient(request, patient_id)
    updates = Correction.objects.of_record(patient).updates()
    context = {"former": former_values(updates), "since": since_when(updates)}
    return render(request, "treatments/registry/contact.html", page_context(patient, **context))


@requires(Can.SEE_RECORD)
@require_GET
def corrections(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    return history_page(request, patient=patient, record=patient, back=patient.get_absolute_url())


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def archive(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)

    def act(values: dict[str, Any]) -> HttpResponse:
        archive_patient(patient, **values, by=request.user)
        messages.success(
            request,
            (f"{patient.name} is archived. The list of patients and the search do not show the patient any more."),
        )
        return redirect("patients:index")

    if request.method == "GET" and patient.archived_at is not None:
        return nothing_to_do(request, "This patient is archived already.", back=patient.get_absolute_url())
    lede = (
        "Nothing is deleted. The patient is no longer in the list of patients, in the search or among those who are "
        "due. Adverse events that are not resolved stay on Today. Press Bring back on the patient’s page to undo "
        "this."
    )
    context = page_context(patient, heading="Archive this patient", lede=lede, save_label="Archive")
    context["booked"] = list(desk.ahead_of(patient))
    return step_page(request, "treatments/registry/archive.html", ArchiveForm(request.POST or None), act, context)


@requires(Can.WRITE_RECORD)
@require_POST
def restore(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    restore_patient(patient, by=request.user)
    messages.success(request, f"{patient.name} is in the list of patients again.")
    return redirect(patient)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def history(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The hair-loss history: recorded once, corrected from then on."""
    patient = get_patient(request, patient_id)
    recorded = HairHistory.objects.filter(patient=patient).first()
    if recorded is not None and str(recorded.pk) == request.POST.get("id"):
        recorded = None  # the form that recorded it comes a second time, after a double click or a lost answer
    form = HistoryForm(request.POST or None, patient=patient, instance=recorded)

    def act(form: HistoryForm) -> HttpResponse:
        new_treatment = False
        if recorded is not None and form.is_update:
            update(recorded, **form.update(by=request.user))
        elif recorded is not None:
            correct(recorded, **form.correction(by=request.user))
        else:
            new = form.new_record(clinic=request.clinic, patient=patient)
            history = actions.record_history(new, passed=form.passed, by=request.user)
            new_treatment = history.earlier_treatment == Asked.YES and not patient.therapies.standing().exists()
        if new_treatment:
            messages.success(request, "The history is saved. Now write the first treatment.")
            return redirect("patients:therapy-add", patient.pk)
        messages.success(request, "The history is saved.")
        return redirect(patient)

    context = page_context(patient, heading="Hair-loss history")
    if recorded is not None:
        context["answers"] = answers(recorded, _updates_of(recorded))
    return form_page(request, "treatments/registry/history.html", form, act, context)


def _updates_of(history: HairHistory) -> list[Correction]:
    return list(Correction.objects.of_record(history).updates())


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def history_again(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The history taken again at a later visit: what is as before, and what has changed since."""
    patient = get_patient(request, patient_id)
    recorded = HairHistory.objects.filter(patient=patient).first()
    if recorded is None:
        return redirect("patients:history", patient.pk)
    form = HistoryAgainForm(request.POST or None, patient=patient, instance=recorded, updates=_updates_of(recorded))

    def act(form: HistoryAgainForm) -> HttpResponse:
        actions.take_history_again(recorded, **form.retake(by=request.user))
        messages.success(request, "The history is saved as taken again. What was true before is kept.")
        return redirect(patient)

    lede = "The last answers are filled in. Change what is different now, and tick what you asked and is as before."
    context = page_context(patient, heading="Take the history again", lede=lede)
    return form_page(request, "treatments/form.html", form, act, context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def therapy_add(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    form = TherapyForm(request.POST or None, patient=patient)

    def act(form: TherapyForm) -> HttpResponse:
        therapy = form.new_record(clinic=request.clinic, patient=patient)
        record_therapy(therapy, passed=form.passed, by=request.user)
        messages.success(request, "The treatment is added.")
        _tell_of_medicines(request, therapy)
        return redirect(patient)

    context = page_context(patient, heading="Add another treatment, earlier or at the same time")
    return form_page(request, "treatments/form.html", form, act, context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def therapy(request: ClinicRequest, patient_id: uuid.UUID, therapy_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    therapy = get_record(patient, Therapy, therapy_id)
    form = TherapyForm(request.POST or None, patient=patient, instance=therapy)

    def act(form: TherapyForm) -> HttpResponse:
        if form.is_update:
            update_therapy(therapy, **form.update(by=request.user))
            messages.success(request, "The change is saved. What was taken before is kept beside it.")
        else:
            correct_therapy(therapy, **form.correction(by=request.user))
            messages.success(request, "The treatment is corrected.")
        _tell_of_medicines(request, get_record(patient, Therapy, therapy.pk))
        return redirect(patient)

    context = page_context(patient, heading=f"Change: {therapy}")
    return form_page(request, "treatments/form.html", form, act, context)


def _tell_of_medicines(request: ClinicRequest, therapy: Therapy) -> None:
    """What was stopped may stand in the history as a medicine still, and would be read there before every session."""
    if therapy.is_ongoing is not False and not therapy.ended:
        return
    history = HairHistory.objects.standing().filter(patient=therapy.patient_id).first()
    if history is not None and is_among_medicines(therapy, history.medicines_text):
        drug = IN_SHORT.get(therapy.kind, str(therapy))
        sentence = f"The history still names {drug} among the medicines. If it is taken no more, change it there too."
        messages.warning(request, sentence)


def _home(request: ClinicRequest, patient: Patient) -> str:
    """The page of this patient that this person may open."""
    sees_record = may(request.membership, Can.SEE_RECORD)
    return patient.get_absolute_url() if sees_record else reverse("patients:contact", args=[patient.pk])
