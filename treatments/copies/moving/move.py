"""A running clinic on SQLite brought to PostgreSQL, its photos to a store; or one clinic out of a database of several.
Nothing of the old place is changed.

Photos go while people work. Then the pages close, of all or of that clinic, for as long as the rows take; each row and
each photo is compared; and the old place stays closed, with what it had. Killed at any moment, and run again, it goes
on.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction
from django.db.models import Q
from django.db.utils import ConnectionHandler
from django.utils import timezone

from clinic.audit import sealing
from clinic.database.timeouts import answer_within
from clinic.database.url import django_settings
from clinic.object_store.stores import AlreadyThere, NotThere, ObjectStore, md5_of
from clinic.operations import closing
from clinic.operations.database_copy import CopyFailed, read_database
from clinic.operations.database_restore import take_down
from clinic.staff.models import Clinic, User
from treatments.copies import contents as told
from treatments.copies.contents import WANTED, Original
from treatments.copies.destination import download, scratch_folder
from treatments.copies.moving import clinics, tables
from treatments.copies.moving.tables import TARGET, Digest, Table
from treatments.copies.progress import Progress
from treatments.copies.verification import is_whole_original

SETTLE_SECONDS: Final = 30
"""Who had begun when the pages closed has ended, or given up waiting for the database, after so long."""
_HOURS: Final = 24 * 3600.0
Say = Callable[[str], None]
Digests = dict[Table, Digest]


@dataclass
class Report:
    """What was moved and compared; `closed_seconds` is for how long no page was shown."""

    tables: int = 0
    rows: int = 0
    photos: int = 0
    closed_seconds: int = 0


class Everything:
    """All that an installation on SQLite has."""

    clears = True
    """Whether what `migrate` puts into a new database is taken out of it, because its own rows come from the old."""

    @property
    def progress(self) -> Progress:
        return Progress.read(Path(settings.VAR_DIR) / "move.json")

    def require(self) -> None:
        """Raises CopyFailed."""
        if connection.vendor != "sqlite":
            raise CopyFailed(
                "Only a clinic on SQLite is moved whole. From one PostgreSQL to another: ./anagen backup and restore."
            )
        if closing.closed() == closing.MOVED:
            raise CopyFailed("This clinic has moved already. Set DATABASE_URL to the new database, and start Anagen.")

    def closed(self) -> str:
        return closing.closed()

    def close(self) -> None:
        closing.close(closing.SETTLING)

    def settled(self) -> None:
        """From here on nobody writes; whoever has begun a transaction is waited for."""
        closing.close(closing.MOVING)
        with transaction.atomic():
            pass

    def reopen(self) -> None:
        closing.reopen()

    def end(self) -> None:
        closing.close(closing.MOVED)

    def rows(self) -> dict[Table, Q]:
        return dict.fromkeys(tables.tables(), tables.EVERY)

    def originals(self) -> list[Original]:
        return told.originals(read_database(WANTED))

    def open_there(self) -> None:
        """The new database knows nothing of a file beside the old one."""

    def require_unchanged(self, before: Digests) -> None:
        """Nothing could be written."""


class OneClinic:
    """A clinic of several, with the people whom its record names. The others go on meanwhile."""

    clears = False

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic

    @property
    def progress(self) -> Progress:
        return Progress.read(Path(settings.VAR_DIR) / f"move-clinic-{self.clinic.pk}.json")

    def require(self) -> None:
        """Raises CopyFailed."""
        if self.closed() == closing.MOVED:
            raise CopyFailed(f"{self.clinic} has moved already. Its people work with the new database.")

    def closed(self) -> str:
        return Clinic.objects.values_list("closed", flat=True).get(pk=self.clinic.pk)

    def close(self) -> None:
        self._set(closing.MOVING)

    def settled(self) -> None:
        """Whatever writes all the same is found by `require_unchanged`."""

    def reopen(self) -> None:
        self._set("")

    def end(self) -> None:
        self._set(closing.MOVED)

    def _set(self, why: closing.Closed) -> None:
        Clinic.objects.filter(pk=self.clinic.pk).update(closed=why)

    def rows(self) -> dict[Table, Q]:
        return clinics.rows_of(self.clinic)

    def originals(self) -> list[Original]:
        return clinics.originals_of(self.clinic)

    def open_there(self) -> None:
        Clinic.objects.using(TARGET).update(closed="")

    def require_unchanged(self, before: Digests) -> None:
        """Commands on the server are not closed, because they serve the others too. People may sign in there meanwhile,
        which is seen in their own rows. Raises CopyFailed."""
        for model, which in self.rows().items():
            if model not in {User, Authenticator} and tables.digest(model, "default", which) != before[model]:
                raise CopyFailed(
                    f"{model._meta.db_table} was changed by a command while the clinic moved. Let it end, and run the "
                    "same line again."
                )


Moved = Everything | OneClinic


def move(
    url: str,
    old: ObjectStore,
    new: ObjectStore | None,
    *,
    say: Say,
    what: Moved | None = None,
    settle_seconds: float = SETTLE_SECONDS,
) -> Report:
    """`url` is the DATABASE_URL of the new database; without `new` the photos stay where they are.

    Raises CopyFailed with what stands in the way; the pages are open again then. Raises OSError and DatabaseError.
    """
    what = what or Everything()
    what.require()
    state, was_closed = what.progress, what.closed() == closing.MOVING
    state.begin("Looking at the new database")
    with answer_within(_HOURS), scratch_folder() as scratch:
        _connect(url)
        _require_room(state, url, was_closed=was_closed)
        if new:
            _bring_photos(what.originals(), old, new, scratch, state, say)
        state.begin("Making the tables of the new database")
        run_there(url, "migrate", "--verbosity", "0")
        try:
            return _move_closed(what, url, old, new, scratch, state, say, settle_seconds)
        except (CopyFailed, DatabaseError, OSError) as fault:
            what.reopen()
            state.end(str(fault))
            raise


def _move_closed(
    what: Moved,
    url: str,
    old: ObjectStore,
    new: ObjectStore | None,
    scratch: Path,
    state: Progress,
    say: Say,
    settle_seconds: float,
) -> Report:
    what.close()
    begun = time.monotonic()
    say(f"The pages are closed. Waiting {settle_seconds:.0f} s for whoever was saving.")
    state.begin("Waiting for whoever was saving")
    time.sleep(settle_seconds)
    with closing.may_write():
        sealing.seal()
    what.settled()
    report = Report()
    brought = _bring_rows(what, state, report, say)
    if new:
        wanted = what.originals()
        _bring_photos(wanted, old, new, scratch, state, say)
        _compare_photos(wanted, new, state)
        report.photos = len(wanted)
    state.begin("Checking the audit trail")
    # The last seals that VAR_DIR knows are those of all clinics here.
    run_there(url, "audit", "verify", var_dir=scratch if isinstance(what, OneClinic) else None)
    what.require_unchanged(brought)
    what.open_there()
    what.end()
    report.closed_seconds = round(time.monotonic() - begun)
    state.end()
    return report


def _connect(url: str) -> None:
    """Raises CopyFailed where it is no PostgreSQL."""
    own = django_settings(url, base=settings.BASE_DIR)
    if not own["ENGINE"].endswith("postgresql"):
        raise CopyFailed("The new database must be PostgreSQL: postgres://user:password@host/name")
    own["OPTIONS"].pop("pool", None)
    handler = ConnectionHandler({"default": settings.DATABASES["default"], TARGET: own})
    connections.settings[TARGET] = handler.settings[TARGET]
    connections[TARGET] = handler[TARGET]
    with connections[TARGET].cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")


def _require_room(state: Progress, url: str, *, was_closed: bool) -> None:
    """Begin with no rows where people have worked since an earlier attempt: what they deleted must not stay.

    Raises CopyFailed where the new database has something that this move did not bring.
    """
    place = url.rpartition("@")[2]
    is_ours, has_rows = state.facts.get("to") == place, False
    names = connections[TARGET].introspection.table_names()
    with connections[TARGET].cursor() as cursor:
        for table in {"clinic_clinic", "clinic_user"} & set(names):
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")  # noqa: S608 -- two names of our own
            has_rows |= bool(cursor.fetchone()[0])
    if has_rows and not is_ours:
        raise CopyFailed("The new database has a clinic in it already. Name an empty one.")
    if has_rows and not was_closed:
        take_down(connections[TARGET])
    if not (is_ours and was_closed):
        state.facts = {"to": place}
    state.write()


def _bring_rows(what: Moved, state: Progress, report: Report, say: Say) -> Digests:
    every = what.rows()
    state.begin("Moving the rows", len(every))
    if what.clears and not state.facts.get("is_cleared"):
        tables.clear_target()
        state.facts["is_cleared"] = True
        state.write()
    brought: Digests = {}
    for model, which in every.items():
        before = brought[model] = tables.digest(model, "default", which)
        if tables.digest(model, TARGET) != before:
            tables.copy(model, which)
        if tables.digest(model, TARGET) != tables.digest(model, "default", which):
            raise CopyFailed(f"{model._meta.db_table} is not the same in both databases. Run the same line again.")
        report.tables += 1
        report.rows += before.rows
        state.advance()
    tables.go_on_counting()
    state.write()
    say(f"{report.rows} rows of {report.tables} tables are the same in both databases.")
    return brought


def _bring_photos(
    wanted: list[Original], old: ObjectStore, new: ObjectStore, scratch: Path, state: Progress, say: Say
) -> None:
    """Those that the new store has not yet, each put and then known by its length. Raises CopyFailed for one that is
    not whole in the old."""
    state.begin("Moving the photos", len(wanted))
    moved = 0
    for key, sha256, size in wanted:
        if not _has(new, key, size):
            path = scratch / "original"
            try:
                came = download(old, key, path)
            except NotThere:
                came = ""
            if came != sha256:
                raise CopyFailed(
                    f"{key} is missing or altered. Run: ./anagen photos verify, and restore it from a copy."
                )
            _put(new, key, path)
            moved += 1
        state.advance()
    state.write()
    say(f"{moved} photos brought to the new store; {len(wanted) - moved} were there.")


def _put(new: ObjectStore, key: str, path: Path) -> None:
    try:
        new.put(key, path, md5=md5_of(path))
    except AlreadyThere:  # of another length: what lies there goes aside
        new.quarantine(key, f"quarantine/{timezone.now():%Y-%m-%d}/{key.rpartition('/')[2]}")
        new.put(key, path, md5=md5_of(path))


def _has(store: ObjectStore, key: str, size: int) -> bool:
    try:
        return store.head(key).size == size
    except NotThere:
        return False


def _compare_photos(wanted: list[Original], new: ObjectStore, state: Progress) -> None:
    state.begin("Reading every photo in the new store", len(wanted))
    for key, sha256, size in wanted:
        if not is_whole_original(new, key, sha256, size):
            raise CopyFailed(f"{key} is not whole in the new store. Delete it there, and run the same line again.")
        state.advance()


def run_there(url: str, *words: str, var_dir: Path | None = None) -> None:
    """A command of Django's with the new database. Raises CopyFailed with what it said."""
    program = (
        os.environ
        | ({"VAR_DIR": str(var_dir)} if var_dir else {})
        | {
            "DATABASE_URL": url,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(settings.BASE_DIR), os.environ.get("PYTHONPATH", "")])),
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "clinic.settings"),
        }
    )
    done = subprocess.run(  # noqa: S603 -- our own commands, without a shell
        [sys.executable, "-m", "django", *words], env=program, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CopyFailed(f"{' '.join(words)} with the new database: {done.stderr.strip() or done.stdout.strip()}")
