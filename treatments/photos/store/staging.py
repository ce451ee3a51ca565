"""A photo on this host's own disk while it arrives and is looked at; not one byte of it is kept yet."""

import contextlib
import errno
import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clinic.object_store.stores import StoreAway
from clinic.operations.photo_folder import fault_of
from treatments.photos.store.upload_errors import PhotoRefused, RefusalCode

MAX_BYTES: Final = 40 * 1024 * 1024

_OF_THE_DISK: Final[dict[int, RefusalCode]] = {
    errno.ENOSPC: "photos_full",
    errno.EDQUOT: "photos_full",
    errno.EROFS: "photos_read_only",
}


@dataclass(frozen=True, slots=True)
class Staged:
    """A file that has arrived whole, on disk, not yet published. `size` in bytes, `sha256` and `md5` in hex."""

    path: Path
    sha256: str
    md5: str
    size: int


def stage(chunks: Iterable[bytes], *, root: Path, sha256: str | None = None) -> Staged:
    """Write an upload to staging as it streams in, and to the disk itself before returning.

    `sha256` (hex) is what the sender says was sent. Raises PhotoRefused: "empty", "too_large"
    (above 40 MB, noticed while streaming), "altered_on_the_way", "storage"; nothing stays then,
    nor when `chunks` itself fails.
    """
    path = root / "staging" / uuid.uuid4().hex
    try:
        with storage_faults():
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
    digest, for_store, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    with storage_faults():
        file = open(path, "xb", buffering=0, opener=_private)
    with file:
        for chunk in chunks:
            size += len(chunk)
            if size > MAX_BYTES:
                raise PhotoRefused("too_large")
            digest.update(chunk)
            for_store.update(chunk)
            with storage_faults():
                _write_all(file.fileno(), chunk)
        with storage_faults():
            os.fsync(file.fileno())
    return Staged(path, digest.hexdigest(), for_store.hexdigest(), size)


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
def storage_faults() -> Iterator[None]:
    """Turns a fault of the disk into PhotoRefused: "photos_full", "photos_read_only", or "storage" for any other; one
    of the store into what it is called, "altered_on_the_way" among them."""
    try:
        yield
    except StoreAway as fault:
        raise PhotoRefused("altered_on_the_way" if fault.code == "altered" else fault_of(fault)) from fault
    except OSError as fault:
        raise PhotoRefused(_OF_THE_DISK.get(fault.errno or 0, "storage")) from fault


def discard(path: Path) -> None:
    """Remove a file that will not be stored; no error when it is gone already."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
