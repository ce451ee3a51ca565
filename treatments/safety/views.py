import copy
import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from clinic.audit import looks
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.courses.models import ExosomeSession
from treatments.patients.access import get_patient, get_record, page_context
from treatments.patients.models import Patient
from treatments.patients.record_views import record_views
from treatments.products.models import Lot
from treatments.records.form_view import form_page, nothing_to_do
from treatments.records.formatting import count, listed, uncapitalised
from treatments.records.models import Correction, PassedWarning
from treatments.records.text.numbers import page_number
from treatments.safety import actions, event_list
from treatments.safety.event_page import event_page, without
from treatments.safety.follow_up_forms import DecisionForm, FollowUpForm, ResolveForm
from treatments.safety.forms import EventForm
from treatments.safety.grading import grade_meaning
from treatments.safety.models import AdverseEvent, FollowUp, ReportDecision
from treatments.safety.suspected_sessions import Suspect, days_to_report, left_to_do, suspects
from treatments.safety.vocabulary import LocalAction, Seriousness, facts

PAGE_SIZE = 50
NO_FOLLOW_UP = (
    "This event was struck out as entered in error: you cannot add a follow-up. "
    "If the event did happen, report it again."
)


def _depending(event: AdverseEvent) -> str:
    looks = event.follow_ups.standing().count()
    sentences = []
    if looks:
        sentences.append(f"{count(looks, 'follow-up')} of it will not count any more.")
    if event.exosome_session is not None and (lots := event.exosome_session.lots_given):
        has = "has" if len(lots) == 1 else "have each"
        sentences.append(f"Lot {listed([lot.number for lot in lots])} {has} one event less.")
    if event.report_decision == ReportDecision.REPORTED:
        sentences.append(
            f"It was reported to {event.authority or 'an authority'}: tell them that the report was an error."
        )
    return " ".join(sentences)


strike_out, corrections = record_views(AdverseEvent, depending=_depending)


def _page_of_its_event(look: FollowUp) -> str:
    return reverse("safety:event", args=[look.patient_id, look.event_id])


follow_up_strike_out, follow_up_corrections = record_views(
    FollowUp, act=actions.strike_out_follow_up, back=_page_of_its_event, depending=without
)


