import datetime
import uuid
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from treatments.courses.models import Application, Course, ExosomeSession
from treatments.patients.models import Patient
from treatments.products.models import Lot
from treatments.records.db_expressions import Literal
from treatments.records.fields import PartialDateField
from treatments.records.models import ClinicalQuerySet, ClinicalRecord, all_or_none, struck_out_together
from treatments.records.partial_dates import PartialDate, of_day
from treatments.safety.grading import lot_problems
from treatments.safety.looks import Look, falls_with_session
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
    """How many events are tied to sessions of one lot, of how many patients, and how many of them are open or serious;
    none that was struck out, and none of a session that was."""

    total: int = 0
    patients: int = 0
    open: int = 0
    serious: int = 0
    open_serious: int = 0


def _lot_counts(of_patients: models.Q | None = None) -> dict[str, models.Count]:
    """In the order of `LotEvents`."""
    is_open, is_serious = models.Q(outcome__in=OPEN_CODES), models.Q(is_serious=True)
    return {
        "total": models.Count("id", distinct=True),
        "patients": models.Count("patient", distinct=True, filter=of_patients),
        "open": models.Count("id", distinct=True, filter=is_open),
        "serious": models.Count("id", distinct=True, filter=is_serious),
        "open_serious": models.Count("id", distinct=True, filter=is_serious & is_open),
    }


class EventQuerySet(ClinicalQuerySet):
    def standing(self) -> Self:
        """Those that count: neither struck out, nor fallen with a session that was struck out."""
        return super().standing().filter(Literal(models.Q(fell_with_session=False)))

    def open(self) -> Self:
        return self.standing().filter(Literal(models.Q(outcome__in=OPEN_CODES)))

    def of_given_sessions(self) -> Self:
        """Those tied to a session that took place: what counts for a lot, a product and a rate."""
        return self.standing().filter(exosome_session__isnull=False, exosome_session__struck_out_at__isnull=True)

    def of_lot(self, lot: Lot | uuid.UUID) -> Self:
        """Those of sessions at which the lot was given, first or beside another."""
        return self.of_given_sessions().filter(
            models.Q(exosome_session__lot=lot)
            | models.Q(exosome_session__in=Application.objects.filter(lot=lot).values("exosome_session"))
        )

    def by_lot(self, lots: Iterable[Lot]) -> dict[uuid.UUID, LotEvents]:
        """Counts for each of these lots that has an event, by the lot's id. Two queries.

        An event counts once for a lot, and a patient too, however often the lot was given to them.
        """
        ids = [lot.pk for lot in lots]
        tied = self.of_given_sessions().order_by()
        first = tied.filter(exosome_session__lot__in=ids).annotate(lot=models.F("exosome_session__lot"))
        of_the_patient = tied.filter(patient=models.OuterRef("patient"), exosome_session__lot=models.OuterRef("lot"))
        beside = (
            tied.annotate(lot=models.F("exosome_session__applications__lot"))
            .filter(models.Q(lot__in=ids) & ~models.Q(exosome_session__lot=models.F("lot")))
            .annotate(is_new=~models.Exists(of_the_patient))
        )
        counts = {lot: LotEvents(*counts) for lot, *counts in first.values_list("lot").annotate(**_lot_counts())}
        is_new = models.Q(is_new=True)
        for lot, *more in beside.values_list("lot").annotate(**_lot_counts(of_patients=is_new)):
            pairs = zip(astuple(counts.get(lot, LotEvents())), more, strict=True)
            counts[lot] = LotEvents(*(one + other for one, other in pairs))
        return counts

    def open_serious_since(self, lots: Iterable[Lot]) -> dict[uuid.UUID, datetime.date]:
        """Of each of these lots with a serious event that is not resolved, the day of the first. Two queries."""
        ids = [lot.pk for lot in lots]
        tied = self.of_given_sessions().filter(is_serious=True, outcome__in=OPEN_CODES).order_by()
        since: dict[uuid.UUID, datetime.date] = {}
        for path in ("exosome_session__lot", "exosome_session__applications__lot"):
            for lot_id, happened in tied.filter(**{f"{path}__in": ids}).values_list(path, "happened"):
                since[lot_id] = min(since.get(lot_id, happened), happened)
        return since

    def lot_signal(self, lot: Lot) -> str:
        """The sentence of rule 24 when a lot has so many events that it should be looked at, else ""."""
        events = self.by_lot([lot]).get(lot.pk, LotEvents())
        problems = lot_problems(lot.number, events.total, patients=events.patients)
        return problems[0].sentence if problems else ""

    def serious_first(self) -> Self:
        return self.order_by("-is_serious", "-grade", "-happened", "-id")


