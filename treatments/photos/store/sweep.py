"""Clears away what crashes left: on this host's disk, and in the store of the originals."""

import contextlib
import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from clinic.object_store.stores import ObjectStore, StoreAway, StoredObject
from treatments.photos.store.media import DERIVED_SIZES

STAGING_LIFETIME: Final = timedelta(hours=24)
ROWLESS_LIFETIME: Final = timedelta(hours=48)
QUARANTINE_LIFETIME: Final = timedelta(days=30)
UNUSED_LIFETIME: Final = timedelta(days=90)
"""Of a derivative that nobody asks for, where the originals lie in a bucket and the host keeps few of them."""

_SIZES: Final = {str(size) for size in DERIVED_SIZES}


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep did, as paths relative to the root; `failed` with the reason of the disk behind each."""

    staging_removed: list[str] = field(default_factory=list)
    quarantined: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    quarantine_removed: list[str] = field(default_factory=list)
    derivatives_removed: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def sweep(
    root: Path,
    known_keys: Collection[str],
    now: datetime,
    *,
    store: ObjectStore,
    store_now: datetime | None = None,
    unused: timedelta | None = None,
) -> SweepReport:
    """Clear away what is older than the limits at the top of this module. What every user of the server may read is
    closed to them; earlier versions left folders and derivatives so.

    `known_keys` are those of all rows, of photos entered in error too, read from the database just before. `now` is
    aware; `store_now` is what time it is by the clock of the store, where that is another. An original whose row turns
    up again while it is in quarantine is put back, so a wrong list of keys does no lasting harm for 30 days. With
    `unused`, derivatives go that nobody asked for in so long a time. Raises StoreAway.
    """
    known, report = frozenset(known_keys), SweepReport()
    _remove_staged(root, report, now)
    _return_from_quarantine(store, known, report)
    _put_in_quarantine(store, known, report, store_now or now)
    _empty_quarantine(store, report, store_now or now)
    _remove_derivatives(root, known, report, now, unused)
    _close(root, report)
    return report


@contextlib.contextmanager
def _one_file(name: str, report: SweepReport) -> Iterator[None]:
    """A file may go away while people work; one that the disk or its rights keep from us is told, and the others are
    still looked at. Raises StoreAway."""
    try:
        yield
    except (FileNotFoundError, FileExistsError):  # by somebody else, in this moment
        pass
    except StoreAway:
        raise
    except OSError as fault:
        line = f"{name}: {fault.strerror}"
        if line not in report.failed:
            report.failed.append(line)


def _close(root: Path, report: SweepReport) -> None:
    for path in [root, *_below(root, root, report)] if root.is_dir() else []:
        with _one_file(_name(path, root), report):
            mode = path.lstat().st_mode
            if mode & 0o007 and not path.is_symlink():
                path.chmod(mode & 0o770)
                report.closed.append(_name(path, root))


def _remove_staged(root: Path, report: SweepReport, now: datetime) -> None:
    for path in _below(root / "staging", root, report):
        with _one_file(_name(path, root), report):
            if _is_older(path, STAGING_LIFETIME, now):
                path.unlink()
                report.staging_removed.append(_name(path, root))


def _put_in_quarantine(store: ObjectStore, known: frozenset[str], report: SweepReport, now: datetime) -> None:
    folder = f"quarantine/{now.astimezone(UTC).date().isoformat()}"
    for each in _listed(store, "originals", report):
        if each.key not in known and now - each.modified_at > ROWLESS_LIFETIME:
            with _one_file(each.key, report):
                store.quarantine(each.key, f"{folder}/{_last(each.key)}")
                report.quarantined.append(each.key)


def _empty_quarantine(store: ObjectStore, report: SweepReport, now: datetime) -> None:
    for each in _listed(store, "quarantine", report):
        if now.astimezone(UTC).date() - _day_of(each.key) > QUARANTINE_LIFETIME:
            with _one_file(each.key, report):
                store.delete(each.key)
                report.quarantine_removed.append(each.key)


def _return_from_quarantine(store: ObjectStore, known: frozenset[str], report: SweepReport) -> None:
    places = {_last(key): key for key in known}
    for each in _listed(store, "quarantine", report):
        if key := places.get(_last(each.key)):
            with _one_file(each.key, report):
                store.quarantine(each.key, key)
                report.returned.append(key)


def _listed(store: ObjectStore, prefix: str, report: SweepReport) -> list[StoredObject]:
    """In the order of their keys. What could be listed before a folder that cannot be read is told, too."""
    found: list[StoredObject] = []
    with _one_file(prefix, report):
        found.extend(store.list(prefix))
    return sorted(found, key=lambda each: each.key)


def _last(key: str) -> str:
    return key.rpartition("/")[2]


def _remove_derivatives(
    root: Path, known: frozenset[str], report: SweepReport, now: datetime, unused: timedelta | None
) -> None:
    for path in _below(root / "derivatives", root, report):
        with _one_file(_name(path, root), report):
            is_known = f"originals/{path.parent.name}/{path.stem}" in known and path.parent.parent.name in _SIZES
            lifetime = unused if is_known else ROWLESS_LIFETIME
            if lifetime is not None and _is_older(path, lifetime, now):
                path.unlink()
                report.derivatives_removed.append(_name(path, root))


def _below(folder: Path, root: Path, report: SweepReport) -> list[Path]:
    """Files and folders at every depth. A folder that cannot be read is told."""

    def tell(fault: OSError) -> None:
        with _one_file(_name(Path(fault.filename), root), report):
            raise fault

    return sorted(Path(at, name) for at, folders, files in os.walk(folder, onerror=tell) for name in folders + files)


def _is_file(path: Path) -> bool:
    """Raises OSError: FileNotFoundError too, unlike Path.is_file."""
    return stat.S_ISREG(path.lstat().st_mode)


def _is_older(path: Path, age: timedelta, now: datetime) -> bool:
    return _is_file(path) and now - datetime.fromtimestamp(path.lstat().st_mtime, UTC) > age


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _day_of(key: str) -> date:
    """The day a file was put in quarantine, from its key; one that is not dated stays."""
    try:
        return date.fromisoformat(key.split("/")[1])
    except ValueError:
        return date.max
