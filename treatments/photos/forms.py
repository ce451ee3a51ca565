"""What is asked of a photo: the view, when it was taken, and the capture card that makes pairs comparable."""

import copy
import datetime
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import cached_property

from clinic.staff.models import Clinic, User
from treatments.courses.forms import OwnCourseForm
from treatments.courses.models import Course, ExosomeSession
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems
from treatments.photos.file_dates import PAGE_CAMERA, FileDate
from treatments.photos.models import Photo
from treatments.photos.rules import taken_date_problems, view_problems
from treatments.photos.vocabulary import (
    NEEDS_MAGNIFICATION,
    NEEDS_SITE,
    STANDARD_VIEWS,
    CapturePath,
    DatedBy,
    PhotoQuality,
    View,
)
from treatments.records.actions import CorrectionArguments, Passed
from treatments.records.fields import DatePrecision
from treatments.records.formatting import count, listed
from treatments.records.forms.fields import PartialDateFormField, PartialDateInput, VersionField
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import MIN_REASON, RecordForm, Section
from treatments.records.partial_dates import PartialDate
from treatments.records.problems import Problem, warning

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
NAMED_AT_MOST = 3
LONGEST_ON_THE_WAY = datetime.timedelta(days=14)
"""A picture that the page took waits in it for the network no longer than this; an older day is a wrong clock."""
TAKEN_BY_THE_PAGE = {CapturePath.BROWSER_STILL, CapturePath.BROWSER_FRAME}
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
        self.ask_for_course(patient)

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


class UploadForm(CardForm):
    """What comes with each file that is sent. It begins empty: what nobody typed is no entry.

    Without a date the session on whose page the photo is sent is asked, then the camera, then the file. `session` is
    the id of that session, which need not be saved yet; then `session_when` is the day that stands in its form.
    `shot_on` is the day on which the page itself took the picture with the device's camera.
    """

    sha256 = forms.RegexField(r"^[0-9a-fA-F]{64}$", required=False)
    session = forms.UUIDField(required=False)
    session_when = forms.CharField(required=False)
    shot_on = forms.CharField(required=False)
    consent_reason = forms.CharField(max_length=300, required=False)

    class Meta(CardForm.Meta):
        fields = [*CardForm.Meta.fields, "capture_path"]

    def __init__(
        self, *args: Any, problems: list[Problem], may_override: bool, in_session: bool = False, **kwargs: Any
    ) -> None:
        kwargs.setdefault("auto_id", "photo_%s")  # it shares a page with the form of the session
        super().__init__(*args, **kwargs)
        self.problems, self.may_override = problems, may_override
        self.saved_session: ExosomeSession | None = None
        self.initial.pop("when", None)  # the base form begins with today
        self.fields["when"].required = False
        self.fields["when"].label = "When were they taken?"
        self.fields["when"].help_text = (
            "Empty: the day of this session." if in_session else "Empty: the day in each file."
        ) + " Or one day for all: 14 May 2025, May 2025."
        self.fields["capture_path"].required = False

    @property
    def own_course(self) -> Course | None:
        """None lets the date decide, which may be the camera's."""
        chosen: Course | None = self.cleaned_data.get("course")
        return chosen

    def clean_session(self) -> uuid.UUID | None:
        """The session the photo was taken at, in the record or in the form beside the photos; one of another patient is
        not there."""
        session_id: uuid.UUID | None = self.cleaned_data["session"]
        if session_id is None:
            return None
        sessions = ExosomeSession.objects.standing().filter(patient=self.patient)
        self.saved_session = sessions.filter(pk=session_id).select_related("course").first()
        if self.saved_session is None and "session_when" not in self.data:
            raise forms.ValidationError("The session of these photos is not in the record. Send them without it.")
        return session_id

    def clean_session_when(self) -> PartialDate | None:
        """The day that stands in the form of the session: whether it may be one the session is asked, not the photo."""
        return self._readable_day("session_when", at_least="month")

    def clean_shot_on(self) -> PartialDate | None:
        """By the clock of the device; one that is not set right is not believed."""
        shot, today = self._readable_day("shot_on", at_least="day"), timezone.localdate()
        return shot if shot and today - LONGEST_ON_THE_WAY <= shot.earliest else None

    def _readable_day(self, name: str, *, at_least: str) -> PartialDate | None:
        try:
            when: PartialDate | None = PartialDateFormField(at_least=at_least, required=False).clean(
                self.cleaned_data[name][:60]
            )
        except forms.ValidationError:
            return None
        return when if when and when.earliest <= timezone.localdate() else None

    @property
    def session_day(self) -> PartialDate | None:
        """The day of the session on whose page the photo is sent; None where there is no session, or no day yet."""
        if self.saved_session is not None:
            return self.saved_session.performed
        session_day: PartialDate | None = self.cleaned_data.get("session_when")
        return session_day if self.cleaned_data.get("session") else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for column in ("taken_on", "taken_precision"):
            cleaned.setdefault(column, None)
        for problem in self.problems:
            if not self.may_override:
                todo = " Record the signed consent under Consents, or ask a clinician to add the photos."
                self.add_error(None, problem.sentence + todo)
            elif len(cleaned.get("consent_reason", "").strip()) < MIN_REASON:
                todo = " Record it under Consents, or write why the photos are kept without it."
                self.add_error("consent_reason", problem.sentence + todo)
        return cleaned

    @property
    def passed(self) -> list[Passed]:
        reason = self.cleaned_data["consent_reason"].strip()
        return [*super().passed, *(Passed(str(p.rule), p.sentence, reason) for p in self.problems)]

    def new_photo(self, clinic: Clinic) -> Photo:
        """The unsaved photo this upload describes, for `upload.store_photo`."""
        values = {name: value for name, value in self.values().items() if value is not None}
        photo = Photo(patient=self.patient, clinic=clinic, **values)
        photo.sent_with = self.cleaned_data["session"]
        photo.capture_path = self.cleaned_data.get("capture_path") or Photo.capture_path.field.default
        if photo.capture_path in TAKEN_BY_THE_PAGE:
            shot: PartialDate | None = self.cleaned_data["shot_on"]
            day = shot.earliest if shot else timezone.localdate()
            photo.file_date = {"used": FileDate(day, None, None, PAGE_CAMERA, "camera").as_json(), "unused": []}
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


