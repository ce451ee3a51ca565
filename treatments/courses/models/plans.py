"""The plan of a course: the clinic's template for it, and the plan of one patient."""

import datetime
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, When
from django.urls import reverse

from clinic.staff.models import Clinic
from treatments.courses.membership import by_date
from treatments.courses.schedule import PlanFacts, Window
from treatments.courses.vocabulary import CourseState, PlannedVisit, Route, usual_assessment_parts
from treatments.patients.models import Patient
from treatments.products.models import Product
from treatments.records.fields import DatePrecision
from treatments.records.formatting import ml
from treatments.records.models import ClinicalQuerySet, ClinicalRecord, Record, partial, struck_out_together
from treatments.records.partial_dates import PartialDate
from treatments.records.regions import Region


class Plan(models.Model):
    """What a protocol and the course made from it have in common. Intervals are calendar months."""

    sessions_planned = models.PositiveSmallIntegerField(
        "Sessions in the first part (induction)", default=5, validators=[MinValueValidator(1), MaxValueValidator(24)]
    )
    interval_months = models.PositiveSmallIntegerField(
        "Months between sessions", default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="Usual product"
    )
    # {"vertex": "3.00"}: mL as text, so that no volume passes through binary fractions.
    volumes = models.JSONField("Usual volume in each region, mL", default=dict, blank=True)
    route = models.CharField("Usual route", max_length=32, choices=Route.choices, blank=True)
    checkpoints = models.JSONField("Months with photos and grading", default=list, blank=True)
    views = models.JSONField("Views to take", default=list, blank=True)
    assessment_parts = models.JSONField("Asked at an assessment", default=usual_assessment_parts, blank=True)
    maintenance_from_month = models.PositiveSmallIntegerField("Maintenance from month", null=True, blank=True)
    maintenance_to_month = models.PositiveSmallIntegerField("to month", null=True, blank=True)
    maintenance_interval_months = models.PositiveSmallIntegerField(
        "Months between maintenance sessions", null=True, blank=True
    )
    follow_up_from_month = models.PositiveSmallIntegerField("Follow-up visit from month", null=True, blank=True)
    follow_up_to_month = models.PositiveSmallIntegerField("to month", null=True, blank=True)
    refresh_months = models.PositiveSmallIntegerField("Months between refresh sessions", null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def total_ml(self) -> Decimal:
        return sum(self.volumes_ml.values(), Decimal(0))

    @property
    def volumes_text(self) -> str:
        """ "vertex 3 mL, mid-scalp 1 mL"."""
        return ", ".join(f"{str(Region(code).label).lower()} {ml(given)}" for code, given in self.volumes_ml.items())

    @property
    def volumes_ml(self) -> dict[str, Decimal]:
        """The planned mL by region as exact decimals."""
        return {region: Decimal(given) for region, given in self.volumes.items()}

    @property
    def facts(self) -> PlanFacts:
        return PlanFacts(
            sessions_planned=self.sessions_planned,
            interval_months=self.interval_months,
            maintenance_from_month=self.maintenance_from_month,
            maintenance_to_month=self.maintenance_to_month,
            maintenance_interval_months=self.maintenance_interval_months,
            refresh_months=self.refresh_months,
            follow_up_from_month=self.follow_up_from_month,
            follow_up_to_month=self.follow_up_to_month,
        )


class ProtocolQuerySet(models.QuerySet["Protocol"]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)

    def in_use(self) -> Self:
        return self.filter(archived_at__isnull=True)

    def for_walk_ins(self) -> Self:
        """Those within which a session may be logged that nobody planned, by name."""
        return self.in_use().filter(takes_walk_ins=True).order_by("name")


class Protocol(Record, Plan):
    """The clinic's template for a course."""

    name = models.CharField("Name of the protocol", max_length=120)
    takes_walk_ins = models.BooleanField("A walk-in may be logged within it", default=False)
    archived_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[Any] = ProtocolQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "name"], name="a_protocol_name_is_used_once_in_a_clinic")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("sessions:protocol", args=[self.pk])


