"""Bookings as a calendar program reads them (RFC 5545): for the patient, and for the clinic's own calendar.

Nothing clinical is in it, not even what a visit is for. Every event of one booking has one UID, and a higher SEQUENCE
after each change, so that a program which reads the file again moves the event rather than making another.
"""

import datetime
from collections.abc import Iterable
from typing import Final

from icalendar import Calendar, Event

from clinic.staff.models import Clinic
from treatments.appointments.calendar.time_zone import vtimezone
from treatments.appointments.models import Appointment
from treatments.appointments.vocabulary import AppointmentState, NamesInCalendar

PRODUCT: Final = "-//Anagen//Appointments//EN"
MEDIA_TYPE: Final = "text/calendar; charset=utf-8"


def for_patient(appointment: Appointment, clinic: Clinic) -> bytes:
    """The file that a patient takes home; of a booking that is cancelled or struck out, the one that takes it out of
    their calendar."""
    event = _event(appointment, clinic, f"Appointment, {clinic.name}")
    event.add("location", clinic.name)
    return _calendar([event], clinic, [appointment.day], method="CANCEL" if _is_off(appointment) else "PUBLISH")


def feed(appointments: Iterable[Appointment], clinic: Clinic, names: str) -> bytes:
    """The bookings of the clinic. `appointments` have their patients where `names` wants any."""
    rows = list(appointments)
    events = [_event(row, clinic, _title(row, names)) for row in rows]
    return _calendar(events, clinic, [row.day for row in rows], name=clinic.name)


def _is_off(appointment: Appointment) -> bool:
    return appointment.state == AppointmentState.CANCELLED or appointment.is_struck_out


def _title(appointment: Appointment, names: str) -> str:
    who = ""
    if names == NamesInCalendar.NAMES:
        who = appointment.patient.name
    elif names == NamesInCalendar.INITIALS:
        initials = " ".join(f"{word[0]}." for word in appointment.patient.name.split())
        who = f"{initials}, {appointment.patient.record_number}"
    return ", ".join(filter(None, [f"Booked: {who}" if who else "Booked", appointment.room]))


def _event(appointment: Appointment, clinic: Clinic, title: str) -> Event:
    begins = datetime.datetime.combine(appointment.day, appointment.time, clinic.zone)
    told = [appointment.created_at, appointment.state_at, appointment.struck_out_at]
    event = Event()
    event.add("uid", f"{appointment.calendar_id}@anagen")
    event.add("sequence", appointment.sequence + appointment.is_struck_out)
    event.add("dtstamp", max(filter(None, told)).astimezone(datetime.UTC))
    event.add("dtstart", begins)
    event.add("duration", datetime.timedelta(minutes=appointment.minutes))
    event.add("summary", title)
    event.add("status", "CANCELLED" if _is_off(appointment) else "CONFIRMED")
    event.add("transp", "OPAQUE")
    return event


def _calendar(
    events: list[Event], clinic: Clinic, days: list[datetime.date], *, method: str = "", name: str = ""
) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    if method:
        calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("x-wr-timezone", clinic.time_zone)
        calendar.add("refresh-interval", datetime.timedelta(hours=1), parameters={"VALUE": "DURATION"})
    if events:
        calendar.add_component(vtimezone(clinic.zone, min(days), max(days)))
    for event in events:
        calendar.add_component(event)
    return calendar.to_ical()
