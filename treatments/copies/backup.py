"""A copy of the whole record while people work: the database at one moment, then the photos, then the manifest.

Photos are only ever added: every one that a row of the copy names is there when the photos are copied after the
database. The copy of the database is brought to its place behind the photos, and the manifest behind both.
"""

import errno
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import DatabaseError, connection

from clinic.audit import sealing
from clinic.object_store.stores import NotThere, ObjectStore, StoredObject
from clinic.operations.database_copy import SUFFIX, Contents, CopyFailed, copy_database, read_database, snapshot_at_wal
from clinic.operations.health import version
from treatments.copies import contents as told
from treatments.copies.age_files import SUFFIX as SUFFIX_OF_AGE
from treatments.copies.contents import WANTED, Original
from treatments.copies.destination import Destination, download, manifest_name, sha256_of, time_of
from treatments.copies.manifest import KeptFile, Manifest, ManifestDamaged

READ_ALL_BYTES: Final = 10 * 1024**3
"""While all photos together have no more, every copy reads all of them back; else a seventh of the older ones."""
_PARTS: Final = 7
_CLOCKS_DIFFER: Final = timedelta(minutes=10)
"""At most, between two hosts that copy to one place."""


@dataclass
class Report:
    """What a copy did: how many photos were written, read back, and replaced because their copy was damaged."""

    manifest: Manifest
    written: int = 0
    read: int = 0
    replaced: list[str] = field(default_factory=list)


def make_copy(
    place: Destination, originals: ObjectStore, *, now: datetime, read_all: bool = False, say: Callable[[str], None]
) -> Report:
    """Raises CopyFailed, ManifestDamaged and OSError; then there is no new copy."""
    with suppress(DatabaseError, OSError, ValueError):
        sealing.seal()  # so that all seals are in the copy; which is made where nothing can be sealed, too
    path = place.scratch / f"database{SUFFIX[connection.vendor]}"
    contents = copy_database(path, WANTED)
    report = Report(describe(contents, now=_free_second(place, now), recipient=place.recipient))
    say(f"{sum(contents.rows.values())} rows copied.")
    _Photos(place, originals, report, now=now, read_all=read_all, say=say).keep(told.originals(contents))
    name = f"database-{report.manifest.stamp}{SUFFIX[connection.vendor]}"
    database = place.keep(path, name, sha256_of(path))
    path.unlink()
    report.manifest = replace(report.manifest, database=database)
    place.keep_manifest(report.manifest)
    return report


def describe_copy_of_another(place: Destination, copied_by: str, *, now: datetime) -> Manifest:
    """Write the manifest for a database that another program has copied and whose log it keeps, and photos that a third
    has copied to `photos/` of this place: rows and digests of one moment, and which photos are there in full length.
    Raises CopyFailed, ManifestDamaged, DatabaseError and OSError."""
    with snapshot_at_wal() as wal:
        contents = read_database(WANTED)
    at = _free_second(place, now)
    manifest = describe(contents, now=at, copied_by=f"{copied_by}, and its log up to {wal}")
    there = {name: each.size for name, each in place.listing().photos.items()}
    for key, sha256, size in told.originals(contents):
        name = f"photos/{key}"
        if there.get(name) == size:
            manifest.photos[key] = KeptFile(name, sha256, size, sha256, size)
        else:
            manifest.missing.append(key)
    place.keep_manifest(manifest)
    return manifest


def _free_second(place: Destination, now: datetime) -> datetime:
    """The names of a copy's files tell it by its second, and the newest copy by the latest. Raises CopyFailed where the
    clock has gone back behind it: a restore would take the older one for the newer."""
    last = max(filter(None, map(time_of, place.stamps())), default=None)
    if last is None or last < now.replace(microsecond=0):
        return now
    if last - now > _CLOCKS_DIFFER:
        raise CopyFailed(
            f"The newest copy there is of {last:%Y-%m-%d %H:%M} UTC, and this server says that it is "
            f"{now.astimezone(UTC):%Y-%m-%d %H:%M}. Set its clock right (timedatectl). If that copy was made while the "
            f"clock was ahead, delete its manifest, {manifest_name(f'{last:%Y%m%dT%H%M%SZ}')}, and copy again."
        )
    return last + timedelta(seconds=1)


