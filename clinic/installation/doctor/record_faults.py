"""What can be wrong with database, photos, files and copies, seen with the clinic's settings as the service sees it."""

import filecmp
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from clinic.audit import rights
from clinic.installation.doctor.findings import REMEDIES, Finding
from clinic.installation.machine import is_one_disk
from clinic.object_store.addresses import WrongAddress, open_store
from clinic.object_store.probe import probe
from clinic.object_store.stores import StoreAway
from clinic.operations import health, photo_folder
from clinic.operations.models import AUDIT, BACKUP, BACKUP_FAILED, Upkeep

TIMEOUTS: Final = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
NETWORK_FILE_SYSTEMS: Final = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "9p", "glusterfs", "lustre"}
_NOT_MIGRATED: Final = "database_not_migrated"
"""What /health/ calls it; here the migrations are named."""
COPY_AGE: Final = timedelta(days=2)
_PHOTOS_LOOKED_FOR: Final = 20


def all_of_them() -> Iterator[Finding]:
    facts = health.examine()
    yield from _about_parts(facts)
    yield from _about_permissions()
    yield from about_network_share(Path("/proc/self/mountinfo").read_text())
    yield from _about_static_files()
    yield from _about_destination()
    if not facts["database"]["ok"] and facts["database"]["fault"] != _NOT_MIGRATED:
        return
    try:
        yield from _about_schema()
        if not facts["database"]["ok"]:
            return
        yield from _about_postgresql()
        yield from _about_photos()
        yield from _about_copies()
        yield from _about_seals()
    except DatabaseError as fault:
        yield Finding("database_away", f"The database stopped answering: {fault}")


def _about_parts(facts: health.Facts) -> Iterator[Finding]:
    """What /health/ finds wrong, by its own code."""
    for part in ("database", "disk", "photos", "clock"):
        fault = facts[part].get("fault")
        if fault and fault != _NOT_MIGRATED and (fault in REMEDIES or part == "database"):
            yield Finding(fault if fault in REMEDIES else "database_away", _TRUTHS.get(fault, f"{part}: {fault}."))
    disk = facts["disk"]
    if disk["ok"] and disk["free_bytes"] < disk["total_bytes"] * health.LITTLE_ROOM:
        free = disk["free_bytes"] // 1024**2
        yield Finding("disk_nearly_full", f"Less than a tenth of the disk of {settings.VAR_DIR} is free: {free} MB.")


_TRUTHS: Final = {
    "database_silent": "The database does not answer.",
    "database_away": "The database cannot be reached.",
    "database_read_only": "The database can only be read.",
    "database_damaged": "The database is damaged, or no database.",
    "photos_missing": "The folder of the photos is not there, or not the one that was set up.",
    "photos_read_only": "The folder of the photos can only be read.",
    "photos_full": "The disk of the photos is full.",
    "photos_no_room": "The disk of the photos is so full that the rest is kept for text.",
    "originals_wrong": "Originals are missing or altered, as the last `photos verify` found.",
    "clock_put_back": "The clock is earlier than a time that it has shown already.",
    "disk_full": "The disk of VAR_DIR is full.",
    "folder_missing": "VAR_DIR is not there.",
}


# Files


def _about_permissions() -> Iterator[Finding]:
    owner = os.geteuid()
    for path in {Path(settings.VAR_DIR), Path(settings.MEDIA_ROOT), *_database_files()}:
        with suppress(FileNotFoundError):
            found = path.stat()
            if found.st_mode & (stat.S_IRWXO | stat.S_IRWXG):
                yield Finding("data_open", f"Other users of this machine can reach {path}.")
            if found.st_uid != owner:
                yield Finding("data_of_another", f"{path} belongs to another user than the service's.")


def _database_files() -> list[Path]:
    return [Path(settings.DATABASES["default"]["NAME"])] if connection.vendor == "sqlite" else []


def about_network_share(mounts: str) -> Iterator[Finding]:
    """`mounts` as in /proc/self/mountinfo. SQLite's locks do not hold on a share, and its file breaks."""
    for file in _database_files():
        kind = _file_system(file.resolve(), mounts)
        if kind in NETWORK_FILE_SYSTEMS or kind.startswith("fuse."):
            yield Finding("database_on_network_share", f"{file} lies on a network share ({kind}), where SQLite breaks.")


def _file_system(path: Path, mounts: str) -> str:
    """The type of the file system that holds a path: that of its longest mount point, the last one mounted there."""
    best, kind = "", ""
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        point = left.split()[4].replace("\\040", " ")
        if len(point) >= len(best) and path.is_relative_to(point):
            best, kind = point, right.split()[0]
    return kind


def _about_static_files() -> Iterator[Finding]:
    """What was collected is of this release: each source file lies there with the same bytes."""
    if settings.DEBUG or settings.MODE != "production":
        return
    collected = Path(staticfiles_storage.location)  # type: ignore[attr-defined]
    for finder in get_finders():
        for name, storage in finder.list([]):
            source = Path(storage.path(name))
            with suppress(OSError):
                if filecmp.cmp(source, collected / name, shallow=False):
                    continue
            yield Finding(
                "static_of_another_release", f"{collected} is not of this release: {name} is missing or another."
            )
            return


