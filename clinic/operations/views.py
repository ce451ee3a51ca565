"""The address /health/; what it tells is found in health.py."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse

from clinic.operations.health import Facts, examine
from clinic.staff.access import open_to_anyone

PATH: Final = "/health/"
PARTS: Final = ("database", "disk", "photos", "clock")


def answer_health(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that answers /health/ before sessions, host names or databases are asked for anything."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return health(request) if request.path_info == PATH else get_response(request)

    return middleware


@open_to_anyone
def health(request: HttpRequest) -> JsonResponse:
    if request.method not in {"GET", "HEAD"}:
        return JsonResponse({"error": "method"}, status=405, headers={"Allow": "GET, HEAD"})
    facts = examine()
    status = 200 if facts["ok"] else 503
    if not _asks_here(request):
        facts = {"ok": facts["ok"]} | {part: _in_public(facts[part]) for part in PARTS}
    return JsonResponse(facts, status=status)


def _in_public(facts: Facts) -> Facts:
    return {name: facts[name] for name in ("ok", "fault") if name in facts}


def _asks_here(request: HttpRequest) -> bool:
    """Whether the question comes from this machine, and not through a proxy on it."""
    if request.headers.get("X-Forwarded-For") or request.headers.get("Forwarded"):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return request.META.get("REMOTE_ADDR", "") == ""  # a socket of this machine
