"""Response headers that restrict what a page of Anagen may do in the browser."""

import logging
import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Everything a page needs comes from this server. blob: is a photo that was chosen but not sent yet.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self' blob:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "manifest-src 'self'",
    ]
)


def security_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # Neither the Back button after signing out nor a shared proxy may show a patient.
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


class WithoutLinkSecrets(logging.Filter):
    """Takes the secret of a one-time link, of a calendar's feed or of the first page out of the addresses that Django
    logs with what it refuses."""

    _SECRET = re.compile(r"(?<!\w)(/(?:link|calendar|begin)/)[^/\s?]+")

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(self._SECRET.sub(r"\1…", a) if isinstance(a, str) else a for a in record.args)
        return True
