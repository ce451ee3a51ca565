"""Whether a session is covered: nobody has touched its pages for the clinic's minutes, or somebody covered it.

Pages with scripts tell of touches themselves (static/js/idle.js), at most twice a minute; without scripts a page that
is opened or sent is one. What a page asks by itself never counts: drafts, photos, a retry after an outage.
"""

import math
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.http import HttpRequest

from clinic.audit import log
from clinic.sign_in.script_responses import is_fetch
from clinic.sign_in.sessions import COVERED, HELD, TOUCHED
from clinic.staff.access import ClinicRequest

SLACK_SECONDS: Final = 60
"""How much later than a page the server covers: a touch may be told of half a minute late."""
KEPT_EVERY_SECONDS: Final = 20
"""How often a touch is written down, so that not every request writes to the database."""
_REPORTS: Final = "reports_touches"

View = TypeVar("View", bound=Callable[..., Any])


def reachable_while_covered(view: View) -> View:
    """Let a view answer while the session is covered: it shows nothing of the clinic's patients."""
    view.is_reachable_while_covered = True  # type: ignore[attr-defined]
    return view


def untouched_seconds(request: HttpRequest) -> int:
    """Seconds since the last touch that is known of. Where none is, or the clock was put back since, it counts from
    now."""
    now = int(time.time())
    if request.session.get(TOUCHED, math.inf) > now:
        request.session[TOUCHED] = now
    return now - int(request.session[TOUCHED])


def hold(request: ClinicRequest) -> None:
    """Let this session show this page and what lies in it, and nothing else before it is uncovered: it is handed to
    somebody who may see this page alone."""
    request.session[HELD] = request.path


def leaves_held_page(request: ClinicRequest) -> bool:
    """Whether a session that is held to one page asks for another one. Covers it then."""
    held = request.session.get(HELD)
    if held is None or request.path == held or not wants_page(request):
        return False
    cover(request, because="left_shown_page")
    del request.session[HELD]
    return True


def is_covered(request: ClinicRequest) -> bool:
    """Whether the session is covered; covers it when its time is over."""
    if COVERED not in request.session and untouched_seconds(request) >= _seconds(request) + SLACK_SECONDS:
        cover(request, because="untouched")
    return COVERED in request.session


def _seconds(request: ClinicRequest) -> int:
    return request.clinic.cover_minutes * 60


def cover(request: ClinicRequest, *, because: str) -> None:
    """`because` is "untouched" or "asked". Once: a second window that finds out later covers nothing anew."""
    if COVERED in request.session:
        return
    request.session[COVERED] = True
    log.record("covered", by=request.user, clinic=request.clinic, detail={"because": because})


def touch(request: HttpRequest, *, told_by_page: bool = False) -> None:
    """Somebody is there."""
    if told_by_page and _REPORTS not in request.session:
        request.session[_REPORTS] = True
    if untouched_seconds(request) >= KEPT_EVERY_SECONDS:
        request.session[TOUCHED] = int(time.time())


def is_touch(request: HttpRequest) -> bool:
    """Whether a person opened or sent this page, in a browser whose pages do not tell of touches themselves."""
    return _REPORTS not in request.session and wants_page(request)


def wants_page(request: HttpRequest) -> bool:
    """Whether the browser asks for a page to show, and not for a picture, a sound or what a script reads."""
    return not is_fetch(request) and "text/html" in request.headers.get("Accept", "text/html")
