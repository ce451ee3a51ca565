"""The report of one course of one patient, for a journal: what its authors wrote. The rest comes from the record."""

import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.urls import reverse
from django.utils import timezone

from treatments.courses.models import Course
from treatments.patients.models import Patient
from treatments.records.models import ClinicalQuerySet, ClinicalRecord, struck_out_together

CARE = "CARE 2016"
"""The checklist of 30 lines by which a report is judged: the form that the CARE group publishes since 2016."""
MOST_WORDS = 6_000


class CaseReportQuerySet(ClinicalQuerySet):
    def of_patient(self, patient: Patient) -> Self:
        """Newest first, those struck out too."""
        return self.filter(patient=patient).select_related("course", "created_by").order_by("-created_at", "-id")


class CaseReport(ClinicalRecord):
    """A manuscript. Its columns are what only an author can write; every change is kept as a correction, so that each
    text has who wrote it, when, and what it said before. `references` and `authors` have a line for each.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="case_reports")
    course = models.ForeignKey(Course, models.PROTECT, related_name="case_reports", verbose_name="Course")
    checklist_version = models.CharField(max_length=20, default=CARE, editable=False)
    title = models.CharField("Title", max_length=200)
    keywords = models.CharField("Key words", max_length=200, blank=True)
    what_is_new = models.TextField("What is new about this case?", max_length=1500, blank=True)
    main_lesson = models.TextField("The main lesson, in a sentence or two", max_length=1500, blank=True)
    introduction = models.TextField("Introduction", max_length=MOST_WORDS, blank=True)
    challenges = models.TextField("What was difficult in making the diagnosis?", max_length=2000, blank=True)
    reasoning = models.TextField("Why this diagnosis, and no other?", max_length=3000, blank=True)
    changes_why = models.TextField("Why was the plan changed, or a session moved?", max_length=2000, blank=True)
    limits = models.TextField("Strengths and limits", max_length=MOST_WORDS, blank=True)
    literature = models.TextField("The literature", max_length=MOST_WORDS, blank=True)
    rationale = models.TextField("Why the record supports the conclusion", max_length=3000, blank=True)
    take_away = models.TextField("Conclusion", max_length=2000, blank=True)
    references = models.TextField("References", max_length=MOST_WORDS, blank=True)
    authors = models.TextField("Authors", max_length=3000, blank=True)
    funding = models.TextField("Who paid for the work and the product?", max_length=1000, blank=True)
    interests = models.TextField("Competing interests", max_length=1500, blank=True)
    ethics = models.TextField("Ethics", max_length=1500, blank=True)

    objects: ClassVar[Any] = CaseReportQuerySet.as_manager()

    class Meta:
        constraints = [
            struck_out_together("case_report_struck_out_with_who_and_why"),
            models.CheckConstraint(condition=~models.Q(title=""), name="a_case_report_has_a_title"),
        ]
        indexes = [models.Index(fields=["patient", "-created_at"], name="case_reports_of_a_patient")]

    def __str__(self) -> str:
        return f"Case report: {self.title}"

    @property
    def happened_on(self) -> datetime.date:
        return timezone.localdate(self.created_at)

    def get_absolute_url(self) -> str:
        return reverse("evidence:case-report", args=[self.patient_id, self.pk])
