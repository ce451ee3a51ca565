from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from clinic.sign_in import throttle


class SignInForm(AuthenticationForm):
    username = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    error_messages = {
        "invalid_login": "That e-mail and password do not belong together. Check both and try again.",
        "inactive": "That e-mail and password do not belong together. Check both and try again.",
    }
    wait = 0
    """Seconds until the next try is checked, when this one was not; else 0."""
    is_new_wait = False
    """Whether this is the first try that has to wait so."""

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).lower()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs["maxlength"] = 254

    def clean(self) -> dict[str, Any]:
        email = self.cleaned_data.get("username")
        if not email or not self.cleaned_data.get("password") or self.request is None:
            return self.cleaned_data
        subjects = throttle.subjects(self.request, email)
        self.wait = throttle.count_try(subjects)
        if self.wait:
            self.is_new_wait = throttle.is_new_wait(subjects)
            raise forms.ValidationError(throttle.refusal(self.wait), code="too_many_tries")
        cleaned = super().clean()
        throttle.reset_tries(subjects)
        return cleaned
