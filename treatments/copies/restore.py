"""Bringing a copy back: the photos first, then the database, so that a record is there when all of it is.

Run again after it was killed it goes on: photos that are there whole are not fetched a second time, and the database
changes from empty to restored at once.
"""

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from clinic.object_store.stores import NotThere, ObjectStore, md5_of
from clinic.operations import closing, database_restore, photo_folder
from clinic.operations.database_copy import SUFFIX, Contents, CopyFailed, read_copy, read_database
from clinic.sign_in import sessions
from treatments.copies import check
from treatments.copies import contents as told
from treatments.copies.destination import Destination, FileDamaged, sha256_of
from treatments.copies.manifest import KeptFile, Manifest
from treatments.copies.progress import Progress
from treatments.copies.verification import is_whole_original

OUR_APPS: Final = ("clinic.", "treatments.")
INSTALLING, INSTALLED = "Putting the database in its place", "The database is in its place"


@dataclass
class Report:
    """What was restored. `fetched` of the photos were not there before. `wrong` has a line for each photo that is not
    there whole."""

    stamp: str = ""
    rows: int = 0
    photos: int = 0
    fetched: int = 0
    bytes: int = 0
    seconds: float = 0
    wrong: list[str] = field(default_factory=list)


def progress() -> Progress:
    """That of the restoring of this installation."""
    return Progress.read(Path(settings.VAR_DIR) / "restore.json")


