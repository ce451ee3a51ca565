import json
import unicodedata
from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError

from clinic.staff.models import LONGEST_COVER, SHORTEST_COVER, Clinic, Role

# Joiners and marks of direction, which a script needs; whatever else is not seen could hide or turn what is.
_NEEDED = "\n\u200c\u200d\u200e\u200f"
ROLES = [
    (Role.RECEPTION, "Reception: names, contact details and due dates"),
    (Role.NURSE, "Nurse: the whole record, sessions and lots"),
    (Role.CLINICIAN, "Clinician: as a nurse, and courses, protocols and exports"),
    (Role.MANAGER, "Manager: everything, and these pages"),
    (Role.READER, "Reader: sees the record, writes nothing"),
    (Role.BLIND_READER, "Blind reader: pairs of photos without names, where invited, and nothing else"),
]


class PlainTextField(forms.CharField):
    """Text without control and format characters that nobody sees; one line unless its widget has several."""

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "").replace("\r\n", "\n")
        return "".join(c for c in text if unicodedata.category(c)[0] != "C" or c in _NEEDED).strip()


class AddPersonForm(forms.Form):
    email = forms.EmailField(
        label="What is their e-mail?",
        max_length=254,
        help_text="They sign in with it. Nothing is sent to it.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    name = PlainTextField(
        label="What is their name?",
        max_length=120,
        help_text="As it stands in the record beside what they write. An account that is there already keeps its own.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label="What may they do here?", choices=[("", "Choose a role"), *ROLES])
    use_required_attribute = False


class RoleForm(forms.Form):
    """`was` is the role, and whether the person works here, as the page was opened with them."""

    role = forms.ChoiceField(label="What may they do here?", choices=ROLES)
    was = forms.CharField(widget=forms.HiddenInput, max_length=40)
    use_required_attribute = False

    def clean_was(self) -> tuple[str, bool]:
        role, _, is_active = self.cleaned_data["was"].partition(":")
        return role, is_active == "True"


class MakeLinkForm(forms.Form):
    removes_second_factor = forms.BooleanField(
        label="Also remove their second factor (the telephone or the key is lost)", required=False
    )


class ClinicForm(forms.ModelForm):
    """`version` is what the columns were when the page was opened."""

    name = PlainTextField(label="What is the clinic’s name?", max_length=120, help_text="It stands on every page.")
    letterhead = PlainTextField(
        label="What stands at the top of a printed page?",
        max_length=400,
        required=False,
        help_text="Address, telephone, registration number. Up to six lines. It is printed under the name.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    time_zone = forms.ChoiceField(
        label="In which time zone is the clinic?", help_text="Today begins at midnight there."
    )
    record_prefix = PlainTextField(
        label="What do record numbers begin with?",
        max_length=8,
        required=False,
        help_text="HC- gives HC-0001. Numbers that were given already stay.",
    )
    cover_minutes = forms.TypedChoiceField(
        label="After how many minutes without a touch is a page covered?",
        choices=[
            (minutes, f"{minutes} minute{'s' if minutes > 1 else ''}")
            for minutes in range(SHORTEST_COVER, LONGEST_COVER + 1)
        ],
        coerce=int,
        help_text="What was typed is kept under it.",
        error_messages={"invalid_choice": "Choose 1 to 30 minutes."},
    )
    second_factor_for_all = forms.BooleanField(
        label="Ask everybody for a second factor",
        required=False,
        help_text=(
            "Managers and clinicians are always asked: they can take records out of the clinic. Whoever first signed "
            "in more than a week ago is asked at once."
        ),
    )
    version = forms.CharField(widget=forms.HiddenInput, required=False, max_length=8000)
    use_required_attribute = False

    class Meta:
        model = Clinic
        fields = ["name", "letterhead", "time_zone", "record_prefix", "cover_minutes", "second_factor_for_all"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = {name for name in available_timezones() if "/" in name and not name.startswith("Etc/")}
        own = str(self.instance.time_zone)
        zone = cast(forms.ChoiceField, self.fields["time_zone"])
        zone.choices = [(name, name.replace("_", " ")) for name in sorted({*zones, own})]
        self.initial["version"] = json.dumps(columns_of(self.instance))

    def clean_letterhead(self) -> str:
        text = str(self.cleaned_data["letterhead"])
        if len(text.splitlines()) > 6:
            raise ValidationError("Use six lines at most, or it fills the sheet.")
        return text

    def clean_version(self) -> dict[str, Any]:
        try:
            told = json.loads(self.cleaned_data["version"])
        except ValueError:
            return {}
        return told if isinstance(told, dict) else {}

    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def expected(self) -> dict[str, Any]:
        told = self.cleaned_data["version"]
        return {name: told.get(name) for name in self.Meta.fields}

    def differences(self, current: Clinic) -> list[dict[str, str]]:
        """Each answer that is other than what is saved now: label, theirs, mine."""
        theirs, mine = columns_of(current), self.changes()
        return [
            {"label": str(self[name].label), "theirs": _words(theirs[name]), "mine": _words(mine[name])}
            for name in self.Meta.fields
            if theirs[name] != mine[name]
        ]

    def take_version_of(self, current: Clinic) -> None:
        """Let the next submit of this form count as made in sight of what is saved now."""
        self.data = {name: self.data.get(name, "") for name in self.data} | {"version": json.dumps(columns_of(current))}


def columns_of(clinic: Clinic) -> dict[str, Any]:
    return {name: getattr(clinic, name) for name in ClinicForm.Meta.fields}


def _words(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value) or "empty"


class NewPasswordForm(forms.Form):
    """A password that a person chooses for an account, checked by the rules of the settings when it is set."""

    password = forms.CharField(
        label="Choose a password",
        strip=False,
        max_length=4096,
        help_text="15 characters or more, for example four words that do not belong together. Spaces count.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="Write it once more",
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if {"password", "again"} <= cleaned.keys() and cleaned["password"] != cleaned["again"]:
            self.add_error("again", "The two are not the same. Write both again.")
        return cleaned
