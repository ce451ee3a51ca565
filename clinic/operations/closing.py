"""A database that is closed while it is moved, and after it: a file beside that of SQLite says so to every process.

Only pages are closed. Commands on the server still reach the database.
"""

import os
from pathlib import Path
from typing import Final, Literal

from django.db import connection

MOVING: Final = "moving"
MOVED: Final = "moved"
Closed = Literal["", "moving", "moved"]
_STATES: Final[dict[str, Closed]] = {MOVING: MOVING, MOVED: MOVED}


def closed() -> Closed:
    """Why no page may be shown now; "" where all may. Looks at one file, and at no database."""
    if connection.vendor != "sqlite":
        return ""
    try:
        return _STATES.get(_marker().read_text().strip(), MOVING)
    except FileNotFoundError:
        return ""


def close(why: Closed) -> None:
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


def _marker() -> Path:
    return Path(f"{connection.settings_dict['NAME']}.closed")
