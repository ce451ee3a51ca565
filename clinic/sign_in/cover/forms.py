from typing import Any

from django import forms

from clinic.sign_in.cover import pins

_DIGITS = {"inputmode": "numeric", "maxlength": pins.DIGITS, "autocomplete": "off"}


class DevicePinForm(forms.Form):
    pin = forms.CharField(
        label="Six digits",
        widget=forms.PasswordInput(attrs={**_DIGITS, "autofocus": True}),
        error_messages={"required": "Enter six digits."},
    )
    pin_again = forms.CharField(
        label="The same again",
        widget=forms.PasswordInput(attrs=_DIGITS),
        error_messages={"required": "Enter the same digits again."},
    )

    def clean_pin(self) -> str:
        pin = str(self.cleaned_data["pin"])
        if fault := pins.why_refused(pin):
            raise forms.ValidationError(fault)
        return pin

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        pin, again = cleaned.get("pin"), cleaned.get("pin_again")
        if pin and again and pin != again:
            self.add_error("pin_again", "These are not the digits of the line above. Enter both again.")
        return cleaned
