"""/health/ tells what is wrong, to the machine itself more than to the world, and needs no session and no host name."""

import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from clinic.operations import models as upkeep
from clinic.operations.health import SECONDS, begin
from clinic.operations.models import Upkeep
from clinic.operations.release import version
from tests.people import Cast

pytestmark = pytest.mark.django_db


def told(**more: Any) -> tuple[int, dict[str, Any]]:
    answer = Client().get("/health/", **more)
    return answer.status_code, answer.json()


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "originals").mkdir()
    return tmp_path


def test_healthy_machine_tells_all_of_it() -> None:
    """On the machine itself: room, version, the last runs; to everybody else only what works."""
    status, here = told()
    elsewhere = told(REMOTE_ADDR="192.0.2.1")
    through_a_proxy = told(HTTP_X_FORWARDED_FOR="192.0.2.1")

    assert (status, here["ok"], here["version"]) == (200, True, version())
    assert here["photos"]["free_bytes"] > 0 and here["tasks"]["backup"] == {"at": None}
    parts = {part: {"ok": True} for part in ("database", "disk", "photos", "clock")}
    assert elsewhere == through_a_proxy == (200, {"ok": True, **parts})


def test_health_in_production_needs_no_https(settings: Any) -> None:
    """Plain http, any host name, a cookie that is not a session: answered, not led elsewhere."""
    settings.SECURE_SSL_REDIRECT, settings.SECURE_REDIRECT_EXEMPT = True, [r"^health/(live|ready)?$", r"^metrics$"]
    client = Client(SERVER_NAME="127.0.0.9")
    client.cookies[settings.SESSION_COOKIE_NAME] = "invented"

    assert client.get("/health/").status_code == 200
    assert client.head("/health/").status_code == 200
    assert client.post("/health/").status_code == 405


def test_ready_without_photos(folder: Path) -> None:
    """Photos that are away are a warning by name, since text goes on; a missing migration takes the host out."""

    def ready(**more: Any) -> tuple[int, dict[str, Any]]:
        answer = Client(SERVER_NAME="127.0.0.9").get("/health/ready", **more)
        return answer.status_code, answer.json()

    works = {"ok": True, "database": {"ok": True}, "disk": {"ok": True}}
    assert ready(HTTP_X_FORWARDED_FOR="192.0.2.1") == (200, works)

    (folder / "originals").rmdir()
    status, here = ready()
    assert (status, here["warnings"]) == (200, ["photos_missing"])

    MigrationRecorder(connection).record_unapplied("clinic", "0012_blind_readers")
    status, here = ready()
    assert (status, here["database"]["fault"]) == (503, "database_not_migrated")
    assert here["database"]["missing_migrations"] == ["clinic.0012_blind_readers"]
    assert told()[1]["database"]["fault"] == "database_not_migrated"


def test_live_asks_no_database(django_assert_num_queries: Any) -> None:
    """Whoever restarts a process that does not answer must not do so because the database is away."""
    with django_assert_num_queries(0):
        answer = Client(SERVER_NAME="127.0.0.9").get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert Client().post("/health/live").status_code == 405


def test_pages_are_read_before_people_come(tmp_path: Path) -> None:
    """When /health/live first answers, nobody waits for the code of a page; the database may be away meanwhile."""
    code = "import clinic.wsgi; from django.urls import get_resolver; print('url_patterns' in vars(get_resolver()))"
    told = {
        "ANAGEN_MODE": "development",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "VAR_DIR": str(tmp_path),
    }
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, **told}, capture_output=True, text=True)

    assert done.stdout.strip() == "True", done.stderr


def test_clock_put_back_is_told() -> None:
    """A clock that stands before what it has shown is told, until the administrator says that it is right."""
    upkeep.done(upkeep.HEARTBEAT, at=timezone.now() + timedelta(hours=24))

    status, facts = told()
    assert (status, facts["clock"]["fault"]) == (503, "clock_put_back")
    assert facts["clock"]["seconds"] == pytest.approx(86_400, abs=60)
    with pytest.raises(CommandError):
        call_command("health")

    call_command("health", "--clock-is-right")
    assert told()[0] == 200


def test_wrong_originals_are_told() -> None:
    """What the last `photos verify` found wrong stays told until the next one finds it right."""
    upkeep.done(upkeep.VERIFY, faults=2)
    status, facts = told()
    assert (status, facts["photos"]["fault"], facts["photos"]["wrong_originals"]) == (503, "originals_wrong", 2)

    call_command("photos", "verify")
    assert told()[0] == 200


def test_tasks_that_are_late_are_warned_of() -> None:
    for task in (upkeep.BACKUP, upkeep.SWEEP, upkeep.VERIFY, upkeep.AUDIT):
        upkeep.done(task)
    told()
    assert told()[1]["warnings"] == []

    Upkeep.objects.filter(task=upkeep.BACKUP).update(at=timezone.now() - timedelta(days=3))

    assert told()[1]["warnings"] == ["`./anagen backup` has not run for 2 days."]

    upkeep.done(upkeep.BACKUP)
    upkeep.done(upkeep.AUDIT, faults=1)
    [warning] = told()[1]["warnings"]
    assert warning.startswith("The audit trail is not as it was sealed")


def test_folder_that_is_gone_is_told(folder: Path) -> None:
    (folder / "originals").rmdir()

    assert told()[1]["photos"]["fault"] == "photos_missing"


def test_wrong_proxy_setting_is_told(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests through a proxy that is not trusted are noticed, and so is a trusted one that says nothing."""
    monkeypatch.setattr("clinic.audit.middleware._proxy_warning", "")
    settings.PRODUCTION, settings.TRUSTED_PROXY = True, False
    told()
    Client().get("/sign-in/", HTTP_X_FORWARDED_FOR="192.0.2.1")
    assert any("TRUSTED_PROXY is not 1" in sentence for sentence in told()[1]["warnings"])

    monkeypatch.setattr("clinic.audit.middleware._proxy_warning", "")
    settings.TRUSTED_PROXY = True
    Client().get("/sign-in/")
    assert any("without X-Forwarded-For" in sentence for sentence in told()[1]["warnings"])


def test_silent_look_is_waited_for_once() -> None:
    """Who asks while a look has not come back waits no longer than who began it, so that watching holds no threads."""
    comes_back = threading.Event()

    def look() -> dict[str, Any]:
        comes_back.wait(10)
        return {"ok": True}

    try:
        first = begin("disk-of-a-test", look)()
        started = time.monotonic()
        later = begin("disk-of-a-test", look)()
        seconds = time.monotonic() - started
    finally:
        comes_back.set()

    assert first == later == {"ok": False, "fault": "disk-of-a-test_silent"}
    assert seconds < SECONDS / 3
