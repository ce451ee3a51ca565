"""Reading a copy, to the last byte, and clearing away old ones."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction

from clinic.object_store.stores import ObjectStore
from clinic.operations.database_copy import SUFFIX, CopyFailed, read_copy, read_database
from treatments.copies import contents as told
from treatments.copies.contents import WANTED
from treatments.copies.destination import Destination, Listing, download, manifest_name, stamp_of, time_of
from treatments.copies.manifest import KeptFile, Manifest, ManifestDamaged
from treatments.copies.verification import is_whole_original

KEEP_ALL: Final = timedelta(days=35)
KEEP_MONTHLY: Final = timedelta(days=366)


@dataclass
class Reading:
    """What was read of a copy, and what is wrong with it, a line each."""

    manifest: Manifest
    bytes: int = 0
    wrong: list[str] = field(default_factory=list)


def newest(place: Destination, stamp: str = "") -> Manifest:
    """The manifest of the newest copy, or of the one with this time in its name; of a copy of the earlier format one
    that is made of its database. Raises CopyFailed, and ManifestDamaged for one that is not as it was written: then an
    older copy has to be named."""
    listing = place.listing()
    if listing.stamps and not stamp or stamp in listing.stamps:
        return place.manifest(stamp or listing.stamps[-1])
    earlier = [name for name in listing.of_earlier_format() if stamp in name]
    if not earlier:
        raise CopyFailed(f"There is no copy of {stamp} there." if stamp else "There is no copy there.")
    return _of_earlier_format(place, earlier[-1])


def read(place: Destination, manifest: Manifest) -> Reading:
    """Read the whole copy, and every other manifest; name what is missing or altered, and photos that no copy names."""
    reading, listing = Reading(manifest), place.listing()
    for kept in [*([manifest.database] if manifest.database else []), *manifest.photos.values()]:
        reading.bytes += kept.stored_bytes
        if not place.is_whole(kept):
            reading.wrong.append(f"missing or altered: {kept.name}")
    reading.wrong += [f"the original was missing when the copy was made: {key}" for key in manifest.missing]
    named, damaged = _named(place, listing)
    reading.wrong += damaged
    if not listing.of_earlier_format():
        reading.wrong += [f"no copy names it: {name}" for name in sorted(listing.photos.keys() - named)]
    return reading


def compare_installation(manifest: Manifest, originals: ObjectStore) -> Reading:
    """Compare the database and the originals of this installation with a manifest, row by row and byte by byte: after
    another program has restored both, and before anybody works."""
    reading = Reading(manifest)
    with transaction.atomic():
        contents = read_database()
    for table, count in manifest.rows.items():
        if contents.rows.get(table) != count:
            reading.wrong.append(f"{table}: {contents.rows.get(table, 0)} rows, and the manifest has {count}")
        elif manifest.digests and contents.digests.get(table) != manifest.digests[table]:
            reading.wrong.append(f"{table}: a row is not what it was")
    reading.wrong += [f"no table of the manifest: {table}" for table in contents.rows.keys() - manifest.rows.keys()]
    for key, kept in manifest.photos.items():
        reading.bytes += kept.bytes
        if not is_whole_original(originals, key, kept.sha256, kept.bytes):
            reading.wrong.append(f"missing or altered: {key}")
    return reading


def _named(place: Destination, listing: Listing) -> tuple[set[str], list[str]]:
    """The names of all photos that any manifest has, and which manifests are damaged."""
    named: set[str] = set()
    damaged = []
    for stamp in listing.stamps:
        try:
            named.update(kept.name for kept in place.manifest(stamp).photos.values())
        except ManifestDamaged as fault:
            damaged.append(str(fault))
    return named, damaged


def _of_earlier_format(place: Destination, name: str) -> Manifest:
    """Of a database beside photos, as releases before 0.3.0 copied it."""
    engine = next((vendor for vendor, suffix in SUFFIX.items() if name.endswith(suffix)), "")
    if not engine:
        raise CopyFailed(f"The copy {name} has no manifest: it was never finished.")
    path = place.new_file().with_suffix(SUFFIX[engine])
    sha256 = download(place.store, name, path)
    contents, size = read_copy(path, WANTED), path.stat().st_size
    path.unlink()
    made_at = datetime.strptime(name.removesuffix(SUFFIX[engine]), "database-%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return Manifest(
        made_at=made_at.isoformat(),
        release="",
        engine=engine,
        migrations=told.migrations(contents),
        clinics=told.clinics(contents),
        rows=contents.rows,
        audit_heads=told.audit_heads(contents),
        database=KeptFile(name, sha256, size, sha256, size),
        photos={key: KeptFile(f"photos/{key}", sha, size, sha, size) for key, sha, size in told.originals(contents)},
        format=1,
    )


def thin_out(place: Destination, now: datetime) -> list[str]:
    """Remove old copies: all of the last 35 days stay, then the last of each month for a year. A photo goes when no
    copy names it any more and it is 35 days old. The names of what was removed. Raises OSError where the place lets
    nothing be removed."""
    listing = place.listing()
    times = {stamp: time_of(stamp) for stamp in [*listing.stamps, *map(stamp_of, listing.databases)]}
    known = {stamp: at for stamp, at in times.items() if at}
    over = known.keys() - kept_stamps(known, now)
    removed = [manifest_name(stamp) for stamp in listing.stamps if stamp in over]  # first: without it there is no copy
    removed += [name for name in listing.databases if stamp_of(name) in over]
    for name in removed:
        place.store.delete(name)
    return removed + _remove_unnamed(place, now)


def kept_stamps(stamps: dict[str, datetime], now: datetime) -> set[str]:
    """Those that stay."""
    recent = {stamp for stamp, at in stamps.items() if now - at <= KEEP_ALL}
    months: dict[tuple[int, int], str] = {}
    for stamp, at in sorted(stamps.items(), key=lambda each: each[1]):
        if now - at <= KEEP_MONTHLY:
            months[at.year, at.month] = stamp
    last = {max(stamps, key=lambda stamp: stamps[stamp])} if stamps else set()
    return recent | set(months.values()) | last


def _remove_unnamed(place: Destination, now: datetime) -> list[str]:
    listing = place.listing()
    named, damaged = _named(place, listing)
    if damaged or listing.of_earlier_format():  # which may name any of them
        return []
    old = (name for name, each in listing.photos.items() if now - each.modified_at > KEEP_ALL)
    over = [name for name in old if name not in named]
    for name in over:
        place.store.delete(name)
    return over
