"""Choosing what goes on a before/after sheet, and looking at each photograph before it goes."""

import hashlib
import uuid
from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from django import forms

from treatments.consents.consent_status import ConsentStatus
from treatments.consents.photo_permission import refusal
from treatments.consents.purposes import PhotoPurpose
from treatments.patients.models import Patient
from treatments.photos.export.before_after import Line, Plan, line_of
from treatments.photos.export.printable_letters import unwritable, writable
from treatments.photos.export.redaction import Cover, Rectangle, rectangle
from treatments.photos.models import Photo
from treatments.photos.patient_photos import CourseCalendar, PatientPhotos, group_label
from treatments.records.formatting import count
from treatments.records.partial_dates import PartialDate
from treatments.records.text.text_folding import fold

FEWEST_DATES, MOST_DATES = 2, 4
MASKS = 4
LOOKED_FOR = {
    True: (
        "I have looked at this photo. It shows nothing that the patient has not allowed. The consent allows that "
        "the face is seen."
    ),
    False: "I have looked at this photo. It shows no face and no mark by which the patient can be recognised.",
}
"""What the person confirms of each photograph, by whether the consent allows identifying pictures."""
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
        self,
        data: Any = None,
        *,
        photos: PatientPhotos,
        patient: Patient,
        clinic_name: str,
        permissions: list[ConsentStatus],
        **kw: Any,
    ) -> None:
        super().__init__(data, **kw)
        self.photos, self.patient, self.permissions = photos, patient, permissions
        self.own_name = clinic_name
        self.plan: Plan | None = None
        fields: Any = self.fields
        fields["view"].choices = [(code, group_label(code)) for code in photos.groups]
        self.dates = list(self._dates())
        fields["date"].choices = [(code, label) for code, label, _ in self.dates]

    def _dates(self) -> Iterator[tuple[str, str, str]]:
        """Every date with a photograph, oldest first: its value, "Month 5, 16 Jun 2025, 4 views", counted in its own
        course, and that course where there are several."""
        dates: dict[PartialDate, list[Photo]] = {}
        for photo in self.photos.photos:
            dates.setdefault(photo.when, []).append(photo)
        in_order = sorted(dates.items(), key=lambda item: (item[0].earliest, item[0].latest))
        has_several = len(self.photos.courses.standing) > 1
        for when, photos in in_order:
            views = count(len({(photo.view, photo.site) for photo in photos}), "view")
            calendar = self.photos.calendar(photos[0])
            label = f"{calendar.month(photos[0])}, {when.label()}, {views}"
            yield when.text, label, calendar.name if has_several else ""

    def clean_date(self) -> tuple[PartialDate, ...]:
        chosen = sorted(map(PartialDate, set(self.cleaned_data["date"])), key=attrgetter("earliest", "latest"))
        if not FEWEST_DATES <= len(chosen) <= MOST_DATES:
            are = "is" if len(chosen) == 1 else "are"
            raise forms.ValidationError(f"Choose two to four dates; {len(chosen)} {are} chosen.")
        return tuple(chosen)

    def clean_purpose(self) -> str:
        purpose = str(self.cleaned_data["purpose"])
        if why := refusal(self.permissions, purpose):
            raise forms.ValidationError(why)
        return purpose

    def clean_clinic_name(self) -> str:
        name = str(self.cleaned_data["clinic_name"]).strip()
        if letters := unwritable(name):
            raise forms.ValidationError(f"The sheet cannot print {letters}. Write the name in Latin letters.")
        if word := self._word_of_patient(name):
            raise forms.ValidationError(f"“{word}” would name the patient. Write the clinic’s name alone.")
        return writable(name)

    def _word_of_patient(self, text: str) -> str:
        """The first word of the patient's name or record number in a text, but for the words of the clinic's name."""
        words = set(fold(text).split()) - set(fold(self.own_name).split())
        about = f"{self.patient.name} {self.patient.record_number}".split()
        return next((word for word in about if len(word) > 1 and fold(word) in words), "")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        days = cleaned["date"]
        calendar = self.photos.calendar(next(p for p in reversed(self.photos.photos) if p.when == days[-1]))
        lines = [line_of(self.photos, group, days, calendar) for group in cleaned["view"]]
        for line in lines:
            if len(line.taken) < FEWEST_DATES:
                few = f"{line.label} was not taken at two of these dates. Leave it out, or choose other dates."
                self.add_error("view", few)
        if not self.errors:
            self.plan = self._plan(lines, days, calendar)
        return cleaned

    def _plan(self, lines: list[Line], days: tuple[PartialDate, ...], calendar: CourseCalendar) -> Plan:
        """Without the dates at which no view was taken; in the Months of the course of the last date."""
        columns = zip(*(line.photos for line in lines), strict=True)
        shown = [n for n, column in enumerate(columns) if any(column)]
        return Plan(
            lines=tuple(line.only(shown) for line in lines),
            days=tuple(days[n] for n in shown),
            calendar=calendar,
            **{name: self.cleaned_data[name] for name in ("purpose", "file_format", "clinic_name", "lay_over")},
        )

    @property
    def permission(self) -> ConsentStatus:
        """That of the purpose which was chosen, once the form is valid."""
        return next(each for each in self.permissions if each.code == self.cleaned_data["purpose"])


