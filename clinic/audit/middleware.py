import hashlib
import logging
import uuid
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from clinic.audit import looks
from clinic.audit.log import NotOnTheTrail, RequestFacts, request_facts

_log = logging.getLogger(__name__)
_proxy_warning = ""
# Keys in the environment of a request; no header can have such a name.
_REQUEST_ID, _ACTIONS = "anagen.request_id", "anagen.actions"


def remember_request(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Put the address and session of a request where the audit trail finds them, so that actions need no request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        key = request.session.session_key or ""
        facts = RequestFacts(
            request_id=request_id(request),
            address=_address(request),
            # A hash, because the key itself would open the session to whoever reads the trail.
            session=hashlib.sha256(key.encode()).hexdigest()[:16] if key else "",
        )
        request.META[_ACTIONS] = facts.actions
        token = request_facts.set(facts)
        try:
            return get_response(request)
        finally:
            request_facts.reset(token)

    return middleware


def request_id(request: HttpRequest) -> str:
    """The id under which the audit trail and the log have this request; made when it is first asked for."""
    found: str = request.META.setdefault(_REQUEST_ID, str(uuid.uuid4()))
    return found


def actions_of(request: HttpRequest) -> list[str]:
    """What was written to the audit trail during this request; events of a transaction that was rolled back too."""
    return list(request.META.get(_ACTIONS, []))


class WriteLooks:
    """Puts what a response shows on the audit trail before it leaves. The innermost of all: nothing is shown unseen.

    Raises NotOnTheTrail, and then nothing leaves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with looks.gathered() as look:
            response = self.get_response(request)
            try:
                looks.write(look, request, response)
            except NotOnTheTrail:
                if file := getattr(response, "file_to_stream", None):
                    file.close()
                raise
        return response

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any) -> None:
        """The last of all: no other middleware has answered in place of the view."""
        looks.view_is_called()


def _address(request: HttpRequest) -> str | None:
    """The caller's IP address. Behind a trusted proxy, the last entry of X-Forwarded-For: the proxy wrote that one, and
    the caller may have made up those before it."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    _notice_proxy(bool(forwarded))
    if not settings.TRUSTED_PROXY:
        forwarded = ""
    address = forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    try:
        return str(ip_address(address.partition("%")[0]))
    except ValueError:
        return None


def proxy_warning() -> str:
    """What the requests of this process say against the setting TRUSTED_PROXY; "" when nothing does."""
    return _proxy_warning


def _notice_proxy(is_forwarded: bool) -> None:
    """With a proxy that is not trusted everybody seems to be one address, and slows down everybody's sign-in."""
    global _proxy_warning
    if is_forwarded == settings.TRUSTED_PROXY or _proxy_warning or not settings.PRODUCTION:
        return
    if is_forwarded:
        _proxy_warning = "A proxy sends X-Forwarded-For, but TRUSTED_PROXY is not 1: everybody counts as one address."
    else:
        _proxy_warning = "TRUSTED_PROXY is 1, but a request came without X-Forwarded-For: let the proxy send it."
    _log.warning(_proxy_warning)
