import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse

from treatments.assessments import finding_text, measurement_kinds
from treatments.assessments.scales.catalogue import SCALE_CHOICES, SCALES
from treatments.assessments.vocabulary import (
    Diagnosis,
    Differential,
    Fitzpatrick,
    GlobalChange,
    PullTestResult,
    PullTestRule,
    Satisfaction,
    ShedType,
    StageHow,
    VisitKind,
)
from treatments.courses.models import Course
from treatments.patients.models import Patient
from treatments.records.fields import DatePrecision
from treatments.records.models import ClinicalQuerySet, ClinicalRecord, partial, struck_out_together
from treatments.records.partial_dates import PartialDate
from treatments.records.regions import Region
from treatments.records.vocabulary import Asked, Lighting


class AssessmentQuerySet(ClinicalQuerySet):
    def in_order(self) -> Any:
        return self.order_by("assessed_on", "id")


class Assessment(ClinicalRecord):
    """One grading visit: stage, examination, global change, the patient's own words.

    A blank stage means "not graded that day"; it is never carried forward. `findings` maps a finding's code to
    its grade 0-3, `trichoscopy` a sign's code to present or absent; what is not in them was not examined.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="assessments")
    course = models.ForeignKey(
        Course, models.PROTECT, related_name="assessments", null=True, blank=True, verbose_name="Course"
    )
    assessed_on = models.DateField("Date")
    assessed_precision = models.CharField(
        max_length=8, choices=DatePrecision.choices, default=DatePrecision.DAY, editable=False
    )
    assessor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="Graded by"
    )
    assessor_name = models.CharField("Graded by somebody without an account", max_length=120, blank=True)
    visit = models.CharField(
        "Kind of visit", max_length=10, choices=VisitKind.choices, default=VisitKind.ASSESSMENT, editable=False
    )
    # Asked at a follow-up; blank is not "none".
    since_last = models.CharField(
        "Anything since last time?", max_length=10, choices=Asked.choices, default=Asked.NOT_ASKED
    )
    reported_label = models.CharField("Name of this visit in the old record", max_length=80, blank=True)
    scale = models.CharField("Scale", max_length=24, choices=SCALE_CHOICES, blank=True)
    stage = models.CharField("Stage", max_length=16, blank=True)
    stage_how = models.CharField("How the stage was chosen", max_length=12, choices=StageHow.choices, blank=True)
    stage_note = models.CharField("Note on the stage", max_length=300, blank=True)
    diagnosis = models.CharField("Diagnosis", max_length=16, choices=Diagnosis.choices, blank=True)
    diagnosis_note = models.CharField("How the diagnosis was made", max_length=400, blank=True)
    differentials = models.JSONField("Also considered", default=list, blank=True)
    regions = models.JSONField("Where the hair is thin", default=list, blank=True)
    lighting = models.CharField("Seen in", max_length=20, choices=Lighting.choices, blank=True)
    examination = models.TextField("Examination", max_length=4000, blank=True)
    fitzpatrick = models.CharField("Fitzpatrick skin type", max_length=4, choices=Fitzpatrick.choices, blank=True)
    findings = models.JSONField("Scalp", default=dict, blank=True)
    findings_note = models.CharField("Note on the scalp", max_length=300, blank=True)
    trichoscopy = models.JSONField("Trichoscopy", default=dict, blank=True)
    trichoscopy_note = models.CharField("Magnification, site, note", max_length=300, blank=True)
    pull_result = models.CharField("Pull test", max_length=12, choices=PullTestResult.choices, blank=True)
    pull_site = models.CharField("Where", max_length=20, choices=Region.choices, blank=True)
    pull_grasped = models.PositiveSmallIntegerField("Hairs grasped", null=True, blank=True)
    pull_extracted = models.PositiveSmallIntegerField("Hairs that came out", null=True, blank=True)
    pull_rule = models.CharField("Rule", max_length=12, choices=PullTestRule.choices, blank=True)
    pull_hours_since_wash = models.PositiveSmallIntegerField("Hours since washing", null=True, blank=True)
    pull_shed = models.CharField("Under the microscope", max_length=20, choices=ShedType.choices, blank=True)
    change_seen = models.TextField("Change since the baseline", max_length=2000, blank=True)
    global_change = models.SmallIntegerField("Clinician", choices=GlobalChange.choices, null=True, blank=True)
    patient_change = models.SmallIntegerField("Patient", choices=GlobalChange.choices, null=True, blank=True)
    satisfaction = models.PositiveSmallIntegerField(
        "Patient's satisfaction", choices=Satisfaction.choices, null=True, blank=True
    )
    dlqi = models.PositiveSmallIntegerField("DLQI total, 0 to 30", null=True, blank=True)
    patient_words = models.TextField("The patient's own words", max_length=4000, blank=True)
    safety_negatives = models.JSONField("Asked, and none", default=list, blank=True)
    plan = models.TextField("Plan", max_length=2000, blank=True)

    objects: ClassVar[Any] = AssessmentQuerySet.as_manager()

    class Meta:
        constraints = [
            struck_out_together("assessment_struck_out_with_who_and_why"),
            models.CheckConstraint(
                condition=models.Q(assessor__isnull=True) | models.Q(assessor_name=""),
                name="a_visit_was_graded_by_one_or_the_other",
            ),
            models.CheckConstraint(
                condition=models.Q(visit="assessment") | models.Q(visit="follow_up", stage=""),
                name="a_follow_up_is_not_graded",
            ),
            models.CheckConstraint(
                condition=models.Q(stage="") | models.Q(scale__in=list(SCALES)), name="a_stage_belongs_to_a_scale"
            ),
            models.CheckConstraint(
                condition=models.Q(pull_extracted__isnull=True)
                | models.Q(pull_extracted__lte=models.F("pull_grasped")),
                name="no_more_hairs_come_out_than_were_grasped",
            ),
            models.CheckConstraint(
                condition=(models.Q(global_change__isnull=True) | models.Q(global_change__range=(-3, 3)))
                & (models.Q(patient_change__isnull=True) | models.Q(patient_change__range=(-3, 3))),
                name="global_change_runs_from_minus_3_to_plus_3",
            ),
            models.CheckConstraint(
                condition=models.Q(dlqi__isnull=True) | models.Q(dlqi__lte=30), name="dlqi_runs_from_0_to_30"
            ),
        ]
        indexes = [models.Index(fields=["patient", "assessed_on"], name="assessments_of_a_patient")]

    def __str__(self) -> str:
        return f"{self.get_visit_display()} of {self.assessed.label()}"

    @property
    def happened_on(self) -> datetime.date:
        return self.assessed_on

    @property
    def when(self) -> PartialDate:
        return self.assessed

    @property
    def assessed(self) -> PartialDate:
        return partial(self.assessed_on, self.assessed_precision)

    def get_absolute_url(self) -> str:
        return reverse("examination:detail", args=[self.patient_id, self.pk])

    @property
    def is_follow_up(self) -> bool:
        return self.visit == VisitKind.FOLLOW_UP

    @property
    def seen_by(self) -> str:
        """The name of who graded or saw the patient, with or without an account; "" where it is not recorded."""
        return str(self.assessor) if self.assessor else self.assessor_name

    @property
    def stage_text(self) -> str:
        """ "Norwood III vertex"; "" when the stage was not graded that day."""
        return finding_text.stage_text(self.scale, self.stage)

    @property
    def stage_word(self) -> str:
        """ "III vertex": for a place that names the scale beside it."""
        return finding_text.stage_word(self.scale, self.stage)

    @property
    def finding_sentences(self) -> list[str]:
        """Short sentences, without their full stops, of what was examined; what was not is left out."""
        pull = finding_text.pull_test(
            self.pull_result,
            site=self.pull_site,
            grasped=self.pull_grasped,
            extracted=self.pull_extracted,
            rule=self.pull_rule,
        )
        sentences = [
            finding_text.thin_at(self.regions),
            *finding_text.scalp(self.findings),
            self.findings_note.rstrip("."),
            pull,
            f"Fitzpatrick {self.fitzpatrick}" if self.fitzpatrick else "",
            *finding_text.trichoscopy(self.trichoscopy),
            self.trichoscopy_note.rstrip("."),
        ]
        return [sentence for sentence in sentences if sentence]

    @property
    def negatives(self) -> list[str]:
        """ "No allergic reaction": harms that were asked about and denied."""
        return finding_text.negatives(self.safety_negatives)

    @property
    def differential_labels(self) -> list[str]:
        return [str(Differential(code).label) for code in self.differentials if code in Differential.values]


class Measurement(ClinicalRecord):
    """A number with its site and method, or a range where only a range was estimated."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="measurements")
    course = models.ForeignKey(
        Course, models.PROTECT, related_name="measurements", null=True, blank=True, verbose_name="Course"
    )
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="measurements", null=True, blank=True)
    measured_on = models.DateField("Date")
    measured_precision = models.CharField(
        max_length=8, choices=DatePrecision.choices, default=DatePrecision.DAY, editable=False
    )
    kind = models.CharField(
        "What was measured",
        max_length=32,
        choices=[(code, q.label) for code, q in measurement_kinds.QUANTITIES.items()],
    )
    value = models.DecimalField("Value", max_digits=9, decimal_places=3, null=True, blank=True)
    low = models.DecimalField("From", max_digits=9, decimal_places=3, null=True, blank=True)
    high = models.DecimalField("to", max_digits=9, decimal_places=3, null=True, blank=True)
    site = models.CharField("Where", max_length=20, choices=Region.choices)
    site_detail = models.CharField("Exact spot", max_length=160, blank=True)
    is_same_spot = models.BooleanField("Exactly the same spot as before", null=True)
    method = models.CharField("How", max_length=32, choices=measurement_kinds.Method.choices)
    device = models.CharField("Device and software", max_length=160, blank=True)
    area_cm2 = models.DecimalField("Area, cm²", max_digits=6, decimal_places=3, null=True, blank=True)
    magnification = models.PositiveSmallIntegerField("Magnification", null=True, blank=True)
    vellus_cutoff_um = models.PositiveSmallIntegerField("Vellus below, µm", null=True, blank=True)
    is_clipped = models.BooleanField("Hair clipped", null=True)
    is_dyed = models.BooleanField("Hair dyed", null=True)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="Measured by"
    )
    operator_name = models.CharField("Measured by somebody without an account", max_length=120, blank=True)

    objects: ClassVar[Any] = ClinicalQuerySet.as_manager()

    class Meta:
        constraints = [
            struck_out_together("measurement_struck_out_with_who_and_why"),
            models.CheckConstraint(
                condition=models.Q(value__isnull=False, low__isnull=True, high__isnull=True)
                | models.Q(value__isnull=True, low__isnull=False, high__isnull=False),
                name="a_measurement_is_a_value_or_a_range",
            ),
            models.CheckConstraint(
                condition=models.Q(low__isnull=True) | models.Q(low__lte=models.F("high")),
                name="a_range_runs_from_low_to_high",
            ),
            models.CheckConstraint(
                condition=models.Q(operator__isnull=True) | models.Q(operator_name=""),
                name="a_measurement_was_made_by_one_or_the_other",
            ),
        ]
        indexes = [models.Index(fields=["patient", "measured_on"], name="measurements_of_a_patient")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.shown}"

    @property
    def happened_on(self) -> datetime.date:
        return self.measured_on

    @property
    def when(self) -> PartialDate:
        return self.measured

    @property
    def measured(self) -> PartialDate:
        return partial(self.measured_on, self.measured_precision)

    def get_absolute_url(self) -> str:
        return reverse("assessments:measurement", args=[self.patient_id, self.pk])

    @property
    def measured_by(self) -> str:
        """The name of who measured, with or without an account; "" where it is not recorded."""
        return str(self.operator) if self.operator else self.operator_name

    @property
    def reading(self) -> measurement_kinds.Reading | None:
        """The value with what decides what it may be compared with; None for a range."""
        if self.value is None:
            return None
        return measurement_kinds.Reading(
            quantity=self.kind,
            value=self.value,
            region=self.site,
            method=self.method,
            spot=self.site_detail,
            is_same_spot=self.is_same_spot,
            area_cm2=self.area_cm2,
            vellus_cutoff_um=None if self.vellus_cutoff_um is None else Decimal(self.vellus_cutoff_um),
            device=self.device,
            magnification=self.magnification,
            is_clipped=self.is_clipped,
            is_dyed=self.is_dyed,
        )

    @property
    def place(self) -> str:
        """ "vertex, 3 cm behind the hairline": the site, and the spot as it was recorded."""
        return ", ".join(filter(None, [str(self.get_site_display()).lower(), self.site_detail.strip().rstrip(".")]))

    @property
    def described(self) -> str:
        """ "120 hairs/cm² at vertex, 3 cm behind the hairline, 10 Jan 2024, phototrichogram, device X"."""
        how = measurement_kinds.method_words(self.method)
        return ", ".join(filter(None, [f"{self.shown} at {self.place}", self.measured.label(), how, self.device]))

    @property
    def shown(self) -> str:
        """The number with its unit as it is printed: "+20–25 %", "146 hairs/cm²"."""
        return measurement_kinds.shown(self.kind, value=self.value, low=self.low, high=self.high)
