"""What the desk reads: who is booked on a day, what is booked for a patient, and what came of the last calls."""

import datetime
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.appointments.models import Appointment, Call
from treatments.appointments.rules import Slot
from treatments.appointments.vocabulary import AppointmentState
from treatments.patients.models import Patient

ROOMS_REMEMBERED = 12
_REMEMBERED_FOR = datetime.timedelta(days=120)
NEXT_SHOWN = 5


@dataclass(frozen=True)
class Booked:
    """A booking on the list of its day. `clash` names who needs the same room, or is the same person, at that time."""

    appointment: Appointment
    clash: str = ""

    @property
    def standing(self) -> str:
        """ "came 10:04", "did not come", "12 min late", "in 20 min"; "" for a later hour."""
        appointment = self.appointment
        match appointment.state:
            case AppointmentState.CAME:
                return (
                    "came" if appointment.came_by_record else f"came {timezone.localtime(appointment.state_at):%H:%M}"
                )
            case AppointmentState.DID_NOT_COME:
                return "did not come"
        late = appointment.minutes_late
        return f"{late} min late" if 0 < late < 60 else "not here yet" if late else ""

    @property
    def is_late(self) -> bool:
        return self.appointment.minutes_late > 0


def of_day(clinic: Clinic, day: datetime.date) -> "QuerySet[Appointment]":
    """The bookings of a day by their time, each with its patient. One query, read off `appointments_of_a_day`."""
    rows: QuerySet[Appointment] = Appointment.objects.of(clinic).on_the_list().filter(day=day)
    return rows.select_related("patient").order_by("time", "id")


def listed(appointments: Iterable[Appointment]) -> list[Booked]:
    """The rows of a day's list, each with what else is booked for its room or its patient at that time."""
    rows, zone = list(appointments), timezone.get_current_timezone()
    slots = {row.pk: row.slot for row in rows if row.state != AppointmentState.DID_NOT_COME}

    def clash(row: Appointment) -> str:
        own = slots.get(row.pk)
        others = [each for each in rows if each.pk in slots and each.pk != row.pk] if own else []
        return ", ".join(_named(row, each) for each in others if own and own.clashes(slots[each.pk], zone))

    return [Booked(row, clash(row)) for row in rows]


def _named(row: Appointment, other: Appointment) -> str:
    who = "the same patient" if other.patient_id == row.patient_id else other.patient.name
    return f"{who}, {other.slot.span}"


def at_once(appointment: Appointment) -> str:
    """What else is booked for its room or its patient at the time of a booking that is expected; "" otherwise. Whoever
    saves last of two people who book at the same moment reads it here, since neither form could know. One query."""
    if not appointment.is_ahead or appointment.is_struck_out:
        return ""
    rows = listed(of_day(appointment.clinic, appointment.day))
    return next((row.clash for row in rows if row.appointment.pk == appointment.pk), "")


def next_patients(clinic: Clinic, now: datetime.datetime | None = None) -> list[Appointment]:
    """Whoever is booked today and has not come yet, the longest expected first: the way on after a visit is saved."""
    day = timezone.localtime(now).date() if now else timezone.localdate()
    rows = Appointment.objects.of(clinic).booked().filter(day=day).select_related("patient")
    return list(rows.order_by("time", "id")[:NEXT_SHOWN])


def ahead_of(patient: Patient) -> "QuerySet[Appointment]":
    """What is booked for a patient from today on."""
    rows: QuerySet[Appointment] = Appointment.objects.booked().filter(patient=patient, day__gte=timezone.localdate())
    return rows.in_order()  # type: ignore[attr-defined]


def others_on(clinic: Clinic, day: datetime.date, *, leaving_out: Collection[uuid.UUID]) -> list[Slot]:
    """The times of a day that are taken, but for the booking that is made or changed."""
    taken = of_day(clinic, day).exclude(pk__in=leaving_out).exclude(state=AppointmentState.DID_NOT_COME)
    return [row.slot for row in taken]


def rooms_of(clinic: Clinic) -> list[str]:
    """The rooms that were booked lately, by name."""
    since = timezone.localdate() - _REMEMBERED_FOR
    rows = Appointment.objects.of(clinic).standing().filter(day__gte=since).exclude(room="")
    return sorted(rows.order_by().values_list("room", flat=True).distinct()[:ROOMS_REMEMBERED], key=str.casefold)


def last_calls(course_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Call]:
    """Of each course the latest call about the visit that it waits for now. One query."""
    newest = Call.objects.standing().filter(course=OuterRef("course"), about_due=OuterRef("course__next_due"))
    calls = Call.objects.standing().filter(course__in=course_ids, pk=Subquery(newest.newest_first().values("pk")[:1]))
    return {call.course_id: call for call in calls.select_related("created_by")}


def last_calls_about(lot_id: uuid.UUID, patient_ids: Collection[uuid.UUID] | None = None) -> dict[uuid.UUID, Call]:
    """Of each patient, or of these alone, the latest call about a lot. One query."""
    newest = Call.objects.standing().filter(lot=lot_id, patient=OuterRef("patient"))
    calls = Call.objects.standing().filter(lot=lot_id, pk=Subquery(newest.newest_first().values("pk")[:1]))
    if patient_ids is not None:
        calls = calls.filter(patient__in=patient_ids)
    return {call.patient_id: call for call in calls.select_related("created_by")}
