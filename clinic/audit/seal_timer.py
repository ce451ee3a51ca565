"""Sealing by itself, in a server process: a minute after an event, and a minute after the start.

Only a server seals by itself (wsgi.py); a command on the server leaves its events to the next one that does. What has
gathered for long, as in a clinic of an older release, is sealed bit by bit, so that pages do not become slow; and by
`./anagen sweep` in the night.
"""

import logging
import threading

from django.conf import settings
from django.db import DatabaseError, connection

from clinic.audit import sealing
from clinic.exception_frames import let_go

_log = logging.getLogger(__name__)
_is_on = False
_pending: threading.Timer | None = None
_choosing = threading.Lock()


def start() -> None:
    global _is_on
    _is_on = settings.AUDIT_SEAL_SECONDS > 0
    schedule()


def is_on() -> bool:
    return _is_on


def schedule() -> None:
    """Seal in a while, unless that is going to happen anyway. A timer of before a fork is none."""
    global _pending
    with _choosing:
        if _is_on and (_pending is None or not _pending.is_alive()):
            _pending = threading.Timer(settings.AUDIT_SEAL_SECONDS, _seal)
            _pending.daemon = True
            _pending.start()


def _seal() -> None:
    global _pending
    try:
        _pending = None  # what is recorded from here on asks for the next one
        sealed = sealing.seal(at_most=sealing.EVENTS_AT_ONCE)
        if sealed is None or sealed >= sealing.EVENTS_AT_ONCE:
            schedule()
    except (DatabaseError, OSError, ValueError) as fault:
        _log.warning("The audit trail is not sealed: %s: %s", type(fault).__name__, fault)
        let_go(fault)
        schedule()
    finally:
        connection.close()
