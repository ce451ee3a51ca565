from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from clinic.object_store.addresses import WrongAddress
from clinic.operations.database_copy import CopyFailed
from treatments.copies.age_files import KeyRefused, parse_identity
from treatments.copies.destination import open_place


class NewClinicForm(forms.Form):
    name = forms.CharField(label="What is the clinic called?", max_length=200)
    person = forms.CharField(label="Your name, as the record shows it", max_length=200)
    email = forms.EmailField(label="Your e-mail address, with which you sign in")
    time_zone = forms.ChoiceField(label="In which time zone is the clinic?")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
        self.fields["time_zone"].choices = [(zone, zone) for zone in zones]  # type: ignore[attr-defined]
        self.fields["time_zone"].initial = settings.TIME_ZONE


class CopyForm(forms.Form):
    """Where the copy is. The key is handed to the program that restores, and written nowhere."""

    place = forms.CharField(
        label="Where is the copy?",
        help_text="A folder on this machine, such as /media/disk/anagen, or s3://bucket?endpoint=https://host",
    )
    key_id = forms.CharField(label="Key ID of the store", required=False)
    secret = forms.CharField(
        label="Secret of the store", required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )
    identity = forms.CharField(
        label="Private key, where the copy is encrypted",
        help_text="AGE-SECRET-KEY-1…, as it was printed",
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def clean_identity(self) -> str:
        told = str(self.cleaned_data["identity"])
        if told:
            try:
                parse_identity(told)
            except KeyRefused as fault:
                raise ValidationError(str(fault)) from None
        return told

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = self.cleaned_data
        if told.get("place"):
            try:
                open_place(told["place"], key=(told.get("key_id", ""), told.get("secret", "")))
            except (WrongAddress, CopyFailed, OSError) as fault:
                self.add_error("place", str(fault))
        return told