# Database


def _about_schema() -> Iterator[Finding]:
    loader = MigrationLoader(connection)
    known, applied = set(loader.disk_migrations), set(loader.applied_migrations)
    labels = {label for label, _ in known}
    missing, newer = known - applied, {each for each in applied - known if each[0] in labels} - _replaced(loader)
    if missing:
        told = ", ".join(".".join(each) for each in sorted(missing)[:3])
        yield Finding("migrations_missing", f"{len(missing)} migrations have not run: {told}.")
    if newer:
        told = ", ".join(".".join(each) for each in sorted(newer)[:3])
        yield Finding("release_too_old", f"The database is of a newer release than this program: {told}.")


def _replaced(loader: MigrationLoader) -> set[tuple[str, str]]:
    return {each for squashed in loader.disk_migrations.values() for each in squashed.replaces}


def _about_postgresql() -> Iterator[Finding]:
    if connection.vendor != "postgresql":
        return
    tables = rights.changeable_tables(connection)
    if tables:
        yield Finding("database_role_too_strong", f"The role of DATABASE_URL owns or may change {', '.join(tables)}.")
    with connection.cursor() as cursor:
        found = {name: cursor.execute(f"SHOW {name}").fetchone()[0] for name in TIMEOUTS}
    lost = [name for name, value in found.items() if value == "0"]
    if lost:
        yield Finding("database_timeouts_lost", f"{', '.join(lost)} do not hold: a stuck request blocks a patient.")


def _about_photos() -> Iterator[Finding]:
    """The newest originals lie in the folder: a new, empty disk that was set up by mistake has none of them."""
    if settings.PHOTO_STORE:
        yield from _about_store()
        return
    if not photo_folder.is_set_up():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM treatments_photo ORDER BY created_at DESC LIMIT %s", [_PHOTOS_LOOKED_FOR])
        keys = [key for (key,) in cursor.fetchall()]
    if keys and not any((photo_folder.root() / key).is_file() for key in keys):
        yield Finding("photos_elsewhere", f"None of the {len(keys)} newest photos lies in {photo_folder.root()}.")


def _about_store() -> Iterator[Finding]:
    try:
        store = open_store(settings.PHOTO_STORE, key_id=settings.PHOTO_STORE_KEY_ID, secret=settings.PHOTO_STORE_SECRET)
        lacking = [each.capability for each in probe(store) if not each.has]
    except (StoreAway, WrongAddress) as fault:
        yield Finding("store_away", f"The store of the photos: {fault}")
        return
    for capability in lacking:
        if capability.is_needed:
            yield Finding("store_lacks", f"The store of the photos lacks {capability.name}.")


# Copies and seals


def _about_destination() -> Iterator[Finding]:
    to = settings.BACKUP_TO
    if not to:
        yield Finding("copies_not_set", "BACKUP_TO is not set: nothing says where the copies go.")
        return
    if not settings.BACKUP_RECIPIENT:
        yield Finding("copies_not_encrypted", "BACKUP_RECIPIENT is not set: whoever finds a copy can read it.")
    if to.startswith("s3:"):
        yield from _about_bucket(to)
        return
    folder = Path(to.removeprefix("file://"))
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        yield Finding("copies_away", f"{folder} is not there, or the service may not write to it.")
    elif is_one_disk(folder, Path(settings.VAR_DIR)):
        yield Finding("copies_on_same_disk", f"{folder} is on the disk of the records, and dies with it.")


def _about_bucket(to: str) -> Iterator[Finding]:
    try:
        next(open_store(to, key_id=settings.BACKUP_KEY_ID, secret=settings.BACKUP_SECRET).list(""), None)
    except (OSError, WrongAddress) as fault:
        yield Finding("copies_away", f"The store of the copies: {fault}")


def _about_copies() -> Iterator[Finding]:
    rows = {row.task: row for row in Upkeep.objects.filter(task__in=[BACKUP, BACKUP_FAILED])}
    last, failed = rows.get(BACKUP), rows.get(BACKUP_FAILED)
    if last is None:
        yield Finding("copy_never", "No copy was ever made.")
    elif timezone.now() - last.at > COPY_AGE:
        yield Finding("copy_too_old", f"The newest good copy is of {last.at:%-d %B %Y, %H:%M} UTC.")
    if failed and (last is None or failed.at > last.at):
        yield Finding("copy_failed", f"The last try to copy failed, on {failed.at:%-d %B %Y, %H:%M} UTC.")
    elif last and last.faults:
        yield Finding("copy_failed", f"{last.faults} photos are missing or altered in the last copy.")


def _about_seals() -> Iterator[Finding]:
    row = Upkeep.objects.filter(task=AUDIT).first()
    if row is None or timezone.now() - row.at > health.AT_LEAST_EVERY[AUDIT]:
        yield Finding("seals_not_verified", "The audit trail was not compared with its seals for two days.")
    elif row.faults:
        yield Finding("seals_broken", "The audit trail is not as it was sealed, or not protected.")
