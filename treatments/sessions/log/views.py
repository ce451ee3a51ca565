import datetime
import uuid
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import select_template
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from clinic.staff.access import Can, ClinicRequest, may, requires
from treatments.courses.models import Course, ExosomeSession
from treatments.courses.session_title import heading, title
from treatments.courses.vocabulary import Phase
from treatments.patients.access import get_patient, get_record
from treatments.patients.models import Patient
from treatments.photos.vocabulary import View
from treatments.records.fields import DatePrecision
from treatments.records.form_view import form_page, history_page, strike_out_page
from treatments.records.forms.fields import PartialDateFormField
from treatments.records.models import PassedWarning
from treatments.records.months import label as month_label
from treatments.records.partial_dates import PartialDate
from treatments.records.vocabulary import Asked
from treatments.sessions.log import actions, lot_choice, prefill
from treatments.sessions.log.correction_forms import CorrectionForm
from treatments.sessions.log.log_forms import LogForm

# The photo slots are the photos' own; until they are there, a link to the contact sheet stands in their place.
SLOTS = ["treatments/photos/upload/_slots.html", "treatments/sessions/log/_photos.html"]


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def log(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """One screen for a routine session, filled in from the last one of the course."""
    patient = get_patient(request, patient_id)
    course = _course(request, patient)
    if course is None:
        return render(request, "treatments/sessions/log/no_course.html", _about(patient))
    start = prefill.start(course)
    posted = request.POST if request.method == "POST" else None
    form = LogForm(posted, **_who(request, patient, course), start=start, by=request.user)
    if posted is not None and (twin := form.kept_twin()) is not None and twin.created_by_id == request.user.pk:
        return _saved(request, twin)
    context = _log_context(patient, course, start, form)
    if posted is not None and "find" in posted:
        form.show_lot()
        return render(
            request, "treatments/sessions/log/log.html", {"form": form, "draft_form": request.path, **context}
        )

    def act(form: LogForm) -> HttpResponse:
        session = form.new_record(clinic=request.clinic, patient=patient, course=course)
        events = form.events(session)
        kept = actions.log_session(
            session, volumes=form.volumes, told=form.told, events=events, passed=form.passed, by=request.user
        )
        return _saved(request, kept)

    return form_page(request, "treatments/sessions/log/log.html", form, act, context)


@requires(Can.WRITE_RECORD)
@require_GET
def log_heading(request: ClinicRequest, patient_id: uuid.UUID) -> JsonResponse:
    """What stands over a session of the day that was typed: {"title", "day", "month", "before"}; of an unreadable day
    only that it must be looked at."""
    patient = get_patient(request, patient_id)
    course = _course(request, patient)
    if course is None:
        raise Http404("This patient has no course.")
    start = prefill.start(course)
    phase = request.GET.get("phase", "")
    try:
        when = PartialDateFormField(finest="month").clean(request.GET.get("when", "")[:60])
    except ValidationError:
        return JsonResponse({"day": "Day to be checked", "month": ""})
    told = heading(course, start.given, when=when, phase=phase if phase in Phase.values else start.phase)
    return JsonResponse(asdict(told))


@requires(Can.WRITE_RECORD)
@require_GET
def lot_find(request: ClinicRequest) -> JsonResponse:
    """The lot of a number typed or scanned: {"id", "number", "product", "expires", "left", "doubt"}, or {"error"}."""
    try:
        lot = lot_choice.find(request.clinic, request.GET.get("text", "")[:200])
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=404)
    row = lot_choice.row(lot, chosen=lot.pk, day=timezone.localdate())
    return JsonResponse(
        {
            "id": str(lot.pk),
            "number": lot.number,
            "product": lot.product.name,
            "expires": f"expires {lot.expires_on:%-d %b %Y}" if lot.expires_on else "expiry not recorded",
            "left": row.left,
            "doubt": row.doubt,
        }
    )


