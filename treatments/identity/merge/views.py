import uuid
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clinic.audit import looks
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.identity.merge import actions, preview
from treatments.identity.merge.contents import KINDS
from treatments.identity.merge.forms import ApartForm, MergeForm
from treatments.identity.move import candidates
from treatments.identity.repeats import answer_once
from treatments.patients.access import get_patient, page_context
from treatments.patients.models import Patient
from treatments.patients.moves import MoveKind, RecordMove
from treatments.records.form_view import form_page
from treatments.records.formatting import count, listed


@requires(Can.MANAGE_CLINIC)
@require_http_methods(["GET", "POST"])
def merge(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Two records of one person: find the other, see both side by side, merge them."""
    return answer_once(request, partial(_merge, request, patient_id), leads_to=RecordMove.get_absolute_url)


def _merge(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    other = _other(request, patient)
    if other is None:
        return _search_page(request, patient)
    other = get_patient(request, other.pk)
    form = MergeForm(request.POST or None, one=patient, other=other)

    def act(form: MergeForm) -> HttpResponse:
        survivor, shell = form.survivor, form.other
        move = form.new_record(clinic=request.clinic, patient=survivor, from_patient=shell)
        actions.merge_patients(move, by=request.user)
        messages.success(request, f"{shell.record_number} is merged into {survivor.record_number}. Nothing is lost.")
        return redirect(survivor)

    one, two = candidates.with_portraits([patient, other])
    context = page_context(
        patient,
        heading="Two records of one person",
        one=one,
        two=two,
        rows=preview.compare(patient, other),
        conflicts=preview.conflicts(patient, other),
        another_url=request.path,
        cancel_url=reverse("patients:contact", args=[patient.pk]),
        save_label="Merge the two records",
        draft_form=f"{request.path}?with={other.pk}",
    )
    return form_page(request, "treatments/identity/merge.html", form, act, context)


@requires(Can.MANAGE_CLINIC)
@require_http_methods(["GET", "POST"])
def take_apart(request: ClinicRequest, patient_id: uuid.UUID, merge_id: uuid.UUID) -> HttpResponse:
    """Undo a merge: what came goes back, what was entered since is asked for."""
    answer = partial(_take_apart, request, patient_id, merge_id)
    return answer_once(request, answer, leads_to=RecordMove.get_absolute_url)


def _take_apart(request: ClinicRequest, patient_id: uuid.UUID, merge_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    merges = RecordMove.objects.filter(kind=MoveKind.MERGE, patient=patient).select_related("patient", "from_patient")
    merged = get_object_or_404(merges, pk=merge_id)
    if merged.is_undone:
        messages.info(request, f"{merged.from_patient.record_number} was taken apart from this record already.")
        return redirect(patient)
    form = ApartForm(request.POST or None, merge=merged)

    def act(form: ApartForm) -> HttpResponse:
        move = form.new_record(clinic=request.clinic)
        chosen = [uuid.UUID(pk) for pk in form.cleaned_data.get("also", [])]
        actions.take_apart(move, merge=merged, also=chosen, by=request.user)
        messages.success(request, f"{merged.from_patient.record_number} is a separate record again.")
        return redirect(Patient.objects.of(request.clinic).get(pk=merged.from_patient_id))

    back = actions.going_back(merged)
    context = page_context(
        patient,
        heading=f"Take {merged.from_patient.record_number} apart from this record",
        back=listed([count(len(ids), KINDS[kind]) for kind, ids in back.items() if ids]),
        follows=form.follows,
        other=merged.from_patient,
        save_label="Take them apart",
    )
    return form_page(request, "treatments/identity/take_apart.html", form, act, context)


def _other(request: ClinicRequest, patient: Patient) -> Patient | None:
    people = Patient.objects.of(request.clinic).filter(merged_into=None).exclude(pk=patient.pk)
    try:
        return people.filter(pk=uuid.UUID(request.GET.get("with", ""))).first()
    except ValueError:
        return candidates.of_number(request.clinic, request.GET.get("who", "")[:80], but=patient)


def _search_page(request: ClinicRequest, patient: Patient) -> HttpResponse:
    text = request.GET.get("who", "")[:80]
    found = candidates.find(request.clinic, text, but=patient)
    if text:
        looks.told("searched", letters=len(text), hits=len(found))
    context = page_context(
        patient,
        who=text,
        parameter="with",
        heading="Which record is the same person’s?",
        candidates=found,
        cancel_url=reverse("patients:contact", args=[patient.pk]),
    )
    return render(request, "treatments/identity/find.html", context)
