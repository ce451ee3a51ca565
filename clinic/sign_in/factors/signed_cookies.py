"""What a browser holds for the next minutes of a sign-in: signed, and out of reach of scripts. It is no session."""

from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

SECONDS: Final = 300
HALF_SIGN_IN: Final = "half-sign-in"
CHALLENGE: Final = "passkey-challenge"


def give(response: HttpResponseBase, name: str, value: Any) -> None:
    response.set_cookie(
        _full(name),
        signing.dumps(value, salt=f"anagen.{name}"),
        max_age=SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def read(request: HttpRequest, name: str) -> Any:
    """What was given to this browser in the last five minutes; None otherwise."""
    try:
        return signing.loads(request.COOKIES.get(_full(name), ""), salt=f"anagen.{name}", max_age=SECONDS)
    except signing.BadSignature:
        return None


def take_back(response: HttpResponseBase, *names: str) -> None:
    for name in names:
        response.delete_cookie(_full(name), samesite="Lax")


def _full(name: str) -> str:
    return f"__Host-{name}" if settings.PRODUCTION else name
