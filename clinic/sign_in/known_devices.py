"""Browsers in which a person has signed in before, recognised by a cookie that gives no access."""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

_SALT = "anagen.known-device"
_SECONDS = 180 * 24 * 3600
# Enough for a tablet that a whole team shares; a cookie must stay small.
_MAX_PEOPLE = 40


def device_of(request: HttpRequest, email: str) -> str:
    """The browser's own random name if this e-mail has signed in here within half a year, else ""."""
    device, people = _read(request)
    return device if _hashed(email) in people else ""


def device_name(request: HttpRequest) -> str:
    """The browser's own random name, whoever has signed in here; "" where nobody has."""
    return _read(request)[0]


def remember_device(response: HttpResponseBase, request: HttpRequest, email: str) -> None:
    device, people = _read(request)
    hashed = _hashed(email)
    people = [*(known for known in people if known != hashed), hashed][-_MAX_PEOPLE:]
    response.set_cookie(
        settings.KNOWN_DEVICE_COOKIE_NAME,
        signing.dumps([device or secrets.token_urlsafe(12), people], salt=_SALT),
        max_age=_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    try:
        device, people = signing.loads(
            request.COOKIES.get(settings.KNOWN_DEVICE_COOKIE_NAME, ""), salt=_SALT, max_age=_SECONDS
        )
    except signing.BadSignature:
        return "", []
    return device, people


def _hashed(email: str) -> str:
    """A keyed hash, so that the cookie shows nobody's e-mail."""
    return salted_hmac(_SALT, email.lower()).hexdigest()[:12]
