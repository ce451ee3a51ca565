"""What is done about faults of the machine, in the smallest pieces; tests/faults has them on a real machine."""

import errno
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from clinic import uploads
from clinic.operations import health, photo_folder, photo_store
from clinic.operations.models import SWEEP, Upkeep
from clinic.operations.outages import HEADER, OUTAGES, OutageMiddleware
from treatments.photos.store.sweep import sweep
from treatments.photos.store.upload_errors import SENTENCES

pytestmark = pytest.mark.any_database
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
GIGABYTE = 1024**3


@pytest.fixture
def root(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "photos"
    photo_folder.set_up()
    return tmp_path / "photos"


@pytest.mark.django_db
def test_slow_photo_keeps_nobody_waiting() -> None:
    """After an outage one short question decides; while the request that asked still arrives, others are answered."""
    inside: list[HttpResponse] = []

    def view(request: HttpRequest) -> HttpResponse:
        if request.path == "/fails/":
            request.outage = OUTAGES["database_away"]  # type: ignore[attr-defined]
        if request.path == "/photo/":  # its body is on its way
            inside.append(middleware(RequestFactory().get("/other/")))
        return HttpResponse()

    middleware = OutageMiddleware(view)
    assert middleware(RequestFactory().get("/fails/"))[HEADER] == "database_away"
    assert middleware(RequestFactory().post("/photo/")).status_code == 200
    assert inside[0].status_code == 200

    middleware(RequestFactory().get("/fails/"))
    with connection.execute_wrapper(away):
        assert middleware(RequestFactory().get("/other/"))[HEADER] == "database_busy"
    assert middleware(RequestFactory().get("/other/")).status_code == 200


def away(execute: Any, sql: str, *rest: Any) -> Any:
    """A database that is locked for every SELECT."""
    import sqlite3

    if not sql.startswith("SELECT"):
        return execute(sql, *rest)
    fault = sqlite3.OperationalError("database is locked")
    fault.sqlite_errorcode = sqlite3.SQLITE_BUSY
    from django.db import OperationalError

    raise OperationalError("database is locked") from fault


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("total", "free", "fault"),
    [
        (100, 2.0, None),
        (100, 0.5, "photos_no_room"),
        (10, 0.6, None),
        (10, 0.4, "photos_no_room"),
        (10, 0.001, "photos_full"),
    ],
)
def test_health_tells_of_refused_photos(
    root: Path, monkeypatch: pytest.MonkeyPatch, total: float, free: float, fault: str | None
) -> None:
    """Photos are refused and called ill by the same rule. Figures in gigabytes."""
    usage = Usage(int(total * GIGABYTE), int((total - free) * GIGABYTE), int(free * GIGABYTE))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)

    assert photo_folder.fault_for() == fault
    facts = health.examine()
    assert facts["photos"].get("fault") == fault and facts["photos"]["ok"] == (fault is None)
    assert facts["disk"]["ok"] == (fault != "photos_full")


def test_two_checks_at_once_share_a_look() -> None:
    """The second waits for the look of the first, and one that hangs is given up by both after 1.5 seconds in all."""
    looks = []

    def slow(seconds: float) -> health.Facts:
        looks.append(seconds)
        time.sleep(seconds)
        return {"ok": True}

    first, second = (health.begin("a test", lambda: slow(0.2)) for _ in range(2))
    assert first() == second() == {"ok": True} and looks == [0.2]

    begun = time.monotonic()
    hanging = [health.begin(f"test {n}", lambda: slow(2.5)) for n in (1, 2, 2)]
    assert [wait()["ok"] for wait in hanging] == [False, False, False]
    assert time.monotonic() - begun < 2 and len(looks) == 3


def test_one_sentence_for_one_fault() -> None:
    """A photo that is refused is told what the page of the outage says; that text is kept room for, only for that."""
    for code in ("photos_full", "photos_no_room", "photos_missing", "photos_read_only", "photos_unreadable"):
        assert SENTENCES[code].startswith(OUTAGES[code].title)
        assert ("text" in SENTENCES[code]) == (code == "photos_no_room")


def test_sweep_passes_what_it_cannot_have(
    root: Path, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that goes away between two looks is passed over; one without rights is told; the others are swept."""
    settings.ARRIVING_DIR = tmp_path / "arriving"
    staged = [root / "staging" / name for name in ("gone", "locked", "old")]
    arriving = [tmp_path / "arriving" / f"{name}.upload" for name in ("gone", "locked", "old")]
    for path in (*staged, *arriving):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    real = {"stat": Path.stat, "lstat": Path.lstat}

    def fails(name: str) -> Any:
        def look(path: Path, **how: Any) -> Any:
            if path.stem == "gone":
                raise FileNotFoundError(errno.ENOENT, "No such file or directory")
            if path.stem == "locked":
                raise PermissionError(errno.EACCES, "Permission denied")
            return real[name](path, **how)

        return look

    for name in real:
        monkeypatch.setattr(Path, name, fails(name))
    later = datetime.now(UTC) + timedelta(days=2)
    report = sweep(root, set(), later, store=photo_store.originals())
    assert (report.staging_removed, report.failed) == (["staging/old"], ["staging/locked: Permission denied"])
    assert uploads.sweep(later) == (1, ["locked.upload: Permission denied"])


@pytest.mark.django_db
def test_sweep_that_left_something_is_kept(root: Path, settings: Any, tmp_path: Path) -> None:
    """The nightly sweep goes on after a fault, tells it, and is remembered with it."""
    settings.ARRIVING_DIR = tmp_path / "arriving"
    (tmp_path / "arriving/a folder.upload").mkdir(parents=True)  # which cannot be removed as a file
    import os

    os.utime(tmp_path / "arriving/a folder.upload", (0, 0))
    with pytest.raises(CommandError, match="a folder.upload"):
        call_command("sweep")
    assert Upkeep.objects.get(task=SWEEP).faults == 1
    assert "The last `./anagen sweep` could not clear away everything." in health.examine()["warnings"]
