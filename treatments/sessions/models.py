import datetime
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Count, OuterRef, Subquery, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from treatments.records.answers import Asked
from treatments.records.fields import DatePrecision
from treatments.records.models import ClinicalQuerySet, ClinicalRecord, Record, partial, struck_out_together
from treatments.records.partial_dates import PartialDate
from treatments.records.regions import INJECTABLE_CHOICES, Region
from treatments.sessions.schedule import PlanFacts
from treatments.sessions.vocabulary import (
    Anaesthesia,
    CourseState,
    NeedleGauge,
    Phase,
    Route,
    SessionOutcome,
    SkinPrep,
)
from treatments.sessions.volumes import in_words

MAX_SESSION_ML = Decimal("20")
LATE_ENTRY_DAYS = 2
"""Entered this many days after it took place, a session says so wherever it is read."""


class Plan(models.Model):
    """What a protocol and the course made from it have in common. Intervals are calendar months."""

    sessions_planned = models.PositiveSmallIntegerField(
        "Sessions in the opening run", default=5, validators=[MinValueValidator(1), MaxValueValidator(24)]
    )
    interval_months = models.PositiveSmallIntegerField(
        "Months between sessions", default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    product = models.ForeignKey(
        "treatments.Product", models.PROTECT, related_name="+", null=True, blank=True, verbose_name="Usual product"
    )
    # {"vertex": "3.00"}: mL as text, so that no volume passes through binary fractions.
    volumes = models.JSONField("Usual volume in each region, mL", default=dict, blank=True)
    route = models.CharField("Usual route", max_length=32, choices=Route.choices, blank=True)
    checkpoints = models.JSONField("Months with photos and grading", default=list, blank=True)
    views = models.JSONField("Views to take", default=list, blank=True)
    maintenance_from_month = models.PositiveSmallIntegerField(
        "Maintenance or follow-up from month", null=True, blank=True
    )
    maintenance_to_month = models.PositiveSmallIntegerField("to month", null=True, blank=True)
    maintenance_interval_months = models.PositiveSmallIntegerField(
        "Months between maintenance sessions", null=True, blank=True
    )
    refresh_months = models.PositiveSmallIntegerField("Months between refresh sessions", null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def total_ml(self) -> Decimal:
        return sum(self.volumes_ml.values(), Decimal(0))

    @property
    def volumes_text(self) -> str:
        """ "vertex 3 mL, mid-scalp 1 mL"."""
        return ", ".join(
            f"{str(Region(code).label).lower()} {ml.normalize():f} mL" for code, ml in self.volumes_ml.items()
        )

    @property
    def volumes_ml(self) -> dict[str, Decimal]:
        """The planned mL by region as exact decimals."""
        return {region: Decimal(ml) for region, ml in self.volumes.items()}

    @property
    def volumes_in_words(self) -> str:
        return in_words(self.volumes_ml)

    @property
    def facts(self) -> PlanFacts:
        return PlanFacts(
            sessions_planned=self.sessions_planned,
            interval_months=self.interval_months,
            maintenance_from_month=self.maintenance_from_month,
            maintenance_to_month=self.maintenance_to_month,
            maintenance_interval_months=self.maintenance_interval_months,
            refresh_months=self.refresh_months,
        )


class ProtocolQuerySet(models.QuerySet["Protocol"]):
    def of(self, clinic: Any) -> Self:
        return self.filter(clinic=clinic)

    def in_use(self) -> Self:
        return self.filter(archived_at__isnull=True)


class Protocol(Record, Plan):
    """The clinic's template for a course."""

    name = models.CharField("Name of the protocol", max_length=120)
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


OPEN_STATES = [CourseState.INDUCTION, CourseState.MAINTENANCE, CourseState.REFRESH]
LISTED = models.Q(struck_out_at__isnull=True, patient_archived=False)


class CourseQuerySet(ClinicalQuerySet):
    def listed(self) -> Self:
        """Those that the lists of the day are made of: standing, of patients who are not archived."""
        return self.filter(LISTED)

    def going_on(self) -> Self:
        return self.standing().filter(state__in=OPEN_STATES)

    def newest_first(self) -> Self:
        return self.order_by("-baseline_on", "-id")

    def open_first(self) -> Self:
        """Courses that go on before those that ended, each newest first."""
        ended = Case(When(state__in=OPEN_STATES, then=0), default=1)
        return self.annotate(ended=ended).order_by("ended", "-baseline_on", "-id")


class Course(ClinicalRecord, Plan):
    """A planned series for one patient. Month 0 is `baseline_on`; what is due is computed from the last session."""

    patient = models.ForeignKey("treatments.Patient", models.PROTECT, related_name="courses")
    protocol = models.ForeignKey(Protocol, models.PROTECT, related_name="courses", null=True, blank=True)
    name = models.CharField("Name of the course", max_length=120)
    baseline_on = models.DateField("Month 0 is")
    baseline_precision = models.CharField(
        max_length=8, choices=DatePrecision.choices, default=DatePrecision.DAY, editable=False
    )
    state = models.CharField(max_length=12, choices=CourseState.choices, default=CourseState.INDUCTION, editable=False)
    stopped_on = models.DateField(null=True, editable=False)
    stop_reason = models.CharField(max_length=300, blank=True, editable=False)
    note = models.CharField("Long-term plan", max_length=400, blank=True)
    # Counted and computed by the session actions, in their transaction, so that lists need no joins.
    sessions_done = models.PositiveSmallIntegerField(default=0, editable=False)
    last_session_on = models.DateField(null=True, editable=False)
    next_due_on = models.DateField(null=True, editable=False)
    next_due_until = models.DateField(null=True, editable=False)
    final_photos_from = models.DateField(null=True, editable=False)
    final_photos_missing = models.BooleanField(default=False, editable=False)
    patient_archived = models.BooleanField(default=False, editable=False)

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
        ]
        indexes = [
            models.Index(fields=["patient"], name="courses_of_a_patient"),
            # Each holds one list of Today in its order, so that its first rows are read and nothing else.
            models.Index(
                fields=["clinic", "next_due_on", "id"],
                condition=LISTED & models.Q(next_due_on__isnull=False),
                name="courses_due",
            ),
            models.Index(
                fields=["clinic", "next_due_until", "id"],
                condition=LISTED & models.Q(next_due_until__gt=models.F("next_due_on")),
                name="courses_due_within_a_window",
            ),
            models.Index(
                fields=["clinic", "next_due_until", "id"],
                condition=LISTED & models.Q(next_due_until__isnull=False),
                name="courses_overdue",
            ),
            models.Index(
                fields=["clinic", "-last_session_on", "id"],
                condition=LISTED & models.Q(final_photos_missing=True),
                name="courses_without_final_photos",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("sessions:course", args=[self.patient_id, self.pk])

    @property
    def happened_on(self) -> datetime.date:
        return self.baseline_on

    @property
    def baseline(self) -> PartialDate:
        return partial(self.baseline_on, self.baseline_precision)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


class SessionQuerySet(ClinicalQuerySet):
    def in_order(self) -> Self:
        return self.order_by("performed_on", "performed_at", "id")

    def with_number(self) -> Self:
        """Adds `number`: the place by date among the course's standing sessions, from 1; None when struck out.

        It is counted for each row, so it is right in any selection: one session, a lot's, a patient's.
        """
        earlier = (
            ExosomeSession.objects.standing()
            .filter(course=OuterRef("course"), performed_on__lt=OuterRef("performed_on"))
            .order_by()
            .values("course")
            .annotate(count=Count("pk"))
            .values("count")
        )
        number = Coalesce(Subquery(earlier), 0) + 1
        return self.annotate(number=Case(When(struck_out_at__isnull=True, then=number), default=None))

    def as_read(self) -> Self:
        """With all that a page prints of a session, so that no row costs a query of its own."""
        return self.select_related("course", "product", "lot__product", "operator", "created_by").prefetch_related(
            "region_volumes"
        )


class ExosomeSession(ClinicalRecord):
    """One treatment visit. Its number is never stored: it follows from the dates of the course's sessions."""

    patient = models.ForeignKey("treatments.Patient", models.PROTECT, related_name="exosome_sessions")
    course = models.ForeignKey(Course, models.PROTECT, related_name="exosome_sessions")
    performed_on = models.DateField("Date of the session")
    performed_precision = models.CharField(
        max_length=8, choices=DatePrecision.choices, default=DatePrecision.DAY, editable=False
    )
    performed_at = models.TimeField("Time", null=True, blank=True)
    phase = models.CharField(max_length=16, choices=Phase.choices, default=Phase.INDUCTION)
    reported_label = models.CharField("How the source calls it", max_length=80, blank=True)
    route = models.CharField("Route", max_length=32, choices=Route.choices, blank=True)
    route_confirmed = models.BooleanField("Route confirmed", default=True)
    product = models.ForeignKey(
        "treatments.Product", models.PROTECT, related_name="exosome_sessions", null=True, blank=True
    )
    lot = models.ForeignKey("treatments.Lot", models.PROTECT, related_name="exosome_sessions", null=True, blank=True)
    lot_is_unknown = models.BooleanField("The lot was not recorded", default=False)
    total_ml = models.DecimalField("Total volume, mL", max_digits=5, decimal_places=2)
    needle_gauge = models.PositiveSmallIntegerField("Needle", choices=NeedleGauge.choices, null=True, blank=True)
    needle_length_mm = models.DecimalField("Needle length, mm", max_digits=4, decimal_places=1, null=True, blank=True)
    depth_mm = models.DecimalField("Depth, mm", max_digits=4, decimal_places=1, null=True, blank=True)
    points = models.PositiveSmallIntegerField("Injection points", null=True, blank=True)
    point_ml = models.DecimalField("mL at each point", max_digits=4, decimal_places=3, null=True, blank=True)
    device = models.CharField("Device and cartridge", max_length=120, blank=True)
    skin_prep = models.CharField("Skin preparation", max_length=20, choices=SkinPrep.choices, blank=True)
    anaesthesia = models.CharField("Anaesthesia", max_length=32, choices=Anaesthesia.choices, blank=True)
    anaesthesia_detail = models.CharField("Agent and dose", max_length=120, blank=True)
    pain_during = models.PositiveSmallIntegerField("Pain during the session, 0 to 10", null=True, blank=True)
    pain_after = models.PositiveSmallIntegerField("Pain 15 minutes after, 0 to 10", null=True, blank=True)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="Given by"
    )
    assistant = models.CharField("Assisted by", max_length=120, blank=True)
    outcome = models.CharField(max_length=12, choices=SessionOutcome.choices, default=SessionOutcome.COMPLETED)
    outcome_reason = models.CharField("Why it was not completed", max_length=300, blank=True)
    # Blank is not "none": each of the two questions keeps whether it was put at all.
    since_last = models.CharField(
        "Anything since last time?", max_length=10, choices=Asked.choices, default=Asked.NOT_ASKED
    )
    reactions = models.CharField("Reactions today?", max_length=10, choices=Asked.choices, default=Asked.NOT_ASKED)
    note = models.TextField("Note", max_length=4000, blank=True)

    objects: ClassVar[Any] = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            struck_out_together("session_struck_out_with_who_and_why"),
            models.UniqueConstraint(
                fields=["course", "performed_on"],
                condition=models.Q(struck_out_at__isnull=True),
                name="one_session_a_day_in_a_course",
            ),
            models.CheckConstraint(
                condition=models.Q(total_ml__gt=0, total_ml__lte=MAX_SESSION_ML), name="a_session_gives_up_to_20_ml"
            ),
            models.CheckConstraint(
                condition=models.Q(lot__isnull=True) | models.Q(lot_is_unknown=False),
                name="a_lot_is_known_or_unknown_not_both",
            ),
            models.CheckConstraint(
                condition=(models.Q(pain_during__isnull=True) | models.Q(pain_during__lte=10))
                & (models.Q(pain_after__isnull=True) | models.Q(pain_after__lte=10)),
                name="pain_is_rated_0_to_10",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="completed") | ~models.Q(outcome_reason=""),
                name="an_unfinished_session_has_its_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "performed_on"], name="sessions_of_a_patient"),
            models.Index(
                fields=["lot", "-performed_on", "-id"],
                condition=models.Q(struck_out_at__isnull=True),
                name="sessions_of_a_lot",
            ),
            models.Index(fields=["clinic", "created_at"], name="sessions_by_entry"),
        ]

    def __str__(self) -> str:
        return f"Session of {self.performed.label()}"

    @property
    def days_to_entry(self) -> int:
        """Days from the session to its entry; for a session known to the month, from that month's end."""
        return max(0, (timezone.localdate(self.created_at) - self.performed.latest).days)

    @property
    def is_late_entry(self) -> bool:
        return self.days_to_entry >= LATE_ENTRY_DAYS

    @property
    def happened_on(self) -> datetime.date:
        return self.performed_on

    @property
    def performed(self) -> PartialDate:
        return partial(self.performed_on, self.performed_precision)

    @property
    def where_text(self) -> str:
        """The regions charged, with mL each where there are several; the words of the chair where they were kept."""
        charged = list(self.region_volumes.all())
        if len(charged) == 1:
            return charged[0].as_told or str(charged[0].get_region_display()).lower()
        return ", ".join(
            f"{each.as_told or str(each.get_region_display()).lower()} {each.ml.normalize():f} mL" for each in charged
        )

    def get_absolute_url(self) -> str:
        return reverse("sessions:detail", args=[self.patient_id, self.pk])


class RegionVolume(models.Model):
    """The mL that one region received in a session."""

    exosome_session = models.ForeignKey(ExosomeSession, models.CASCADE, related_name="region_volumes")
    region = models.CharField(max_length=20, choices=INJECTABLE_CHOICES)
    ml = models.DecimalField("mL", max_digits=5, decimal_places=2)
    # The words used at the chairside, where they differ from the code: "crown and vertex".
    as_told = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exosome_session", "region"], name="a_region_is_charged_once_in_a_session"),
            models.CheckConstraint(condition=models.Q(ml__gt=0), name="a_charged_region_received_something"),
            models.CheckConstraint(
                condition=models.Q(region__in=[code for code, _ in INJECTABLE_CHOICES]),
                name="only_a_known_region_is_charged",
            ),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{Region(self.region).label} {self.ml} mL"
