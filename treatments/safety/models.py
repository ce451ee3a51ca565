import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse

from treatments.courses.models import Course, ExosomeSession
from treatments.patients.models import Patient
from treatments.products.models import Lot
from treatments.records.db_expressions import Literal
from treatments.records.fields import PartialDateField
from treatments.records.formatting import day
from treatments.records.models import ClinicalQuerySet, ClinicalRecord, struck_out_together
from treatments.records.partial_dates import PartialDate, of_day
from treatments.safety.grading import lot_problems
from treatments.safety.vocabulary import (
    DEFAULT_CTCAE,
    OPEN_OUTCOMES,
    ActionTaken,
    Causality,
    CtcaeVersion,
    EventKind,
    Expectedness,
    Outcome,
)

OPEN_CODES = sorted(str(outcome.value) for outcome in OPEN_OUTCOMES)


class ReportDecision(models.TextChoices):
    UNDECIDED = "undecided", "Not decided yet"
    REQUIRED = "required", "To be reported"
    NOT_REQUIRED = "not_required", "No report needed"
    REPORTED = "reported", "Reported"


@dataclass(frozen=True)
class LotEvents:
    """How many events are tied to one lot, and how many of them are open or serious; none that was struck out."""

    total: int = 0
    open: int = 0
    serious: int = 0


class EventQuerySet(ClinicalQuerySet):
    def open(self) -> Self:
        return self.standing().filter(Literal(models.Q(outcome__in=OPEN_CODES)))

    def of_lot(self, lot: Lot) -> Self:
        return self.standing().filter(exosome_session__lot=lot)

    def by_lot(self, lots: Iterable[Lot]) -> dict[uuid.UUID, LotEvents]:
        """Counts for each of these lots that has an event, by the lot's id."""
        counted = (
            self.standing()
            .filter(exosome_session__lot__in=[lot.pk for lot in lots])
            .order_by()
            .values_list("exosome_session__lot")
            .annotate(
                total=models.Count("id"),
                open=models.Count("id", filter=models.Q(outcome__in=OPEN_CODES)),
                serious=models.Count("id", filter=models.Q(is_serious=True)),
            )
        )
        return {lot: LotEvents(*counts) for lot, *counts in counted}

    def lot_signal(self, lot: Lot) -> str:
        """The sentence of rule 24 when a lot has so many events that it should be looked at, else ""."""
        problems = lot_problems(lot.number, self.of_lot(lot).count())
        return problems[0].sentence if problems else ""

    def serious_first(self) -> Self:
        return self.order_by("-is_serious", "-grade", "-happened", "-id")