@requires(Can.SEE_RECORD, look="viewed_list")
@require_GET
def index(request: ClinicRequest) -> HttpResponse:
    """Open events, serious first, and how many events there are in how many sessions."""
    filters = event_list.Filters.read(request.GET)
    events = event_list.matching_events(request.clinic, filters)
    page = Paginator(events, PAGE_SIZE).get_page(page_number(request.GET.get("page")))
    looks.told(rows=len(page.object_list))
    context = {
        "page": page,
        "rows": [{"event": each, "to_do": left_to_do(each), "days": days_to_report(each)} for each in page.object_list],
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
    sessions = suspects(patient)
    initial = {"exosome_session": _initial_session(request.GET.get("session", ""), sessions)}
    form = EventForm(request.POST or None, patient=patient, suspects=sessions, initial=initial)

    def act(form: EventForm) -> HttpResponse:
        event = form.new_record(clinic=request.clinic, patient=patient)
        event = actions.report(event, passed=form.passed, by=request.user)
        messages.success(request, "The serious event is reported." if event.is_serious else "The event is reported.")
        return redirect(event)

    context = page_context(patient, heading="Report an adverse event", save_label="Report", suspects=sessions)
    return form_page(request, "treatments/safety/report.html", form, act, context)


def _initial_session(session_id: str, sessions: list[Suspect]) -> str | None:
    """The session whose page the report was opened from. From the patient's page none: nobody has tied it yet."""
    return session_id if session_id in {str(suspect.session.pk) for suspect in sessions} else None


@requires(Can.SEE_RECORD)
@require_GET
def event(request: ClinicRequest, patient_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    """One event with its session and lot, its follow-ups, the report decision and what was corrected."""
    patient = get_patient(request, patient_id)
    event = get_record(patient, AdverseEvent, event_id)
    session = event.exosome_session
    records = [event.pk, *event.follow_ups.values_list("pk", flat=True)]
    passed_warnings = PassedWarning.objects.filter(record_id__in=records).select_related("by").order_by("at")
    context = page_context(
        patient,
        event=event,
        facts=facts(event.kind),
        grade_meaning=grade_meaning(event.kind, event.grade),
        serious_because=[Seriousness(code).label for code in event.seriousness],
        local_actions=[LocalAction(code).label for code in event.local_actions],
        suspect=next((s for s in suspects(patient) if session and s.session.pk == session.pk), None),
        to_do=left_to_do(event),
        days=days_to_report(event),
        page=event_page(event),
        corrections=Correction.objects.filter(record_id__in=records).select_related("by").order_by("at"),
        passed_warnings=passed_warnings,
        nav="events",
    )
    if session:
        context["lots"] = [_lot_context(lot, patient) for lot in session.lots_given]
    return render(request, "treatments/safety/event.html", context)


def _lot_context(lot: Lot, patient: Patient) -> dict[str, Any]:
    """The lot, the number of other patients who were given it, and the warning of rule 24."""
    sessions = ExosomeSession.objects.standing().of_lots([lot]).exclude(patient=patient)
    others = sessions.values("patient").distinct().count()
    return {"lot": lot, "others": others, "lot_signal": AdverseEvent.objects.lot_signal(lot)}


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def correct(request: ClinicRequest, patient_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    event = get_record(patient, AdverseEvent, event_id)
    sessions = suspects(patient)
    form = EventForm(request.POST or None, patient=patient, suspects=sessions, instance=event)

    def act(form: EventForm) -> HttpResponse:
        actions.correct_event(event, **form.correction(by=request.user))
        messages.success(request, "The event is corrected. The old entry is kept.")
        return redirect(event)

    context = _event_context(event, heading=f"Correct: {event}", suspects=sessions)
    return form_page(request, "treatments/safety/report.html", form, act, context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def follow_up(request: ClinicRequest, patient_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    event = get_record(patient, AdverseEvent, event_id)
    if request.method == "GET" and event.is_struck_out:
        return nothing_to_do(request, NO_FOLLOW_UP, back=event.get_absolute_url())
    form = FollowUpForm(request.POST or None, event=event, by=request.user)

    def act(form: FollowUpForm) -> HttpResponse:
        look = form.new_record(clinic=request.clinic, patient=patient, event=event)
        actions.follow_up(look, passed=form.passed, by=request.user)
        messages.success(request, _followed_up(event, "The follow-up is saved."))
        return redirect(event)

    context = _event_context(event, heading="Follow-up", lede=str(event))
    return form_page(request, "treatments/safety/follow_up.html", form, act, context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def follow_up_correct(
    request: ClinicRequest, patient_id: uuid.UUID, event_id: uuid.UUID, follow_up_id: uuid.UUID
) -> HttpResponse:
    patient = get_patient(request, patient_id)
    look = get_record(patient, FollowUp, follow_up_id, event_id=event_id)
    event = look.event
    form = FollowUpForm(request.POST or None, event=event, by=request.user, instance=look)

    def act(form: FollowUpForm) -> HttpResponse:
        actions.correct_follow_up(look, **form.correction(by=request.user))
        messages.success(request, _followed_up(event, "The follow-up is corrected. The old entry is kept."))
        return redirect(event)

    context = _event_context(event, heading="Correct the follow-up", lede=f"{event}. {look}")
    return form_page(request, "treatments/safety/follow_up.html", form, act, context)


def _followed_up(before: AdverseEvent, saved: str) -> str:
    """What a look did to the event: `before` is the event as it was."""
    now = copy.copy(before)
    now.refresh_from_db()
    sentences = [saved]
    if now.grade != before.grade:
        sentences.append(f"At worst it is grade {now.grade} now.")
    if now.is_serious != before.is_serious:
        sentences.append("It is serious now." if now.is_serious else "It is not serious any more.")
    if now.outcome == before.outcome:
        sentences.append(f"It stays “{now.get_outcome_display().lower()}”.")
    else:
        sentences.append(f"It is “{now.get_outcome_display().lower()}” now.")
    return " ".join(sentences)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def resolve(request: ClinicRequest, patient_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    """The event is over, which is one more look at it."""
    patient = get_patient(request, patient_id)
    event = get_record(patient, AdverseEvent, event_id)
    if request.method == "GET" and not event.is_open:
        outcome = uncapitalised(event.get_outcome_display())
        over = f"This event is over already: {outcome}. If that has changed, add a follow-up."
        return nothing_to_do(request, NO_FOLLOW_UP if event.is_struck_out else over, back=event.get_absolute_url())
    form = ResolveForm(request.POST or None, event=event)

    def act(form: ResolveForm) -> HttpResponse:
        look = form.new_record(clinic=request.clinic, patient=patient, event=event)
        actions.follow_up(look, passed=form.passed, by=request.user)
        messages.success(request, _followed_up(event, "The event is saved as over."))
        return redirect(event)

    context = _event_context(event, heading="It is over", lede=str(event), save_label="Save that it is over")
    return form_page(request, "treatments/safety/after.html", form, act, context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def decide(request: ClinicRequest, patient_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    """Whether the event is reported to an authority, and what came of it."""
    event = get_record(get_patient(request, patient_id), AdverseEvent, event_id)
    form = DecisionForm(request.POST or None, instance=event)

    def act(form: DecisionForm) -> HttpResponse:
        actions.decide_report(event, **form.correction(by=request.user))
        messages.success(request, "The decision is saved.")
        return redirect(event)

    context = _event_context(event, heading="Report to the authority", lede=str(event))
    return form_page(request, "treatments/safety/after.html", form, act, context)


def _event_context(event: AdverseEvent, **more: Any) -> dict[str, Any]:
    return page_context(event.patient, cancel_url=event.get_absolute_url(), **more)
