import datetime
import uuid
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_http_methods

from clinic.staff.access import Can, ClinicRequest, may, requires
from treatments.appointments import desk
from treatments.appointments.models import Appointment
from treatments.appointments.vocabulary import VisitKind
from treatments.assessments.next_visit import sessions_given
from treatments.consents.purposes import ConsentKind
from treatments.courses.models import Course, ExosomeSession, Protocol
from treatments.courses.schedule import next_due
from treatments.courses.session_title import heading, title
from treatments.courses.vocabulary import Phase
from treatments.patients.access import get_patient, get_record, page_context
from treatments.patients.models import Patient
from treatments.patients.record_views import record_views
from treatments.photos.models import Photo
from treatments.photos.vocabulary import DatedBy, View
from treatments.products import lot_search, stock
from treatments.products.gs1 import LONGEST_SCAN
from treatments.products.models import Lot
from treatments.records.drafts.leaving import RESUME, leave, left
from treatments.records.form_view import form_page
from treatments.records.formatting import count
from treatments.records.forms.fields import PartialDateFormField
from treatments.records.models import PassedWarning
from treatments.records.months import label as month_label
from treatments.records.partial_dates import PartialDate, of_day
from treatments.records.vocabulary import Asked
from treatments.sessions.log import actions, lot_choice
from treatments.sessions.log.dependants import depending_on
from treatments.sessions.log.forms import CorrectionForm, LogForm
from treatments.sessions.log.page import SETTINGS, SessionPage, day_asked, phase_asked
from treatments.sessions.log.patient_summary import summary
from treatments.sessions.log.pre_session_checks import day_reached
from treatments.sessions.log.prefill import prefill
from treatments.sessions.plan.actions import unplanned_course

