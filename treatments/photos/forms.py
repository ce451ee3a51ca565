"""What is asked of a photo: the view, when it was taken, and the capture card that makes pairs comparable."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from treatments.courses.forms import OwnCourseForm
from treatments.courses.models import Course
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems
from treatments.photos.models import Photo
from treatments.photos.rules import taken_date_problems, view_problems
from treatments.photos.vocabulary import (
    STANDARD_VIEWS,
    DatedBy,
    PhotoQuality,
    View,
)
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import MIN_REASON, Section

CARD = [
    "lighting",
    "hair_state",
    "product_used",
    "parting",
    "hair_length_mm",
    "is_dyed",
    "distance_cm",
    "device",
    "lens_mm",
]
VIEW_CHOICES = [
    ("", "Choose the view"),
    ("The six standard views", [(view.value, view.label) for view in STANDARD_VIEWS]),
    ("Others", [(view.value, view.label) for view in View if view not in STANDARD_VIEWS]),
]


class CardForm(OwnCourseForm):
    """The view, the date and the capture card of a photo; blank is "not recorded"."""

    when_columns = ("taken_on", "taken_precision")
    when_label = "Taken on"
    view = forms.ChoiceField(
        label="View",
        choices=VIEW_CHOICES,
        error_messages={"required": "Choose the view of this photo."},
    )

    class Meta:
        model = Photo
        fields = ["view", "site", "magnification", *CARD, "note"]

    def __init__(self, *args: Any, patient: Patient, courses: Sequence[Course] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient
        self.ask_for_course(patient, courses)

    def clean_lens_mm(self) -> Decimal | None:
        lens_mm: Decimal | None = self.cleaned_data["lens_mm"]
        if lens_mm is not None and lens_mm < 1:
            raise forms.ValidationError("The focal length of a lens is 1 mm or more. Leave empty if not known.")
        return lens_mm

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("view"):
            site, magnification = cleaned.get("site", ""), cleaned.get("magnification")
            self.judge(view_problems(cleaned["view"], site=site, magnification=magnification))
        when, today, birth = cleaned.get("when"), timezone.localdate(), self.patient.birth or None
        if when and when.earliest <= today:  # the base form has refused the future
            self.judge(
                event_date_problems(when, field="when", what="photo", today=today, birth=birth, death=self.patient.died)
            )
        return cleaned


class CorrectionForm(CardForm):
    sections = (
        Section("The photo", (("view", "when"), ("site", "magnification"), "course")),
        Section(
            "Capture card",
            (
                ("lighting", "hair_state"),
                ("product_used", "parting"),
                ("hair_length_mm", "is_dyed"),
                ("device", "lens_mm"),
                ("distance_cm", "note"),
            ),
            help="What must be the same in two photos to compare them. Leave empty what you do not know.",
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._day_before = (self.instance.taken_on, self.instance.taken_precision)
        if self.instance.asks_for_day:  # the day that it was sent is nobody's answer
            self.initial["when"] = None

    def values(self) -> dict[str, Any]:
        values = super().values()
        if self.instance.asks_for_day or (values["taken_on"], values["taken_precision"]) != self._day_before:
            values["dated_by"] = DatedBy.GIVEN
        return values

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        in_file = self.instance.date_in_file
        if in_file and in_file.strength == "camera" and self.happened_on:
            self.judge(taken_date_problems(self.happened_on, in_file.day, field="when"))
        return cleaned


class QualityForm(PlainTextForm, forms.Form):
    """Keep a photo although a quality check warned, with the reason; or mark it to be taken again."""

    quality = forms.ChoiceField(choices=PhotoQuality.choices)
    reason = forms.CharField(label="Why is it kept?", max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["reason"] = cleaned.get("reason", "").strip()
        if cleaned.get("quality") == PhotoQuality.ACCEPTABLE and len(cleaned["reason"]) < MIN_REASON:
            self.add_error("reason", "Write why it is kept, for example: the patient has left.")
        return cleaned
