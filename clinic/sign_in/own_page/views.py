"""A person's own account: password, second factors, recovery codes, and where they are signed in."""

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.utils import decrypt, encrypt
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.audit import log
from clinic.sign_in.factors import actions, passkeys
from clinic.sign_in.factors.second_factors import KINDS, has_second_factor
from clinic.sign_in.failures import refuse
from clinic.sign_in.late_forms import whole_number
from clinic.sign_in.own_page.confirming import after_confirming
from clinic.sign_in.own_page.devices import (
    devices_of,
    sign_out_device,
    sign_out_other_devices,
    stay_signed_in,
    words_for,
)
from clinic.sign_in.own_page.forms import AppForm, FirstPasswordForm, PasskeyNameForm, PasswordForm
from clinic.sign_in.second_factor_required import WANTED, before_second_factor
from clinic.staff.access import Can, ClinicRequest, by_full_sign_in, requires

_SECRET = "totp_secret"  # noqa: S105 -- its name
"""In the session: the secret of an app that is being set up, encrypted, so that a page opened anew shows the same."""
App, Passkey, Codes = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES


def _own(view: Callable[..., Any]) -> Callable[..., Any]:
    return before_second_factor(requires(Can.BE_SIGNED_IN)(never_cache(view)))


def _own_act(view: Callable[..., Any]) -> Callable[..., Any]:
    """Not by a PIN: whoever has the PIN and the password would make recovery codes, and be past the second factor."""
    return by_full_sign_in(_own(view))


@_own
@require_GET
def own_page(request: ClinicRequest) -> HttpResponse:
    rows = list(Authenticator.objects.filter(user=request.user).order_by("created_at", "pk"))
    context = {
        "nav": "own",
        "app": next((row for row in rows if row.type == App), None),
        "passkeys": [row for row in rows if row.type == Passkey],
        "passkeys_why_not": passkeys.why_not(request),
        "codes": _codes_left(rows),
        "devices": devices_of(request, request.user),
        "wanted": request.session.get(WANTED, ""),
    }
    return render(request, "sign_in/own_page.html", context)


def _codes_left(rows: list[Authenticator]) -> dict[str, Any] | None:
    row = next((row for row in rows if row.type == Codes), None)
    if row is None:
        return None
    left = settings.MFA_RECOVERY_CODE_COUNT - int(row.data["used_mask"]).bit_count()
    return {"left": left, "made_at": row.created_at, "is_new": not RecoveryCodes(row).did_view}


@_own_act
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: ClinicRequest) -> HttpResponseBase:
    """The old password is asked in the form; where there is none, a passkey is asked before."""
    change = _change_password if request.user.has_usable_password() else after_confirming(_change_password)
    return change(request)


def _change_password(request: ClinicRequest) -> HttpResponse:
    form_class = PasswordForm if request.user.has_usable_password() else FirstPasswordForm
    form = form_class(request, request.POST if "new_password1" in request.POST else None)
    if not form.is_valid():
        response = render(request, "sign_in/own_password.html", {"form": form})
        if form.wait or "old_password" in form.errors:
            refuse(form, response)
        elif form.is_bound:
            response.status_code = 422
        return response
    actions.change_password(password=form.cleaned_data["new_password1"], clinic=request.clinic, by=request.user)
    stay_signed_in(request, request.user)
    sign_out_other_devices(request, request.user)
    messages.success(request, "Your password is changed. You are signed out everywhere else.")
    return redirect("own-page")


