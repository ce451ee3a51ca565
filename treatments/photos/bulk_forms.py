"""Several photos corrected at once, and the day of photos that ask for one."""

import copy
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import cached_property

from clinic.staff.models import User
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems
from treatments.photos.forms import VIEW_CHOICES
from treatments.photos.models import Photo
from treatments.photos.rules import taken_date_problems, view_problems
from treatments.photos.vocabulary import (
    NEEDS_MAGNIFICATION,
    NEEDS_SITE,
    DatedBy,
    View,
)
from treatments.records.actions import CorrectionArguments
from treatments.records.fields import DatePrecision
from treatments.records.formatting import count, listed
from treatments.records.forms.fields import PartialDateFormField, PartialDateInput, VersionField
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import RecordForm, Section
from treatments.records.partial_dates import PartialDate
from treatments.records.problems import Problem, warning

NAMED_AT_MOST = 3


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
