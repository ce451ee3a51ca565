"""The files of one photo, read only after they were found to be what its row says."""

import contextlib
import logging
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from clinic.object_store.stores import StoreAway
from clinic.operations import photo_store
from treatments.photos.models import Photo
from treatments.photos.store import originals
from treatments.photos.store.decoding import decode
from treatments.photos.store.media import DERIVED_SIZES, media_root
from treatments.photos.store.originals import OriginalState

FAULTS: Final[dict[OriginalState, str]] = {
    "missing": "The original file of this photo is not on the server any more.",
    "altered": "The original file of this photo was changed after it came: its bytes are not those that were sent.",
    "unreadable": "The original file of this photo cannot be read on the server.",
}
"""What is said of an original that is not whole."""
FOLDER_GONE: Final = (
    "The folder of the photos is not there at this moment, so the original could not be checked. Tell the person who "
    "looks after Anagen: its disk must be connected again. The record is unchanged."
)
ADVICE: Final = "Tell the person who looks after Anagen: it must be restored from a backup. The record is unchanged."
STORE_AWAY: Final = (
    "The store of the photos does not answer at this moment, so the original could not be checked. If it lasts two "
    "minutes, tell the person who looks after Anagen. The record is unchanged."
)
_DAY_SECONDS: Final = 24 * 3600
_log = logging.getLogger(__name__)


class OriginalFault(Exception):
    """The original is not what the row says, and is not handed out. The text is for the person who asked for it."""

    def __init__(self, state: OriginalState) -> None:
        super().__init__(f"{FAULTS[state]} {ADVICE}")
        self.state = state


def original_fault(photo: Photo) -> str:
    """What is wrong with the original and what to do, for the photo's page; "" where every byte is as it came. Reads
    all of it."""
    try:
        state = _state(photo)
    except StoreAway:
        return STORE_AWAY if photo_store.is_bucket() else FOLDER_GONE
    except FileNotFoundError:
        return FOLDER_GONE
    return f"{FAULTS[state]} {ADVICE}" if state in FAULTS else ""


def require_whole(photo: Photo) -> None:
    """Read all of an original. Raises OriginalFault unless every byte is as it came, StoreAway, and FileNotFoundError
    where the whole folder is not there."""
    state = _state(photo)
    if state != "whole":
        _not_whole(photo, state)


def _state(photo: Photo) -> OriginalState:
    state = originals.state_of(photo_store.originals(), photo.key, photo.sha256)
    if state != "whole":
        photo_store.require()
    return state


def _not_whole(photo: Photo, state: OriginalState) -> None:
    _log.error("the original of photo %s is %s; run ./anagen photos verify", photo.pk, state)
    raise OriginalFault(state)


@contextlib.contextmanager
def whole_original(photo: Photo) -> Iterator[Path]:
    """The path of an original whose every byte is as it came, for as long as it is used. Raises as `require_whole`."""
    with contextlib.ExitStack() as used:
        try:
            path = used.enter_context(_local_file(photo.key, photo.sha256))
        except originals.NotWhole as fault:
            photo_store.require()
            _not_whole(photo, fault.state)
        yield path


def _local_file(key: str, sha256: str) -> contextlib.AbstractContextManager[Path]:
    return originals.local_file(photo_store.originals(), key, sha256, root=media_root())


def handed_out(photo: Photo) -> Iterator[bytes]:
    """The original, for whoever may have it, checked once more while it is read: it never arrives whole where it is not
    what its row says, although it was when it was released.

    Raises OSError at once where it cannot be opened, and AlteredOnTheWay in place of its last bytes.
    """
    return _told_when_altered(photo, photo_store.originals().get(photo.key))


def _told_when_altered(photo: Photo, pieces: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from originals.whole_or_cut_short(pieces, photo.sha256)
    except originals.AlteredOnTheWay:
        _log.error("the original of photo %s was altered while it was handed out, and cut short", photo.pk)
        raise


def derivative(photo: Photo, size: int) -> Path:
    """The path of the JPEG of `size` px, made again from the original where it is missing on this host.

    Raises OriginalFault, StoreAway, and PhotoRefused where the original cannot be decoded or the JPEG cannot be
    written.
    """
    try:
        return derivative_of(photo.key, photo.sha256, size)
    except ValueError:
        raise OriginalFault("missing") from None
    except originals.NotWhole as fault:
        photo_store.require()
        _not_whole(photo, fault.state)
        raise


def derivative_of(key: str, sha256: str, size: int) -> Path:
    """As `derivative`, of an original that may be no photo's yet. Raises NotWhole and ValueError for such a key."""
    path = originals.derivative_path(media_root(), key, size)
    if not path.is_file():
        with _local_file(key, sha256) as original:
            decode(original, derive={size: path} if not photo_store.is_bucket() else _missing(key))
    elif photo_store.is_bucket():
        _note_use(path)
    return path


def _missing(key: str) -> dict[int, Path]:
    """All that is made of an original that was fetched over the network."""
    paths = {size: originals.derivative_path(media_root(), key, size) for size in DERIVED_SIZES}
    return {size: path for size, path in paths.items() if not path.is_file()}


def _note_use(path: Path) -> None:
    """Once a day, so that the sweep knows what nobody asks for."""
    with contextlib.suppress(OSError):
        if time.time() - path.stat().st_mtime > _DAY_SECONDS:
            os.utime(path)
