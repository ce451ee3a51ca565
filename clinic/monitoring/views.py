"""The figures for a monitoring program, and the page that a manager copies for whoever helps."""

import platform
import uuid
from collections.abc import Callable
from hmac import compare_digest
from typing import Final

import django
from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from clinic.monitoring import metrics as figures
from clinic.monitoring.models import ErrorReport
from clinic.operations.health import Facts, examine
from clinic.staff.access import Can, ClinicRequest, open_to_anyone, requires

METRICS_PATH: Final = "/metrics"
NEWEST: Final = 10


def answer_metrics(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that answers /metrics before sessions and host names are asked for anything."""

    def middleware(request: HttpRequest) -> HttpResponse:
        is_asked = settings.METRICS_TOKEN and request.path_info == METRICS_PATH
        return metrics(request) if is_asked else get_response(request)

    return middleware


@open_to_anyone
def metrics(request: HttpRequest) -> HttpResponse:
    """401 without the token; 404 where no token is set."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if request.method not in {"GET", "HEAD"}:
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    given = request.headers.get("Authorization", "").encode()
    if not compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(figures.text(), content_type="text/plain; version=0.0.4; charset=utf-8")


@requires(Can.MANAGE_CLINIC, look="")
@require_GET
def support(request: ClinicRequest) -> HttpResponse:
    """What helps to find a fault, as text to copy; with ?error=, the id of a request, of what broke then."""
    reports = ErrorReport.objects.filter(Q(clinic=request.clinic) | Q(clinic=None)).order_by("-at")
    asked = request.GET.get("error", "").strip()
    report = reports.filter(pk=asked).first() if _is_id(asked) else None
    context = {
        "report": report,
        "asked": asked,
        "newest": reports[:NEWEST],
        "text": support_text(examine(), report, browser=request.headers.get("User-Agent", "")),
        "nav": "clinic",
    }
    return render(request, "monitoring/support.html", context, status=404 if asked and report is None else 200)


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def support_text(facts: Facts, report: ErrorReport | None, *, browser: str) -> str:
    """No patient, no name, no address with an id."""
    lines = [f"Anagen {facts['version']}, {settings.MODE}, {timezone.now():%Y-%m-%d %H:%M} UTC"]
    if report:
        lines += ["", f"Error {report.id}", f"at {report.at:%Y-%m-%d %H:%M:%S} UTC, release {report.release}"]
        lines += [f"{report.method} {report.page or 'before any page'}", report.exception]
        lines += [f"  {place}" for place in report.frames]
    lines += ["", "This installation"]
    for part in ("database", "disk", "photos", "clock"):
        lines.append(f"{part}: {'works' if facts[part]['ok'] else facts[part].get('fault', 'does not work')}")
    for name, task in facts["tasks"].items():
        hours = task.get("hours_ago")
        lines.append(f"{name}: {'never' if hours is None else f'{hours} hours ago'}")
    lines += [f"missing migration: {name}" for name in facts["database"].get("missing_migrations", [])]
    lines += [f"{_database()}, Python {platform.python_version()}, Django {django.get_version()}, {platform.system()}"]
    lines += ["", f"Browser: {(report.browser if report else browser) or 'not told'}"]
    return "\n".join(lines)


def _database() -> str:
    if connection.vendor == "postgresql":
        return f"PostgreSQL {'.'.join(map(str, connection.get_database_version()))}"
    import sqlite3

    return f"SQLite {sqlite3.sqlite_version}"
