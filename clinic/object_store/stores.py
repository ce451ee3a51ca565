"""The six calls by which files are kept, and how each of them fails.

Every failure is an OSError, so that whoever answers for a disk answers for a store too. A folder also raises the
OSError of its disk (no room, read-only) as it is.
"""

import errno
import hashlib
import re
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, Protocol

AwayCode = Literal[
    "unreachable", "silent", "failing", "refused", "clock", "no_bucket", "no_folder", "full", "altered", "odd_key"
]
SENTENCES: Final[dict[AwayCode, str]] = {
    "unreachable": "The store cannot be reached: nothing answers at its address. Look whether it runs",
    "silent": "The store does not answer in time. Look at its load, and at the network between",
    "failing": "The store answers that it has a fault of its own. Look at its log",
    "refused": "The store refuses the key: key ID or secret are wrong, or this key may not do that in this bucket",
    "clock": "The store refuses the time of this server. Set both clocks right (timedatectl)",
    "no_bucket": "The store has no such bucket. Make it, or correct its name in the address",
    "no_folder": "The folder is not there. Mount its disk, or correct the address",
    "full": "The store takes no more: its room or this key's share is used up",
    "odd_key": "The store has an object whose name is no path, and lists none for it. Move it away by its own tools",
    "altered": "The store refused or kept other bytes than were sent: they changed on the way. Send them again",
}
PART_BYTES: Final = 1024 * 1024
"""`get` gives pieces of about this size."""
_KEY = re.compile(r"(?!\.)[\w.=+@-]+(?:/(?!\.)[\w.=+@-]+)*", re.ASCII)


class StoreAway(OSError):
    """The store cannot do what it should; nothing is said about any object. `code` names why, `str()` says it."""

    def __init__(self, code: AwayCode, detail: str = "") -> None:
        super().__init__(errno.EREMOTEIO, f"{SENTENCES[code]}{f' ({detail})' if detail else ''}.")
        self.code: AwayCode = code

    def __str__(self) -> str:
        return str(self.strerror)


class NotThere(FileNotFoundError):
    """The store answers, and has no object of this key."""

    def __init__(self, key: str) -> None:
        super().__init__(errno.ENOENT, "The store has no such object", key)


class AlreadyThere(FileExistsError):
    """An object of this key is there, with the same bytes or others; it was left as it is."""

    def __init__(self, key: str) -> None:
        super().__init__(errno.EEXIST, "The store has an object of this key", key)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """`size` in bytes; `modified_at` is aware, by the clock of the store."""

    key: str
    size: int
    modified_at: datetime


class ObjectStore(Protocol):
    """Keys are parts of letters, digits and `. _ = + @ -` with slashes between, none beginning with a dot; another one
    raises ValueError. Every call may raise StoreAway, and of a folder the OSError of its disk."""

    def put(self, key: str, path: Path, *, md5: str) -> None:
        """Store a local file, whole or not at all, and on the disk itself when this returns.

        `md5` is the hex digest of the file, by which the store finds what changed on the way (StoreAway, "altered").
        Raises AlreadyThere; that may be this very file, of an earlier request whose answer was lost.
        """

    def get(self, key: str) -> Iterator[bytes]:
        """The bytes of an object, piece by piece. Raises NotThere before the first of them."""

    def head(self, key: str) -> StoredObject:
        """Raises NotThere."""

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Every object whose key begins with these whole parts ("originals" finds "originals/1f/…"), in any order. What
        is called otherwise than a key was put there by somebody else, and is left out."""

    def delete(self, key: str) -> None:
        """Remove an object; no error when there is none."""

    def quarantine(self, key: str, to: str) -> None:
        """Move an object to another key of this store: aside, or back. Raises NotThere, and AlreadyThere for `to`."""


def is_key(key: str) -> bool:
    return _KEY.fullmatch(key) is not None


def checked(key: str) -> str:
    """Raises ValueError for what no store of ours takes as a key."""
    if not is_key(key):
        raise ValueError(f"not a key: {key!r}")
    return key


def md5_of(path: Path) -> str:
    """The hex digest that `put` asks for."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def clock_of(store: ObjectStore) -> datetime:
    """What time it is in the store, told by a small object that is put and removed again."""
    key = f"clock/{uuid.uuid4().hex}"
    with tempfile.NamedTemporaryFile(prefix="anagen-clock-") as file:
        store.put(key, Path(file.name), md5=md5_of(Path(file.name)))
    try:
        return store.head(key).modified_at
    finally:
        store.delete(key)
