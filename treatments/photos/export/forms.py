"""Choosing what goes on a before/after sheet, and looking at each photograph before it goes."""

import datetime
import hashlib
import re
from typing import Any

from django import forms

from treatments.consents.consent_status import ConsentStatus
from treatments.consents.photo_permission import refusal
from treatments.consents.purposes import PhotoPurpose
from treatments.patients.models import Patient
from treatments.photos.export.before_after import Line, Plan, line_of, month_text
from treatments.photos.export.redaction import Cover, Rectangle, rectangle
from treatments.photos.export.sheet_drawing import unwritable, writable
from treatments.photos.models import Photo
from treatments.photos.patient_photos import Album, group_label
from treatments.records.text_folding import fold

FEWEST_DATES, MOST_DATES = 2, 4
MASKS = 4
FORMATS = [("png", "PNG, one picture"), ("pdf", "PDF, pages of A4")]


class ChooseForm(forms.Form):
    """`plan` is what was chosen, once the form is valid. Sent by GET, so that going back loses nothing."""

    view = forms.MultipleChoiceField(
        label="Views",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one view.", "invalid_choice": "Choose among the views below."},
    )
    date = forms.MultipleChoiceField(
        label="Dates",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose two to four dates.", "invalid_choice": "Choose among the dates below."},
    )
    purpose = forms.ChoiceField(
        label="What for?",
        choices=PhotoPurpose.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what the sheet is for.", "invalid_choice": "Choose one of the uses below."},
    )
    file_format = forms.ChoiceField(label="File", choices=FORMATS, widget=forms.RadioSelect, initial="png")
    lay_over = forms.BooleanField(label="Lay each date over the first, where they were aligned", required=False)
    clinic_name = forms.CharField(label="The clinic’s name on the sheet", max_length=80)

    def __init__(
        self, data: Any = None, *, album: Album, patient: Patient, clinic_name: str, standing: list[ConsentStatus], **kw: Any
    ) -> None:
        super().__init__(data, **kw)
        self.album, self.patient, self.standing = album, patient, standing
        self.own_name = clinic_name
        self.plan: Plan | None = None
        newest = max((photo.taken_on for photo in album.photos), default=datetime.date.today())
        self.counting = album.counting(newest)
        fields: Any = self.fields
        fields["view"].choices = [(code, group_label(code)) for code in album.groups]
        fields["date"].choices = self._dates()

    def _dates(self) -> list[tuple[str, str]]:
        """Every day with a photograph, oldest first: "Month 5, 16 Jun 2025, 4 views"."""
        days: dict[datetime.date, list[Photo]] = {}
        for photo in self.album.photos:
            days.setdefault(photo.taken_on, []).append(photo)
        return [
            (day.isoformat(), f"{self.counting.month(photos[0])}, {photos[0].taken.label()}, {_views(photos)}")
            for day, photos in sorted(days.items())
        ]

    def clean_date(self) -> tuple[datetime.date, ...]:
        chosen = sorted(datetime.date.fromisoformat(text) for text in set(self.cleaned_data["date"]))
        if not FEWEST_DATES <= len(chosen) <= MOST_DATES:
            raise forms.ValidationError(
                f"Choose two to four dates; {len(chosen)} {'is' if len(chosen) == 1 else 'are'} chosen."
            )
        return tuple(chosen)

    def clean_purpose(self) -> str:
        purpose = str(self.cleaned_data["purpose"])
        if why := refusal(self.standing, purpose):
            raise forms.ValidationError(why)
        return purpose

    def clean_clinic_name(self) -> str:
        name = str(self.cleaned_data["clinic_name"]).strip()
        if letters := unwritable(name):
            raise forms.ValidationError(f"The sheet cannot print {letters}. Write the name in Latin letters.")
        told, own = set(fold(name).split()), set(fold(self.own_name).split())
        about = f"{self.patient.name} {self.patient.record_number}".split()
        if named := [word for word in about if len(word) > 1 and fold(word) in told - own]:
            raise forms.ValidationError(f"“{named[0]}” would name the patient. Write the clinic’s name alone.")
        return writable(name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        days = cleaned["date"]
        lines = tuple(line_of(self.album, group, days, self.counting) for group in cleaned["view"])
        for line in lines:
            if len([photo for photo in line.photos if photo]) < FEWEST_DATES:
                few = f"{line.label} was not taken at two of these dates. Leave it out, or choose other dates."
                self.add_error("view", few)
        if not self.errors:
            self.plan = self._plan(cleaned, lines, days)
        return cleaned

    def _plan(self, cleaned: dict[str, Any], lines: tuple[Line, ...], days: tuple[datetime.date, ...]) -> Plan:
        told = {name: cleaned[name] for name in ("purpose", "file_format", "clinic_name", "lay_over")}
        columns = list(zip(*(line.photos for line in lines), strict=True))
        kept = [n for n, column in enumerate(columns) if any(column)]
        cut = tuple(Line(line.group, tuple(line.photos[n] for n in kept)) for line in lines)
        return Plan(cut, tuple(days[n] for n in kept), self.counting, **told)


class CoverForm(forms.Form):
    """For each photograph of a plan: the part that is kept, what is covered, and that somebody has looked."""

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, plan: Plan, looked_for: str, **kw: Any) -> None:
        super().__init__(data, **kw)
        self.plan = plan
        for photo in plan.photos:
            self.fields[f"crop-{photo.pk}"] = RectangleField(kind="crop", label="Keep only")
            for number in range(1, MASKS + 1):
                self.fields[f"mask-{photo.pk}-{number}"] = RectangleField(kind="mask", label=f"Cover {number}")
            self.fields[f"looked-{photo.pk}"] = forms.BooleanField(
                label=looked_for,
                error_messages={
                    "required": "Look at this photograph, cover what identifies the patient, and tick this."
                },
            )

    @property
    def photos(self) -> list[dict[str, Any]]:
        """Each photograph with its fields, in the order of the sheet."""
        return [
            {
                "photo": photo,
                "size": photo.large_size,
                "view": line.label,
                "month": month_text(photo, self.plan.counting),
                "boxes": (boxes := self._boxes(photo)),
                "is_covered": any(box.value() for box in boxes),
                "looked": self[f"looked-{photo.pk}"],
            }
            for line in self.plan.lines
            for photo in line.photos
            if photo
        ]

    def _boxes(self, photo: Photo) -> list[forms.BoundField]:
        """The part that is kept, then what is covered."""
        boxes = [self[f"crop-{photo.pk}"], *(self[f"mask-{photo.pk}-{number}"] for number in range(1, MASKS + 1))]
        for box in boxes:
            wrong = f" error-{box.id_for_label}" if box.errors else ""
            box.field.widget.attrs["aria-describedby"] = f"help-{photo.pk}{wrong}"
        return boxes

    @property
    def covers(self) -> dict[Any, Cover]:
        """By the photograph's id, once the form is valid."""
        return {photo.pk: self._cover(photo) for photo in self.plan.photos}

    def _cover(self, photo: Photo) -> Cover:
        masks = (self.cleaned_data[f"mask-{photo.pk}-{number}"] for number in range(1, MASKS + 1))
        return Cover(self.cleaned_data[f"crop-{photo.pk}"], tuple(mask for mask in masks if mask))

    def digest(self) -> str:
        """SHA-256 of what is to be released, to tell a repeated submit from another sheet."""
        plan = self.plan
        told = (plan.days, [str(photo.pk) for photo in plan.photos], plan.purpose, plan.file_format, plan.clinic_name)
        rest = (plan.lay_over, [(str(pk), cover.as_dict()) for pk, cover in self.covers.items()])
        return hashlib.sha256(repr((told, rest)).encode()).hexdigest()


class RectangleField(forms.CharField):
    """Four numbers in per cent of the picture, or nothing."""

    def __init__(self, *, kind: str, **kw: Any) -> None:
        super().__init__(required=False, max_length=60, **kw)
        self.widget.attrs |= {"data-box": kind, "autocomplete": "off"}

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not isinstance(text, str) or not re.search(r"\S", text):
            return None
        try:
            found: Rectangle | None = rectangle(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        return found

    def run_validators(self, value: Any) -> None:
        """The rectangle has been checked; the validators of a text do not apply to it."""


def _views(photos: list[Photo]) -> str:
    count = len({(photo.view, photo.site) for photo in photos})
    return f"{count} view{'' if count == 1 else 's'}"
