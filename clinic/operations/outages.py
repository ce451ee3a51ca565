"""When the machine fails: the disk is full, the database away, locked or read-only, the photo folder gone.

Each is told by a page or a sentence of its own: what is true, and what to do. The answer needs no database. Its status
is 503, or 507 when a disk is full, and its reason stands in the header `Anagen-Outage`, so that our scripts keep what
they send and send it again by themselves.
"""

import contextlib
import errno
import logging
import os
import shutil
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.signals import got_request_exception
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from clinic.audit.log import NotOnTheTrail
from clinic.database.timeouts import IN_A_REQUEST, TO_BE_ASKED, answer_within
from clinic.exception_frames import causes, let_go
from clinic.object_store.stores import StoreAway
from clinic.operations import closing, photo_folder
from clinic.operations.photo_faults import TITLES
from clinic.sign_in.late_forms import is_from_this_site, late_form_of
from clinic.sign_in.script_responses import is_fetch

HEADER: Final = "Anagen-Outage"
RETRY_SECONDS: Final = 5
OFF_THE_TRAIL: Final = "This cannot be put on the audit trail, so nothing is shown."
_FEW_BYTES: Final = 256 * 1024
"""With less than this SQLite can write nothing, whatever it calls the fault."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outage:
    """`parts` of the answer of /health/, by spaces, that tell when it is over, "" where it never is; `title` what is
    true, `advice` what to do."""

    code: str
    parts: str
    title: str
    advice: str

    @property
    def status(self) -> int:
        return 507 if self.code in {"disk_full", "photos_full", "photos_no_room"} else 503

    @property
    def sentence(self) -> str:
        return f"{self.title}. {self.advice}"


_WHOM = "tell the person who looks after Anagen."
_TELL = f"T{_WHOM[1:]}"
OUTAGES: Final = {
    outage.code: outage
    for outage in [
        Outage("database_away", "database", "The database does not answer", f"If it lasts two minutes, {_WHOM}"),
        Outage("database_busy", "database", "The database is busy", f"If it lasts two minutes, {_WHOM}"),
        Outage(
            "record_locked",
            "database",
            "Somebody else is saving the same at this moment",
            f"If it lasts two minutes, {_WHOM}",
        ),
        Outage(
            "database_slow", "database", "The database took too long and ended this", f"If it happens again, {_WHOM}"
        ),
        Outage("database_read_only", "database", "The database can only be read, nothing can be saved", _TELL),
        Outage("database_damaged", "database", "The database cannot be read", _TELL),
        Outage("disk_full", "disk database", "The server’s disk is full, nothing can be saved", _TELL),
        Outage(
            "moving",
            "database",
            "Anagen is being moved, and opens again within minutes",
            f"If it lasts half an hour, {_WHOM}",
        ),
        Outage("moved", "", "Anagen has moved, and this is its old place", f"Nothing is saved here. {_TELL}"),
        Outage("no_trail", "database", "The audit trail takes nothing", _TELL),
        *(Outage(code, "photos", title, _TELL) for code, title in TITLES.items()),
    ]
}

# The low byte of SQLite's result codes.
_SQLITE = {
    sqlite3.SQLITE_BUSY: "database_busy",
    sqlite3.SQLITE_LOCKED: "database_busy",
    sqlite3.SQLITE_READONLY: "database_read_only",
    sqlite3.SQLITE_IOERR: "database_away",
    sqlite3.SQLITE_CANTOPEN: "database_away",
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_CORRUPT: "database_damaged",
    sqlite3.SQLITE_NOTADB: "database_damaged",
}
# The beginnings of PostgreSQL's SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {
    "08": "database_away",
    "57P": "database_away",
    "25P03": "database_away",  # idle in a transaction for too long
    "53": "database_away",  # out of memory or connections
    "58": "database_away",  # an error of its disk
    "53100": "disk_full",
    "25006": "database_read_only",  # psycopg calls it an InternalError: a standby, or a primary that lost its group
    "55P03": "record_locked",  # lock_timeout
    "40": "record_locked",  # deadlock
    "57014": "database_slow",  # statement_timeout
    "XX001": "database_damaged",
    "XX002": "database_damaged",
}
_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.ENODEV}


def outage_of(fault: BaseException) -> Outage | None:
    """The outage that an exception tells of; None for every other fault, which is ours."""
    for each in causes(fault):
        code = _code(each)
        if code:
            return OUTAGES[code]
    # A connection that is lost, and a pool that gives none, bring no code of their own.
    cause = fault.__cause__ if isinstance(fault, NotOnTheTrail) else fault
    if isinstance(cause, OperationalError | InterfaceError) and connection.vendor == "postgresql":
        return OUTAGES["database_away"]
    return OUTAGES["no_trail"] if isinstance(fault, NotOnTheTrail) else None


def _code(fault: BaseException) -> str | None:
    if isinstance(fault, closing.DatabaseClosed):
        return fault.why
    if isinstance(fault, sqlite3.Error):
        return _sqlite_code(getattr(fault, "sqlite_errorcode", 0))
    if sqlstate := getattr(fault, "sqlstate", None):
        return next((_POSTGRESQL[sqlstate[:n]] for n in (5, 3, 2) if sqlstate[:n] in _POSTGRESQL), None)
    if isinstance(fault, StoreAway) or (isinstance(fault, OSError) and _is_of_the_photos(fault)):
        return photo_folder.fault_of(fault)
    if isinstance(fault, OSError) and fault.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "disk_full"
    return None


def _sqlite_code(result: int) -> str | None:
    """The folder is asked too: SQLite cannot always tell why it could not write."""
    code = _SQLITE.get(result & 0xFF)
    if code not in {"database_away", "database_read_only"}:
        return code
    folder = Path(settings.DATABASES["default"]["NAME"]).parent
    with contextlib.suppress(OSError):
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            return "database_read_only"
        if shutil.disk_usage(folder).free < _FEW_BYTES:
            return "disk_full"
    return code


def _is_of_the_photos(fault: OSError) -> bool:
    name = fault.filename
    is_there = isinstance(name, str | Path) and Path(name).is_relative_to(photo_folder.root())
    if fault.errno == errno.ENOENT:  # one file may be missing; the folder is another matter
        return is_there and not photo_folder.is_set_up()
    return is_there and fault.errno in _OF_THE_DISK


class OutageMiddleware:
    """Answers for what the machine cannot do, in whatever layer it was found.

    While the database does not answer, one request of this process at a time asks it one short question; the others
    are told at once, or all would stand in line, those that need no database too. Only the question is waited for, not
    the request that asks it: its photo may take a minute to arrive.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._stands_still: Outage | None = None
        self._asking = threading.Lock()
        got_request_exception.connect(self._remember)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if why := closing.closed():
            return outage_response(request, OUTAGES[why])
        known = self._stands_still
        if known is not None and self._asking.acquire(blocking=False):
            try:
                known = self._stands_still = _still_stands(known)
            finally:
                self._asking.release()
        if known is not None:
            return outage_response(request, known)
        with closing.may_write(), answer_within(IN_A_REQUEST):
            response = self.get_response(request)
        found: Outage | None = getattr(request, "outage", None)
        if found is None:
            return _with_its_parts_in_time(response)
        self._remember_silence(found)
        # A fault before or behind the view has become a page for errors of our own by now.
        return response if response.has_header(HEADER) else outage_response(request, found)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        found = self._found(request, exception)
        return outage_response(request, found) if found else None

    def _remember(self, *, request: HttpRequest | None = None, **kwargs: Any) -> None:
        fault = sys.exc_info()[1]
        if request is not None and fault is not None:
            self._found(request, fault)

    def _found(self, request: HttpRequest, fault: BaseException) -> Outage | None:
        found = outage_of(fault)
        if found:
            request.outage = found  # type: ignore[attr-defined]
            self._remember_silence(found)  # at once: what this request does next may have to wait again
            request.is_off_the_trail = isinstance(fault, NotOnTheTrail)  # type: ignore[attr-defined]
            # Behind the first line PostgreSQL prints the values of the row.
            words = str(fault).partition("\n")[0]
            _log.error("%s at %s: %s: %s", found.code, route_name(request), type(fault).__name__, words)
            let_go(fault)
        return found

    def _remember_silence(self, outage: Outage) -> None:
        if _is_waited_for(outage):
            self._stands_still = outage


