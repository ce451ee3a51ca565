"""The original files: the bytes as they came, under a key by which the row names them, in a folder or in a bucket.

    staging/<random>                      on this host, while a photo arrives and is checked
    originals/<2 hex>/<uuid>              kept, in the folder or in the bucket; the row names it by this key
    derivatives/<px>/<2 hex>/<uuid>.jpg   on this host; can be made again from the original at any time
    quarantine/<date>/<uuid>              beside the originals: found without a row, removed 30 days later

A photo is staged, checked, published, and only then gets its row, so that a crash at any moment
leaves at most a file without a row, which `sweep` clears away, never a row without its file.
Names are made from ids alone; what an upload called itself is not asked.
"""

import contextlib
import hashlib
import os
import re
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from clinic.object_store.folders import FolderStore
from clinic.object_store.stores import AlreadyThere, NotThere, ObjectStore, StoreAway, StoredObject
from treatments.photos.store.staging import Staged, discard, private_folder, storage_faults
from treatments.photos.store.upload_errors import PhotoRefused

_KEY = re.compile(r"originals/([0-9a-f]{2})/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")

OriginalState = Literal["whole", "missing", "altered", "unreadable"]


class AlteredOnTheWay(Exception):
    """An original was not, while it was handed out, what its row says."""


class Fault(NamedTuple):
    """An original whose bytes are not what its row says."""

    key: str
    kind: OriginalState


def publish(staged: Staged, *, key: uuid.UUID | str, store: ObjectStore) -> str:
    """Put a staged file into the store, and return its storage key, "originals/xx/<uuid>".

    It is on the store's disk itself when this returns. Publishing the same bytes under the same id again is the retry
    of a request whose answer was lost, and succeeds; other bytes under it raise PhotoRefused("already_stored"), because
    an original is never overwritten. Raises PhotoRefused as `storage_faults` does.
    """
    name = storage_key(uuid.UUID(str(key)))
    with storage_faults():
        os.chmod(staged.path, 0o400)
        try:
            store.put(name, staged.path, md5=staged.md5)
        except AlreadyThere:
            if sha256_of(store.get(name)) != staged.sha256:
                discard(staged.path)
                raise PhotoRefused("already_stored") from None
    discard(staged.path)
    return name


def storage_key(photo_id: uuid.UUID) -> str:
    """Where the original of the photo with this id is, or will be, stored."""
    # The last two digits: ids are ordered by time, so their first ones are the same for years.
    return f"originals/{photo_id.hex[-2:]}/{photo_id}"


def original_path(root: Path, key: str) -> Path:
    """Path of an original in a folder; raises ValueError for anything but a key that `publish` returned."""
    return root / checked(key)


def checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(f"not the key of an original: {key!r}")
    return key


def derivative_path(root: Path, key: str, size: int) -> Path:
    """Where the JPEG of `size` px (longest side) made from an original belongs."""
    match = _KEY.fullmatch(key)
    if not match:
        raise ValueError(f"not the key of an original: {key!r}")
    return root / "derivatives" / str(int(size)) / match[1] / f"{match[2]}.jpg"


def verify(store: ObjectStore, rows: Iterable[tuple[str, str]]) -> Iterator[Fault]:
    """Read every original and yield those that are missing, altered or unreadable.

    `rows` are (key, SHA-256 in hex) from the database. Raises StoreAway: then nothing is known of the rest.
    """
    for key, sha256 in rows:
        state = state_of(store, key, sha256)
        if state != "whole":
            yield Fault(key, state)


def state_of(store: ObjectStore, key: str, sha256: str) -> OriginalState:
    """Read an original and compare it with what its row says. Raises StoreAway."""
    try:
        return "whole" if sha256_of(store.get(checked(key))) == sha256 else "altered"
    except (NotThere, ValueError):
        return "missing"
    except StoreAway:
        raise
    except OSError:
        return "unreadable"


def remove_moved(root: Path, store: ObjectStore) -> Iterator[tuple[StoredObject, OriginalState]]:
    """Remove each original from a folder whose every byte the store has, which keeps them now; what the store has of
    it, one by one. Folders that are empty then go too. Raises StoreAway, and OSError."""
    folder = FolderStore(root)
    for each in list(folder.list("originals")) if (root / "originals").is_dir() else []:
        state = state_of(store, each.key, sha256_of(folder.get(each.key)))
        if state == "whole":
            folder.delete(each.key)
        yield each, state
    for path in [*(root / "originals").glob("*"), root / "originals"]:
        with contextlib.suppress(OSError):  # not empty, or not there
            path.rmdir()


@contextlib.contextmanager
def local_file(store: ObjectStore, key: str, sha256: str, *, root: Path) -> Iterator[Path]:
    """An original as a file of this host, whose every byte is as it came; of a bucket a copy in staging, which goes.

    Raises NotWhole, StoreAway, and the OSError of a disk that takes no copy.
    """
    if isinstance(store, FolderStore):
        if (state := state_of(store, key, sha256)) != "whole":
            raise NotWhole(state)
        yield store.root / key
        return
    private_folder((copy := root / "staging" / uuid.uuid4().hex).parent)
    try:
        digest = hashlib.sha256()
        with copy.open("xb") as file:
            for piece in _read(store, key):
                digest.update(piece)
                file.write(piece)
        if digest.hexdigest() != sha256:
            raise NotWhole("altered")
        yield copy
    finally:
        discard(copy)


class NotWhole(Exception):
    """An original is not what its row says."""

    def __init__(self, state: OriginalState) -> None:
        super().__init__(state)
        self.state = state


def _read(store: ObjectStore, key: str) -> Iterator[bytes]:
    try:
        return store.get(checked(key))
    except (NotThere, ValueError):
        raise NotWhole("missing") from None


def sha256_of(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def whole_or_cut_short(pieces: Iterable[bytes], sha256: str) -> Iterator[bytes]:
    """The bytes of an original. The last of them come only when all together have the sum that is expected: what was
    altered, even while it is read, ends early and cannot be taken for the whole.

    Raises AlteredOnTheWay in their place.
    """
    digest = hashlib.sha256()
    held = b""
    for piece in pieces:
        if held:
            yield held
        digest.update(piece)
        held = piece
    if digest.hexdigest() != sha256:
        raise AlteredOnTheWay
    yield held
