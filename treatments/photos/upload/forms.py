"""What comes with each photo file that is sent."""

import datetime
import uuid
from typing import Any

from django import forms
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.courses.models import Course, ExosomeSession
from treatments.photos.file_dates import PAGE_CAMERA, FileDate
from treatments.photos.forms import CardForm
from treatments.photos.models import Photo
from treatments.photos.vocabulary import (
    CapturePath,
)
from treatments.records.actions import Passed
from treatments.records.forms.fields import PartialDateFormField
from treatments.records.forms.record_form import MIN_REASON
from treatments.records.partial_dates import PartialDate
from treatments.records.problems import Problem

LONGEST_ON_THE_WAY = datetime.timedelta(days=14)
"""A picture that the page took waits in it for the network no longer than this; an older day is a wrong clock."""
TAKEN_BY_THE_PAGE = {CapturePath.BROWSER_STILL, CapturePath.BROWSER_FRAME}


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