class CoverForm(forms.Form):
    """For each photograph of a plan: the part that is kept, what is covered, and that somebody has looked."""

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, plan: Plan, is_identifiable: bool, **kw: Any) -> None:
        super().__init__(data, **kw)
        self.plan = plan
        required = "Look at this photograph, cover what identifies the patient, and tick this."
        for photo in plan.photos:
            self.fields[f"crop-{photo.pk}"] = RectangleField(kind="crop", label="Keep only")
            for number in range(1, MASKS + 1):
                self.fields[f"mask-{photo.pk}-{number}"] = RectangleField(kind="mask", label=f"Cover {number}")
            self.fields[f"looked-{photo.pk}"] = forms.BooleanField(
                label=LOOKED_FOR[is_identifiable], error_messages={"required": required}
            )

    @property
    def photos(self) -> list[dict[str, Any]]:
        """Each photograph with its fields, in the order of the sheet."""
        return [self._photo(line, photo) for line in self.plan.lines for photo in line.taken]

    def _photo(self, line: Line, photo: Photo) -> dict[str, Any]:
        boxes = self._boxes(photo)
        return {
            "photo": photo,
            "size": photo.large_size,
            "view": line.label,
            "month": self.plan.calendar.month_and_offset(photo),
            "boxes": boxes,
            "is_covered": any(box.value() for box in boxes),
            "looked": self[f"looked-{photo.pk}"],
        }

    def _boxes(self, photo: Photo) -> list[forms.BoundField]:
        """The part that is kept, then what is covered."""
        boxes = [self[f"crop-{photo.pk}"], *(self[f"mask-{photo.pk}-{number}"] for number in range(1, MASKS + 1))]
        for box in boxes:
            wrong = f" error-{box.id_for_label}" if box.errors else ""
            box.field.widget.attrs["aria-describedby"] = f"help-{photo.pk}{wrong}"
        return boxes

    @property
    def covers(self) -> dict[uuid.UUID, Cover]:
        """By the photograph's id, once the form is valid."""
        return {photo.pk: self._cover(photo) for photo in self.plan.photos}

    def _cover(self, photo: Photo) -> Cover:
        masks = (self.cleaned_data[f"mask-{photo.pk}-{number}"] for number in range(1, MASKS + 1))
        return Cover(self.cleaned_data[f"crop-{photo.pk}"], tuple(mask for mask in masks if mask))

    def digest(self) -> str:
        """SHA-256 of what is to be released, to tell a repeated submit from another sheet."""
        plan = self.plan
        chosen = (plan.days, [str(photo.pk) for photo in plan.photos], plan.purpose, plan.file_format, plan.clinic_name)
        covers = (plan.lay_over, [(str(pk), cover.as_dict()) for pk, cover in self.covers.items()])
        return hashlib.sha256(repr((chosen, covers)).encode()).hexdigest()


class OriginalForm(forms.Form):
    """What an original file leaves for."""

    id = forms.UUIDField(
        widget=forms.HiddenInput,
        required=False,
        error_messages={"invalid": "Nothing was downloaded. Reload the page, and choose again."},
    )
    purpose = forms.ChoiceField(
        choices=PhotoPurpose.choices,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose what the file is for."),
    )


class RectangleField(forms.CharField):
    """Four numbers in per cent of the picture, or nothing."""

    def __init__(self, *, kind: str, **kw: Any) -> None:
        super().__init__(required=False, max_length=60, **kw)
        self.widget.attrs |= {"data-box": kind, "autocomplete": "off"}

    def to_python(self, value: Any) -> Rectangle | None:  # type: ignore[override]
        try:
            return rectangle(super().to_python(value) or "")
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def run_validators(self, value: Any) -> None:
        """The rectangle has been checked; the validators of a text do not apply to it."""
