import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from clinic.audit import looks
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.assessments.laboratory.models import LaboratoryReport
from treatments.assessments.models import Assessment, Measurement
from treatments.courses.models import ExosomeSession
from treatments.identity.move import actions, candidates, checks
from treatments.identity.move.belongings import name_of
from treatments.identity.move.forms import MoveForm
from treatments.identity.repeats import answer_once
from treatments.patients.access import get_patient, get_record
from treatments.patients.models import Patient
from treatments.patients.moves import RecordMove
from treatments.photos.models import Photo
from treatments.records.form_view import form_page
from treatments.records.models import ClinicalRecord
from treatments.safety.models import AdverseEvent

SEARCH = "treatments/identity/find.html"
MOVE = "treatments/identity/move.html"


def move_view(model: type[ClinicalRecord]) -> Callable[..., HttpResponse]:
    """The view that finds the right patient for a record of this model, shows what would change, and moves it."""

    @requires(Can.MOVE_RECORDS)
    @require_http_methods(["GET", "POST"])
    def move(request: ClinicRequest, patient_id: uuid.UUID, **ids: uuid.UUID) -> HttpResponse:
        _, record_id = ids.popitem()

        def answer() -> HttpResponse:
            patient = get_patient(request, patient_id)
            record = get_record(patient, model, record_id)
            if record.is_struck_out:
                messages.warning(
                    request, ("This was struck out as entered in error. Enter it again in the right record.")
                )
                return redirect(record.get_absolute_url())
            to = _chosen(request, patient)
            return _move_page(request, patient, record, to) if to else _search_page(request, patient, record)

        return answer_once(request, answer, leads_to=lambda done: _there(done, model, record_id))

    return move


move_session = move_view(ExosomeSession)
move_event = move_view(AdverseEvent)
move_assessment = move_view(Assessment)
move_measurement = move_view(Measurement)
move_laboratory = move_view(LaboratoryReport)
move_photo = move_view(Photo)


def _there(move: RecordMove, model: type[ClinicalRecord], record_id: uuid.UUID) -> str:
    rows: Any = model._default_manager
    record = rows.filter(pk=record_id, patient=move.patient_id).first()
    return record.get_absolute_url() if record is not None else move.get_absolute_url()


def _chosen(request: ClinicRequest, patient: Patient) -> Patient | None:
    """The patient of ?to=, or the one whose record number was typed into the search."""
    people = Patient.objects.of(request.clinic).filter(merged_into=None).exclude(pk=patient.pk)
    try:
        return people.filter(pk=uuid.UUID(request.GET.get("to", ""))).first()
    except ValueError:
        return candidates.of_number(request.clinic, request.GET.get("who", "")[:80], but=patient)


def _search_page(request: ClinicRequest, patient: Patient, record: ClinicalRecord) -> HttpResponse:
    text = request.GET.get("who", "")[:80]
    found = candidates.find(request.clinic, text, but=patient)
    if text:
        looks.told("searched", letters=len(text), hits=len(found))
    context = {
        "patient": patient,
        "record": record,
        "heading": f"To which patient does this {name_of(record)} belong?",
        "parameter": "to",
        "who": text,
        "candidates": found,
        "cancel_url": record.get_absolute_url(),
        "nav": "patients",
    }
    return render(request, SEARCH, context)


def _move_page(request: ClinicRequest, patient: Patient, record: ClinicalRecord, to: Patient) -> HttpResponse:
    to = get_patient(request, to.pk)  # who looks at the preview looks at both records
    form = MoveForm(request.POST or None, record=record, to=to)

    def act(form: MoveForm) -> HttpResponse:
        new = form.new_record(clinic=request.clinic, patient=to, from_patient=patient)
        actions.move_record(
            new,
            record=record,
            to=form.destination(),
            expected_version=form.cleaned_data["record_version"],
            along=[group.code for group in form.taken],
            passed=form.passed,
            by=request.user,
        )
        record.refresh_from_db()
        sentence = f"The {name_of(record)} is moved to {to.record_number}."
        if isinstance(record, ExosomeSession | Assessment):
            sentence += " The due dates of both records are updated."
        messages.success(request, sentence)
        return redirect(record.get_absolute_url())

    return form_page(request, MOVE, form, act, _move_context(request, patient, record, form))


def _move_context(request: ClinicRequest, patient: Patient, record: ClinicalRecord, form: MoveForm) -> dict[str, Any]:
    here, there = candidates.with_portraits([patient, form.to])
    address = f"{request.path}?{urlencode({'to': str(form.to.pk)})}"
    plan = reverse("sessions:course-plan", args=[form.to.pk]) if form.has_no_course else ""
    context = {
        "patient": patient,
        "record": record,
        "name": name_of(record),
        "heading": f"Move this {name_of(record)} to another patient",
        "here": here,
        "there": there,
        "here_links": checks.links_lost(record),
        "exports": checks.exports_with(record, form.groups),
        "plan_url": plan,
        "another_url": request.path,
        "cancel_url": record.get_absolute_url(),
        "save_label": f"Move it to {form.to.record_number}",
        "draft_form": address,
        "nav": "patients",
    }
    if request.method == "GET":
        context |= {
            "problems": checks.problems(record, form.taken, form.to),
            "course_changes": _rehearsed(request, patient, record, form),
        }
    return context


def _rehearsed(
    request: ClinicRequest, patient: Patient, record: ClinicalRecord, form: MoveForm
) -> list[actions.CourseChange]:
    if form.has_no_course:
        return []
    trial = RecordMove(clinic=request.clinic, patient=form.to, from_patient=patient, reason="Rehearsal")
    along = [group.code for group in form.taken]
    fresh = type(record)._default_manager.get_queryset().get(pk=record.pk)
    return actions.rehearse(trial, record=fresh, to=form.destination(), along=along, by=request.user)
