import hashlib
import time
import uuid
from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from clinic.audit.log import RequestFacts, request_facts

SEEN_EVERY_SECONDS = 60


def remember_request(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Put the address and session of a request where the audit trail finds them, so that actions need no request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        key = request.session.session_key or ""
        _stay_signed_in(request)
        facts = RequestFacts(
            request_id=str(uuid.uuid4()),
            address=_address(request),
            # A hash, because the key itself would open the session to whoever reads the trail.
            session=hashlib.sha256(key.encode()).hexdigest()[:16] if key else "",
        )
        token = request_facts.set(facts)
        try:
            return get_response(request)
        finally:
            request_facts.reset(token)

    return middleware


def _address(request: HttpRequest) -> str | None:
    """The caller's IP address. Behind a trusted proxy, the last entry of X-Forwarded-For: the proxy wrote that one, and
    the caller may have made up those before it."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.TRUSTED_PROXY else ""
    address = forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    try:
        return str(ip_address(address.partition("%")[0]))
    except ValueError:
        return None


def _stay_signed_in(request: HttpRequest) -> None:
    """Extend the session, at most once a minute, so that not every page that is opened writes to the database."""
    now = int(time.time())
    if request.session.session_key and now - request.session.get("seen", 0) >= SEEN_EVERY_SECONDS:
        request.session["seen"] = now