@requires(Can.SEE_RECORD)
@require_GET
def detail(request: ClinicRequest, patient_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    """All that is recorded of one session; what is not recorded is shown as unknown."""
    patient = get_patient(request, patient_id)
    get_record(patient, ExosomeSession, session_id)
    session = ExosomeSession.objects.with_number().as_read().select_related("struck_out_by").get(pk=session_id)
    context = _about(patient) | {
        "session": session,
        "month": month_label(session.course.baseline_on, session.performed_on),
        "events": session.adverse_events.standing().serious_first(),
        "photos": session.photos.standing().in_order(),
        "passed_warnings": PassedWarning.objects.filter(record_id=session.pk).select_related("by").order_by("at"),
    }
    return render(request, "treatments/sessions/log/detail.html", context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def correct(request: ClinicRequest, patient_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    session = get_record(patient, ExosomeSession, session_id)
    posted = request.POST if request.method == "POST" else None
    form = CorrectionForm(posted, **_who(request, patient, session.course), instance=session)

    def act(form: CorrectionForm) -> HttpResponse:
        was, photos = session.performed, set(session.photos.standing().values_list("pk", flat=True))
        corrected = actions.correct_session(
            session,
            changes=form.values(),
            volumes=form.volumes,
            told=form.told,
            reason=form.reason,
            expected_version=form.expected_version,
            passed=form.passed,
            by=request.user,
        )
        messages.success(request, "The session is corrected; what stood there before is kept.")
        if corrected.performed != was:
            messages.info(request, " ".join(_moved(corrected, was=was, photos=photos)))
        return redirect(session)

    context = _about(patient, cancel_url=session.get_absolute_url(), session=session, course=session.course)
    context["lot_rows"] = lambda: form.lot_rows(product_id=session.product_id, last_lot_id=None)
    return form_page(request, "treatments/sessions/log/correct.html", form, act, context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def strike_out(request: ClinicRequest, patient_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    session = get_record(patient, ExosomeSession, session_id)
    back = session.get_absolute_url()
    return strike_out_page(request, patient=patient, record=session, act=actions.strike_out_session, back=back)


@requires(Can.SEE_RECORD)
@require_GET
def corrections(request: ClinicRequest, patient_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    session = get_record(patient, ExosomeSession, session_id)
    return history_page(request, patient=patient, record=session, back=session.get_absolute_url())


def _about(patient: Patient, **more: Any) -> dict[str, Any]:
    return {"patient": patient, "nav": "patients", "cancel_url": patient.get_absolute_url(), **more}


def _who(request: ClinicRequest, patient: Patient, course: Course) -> dict[str, Any]:
    return {
        "clinic": request.clinic,
        "patient": patient,
        "course": course,
        "may_override": may(request.membership, Can.OVERRIDE),
    }


def _course(request: ClinicRequest, patient: Patient) -> Course | None:
    """The course that was asked for, else the one that goes on, else the last that stands."""
    courses = Course.objects.standing().filter(patient=patient)
    asked = request.POST.get("course") or request.GET.get("course")
    if not asked:
        return courses.open_first().first()
    try:
        return courses.get(pk=uuid.UUID(asked))
    except (ValueError, Course.DoesNotExist):
        raise Http404("No such course of this patient.") from None


def _log_context(patient: Patient, course: Course, start: prefill.Start, form: LogForm) -> dict[str, Any]:
    last_lot_id = start.last.lot_id if start.last is not None else None
    return _about(
        patient,
        course=course,
        start=start,
        heading=heading(course, start.given, when=form.when_asked, phase=form.phase_asked),
        save_label="Save session",
        lot_rows=lambda: form.lot_rows(product_id=start.product_id, last_lot_id=last_lot_id),
        slots=select_template(SLOTS).template,
        session_id=form["id"].value(),
        views=[View(code) for code in course.views if code in View.values],
    )


def _saved(request: ClinicRequest, session: ExosomeSession) -> HttpResponse:
    """The timeline, with the session in view, and what is due next said."""
    kept = ExosomeSession.objects.with_number().select_related("course").get(pk=session.pk)
    words = [f"{title(kept.course, kept.number or 0, kept.phase)} is saved.", _next_due(kept.course)]
    if kept.since_last == Asked.NOT_ASKED and (kept.number or 0) > 1:
        words.append("“Anything since last time?” is kept as not asked.")
    messages.success(request, " ".join(words))
    return redirect(f"{kept.patient.get_absolute_url()}#r-{kept.pk}")


def _moved(session: ExosomeSession, *, was: PartialDate, photos: set[uuid.UUID]) -> list[str]:
    """What followed when a session's day was corrected, and what a person must look at. `photos` it had before."""
    kept = ExosomeSession.objects.with_number().select_related("course").get(pk=session.pk)
    words = [f"It is {title(kept.course, kept.number or 0, kept.phase).lower()} now.", _next_due(kept.course)]
    now = set(kept.photos.standing().values_list("pk", flat=True))
    if gone := len(photos - now):
        words.append(
            f"{_counted(gone, 'photo')} of {was.label()} went from it; if taken in it, correct the date of each."
        )
    if come := len(now - photos):
        words.append(f"{_counted(come, 'photo')} of {kept.performed.label()} came to it.")
    if events := kept.adverse_events.standing().filter(onset=was).count():
        words.append(f"{_counted(events, 'event')} tied to it began on {was.label()}; if seen in it, correct the date.")
    return words


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _next_due(course: Course) -> str:
    if course.next_due_on is None:
        return "Nothing more is planned."
    until = course.next_due_until if course.next_due_until != course.next_due_on else None
    by_month = course.baseline_precision == DatePrecision.MONTH
    return f"Next due {_day(course.next_due_on, by_month)}{f' to {_day(until, by_month)}' if until else ''}."


def _day(day: datetime.date, by_month: bool) -> str:
    """Where the course began in a month without a day, what is due has none either."""
    if by_month:
        return f"{day:%b %Y}"
    return f"{day:%-d %b}" if day.year == timezone.localdate().year else f"{day:%-d %b %Y}"