# The button of the page that asks for a consent first.
LEAVE_FOR_CONSENT = "leave_for_consent"
LOG_PAGE = "treatments/sessions/log/log.html"
_TOLD_AT_ONCE = {"lot", "product", *SETTINGS}


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def log(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """One screen for a routine session, filled in from the last one of the course."""
    patient = get_patient(request, patient_id, with_history=True)
    course = _course(request, patient)
    if course is None:
        context = page_context(patient, walk_ins=list(Protocol.objects.of(request.clinic).for_walk_ins()))
        return render(request, "treatments/sessions/log/no_course.html", context)
    is_walk_in = course._state.adding
    posted = request.POST if request.method == "POST" else None
    begin = prefill(course)
    # A draft of session 2 is not offered on session 7.
    draft_form = f"{request.path}?session {len(begin.given) + 1}/{course.protocol_id if is_walk_in else course.pk}"
    resumed = left(request, draft_form)
    form = LogForm(posted or resumed, **_who(request, patient, course), prefill=begin, by=request.user)
    if posted is not None and (twin := form.saved_twin()) is not None and twin.created_by_id == request.user.pk:
        return _saved(request, twin)
    context = _log_context(patient, course, form) | {"draft_form": draft_form}
    if posted is not None and LEAVE_FOR_CONSENT in posted:
        kind = posted[LEAVE_FOR_CONSENT]
        asked = kind if kind in ConsentKind.values else ConsentKind.TREATMENT.value
        to = f"{reverse('consents:add', args=[patient.pk])}?kind={asked}"
        own = {"walk_in": str(course.protocol_id)} if is_walk_in else {"course": str(course.pk)}
        on = leave(request, draft_form=draft_form, button=LEAVE_FOR_CONSENT, to=to, **own)
        if on is not None:
            return on
    if posted is not None and ("find" in posted or LEAVE_FOR_CONSENT in posted):
        form.find_lot()
        return render(request, LOG_PAGE, {"form": form, **context})
    if resumed is not None:
        form.show_as_typed()
        return render(request, LOG_PAGE, {"form": form, "resumed": request.GET[RESUME], **context})

    def act(form: LogForm) -> HttpResponse:
        session = form.new_record(clinic=request.clinic, patient=patient, course=course)
        write = actions.log_walk_in if is_walk_in else actions.log_session
        session = write(
            session,
            volumes=form.volumes.ml_by_region,
            region_labels=form.region_labels,
            applications=form.applications(),
            events=form.events(session),
            follow_ups=form.follow_ups(session),
            passed=form.passed,
            by=request.user,
        )
        return _saved(request, session)

    return form_page(request, LOG_PAGE, form, act, context)


@requires(Can.WRITE_RECORD)
@require_GET
def log_heading(request: ClinicRequest, patient_id: uuid.UUID) -> JsonResponse:
    """What stands over a session of the day that was typed: {"title", "day", "month", "before"}; of an unreadable day
    only that it must be looked at."""
    patient = get_patient(request, patient_id)
    course = _course(request, patient)
    if course is None:
        raise Http404("This patient has no course.")
    begin = prefill(course)
    phase = request.GET.get("phase", "")
    when = _when_typed(request)
    if when is None:
        return JsonResponse({"day": "Day to be checked", "month": ""})
    phase = phase if phase in Phase.values else begin.phase
    return JsonResponse(asdict(heading(course, begin.given, when=when, phase=phase)))


def _when_typed(request: ClinicRequest) -> PartialDate | None:
    """The day that stands in the form, None while it cannot be read."""
    try:
        typed = request.POST.get("when") or request.GET.get("when", "")
        when: PartialDate = PartialDateFormField(at_least="month").clean(typed[:60])
    except ValidationError:
        return None
    return when


@requires(Can.WRITE_RECORD, look="")
@require_GET
def lot_find(request: ClinicRequest) -> JsonResponse:
    """The lot of a number typed or scanned: {"id", "number", "product", "expires", "left", "doubt"}, or {"error"} with
    the "lots" to choose among; judged on the day `when` of the session."""
    on = day_reached(_when_typed(request), timezone.localdate())
    try:
        text = request.GET.get("text", "")[:LONGEST_SCAN]
        lot = lot_search.find(request.clinic, text)
    except lot_search.NoSingleLot as error:
        return JsonResponse({"error": str(error), "lots": [_lot_row(lot, on) for lot in error.lots]}, status=404)
    return JsonResponse(_lot_row(lot, on) | {"how": lot_choice.how_found(text)})


def _lot_row(lot: Lot, on: datetime.date) -> dict[str, str]:
    doubts = lot_choice.doubts_of(lot, on, events=lot_choice.events_of([lot]).get(lot.pk))
    row = lot_choice.LotRow(lot, is_chosen=True, doubts=doubts)
    return {
        "id": str(lot.pk),
        "number": lot.number,
        "product": lot.product.name,
        "expires": f"expires {lot.expires}" if lot.expires else "expiry not recorded",
        "left": row.left,
        "doubt": row.doubt,
    }


@requires(Can.WRITE_RECORD)
@require_GET
def log_check(request: ClinicRequest, patient_id: uuid.UUID) -> JsonResponse:
    """What Save would ask of the lot, the settings and what is given beside the first product, told at once:
    {"warnings": [{"field", "sentence"}], "compared"}. So is a number typed for a further product that is no lot's.
    """
    patient = get_patient(request, patient_id, with_history=True)
    course = _course(request, patient)
    if course is None:
        raise Http404("This patient has no course.")
    form = LogForm(request.GET, **_who(request, patient, course), prefill=prefill(course), by=request.user)
    form.full_clean()
    further = tuple(f"{part.prefix}-" for part in form.further)
    told = [each for each in form.warnings if each.field in _TOLD_AT_ONCE or each.field.startswith(further)]
    warnings = [{"field": each.field, "sentence": each.sentence} for each in told]
    warnings += [
        {"field": part.add_prefix("lot_number"), "sentence": str(sentence)}
        for part in form.further
        for sentence in part.errors.get("lot_number", [])
    ]
    return JsonResponse({"warnings": warnings, "compared": SessionPage(form).compared})


@requires(Can.SEE_RECORD)
@require_GET
def detail(request: ClinicRequest, patient_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    """All that is recorded of one session; what is not recorded is shown as unknown."""
    patient = get_patient(request, patient_id)
    get_record(patient, ExosomeSession, session_id)
    session = ExosomeSession.objects.with_number().as_read().select_related("struck_out_by").get(pk=session_id)
    before, after = _neighbours(session)
    context = page_context(patient) | {
        "session": session,
        "before": before,
        "after": after,
        "month": month_label(session.course.baseline, session.performed),
        "events": session.adverse_events.filter(struck_out_at__isnull=True).serious_first(),
        "photos": Photo.objects.standing().filter(exosome_session=session).in_order(),
        "passed_warnings": PassedWarning.objects.filter(record_id=session.pk).select_related("by").order_by("at"),
    }
    return render(request, "treatments/sessions/log/detail.html", context)


def _neighbours(session: ExosomeSession) -> tuple[ExosomeSession | None, ExosomeSession | None]:
    """The sessions of the course before and after this one; none of one that was struck out. One query."""
    columns = ("patient_id", "performed_on", "performed_precision")
    in_order = list(ExosomeSession.objects.standing().filter(course=session.course_id).in_order().only(*columns))
    places = {each.pk: place for place, each in enumerate(in_order)}
    place = places.get(session.pk)
    if place is None:
        return None, None
    return (in_order[place - 1] if place else None), next(iter(in_order[place + 1 : place + 2]), None)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def correct(request: ClinicRequest, patient_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id, with_history=True)
    session = get_record(patient, ExosomeSession, session_id)
    posted = request.POST if request.method == "POST" else None
    form = CorrectionForm(posted, **_who(request, patient, session.course), instance=session)

    def act(form: CorrectionForm) -> HttpResponse:
        day_before, photos = session.performed, _photos_of(session)
        drawn_before = {lot.pk: session.ml_of(lot) for lot in session.lots_given}
        corrected = actions.correct_session(
            session,
            volumes=form.volumes.ml_by_region,
            region_labels=form.region_labels,
            applications=form.applications(),
            **form.correction(by=request.user),
        )
        messages.success(request, "The session is corrected. The old entry is kept.")
        for lot in get_record(patient, ExosomeSession, session.pk).lots_given:
            drawn = corrected.ml_of(lot)
            if drawn != drawn_before.get(lot.pk) and (note := stock.note_of_use(lot, drawn)):
                messages.info(request, note)
        if corrected.performed != day_before:
            messages.info(request, " ".join(_moved(corrected, day_before=day_before, photos=photos)))
        return redirect(session)

    context = page_context(
        patient,
        heading=f"Correct the session of {session.performed.label()}",
        cancel_url=session.get_absolute_url(),
        save_label="Save the correction",
        session=session,
        course=session.course,
        page=SessionPage(form, product_id=session.given_product_id),
    )
    return form_page(request, "treatments/sessions/log/correct.html", form, act, context)


strike_out, corrections = record_views(ExosomeSession, act=actions.strike_out_session, depending=depending_on)


def _who(request: ClinicRequest, patient: Patient, course: Course) -> dict[str, Any]:
    return {
        "clinic": request.clinic,
        "patient": patient,
        "course": course,
        "may_override": may(request.membership, Can.OVERRIDE),
    }


def _course(request: ClinicRequest, patient: Patient) -> Course | None:
    """The course that was asked for, else the one that goes on, else the last that stands; an unsaved one for a
    walk-in, where none goes on."""
    courses = Course.objects.standing().filter(patient=patient)
    protocol_id = request.POST.get("walk_in") or request.GET.get("walk_in")
    if protocol_id and not courses.going_on().exists():
        return _walk_in(request, patient, protocol_id)
    asked = request.POST.get("course") or request.GET.get("course")
    if not asked:
        return courses.open_first().first()
    try:
        return courses.get(pk=uuid.UUID(asked))
    except (ValueError, Course.DoesNotExist):
        raise Http404("No such course of this patient.") from None


def _walk_in(request: ClinicRequest, patient: Patient, protocol_id: str) -> Course:
    """The course of one session, from the day that stands in the form."""
    try:
        protocol = Protocol.objects.of(request.clinic).for_walk_ins().get(pk=uuid.UUID(protocol_id))
    except (ValueError, Protocol.DoesNotExist):
        raise Http404("No such protocol that takes walk-ins.") from None
    when = _when_typed(request)
    return unplanned_course(protocol, patient=patient, when=when or of_day(timezone.localdate()))


def _log_context(patient: Patient, course: Course, form: LogForm) -> dict[str, Any]:
    begin = form.prefill
    title = heading(course, begin.given, when=day_asked(form), phase=phase_asked(form))
    return page_context(
        patient,
        heading=title.title,
        session_title=title,
        course=course,
        walk_in=course.protocol if course._state.adding else None,
        walk_ins=_walk_ins(course),
        save_label="Save session",
        page=SessionPage(form),
        who=summary(patient, form.checks, on=timezone.localdate(), session_on=form.lots_on),
        not_treated=patient.treatment_day_problems(of_day(timezone.localdate()), field="when", what="session"),
        of_that_day=_of_that_day(course, day_asked(form)),
        session_id=form["id"].value(),
        views=[View(code) for code in course.views if code in View.values],
    )


def _walk_ins(course: Course) -> list[Protocol]:
    """The protocols within which a walk-in may be logged instead where this course is over, else none and no query."""
    if course.is_open or course._state.adding:
        return []
    return list(Protocol.objects.of(course.clinic).for_walk_ins())


def _of_that_day(course: Course, when: PartialDate) -> ExosomeSession | None:
    """The session that the course has on that day already: a second one is refused when it is saved."""
    if not when.is_exact:
        return None
    standing = ExosomeSession.objects.standing().filter(course=course, performed_on=when.earliest)
    return next((session for session in standing if session.performed == when), None)


def _saved(request: ClinicRequest, session: ExosomeSession) -> HttpResponse:
    """The timeline, with the session in view, and what is due next."""
    saved = _numbered(session)
    sentences = [f"{_title(saved)} is saved.", _next_due(saved.course)]
    if saved.since_last == Asked.NOT_ASKED and (saved.number or 0) > 1:
        sentences.append("“Anything since last time?” is saved as not asked.")
    sentences += filter(None, (stock.note_of_use(lot, saved.ml_of(lot)) for lot in saved.lots_given))
    messages.success(request, format_html("{} {}", " ".join(sentences), _way_on(request)))
    if (still := _booked_before_it_is_due(saved.course)) is not None:
        sentence = '{} is still booked for {}. <a href="{}">Change or cancel it</a> if that was for this session.'
        messages.warning(request, format_html(sentence, saved.patient.name, still.label, still.get_absolute_url()))
    return redirect(f"{saved.patient.get_absolute_url()}#r-{saved.pk}")


def _booked_before_it_is_due(course: Course) -> Appointment | None:
    """A booked session for which it is too early by the plan, or of which the plan has none: the patient came before
    the day. A visit of another kind is kept whatever was given."""
    ahead = desk.ahead_of(course.patient).filter(Q(course=course) | Q(course=None), kind=VisitKind.SESSION)
    first: Appointment | None = ahead.first()
    if first is None:
        return None
    due = next_due(course.facts, baseline=course.baseline, given=sessions_given(course))
    return first if due is None or first.day < due.earliest else None


def _way_on(request: ClinicRequest) -> SafeString:
    """Where the next patient is found, in one tap: at the time of the next booking of today, else on Today. No name:
    this stands on the page of another patient."""
    now = timezone.localtime()
    booked = Appointment.objects.of(request.clinic).booked().filter(day=now.date(), time__gte=now.time())
    time = booked.in_order().values_list("time", flat=True).first()
    address = reverse("today")
    if time is None:
        return format_html('<a href="{}">Today</a>', address)
    return format_html('<a href="{}#booked">Next today: {}</a>', address, f"{time:%H:%M}")


def _moved(session: ExosomeSession, *, day_before: PartialDate, photos: set[uuid.UUID]) -> list[str]:
    """What followed when a session's day was corrected, and what a person must look at. `photos` it had before."""
    moved, before = _numbered(session), day_before.label()
    sentences = [f"It is {_title(moved).lower()} now.", _next_due(moved.course)]
    photos_now = _photos_of(session)
    if followed := len(_dated_by(session)):
        sentences.append(f"{count(followed, 'photo')} sent with this session got the new day.")
    if gone := len(photos - photos_now):
        does = "does" if gone == 1 else "do"
        sentences.append(
            f"{count(gone, 'photo')} of {before} {does} not belong to this session any more. If that is wrong, correct "
            "the date of each."
        )
    if come := len(photos_now - photos):
        sentences.append(
            f"{count(come, 'photo')} of {session.performed.label()} now {'belongs' if come == 1 else 'belong'} to it."
        )
    if events := session.adverse_events.standing().filter(onset=day_before).count():
        sentences.append(
            f"{count(events, 'event')} tied to this session began on {before}. If that day is wrong too, correct it."
        )
    return sentences


def _numbered(session: ExosomeSession) -> Any:
    return ExosomeSession.objects.with_number().select_related("course").get(pk=session.pk)


def _title(session: Any) -> str:
    return title(session.course, session.number or 0, session.place or 0, session.phase, session.outcome)


def _dated_by(session: ExosomeSession) -> set[uuid.UUID]:
    """The photos that have no day but that of this session."""
    photos = Photo.objects.standing().filter(patient=session.patient_id, sent_with=session.pk, dated_by=DatedBy.SESSION)
    return set(photos.values_list("pk", flat=True))


def _photos_of(session: ExosomeSession) -> set[uuid.UUID]:
    return set(Photo.objects.standing().filter(exosome_session=session).values_list("pk", flat=True))


def _next_due(course: Course) -> str:
    """The year is left out where it is this one."""
    if course.due is None:
        return "Nothing more is planned."
    words = course.due.label()
    return f"Next due {words.removesuffix(f' {timezone.localdate().year}') if course.due.is_exact else words}."
