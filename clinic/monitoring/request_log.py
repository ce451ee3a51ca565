"""One line of the log for each request, and the same numbers counted.

    {"time": "2026-11-30T20:15:03.120+00:00", "kind": "request", "request": "1f0c…", "method": "POST",
     "page": "sessions:log", "status": 302, "ms": 48, "database_ms": 21, "queries": 37, "person": "5be1…", "clinic": 1}

No address, no query, no patient, no name: `page` is the name of the address, `person` a keyed hash.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from clinic.audit.middleware import actions_of, request_id
from clinic.audit_report.words import ACTIONS, Kind
from clinic.monitoring import counters, error_reports
from clinic.operations.health import HEALTH, LIVE, READY
from clinic.operations.outages import route_name

SAVING: Final = {Kind.WROTE, Kind.CORRECTED, Kind.STRUCK_OUT, Kind.ADMINISTERED}
_SALT: Final = "anagen.person-in-the-log"
_log = logging.getLogger("anagen.requests")


class LogRequests:
    """Of all that is no static file. What a balancer asks each second is written down only when it fails."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun, database = time.monotonic(), _Database()
        request_id(request)
        with connection.execute_wrapper(database):
            response = self.get_response(request)
            if response.status_code == 500:
                error_reports.store(request)
        milliseconds = round(1000 * (time.monotonic() - begun))
        if request.path_info in {HEALTH, LIVE, READY} and response.status_code < 400:
            return response
        counters.add(
            **_counted(request, response),
            milliseconds=milliseconds,
            database_milliseconds=round(1000 * database.seconds),
        )
        _log.info(
            "%s %s %s, %s ms",
            request.method,
            route_name(request) or "no page",
            response.status_code,
            milliseconds,
            extra={"facts": _facts(request, response, milliseconds, database)},
        )
        return response


class _Database:
    """The questions of one request to the database, and how long they took, in seconds."""

    def __init__(self) -> None:
        self.queries, self.seconds = 0, 0.0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = time.monotonic()
        try:
            return execute(sql, params, many, context)
        finally:
            self.queries += 1
            self.seconds += time.monotonic() - begun


def _facts(request: HttpRequest, response: HttpResponse, milliseconds: int, database: _Database) -> dict[str, Any]:
    user = getattr(request, "_cached_user", None)  # who was asked for already: the database may be away by now
    clinic = getattr(request, "clinic", None)
    return {
        "kind": "request",
        "request": request_id(request),
        "method": request.method,
        "page": route_name(request),
        "status": response.status_code,
        "ms": milliseconds,
        "database_ms": round(1000 * database.seconds),
        "queries": database.queries,
        "person": salted_hmac(_SALT, str(user.pk)).hexdigest()[:12] if user and user.pk else None,
        "clinic": clinic.pk if clinic else None,
    }


def _counted(request: HttpRequest, response: HttpResponse) -> dict[str, int]:
    """By the counters' names. A save is a request that changed something, by the audit trail, and was confirmed; a
    refusal is what was sent and came back with an objection."""
    status, actions = response.status_code, actions_of(request)
    kind = str(status) if status in {503, 507} else "500" if status >= 500 else f"{status // 100}xx"
    is_save = status < 400 and any(action in ACTIONS and ACTIONS[action].kind in SAVING for action in actions)
    return {
        f"answers_{kind}": 1,
        "saves": int(is_save),
        "refusals": int(request.method == "POST" and 400 <= status < 500 and status != 401),
        "sign_ins_failed": actions.count("sign_in_failed"),
    }
