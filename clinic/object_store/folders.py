"""A folder as a store: each object is a file that nobody overwrites."""

import contextlib
import errno
import hashlib
import os
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG
from typing import Final

from clinic.object_store.stores import PART_BYTES, AlreadyThere, NotThere, StoreAway, StoredObject, checked, is_key

_ARRIVING: Final = ".arriving"
_LEFT_BEHIND_SECONDS: Final = 24 * 3600


class FolderStore:
    """`root` is there already and is never made here: a disk that is not mounted must not be taken for an empty store.

    With `takes_files` the file that is put becomes the object itself where both lie on one disk; who puts it deletes
    its own name afterwards. Files are for their own user alone to read, and read-only. What is no file, such as a link,
    is no object.
    """

    def __init__(self, root: Path, *, takes_files: bool = False) -> None:
        self.root = root
        self._takes_files = takes_files

    def put(self, key: str, path: Path, *, md5: str) -> None:
        final = self.root / checked(key)
        self._require()
        private_folder(final.parent, below=self.root)
        if final.exists():
            raise AlreadyThere(key)
        try:
            if not (self._takes_files and _linked(path, final)):
                self._copy(path, final, md5)
        except FileExistsError:
            raise AlreadyThere(key) from None
        _sync_folders(final.parent, self.root)

    def get(self, key: str) -> Iterator[bytes]:
        with self._told(key):
            file = open(self.root / checked(key), "rb", opener=_regular)

        def pieces() -> Iterator[bytes]:
            with file:
                while piece := file.read(PART_BYTES):
                    yield piece

        return pieces()

    def head(self, key: str) -> StoredObject:
        with self._told(key):
            stat = (self.root / checked(key)).lstat()
            if not S_ISREG(stat.st_mode):
                raise FileNotFoundError(key)
            return _stored(key, stat)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        self._require()
        start = self.root / checked(prefix.rstrip("/")) if prefix else self.root
        faults: list[OSError] = []
        for at, folders, names in os.walk(start, onerror=faults.append):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for path in (Path(at, name) for name in names if not name.startswith(".")):
                with contextlib.suppress(FileNotFoundError):  # it went while people work
                    key = path.relative_to(self.root).as_posix()
                    if S_ISREG((told := path.lstat()).st_mode) and is_key(key):
                        yield _stored(key, told)
        for fault in faults:  # one folder that cannot be read keeps nobody from what lies in the others
            if not isinstance(fault, FileNotFoundError):
                raise fault

    def delete(self, key: str) -> None:
        path = self.root / checked(key)
        self._require()
        path.unlink(missing_ok=True)

    def quarantine(self, key: str, to: str) -> None:
        source, target = self.root / checked(key), self.root / checked(to)
        self._require()
        private_folder(target.parent, below=self.root)
        if target.exists():
            raise AlreadyThere(to)
        with self._told(key):
            source.rename(target)
        _sync_folders(target.parent, self.root)
        _sync(source.parent)

    def _require(self) -> None:
        if not self.root.is_dir():
            raise StoreAway("no_folder", str(self.root))

    @contextlib.contextmanager
    def _told(self, key: str) -> Iterator[None]:
        try:
            yield
        except (FileNotFoundError, NotADirectoryError):
            self._require()
            raise NotThere(key) from None

    def _copy(self, path: Path, final: Path, md5: str) -> None:
        arriving = self.root / _ARRIVING
        private_folder(arriving, below=self.root)
        _clear(arriving)
        part = arriving / uuid.uuid4().hex
        try:
            digest = hashlib.md5(usedforsecurity=False)
            with path.open("rb") as source, open(part, "xb", opener=_private) as target:
                while piece := source.read(PART_BYTES):
                    digest.update(piece)
                    target.write(piece)
                target.flush()
                os.fsync(target.fileno())
            if digest.hexdigest() != md5:
                raise StoreAway("altered")
            part.chmod(0o400)
            if not _linked(part, final):
                part.rename(final)  # a file system without hard links: here two who put one key at once are not told
        finally:
            part.unlink(missing_ok=True)


def private_folder(path: Path, *, below: Path) -> None:
    """Make a folder and those above it, for nobody else on the server to read; never `below` itself."""
    if path == below:
        return
    private_folder(path.parent, below=below)
    path.mkdir(mode=0o700, exist_ok=True)


def _linked(path: Path, final: Path) -> bool:
    """Give a file its final name; unlike a rename, never over another. Raises FileExistsError."""
    try:
        os.link(path, final)
    except FileExistsError:
        raise
    except OSError:  # another file system, or one without hard links
        return False
    return True


def _clear(arriving: Path) -> None:
    """Remove what a put that was killed left behind."""
    for path in arriving.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _LEFT_BEHIND_SECONDS:
                path.unlink()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _regular(path: str, flags: int) -> int:
    """Of a file alone: a link leads to what is no object of this store, and a pipe never ends. Raises
    FileNotFoundError."""
    try:
        descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as fault:
        if fault.errno not in {errno.ELOOP, errno.ENXIO}:  # a link, and a socket
            raise
        raise FileNotFoundError(path) from None
    if not S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(path)
    return descriptor


def _stored(key: str, stat: os.stat_result) -> StoredObject:
    return StoredObject(key, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC))


def _sync_folders(folder: Path, root: Path) -> None:
    """So that the name of a file, and of the folders that were made for it, is on the disk itself."""
    _sync(folder)
    if folder != root:
        _sync_folders(folder.parent, root)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
