import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.courses.models import ExosomeSession
from treatments.patients.access import get_patient, get_record
from treatments.patients.models import Patient
from treatments.products.models import Lot
from treatments.records.form_view import form_page, history_page, strike_out_page
from treatments.records.models import Correction, PassedWarning
from treatments.safety import actions, event_list
from treatments.safety.follow_up_forms import DecisionForm, FollowUpForm, ResolveForm
from treatments.safety.forms import EventForm
from treatments.safety.grading import grade_meaning
from treatments.safety.models import AdverseEvent, FollowUp
from treatments.safety.suspected_sessions import Suspect, days_to_report, left_to_do, suspects
from treatments.safety.vocabulary import LocalAction, Seriousness, facts

PAGE_SIZE = 50


@requires(Can.SEE_RECORD)
@require_GET
def index(request: ClinicRequest) -> HttpResponse:
    """The register: open events, serious first, and how many events there are in how many sessions."""
    filters = event_list.Filters.read(request.GET)
    page = Paginator(event_list.listed(request.clinic, filters), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [{"event": event, "to_do": left_to_do(event), "days": days_to_report(event)} for event in page.object_list]
    context = {
        "page": page,
        "rows": rows,
        "filters": filters,
        "counts": event_list.counts(request.clinic, filters),
        "choices": event_list.choices(request.clinic, filters),
        "nav": "events",
    }
    return render(request, "treatments/safety/index.html", context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def report(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    known = suspects(patient)
    initial = {"exosome_session": _asked_for(request.GET.get("session", ""), known)}
    form = EventForm(request.POST or None, patient=patient, suspects=known, initial=initial)

    def act(form: EventForm) -> HttpResponse:
        event = actions.report(
            form.new_record(clinic=request.clinic, patient=patient), passed=form.passed, by=request.user
        )
        messages.success(request, "The serious event is reported." if event.is_serious else "The event is reported.")
        return redirect(event)

    context = _about(patient, heading="Report an adverse event", save_label="Report", suspects=known)
    return form_page(request, "treatments/safety/report.html", form, act, context)


def _asked_for(session_id: str, known: list[Suspect]) -> Any:
    """The session named in the address, else the last one: what happened after a session mostly comes of it."""
    ids = [str(suspect.session.pk) for suspect in known]
    if session_id == "none" or not ids:
        return None
    return session_id if session_id in ids else ids[0]


@requires(Can.SEE_RECORD)
@require_GET
def event(request: ClinicRequest, patient_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    """One event with its session and lot, its follow-ups, the report decision and what was corrected."""
    patient = get_patient(request, patient_id)
    kept = get_record(patient, AdverseEvent, event_id)
    session = kept.exosome_session
    lot = session.lot if session else None
    context = _about(
        patient,
        event=kept,
        facts=facts(kept.kind),
        grade_meaning=grade_meaning(kept.kind, kept.grade),
        serious_because=[Seriousness(code).label for code in kept.seriousness],
        local_actions=[LocalAction(code).label for code in kept.local_actions],
        suspect=next((s for s in suspects(patient) if session and s.session.pk == session.pk), None),
        lot=lot,
        others=_others_given(lot, patient) if lot else 0,
        lot_signal=AdverseEvent.objects.lot_signal(lot) if lot else "",
        to_do=left_to_do(kept),
        days=days_to_report(kept),
        follow_ups=kept.follow_ups.select_related("created_by", "seen_by", "struck_out_by").order_by("seen_on", "id"),
        corrections=Correction.objects.of_record(kept),
        passed_warnings=PassedWarning.objects.filter(record_id=kept.pk).select_related("by").order_by("at"),
        nav="events",
    )
    return render(request, "treatments/safety/event.html", context)


def _others_given(lot: Lot, patient: Patient) -> int:
    given = ExosomeSession.objects.standing().filter(lot=lot).exclude(patient=patient)
    return int(given.values("patient").distinct().count())


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def correct(request: ClinicRequest, patient_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, AdverseEvent, event_id)
    known = suspects(patient)
    form = EventForm(request.POST or None, patient=patient, suspects=known, instance=kept)

    def act(form: EventForm) -> HttpResponse:
        actions.correct_event(
            kept,
            changes=form.values(),
            reason=form.reason,
            expected_version=form.expected_version,
            passed=form.passed,
            by=request.user,
        )
        messages.success(request, "The event is corrected; what stood before is kept.")
        return redirect(kept)

    context = _about(patient, kept, heading=f"Correct: {kept}", suspects=known)
    return form_page(request, "treatments/safety/report.html", form, act, context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def follow_up(request: ClinicRequest, patient_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, AdverseEvent, event_id)
    form = FollowUpForm(request.POST or None, event=kept, by=request.user)

    def act(form: FollowUpForm) -> HttpResponse:
        actions.follow_up(
            form.new_record(clinic=request.clinic, patient=patient, event=kept),
            ended=form.cleaned_data.get("ended"),
            criteria=form.cleaned_data.get("criteria") or [],
            passed=form.passed,
            by=request.user,
        )
        messages.success(request, "The follow-up is saved.")
        return redirect(kept)

    context = _about(patient, kept, heading="Follow-up", lede=str(kept))
    return form_page(request, "treatments/safety/follow_up.html", form, act, context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def resolve(request: ClinicRequest, patient_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, AdverseEvent, event_id)
    form = ResolveForm(request.POST or None, instance=kept)

    def act(form: ResolveForm) -> HttpResponse:
        actions.resolve(
            kept,
            ended=form.cleaned_data["ended"],
            outcome=form.cleaned_data["outcome"],
            reason=form.reason,
            expected_version=form.expected_version,
            passed=form.passed,
            by=request.user,
        )
        messages.success(request, "The event is closed.")
        return redirect(kept)

    context = _about(patient, kept, heading="It is over", lede=str(kept), save_label="Close the event")
    return form_page(request, "treatments/safety/after.html", form, act, context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def decide(request: ClinicRequest, patient_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    """Whether the event is reported to an authority, and what came of it."""
    patient = get_patient(request, patient_id)
    kept = get_record(patient, AdverseEvent, event_id)
    form = DecisionForm(request.POST or None, instance=kept)

    def act(form: DecisionForm) -> HttpResponse:
        told = form.cleaned_data
        actions.decide_report(
            kept,
            decision=told["report_decision"],
            due_on=told["report_due_on"],
            authority=told["authority"],
            reference=told["authority_reference"],
            reported_on=told["authority_reported_on"],
            reason=form.reason,
            expected_version=form.expected_version,
            by=request.user,
        )
        messages.success(request, "The decision is kept.")
        return redirect(kept)

    context = _about(patient, kept, heading="Report to the authority", lede=str(kept))
    return form_page(request, "treatments/safety/after.html", form, act, context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def strike_out(request: ClinicRequest, patient_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, AdverseEvent, event_id)
    return strike_out_page(
        request, patient=patient, record=kept, act=actions.strike_out_event, back=kept.get_absolute_url()
    )


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def follow_up_strike_out(
    request: ClinicRequest, patient_id: uuid.UUID, event_id: uuid.UUID, follow_up_id: uuid.UUID
) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_object_or_404(FollowUp.objects.filter(event_id=event_id, patient=patient), pk=follow_up_id)
    return strike_out_page(
        request,
        patient=patient,
        record=kept,
        act=actions.strike_out_follow_up,
        back=kept.event.get_absolute_url(),
    )


@requires(Can.SEE_RECORD)
@require_GET
def corrections(request: ClinicRequest, patient_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, AdverseEvent, event_id)
    return history_page(request, patient=patient, record=kept, back=kept.get_absolute_url())


def _about(patient: Patient, kept: AdverseEvent | None = None, **more: Any) -> dict[str, Any]:
    back = kept if kept is not None else patient
    return {"patient": patient, "nav": "patients", "cancel_url": back.get_absolute_url(), **more}
