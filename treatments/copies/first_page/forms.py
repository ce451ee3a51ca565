from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from clinic.object_store.addresses import WrongAddress
from clinic.object_store.stores import NotThere
from clinic.operations.database_copy import CopyFailed
from treatments.copies.age_files import KeyRefused, parse_identity
from treatments.copies.destination import Destination, open_place
from treatments.copies.manifest import ManifestDamaged
from treatments.records.formatting import day


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
    """Where the copy is, and which. The keys are handed to the program that restores, and written nowhere."""

    place = forms.CharField(
        label="In which folder are the copies?",
        help_text="On the disk that you plugged into this computer, for example /media/disk/anagen",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )
    stamp = forms.CharField(label="Which copy?", required=False, widget=forms.Select)
    # Seventy letters from paper: who types them has to see them.
    identity = forms.CharField(
        label="The key of the copies, if encrypted",
        help_text="It begins with AGE-SECRET-KEY-1, and was shown once when Anagen was set up. Spaces do not matter.",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )
    key_id = forms.CharField(
        label="ID of the store’s key", required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    secret = forms.CharField(
        label="Secret of the store’s key", required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, last_place: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].initial = last_place
        if last_place.startswith("/"):  # a store would want its key
            with suppress(WrongAddress, CopyFailed, OSError):
                self._offer(_opened(last_place, "", "").stamps())

    @property
    def has_others(self) -> bool:
        """Whether there is another copy than the newest to choose."""
        return len(self._choices) > 1

    @property
    def _choices(self) -> list[tuple[str, str]]:
        return list(self.fields["stamp"].widget.choices)

    def _offer(self, stamps: list[str]) -> None:
        newest_first = [(stamp, time_of(stamp)) for stamp in reversed(stamps)]
        choices = [("", f"Newest: {newest_first[0][1]}"), *newest_first[1:]] if newest_first else []
        self.fields["stamp"].widget.choices = choices

    def clean_place(self) -> str:
        told = str(self.cleaned_data["place"])
        if "://" not in told and not told.startswith("/"):
            raise ValidationError("Write the whole path of the folder. It begins with /, as /media/disk/anagen does.")
        return told

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
                self._look(told)
            except ManifestDamaged as fault:
                self.add_error("stamp" if self.has_others else "place", f"This copy cannot be trusted: {fault}.")
            except PermissionError:
                self.add_error("place", "Anagen may not read this folder. Let its user, anagen, read what is in it.")
            except (WrongAddress, CopyFailed, NotThere, OSError) as fault:
                self.add_error("place", str(fault))
        return told

    def _look(self, told: dict[str, Any]) -> None:
        """Refuse at once what the program that restores would refuse after seconds."""
        place = _opened(told["place"], told.get("key_id", ""), told.get("secret", ""))
        stamps = place.stamps()
        self._offer(stamps)
        if told.get("stamp") and told["stamp"] not in stamps:
            raise CopyFailed("This copy is not there. Choose another one.")
        if not stamps:
            if not place.listing().databases:
                raise CopyFailed("There is no copy there. In the folder of a copy lies a folder named manifests.")
        elif place.manifest(told.get("stamp") or stamps[-1]).recipient and told.get("identity") == "":
            self.add_error("identity", "This copy is encrypted. Type its key.")


def _opened(place: str, key_id: str, secret: str) -> Destination:
    return Destination(open_place(place, key=(key_id, secret)), scratch=Path(settings.VAR_DIR))


def time_of(stamp: str) -> str:
    """Of "20261130T031000Z": "30 Nov 2026, 03:10 UTC"; other text as it is."""
    try:
        at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ")  # noqa: DTZ007 -- told with its zone
    except ValueError:
        return stamp
    return f"{day(at)}, {at:%H:%M} UTC"