class SeveralForm(RecordForm):
    """One correction of several photos: the day, the view or both. What is left empty stays as it is in each.

    `photos` are the patient's that stand. Posted are "photo" with the id of each that is chosen, and "version-<id>"
    with the version of it that the person saw.
    """

    sections = (
        Section(
            "For all that are ticked",
            (("when", "day_from"), "view"),
            help="What you leave empty stays as it is in each photo.",
        ),
        Section("Site and magnification", (("site", "magnification"),), folded=True),
    )
    day_from = forms.ChoiceField(
        label="Or which day?",
        required=False,
        choices=[
            ("", "Leave the day of each"),
            (DatedBy.GIVEN, "The day typed here"),
            (DatedBy.CAMERA, "The camera’s day, each its own"),
        ],
    )
    when = PartialDateFormField(
        label="Taken on",
        at_least="month",
        required=False,
        widget=PartialDateInput(attrs={"placeholder": "14 May 2025, or May 2025"}),
    )
    view = forms.ChoiceField(label="View", required=False, choices=[("", "Leave the view of each"), *VIEW_CHOICES[1:]])

    class Meta:
        model = Photo
        fields = ["site", "magnification"]

    def __init__(self, *args: Any, patient: Patient, photos: Sequence[Photo], **kwargs: Any) -> None:
        reason = RecordForm.base_fields["correction_reason"]
        super().__init__(*args, **kwargs)
        self.is_correction = True  # of rows that are there: nothing new is saved
        del self.fields["id"]
        self.fields["correction_reason"] = copy.deepcopy(reason)
        self.fields["correction_reason"].required = True
        self.fields["correction_reason"].error_messages["required"] = "Say why they are corrected."
        self.patient, self.photos = patient, photos
        self._ids = {str(photo.pk) for photo in photos}
        self._differing: set[uuid.UUID] = set()

    @property
    def passed_before(self) -> set[tuple[str, str]]:
        return set()

    @cached_property
    def chosen(self) -> list[Photo]:
        ids = set(_posted_ids(self.data))
        return [photo for photo in self.photos if str(photo.pk) in ids]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if set(_posted_ids(self.data)) - self._ids:
            self.add_error(None, "One of these photos was struck out or moved since. Look at those that are left.")
        if not self.chosen:
            self.add_error(None, "Choose the photos that are to be corrected.")
        if cleaned.get("when") and not cleaned.get("day_from"):
            cleaned["day_from"] = DatedBy.GIVEN
        day_from, view = cleaned.get("day_from"), cleaned.get("view")
        if day_from == DatedBy.GIVEN and not cleaned.get("when") and "when" not in self.errors:
            self.add_error("when", "Say when they were taken, for example: 14 May 2025.")
        if day_from == DatedBy.CAMERA and cleaned.get("when"):
            self.add_error("when", "You chose the camera’s day. Take this day away, or choose “The day typed here”.")
        if not day_from and not view and not self.errors:
            self.add_error(None, "Nothing is to be corrected yet. Give the day, the view, or both.")
        site, magnification = cleaned.get("site", ""), cleaned.get("magnification")
        if view:
            self.judge(view_problems(view, site=site, magnification=magnification))
        elif site or magnification:
            self.add_error("view", "Choose the view that this site belongs to.")
        self._judge_days()
        return cleaned

    def day_of(self, photo: Photo) -> PartialDate | None:
        """The day that a photo is given; None where it keeps its own, or its camera left none."""
        match self.cleaned_data.get("day_from"):
            case DatedBy.GIVEN:
                when: PartialDate | None = self.cleaned_data.get("when")
                return when
            case DatedBy.CAMERA:
                return photo.camera_day
        return None

    def _judge_days(self) -> None:
        today, birth = timezone.localdate(), self.patient.birth or None
        problems: dict[str, Problem] = {}
        for photo in self.chosen:
            day = self.day_of(photo)
            if day is None:
                continue
            about = event_date_problems(
                day, field="when", what="photo", today=today, birth=birth, death=self.patient.died
            )
            problems |= {problem.sentence: problem for problem in about}
            if photo.camera_day and taken_date_problems(day.earliest, photo.camera_day.earliest):
                self._differing.add(photo.pk)
        self.judge(problems.values())
        if self.cleaned_data.get("day_from") == DatedBy.CAMERA:
            without = [photo for photo in self.chosen if photo.camera_day is None]
            if without:
                names = ", ".join(map(str, without[:NAMED_AT_MOST]))
                more = f" and {len(without) - NAMED_AT_MOST} more" if len(without) > NAMED_AT_MOST else ""
                self.add_error("day_from", f"The camera left no day in {names}{more}. Leave them out, or type a day.")
        elif self._differing:
            of = [photo for photo in self.chosen if photo.pk in self._differing]
            days = listed(list(dict.fromkeys(photo.camera_day.label() for photo in of if photo.camera_day))[:3])
            sentence = f"For {count(len(of), 'photo')} the camera says another day, {days}. Check the day you typed."
            self.judge([warning(25, "when", sentence, "several_differ_from_exif")])

    def corrections(self, *, by: User) -> list[tuple[Photo, CorrectionArguments]]:
        """What `actions.correct_photos` is called with."""
        return [
            (
                photo,
                {
                    "changes": self._changes(photo),
                    "reason": self.reason,
                    "expected_version": version_posted(self.data, f"version-{photo.pk}"),
                    "passed": self.passed if photo.pk in self._differing else [],
                    "by": by,
                },
            )
            for photo in self.chosen
        ]

    def _changes(self, photo: Photo) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        if day := self.day_of(photo):
            changes |= {"taken_on": day.earliest, "taken_precision": DatePrecision.of(day).value}
            changes["dated_by"] = str(self.cleaned_data["day_from"])
        if view := self.cleaned_data.get("view"):
            site = self.cleaned_data["site"] if view in NEEDS_SITE else ""
            magnification = self.cleaned_data["magnification"] if view in NEEDS_MAGNIFICATION else None
            changes |= {"view": view, "site": site, "magnification": magnification}
        return changes

    def differences(self, current: Photo) -> list[dict[str, str]]:
        """The photo that somebody else has changed, as it is now."""
        mine = [self.day_of(current), dict(View.choices).get(self.cleaned_data.get("view", ""))]
        words = ", ".join(str(each.label() if isinstance(each, PartialDate) else each) for each in mine if each)
        return [{"label": "Photo", "theirs": f"{current.get_view_display()}, {current.dated}", "mine": words}]

    def take_version_of(self, current: Photo) -> None:
        self._set_posted(f"version-{current.pk}", str(current.version))


