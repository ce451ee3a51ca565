"""Whether who was booked came: known from what is recorded of that day."""

import uuid
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.utils import timezone

from clinic.audit import log
from clinic.staff.models import User
from treatments.appointments import calling
from treatments.appointments.models import Appointment
from treatments.appointments.vocabulary import AppointmentState
from treatments.assessments.models import Assessment
from treatments.courses.models import ExosomeSession
from treatments.records.fields import DatePrecision

_MAY_HAVE_COME = (AppointmentState.BOOKED, AppointmentState.DID_NOT_COME)


def settle(patient_id: uuid.UUID, *, by: User) -> None:
    """Mark the patient's bookings of days on which a session or an assessment stands as came, and take back what such
    a record said before it was struck out or moved. To be called in the transaction that wrote the record.

    Whoever is seen on a day has kept every booking of that day: one visit is often booked as one thing and becomes two.
    """
    appointments = _with_visit(patient_id)
    for appointment in appointments.filter(state__in=_MAY_HAVE_COME, was_there=True):
        set_state(appointment, state=AppointmentState.CAME, came_by_record=True, by=by)
    for appointment in appointments.filter(came_by_record=True, was_there=False):
        set_state(appointment, state=AppointmentState.BOOKED, by=by)
    calling.recompute(patient_id)


def set_state(
    appointment: Appointment, *, state: str, by: User, came_by_record: bool = False, reason: str = ""
) -> bool:
    """Write what became of a booking, unless somebody did so first or it is struck out: False then. The caller computes
    who is called.

    Each cancelling, and each time that is taken back, is a next `sequence`: a calendar program that has read the file
    of the one leaves that of the other alone otherwise.
    """
    rows = Appointment.objects.standing().filter(pk=appointment.pk, version=appointment.version)
    was_cancelled = Q(state=AppointmentState.CANCELLED)
    crosses = ~was_cancelled if state == AppointmentState.CANCELLED else was_cancelled
    changed = rows.update(
        version=F("version") + 1,
        sequence=F("sequence") + Case(When(crosses, then=1), default=0),
        state=state,
        state_at=timezone.now(),
        state_by=by,
        came_by_record=came_by_record,
        cancel_reason=reason,
    )
    if changed:
        detail = {"state": AppointmentState(state).label.lower(), "by_record": came_by_record}
        log.record("settled_booking", by=by, clinic=appointment.clinic, target=appointment, detail=detail)
    return bool(changed)


def _with_visit(patient_id: uuid.UUID) -> Any:
    same = {"patient": OuterRef("patient")}
    day = OuterRef("day")
    given = ExosomeSession.objects.standing().filter(performed_on=day, performed_precision=DatePrecision.DAY, **same)
    examined = Assessment.objects.standing().filter(assessed_on=day, assessed_precision=DatePrecision.DAY, **same)
    appointments = Appointment.objects.standing().filter(patient_id=patient_id).select_related("clinic")
    return appointments.annotate(was_there=Exists(given) | Exists(examined)).order_by("id")