OPEN_STATES = [CourseState.INDUCTION, CourseState.MAINTENANCE, CourseState.FOLLOW_UP, CourseState.REFRESH]
LISTED = models.Q(struck_out_at__isnull=True, patient_archived=False)
WANTED = LISTED & models.Q(does_not_want=False)


class CourseQuerySet(ClinicalQuerySet):
    def listed(self) -> Self:
        """Those that the lists of the day are made of: standing, of patients who are not archived."""
        return self.filter(LISTED)

    def to_call(self, day: datetime.date) -> Self:
        """Those listed whom nobody has booked or postponed beyond this day, and who want to come."""
        return self.filter(
            WANTED,
            models.Q(booked_until__isnull=True) | models.Q(booked_until__lt=day),
            models.Q(postponed_to__isnull=True) | models.Q(postponed_to__lte=day),
        )

    def going_on(self) -> Self:
        return self.standing().filter(state__in=OPEN_STATES)

    def of_patient(self, patient: Patient) -> Self:
        """Those that stand, in the order of their Month 0."""
        return self.standing().filter(patient=patient).order_by("baseline_on", "id")

    def on(self, patient: Patient, when: PartialDate | datetime.date) -> "Course | None":
        """The standing course of a patient in whose time a fact falls (`membership.by_date`)."""
        return by_date(list(self.of_patient(patient)), when)

    def newest_first(self) -> Self:
        return self.order_by("-baseline_on", "-id")

    def open_first(self) -> Self:
        """Courses that go on before those that ended, each newest first."""
        ended = Case(When(state__in=OPEN_STATES, then=0), default=1)
        return self.annotate(ended=ended).order_by("ended", "-baseline_on", "-id")


