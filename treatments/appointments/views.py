"""The desk: visits are booked, changed and cancelled; calls are noted."""

import uuid
from collections.abc import Iterator
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.staff.access import Can, ClinicRequest, may, requires
from treatments.appointments import actions, desk
from treatments.appointments.forms import BookForm, CallForm, CancelForm
from treatments.appointments.models import MINUTES, Appointment, Call
from treatments.appointments.vocabulary import AppointmentState, Outcome, VisitKind
from treatments.courses.models import Course
from treatments.patients.access import get_patient, get_record
from treatments.patients.models import Patient
from treatments.patients.record_views import record_views
from treatments.products.models import Lot
from treatments.records.actions import Conflict
from treatments.records.form_view import form_page, nothing_to_do, step_page
from treatments.records.formatting import listed
from treatments.records.ids import new_id
from treatments.records.models import PassedWarning

FORM: Final = "treatments/appointments/book.html"
BACK: Final = {"today": "today", "calls": "calls"}
"""Where a form that stands in a list leads back to: what it posts as `_back`, and the name of the address."""
BY_TELEPHONE: Final = "visit"
SHOWN: Final = 50
MOST_FIGURES: Final = 9
_BY_HAND: Final = {
    AppointmentState.CAME: "It is noted that {name} came.",
    AppointmentState.DID_NOT_COME: "It is noted that {name} did not come.",
    AppointmentState.BOOKED: "{name} is expected again.",
}


def _home(request: ClinicRequest, patient: Patient) -> str:
    """The page of this patient that this person may open."""
    sees_record = may(request.membership, Can.SEE_RECORD)
    return patient.get_absolute_url() if sees_record else reverse("patients:contact", args=[patient.pk])


def _context(request: ClinicRequest, patient: Patient, **more: Any) -> dict[str, Any]:
    return {"patient": patient, "nav": "patients", "cancel_url": _home(request, patient), **more}


