"""What is asked of a photo: the view, when it was taken, and the capture card that makes pairs comparable."""

import uuid
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.courses.forms import OwnCourseForm
from treatments.courses.models import Course, ExosomeSession
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems
from treatments.photos.models import Photo
from treatments.photos.rules import taken_date_problems, view_problems
from treatments.photos.vocabulary import STANDARD_VIEWS, PhotoQuality, View
from treatments.records.actions import Passed
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import MIN_REASON, Section
from treatments.records.problems import Problem

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

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient
        self.fields["lens_mm"].validators.append(
            MinValueValidator(1, "A lens has a focal length of 1 mm or more. Leave blank what is not known.")
        )
        self.ask_for_course(patient)

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


class UploadForm(CardForm):
    """What comes with each file that is sent. A date left blank is read from the camera."""

    sha256 = forms.RegexField(r"^[0-9a-fA-F]{64}$", required=False)
    session = forms.UUIDField(required=False)
    consent_reason = forms.CharField(max_length=300, required=False)

    class Meta(CardForm.Meta):
        fields = [*CardForm.Meta.fields, "capture_path"]

    def __init__(self, *args: Any, problems: list[Problem], may_override: bool, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "photo_%s")  # it shares a page with the form of the session
        super().__init__(*args, **kwargs)
        self.problems, self.may_override = problems, may_override
        self.fields["when"].required = False
        self.fields["capture_path"].required = False

    @property
    def own_course(self) -> Course | None:
        """None lets the date decide, which may be the camera's."""
        chosen: Course | None = self.cleaned_data.get("course")
        return chosen

    def clean_session(self) -> ExosomeSession | None:
        """The session the photo was taken at; one of another patient is not there."""
        session_id: uuid.UUID | None = self.cleaned_data["session"]
        if session_id is None:
            return None
        sessions = ExosomeSession.objects.standing().filter(patient=self.patient)
        session: ExosomeSession | None = sessions.filter(pk=session_id).select_related("course").first()
        if session is None:
            raise forms.ValidationError("The session of these photos is not in the record. Send them without it.")
        return session

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for column in ("taken_on", "taken_precision"):  # no date given: the camera is asked
            cleaned.setdefault(column, None)
        for problem in self.problems:
            if not self.may_override:
                todo = " Record the signed consent under Consents, or ask a clinician to file the photos."
                self.add_error(None, problem.sentence + todo)
            elif len(cleaned.get("consent_reason", "").strip()) < MIN_REASON:
                todo = " Record it under Consents, or say why the photos are kept without it."
                self.add_error("consent_reason", problem.sentence + todo)
        return cleaned

    @property
    def passed(self) -> list[Passed]:
        reason = self.cleaned_data["consent_reason"].strip()
        return [*super().passed, *(Passed(str(p.rule), p.sentence, reason) for p in self.problems)]

    def new_photo(self, clinic: Clinic) -> Photo:
        """The unsaved photo this upload describes, for `upload.store_photo`."""
        values = {name: value for name, value in self.values().items() if value is not None}
        photo = Photo(patient=self.patient, exosome_session=self.cleaned_data["session"], clinic=clinic, **values)
        photo.capture_path = self.cleaned_data.get("capture_path") or Photo.capture_path.field.default
        if self.cleaned_data.get("id"):
            photo.pk = self.cleaned_data["id"]
        return photo

    @property
    def first_sentence(self) -> str:
        """Why this upload is refused, in one sentence."""
        errors = [str(sentence) for sentences in self.errors.values() for sentence in sentences]
        return " ".join(dict.fromkeys(errors)) or " ".join(w.sentence for w in self.unpassed)


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
            help="What must be alike before two photos may be compared. Leave blank what is not known.",
        ),
    )

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
            self.add_error("reason", "Say why it is kept, for example: the patient has left.")
        return cleaned
