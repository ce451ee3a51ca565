"""Laboratory reports with their values, and the tests that a clinic adds to the catalogue."""

import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from clinic.staff.models import Clinic
from treatments.assessments.laboratory.catalogue import ANALYTES
from treatments.assessments.laboratory.rules import Reading, Standing
from treatments.courses.models import Course
from treatments.patients.models import Patient
from treatments.records.fields import DatePrecision
from treatments.records.models import ClinicalQuerySet, ClinicalRecord, Record, partial, struck_out_together
from treatments.records.partial_dates import PartialDate


class LaboratoryTestQuerySet(models.QuerySet["LaboratoryTest"]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)

    def offered(self) -> Self:
        return self.filter(archived_at__isnull=True)


class LaboratoryTest(Record):
    """A test that the clinic has measured besides those of the catalogue, in one unit, as the laboratory prints it."""

    name = models.CharField("What is measured", max_length=80)
    unit = models.CharField("Unit", max_length=24)
    archived_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[Any] = LaboratoryTestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "name"], name="a_laboratory_test_is_listed_once_in_a_clinic"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(unit=""), name="a_laboratory_test_has_name_and_unit"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("assessments:laboratory-tests")


class LaboratoryReportQuerySet(ClinicalQuerySet):
    def in_order(self) -> Any:
        return self.order_by("sampled_on", "id")


class LaboratoryReport(ClinicalRecord):
    """What one laboratory found in the blood that was taken on one day; its values are `results`."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="laboratory_reports")
    course = models.ForeignKey(
        Course, models.PROTECT, related_name="laboratory_reports", null=True, blank=True, verbose_name="Course"
    )
    sampled_on = models.DateField("Date of the sample")
    sampled_precision = models.CharField(
        max_length=8, choices=DatePrecision.choices, default=DatePrecision.DAY, editable=False
    )
    laboratory = models.CharField("Laboratory", max_length=120, blank=True)
    note = models.CharField("Note", max_length=400, blank=True)

    objects: ClassVar[Any] = LaboratoryReportQuerySet.as_manager()

    class Meta:
        constraints = [struck_out_together("laboratory_report_struck_out_with_who_and_why")]
        indexes = [
            models.Index(fields=["patient", "sampled_on"], name="laboratory_reports_of_patient"),
            # The newest of a clinic: which laboratories it sends to.
            models.Index(fields=["clinic", "id"], name="laboratory_reports_of_a_clinic"),
        ]

    def __str__(self) -> str:
        return f"Laboratory report of {self.sampled.label()}"

    @property
    def happened_on(self) -> datetime.date:
        return self.sampled_on

    @property
    def when(self) -> PartialDate:
        return self.sampled

    @property
    def sampled(self) -> PartialDate:
        return partial(self.sampled_on, self.sampled_precision)

    def get_absolute_url(self) -> str:
        return reverse("assessments:laboratory-report", args=[self.patient_id, self.pk])


class LaboratoryResult(ClinicalRecord):
    """One value of a report, with the reference range that the laboratory printed beside it.

    It is of a test of the catalogue (`analyte`) or of the clinic's own (`test`). `comparator` is "<" or ">" where the
    laboratory gives only a bound.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="laboratory_results")
    report = models.ForeignKey(LaboratoryReport, models.PROTECT, related_name="results")
    analyte = models.CharField(
        "What was measured",
        max_length=32,
        blank=True,
        choices=[(code, analyte.label) for code, analyte in ANALYTES.items()],
    )
    test = models.ForeignKey(
        LaboratoryTest, models.PROTECT, related_name="results", null=True, blank=True, verbose_name="What was measured"
    )
    comparator = models.CharField(
        "Exact, or a bound", max_length=1, blank=True, choices=[("<", "less than"), (">", "more than")]
    )
    value = models.DecimalField("Value", max_digits=12, decimal_places=4)
    unit = models.CharField("Unit", max_length=24)
    low = models.DecimalField("Range from", max_digits=12, decimal_places=4, null=True, blank=True)
    high = models.DecimalField("to", max_digits=12, decimal_places=4, null=True, blank=True)

    objects: ClassVar[Any] = ClinicalQuerySet.as_manager()

    class Meta:
        constraints = [
            struck_out_together("laboratory_result_struck_out_with_who_and_why"),
            models.CheckConstraint(
                condition=(~Q(analyte="") & Q(test__isnull=True)) | (Q(analyte="") & Q(test__isnull=False)),
                name="a_laboratory_result_is_of_one_test",
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="a_laboratory_value_is_not_below_zero"),
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lte=F("high")),
                name="a_reference_range_runs_from_low_to_high",
            ),
            models.UniqueConstraint(
                fields=["report", "analyte"],
                condition=Q(struck_out_at__isnull=True, test__isnull=True),
                name="a_report_has_one_value_of_an_analyte",
            ),
            models.UniqueConstraint(
                fields=["report", "test"],
                condition=Q(struck_out_at__isnull=True, test__isnull=False),
                name="a_report_has_one_value_of_a_test",
            ),
        ]
        indexes = [
            models.Index(fields=["patient"], name="laboratory_values_of_a_patient"),
            # The newest of a clinic: which ranges its laboratories print.
            models.Index(fields=["clinic", "id"], name="laboratory_values_of_a_clinic"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.reading.shown}"

    @property
    def name(self) -> str:
        return self.test.name if self.test is not None else str(self.get_analyte_display())

    @property
    def happened_on(self) -> datetime.date:
        return self.report.sampled_on

    @property
    def when(self) -> PartialDate:
        return self.report.sampled

    def get_absolute_url(self) -> str:
        return reverse("assessments:laboratory-report", args=[self.patient_id, self.report_id])

    @property
    def of(self) -> str:
        """What tells the test apart from others: the code of the catalogue, or the id of the clinic's own."""
        return self.analyte or str(self.test_id)

    @property
    def place(self) -> tuple[int, str]:
        """By which the values of a report are ordered: as the catalogue is, then the clinic's own tests by name."""
        codes = list(ANALYTES)
        return (codes.index(self.analyte) if self.analyte in codes else len(codes), self.name)

    @property
    def reading(self) -> Reading:
        return Reading(self.analyte, self.comparator, self.value, self.unit, self.low, self.high)

    @property
    def standing(self) -> Standing:
        return self.reading.standing
