"""Passkeys: what the browser is asked, and whether its answer is right.

The server keeps nothing between the two. What it asked lies signed in a cookie of the browser, for five minutes, and
holds once: a passkey that was used since it was asked is asked anew.
"""

import json
import time
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.http.request import split_domain_port
from django.utils import timezone
from fido2.webauthn import ResidentKeyRequirement, UserVerificationRequirement

from clinic.sign_in.factors import signed_cookies
from clinic.staff.models import User

ANSWER = "passkey"
"""The form's field with the browser's answer."""
TOO_LATE = "That took longer than five minutes, or was done in another window. Press the button again."
NOT_RIGHT = "This passkey is not right here. Press the button again, or use another way."
THERE_ALREADY = "This passkey has been added already."
_BROKEN = (ValueError, TypeError, KeyError, AttributeError, ValidationError)


def why_not(request: HttpRequest) -> str:
    """Why a browser makes no passkey for this address, as a sentence; "" where it does."""
    host = split_domain_port(request.get_host())[0]
    if host == "localhost":
        return ""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return "" if request.is_secure() else "Passkeys need https, and this page is open by http."
    return "Passkeys need the host name of Anagen, and this page is open by a number, the IP address."


def creation_options(request: HttpRequest, user: User, *, alone: bool = False) -> JsonResponse:
    """What `navigator.credentials.create` is given.

    `alone`: the passkey is to stand for a password too, so that it must be found without an e-mail, and ask for finger,
    face or PIN.
    """
    options, state = auth.get_server().register_begin(
        user=auth.build_user_payload(user),
        credentials=auth.get_credentials(user),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED if alone else ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.PREFERRED,
        extensions=auth.EXTENSIONS,
    )
    return _asked(dict(options), state, user)


def new_credential(request: HttpRequest, user: User) -> dict[str, Any]:
    """The passkey that the browser has made for this person and posted as `passkey`. Raises ValidationError."""
    state, _ = _what_was_asked(request, user)
    try:
        credential: dict[str, Any] = json.loads(request.POST.get(ANSWER, ""))
        made = auth.get_server().register_complete(state, credential).credential_data
    except _BROKEN as fault:
        raise ValidationError(NOT_RIGHT) from fault
    if made is None or auth.get_authenticator_by_credential_id(user, made.credential_id):
        raise ValidationError(THERE_ALREADY)
    return credential


def request_options(user: User | None) -> JsonResponse:
    """What `navigator.credentials.get` is given: for one of the person's passkeys, or for whosever it is."""
    is_whole = user is None
    options, state = auth.get_server().authenticate_begin(
        credentials=auth.get_credentials(user) if user else [],
        user_verification=UserVerificationRequirement.REQUIRED if is_whole else UserVerificationRequirement.PREFERRED,
    )
    return _asked(dict(options), state, user)


def person_of_passkey(request: HttpRequest, user: User | None) -> User:
    """Whose passkey answered, `user` where one was asked. Raises ValidationError."""
    state, asked_at = _what_was_asked(request, user)
    try:
        answer = json.loads(request.POST.get(ANSWER, ""))
        person = user or auth.extract_user_from_response(answer)
        used = auth.get_server().authenticate_complete(state, auth.get_credentials(person), answer)
        passkey = auth.get_authenticator_by_credential_id(person, used.credential_id)
    except _BROKEN as fault:
        raise ValidationError(NOT_RIGHT) from fault
    now = timezone.now()
    # A time ahead of now is one from before the clock was put back.
    not_since = Q(last_used_at=None) | Q(last_used_at__lt=asked_at) | Q(last_used_at__gt=now)
    if not Authenticator.objects.filter(not_since, pk=passkey.pk).update(last_used_at=now):
        raise ValidationError(TOO_LATE)
    if not person.is_active:
        raise ValidationError(NOT_RIGHT)
    return person


def _asked(options: dict[str, Any], state: dict[str, Any], user: User | None) -> JsonResponse:
    response = JsonResponse(options)
    signed_cookies.give(response, signed_cookies.CHALLENGE, [state, time.time(), user.pk if user else None])
    return response


def _what_was_asked(request: HttpRequest, user: User | None) -> tuple[dict[str, Any], datetime]:
    state, at, asked = signed_cookies.read(request, signed_cookies.CHALLENGE) or (None, 0, None)
    # What was asked of one person, who had given a password, is not enough for a sign-in without one.
    if state is None or asked != (user.pk if user else None):
        raise ValidationError(TOO_LATE)
    return state, datetime.fromtimestamp(at, UTC)
