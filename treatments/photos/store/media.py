"""Where the photo files of this installation lie, and which derivatives are made of each."""

from pathlib import Path

from django.conf import settings
from django.http import HttpResponseBase

DERIVED_SIZES = (400, 1600)
"""Longest side, px, of the two JPEGs that pages show."""


def media_root() -> Path:
    return Path(settings.MEDIA_ROOT)


def confined(response: HttpResponseBase) -> HttpResponseBase:
    """A file of a photo can do nothing in a browser but be seen or saved."""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