@requires(Can.BOOK)
@require_http_methods(["GET", "POST"])
def book(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """A day and a time, on the next visit of the plan or without one."""
    patient = get_patient(request, patient_id)
    if request.method == "GET" and patient.archived_at is not None:
        sentence = f"{patient.name} is archived, so no visit can be booked."
        return nothing_to_do(request, sentence, back=_home(request, patient))
    courses = list(Course.objects.going_on().filter(patient=patient).open_first())
    form = BookForm(
        request.POST or None,
        patient=patient,
        clinic=request.clinic,
        courses=courses,
        sees_record=may(request.membership, Can.SEE_RECORD),
        initial=_proposed(request, patient, courses),
    )

    def act(form: BookForm) -> HttpResponse:
        new = form.new_record(clinic=request.clinic, patient=patient)
        call = _call_that_booked(form, new)
        appointment = actions.book(new, call=call, passed=form.passed, by=request.user)
        messages.success(request, f"{patient.name} is booked for {appointment.label}.")
        return redirect(appointment)

    ahead = list(desk.ahead_of(patient))
    context = _context(request, patient, heading="Book a visit", save_label="Book", ahead=ahead, courses=courses)
    return form_page(request, FORM, form, act, context)


def _proposed(request: ClinicRequest, patient: Patient, courses: list[Course]) -> dict[str, Any]:
    """What the plan says of the next visit, and how long the last one of the patient was booked for."""
    course = next((each for each in courses if str(each.pk) == request.GET.get("course")), None)
    course = course or (courses[0] if courses else None)
    last = Appointment.objects.standing().filter(patient=patient).order_by("-day").first()
    proposed: dict[str, Any] = {
        "minutes": last.minutes if last else MINUTES,
        "room": last.room if last else "",
        "kind": _kind_due(course),
        "call": request.GET.get("call", "")[:40],
    }
    if course is not None and course.due is not None:
        proposed["course"] = course.pk
        if course.due.is_exact and course.due.on == course.due.until and course.due.on >= timezone.localdate():
            # A day that has passed is refused: of who is overdue no day is proposed.
            proposed["day"] = course.due.on
    if request.GET.get("for") in VisitKind.values:
        proposed["kind"] = request.GET["for"]
    return proposed


def _kind_due(course: Course | None) -> str:
    if course is None or course.due is None:
        return VisitKind.CONSULTATION
    return VisitKind.FOLLOW_UP if course.awaits_follow_up else VisitKind.SESSION


def _call_that_booked(form: BookForm, appointment: Appointment) -> Call | None:
    """The call in which it was agreed, where a row of a list to telephone led to the form."""
    told = form.cleaned_data.get("call", "")
    if not told:
        return None
    call = Call(pk=new_id(), clinic=appointment.clinic, patient=appointment.patient)
    if told == BY_TELEPHONE:
        call.course = appointment.course
        return call
    try:
        call.lot = Lot.objects.of(appointment.clinic).get(pk=uuid.UUID(told))
    except (ValueError, Lot.DoesNotExist):
        return None
    return call


@requires(Can.SEE_PEOPLE)
@require_GET
def of_patient(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Every booking and every call of a patient, and what is still ahead."""
    patient = get_patient(request, patient_id)
    bookings = Appointment.objects.filter(patient=patient).select_related("created_by", "state_by")
    calls = Call.objects.filter(patient=patient).select_related("created_by", "struck_out_by", "lot")
    context = _context(
        request,
        patient,
        ahead=list(desk.ahead_of(patient)),
        before=list(bookings.exclude(pk__in=desk.ahead_of(patient).values("pk")).order_by("-day", "-time")[:SHOWN]),
        calls=_with_passed(list(calls.newest_first()[:SHOWN])),
    )
    return render(request, "treatments/appointments/of_patient.html", context)


def _with_passed(calls: list[Call]) -> list[tuple[Call, list[PassedWarning]]]:
    """Each call with the warnings that were passed when it was noted. One query."""
    passed: dict[uuid.UUID, list[PassedWarning]] = {}
    for warning in PassedWarning.objects.filter(record_id__in=[call.pk for call in calls]).order_by("at"):
        passed.setdefault(warning.record_id, []).append(warning)
    return [(call, passed.get(call.pk, [])) for call in calls]


@requires(Can.SEE_PEOPLE)
@require_GET
def detail(request: ClinicRequest, patient_id: uuid.UUID, appointment_id: uuid.UUID) -> HttpResponse:
    """One booking: what became of it, what it was before, and what was passed on the way."""
    patient = get_patient(request, patient_id)
    appointment = get_record(patient, Appointment, appointment_id)
    context = _context(
        request,
        patient,
        appointment=appointment,
        slot=appointment.slot,
        at_once=desk.at_once(appointment),
        before=list(_before(appointment)),
        next=appointment.next.standing().first(),
        passed_warnings=PassedWarning.objects.filter(record_id=appointment.pk).select_related("by").order_by("at"),
    )
    return render(request, "treatments/appointments/detail.html", context)


def _before(appointment: Appointment) -> Iterator[Appointment]:
    """The bookings in whose place it was made, the latest first."""
    one = {"calendar_id": appointment.calendar_id, "sequence__lt": appointment.sequence}
    yield from Appointment.objects.filter(patient=appointment.patient_id, **one).order_by("-sequence")


@requires(Can.BOOK)
@require_http_methods(["GET", "POST"])
def change(request: ClinicRequest, patient_id: uuid.UUID, appointment_id: uuid.UUID) -> HttpResponse:
    """Another day, time or room in the place of a booking, which stays readable."""
    patient = get_patient(request, patient_id)
    old = get_record(patient, Appointment, appointment_id)
    if request.method == "GET" and not _may_change(old):
        return nothing_to_do(request, _as_it_stands(old), back=old.get_absolute_url())
    courses = list(Course.objects.going_on().filter(patient=patient).open_first())
    asked = {name: getattr(old, name) for name in ("day", "time", "minutes", "room", "kind", "note")}
    form = BookForm(
        request.POST or None,
        patient=patient,
        clinic=request.clinic,
        courses=courses,
        sees_record=may(request.membership, Can.SEE_RECORD),
        instead_of=old,
        initial=asked | {"course": old.course_id},
    )

    def act(form: BookForm) -> HttpResponse:
        new = form.new_record(clinic=request.clinic, patient=patient)
        appointment = actions.change_booking(new, instead_of=old, passed=form.passed, by=request.user)
        messages.success(request, f"{patient.name} is booked for {appointment.label}, no longer for {old.label}.")
        return redirect(appointment)

    context = _context(request, patient, heading="Change the booking", save_label="Change", instead_of=old)
    return form_page(request, FORM, form, act, context | {"cancel_url": old.get_absolute_url()})


def _may_change(appointment: Appointment) -> bool:
    return appointment.state in {AppointmentState.BOOKED, AppointmentState.DID_NOT_COME}


def _as_it_stands(appointment: Appointment) -> str:
    return f"This booking cannot be changed: {appointment.get_state_display().lower()}."


@requires(Can.BOOK)
@require_http_methods(["GET", "POST"])
def cancel(request: ClinicRequest, patient_id: uuid.UUID, appointment_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    appointment = get_record(patient, Appointment, appointment_id)
    if request.method == "GET" and not _may_change(appointment):
        return nothing_to_do(request, _as_it_stands(appointment), back=appointment.get_absolute_url())
    form = CancelForm(request.POST or None, initial={"version": appointment.version})

    def act(values: dict[str, Any]) -> HttpResponse:
        reason, version = values["reason"], values["version"]
        actions.cancel(appointment, reason=reason, expected_version=version, by=request.user)
        messages.success(request, f"The booking of {patient.name} for {appointment.label} is cancelled.")
        return redirect(appointment)

    heading = "Cancel the booking"
    context = _context(request, patient, heading=heading, lede=str(appointment), save_label=heading)
    context["cancel_url"] = appointment.get_absolute_url()
    return step_page(request, "treatments/appointments/cancel.html", form, act, context, conflict=actions.CHANGED_SINCE)


@requires(Can.BOOK)
@require_POST
def say(request: ClinicRequest, patient_id: uuid.UUID, appointment_id: uuid.UUID) -> HttpResponse:
    """Say by one button that somebody came, did not come, or is still expected."""
    patient = get_patient(request, patient_id)
    appointment = get_record(patient, Appointment, appointment_id)
    state = request.POST.get("state", "")
    version = request.POST.get("version", "")
    back = reverse(BACK[request.POST["_back"]]) if request.POST.get("_back") in BACK else appointment.get_absolute_url()
    if state not in _BY_HAND or not version.isdecimal() or len(version) > MOST_FIGURES:
        messages.warning(request, "Nothing was noted. Press the button again.")
        return redirect(back)
    try:
        actions.say_what_became(appointment, state, expected_version=int(version), by=request.user)
    except Conflict:
        messages.warning(request, actions.CHANGED_SINCE)
    except ValidationError as refusal:
        messages.warning(request, " ".join(refusal.messages))
    else:
        messages.success(request, _BY_HAND[AppointmentState(state)].format(name=patient.name))
    return redirect(back)


@requires(Can.BOOK)
@require_http_methods(["GET", "POST"])
def note_call(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """What came of a call; the rows of the lists to telephone send the same form."""
    patient = get_patient(request, patient_id)
    asked = {name: request.GET[name] for name in ("course", "appointment", "lot") if name in request.GET}
    courses = list(Course.objects.going_on().filter(patient=patient).open_first())
    form = CallForm(
        request.POST or None,
        patient=patient,
        clinic=request.clinic,
        courses=courses,
        sees_record=may(request.membership, Can.SEE_RECORD),
        initial=asked or _asked_about(courses),
    )

    def act(form: CallForm) -> HttpResponse:
        new = form.new_record(clinic=request.clinic, patient=patient)
        call = actions.note_call(new, passed=form.passed, by=request.user)
        messages.success(request, f"Noted of {patient.name}: {call.outcome_text}.")
        if still := _booked_all_the_same(call):
            messages.warning(request, f"{patient.name} is booked for {still.label}. Cancel that if nobody will come.")
        return redirect(_after_call(request, call))

    context = _context(request, patient, heading="Note a call", save_label="Save", back=request.POST.get("_back", ""))
    context["calls"] = list(
        Call.objects.standing().filter(patient=patient).select_related("created_by").newest_first()[:5]
    )
    context["cancel_url"] = reverse("appointments:of-patient", args=[patient.pk])
    return form_page(request, "treatments/appointments/call.html", form, act, context)


def _asked_about(courses: list[Course]) -> dict[str, Any]:
    """What a call is about where the address does not say: the next visit of the plan that goes on."""
    due = [course for course in courses if course.due is not None]
    return {"course": due[0].pk} if due else {}


def _booked_all_the_same(call: Call) -> Appointment | None:
    """The booking that is still there after a call in which the patient put the visit off."""
    if call.lot_id is not None or call.outcome not in {Outcome.POSTPONED, Outcome.DOES_NOT_WANT}:
        return None
    return desk.ahead_of(call.patient).first()


def _after_call(request: ClinicRequest, call: Call) -> str:
    back = request.POST.get("_back", "")
    if back == "lot" and call.lot_id is not None and may(request.membership, Can.SEE_RECORD):
        return reverse("recall:lot-calls", args=[call.lot_id])
    return reverse(BACK[back]) if back in BACK else call.get_absolute_url()


def _struck_out_with(appointment: Appointment) -> str:
    """What is struck out with a booking; "" where nothing is."""
    before, calls = (
        _before(appointment),
        Call.objects.standing().filter(appointment=appointment, outcome=Outcome.BOOKED),
    )
    with_it = [
        *(["the bookings in whose place it was made"] if next(before, None) is not None else []),
        *(["the call that led to it"] if calls.exists() else []),
    ]
    words = f"With it {listed(with_it)} will be struck out. " if with_it else ""
    return f"{words}If the visit was agreed and will not be, go back and press Cancel the booking instead."


call_strike_out = record_views(Call, act=actions.strike_out_call, can=Can.BOOK).strike_out
booking_strike_out = record_views(
    Appointment, act=actions.strike_out_booking, can=Can.BOOK, depending=_struck_out_with
).strike_out
