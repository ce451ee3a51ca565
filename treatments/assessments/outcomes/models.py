from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.assessments import finding_text
from treatments.assessments.outcomes.vocabulary import SEEN, Beside, Rung
from treatments.courses.models import Course, Protocol
from treatments.patients.models import Patient
from treatments.products.models import Product
from treatments.records.db_expressions import Literal

_LADDER = ("window_until", "place", "patient", "is_struck_out", "begun_on", "other_treatment")
_CHOSEN = ("protocol", "product", "sex")
_BASELINE = ("scale", "baseline_stage")
_FIGURES = ("before", "after", "log_ratio", "is_matched_spot", "chance_variance", "further_counts")
_SESSIONS = ("sessions", "sessions_asked", "has_several_products")
GRADED = Literal(~models.Q(stage=""))
# Not by the rung, which leads an index that has no figures.
IS_ANALYSED = models.Q(log_ratio__isnull=False)
IS_NOT_COMPARABLE = Literal(models.Q(rung="not_comparable"))
IS_COURSE = Literal(models.Q(month=0))
"""Written out, as the indexes of these rows have it."""


class OutcomeQuerySet(models.QuerySet[Any]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)

    def begun(self) -> Self:
        """Of courses in which a session was given, and that stand."""
        return self.filter(is_struck_out=False, begun_on__isnull=False)

    def due(self) -> Self:
        """Those whose window is over today: who may still come is not missing."""
        return self.filter(window_until__lt=timezone.localdate())


class CourseOutcome(models.Model):
    """What became of one course at one Month; of Month 0, the course itself.

    Computed and never typed: `outcomes.computing` writes every row. What a cohort is chosen by stands in each row of a
    course, so that to choose is to filter one table. Densities are hairs/cm²; `log_ratio` is the natural logarithm of
    the count after by the count before.
    """

    clinic = models.ForeignKey("clinic.Clinic", models.PROTECT, related_name="+")
    # With its course and its patient a row goes: it is a part of them.
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="+")
    course = models.ForeignKey(Course, models.CASCADE, related_name="outcomes")
    month = models.PositiveSmallIntegerField()
    # Of the course.
    protocol = models.ForeignKey(Protocol, models.PROTECT, related_name="+", null=True)
    # The only product that was given in it; None where none is known, and where there were several.
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", null=True)
    has_several_products = models.BooleanField(default=False)
    sex = models.CharField(max_length=8, blank=True)
    is_struck_out = models.BooleanField(default=False)
    # The earliest day on which the first session may have been; None as long as there was none.
    begun_on = models.DateField(null=True)
    # Which of the patient's courses that have begun, from 1; None for one that has not.
    place = models.PositiveSmallIntegerField(null=True)
    scale = models.CharField(max_length=24, blank=True)
    baseline_stage = models.CharField(max_length=16, blank=True)
    sessions = models.PositiveSmallIntegerField(default=0)
    sessions_asked = models.PositiveSmallIntegerField(default=0)
    # 0 to 9,999 by chance, the same for all rows of a course: which are drawn where a plot cannot hold all.
    draw = models.PositiveSmallIntegerField(default=0)
    # Of the Month.
    window_from = models.DateField(null=True)
    window_until = models.DateField(null=True)
    rung = models.CharField(max_length=16, choices=Rung.choices, default=Rung.COURSE)
    # Why it is not comparable, without figures: "device differs; spot differs".
    reason = models.CharField(max_length=200, blank=True)
    # The row of the record that the figure is from.
    measurement = models.UUIDField(null=True)
    site = models.CharField(max_length=20, blank=True)
    method = models.CharField(max_length=32, blank=True)
    before = models.FloatField(null=True)
    after = models.FloatField(null=True)
    log_ratio = models.FloatField(null=True)
    # How many counts of this Month could have been taken besides.
    further_counts = models.PositiveSmallIntegerField(default=0)
    is_matched_spot = models.BooleanField(default=False)
    # What small counts vary more on the logarithmic scale; None where too few hairs were counted to tell an error.
    chance_variance = models.FloatField(null=True)
    # On the scale of the baseline; "" where it was not graded on that.
    stage = models.CharField(max_length=16, blank=True)
    has_other_scale = models.BooleanField(default=False)
    global_change = models.SmallIntegerField(null=True)
    patient_change = models.SmallIntegerField(null=True)
    other_treatment = models.CharField(max_length=8, choices=Beside.choices, default=Beside.NONE, blank=True)

    objects: ClassVar[Any] = OutcomeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "month"], name="one_outcome_of_a_course_at_a_month"),
            models.CheckConstraint(
                condition=models.Q(rung=Rung.ANALYSED, before__gt=0, after__gt=0, log_ratio__isnull=False)
                | (~models.Q(rung=Rung.ANALYSED) & models.Q(log_ratio__isnull=True)),
                name="only_what_is_analysed_has_figures",
            ),
        ]
        indexes = [
            # Hold all that is asked of a row, whatever a cohort is chosen by: a clinic is counted without its rows.
            models.Index(fields=["clinic", "month", "rung", *_LADDER, *_CHOSEN, *_BASELINE], name="outcomes_by_rung"),
            models.Index(
                fields=["clinic", "month", *_BASELINE, "stage", *_LADDER, *_CHOSEN],
                condition=~models.Q(stage=""),
                name="outcomes_graded",
            ),
            models.Index(
                # By the draw, so that those of a plot are read without the others.
                fields=["clinic", "month", "draw", *_LADDER, *_CHOSEN, *_BASELINE, *_FIGURES],
                condition=models.Q(log_ratio__isnull=False),
                name="outcomes_analysed",
            ),
            models.Index(
                fields=["clinic", "month", "reason", *_LADDER, *_CHOSEN, *_BASELINE],
                condition=models.Q(rung="not_comparable"),
                name="outcomes_not_comparable",
            ),
            # By the patient, so that each is added up as they come.
            models.Index(
                fields=["clinic", "patient", "is_struck_out", "begun_on", "place", *_CHOSEN, *_BASELINE, *_SESSIONS],
                condition=models.Q(month=0),
                name="outcomes_of_courses",
            ),
            models.Index(
                fields=["clinic", "scale", "baseline_stage"], condition=models.Q(month=0), name="stages_at_baseline"
            ),
            models.Index(
                fields=["clinic", "month"], condition=models.Q(has_other_scale=True), name="outcomes_of_another_scale"
            ),
            models.Index(fields=["patient", "month"], name="outcomes_of_a_patient"),
        ]

    def __str__(self) -> str:
        return f"Month {self.month}: {self.get_rung_display()}"

    @property
    def baseline_text(self) -> str:
        """ "Norwood III vertex"; "" where the stage was not graded at the baseline."""
        return finding_text.stage_text(self.scale, self.baseline_stage)

    @property
    def stage_word(self) -> str:
        """ "III vertex", on the scale of the baseline; "" where it was not graded on that."""
        return finding_text.stage_word(self.scale, self.stage) if self.stage else ""

    @property
    def was_seen(self) -> bool:
        return self.rung in SEEN

    @property
    def difference(self) -> float | None:
        """Hairs/cm², after minus before."""
        return None if self.after is None or self.before is None else self.after - self.before