def describe(contents: Contents, *, now: datetime, recipient: str = "", copied_by: str = "") -> Manifest:
    """The manifest of what a database has, without any file."""
    return Manifest(
        made_at=now.astimezone(UTC).replace(microsecond=0).isoformat(),
        release=version(),
        engine=connection.vendor,
        migrations=told.migrations(contents),
        clinics=told.clinics(contents),
        rows=dict(sorted(contents.rows.items())),
        digests=contents.digests,
        audit_heads=told.audit_heads(contents),
        recipient=recipient,
        copied_by=copied_by,
    )


class _Photos:
    """Brings each original to its place, where it is not there whole."""

    def __init__(
        self,
        place: Destination,
        originals: ObjectStore,
        report: Report,
        *,
        now: datetime,
        read_all: bool,
        say: Callable[[str], None],
    ) -> None:
        self.place, self.originals, self.report, self.say = place, originals, report, say
        self.turn = None if read_all else now.date().toordinal() % _PARTS
        self.known = _named_before(place)

    def keep(self, wanted: list[Original]) -> None:
        there = self._there()
        if sum(size for _, _, size in wanted) <= READ_ALL_BYTES:
            self.turn = None
        for number, (key, sha256, size) in enumerate(wanted, 1):
            kept = self._kept(key, sha256, size, there.get(key, [])) or self._write(key, sha256)
            if kept:
                self.report.manifest.photos[key] = kept
            else:
                self.report.manifest.missing.append(key)
            if number % 500 == 0:
                self.say(f"{number} of {len(wanted)} photos.")

    def _there(self) -> dict[str, list[StoredObject]]:
        """What is there already of each key, in the folder of this recipient."""
        found: dict[str, list[StoredObject]] = {}
        for each in self.place.store.list(self.place.photo_folder):
            found.setdefault(key_of(each.key), []).append(each)
        return found

    def _kept(self, key: str, sha256: str, size: int, there: Iterable[StoredObject]) -> KeptFile | None:
        """Of what is there, what is whole: by its length, and read where it is its turn or no manifest names it yet."""
        for each in there:
            if self.place.recipient and not each.key.endswith(SUFFIX_OF_AGE):
                continue  # somebody opened a copy of it there, by hand
            stored = each.key.split(".")[1] if self.place.recipient else sha256
            kept = KeptFile(each.key, sha256, size, stored, each.size)
            is_known = self.known.get(each.key) == kept
            if is_known and self.turn is not None and int(key[-2:], 16) % _PARTS != self.turn:
                return kept
            self.report.read += 1
            if (self.place.recipient or each.size == size) and self.place.is_whole(kept):
                return kept
            self.report.replaced.append(each.key)
            self.place.store.delete(each.key)
        return None

    def _write(self, key: str, sha256: str) -> KeptFile | None:
        """None where the original itself is not whole."""
        path = self.place.new_file()
        try:
            if download(self.originals, key, path) != sha256:
                return None
            kept = self.place.keep_photo(path, key, sha256)
        except (NotThere, PermissionError, ValueError):
            return None
        except OSError as fault:
            if fault.errno != errno.EIO:
                raise
            return None  # of the disk of the originals, which does not give this one back
        finally:
            path.unlink(missing_ok=True)
        self.report.written += 1
        self.report.read += 1
        return kept


def key_of(name: str) -> str:
    """The key of an original, from the name of its copy."""
    return name.partition("/")[2].split(".")[0]


def _named_before(place: Destination) -> dict[str, KeptFile]:
    """Each photo that the last whole manifest names, by its name."""
    for stamp in reversed(place.stamps()):
        with suppress(ManifestDamaged):
            return {kept.name: kept for kept in place.manifest(stamp).photos.values()}
    return {}
