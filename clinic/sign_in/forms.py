from typing import Any, cast

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest

from clinic.sign_in import throttle
from clinic.sign_in.factors import passkeys
from clinic.sign_in.factors.second_factors import check_code, kind_of
from clinic.staff.models import User


class SignInForm(AuthenticationForm):
    username = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    error_messages = {
        "invalid_login": "That e-mail and password do not belong together. Check both and try again.",
        "inactive": "That e-mail and password do not belong together. Check both and try again.",
    }
    factors = ("password",)
    wait: int | None = None
    """Seconds until the next try is checked, when this one was not; 0 when it was, None when nothing was tried."""
    is_new_wait = False
    """Whether this is the first try that has to wait so."""
    how = "password"

    @property
    def account(self) -> str:
        return str(self.data.get("username", ""))

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


class StepForm(forms.Form):
    """One more proof from a person who is known already: a code or a passkey, after the password; or, with
    `by_password`, the password or a passkey, of somebody who is signed in."""

    password = forms.CharField(
        label="Password",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    code = forms.CharField(
        label="Code",
        required=False,
        max_length=40,
        help_text="6 digits from your authenticator app, or one of your recovery codes with 8 digits.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )
    wait: int | None = None
    is_new_wait = False
    factor = ""

    def __init__(self, request: HttpRequest, user: User, data: Any = None, *, by_password: bool = False) -> None:
        super().__init__(data)
        self.request, self.user = request, user
        kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
        self.has_passkey = Authenticator.Type.WEBAUTHN in kinds
        self.asked = "password" if by_password and user.has_usable_password() else "code"
        del self.fields["code" if self.asked == "password" else "password"]
        if self.asked == "code" and kinds <= {Authenticator.Type.WEBAUTHN}:
            del self.fields["code"]

    @property
    def factors(self) -> tuple[str, ...]:
        return ("password", self.factor)

    @property
    def account(self) -> str:
        return self.user.email

    @property
    def how(self) -> str:
        if self.data.get(passkeys.ANSWER):
            return "webauthn"
        return "password" if self.asked == "password" else kind_of(str(self.data.get("code", "")))

    def get_user(self) -> User:
        return self.user

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data.get(self.asked, "")
        is_passkey = bool(self.data.get(passkeys.ANSWER))
        if not typed and not is_passkey:
            field = self.asked if self.asked in self.fields else None
            sentence = f"Enter your {self.asked}." if field else "Use a passkey."
            self.add_error(field, forms.ValidationError(sentence, code="required"))
            return self.cleaned_data
        of = "" if self.asked == "password" and not is_passkey else "code"
        counted = throttle.subjects(self.request, self.user.email, of=of)
        self.wait = throttle.count_try(counted)
        if self.wait:
            self.is_new_wait = throttle.is_new_wait(counted)
            raise forms.ValidationError(throttle.refusal(self.wait), code="too_many_tries")
        self.factor = self._factor_of_passkey() if is_passkey else self._factor_of(typed)
        throttle.reset_tries(counted)
        return self.cleaned_data

    def _factor_of_passkey(self) -> str:
        passkeys.person_of_passkey(self.request, self.user)
        return "webauthn"

    def _factor_of(self, typed: str) -> str:
        if self.asked == "password":
            if self.user.check_password(typed):
                return "password"
            raise forms.ValidationError({"password": "That is not your password. Check it and try again."})
        if factor := check_code(self.user, typed):
            return factor
        raise forms.ValidationError(
            {"code": "That code is not right, or was used before. Wait for the next one in your app, and type that."}
        )


class PasskeyForm(forms.Form):
    """A passkey as the whole sign-in: it is found without an e-mail, and has asked for finger, face or PIN itself."""

    factors = ("webauthn",)
    wait: int | None = None
    is_new_wait = False
    how = "webauthn"
    account = ""  # it is not known whose it was
    _user: User | None = None

    def __init__(self, request: HttpRequest, data: Any) -> None:
        super().__init__(data)
        self.request = request

    def get_user(self) -> User:
        return cast("User", self._user)

    def clean(self) -> dict[str, Any]:
        counted = throttle.place()
        self.wait = throttle.count_try(counted)
        if self.wait:
            self.is_new_wait = throttle.is_new_wait(counted)
            raise forms.ValidationError(throttle.refusal(self.wait), code="too_many_tries")
        self._user = passkeys.person_of_passkey(self.request, None)
        throttle.reset_tries(counted)
        return self.cleaned_data
