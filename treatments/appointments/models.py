"""A visit that is booked, a call that was made about one, the feed for a calendar, and the texts of messages."""

import datetime
import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.appointments.rules import Slot
from treatments.appointments.vocabulary import (
    ON_THE_DAY,
    AppointmentState,
    MessageKind,
    NamesInCalendar,
    Outcome,
    VisitKind,
)
from treatments.courses.models import Course
from treatments.patients.models import Patient
from treatments.products.models import Lot
from treatments.records.formatting import day
from treatments.records.models import ClinicalQuerySet, ClinicalRecord, Record, all_or_none, struck_out_together

MINUTES = 30
SHORTEST, LONGEST = 5, 600


class AppointmentQuerySet(ClinicalQuerySet):
    def on_the_list(self) -> Self:
        """What stands on the list of a day: booked, came, did not come."""
        return self.standing().filter(state__in=ON_THE_DAY)

    def booked(self) -> Self:
        return self.standing().filter(state=AppointmentState.BOOKED)

    def in_order(self) -> Self:
        return self.order_by("day", "time", "id")


class Appointment(ClinicalRecord):
    """A visit that is booked: a day and a time on the clinic's clock.

    A booking that is changed stays as it was, with the state MOVED, and the next one is made `instead_of` it. All that
    follow one another have one `calendar_id`, and `sequence` counts them, as a calendar file wants it.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="appointments")
    course = models.ForeignKey(Course, models.PROTECT, related_name="appointments", null=True, blank=True)
    day = models.DateField("Day")
    time = models.TimeField("Time")
    minutes = models.PositiveSmallIntegerField("Minutes", default=MINUTES)
    room = models.CharField("Room", max_length=40, blank=True)
    kind = models.CharField("What for?", max_length=16, choices=VisitKind.choices, default=VisitKind.SESSION)
    note = models.CharField("Note for the desk", max_length=200, blank=True)
    state = models.CharField(
        max_length=16, choices=AppointmentState.choices, default=AppointmentState.BOOKED, editable=False
    )
    state_at = models.DateTimeField(default=timezone.now, editable=False)
    state_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False)
    # Set by saving what was done at the visit, and so taken back when that is struck out.
    came_by_record = models.BooleanField(default=False, editable=False)
    cancel_reason = models.CharField(max_length=300, blank=True, editable=False)
    calendar_id = models.UUIDField(default=uuid.uuid4, editable=False)
    sequence = models.PositiveSmallIntegerField(default=0, editable=False)
    instead_of = models.ForeignKey("self", models.PROTECT, related_name="next", null=True, editable=False)

    objects: ClassVar[Any] = AppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            struck_out_together("appointment_struck_out_with_who_and_why"),
            models.CheckConstraint(condition=models.Q(kind__in=VisitKind.values), name="a_visit_is_of_a_known_kind"),
            models.CheckConstraint(
                condition=models.Q(state__in=AppointmentState.values), name="a_booking_is_in_a_known_state"
            ),
            models.CheckConstraint(
                condition=models.Q(minutes__range=(SHORTEST, LONGEST)), name="a_visit_lasts_5_to_600_minutes"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="cancelled") | ~models.Q(cancel_reason=""),
                name="a_cancelled_booking_has_its_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(came_by_record=False) | models.Q(state="came"),
                name="only_who_came_came_by_a_record",
            ),
            models.UniqueConstraint(fields=["calendar_id", "sequence"], name="a_booking_is_changed_once_at_a_time"),
        ]
        indexes = [
            models.Index(fields=["clinic", "day", "time", "id"], name="appointments_of_a_day"),
            models.Index(fields=["patient", "day"], name="appointments_of_a_patient"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.label}"

    def get_absolute_url(self) -> str:
        return reverse("appointments:detail", args=[self.patient_id, self.pk])

    @property
    def happened_on(self) -> datetime.date:
        return self.day

    @property
    def label(self) -> str:
        """ "Wed 3 Dec 2025, 10:00"."""
        return f"{self.day:%a} {day(self.day)}, {self.time:%H:%M}"

    @property
    def slot(self) -> Slot:
        """Without the name: with it where the patient is read already."""
        known = Appointment.patient.is_cached(self)
        name = self.patient.name if known else ""
        return Slot(self.day, self.time, self.minutes, self.room, str(self.patient_id), name)

    @property
    def is_booked(self) -> bool:
        return self.state == AppointmentState.BOOKED

    @property
    def is_ahead(self) -> bool:
        """Whether it can still be kept: booked, and its day has not passed."""
        return self.is_booked and self.day >= timezone.localdate()

    @property
    def day_has_come(self) -> bool:
        """Whether somebody can have come, or not: never before its day."""
        return self.day <= timezone.localdate()

    def begins(self, zone: datetime.tzinfo) -> datetime.datetime:
        return self.slot.begins(zone)

    @property
    def minutes_late(self) -> int:
        """How long somebody who is booked is waited for; 0 before the time, and once it is known what became of it."""
        zone = timezone.get_current_timezone()
        begins = datetime.datetime.combine(self.day, self.time, zone)
        return max(0, int((timezone.now() - begins).total_seconds() // 60)) if self.is_booked else 0


class CallQuerySet(ClinicalQuerySet):
    def newest_first(self) -> Self:
        return self.order_by("-at", "-id")


class Call(ClinicalRecord):
    """A call, or a message that was written, and what came of it: about the next visit of a course, a booking, or the
    recall of a lot; about nothing of these where the patient called for another reason.

    `about_due` is what the course waited for then, in EDTF: once it waits for another visit, the call is over with.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="calls")
    course = models.ForeignKey(Course, models.PROTECT, related_name="calls", null=True, blank=True)
    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="calls", null=True, blank=True)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="calls", null=True, blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)
    outcome = models.CharField("What came of it?", max_length=16, choices=Outcome.choices)
    until = models.DateField("Call again on", null=True, blank=True)
    note = models.CharField("Note", max_length=200, blank=True)
    about_due = models.CharField(max_length=23, blank=True, editable=False)

    objects: ClassVar[Any] = CallQuerySet.as_manager()

    class Meta:
        constraints = [
            struck_out_together("call_struck_out_with_who_and_why"),
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="a_call_has_a_known_outcome"),
            models.CheckConstraint(
                condition=models.Q(outcome="postponed", until__isnull=False)
                | (~models.Q(outcome="postponed") & models.Q(until__isnull=True)),
                name="who_postpones_names_the_day",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "-at"], name="calls_of_a_patient"),
            models.Index(fields=["lot", "patient", "-at"], name="calls_about_a_lot"),
        ]

    def __str__(self) -> str:
        return f"Call of {day(self.happened_on)}: {self.outcome_text}"

    def get_absolute_url(self) -> str:
        return reverse("appointments:of-patient", args=[self.patient_id])

    @property
    def happened_on(self) -> datetime.date:
        return timezone.localdate(self.at)

    @property
    def outcome_text(self) -> str:
        """ "reached", "postponed to 3 Jun 2026"."""
        word = str(Outcome(self.outcome).label)
        word = word[0].lower() + word[1:]
        return f"{word} to {day(self.until)}" if self.until else word


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)

    def open(self) -> Self:
        """Those that answer."""
        return self.filter(revoked_at=None)