def restore(
    place: Destination,
    originals: ObjectStore,
    *,
    stamp: str = "",
    replace: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Report:
    """Raises CopyFailed where something stands in the way, and what reading the copy raises; run again it goes on."""
    state, begun = progress(), time.monotonic()
    if state.facts.get("step"):  # this database came from a copy, and a newer one is another
        stamp = stamp or state.facts["stamp"]
    state.begin("Reading the manifest")
    manifest = check.newest(place, stamp)
    require_known_migrations(manifest)
    is_installed = _may_begin(manifest, state, replace=replace)
    report = Report(stamp=manifest.stamp)
    say(f"The copy of {manifest.made_at}: {sum(manifest.rows.values())} rows, {len(manifest.photos)} photos.")
    database = None if is_installed else _fetch_database(place, manifest, state)
    _Photos(place, originals, report).bring(manifest, state)
    if database:
        if replace and not database_restore.is_empty():
            state.begin("Keeping a copy of what was there")
            kept = database_restore.keep_present(
                Path(settings.VAR_DIR) / "before-restore", f"{timezone.now():%Y%m%dT%H%M%SZ}"
            )
            say(f"What was in the database before is kept: {kept}")
        _bring_database(database, manifest, state)
    state.facts["step"] = INSTALLED
    state.begin("Bringing the database to this release")
    _finish()
    report.rows, report.photos = sum(manifest.rows.values()), len(manifest.photos) - len(report.wrong)
    report.bytes = sum(kept.bytes for kept in manifest.photos.values()) + (manifest.database or _NOTHING).bytes
    report.wrong += [f"the original was missing when the copy was made: {key}" for key in manifest.missing]
    report.seconds = round(time.monotonic() - begun, 1)
    state.facts = {"report": asdict(report)}
    state.end()
    return report


_NOTHING: Final = KeptFile("", "", 0, "", 0)


def require_known_migrations(manifest: Manifest) -> None:
    """Raises CopyFailed for a copy that a newer release made."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    unknown = [name for name in manifest.migrations if name.startswith(OUR_APPS) and name not in known]
    if unknown:
        raise CopyFailed(
            f"This copy was made by a newer release of Anagen ({manifest.release}). Install that one, or a newer one."
        )


def _may_begin(manifest: Manifest, state: Progress, *, replace: bool) -> bool:
    """Whether the database is in its place already, from a run that was ended before its time. Raises CopyFailed where
    it has something else."""
    if closing.closed():
        raise CopyFailed(
            "A move has closed this database: ./anagen move --reopen opens it, and then this line restores into it. "
            "Into the new one restore with its settings."
        )
    if not manifest.database:
        raise CopyFailed(f"The database of this copy was copied by {manifest.copied_by}: restore it from there first.")
    is_same = state.facts.get("stamp") == manifest.stamp
    step = state.facts.get("step") if is_same else ""
    state.facts |= {"stamp": manifest.stamp, "step": step}
    state.write()
    if step == INSTALLED:
        return True
    if database_restore.is_empty():
        return False
    if step == INSTALLING and _has_all_of(manifest):
        return True
    if not replace:
        raise CopyFailed(
            "The database has a clinic in it already. Restore into an empty one; or with --replace, which first keeps "
            "a copy of what is there."
        )
    return False


def _has_all_of(manifest: Manifest) -> bool:
    """Whether the database is what the copy has, to the last row."""
    contents = database_contents()
    return contents.rows == manifest.rows and (not manifest.digests or contents.digests == manifest.digests)


def database_contents() -> Contents:
    with transaction.atomic():
        return read_database()


def _fetch_database(place: Destination, manifest: Manifest, state: Progress) -> Path:
    """To the scratch folder. Raises CopyFailed where the manifest says something else of it: nothing is changed yet."""
    assert manifest.database  # noqa: S101 -- looked at before
    database_restore.require_engine(manifest.engine)
    state.begin("Fetching the database")
    path = place.fetch(manifest.database).rename(place.new_file().with_suffix(SUFFIX[manifest.engine]))
    contents = read_copy(path, told.WANTED)
    named = {key: (sha256, size) for key, sha256, size in told.originals(contents)}
    kept = {key: (photo.sha256, photo.bytes) for key, photo in manifest.photos.items()}
    if contents.rows != manifest.rows or kept != {key: named[key] for key in named.keys() - set(manifest.missing)}:
        raise CopyFailed(
            f"The manifest of {manifest.stamp} and its database do not belong together: somebody has altered one of "
            "them. Restore another copy."
        )
    return path


def _bring_database(path: Path, manifest: Manifest, state: Progress) -> None:
    state.facts["step"] = INSTALLING
    state.begin(INSTALLING)
    database_restore.install(path, manifest.engine)
    path.unlink()
    state.begin("Comparing every row")
    if not _has_all_of(manifest):
        raise CopyFailed("The restored database is not what the manifest says, row by row. Restore an older copy.")


def _finish() -> None:
    """A copy may be of an older release; who was signed in then is not now; and the trail says what happened."""
    call_command("migrate", verbosity=0, interactive=False)
    sessions.end_all()
    call_command("audit", "restored", verbosity=0)
    connection.close()


class _Photos:
    def __init__(self, place: Destination, originals: ObjectStore, report: Report) -> None:
        self.place, self.originals, self.report = place, originals, report

    def bring(self, manifest: Manifest, state: Progress) -> None:
        if not settings.PHOTO_STORE:
            photo_folder.set_up()
        state.begin("Fetching the photos", len(manifest.photos))
        for key, kept in manifest.photos.items():
            try:
                self._bring_one(key, kept)
            except (FileDamaged, NotThere):
                self.report.wrong.append(f"missing or altered: {kept.name}")
            state.advance()
        state.write()

    def _bring_one(self, key: str, kept: KeptFile) -> None:
        if is_whole_original(self.originals, key, kept.sha256, kept.bytes):
            return
        path = self.place.fetch(kept)
        try:
            self._put(key, path)
        finally:
            path.unlink(missing_ok=True)
        if not is_whole_original(self.originals, key, kept.sha256, kept.bytes):
            raise FileDamaged(key)
        self.report.fetched += 1

    def _put(self, key: str, path: Path) -> None:
        """What lies in its place and is something else goes aside: nothing is overwritten. The file itself becomes the
        original where both lie on one disk, so it must be on the disk itself before."""
        try:
            self.originals.head(key)
        except NotThere:
            pass
        else:
            aside = f"quarantine/{timezone.now():%Y-%m-%d}/{key.rpartition('/')[2]}.{sha256_of(path)[:8]}"
            self.originals.quarantine(key, aside)
        path.chmod(0o400)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        self.originals.put(key, path, md5=md5_of(path))
