"""Whether the folder of the photographs is the one that was set up, and can be written.

A disk or a share that is not mounted leaves an empty folder, or none: photos would go to the system's disk, where no
backup looks, and be hidden when the right one comes back. So no request makes this folder, nor the sub-folder by which
it is known, `originals`: only `manage.py migrate` and `manage.py photos folder` do.
"""

import errno
import os
import shutil
import uuid
from pathlib import Path
from typing import Final, NamedTuple

from django.conf import settings

from clinic.object_store.stores import AwayCode, StoreAway
from clinic.operations.photo_faults import Fault

MARKER = "originals"
# So much of the disk is left to text when photos fill it, where both lie on one: a twentieth, at most 1 GB.
_RESERVED_SHARE, _RESERVED_BYTES = 0.05, 1024**3
FEW_BYTES: Final = 8 * 1024**2
"""Free space with which a busy hour of writing may find no room: with less, nothing is promised to text."""
_OF_THE_STORE: Final[dict[AwayCode, Fault]] = {
    "refused": "photos_refused",
    "clock": "photos_refused",
    "no_bucket": "photos_refused",
    "no_folder": "photos_missing",
    "full": "photos_full",
}
_FULL = {errno.ENOSPC, errno.EDQUOT}
_PROBE_BYTES = 4096


class Room(NamedTuple):
    """Bytes of a file system that are free, and all of them."""

    free: int
    total: int

    @property
    def reserved(self) -> int:
        return int(min(self.total * _RESERVED_SHARE, _RESERVED_BYTES))

    def fault_for(self, size: int = 0) -> Fault | None:
        """Why a photo of so many bytes finds no room."""
        if self.free - size >= max(self.reserved, FEW_BYTES):
            return None
        return "photos_full" if self.free < FEW_BYTES else "photos_no_room"


def root() -> Path:
    return Path(settings.MEDIA_ROOT)


def is_set_up() -> bool:
    """Where a bucket keeps the originals, there is no mark: without the bucket's address nothing is put here."""
    return root().is_dir() if settings.PHOTO_STORE else (root() / MARKER).is_dir()


def require() -> None:
    """Raises FileNotFoundError for the folder itself, so that one that is not mounted is told apart from one photo that
    is missing in it."""
    if not is_set_up():
        raise FileNotFoundError(errno.ENOENT, "The folder of the photos is not there", str(root()))


def set_up() -> None:
    """Make the folder, for nobody else to read. Raises OSError."""
    root().mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.PHOTO_STORE:
        (root() / MARKER).mkdir(mode=0o700, exist_ok=True)


def _is_ready() -> bool:
    """Where a bucket keeps the originals, this folder has nothing that cannot be made again, and so it is made."""
    if settings.PHOTO_STORE and not is_set_up():
        set_up()
    return is_set_up()


def room(folder: Path) -> Room:
    usage = shutil.disk_usage(folder)
    return Room(usage.free, usage.total)


def fault_for(size: int = 0) -> Fault | None:
    """Why a file of so many bytes cannot be written to the folder now; None when nothing speaks against it."""
    try:
        if not _is_ready():
            return "photos_missing"
        left = room(root())
    except OSError as fault:
        return fault_of(fault)
    return left.fault_for(size)


def probe() -> Fault | None:
    """Write a small file to the folder and take it away again; None when that works."""
    try:
        if not _is_ready():
            return "photos_missing"
    except OSError as fault:
        return fault_of(fault)
    path = root() / f".probe-{uuid.uuid4().hex}"
    try:
        path.write_bytes(bytes(_PROBE_BYTES))
    except OSError as fault:
        return fault_of(fault)
    finally:
        try:
            path.unlink(missing_ok=True)
        except OSError:  # what cannot be written cannot be taken away either
            pass
    return None


def fault_of(fault: OSError) -> Fault:
    """What an error of the file system says about the folder, or one of the store about the store."""
    if isinstance(fault, StoreAway):
        return _OF_THE_STORE.get(fault.code, "photos_away")
    if fault.errno in _FULL:
        return "photos_full"
    if fault.errno == errno.EROFS or (fault.errno in {errno.EACCES, errno.EPERM} and os.access(root(), os.R_OK)):
        return "photos_read_only"
    if fault.errno in {errno.ENOENT, errno.ENOTDIR}:
        return "photos_missing"
    return "photos_unreadable"
