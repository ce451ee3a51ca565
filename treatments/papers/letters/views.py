import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.audit import log
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.appointments.desk import ahead_of
from treatments.assessments.thresholds.clinic_thresholds import thresholds_of
from treatments.handouts import actions
from treatments.handouts.models import Letter
from treatments.papers.letters import draft_text
from treatments.papers.letters.forms import LetterForm, SignForm
from treatments.papers.letters.letter import document_of
from treatments.papers.paper_page import paper_page, pdf_answer
from treatments.papers.products_given import with_products
from treatments.patients.access import get_patient, get_record, page_context
from treatments.patients.models import Patient
from treatments.patients.record_views import record_views
from treatments.records.actions import Conflict
from treatments.records.form_view import form_page, nothing_to_do
from treatments.timeline import density, facts

strike_out, corrections = record_views(Letter, can=Can.EXPORT, see=Can.EXPORT)


@requires(Can.EXPORT)
@require_http_methods(["GET", "POST"])
def add(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """A letter, filled in from the record, for the clinician to change."""
    patient = get_patient(request, patient_id, with_history=True)
    form = LetterForm(request.POST or None, initial={} if request.method == "POST" else _draft(request, patient))

    def act(form: LetterForm) -> HttpResponse:
        new = form.new_record(clinic=request.clinic, patient=patient)
        letter = actions.draft_letter(new, passed=form.passed, by=request.user)
        messages.success(request, "The draft is saved. Read it as it will look, then sign it.")
        return redirect(letter)

    return form_page(request, "treatments/papers/letters/edit.html", form, act, _context(patient, "Write a letter"))


@requires(Can.EXPORT)
@require_GET
def letter(request: ClinicRequest, patient_id: uuid.UUID, letter_id: uuid.UUID) -> HttpResponse:
    """The letter as it will look, or as it was signed."""
    patient = get_patient(request, patient_id)
    return _letter_page(request, patient, get_record(patient, Letter, letter_id))


def _letter_page(
    request: ClinicRequest, patient: Patient, letter: Letter, *, form: SignForm | None = None, error: str = ""
) -> HttpResponse:
    first = {"version": letter.version, "signed_as": request.user.name}
    context = page_context(patient, letter=letter, error=error, form=form or SignForm(initial=first))
    status = 422 if form is not None else 409 if error else 200
    return paper_page(
        request, document_of(letter), context, template="treatments/papers/letters/letter.html", status=status
    )


@requires(Can.EXPORT)
@require_http_methods(["GET", "POST"])
def edit(request: ClinicRequest, patient_id: uuid.UUID, letter_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    letter = get_record(patient, Letter, letter_id)
    if request.method == "GET" and letter.is_signed:
        return nothing_to_do(request, actions.SIGNED, back=letter.get_absolute_url())
    form = LetterForm(request.POST or None, instance=letter)

    def act(form: LetterForm) -> HttpResponse:
        actions.change_letter(letter, **form.change(by=request.user))
        messages.success(request, "The draft is changed. What it said before is kept.")
        return redirect(letter)

    context = _context(patient, f"Change the {str(letter)[:1].lower()}{str(letter)[1:]}", cancel=letter)
    return form_page(request, "treatments/papers/letters/edit.html", form, act, context)


@requires(Can.EXPORT)
@require_POST
def sign(request: ClinicRequest, patient_id: uuid.UUID, letter_id: uuid.UUID) -> HttpResponse:
    """Sign the version that was on the page. Where it is another one by now, that is shown first."""
    patient = get_patient(request, patient_id)
    letter = get_record(patient, Letter, letter_id)
    form = SignForm(request.POST)
    if letter.is_struck_out or not form.is_valid():
        return _letter_page(request, patient, letter, form=form)
    told = form.cleaned_data
    try:
        actions.sign_letter(letter, signed_as=told["signed_as"], expected_version=told["version"], by=request.user)
    except Conflict as refusal:
        current: Any = refusal.current
        current.patient = patient
        sentence = "Somebody changed this letter while you were on this page. Read it again, then sign it."
        return _letter_page(request, patient, current, error=sentence)
    except ValidationError as refusal:
        return _letter_page(request, patient, get_record(patient, Letter, letter.pk), error=" ".join(refusal.messages))
    messages.success(request, "The letter is signed. It is not changed any more.")
    return redirect(letter)


@requires(Can.EXPORT)
@require_POST
def pdf(request: ClinicRequest, patient_id: uuid.UUID, letter_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    letter = get_record(patient, Letter, letter_id)
    log.record(
        "downloaded_paper", by=request.user, clinic=request.clinic, target=letter, detail={"page": "papers:letter"}
    )
    return pdf_answer(document_of(letter), f"letter-{letter.dated:%Y-%m-%d}")


def _draft(request: ClinicRequest, patient: Patient) -> dict[str, Any]:
    record = facts.load(patient)
    with_products(record.standing_sessions)
    changes = density.changes(record, thresholds_of(request.clinic))
    today, booked = timezone.localdate(), ahead_of(patient).first()
    return {"subject": draft_text.subject(record), "body": draft_text.body(record, changes, today, booked)}


def _context(patient: Patient, heading: str, *, cancel: Letter | None = None) -> dict[str, Any]:
    back = cancel.get_absolute_url() if cancel else reverse("papers:index", args=[patient.pk])
    return page_context(patient, heading=heading, cancel_url=back, save_label="Save draft")
