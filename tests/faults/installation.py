"""An installation of a test's own: its database, folders and server are real, and so is what fails in them."""

import contextlib
import http.client
import json
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client

from clinic.staff.models import User
from tests.databases import Cluster, find_binaries
from tests.faults.servers import gunicorn
from tests.missing_tools import skip_or_fail

HTML = {"Accept": "text/html"}
FETCH = {"X-Requested-With": "fetch"}
# Those of a clinic but for the secret and HTTPS; the tests' own would lead to the tests' folders.
OWN_SETTINGS = {"DJANGO_SETTINGS_MODULE": "clinic.settings", "ANAGEN_MODE": "test"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str
    seconds: float

    @property
    def outage(self) -> tuple[int, str]:
        """Status and reason, as a script reads them."""
        return self.status, self.headers.get("Anagen-Outage", "")

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.text))


@dataclass
class Installation:
    """A server and a person who is signed in to it."""

    host: str
    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}"

    def get(self, path: str, *, method: str = "GET", **headers: str) -> Answer:
        return self.ask(method, path, b"", HTML | headers)

    def post(self, path: str, fields: dict[str, Any], *, script: bool = False) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urlencode(fields, doseq=True).encode(), kind | (FETCH if script else HTML))

    def health(self, which: str = "") -> Answer:
        """`which` is "ready", "live", or "" for all that is known."""
        return self.ask("GET", f"/health/{which}", b"", {"Cookie": ""})

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        token = {"X-CSRFToken": self.cookies[settings.CSRF_COOKIE_NAME], "Referer": self.address}
        line = http.client.HTTPConnection(self.host, self.port, timeout=60)
        begun = time.monotonic()
        try:
            line.request(method, path, body, {"Cookie": cookie, **token, "Origin": self.address, **headers})
            answer = line.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            line.close()
        return Answer(answer.status, dict(answer.headers), text, time.monotonic() - begun)


@contextmanager
def installation(person: User, **variables: str) -> Iterator[Installation]:
    """A server with these settings; `person` is signed in where its database is a copy of the test's."""
    client = Client()
    client.force_login(person)
    cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
    cookies[settings.CSRF_COOKIE_NAME] = "t" * 32
    with gunicorn(workers=1, threads=8, variables=OWN_SETTINGS | variables) as (host, port):
        yield Installation(host, port, cookies)


def copy_of_the_database(to: Path) -> None:
    """The SQLite database of the test as a new file."""
    new = sqlite3.connect(to)
    connection.ensure_connection()
    connection.connection.backup(new)
    new.execute("PRAGMA journal_mode=WAL")
    new.close()


def copy_into(server: Cluster) -> None:
    """The PostgreSQL database of the test into another server."""
    programs, told = find_binaries(), connection.settings_dict
    assert programs is not None
    dump = [programs / "pg_dump", "-Fc", "-h", told["HOST"], "-U", told["USER"], "-d", told["NAME"]]
    restore = [programs / "pg_restore", "--no-owner", "-h", server.folder, "-U", "anagen", "-d", "postgres"]
    dumped = subprocess.run(dump, check=True, capture_output=True)
    subprocess.run(restore, check=True, input=dumped.stdout)


@dataclass(frozen=True)
class Disk:
    """A small file system in memory, which a test may fill, make read-only, and take away."""

    path: Path

    def mount(self, *options: str) -> None:
        until = time.monotonic() + 30  # a server closes its files a moment after it has answered
        while True:
            done = subprocess.run(["mount", *options, self.path], capture_output=True, text=True)
            if "busy" not in done.stderr or time.monotonic() > until:
                break
            time.sleep(0.2)
        assert "busy" not in done.stderr, f"files on it are still open after 30 s: {done.stderr.strip()}"
        if done.returncode:
            skip_or_fail("The right to mount a disk", f"run as root ({done.stderr.strip()})")

    def open_files(self) -> set[str]:
        """Names of its files that any process of this machine holds open."""
        found = set()
        for link in Path("/proc").glob("[0-9]*/fd/*"):
            with contextlib.suppress(OSError):
                file = link.readlink()
                if file.is_relative_to(self.path):
                    found.add(file.name)
        return found

    def read_only(self, is_so: bool = True) -> None:
        self.mount("-o", f"remount,{'ro' if is_so else 'rw'}")

    @contextmanager
    def is_read_only(self) -> Iterator[None]:
        self.read_only()
        try:
            yield
        finally:
            self.read_only(False)

    @contextmanager
    def is_full(self) -> Iterator[None]:
        self.fill()
        try:
            yield
        finally:
            self.filler.unlink()

    @property
    def filler(self) -> Path:
        return self.path / "filler"

    def fill(self) -> None:
        with self.filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))


@contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[Disk]:
    disk = Disk(path)
    path.mkdir(exist_ok=True)
    disk.mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)
        shutil.rmtree(path, ignore_errors=True)
