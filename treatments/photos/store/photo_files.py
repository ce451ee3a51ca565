"""The files of one photo, read only after they were found to be what its row says."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from clinic.operations import photo_folder
from treatments.photos.models import Photo
from treatments.photos.store import originals
from treatments.photos.store.decoding import decode
from treatments.photos.store.media import media_root
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
_log = logging.getLogger(__name__)


class OriginalFault(Exception):
    """The original is not what the row says, and is not handed out. The text is for the person who asked for it."""

    def __init__(self, state: OriginalState) -> None:
        super().__init__(f"{FAULTS[state]} {ADVICE}")
        self.state = state


def original_fault(photo: Photo) -> str:
    """What is wrong with the original and what to do, for the photo's page; "" where every byte is as it came. Reads
    all of it."""
    state = originals.state_of(media_root(), photo.key, photo.sha256)
    if state == "missing" and not photo_folder.is_set_up():
        return FOLDER_GONE
    return f"{FAULTS[state]} {ADVICE}" if state in FAULTS else ""


def whole_original(photo: Photo) -> Path:
    """The path of an original whose every byte is as it came.

    Raises OriginalFault, and FileNotFoundError where the whole folder is not there.
    """
    state = originals.state_of(media_root(), photo.key, photo.sha256)
    if state != "whole":
        photo_folder.require()
        _log.error("the original of photo %s is %s; run ./anagen photos verify", photo.pk, state)
        raise OriginalFault(state)
    return originals.original_path(media_root(), photo.key)


def handed_out(photo: Photo) -> Iterator[bytes]:
    """The original, for whoever may have it, checked once more while it is read: it never arrives whole where it is not
    what its row says, although it was when it was released.

    Raises OSError at once where it cannot be opened, and AlteredOnTheWay in place of its last bytes.
    """
    return _told_when_altered(photo, originals.original_path(media_root(), photo.key).open("rb"))


def _told_when_altered(photo: Photo, file: BinaryIO) -> Iterator[bytes]:
    try:
        yield from originals.whole_or_cut_short(file, photo.sha256)
    except originals.AlteredOnTheWay:
        _log.error("the original of photo %s was altered while it was handed out, and cut short", photo.pk)
        raise


def derivative(photo: Photo, size: int) -> Path:
    """The path of the JPEG of `size` px, made again from the original where it is missing.

    Raises OriginalFault, and PhotoRefused where the original cannot be decoded or the JPEG cannot be written.
    """
    try:
        path = originals.derivative_path(media_root(), photo.key, size)
    except ValueError:
        raise OriginalFault("missing") from None
    if not path.is_file():
        decode(whole_original(photo), derive={size: path})
    return path