@_own_act
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
@after_confirming
def app(request: ClinicRequest) -> HttpResponse:
    """Set up an authenticator app: it scans the secret, and a code shows that it did."""
    if Authenticator.objects.filter(user=request.user, type=App).exists():
        return redirect("own-page")
    secret = _secret_of_app(request)
    form = AppForm(request.POST if "code" in request.POST else None)
    if form.is_valid():
        is_first = not has_second_factor(request.user)
        try:
            actions.add_totp(by=request.user, secret=secret, code=form.cleaned_data["code"], clinic=request.clinic)
        except ValidationError as fault:
            form.add_error("code", fault)
        else:
            del request.session[_SECRET]
            return _added(request, "Your authenticator app is set up.", is_first=is_first)
    picture = get_adapter().build_totp_svg(get_adapter().build_totp_url(request.user, secret))
    context = {
        "form": form,
        "picture": "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode(),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    }
    return render(request, "sign_in/own_app.html", context, status=422 if form.errors else 200)


def _secret_of_app(request: ClinicRequest) -> str:
    if _SECRET not in request.session:
        request.session[_SECRET] = encrypt(generate_totp_secret())
    return decrypt(request.session[_SECRET])


@_own_act
@require_http_methods(["GET", "POST"])
@after_confirming
def add_passkey(request: ClinicRequest) -> HttpResponse:
    initial = {"name": words_for(request.headers.get("User-Agent", ""))}
    form = PasskeyNameForm(request.POST if "name" in request.POST else None, initial=initial)
    if form.is_valid():
        is_first = not has_second_factor(request.user)
        try:
            credential = passkeys.new_credential(request, request.user)
            actions.add_passkey(
                by=request.user, name=form.cleaned_data["name"], credential=credential, clinic=request.clinic
            )
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            return _added(request, "Your passkey is added.", is_first=is_first)
    context = {"form": form, "why_not": passkeys.why_not(request)}
    return render(request, "sign_in/own_passkey.html", context, status=422 if form.errors else 200)


@_own_act
@require_GET
@after_confirming
def new_passkey_options(request: ClinicRequest) -> JsonResponse:
    return passkeys.creation_options(request, request.user, alone=not request.user.has_usable_password())


@_own_act
@require_http_methods(["GET", "POST"])
@after_confirming
def remove_factor(request: ClinicRequest) -> HttpResponse:
    """Remove the app or a passkey, named by its id in `?factor=`."""
    own = Authenticator.objects.filter(user=request.user, type__in=KINDS)
    factor = get_object_or_404(own, pk=whole_number(request.GET.get("factor", "")))
    context = {"factor": factor, "is_app": factor.type == App, "is_last": own.count() == 1}
    kept = actions.why_kept(factor, by=request.user)
    if request.method == "GET" or kept:
        return render(request, "sign_in/own_remove.html", context | {"kept": kept})
    actions.remove_second_factor(factor, by=request.user, clinic=request.clinic)
    messages.success(request, "It is removed.")
    return redirect("own-page")


@_own_act
@require_http_methods(["GET", "POST"])
@after_confirming
def recovery_codes(request: ClinicRequest) -> HttpResponse:
    """GET shows codes that were not shown before, once; POST makes new ones."""
    if not has_second_factor(request.user):
        return redirect("own-page")
    if request.method == "POST":
        actions.make_recovery_codes(clinic=request.clinic, by=request.user)
        return redirect("own-recovery-codes")
    row = Authenticator.objects.filter(user=request.user, type=Codes).first()
    codes = RecoveryCodes(row) if row else None
    shown = codes.get_unused_codes() if codes and not codes.did_view else []
    if codes and shown:
        codes.mark_as_viewed()
    made = timezone.localtime(row.created_at) if row else None
    text = f"Anagen: recovery codes of {request.user.email}, made {made:%d %b %Y}. Each works once.\n\n" if made else ""
    context = {
        "codes": shown,
        "made": made,
        "file": "data:text/plain;charset=utf-8," + quote(text + "\n".join(shown) + "\n"),
        "wanted": request.session.pop(WANTED, "") if shown else "",
    }
    return render(request, "sign_in/own_codes.html", context)


@_own
@require_POST
@after_confirming
def end_device(request: ClinicRequest) -> HttpResponse:
    """Sign out the browser with the id in `device`, or with "others" every one but this."""
    device = request.POST.get("device", "")
    if device == "others":
        count = sign_out_other_devices(request, request.user)
    else:
        count = int(sign_out_device(request, request.user, whole_number(device) or 0))
    if count:
        log.record("ended_session", by=request.user, clinic=request.clinic, detail={"devices": count})
    messages.success(request, "It is signed out." if count == 1 else "All other devices are signed out.")
    return redirect("own-page")


def _added(request: ClinicRequest, sentence: str, *, is_first: bool) -> HttpResponse:
    """On to the recovery codes where they were made just now, and otherwise back to the page.

    Whoever was signed in elsewhere before the first one, perhaps by a stolen password, has to give it as well.
    """
    if is_first and sign_out_other_devices(request, request.user):
        sentence += " You are signed out everywhere else."
    messages.success(request, sentence)
    codes = Authenticator.objects.filter(user=request.user, type=Codes).first()
    is_new = codes is not None and not RecoveryCodes(codes).did_view
    return redirect("own-recovery-codes" if is_new else "own-page")
