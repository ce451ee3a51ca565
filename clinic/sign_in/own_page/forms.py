from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm

from clinic.sign_in import throttle
from clinic.staff.access import ClinicRequest

_RULES = "At least 15 characters. Four or five words are easy to remember."


class FirstPasswordForm(SetPasswordForm):
    """For somebody who has signed in by passkey alone."""

    error_messages = {"password_mismatch": "The two new passwords are not the same. Type both again."}
    wait: int | None = None
    is_new_wait = False
    how = "password"

    def __init__(self, request: ClinicRequest, data: Any = None) -> None:
        super().__init__(request.user, data)
        self.request = request
        first, again = self.fields["new_password1"], self.fields["new_password2"]
        first.label, first.help_text = "New password", _RULES
        again.label, again.help_text = "New password again", ""
        first.error_messages["required"] = "Type the new password."
        again.error_messages["required"] = "Type the new password again, so that no slip of a finger gets into it."

    @property
    def account(self) -> str:
        return str(self.request.user.email)


class PasswordForm(FirstPasswordForm, PasswordChangeForm):
    error_messages = FirstPasswordForm.error_messages | {
        "password_incorrect": "That is not your password now. Check it and try again."
    }

    def __init__(self, request: ClinicRequest, data: Any = None) -> None:
        super().__init__(request, data)
        self.fields["old_password"].label = "Password now"
        self.fields["old_password"].error_messages["required"] = "Type the password that you have now."

    def clean_old_password(self) -> str:
        counted = throttle.subjects(self.request, self.account)
        self.wait = throttle.count_try(counted)
        if self.wait:
            self.is_new_wait = throttle.is_new_wait(counted)
            raise forms.ValidationError(throttle.refusal(self.wait), code="too_many_tries")
        old = super().clean_old_password()
        throttle.reset_tries(counted)
        return str(old)


class AppForm(forms.Form):
    code = forms.CharField(
        label="Code that the app shows now",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": "Type the 6 digits that the app shows now."},
    )


class PasskeyNameForm(forms.Form):
    name = forms.CharField(
        label="Name of this passkey",
        max_length=60,
        help_text="So that you know later which one it is.",
        error_messages={"required": "Give the passkey a name, such as the device that it is on."},
    )
