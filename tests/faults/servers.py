"""The application in a process of its own, on the database of the test, as a clinic would run it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

TOP = Path(__file__).resolve().parent.parent.parent
SECONDS_TO_START = 30


def database_url() -> str:
    """The database that the test is using now, for another process."""
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    return f"postgres://{told['USER']}@/{quote(told['NAME'])}?host={told['HOST']}&pool_size=4"


def environment() -> dict[str, str]:
    return {
        **os.environ,
        "ANAGEN_MODE": "development",
        "DATABASE_URL": database_url(),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "VAR_DIR": str(settings.VAR_DIR),
    }


@contextmanager
def gunicorn(
    *, workers: int = 2, threads: int = 4, variables: dict[str, str] | None = None
) -> Iterator[tuple[str, int]]:
    """Yields (host, port) of a server with worker processes and threads; it is gone afterwards.

    `variables` are settings that differ from those of the test.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "clinic.wsgi", "--bind", f"127.0.0.1:{port}", "--log-level", "error"]
    command += ["--worker-class", "gthread", "--workers", str(workers), "--threads", str(threads), "--timeout", "60"]
    process = subprocess.Popen(command, cwd=TOP, env=environment() | (variables or {}))
    try:
        _wait_for(port, process)
        yield "127.0.0.1", port
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        assert process.poll() is None, "the server did not start"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not start in time")