class CalendarFeed(models.Model):
    """A secret address at which a calendar program reads the clinic's bookings; shown once, and stored as a hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("clinic.Clinic", models.PROTECT, related_name="+")
    name = models.CharField("Which calendar reads it?", max_length=60)
    names = models.CharField(
        "Who is named in it?", max_length=10, choices=NamesInCalendar.choices, default=NamesInCalendar.NONE
    )
    secret_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    # The last day on which a program read it, on the clinic's clock: the first time of each day is on the trail.
    last_read_on = models.DateField(null=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(names__in=NamesInCalendar.values), name="a_feed_names_nobody_initials_or_names"
            ),
            models.CheckConstraint(
                condition=all_or_none("revoked_at", "revoked_by"), name="a_feed_is_revoked_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MessageTemplateQuerySet(models.QuerySet["MessageTemplate"]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)


class MessageTemplate(Record):
    """The text of a message that somebody of the clinic sends with a program of their own."""

    kind = models.CharField("What is it for?", max_length=16, choices=MessageKind.choices)
    language = models.CharField("Language", max_length=40, default="English")
    subject = models.CharField("Subject of the mail", max_length=120)
    text = models.TextField("Text", max_length=1200)

    objects = MessageTemplateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=MessageKind.values), name="a_message_is_of_a_known_kind"
            ),
            models.UniqueConstraint(
                fields=["clinic", "kind", "language"],
                name="one_text_of_a_kind_in_a_language",
                violation_error_message="There is a text of this kind in this language already. Change that one.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.language}"
