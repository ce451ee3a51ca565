"""The addresses below /health/; what they tell is found in health.py."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse

from clinic.operations.health import HEALTH, LIVE, READY, Facts, examine, readiness
from clinic.staff.access import open_to_anyone

PARTS: Final = ("database", "disk", "photos", "clock")


def answer_health(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that answers /health/… before sessions, host names or databases are asked for anything."""

    def middleware(request: HttpRequest) -> HttpResponse:
        view = VIEWS.get(request.path_info)
        return view(request) if view else get_response(request)

    return middleware


@open_to_anyone
def health(request: HttpRequest) -> JsonResponse:
    return _answer(request, examine)


@open_to_anyone
def ready(request: HttpRequest) -> JsonResponse:
    return _answer(request, readiness)


@open_to_anyone
def live(request: HttpRequest) -> JsonResponse:
    """That this process answers, and no more: whoever restarts it must not do so because the database is away."""
    return _answer(request, lambda: {"ok": True})


VIEWS: Final = {HEALTH: health, READY: ready, LIVE: live}


def _answer(request: HttpRequest, find: Callable[[], Facts]) -> JsonResponse:
    if request.method not in {"GET", "HEAD"}:
        return JsonResponse({"error": "method"}, status=405, headers={"Allow": "GET, HEAD"})
    facts = find()
    return JsonResponse(facts if asks_here(request) else _in_public(facts), status=200 if facts["ok"] else 503)


def _in_public(facts: Facts) -> Facts:
    """Whether it works, and of each part the same, with the code of its fault."""
    shown = {part: facts[part] for part in PARTS if part in facts}
    return {"ok": facts["ok"]} | {
        part: {name: of_part[name] for name in ("ok", "fault") if name in of_part} for part, of_part in shown.items()
    }


def asks_here(request: HttpRequest) -> bool:
    """Whether the question comes from this machine, and not through a proxy on it."""
    if request.headers.get("X-Forwarded-For") or request.headers.get("Forwarded"):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return request.META.get("REMOTE_ADDR", "") == ""  # a socket of this machine
