"""The place where copies lie: a folder, a disk, or an S3 store.

    manifests/<time>.json                            written last: what has none is no copy
    database-<time>.sqlite3, .dump                   and .age where it is encrypted
    photos/originals/<2 hex>/<uuid>                  as in the store of the originals
    photos-<8 hex>/originals/<2 hex>/<uuid>.<sha256>.age

A photo is kept once for all copies. An encrypted one carries the SHA-256 of its stored bytes in its name, so that it
can be checked without the key; the eight digits are of the recipient, for whom all are kept anew when it changes.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from clinic.object_store.addresses import open_store
from clinic.object_store.folders import FolderStore
from clinic.object_store.stores import AlreadyThere, NotThere, ObjectStore, StoreAway, StoredObject, md5_of
from clinic.operations.database_copy import CopyFailed
from treatments.copies import age_files
from treatments.copies.manifest import KeptFile, Manifest, ManifestDamaged

MANIFESTS: Final = "manifests"
_SUFFIX: Final = ".json"


class Destination:
    """`recipient` is the public key for which new files are encrypted; "" for none. `identity` opens what is encrypted,
    where it is known."""

    def __init__(self, store: ObjectStore, *, scratch: Path, recipient: str = "", identity: str = "") -> None:
        self.store, self.scratch, self.recipient, self._identity = store, scratch, recipient, identity
        if recipient:
            age_files.parse_recipient(recipient)
        if identity:
            age_files.parse_identity(identity)

    @property
    def photo_folder(self) -> str:
        if not self.recipient:
            return "photos"
        return f"photos-{hashlib.sha256(self.recipient.encode()).hexdigest()[:8]}"

    def stamps(self) -> list[str]:
        """Those of the manifests that are there, the oldest first."""
        names = (each.key.removeprefix(f"{MANIFESTS}/") for each in self.store.list(MANIFESTS))
        return sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))

    def manifest(self, stamp: str) -> Manifest:
        """Raises ManifestDamaged, and NotThere."""
        name = manifest_name(stamp)
        found = Manifest.parse(name, b"".join(self.store.get(name)))
        if found.stamp != stamp:  # an old copy is not a new one for having its name
            raise ManifestDamaged(f"{name} is the manifest of {found.stamp}, under another name")
        return found

    def keep_manifest(self, manifest: Manifest) -> None:
        """Write it and read it back. Raises ManifestDamaged."""
        path = self.new_file()
        path.write_bytes(manifest.as_bytes())
        name = manifest_name(manifest.stamp)
        self.store.put(name, path, md5=md5_of(path))
        path.unlink()
        if self.manifest(manifest.stamp) != manifest:
            raise ManifestDamaged(f"{name} is not what was written")

    def keep(self, path: Path, name: str, sha256: str, *, with_sum: bool = False) -> KeptFile:
        """Store a whole local file, encrypted where there is a recipient, and read back every byte of it. `with_sum`
        puts the sum of what is stored into the name of an encrypted one. Raises StoreAway "altered" when it comes back
        otherwise."""
        size = path.stat().st_size
        if not self.recipient:
            return self._put(KeptFile(name, sha256, size, sha256, size), path)
        encrypted = self.new_file()
        try:
            age_files.encrypt(path, encrypted, self.recipient)
            stored = sha256_of(encrypted)
            name = f"{name}.{stored}{age_files.SUFFIX}" if with_sum else f"{name}{age_files.SUFFIX}"
            return self._put(KeptFile(name, sha256, size, stored, encrypted.stat().st_size), encrypted)
        finally:
            encrypted.unlink(missing_ok=True)

    def keep_photo(self, path: Path, key: str, sha256: str) -> KeptFile:
        return self.keep(path, f"{self.photo_folder}/{key}", sha256, with_sum=True)

    def _put(self, kept: KeptFile, source: Path) -> KeptFile:
        try:
            self.store.put(kept.name, source, md5=md5_of(source))
        except AlreadyThere:
            # What is there is this very file, or a damaged one, which gives way to the whole one.
            if self.is_whole(kept):
                return kept
            self.store.delete(kept.name)
            self.store.put(kept.name, source, md5=md5_of(source))
        if not self.is_whole(kept):
            raise StoreAway("altered", kept.name)
        return kept

    def is_whole(self, kept: KeptFile) -> bool:
        """Read every stored byte. Raises StoreAway where the store itself fails, and not one file of it."""
        digest = hashlib.sha256()
        try:
            for piece in self.store.get(kept.name):
                digest.update(piece)
        except NotThere:
            return False
        except OSError as fault:
            if isinstance(fault, StoreAway):
                raise
            return False  # one file that its disk does not give back
        return digest.hexdigest() == kept.stored_sha256

    def fetch(self, kept: KeptFile) -> Path:
        """The file itself, decrypted, in the scratch folder. Raises FileDamaged, NotThere, and KeyRefused."""
        path = self.new_file()
        if download(self.store, kept.name, path, at_most=kept.stored_bytes) != kept.stored_sha256:
            path.unlink()
            raise FileDamaged(kept.name)
        if kept.name.endswith(age_files.SUFFIX):
            if not self._identity:
                raise age_files.KeyRefused(
                    "This copy is encrypted. Give the private key, which begins AGE-SECRET-KEY-1: in the field of the "
                    "first page, or in the command by --identity and the name of its file."
                )
            encrypted, path = path, self.new_file()
            age_files.decrypt(encrypted, path, self._identity)
            encrypted.unlink()
            if sha256_of(path) != kept.sha256:
                path.unlink()
                raise FileDamaged(kept.name)
        return path

    def listing(self) -> "Listing":
        """All that is there, asked once."""
        found = Listing()
        for each in self.store.list():
            if each.key.startswith(f"{MANIFESTS}/") and each.key.endswith(_SUFFIX):
                found.stamps.append(each.key.removeprefix(f"{MANIFESTS}/").removesuffix(_SUFFIX))
            elif each.key.startswith("database-"):
                found.databases.append(each.key)
            elif each.key.startswith(("photos/originals/", "photos-")):
                found.photos[each.key] = each
        found.stamps.sort()
        found.databases.sort()
        return found

    def new_file(self) -> Path:
        return self.scratch / uuid.uuid4().hex


@dataclass
class Listing:
    """What lies in a place: the times of the manifests, the names of the copies of the database, the oldest first, and
    every photo, of this recipient or another, by its name."""

    stamps: list[str] = field(default_factory=list)
    databases: list[str] = field(default_factory=list)
    photos: dict[str, StoredObject] = field(default_factory=dict)

    def of_earlier_format(self) -> list[str]:
        """Copies of the database that no manifest names by its time."""
        return [name for name in self.databases if stamp_of(name) not in self.stamps]


class FileDamaged(Exception):
    """A file of a copy is not what its manifest says; the text is its name."""


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """For files on their way, on the disk of VAR_DIR; what a run that was killed left there is cleared away. Raises
    CopyFailed while another copy is made or restored."""
    folder = settings.VAR_DIR / "copying"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CopyFailed("Another copy is being made or restored just now. Try again when it has ended.") from None
        _empty(folder)
        try:
            yield folder
        finally:
            _empty(folder)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name != "lock":
            path.unlink()


def open_place(place: str, *, make: bool = False, key: tuple[str, str] = ("", "")) -> ObjectStore:
    """The store of a folder's path, or of an address. With `make` a folder is made where it is not; `key` goes before
    the settings. Raises WrongAddress, CopyFailed where no folder is, and OSError."""
    address = place if "://" in place else f"file://{Path(place).resolve()}"
    key_id, secret = key[0] or settings.BACKUP_KEY_ID, key[1] or settings.BACKUP_SECRET
    store = open_store(address, key_id=key_id, secret=secret)
    if isinstance(store, FolderStore):
        if store.root.exists() and not store.root.is_dir():
            raise CopyFailed(f"{store.root} is a file. Name the folder in which the copies lie.")
        if make:
            store.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_what_cannot_be_read(store.root)
    return store


def _refuse_what_cannot_be_read(folder: Path) -> None:
    """Raises CopyFailed with what to do, and OSError."""
    try:
        os.scandir(folder).close()
        with contextlib.suppress(FileNotFoundError):
            os.scandir(folder / MANIFESTS).close()
    except (FileNotFoundError, NotADirectoryError):
        raise CopyFailed(f"There is no folder {folder}. Connect its disk, or correct its name.") from None
    except PermissionError as fault:
        raise CopyFailed(
            f"{fault.filename} cannot be read by the user of the service. Copies of another machine belong to the user "
            f"of that one: chown -R anagen: {folder}. A disk with FAT or NTFS is mounted with the option uid=anagen."
        ) from None


def open_originals(*, takes_files: bool = False) -> ObjectStore:
    """The store in which the originals of this installation are; `takes_files` as of FolderStore."""
    address = settings.PHOTO_STORE or f"file://{settings.MEDIA_ROOT}"
    key_id, secret = settings.PHOTO_STORE_KEY_ID, settings.PHOTO_STORE_SECRET
    return open_store(address, key_id=key_id, secret=secret, takes_files=takes_files)


def known_places() -> dict[str, str]:
    """The time of the last copy that this installation made in each place, by its address; {} where none is known."""
    try:
        return dict(json.loads(_known_places().read_text()))
    except (OSError, ValueError):
        return {}


def remember_place(place: str, stamp: str) -> None:
    """Raises OSError."""
    _known_places().write_text(json.dumps(known_places() | {place: stamp}, indent=1))


def _known_places() -> Path:
    return Path(settings.VAR_DIR) / "copies.json"


def stamp_of(name: str) -> str:
    """Of "database-20261130T031000Z.sqlite3"."""
    return name.removeprefix("database-").split(".")[0]


def time_of(stamp: str) -> datetime | None:
    """When a copy was made, by the names of its files; None for what is no time."""
    with contextlib.suppress(ValueError):
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return None


def manifest_name(stamp: str) -> str:
    return f"{MANIFESTS}/{stamp}{_SUFFIX}"


def download(store: ObjectStore, name: str, path: Path, *, at_most: int | None = None) -> str:
    """Write an object to a new file; the SHA-256 of what came, which ends behind the piece with the byte `at_most`, so
    that what is longer than it should be fills no disk. Raises NotThere."""
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        for piece in store.get(name):
            digest.update(piece)
            file.write(piece)
            size += len(piece)
            if at_most is not None and size > at_most:
                break
    return digest.hexdigest()


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
