import hashlib
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from clinic.audit.log import RequestFacts, request_facts

SEEN_EVERY_SECONDS = 60


def remember_request(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Keep who-from-where for the audit trail while the request lasts, so that actions need no request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        key = request.session.session_key or ""
        _stay_signed_in(request)
        facts = RequestFacts(
            request_id=str(uuid.uuid4()),
            address=request.META.get("REMOTE_ADDR") or None,
            # A hash, because the key itself would open the session to whoever reads the trail.
            session=hashlib.sha256(key.encode()).hexdigest()[:16] if key else "",
        )
        token = request_facts.set(facts)
        try:
            return get_response(request)
        finally:
            request_facts.reset(token)

    return middleware


def _stay_signed_in(request: HttpRequest) -> None:
    """Push the idle limit on, at most once a minute, so that looking at pages does not write on each of them."""
    now = int(time.time())
    if request.session.session_key and now - request.session.get("seen", 0) >= SEEN_EVERY_SECONDS:
        request.session["seen"] = now
