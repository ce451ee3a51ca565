"""What hangs on a case report: its figures, the answers to what might identify, and the files that left."""

import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from clinic.audit.append_only import AppendOnly
from treatments.consents.models import Export
from treatments.evidence.deidentification.answers import AnsweredFlag
from treatments.handouts.case_report import CaseReport
from treatments.photos.models import Photo
from treatments.records.models import ClinicalQuerySet, ClinicalRecord, Record, struck_out_together


class ReportFigure(ClinicalRecord):
    """One or two photographs, chosen by the author. `kept_…` is how much of the height is kept, from the top, in per
    cent; `is_identifiable` what the author said after looking at what is kept.
    """

    report = models.ForeignKey(CaseReport, models.PROTECT, related_name="+")
    earlier = models.ForeignKey(Photo, models.PROTECT, related_name="+", verbose_name="First photo")
    later = models.ForeignKey(
        Photo, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="Second photo"
    )
    kept_earlier = models.PositiveSmallIntegerField("Of the first photo, keep from the top, %", default=100)
    kept_later = models.PositiveSmallIntegerField("Of the second photo, keep from the top, %", default=100)
    is_identifiable = models.BooleanField("Can the patient be recognised in it?")
    caption = models.CharField("Caption", max_length=300)
    alt = models.CharField("What it shows, for readers who cannot see it", max_length=400)

    objects: ClassVar[Any] = ClinicalQuerySet.as_manager()

    class Meta:
        constraints = [
            struck_out_together("report_figure_struck_out_with_who_and_why"),
            models.CheckConstraint(
                condition=Q(kept_earlier__range=(10, 100), kept_later__range=(10, 100)),
                name="a_figure_keeps_a_part_of_its_photos",
            ),
            models.CheckConstraint(condition=~Q(caption="") & ~Q(alt=""), name="a_figure_says_what_it_shows"),
        ]

    def __str__(self) -> str:
        return f"Figure: {self.caption}"

    @property
    def happened_on(self) -> datetime.date:
        return timezone.localdate(self.created_at)

    @property
    def patient_id(self) -> Any:
        return self.report.patient_id

    @property
    def photos(self) -> list[tuple[Photo, int]]:
        """Each photo with how much of its height is kept."""
        pair = [(self.earlier, self.kept_earlier)]
        return [*pair, (self.later, self.kept_later)] if self.later else pair


class FlagAnswer(AnsweredFlag):
    """Of a case report. What `is_left_out` stays in the record, and is not printed: the words of a patient are not the
    author's to change."""

    report = models.ForeignKey(CaseReport, models.PROTECT, related_name="+")
    is_left_out = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(answer=""), name="an_answered_flag_says_why"),
            models.UniqueConstraint(fields=["report", "key"], name="a_flag_is_answered_once"),
        ]

    @property
    def patient_id(self) -> Any:
        return self.report.patient_id


class ReportRelease(AppendOnly, Record):
    """A final file that left: of which version of the report, its digest, and the consents it rests on.

    Its author said then: "I know of nothing in it that would identify the patient".
    """

    report = models.ForeignKey(CaseReport, models.PROTECT, related_name="+")
    report_version = models.PositiveIntegerField()
    file_format = models.CharField(max_length=4)
    sha256 = models.CharField(max_length=64)
    consents: Any = models.JSONField(default=list)
    export = models.ForeignKey(Export, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(file_format__in=["pdf", "docx", "fhir"]), name="a_case_report_is_pdf_docx_or_fhir"
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_format.upper()}, version {self.report_version}"

    @property
    def patient_id(self) -> Any:
        return self.report.patient_id