class ClosedClinic:
    """Shows no page of a clinic that is being moved to a database of its own, or has been; the others go on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        clinic = getattr(request, "clinic", None)
        return outage_response(request, OUTAGES[clinic.closed]) if clinic and clinic.closed else None


def route_name(request: HttpRequest) -> str:
    """The name of the address of a request, without the ids in it; "" where it has none, or none was looked for yet."""
    match = request.resolver_match
    return match.view_name if match else ""


def _with_its_parts_in_time(response: Any) -> Any:
    """A table that leaves line by line asks the database while it leaves. Cut short, the browser says so."""
    if response.streaming and not hasattr(response, "file_to_stream"):
        response.streaming_content = _each_in_time(response.streaming_content)
    return response


def _each_in_time(parts: Iterable[bytes]) -> Iterator[bytes]:
    each = iter(parts)
    while True:
        with answer_within(IN_A_REQUEST):
            part = next(each, None)
        if part is None:
            return
        yield part


def _is_waited_for(outage: Outage) -> bool:
    """Whether every question to the database is answered so, after seconds."""
    return outage.code == "database_away" or (outage.code == "database_busy" and connection.vendor == "sqlite")


def _still_stands(known: Outage) -> Outage | None:
    """Ask the database whether it works again, and SQLite for its lock too, as a transaction takes it at once."""
    try:
        with answer_within(TO_BE_ASKED), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as fault:
        found = outage_of(fault) or known
        let_go(fault)
        return found if _is_waited_for(found) else None
    return None


def outage_response(request: HttpRequest, outage: Outage) -> HttpResponse:
    """A page for a person, JSON for a script of ours, a line for anything else. Asks no database."""
    response: HttpResponse
    sentence = f"{OFF_THE_TRAIL} {outage.sentence}" if _is_off_the_trail(request) else outage.sentence
    if is_fetch(request):
        told = {"error": "outage", "code": outage.code, "sentence": sentence}
        response = JsonResponse(told, status=outage.status)
    elif "text/html" in request.headers.get("Accept", "text/html"):
        response = HttpResponse(_page(request, outage), status=outage.status)
    else:
        response = HttpResponse(f"{sentence}\n", status=outage.status, content_type="text/plain; charset=utf-8")
    response.headers[HEADER] = outage.code
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _is_off_the_trail(request: HttpRequest) -> bool:
    """Whether it is the audit trail that could not be written. Nothing was done or shown then."""
    return getattr(request, "is_off_the_trail", False)


def _page(request: HttpRequest, outage: Outage) -> str:
    held = None
    # Perhaps nobody has checked the CSRF token yet: what another site sent must not come back with a button.
    if request.method == "POST" and is_from_this_site(request):
        try:
            held = late_form_of(request)
        except (DatabaseError, OSError) as fault:
            let_go(fault)
    context = {
        "outage": outage,
        "off_the_trail": OFF_THE_TRAIL if _is_off_the_trail(request) else "",
        "is_post": request.method == "POST",
        "held": held,
        "csrf": get_token(request) if held else "",
        "address": request.get_full_path(),
    }
    # Without the request: no context processor, and so no session and no database, is asked.
    return render_to_string("errors/outage.html", context)
