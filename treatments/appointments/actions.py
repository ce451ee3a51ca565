"""How a visit is booked, changed and cancelled, and how a call is noted."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from clinic.staff.models import User
from treatments.appointments import calling
from treatments.appointments.attendance import set_state
from treatments.appointments.models import Appointment, Call
from treatments.appointments.rules import day_problems, postponing_problems
from treatments.appointments.vocabulary import AppointmentState, Outcome
from treatments.patients.actions import wait_for
from treatments.patients.models import Patient
from treatments.records.actions import Conflict, Passed, insert, strike_out

CHANGED_SINCE = "Somebody else changed this booking while you were on this page. Look at it again."


def book(appointment: Appointment, *, call: Call | None = None, passed: Iterable[Passed] = (), by: User) -> Appointment:
    """Book a visit, with the call in which it was agreed. Raises AlreadySaved for a used id, ValidationError for a day
    that has passed, a course of another patient, and a patient who was archived."""

    def settle(saved: Appointment) -> None:
        if call is not None:
            call.outcome, call.appointment = Outcome.BOOKED, saved
            _note(call, by=by)
        calling.recompute(saved.patient_id)

    with transaction.atomic():
        wait_for(appointment.patient_id)
        _check(appointment)
        detail = {"kind": str(appointment.kind), "by_telephone": call is not None}
        return insert(appointment, event="booked", by=by, passed=passed, then=settle, detail=detail)


def change_booking(
    new: Appointment, *, instead_of: Appointment, passed: Iterable[Passed] = (), by: User
) -> Appointment:
    """Book `new` in the place of another booking, which stays readable as moved.

    Raises ValidationError as `book` does, and where the other booking is not kept open any more.
    """
    new.instead_of, new.calendar_id, new.sequence = instead_of, instead_of.calendar_id, instead_of.sequence + 1

    def give_up(saved: Appointment) -> None:
        if instead_of.state not in {AppointmentState.BOOKED, AppointmentState.DID_NOT_COME} or not set_state(
            instead_of, state=AppointmentState.MOVED, by=by
        ):
            raise ValidationError(CHANGED_SINCE)
        calling.recompute(saved.patient_id)

    with transaction.atomic():
        wait_for(new.patient_id)
        _check(new)
        return insert(new, event="changed_booking", by=by, passed=passed, then=give_up)


def cancel(appointment: Appointment, *, reason: str, expected_version: int, by: User) -> Appointment:
    """Cancel a booking; it stays readable with its reason. Raises Conflict when somebody changed it first, and
    ValidationError where there is nothing to cancel any more: the visit was moved, or the patient came."""
    if appointment.state in {AppointmentState.MOVED, AppointmentState.CAME}:
        raise ValidationError(CHANGED_SINCE)
    return _settle(appointment, AppointmentState.CANCELLED, expected_version=expected_version, reason=reason, by=by)


def say_what_became(appointment: Appointment, state: str, *, expected_version: int, by: User) -> Appointment:
    """Say by hand that somebody came, did not come, or, where that was wrong, is still expected. Raises Conflict, and
    ValidationError of a booking that was moved, before its day has come, and where a patient who was archived would be
    expected again."""
    if appointment.state == AppointmentState.MOVED:
        raise ValidationError(CHANGED_SINCE)
    if state == AppointmentState.BOOKED:
        _check_archived(appointment)
    elif not appointment.day_has_come:
        raise ValidationError(
            f"The visit is booked for {appointment.label}. Whether the patient came can be said from that day on. "
            "If the patient comes on another day, change the booking."
        )
    return _settle(appointment, state, expected_version=expected_version, by=by)


def cancel_all_ahead(patient: Patient, *, reason: str, by: User) -> list[Appointment]:
    """Cancel every booking of today and later. To be called in the transaction that archives the patient."""
    ahead = Appointment.objects.booked().filter(patient=patient, day__gte=timezone.localdate())
    cancelled = list(ahead.select_related("clinic").in_order())
    for appointment in cancelled:
        set_state(appointment, state=AppointmentState.CANCELLED, reason=reason, by=by)
    calling.recompute(patient.pk)
    return cancelled


def strike_out_booking(appointment: Appointment, *, reason: str, expected_version: int, by: User) -> Appointment:
    """Mark a booking as made in error, of the wrong patient for example: it stands on no list any more.

    With it go the bookings in whose place it was made, which were the same error, and the call that led to any of them.
    Raises Conflict, and ValidationError of a booking that was moved: the one in its place is struck out, not this.
    """

    def settle(struck_out: Appointment) -> None:
        chain = Appointment.objects.filter(calendar_id=struck_out.calendar_id, patient=struck_out.patient_id)
        for before in chain.standing().order_by("sequence"):
            strike_out(before, reason=reason, expected_version=before.version, by=by)
        calls = Call.objects.standing().filter(appointment__in=chain, outcome=Outcome.BOOKED)
        for call in calls.order_by("id"):
            strike_out(call, reason=reason, expected_version=call.version, by=by)
        calling.recompute(struck_out.patient_id)

    if appointment.state == AppointmentState.MOVED:
        raise ValidationError(CHANGED_SINCE)
    with transaction.atomic():
        wait_for(appointment.patient_id)
        return strike_out(appointment, reason=reason, expected_version=expected_version, by=by, then=settle)


def note_call(call: Call, *, passed: Iterable[Passed] = (), by: User) -> Call:
    """Note a call and what came of it. Raises AlreadySaved for a used id, ValidationError for a day that has passed."""
    with transaction.atomic():
        wait_for(call.patient_id)
        return _note(call, passed=passed, by=by)


def strike_out_call(call: Call, *, reason: str, expected_version: int, by: User) -> Call:
    """Mark a call as noted in error; whoever it took off the lists is back on them. Raises Conflict."""

    def settle(struck_out: Call) -> None:
        calling.recompute(struck_out.patient_id)

    with transaction.atomic():
        wait_for(call.patient_id)
        return strike_out(call, reason=reason, expected_version=expected_version, by=by, then=settle)


def _note(call: Call, *, passed: Iterable[Passed] = (), by: User) -> Call:
    for belongs in (call.course, call.appointment):
        if belongs is not None and belongs.patient_id != call.patient_id:
            raise ValidationError("That belongs to another patient. Open the page again.")
    for problem in postponing_problems(call.until, today=timezone.localdate()):
        raise ValidationError({problem.field: problem.sentence})
    if call.course is not None:
        call.about_due = call.course.next_due
    about = "lot" if call.lot_id else "visit" if call.course_id else "booking" if call.appointment_id else "other"
    detail = {"outcome": str(call.outcome), "about": about}

    def settle(noted: Call) -> None:
        calling.recompute(noted.patient_id)

    return insert(call, event="noted_call", by=by, passed=passed, then=settle, detail=detail)


def _check(appointment: Appointment) -> None:
    """Look again in the transaction: the form looked before."""
    if appointment.course is not None and appointment.course.patient_id != appointment.patient_id:
        raise ValidationError({"course": "That course belongs to another patient. Choose again."})
    for problem in day_problems(appointment.day, today=timezone.localdate()):
        raise ValidationError({problem.field: problem.sentence})
    _check_archived(appointment)


def _check_archived(appointment: Appointment) -> None:
    archived = Patient.objects.filter(pk=appointment.patient_id, archived_at__isnull=False)
    if archived.exists():
        raise ValidationError("The patient is archived. Press Bring back on the patient’s page first.")


def _settle(appointment: Appointment, state: str, *, expected_version: int, by: User, reason: str = "") -> Appointment:
    with transaction.atomic():
        wait_for(appointment.patient_id)
        appointment.version = expected_version
        if not set_state(appointment, state=state, reason=reason, by=by):
            current = Appointment.objects.get(pk=appointment.pk)
            if (current.state, current.cancel_reason, current.state_by_id) == (state, reason, by.pk):
                return current  # a double click, or a retry
            raise Conflict(current)
        calling.recompute(appointment.patient_id)
        appointment.refresh_from_db()
    return appointment
