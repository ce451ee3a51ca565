"""The store of original files: staging, then a final place where bytes never change.

    staging/<random>                      while a photo arrives and is checked
    originals/<2 hex>/<uuid>              kept; the database row names it by this key
    derivatives/<px>/<2 hex>/<uuid>.jpg   can be made again from the original at any time
    quarantine/<date>/<uuid>              found without a row, removed 30 days later

A photo is staged, checked, published, and only then gets its row, so that a crash at any moment
leaves at most a file without a row, which `sweep` clears away, never a row without its file.
Names are made from ids alone; what an upload called itself is not asked.
"""

import contextlib
import errno
import hashlib
import os
import re
import stat
import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final, Literal, NamedTuple

from treatments.photos.store.upload_errors import PhotoRefused, RefusalCode

MAX_BYTES: Final = 40 * 1024 * 1024
STAGING_LIFETIME: Final = timedelta(hours=24)
ROWLESS_LIFETIME: Final = timedelta(hours=48)
QUARANTINE_LIFETIME: Final = timedelta(days=30)

_KEY = re.compile(r"originals/([0-9a-f]{2})/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_READ_AT_ONCE = 1024 * 1024
_OF_THE_DISK: Final[dict[int, RefusalCode]] = {
    errno.ENOSPC: "photos_full",
    errno.EDQUOT: "photos_full",
    errno.EROFS: "photos_read_only",
}


@dataclass(frozen=True, slots=True)
class Staged:
    """A file that has arrived whole, on disk, not yet published. `size` in bytes, `sha256` in hex."""

    path: Path
    sha256: str
    size: int


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


OriginalState = Literal["whole", "missing", "altered", "unreadable"]


class AlteredOnTheWay(Exception):
    """An original was not, while it was handed out, what its row says."""


class Fault(NamedTuple):
    """An original whose bytes are not what its row says."""

    key: str
    kind: OriginalState


def stage(chunks: Iterable[bytes], *, root: Path, sha256: str | None = None) -> Staged:
    """Write an upload to staging as it streams in, and to the disk itself before returning.

    `sha256` (hex) is what the sender says was sent. Raises PhotoRefused: "empty", "too_large"
    (above 40 MB, noticed while streaming), "altered_on_the_way", "storage"; nothing stays then,
    nor when `chunks` itself fails.
    """
    path = root / "staging" / uuid.uuid4().hex
    try:
        with _storage_faults():
            path.parent.mkdir(mode=0o700, exist_ok=True)  # never the root itself: see clinic/operations/photo_folder.py
        staged = _write_staged(chunks, path)
        if staged.size == 0:
            raise PhotoRefused("empty")
        if sha256 is not None and staged.sha256 != sha256.lower():
            raise PhotoRefused("altered_on_the_way")
    except BaseException:
        discard(path)
        raise
    return staged


def _write_staged(chunks: Iterable[bytes], path: Path) -> Staged:
    digest, size = hashlib.sha256(), 0
    with _storage_faults():
        file = open(path, "xb", buffering=0, opener=_private)
    with file:
        for chunk in chunks:
            size += len(chunk)
            if size > MAX_BYTES:
                raise PhotoRefused("too_large")
            digest.update(chunk)
            with _storage_faults():
                _write_all(file.fileno(), chunk)
        with _storage_faults():
            os.fsync(file.fileno())
    return Staged(path, digest.hexdigest(), size)


def private_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing, for nobody else on the server to read."""
    if not path.parent.exists():
        private_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _write_all(descriptor: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


@contextlib.contextmanager
def _storage_faults() -> Iterator[None]:
    """Turns a fault of the disk into PhotoRefused: "photos_full", "photos_read_only", or "storage" for any other."""
    try:
        yield
    except OSError as fault:
        raise PhotoRefused(_OF_THE_DISK.get(fault.errno or 0, "storage")) from fault


def discard(path: Path) -> None:
    """Remove a file that will not be stored; no error when it is gone already."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def publish(staged: Staged, *, key: uuid.UUID | str) -> str:
    """Move a staged file to its final place and return its storage key, "originals/xx/<uuid>".

    File and folder are on the disk itself when this returns. Publishing the same bytes under the
    same id again is the retry of a request whose answer was lost, and succeeds; other bytes under
    it raise PhotoRefused("already_stored"), because an original is never overwritten. Raises
    PhotoRefused("storage") when the disk refuses.
    """
    root = staged.path.parents[1]
    name = storage_key(uuid.UUID(str(key)))
    final = root / name
    with _storage_faults():
        is_new_folder = not final.parent.exists()
        private_folder(final.parent)
        os.chmod(staged.path, 0o400)
        _sync(staged.path)
        try:
            _place(staged.path, final)
        except FileExistsError:
            if _sha256_of(final) != staged.sha256:
                discard(staged.path)
                raise PhotoRefused("already_stored") from None
        _sync(final.parent)
        if is_new_folder:
            _sync(final.parent.parent)
            _sync(root)
    discard(staged.path)
    return name


def _place(staged: Path, final: Path) -> None:
    """Give the file its final name; unlike a rename, never over another. The old name may stay."""
    try:
        os.link(staged, final)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: ids are not shared, so this race is not run
        if final.exists():
            raise FileExistsError(final) from None
        staged.rename(final)


def storage_key(photo_id: uuid.UUID) -> str:
    """Where the original of the photo with this id is, or will be, stored."""
    # The last two digits: ids are ordered by time, so their first ones are the same for years.
    return f"originals/{photo_id.hex[-2:]}/{photo_id}"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def original_path(root: Path, key: str) -> Path:
    """Path of a stored original; raises ValueError for anything but a key that `publish` returned."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not the key of an original: {key!r}")
    return root / key


def derivative_path(root: Path, key: str, size: int) -> Path:
    """Where the JPEG of `size` px (longest side) made from an original belongs."""
    match = _KEY.fullmatch(key)
    if not match:
        raise ValueError(f"not the key of an original: {key!r}")
    return root / "derivatives" / str(int(size)) / match[1] / f"{match[2]}.jpg"


def sweep(root: Path, known_keys: Collection[str], now: datetime) -> SweepReport:
    """Clear away what crashes left: see the limits at the top of this module. What every user of the server may read
    is closed to them; earlier versions left folders and derivatives so.

    `known_keys` are those of all rows, of photos entered in error too, read from the database
    just before. `now` is aware. An original whose row turns up again while it is in quarantine is
    put back, so a wrong list of keys does no lasting harm for 30 days.
    """
    known, report = frozenset(known_keys), SweepReport()
    _remove_staged(root, report, now)
    _return_from_quarantine(root, known, report)
    _put_in_quarantine(root, known, report, now)
    _empty_quarantine(root, report, now)
    _remove_derivatives(root, known, report, now)
    _close(root, report)
    return report


@contextlib.contextmanager
def _one_file(path: Path, root: Path, report: SweepReport) -> Iterator[None]:
    """A file may go away while people work; one that the disk or its rights keep from us is told, and the others are
    still looked at."""
    try:
        yield
    except FileNotFoundError:
        pass
    except OSError as fault:
        line = f"{_name(path, root)}: {fault.strerror}"
        if line not in report.failed:
            report.failed.append(line)


def _close(root: Path, report: SweepReport) -> None:
    for path in [root, *_below(root, root, report)] if root.is_dir() else []:
        with _one_file(path, root, report):
            mode = path.lstat().st_mode
            if mode & 0o007 and not path.is_symlink():
                path.chmod(mode & 0o770)
                report.closed.append(_name(path, root))


def _remove_staged(root: Path, report: SweepReport, now: datetime) -> None:
    for path in _below(root / "staging", root, report):
        with _one_file(path, root, report):
            if _is_older(path, STAGING_LIFETIME, now):
                path.unlink()
                report.staging_removed.append(_name(path, root))


def _put_in_quarantine(root: Path, known: frozenset[str], report: SweepReport, now: datetime) -> None:
    folder = root / "quarantine" / now.astimezone(UTC).date().isoformat()
    for path in _below(root / "originals", root, report):
        with _one_file(path, root, report):
            if _name(path, root) not in known and _is_older(path, ROWLESS_LIFETIME, now):
                _move(path, folder / path.name)
                report.quarantined.append(_name(path, root))


def _empty_quarantine(root: Path, report: SweepReport, now: datetime) -> None:
    for path in _below(root / "quarantine", root, report):
        with _one_file(path, root, report):
            if _is_file(path) and now.astimezone(UTC).date() - _day_of(path) > QUARANTINE_LIFETIME:
                path.unlink()
                report.quarantine_removed.append(_name(path, root))


def _remove_derivatives(root: Path, known: frozenset[str], report: SweepReport, now: datetime) -> None:
    for path in _below(root / "derivatives", root, report):
        with _one_file(path, root, report):
            is_known = f"originals/{path.parent.name}/{path.stem}" in known
            if not is_known and _is_older(path, ROWLESS_LIFETIME, now):
                path.unlink()
                report.derivatives_removed.append(_name(path, root))


def _return_from_quarantine(root: Path, known: frozenset[str], report: SweepReport) -> None:
    places = {key.rpartition("/")[2]: key for key in known}
    for path in _below(root / "quarantine", root, report):
        with _one_file(path, root, report):
            key = places.get(path.name)
            if key and _is_file(path) and not (root / key).exists():
                _move(path, root / key)
                report.returned.append(key)


def _below(folder: Path, root: Path, report: SweepReport) -> list[Path]:
    """Files and folders at every depth. A folder that cannot be read is told."""

    def tell(fault: OSError) -> None:
        with _one_file(Path(fault.filename), root, report):
            raise fault

    return sorted(Path(at, name) for at, folders, files in os.walk(folder, onerror=tell) for name in folders + files)


def _is_file(path: Path) -> bool:
    """Raises OSError: FileNotFoundError too, unlike Path.is_file."""
    return stat.S_ISREG(path.lstat().st_mode)


def _is_older(path: Path, age: timedelta, now: datetime) -> bool:
    return _is_file(path) and now - datetime.fromtimestamp(path.lstat().st_mtime, UTC) > age


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _day_of(path: Path) -> date:
    """The day a file was put in quarantine, from its folder; one that is not dated stays."""
    try:
        return date.fromisoformat(path.parent.name)
    except ValueError:
        return date.max


def _move(path: Path, to: Path) -> None:
    private_folder(to.parent)
    path.rename(to)
    _sync(to.parent)
    _sync(path.parent)


def verify(root: Path, rows: Iterable[tuple[str, str]]) -> Iterator[Fault]:
    """Read every original and yield those that are missing, altered or unreadable.

    `rows` are (key, SHA-256 in hex) from the database.
    """
    for key, sha256 in rows:
        state = state_of(root, key, sha256)
        if state != "whole":
            yield Fault(key, state)


def state_of(root: Path, key: str, sha256: str) -> OriginalState:
    """Read an original and compare it with what its row says."""
    try:
        return "whole" if _sha256_of(original_path(root, key)) == sha256 else "altered"
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return "missing"
    except OSError:
        return "unreadable"


def _sha256_of(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def whole_or_cut_short(file: BinaryIO, sha256: str) -> Iterator[bytes]:
    """The bytes of an open original, which is closed then. The last of them come only when all together have the sum
    that is expected: what was altered, even while it is read, ends early and cannot be taken for the whole.

    Raises AlteredOnTheWay in their place.
    """
    digest = hashlib.sha256()
    with file:
        held = b""
        while chunk := file.read(_READ_AT_ONCE):
            if held:
                yield held
            digest.update(chunk)
            held = chunk
    if digest.hexdigest() != sha256:
        raise AlteredOnTheWay
    yield held