class DayForm(PlainTextForm, forms.Form):
    """The answer to a photo that asks for its day, or the camera's day instead of the session's."""

    when = PartialDateFormField(label="When was it taken?", at_least="month", required=False)
    source = forms.ChoiceField(choices=[(DatedBy.GIVEN, "typed"), (DatedBy.CAMERA, "camera")])

    def __init__(self, *args: Any, patient: Patient, photos: Sequence[Photo], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient, self.photos = patient, photos

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        today, birth, death = timezone.localdate(), self.patient.birth or None, self.patient.died
        for photo in self.photos if not self.errors else []:
            day = self.day_of(photo)
            if day is None:
                raise forms.ValidationError("Say when it was taken, for example: 14 May 2025.")
            about = event_date_problems(day, field="when", what="photo", today=today, birth=birth, death=death)
            if about:
                raise forms.ValidationError(about[0].sentence)
        return cleaned

    def day_of(self, photo: Photo) -> PartialDate | None:
        typed: PartialDate | None = self.cleaned_data.get("when")
        return photo.camera_day if self.cleaned_data.get("source") == DatedBy.CAMERA else typed

    def correction_of(self, photo: Photo, *, by: User) -> CorrectionArguments:
        """Once the form is valid."""
        source = self.cleaned_data["source"]
        day: Any = self.day_of(photo)
        by_camera = source == DatedBy.CAMERA
        return {
            "changes": {"taken_on": day.earliest, "taken_precision": DatePrecision.of(day), "dated_by": source},
            "reason": "The camera’s day was chosen instead of the session’s day."
            if by_camera
            else "The day was added after the photo was sent.",
            "expected_version": version_posted(self.data, f"version-{photo.pk}"),
            "by": by,
        }


def _posted_ids(data: Any) -> list[str]:
    return data.getlist("photo") if hasattr(data, "getlist") else list(data.get("photo", []))


def version_posted(data: Any, name: str) -> int:
    """0, which no row has, for what is not a version."""
    try:
        return int(VersionField().clean(str(data.get(name, ""))))
    except forms.ValidationError:
        return 0


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