class AdverseEvent(ClinicalRecord):
    """What happened to the patient, tied to the suspected session and so to its lot.

    Grade is CTCAE 1-5; seriousness follows ICH E2A and is a different question. Onset and end may be partial or
    unknown; `happened` is the day it is filed under, which is the session's or the report's where onset is unknown.

    What the report itself said stands in the columns `reported_grade`, `reported_seriousness`, `reported_outcome` and
    `reported_ended`, and is what a correction of the event changes. How the event stands is worked out from the report
    and all follow-ups by `actions.recompute`, and written nowhere else: `grade`, `seriousness` and `is_serious` at
    worst; `outcome` and `ended` by the latest look; `serious_since` and `report_due_on` for the report to an authority;
    `fell_with_session`, because its session was struck out and the event was of that day.
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
    fell_with_session = models.BooleanField(default=False, editable=False)
    kind = models.CharField("What happened?", max_length=32, choices=EventKind.choices)
    description = models.TextField("In your words, or the patient's", max_length=4000, blank=True)
    happened = models.DateField(editable=False)
    onset = PartialDateField("When did it begin?", blank=True)
    ended = PartialDateField("When was it over?", blank=True)
    duration_note = models.CharField("How long it lasted (patient’s words)", max_length=120, blank=True)
    grade = models.PositiveSmallIntegerField(
        "CTCAE grade", validators=[MinValueValidator(1), MaxValueValidator(5)], default=1
    )
    ctcae_version = models.CharField(max_length=4, choices=CtcaeVersion.choices, default=DEFAULT_CTCAE)
    seriousness = models.JSONField("Serious because", default=list, blank=True)
    is_serious = models.BooleanField(default=False, editable=False)
    serious_since = models.DateField(null=True, editable=False)
    learnt_on = models.DateField("When the clinic learnt that it was serious", null=True, blank=True)
    causality = models.CharField("Caused by the treatment?", max_length=32, choices=Causality.choices, blank=True)
    action_taken = models.CharField(
        "What was done about the treatment", max_length=2, choices=ActionTaken.choices, blank=True
    )
    local_actions = models.JSONField("What was done for the patient", default=list, blank=True)
    outcome = models.CharField("How did it end?", max_length=2, choices=Outcome.choices, default=Outcome.ONGOING)
    reported_grade = models.PositiveSmallIntegerField("CTCAE grade, as reported", default=1, editable=False)
    reported_seriousness = models.JSONField("Serious because, as reported", default=list, blank=True, editable=False)
    reported_outcome = models.CharField(
        "How it was, as reported", max_length=2, choices=Outcome.choices, default=Outcome.ONGOING, editable=False
    )
    reported_ended = PartialDateField("When it was over, as reported", blank=True, editable=False)
    expectedness = models.CharField("Expected?", max_length=16, choices=Expectedness.choices, blank=True)
    expectedness_reference = models.CharField("Against which reference", max_length=160, blank=True)
    reported_by = models.CharField("Who reported it", max_length=120, blank=True)
    reported_on = models.DateField("When was it reported to the clinic?", null=True, blank=True)
    report_decision = models.CharField(
        "Report to the authority?", max_length=16, choices=ReportDecision.choices, default=ReportDecision.UNDECIDED
    )
    report_due_on = models.DateField("Report due", null=True, blank=True)
    due_by_hand_on = models.DateField("Report due, set by hand", null=True, editable=False)
    due_by_hand_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False, verbose_name="set by"
    )
    due_by_hand_at = models.DateTimeField(null=True, editable=False)
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
            models.CheckConstraint(
                condition=all_or_none("due_by_hand_on", "due_by_hand_by", "due_by_hand_at"),
                name="a_deadline_set_by_hand_says_by_whom_and_when",
            ),
            models.CheckConstraint(
                condition=models.Q(is_serious=True) | models.Q(serious_since__isnull=True),
                name="only_a_serious_event_is_serious_since_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "happened"], name="events_of_a_patient"),
            # In the order that Today and the register show them, so that the first rows need no sorting.
            models.Index(
                fields=["clinic", "-is_serious", "-grade", "-happened", "-id"],
                condition=models.Q(outcome__in=OPEN_CODES, struck_out_at__isnull=True, fell_with_session=False),
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

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new event stands as its report says."""
        if self._state.adding:
            self.reported_grade, self.reported_seriousness = self.grade, list(self.seriousness)
            self.reported_outcome, self.reported_ended = self.outcome, self.ended
        super().save(*args, **kwargs)

    @property
    def is_struck_out(self) -> bool:
        """Itself, or with its session."""
        return self.struck_out_at is not None or self.fell_with_session

    @property
    def is_open(self) -> bool:
        return not self.is_struck_out and self.outcome in OPEN_CODES

    def would_fall_with(self, session: ExosomeSession) -> bool:
        """Whether it counts no more if this session, to which it is tied, did not take place."""
        return falls_with_session(
            is_serious=self.is_serious,
            onset=self.onset or None,
            told_on=self.reported_on,
            session=session.performed,
        )

    @property
    def told_on(self) -> datetime.date:
        """The day on which the clinic was told of it; where nobody said, the day of entry."""
        return self.reported_on or timezone.localdate(self.created_at)

    @property
    def report_waits_until(self) -> datetime.date | None:
        """The day by which a report to the authority is due; None when none is, or it was sent or ruled out."""
        is_waiting = self.report_decision in {ReportDecision.UNDECIDED, ReportDecision.REQUIRED}
        return self.report_due_on if is_waiting and not self.is_struck_out else None

    @property
    def report_look(self) -> Look:
        """What the report said."""
        return Look(
            on=self.told_on,
            outcome=self.reported_outcome,
            grade=self.reported_grade,
            criteria=tuple(self.reported_seriousness),
            ended=self.reported_ended or None,
            learnt_on=self.learnt_on,
            is_report=True,
        )

    def follow_up_looks(self) -> list[Look]:
        """The follow-ups that stand, in the order of their entry."""
        return [follow_up.look for follow_up in self.follow_ups.standing().order_by("created_at", "id")]

    def looks(self) -> list[Look]:
        """The report and every follow-up that stands. One query."""
        return [self.report_look, *self.follow_up_looks()]

    def get_absolute_url(self) -> str:
        return reverse("safety:event", args=[self.patient_id, self.pk])


