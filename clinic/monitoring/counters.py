"""Counters of this host, which all its server processes share and which outlive them: one small file below VAR_DIR.

Each host counts what it answered itself; who collects the figures of several hosts adds them up, as Prometheus does.
"""

import fcntl
import logging
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

# The order is that of the file: a new name goes to the end.
NAMES: Final = (
    *("saves", "refusals", "sign_ins_failed"),
    *("answers_2xx", "answers_3xx", "answers_4xx", "answers_500", "answers_503", "answers_507"),
    *("milliseconds", "database_milliseconds"),
)
_SIZE: Final = 8 * len(NAMES)
_log = logging.getLogger(__name__)
_threads = threading.Lock()
"""The lock of a file keeps out other processes, not other threads."""
_is_refused = False


def add(**numbers: int) -> None:
    """Count. A disk that takes nothing is logged once, and stops no request."""
    global _is_refused
    try:
        with _opened() as file:
            values = _values(file)
            new = [values[name] + numbers.get(name, 0) for name in NAMES]
            os.pwrite(file, struct.pack(f"<{len(NAMES)}Q", *new), 0)
        _is_refused = False
    except OSError as fault:
        if not _is_refused:
            _log.warning("Nothing can be counted in %s: %s", settings.VAR_DIR, fault.strerror)
        _is_refused = True


def read() -> dict[str, int]:
    """The numbers since this host was installed. Raises OSError."""
    with _opened() as file:
        return _values(file)


@contextmanager
def _opened() -> Iterator[int]:
    """The file, for nobody else meanwhile. It is not kept open: its disk may have to be taken out."""
    path = Path(settings.VAR_DIR) / "counters"
    path.parent.mkdir(parents=True, exist_ok=True)
    with _threads:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.lockf(file, fcntl.LOCK_EX)
            yield file
        finally:
            os.close(file)


def _values(file: int) -> dict[str, int]:
    stored = os.pread(file, _SIZE, 0).ljust(_SIZE, b"\0")  # shorter where an older release wrote it
    return dict(zip(NAMES, struct.unpack(f"<{len(NAMES)}Q", stored), strict=True))
