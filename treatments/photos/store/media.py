"""Where the photo files of this installation lie, and which derivatives are made of each."""

from pathlib import Path

from django.conf import settings
from django.http import HttpResponseBase

DERIVED_SIZES = (400, 1600)
"""Longest side, px, of the two JPEGs that pages show."""
RECIPE = 1
"""How they are made from an original. Whoever changes that raises it, so that browsers ask for them anew, and says in
the changelog to run `./anagen photos rebuild --all` on every host."""


def media_root() -> Path:
    return Path(settings.MEDIA_ROOT)


def picture_etag(sha256: str, size: int) -> str:
    """Of a derivative of `size` px: the same on every host, and whenever it was made."""
    return f'"{sha256[:32]}-{size}-{RECIPE}"'


def confined(response: HttpResponseBase) -> HttpResponseBase:
    """A file of a photo can do nothing in a browser but be seen or saved."""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
