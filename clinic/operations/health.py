"""Whether this installation works: /health/ for whoever watches over it, /health/ready for the balancer in front.

Answered within two seconds as long as a thread is free, without a sign-in and before any part that could stand still:
each look at the database and at the disks is given up after a second and a half. In the first eight seconds of a
database that stands still each request for a page holds a thread; the service has 32. 200 when all is well, 503 when
something is wrong, with JSON:

    {"ok": false, "database": {"ok": true}, "disk": {"ok": true}, "photos": {"ok": false, "fault": "photos_missing"}}

Asked on the server itself (`curl http://127.0.0.1:8000/health/`, `./anagen health`) it tells more: free bytes, the
version, when the last backup, check and sweep were, and what will become wrong ("warnings").

/health/ready asks less: whether this host can take people. 503 only for what keeps them from reading and saving text:
the database does not answer, takes nothing or lacks a migration, or no file can arrive on this host's disk. Photos that
are away are a warning by name, since notes go on; so is a clock that was put back, which every host has alike.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from clinic.audit.middleware import proxy_warning
from clinic.database.timeouts import answer_within
from clinic.exception_frames import close_files, let_go
from clinic.operations import photo_folder, photo_store
from clinic.operations.closing import closed
from clinic.operations.models import AUDIT, BACKUP, HEARTBEAT, SWEEP, VERIFY, Upkeep
from clinic.operations.outages import outage_of
from clinic.operations.photo_folder import Room
from clinic.operations.release import version

HEALTH, READY, LIVE = "/health/", "/health/ready", "/health/live"
SECONDS: Final = 1.5
CLOCK_TOLERANCE: Final = timedelta(minutes=2)
LITTLE_ROOM: Final = 0.10
AT_LEAST_EVERY: Final = {
    BACKUP: timedelta(days=2),
    SWEEP: timedelta(days=2),
    VERIFY: timedelta(days=8),
    AUDIT: timedelta(days=2),
}
Facts = dict[str, Any]


def examine() -> Facts:
    """All that is known. `ok` is false when anything is wrong; `warnings` are sentences about what will be."""
    database, photos, disk = _look()
    now = timezone.now()
    rows: dict[str, Upkeep] = database.pop("upkeep", {})
    clock = _clock(now, database.pop("latest", None))
    parts = {"database": database, "disk": disk, "photos": photos, "clock": clock}
    tasks = {task: _task(rows.get(task), now) for task in AT_LEAST_EVERY} if database["ok"] else {}
    altered = rows[VERIFY].faults if VERIFY in rows else 0
    if altered:
        photos |= {"ok": False, "fault": photos.get("fault", "originals_wrong"), "wrong_originals": altered}
    warnings = [*_about_room(disk, photos), *_about_tasks(tasks, rows, now), *_about_settings()]
    return {
        "ok": all(part["ok"] for part in parts.values()),
        **parts,
        "tasks": tasks,
        "warnings": warnings,
        "version": version(),
        "at": now.isoformat(timespec="seconds"),
    }


def readiness() -> Facts:
    """Whether people can be sent here. `warnings` are the codes of faults with which they can."""
    database, photos, disk = _look()
    database.pop("upkeep", None)
    clock = _clock(timezone.now(), database.pop("latest", None))
    return {
        "ok": database["ok"] and disk["ok"],
        "database": database,
        "disk": disk,
        "warnings": [part["fault"] for part in (photos, clock) if not part["ok"]],
    }


def _look() -> tuple[Facts, Facts, Facts]:
    """Database, photos and disk, looked at side by side."""
    started = [begin("database", _database), begin("photos", _photos), begin("disk", _disk)]
    store = begin("store", _store) if photo_store.is_bucket() else None
    database, photos, disk = (wait() for wait in started)
    if store and photos["ok"] and not (told := store())["ok"]:
        photos |= {"ok": False, "fault": told["fault"].replace("store_silent", "photos_away")}
    return database, photos, disk


def accept_clock() -> None:
    """The clock is right as it is, says the administrator: what was seen before counts no more."""
    Upkeep.objects.filter(task=HEARTBEAT).update(at=timezone.now())


@dataclass(frozen=True)
class _Look:
    """One that was begun; `until` is the time, of time.monotonic(), at which it counts as silent."""

    thread: threading.Thread
    found: list[Facts]
    until: float


# By their name. None is begun a second time while the first has not come back; who asks meanwhile waits for the same
# one, and no longer than who began it: many who watch must not hold many threads.
_begun: dict[str, _Look] = {}
_beginning = threading.Lock()


def begin(name: str, look: Callable[[], Facts]) -> Callable[[], Facts]:
    """Begin a look in a thread of its own; what is returned waits for it, and gives up when the time is over."""
    if name in {"database", "replication"} and connection.in_atomic_block:
        return look  # inside a test's transaction, which another connection would wait for
    with _beginning:
        begun = _begun.get(name)
        if begun is None or not begun.thread.is_alive():
            begun = _begun[name] = _started(name, look)

    def wait() -> Facts:
        begun.thread.join(max(0, begun.until - time.monotonic()))
        return dict(begun.found[0]) if begun.found else {"ok": False, "fault": f"{name}_silent"}

    return wait


def _started(name: str, look: Callable[[], Facts]) -> _Look:
    found: list[Facts] = []

    def run() -> None:
        try:
            found.append(look())
        finally:
            connection.close()
            if name == "database":
                close_files()

    thread = threading.Thread(target=run, name=f"health-{name}", daemon=True)
    thread.start()
    return _Look(thread, found, time.monotonic() + SECONDS)


def _database() -> Facts:
    """Read the rows of upkeep and write one, the heartbeat; and look whether each migration of this release ran."""
    now = timezone.now()
    if why := closed():
        return {"ok": False, "fault": why}
    try:
        with brief_waits():
            rows = {row.task: row for row in Upkeep.objects.all()}
            latest = rows[HEARTBEAT].at if HEARTBEAT in rows else None
            _beat(max(latest, now) if latest else now)
            missing = missing_migrations()
    except DatabaseError as fault:
        outage = outage_of(fault)
        let_go(fault)
        return {"ok": False, "fault": outage.code if outage else "database_not_migrated"}
    facts: Facts = {"ok": not missing, "upkeep": rows, "latest": latest}
    return facts | ({"fault": "database_not_migrated", "missing_migrations": missing} if missing else {})


def missing_migrations() -> list[str]:
    """Those of this release that the database has not had. Those of a later release, which it may have, only expand."""
    known = _known_migrations()
    applied = MigrationRecorder.Migration.objects.filter(app__in={app for app, _ in known}).values_list("app", "name")
    return [f"{app}.{name}" for app, name in sorted(known - set(applied))]


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Without those that stand for others, which are asked for themselves."""
    found = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return frozenset(key for key, migration in found.items() if not migration.replaces)


