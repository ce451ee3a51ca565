"""Bookings, and the sessions that did not take place because nobody came."""

import datetime

from treatments.appointments.models import Appointment
from treatments.appointments.vocabulary import AppointmentState, VisitKind
from treatments.evidence.fhir.resources.people import subject
from treatments.evidence.fhir.resources.treatment import SESSION
from treatments.evidence.fhir.rows import Rows
from treatments.evidence.fhir.writing.datatypes import concept, instant
from treatments.evidence.fhir.writing.terms import choice
from treatments.evidence.fhir.writing.writer import Writer

STATUS = {
    AppointmentState.BOOKED: "booked",
    AppointmentState.CAME: "fulfilled",
    AppointmentState.DID_NOT_COME: "noshow",
    AppointmentState.CANCELLED: "cancelled",
}


def write(writer: Writer, rows: Rows) -> None:
    for booking in rows.appointments:
        # What was moved is followed by the booking that stands instead of it.
        if booking.state in STATUS and writer.is_named:
            _booking(writer, rows, booking)
        if booking.state == AppointmentState.DID_NOT_COME and booking.kind == VisitKind.SESSION:
            _missed(writer, rows, booking)


def _booking(writer: Writer, rows: Rows, booking: Appointment) -> None:
    state, kind = AppointmentState(booking.state), VisitKind(booking.kind)
    begins = booking.begins(writer.zone)
    ends = begins + datetime.timedelta(minutes=booking.minutes)
    is_off = state == AppointmentState.CANCELLED
    body = {
        "status": STATUS[state],
        "cancelationReason": {"text": booking.cancel_reason} if is_off else {},
        "serviceType": [concept(choice("visit", kind))],
        "start": instant(begins, writer.zone),
        "end": instant(ends, writer.zone),
        "minutesDuration": booking.minutes,
        "created": instant(booking.created_at, writer.zone),
        "comment": booking.note,
        "participant": [
            {"actor": subject(writer, rows.patient), "status": "declined" if is_off else "accepted"},
        ],
    }
    text = f"{booking}: {str(state.label).lower()}."
    writer.add("Appointment", booking.pk, body, text=text, row=booking.pk)


def _missed(writer: Writer, rows: Rows, booking: Appointment) -> None:
    """A session that was booked and not given, with its reason; nothing was administered."""
    stands = any(course.pk == booking.course_id for course in rows.courses)
    body = {
        "status": "not-done",
        "statusReason": concept(choice("appointment-state", AppointmentState.DID_NOT_COME)),
        "code": concept(SESSION),
        "basedOn": [writer.reference("CarePlan", booking.course_id)] if stands else [],
        "subject": subject(writer, rows.patient),
        **writer.date("performedDateTime", booking.day, at=booking.time),
    }
    at = writer.said(booking.day)
    text = f"A booked session did not take place: the patient did not come{f', {at}' if at else ''}."
    writer.add("Procedure", booking.pk, body, part="missed", text=text, row=booking.pk)