class FollowUpQuerySet(ClinicalQuerySet):
    def standing(self) -> Self:
        """Those that count: neither struck out, nor told at a session that was struck out."""
        return super().standing().filter(models.Q(exosome_session=None) | models.Q(exosome_session__struck_out_at=None))


class FollowUp(ClinicalRecord):
    """A later look at an event: what is left of it, what was done, and what made it serious, if this did."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="event_follow_ups")
    event = models.ForeignKey(AdverseEvent, models.PROTECT, related_name="follow_ups")
    exosome_session = models.ForeignKey(
        ExosomeSession, models.PROTECT, related_name="+", null=True, editable=False, verbose_name="Asked at the session"
    )
    seen_on = models.DateField("Date")
    grade = models.PositiveSmallIntegerField(
        "CTCAE grade now", validators=[MinValueValidator(1), MaxValueValidator(5)], null=True, blank=True
    )
    outcome = models.CharField("How is it now?", max_length=2, choices=Outcome.choices)
    ended = PartialDateField("When was it over?", blank=True)
    criteria = models.JSONField("Has it become serious? Tick why.", default=list, blank=True)
    learnt_on = models.DateField("When did we learn of it?", null=True, blank=True)
    note = models.TextField("What was seen and done", max_length=4000)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="Seen by"
    )

    objects: ClassVar[Any] = FollowUpQuerySet.as_manager()

    class Meta:
        constraints = [struck_out_together("follow_up_struck_out_with_who_and_why")]
        indexes = [models.Index(fields=["event", "seen_on"], name="follow_ups_of_an_event")]

    def __str__(self) -> str:
        return f"{self.when.label()}: {self.get_outcome_display()}"

    @property
    def happened_on(self) -> datetime.date:
        return self.seen_on

    @property
    def is_struck_out(self) -> bool:
        """Itself, or with the session at which it was told."""
        session = self.exosome_session
        return self.struck_out_at is not None or (session is not None and session.is_struck_out)

    @property
    def when(self) -> PartialDate:
        """The day of the look, as far as the session's is known at which it was told."""
        session = self.exosome_session
        return session.performed if session and session.performed_on == self.seen_on else of_day(self.seen_on)

    @property
    def look(self) -> Look:
        return Look(
            on=self.seen_on,
            outcome=self.outcome,
            grade=self.grade,
            criteria=tuple(self.criteria),
            ended=self.ended or None,
            learnt_on=self.learnt_on,
        )
