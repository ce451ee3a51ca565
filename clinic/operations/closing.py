"""A database that is closed while it is moved, and after it: a file beside that of SQLite says so to every process.

No page is shown then, and nothing may be written: it would stay behind. Commands that only read go on, and for some
seconds, while it settles, so does whoever was at work already.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final, Literal

from django.core.management import CommandError
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

SETTLING: Final = "settling"
"""The first seconds of MOVING."""
MOVING: Final = "moving"
MOVED: Final = "moved"
Closed = Literal["", "moving", "moved"]
_STATES: Final[dict[str, Closed]] = {MOVING: MOVING, MOVED: MOVED}
SENTENCES: Final = {
    MOVING: "The clinic is being moved to another database, and nothing may change in this one. Wait until the move "
    "has ended, and run this with the new settings; ./anagen move --reopen gives the move up.",
    MOVED: "The clinic has moved to another database, and nothing may change in this one any more. Write into .env "
    "what the move printed, and run this again; ./anagen move --reopen gives the move up.",
}
_WRITES: Final = {"INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "ALTER", "DROP"}
_may_write: ContextVar[bool] = ContextVar("may_write", default=False)


class DatabaseClosed(DatabaseError, CommandError):
    """Nothing may be written, and `why`. A command ends with its sentence."""

    def __init__(self, why: Closed) -> None:
        super().__init__(SENTENCES[why])
        self.why = why


def closed() -> Closed:
    """Why no page may be shown now; "" where all may. Looks at one file, and at no database."""
    state = _state()
    return _STATES.get(state, MOVING) if state else ""


def _state() -> str:
    if connection.vendor != "sqlite":
        return ""
    try:
        return _marker().read_text().strip() or MOVING
    except FileNotFoundError:
        return ""


def close(why: Literal["settling", "moving", "moved"]) -> None:
    """Whole or not at all, and on the disk itself. Raises OSError."""
    part = _marker().with_suffix(".closing")
    with part.open("w") as file:
        file.write(f"{why}\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(_marker())


def reopen() -> None:
    """Raises OSError."""
    _marker().unlink(missing_ok=True)


@contextmanager
def may_write() -> Iterator[None]:
    """For pages, which nobody opens anew, and for the move itself: they write while it settles."""
    token = _may_write.set(True)
    try:
        yield
    finally:
        _may_write.reset(token)


def guard(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Let every statement on this connection be looked at; called for each that is made."""
    if connection.vendor == "sqlite" and _refuse_writes not in connection.execute_wrappers:
        # First: a request that has a wrapper of its own takes the last one away when it ends.
        connection.execute_wrappers.insert(0, _refuse_writes)


def _refuse_writes(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:  # the signature is Django's
    """Raises DatabaseClosed."""
    if sql.lstrip()[:7].partition(" ")[0].upper() in _WRITES and (state := _state()):
        if not (state == SETTLING and _may_write.get()):
            raise DatabaseClosed(_STATES.get(state, MOVING))
    return execute(sql, params, many, context)


def _marker() -> Path:
    return Path(f"{connection.settings_dict['NAME']}.closed")
