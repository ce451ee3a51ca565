"""A case series with what its authors wrote and answered, the files that left, and whose row each was."""

import secrets
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from clinic.audit.append_only import AppendOnly
from clinic.staff.models import Clinic
from treatments.courses.models import Course
from treatments.evidence.deidentification.answers import AnsweredFlag
from treatments.records.fields import ClinicOf
from treatments.records.formatting import day
from treatments.records.models import Record, struck_out_together

MONTHS = [(3, "Month 3"), (6, "Month 6"), (12, "Month 12")]


def by_chance() -> int:
    """From which the order of the cases of a series is drawn: it follows from nothing of any patient."""
    return secrets.randbits(48)


class SeriesQuerySet(models.QuerySet[Any]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)

    def newest_first(self) -> Self:
        return self.select_related("created_by").order_by("-created_at", "-id")


class CaseSeries(Record):
    """Which courses are told of, and what only an author can write; the rest comes from the record each time.

    The period is that of Month 0, both days in it. `chosen` narrows it further, as the query of a cohort
    (`outcomes.cohort`). Every change is kept as a correction, so that each text has who wrote it and what it said
    before. `references` and `authors` have a line for each.
    """

    title = models.CharField("Title", max_length=200)
    month = models.PositiveSmallIntegerField("Outcome at", choices=MONTHS, default=6)
    from_on = models.DateField("Month 0 from")
    until_on = models.DateField("until")
    chosen = models.CharField(max_length=400, blank=True, editable=False)
    introduction = models.TextField("Introduction", max_length=6000, blank=True)
    registration = models.TextField("Where is the study registered?", max_length=500, blank=True)
    ethics = models.TextField("Ethics", max_length=1500, blank=True)
    setting = models.TextField("Where were the patients treated?", max_length=1500, blank=True)
    inclusion = models.TextField("Who was treated in this way, and who was not?", max_length=3000, blank=True)
    treated_by = models.TextField("Who treated, and with which experience?", max_length=1500, blank=True)
    changes_why = models.TextField("Why did treatment differ from the plan?", max_length=3000, blank=True)
    limits = models.TextField("Strengths and limits", max_length=6000, blank=True)
    literature = models.TextField("The literature", max_length=6000, blank=True)
    conclusion = models.TextField("Conclusion", max_length=3000, blank=True)
    references = models.TextField("References", max_length=6000, blank=True)
    authors = models.TextField("Authors", max_length=3000, blank=True)
    funding = models.TextField("Who paid for the work and the product?", max_length=1000, blank=True)
    interests = models.TextField("Competing interests", max_length=1500, blank=True)
    seed = models.PositiveBigIntegerField(default=by_chance, editable=False)
    struck_out_at = models.DateTimeField(null=True, editable=False)
    struck_out_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False
    )
    struck_out_reason = models.CharField(max_length=300, blank=True, editable=False, db_default="")

    objects: ClassVar[Any] = SeriesQuerySet.as_manager()

    class Meta:
        constraints = [
            struck_out_together("case_series_struck_out_with_who_and_why"),
            models.CheckConstraint(condition=~Q(title=""), name="a_case_series_has_a_title"),
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="a_case_series_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(month__in=[3, 6, 12]), name="a_case_series_has_its_month"),
        ]
        indexes = [models.Index(fields=["clinic", "-created_at"], name="case_series_of_a_clinic")]

    def __str__(self) -> str:
        return f"Case series: {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("evidence:series-detail", args=[self.pk])

    @property
    def is_struck_out(self) -> bool:
        return self.struck_out_at is not None

    @property
    def period(self) -> str:
        return f"{day(self.from_on)} to {day(self.until_on)}"


class SeriesAnswer(AnsweredFlag):
    """Of a case series."""

    series = models.ForeignKey(CaseSeries, models.PROTECT, related_name="answers")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(answer=""), name="an_answer_of_a_series_says_why"),
            models.UniqueConstraint(fields=["series", "key"], name="a_flag_of_a_series_is_answered_once"),
        ]


class SeriesRelease(AppendOnly, Record):
    """A file of the paper that left: of which version of the series, whether as a draft, and its digest."""

    series = models.ForeignKey(CaseSeries, models.PROTECT, related_name="releases")
    series_version = models.PositiveIntegerField()
    file_format = models.CharField(max_length=4, choices=[("pdf", "PDF"), ("docx", "DOCX")])
    is_draft = models.BooleanField()
    cases = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    objects: ClassVar[Any] = SeriesQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(file_format__in=["pdf", "docx"]), name="a_case_series_is_pdf_or_docx")
        ]

    def __str__(self) -> str:
        return f"{self.get_file_format_display()}, version {self.series_version}"


class ResearchExport(AppendOnly, Record):
    """A file of rows that left: how many, how many were held back and why, and its digest."""

    series = models.ForeignKey(CaseSeries, models.PROTECT, related_name="exports")
    file_format = models.CharField(max_length=4, choices=[("xlsx", "XLSX"), ("csv", "CSV")])
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    suppressed = models.PositiveIntegerField()
    without_consent = models.PositiveIntegerField()
    k = models.PositiveSmallIntegerField()

    objects: ClassVar[Any] = SeriesQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(file_format__in=["xlsx", "csv"]), name="research_rows_are_xlsx_or_csv"),
            models.CheckConstraint(condition=Q(rows__gte=F("k")), name="a_research_export_has_rows"),
        ]

    def __str__(self) -> str:
        return f"Research export of {self.series.title}"

    def get_absolute_url(self) -> str:
        return reverse("evidence:series-key", args=[self.pk])


class Pseudonym(AppendOnly):
    """Whose row of a research export bears a code. It stays in the clinic: whoever has it has the names."""

    export = models.ForeignKey(ResearchExport, models.PROTECT, related_name="pseudonyms")
    clinic = ClinicOf("export")
    course = models.ForeignKey(Course, models.PROTECT, related_name="+")
    code = models.CharField(max_length=12)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["export", "code"], name="a_pseudonym_is_used_once_in_an_export"),
            models.UniqueConstraint(fields=["export", "course"], name="a_course_has_one_pseudonym_in_an_export"),
        ]

    def __str__(self) -> str:
        return str(self.code)