def _beat(at: datetime) -> None:
    with transaction.atomic():
        Upkeep.objects.update_or_create(task=HEARTBEAT, defaults={"at": at})


@contextmanager
def brief_waits() -> Iterator[None]:
    if connection.vendor != "sqlite":
        with answer_within(SECONDS):
            yield
        return
    with connection.cursor() as cursor:
        before = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute("PRAGMA busy_timeout = 1000")
    try:
        yield
    finally:
        if connection.connection is not None:
            connection.connection.execute(f"PRAGMA busy_timeout = {int(before)}")


def _photos() -> Facts:
    fault = photo_folder.probe()
    return _room_facts(photo_folder.root(), fault, Room.fault_for)


def _store() -> Facts:
    fault = photo_store.bucket_fault()
    return {"ok": False, "fault": fault} if fault else {"ok": True}


def _disk() -> Facts:
    """The disk of VAR_DIR, which may not be made yet: the database if it is SQLite, and files while they arrive."""
    folder: Path = settings.VAR_DIR
    return _room_facts(next(each for each in (folder, *folder.parents) if each.exists()), None, _disk_fault)


def _disk_fault(room: Room) -> str | None:
    return "disk_full" if room.free < photo_folder.FEW_BYTES else None


def _room_facts(folder: Path, fault: str | None, fault_of_room: Callable[[Room], str | None]) -> Facts:
    try:
        room = photo_folder.room(folder)
    except OSError:
        return {"ok": False, "fault": fault or "folder_missing"}
    fault = fault or fault_of_room(room)
    facts = {"ok": fault is None, "free_bytes": room.free, "total_bytes": room.total}
    return facts | ({"fault": fault} if fault else {})


def _clock(now: datetime, latest: datetime | None) -> Facts:
    """Whether the clock is earlier than a time it has already shown already."""
    back = (latest - now) if latest else timedelta(0)
    if back <= CLOCK_TOLERANCE:
        return {"ok": True}
    return {"ok": False, "fault": "clock_put_back", "seconds": round(back.total_seconds())}


def _task(row: Upkeep | None, now: datetime) -> Facts:
    if row is None:
        return {"at": None}
    hours = round((now - row.at).total_seconds() / 3600, 1)
    return {"at": row.at.isoformat(timespec="seconds"), "hours_ago": hours, "faults": row.faults}


def _about_room(disk: Facts, photos: Facts) -> list[str]:
    found = []
    for name, facts in (("VAR_DIR", disk), ("MEDIA_ROOT", photos)):
        if facts.get("total_bytes") and facts["free_bytes"] < facts["total_bytes"] * LITTLE_ROOM:
            found.append(f"Less than a tenth of the disk of {name} is free.")
    return found


def _about_tasks(tasks: Facts, rows: dict[str, Upkeep], now: datetime) -> list[str]:
    late = [task for task in tasks if task not in rows or now - rows[task].at > AT_LEAST_EVERY[task]]
    told = [f"`./anagen {task}` has not run for {AT_LEAST_EVERY[task].days} days." for task in late]
    if BACKUP in rows and rows[BACKUP].faults:
        told.append(f"{rows[BACKUP].faults} photos are missing or altered in the last backup.")
    if SWEEP in rows and rows[SWEEP].faults:
        told.append("The last `./anagen sweep` could not clear away everything.")
    if AUDIT in rows and rows[AUDIT].faults:
        told.append("The audit trail is not as it was sealed, or not protected: `./anagen audit verify` says where.")
    return told


def _about_settings() -> list[str]:
    found = [proxy_warning()] if proxy_warning() else []
    name = settings.DATABASES["default"]["NAME"]
    if connection.vendor == "sqlite" and Path(name).is_file() and Path(name).stat().st_mode & 0o077:
        found.append(f"Other users of this server can read the database: chmod 600 {name}")
    return found
