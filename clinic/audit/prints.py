"""What a page says of itself when the browser prints it: a signed text in its print head, read again by `printing`."""

from dataclasses import dataclass
from typing import Any, Final

from django.core import signing
from django.db import models
from django.http import HttpRequest

from clinic.audit import log, looks

_SALT: Final = "anagen.printed-page"
_SECONDS: Final = 24 * 3600
"""No page is signed in for longer than half of it."""


@dataclass(frozen=True)
class Page:
    """`name` of the address, `clinic` (its id), and the rows that it shows, as events name them."""

    clinic: int
    name: str
    shown: list[dict[str, Any]]


def ticket(request: HttpRequest) -> str:
    """Asked while the page is drawn, when the view has reached whom it shows; "" for a page that shows no patient."""
    match, clinic = request.resolver_match, getattr(request, "clinic", None)
    if match is None or clinic is None or not looks.shows_patients(match.func):
        return ""
    return signing.dumps([clinic.pk, match.view_name, [_named(each) for each in looks.shown()]], salt=_SALT)


def read(text: str) -> Page | None:
    """None for what was not signed here, or is older than a day."""
    try:
        return Page(*signing.loads(text, salt=_SALT, max_age=_SECONDS))
    except signing.BadSignature:
        return None


def _named(record: models.Model) -> dict[str, Any]:
    return {name: str(value) if value else None for name, value in log.identity(record).items()}