class AdverseEvent(ClinicalRecord):
    """What happened to the patient, tied to the suspected session and so to its lot.

    Grade is CTCAE 1-5; seriousness follows ICH E2A and is a different question. Onset and end may be partial or
    unknown; `happened` is the day it is filed under, which is the session's or the report's where onset is unknown.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="adverse_events")
    exosome_session = models.ForeignKey(
        ExosomeSession,
        models.PROTECT,
        related_name="adverse_events",
        null=True,
        blank=True,
        verbose_name="Suspected session",
    )
    course = models.ForeignKey(
        Course, models.PROTECT, related_name="adverse_events", null=True, blank=True, verbose_name="Course"
    )
    kind = models.CharField("What happened?", max_length=32, choices=EventKind.choices)
    description = models.TextField("In your words, or the patient's", max_length=4000, blank=True)
    happened = models.DateField(editable=False)
    onset = PartialDateField("When did it begin?", blank=True)
    ended = PartialDateField("When was it over?", blank=True)
    duration_note = models.CharField("How long, as told", max_length=120, blank=True)
    grade = models.PositiveSmallIntegerField(
        "CTCAE grade", validators=[MinValueValidator(1), MaxValueValidator(5)], default=1
    )
    ctcae_version = models.CharField(max_length=4, choices=CtcaeVersion.choices, default=DEFAULT_CTCAE)
    seriousness = models.JSONField("Serious because", default=list, blank=True)
    is_serious = models.BooleanField(default=False, editable=False)
    causality = models.CharField("Caused by the treatment?", max_length=32, choices=Causality.choices, blank=True)
    action_taken = models.CharField(
        "What was done about the treatment", max_length=2, choices=ActionTaken.choices, blank=True
    )
    local_actions = models.JSONField("What was done for the patient", default=list, blank=True)
    outcome = models.CharField("How did it end?", max_length=2, choices=Outcome.choices, default=Outcome.ONGOING)
    expectedness = models.CharField("Expected?", max_length=16, choices=Expectedness.choices, blank=True)
    expectedness_reference = models.CharField("Against which reference", max_length=160, blank=True)
    reported_by = models.CharField("Who told us", max_length=120, blank=True)
    reported_on = models.DateField("When we were told", null=True, blank=True)
    report_decision = models.CharField(
        "Report to the authority?", max_length=16, choices=ReportDecision.choices, default=ReportDecision.UNDECIDED
    )
    report_due_on = models.DateField("Report due", null=True, blank=True)
    authority = models.CharField("Authority", max_length=120, blank=True)
    authority_reference = models.CharField("Reference number", max_length=80, blank=True)
    authority_reported_on = models.DateField("Reported on", null=True, blank=True)

    objects: ClassVar[Any] = EventQuerySet.as_manager()

    class Meta:
        constraints = [
            struck_out_together("event_struck_out_with_who_and_why"),
            models.CheckConstraint(condition=models.Q(grade__range=(1, 5)), name="a_ctcae_grade_runs_from_1_to_5"),
            models.CheckConstraint(
                condition=models.Q(grade__lt=4) | models.Q(is_serious=True), name="grade_4_and_5_are_serious"
            ),
            models.CheckConstraint(
                condition=(models.Q(grade=5) & models.Q(outcome=Outcome.FATAL))
                | (models.Q(grade__lt=5) & ~models.Q(outcome=Outcome.FATAL)),
                name="grade_5_and_a_fatal_outcome_go_together",
            ),
            models.CheckConstraint(
                condition=models.Q(ended="") | ~models.Q(outcome=Outcome.ONGOING),
                name="an_ongoing_event_has_no_end",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "happened"], name="events_of_a_patient"),
            # In the order that Today and the register show them, so that the first rows need no sorting.
            models.Index(
                fields=["clinic", "-is_serious", "-grade", "-happened", "-id"],
                condition=models.Q(outcome__in=OPEN_CODES, struck_out_at__isnull=True),
                name="open_events",
            ),
            models.Index(fields=["exosome_session"], name="events_of_a_session"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, grade {self.grade}"

    @property
    def happened_on(self) -> datetime.date:
        return self.happened

    @property
    def when(self) -> PartialDate:
        """When it began; where that is not known, when the suspected session was, else the day it is filed under."""
        if self.onset:
            return self.onset
        return self.exosome_session.when if self.exosome_session else of_day(self.happened)

    @property
    def is_open(self) -> bool:
        return not self.is_struck_out and self.outcome in OPEN_CODES

    def get_absolute_url(self) -> str:
        return reverse("safety:event", args=[self.patient_id, self.pk])


class FollowUp(ClinicalRecord):
    """A later look at an event: what is left of it, and what was done."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="event_follow_ups")
    event = models.ForeignKey(AdverseEvent, models.PROTECT, related_name="follow_ups")
    seen_on = models.DateField("Date")
    grade = models.PositiveSmallIntegerField(
        "CTCAE grade now", validators=[MinValueValidator(1), MaxValueValidator(5)], null=True, blank=True
    )
    outcome = models.CharField("How is it now?", max_length=2, choices=Outcome.choices)
    note = models.TextField("What was seen and done", max_length=4000)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="Seen by"
    )

    class Meta:
        constraints = [struck_out_together("follow_up_struck_out_with_who_and_why")]
        indexes = [models.Index(fields=["event", "seen_on"], name="follow_ups_of_an_event")]

    def __str__(self) -> str:
        return f"{day(self.seen_on)}: {self.get_outcome_display()}"

    @property
    def happened_on(self) -> datetime.date:
        return self.seen_on