class Course(ClinicalRecord, Plan):
    """A planned series for one patient. Month 0 is `baseline_on`; what is due is computed from the last session."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="courses")
    protocol = models.ForeignKey(Protocol, models.PROTECT, related_name="courses", null=True, blank=True)
    name = models.CharField("Name of the course", max_length=120)
    baseline_on = models.DateField("Month 0 is")
    baseline_precision = models.CharField(
        max_length=8, choices=DatePrecision.choices, default=DatePrecision.DAY, editable=False
    )
    # Whether it was made with a session that nobody had planned.
    is_walk_in = models.BooleanField("Made for a walk-in", default=False, db_default=False, editable=False)
    state = models.CharField(max_length=12, choices=CourseState.choices, default=CourseState.INDUCTION, editable=False)
    stopped_on = models.DateField(null=True, editable=False)
    stop_reason = models.CharField(max_length=300, blank=True, editable=False)
    note = models.CharField("Long-term plan", max_length=400, blank=True)
    # Counted and computed by the session actions, in their transaction, so that lists need no joins.
    sessions_done = models.PositiveSmallIntegerField(default=0, editable=False)
    last_session_on = models.DateField(null=True, editable=False)
    last_session_precision = models.CharField(
        max_length=8, choices=DatePrecision.choices, default=DatePrecision.DAY, editable=False
    )
    # When the next session is planned, as EDTF ("2025-05", "2025-07-14/2025-10-14"), and the first and last day of it.
    next_due = models.CharField(max_length=23, blank=True, default="", editable=False)
    next_due_on = models.DateField(null=True, editable=False)
    next_due_until = models.DateField(null=True, editable=False)
    # Whether that is a session or the follow-up.
    next_due_visit = models.CharField(
        max_length=9, choices=PlannedVisit.choices, default=PlannedVisit.SESSION, editable=False
    )
    # Which session of its part of the plan that is, from 1.
    next_due_place = models.PositiveSmallIntegerField(null=True, editable=False)
    final_photos_from = models.DateField(null=True, editable=False)
    final_photos_missing = models.BooleanField(default=False, editable=False)
    patient_archived = models.BooleanField(default=False, editable=False)
    # What bookings and calls say of the next visit, computed by appointments.calling: nobody is asked twice.
    booked_until = models.DateField(null=True, editable=False)
    postponed_to = models.DateField(null=True, editable=False)
    does_not_want = models.BooleanField(default=False, editable=False)

    objects: ClassVar[Any] = CourseQuerySet.as_manager()

    class Meta:
        constraints = [
            struck_out_together("course_struck_out_with_who_and_why"),
            models.CheckConstraint(
                condition=~models.Q(state="stopped") | (models.Q(stopped_on__isnull=False) & ~models.Q(stop_reason="")),
                name="a_stopped_course_has_its_day_and_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(sessions_planned__gte=1) & models.Q(interval_months__gte=1),
                name="a_course_plans_at_least_one_session_a_month_apart",
            ),
            models.CheckConstraint(
                condition=models.Q(maintenance_to_month__isnull=True)
                | models.Q(maintenance_to_month__gte=models.F("maintenance_from_month")),
                name="maintenance_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(follow_up_to_month__isnull=True)
                | models.Q(follow_up_to_month__gte=models.F("follow_up_from_month")),
                name="a_follow_up_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(next_due_visit__in=PlannedVisit.values),
                name="what_is_due_is_a_session_or_a_follow_up",
            ),
        ]
        indexes = [
            models.Index(fields=["patient"], name="courses_of_a_patient"),
            # Each holds one list of Today in its order, so that its first rows are read and nothing else.
            models.Index(
                fields=["clinic", "next_due_on", "id"],
                condition=WANTED & models.Q(next_due_on__isnull=False),
                name="courses_due",
            ),
            models.Index(
                fields=["clinic", "next_due_until", "next_due_on", "id"],
                condition=WANTED & models.Q(next_due_until__gt=models.F("next_due_on")),
                name="courses_due_within_a_window",
            ),
            models.Index(
                fields=["clinic", "next_due_until", "id"],
                condition=WANTED & models.Q(next_due_until__isnull=False),
                name="courses_overdue",
            ),
            models.Index(
                fields=["clinic", "-last_session_on", "id"],
                condition=LISTED & models.Q(final_photos_missing=True),
                name="courses_without_final_photos",
            ),
            models.Index(
                fields=["clinic", "postponed_to", "id"],
                condition=WANTED & models.Q(postponed_to__isnull=False),
                name="courses_postponed",
            ),
            models.Index(
                fields=["clinic", "next_due_until", "id"],
                condition=LISTED & models.Q(does_not_want=True),
                name="courses_not_wanted",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("sessions:course", args=[self.patient_id, self.pk])

    @property
    def facts(self) -> PlanFacts:
        return replace(super().facts, is_walk_in=self.is_walk_in)

    @property
    def is_without_its_session(self) -> bool:
        """Whether it was made with a walk-in's session, which was struck out or moved to another patient since."""
        return self.facts.asks_no_session and not self.sessions_done

    @property
    def is_left_unfinished(self) -> bool:
        """Whether its plan is not done and nothing of it is waited for: a newer course began when it was overdue."""
        return self.is_open and not self.next_due

    @property
    def happened_on(self) -> datetime.date:
        return self.baseline_on

    @property
    def when(self) -> PartialDate:
        return self.baseline

    @property
    def baseline(self) -> PartialDate:
        return partial(self.baseline_on, self.baseline_precision)

    @property
    def distinct_name(self) -> str:
        """With its Month 0: two courses of a patient have often the same name."""
        return f"{self.name}, from {self.baseline.label()}"

    @property
    def ended_on(self) -> datetime.date | None:
        """The day the course was stopped, or finished with its last session; None while it goes on."""
        if self.stopped_on is not None:
            return self.stopped_on
        return self.last_session.latest if self.last_session and self.state == CourseState.FINISHED else None

    @property
    def last_session(self) -> PartialDate | None:
        return partial(self.last_session_on, self.last_session_precision) if self.last_session_on else None

    @property
    def due(self) -> Window | None:
        """When the next session is planned; None when nothing is."""
        return Window.read(self.next_due) if self.next_due else None

    @property
    def awaits_follow_up(self) -> bool:
        """Whether the next visit is the follow-up, for which nothing need be given."""
        return self.next_due_visit == PlannedVisit.FOLLOW_UP

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES
