"""What a store can do, found by trying it, since brands and versions differ.

The probe writes a few small objects below `probe/` and removes them again. It takes three seconds or so.
"""

import http.client
import shutil
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import md5
from pathlib import Path
from typing import Final

from clinic.object_store.folders import FolderStore
from clinic.object_store.stores import AlreadyThere, NotThere, ObjectStore, StoreAway

_CONTENT: Final = b"A store keeps what it was given."
_OTHER: Final = b"Other bytes of the same number.."


@dataclass(frozen=True, slots=True)
class Capability:
    """`is_needed`: without it the store is not fit for patients' files. `lacking` is what its absence means."""

    name: str
    is_needed: bool
    lacking: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether the server has a capability. `detail` is what it answered instead."""

    capability: Capability
    has: bool
    detail: str = ""

    @property
    def sentence(self) -> str:
        return "" if self.has else f"{self.capability.lacking}{f' ({self.detail})' if self.detail else ''}."


CAPABILITIES: Final = {
    each.name: each
    for each in [
        Capability("put", True, "It does not keep a file that is sent to it"),
        Capability("get", True, "It does not give back what it was given"),
        Capability("head", True, "It does not tell size and time of an object"),
        Capability(
            "list", True, "It does not list what it has: what nobody refers to cannot be found and cleared away"
        ),
        Capability("delete", True, "It does not delete: what was removed stays there"),
        Capability("quarantine", True, "It does not copy inside itself: a file without a record cannot be put aside"),
        Capability("unsigned_refused", True, "Whoever reaches it reads everything without a key: do not use it"),
        Capability("wrong_key_refused", True, "It takes any key: whoever reaches it reads everything, do not use it"),
        Capability("expired_refused", True, "It takes a signed address after its time is over"),
        Capability(
            "put_if_absent",
            False,
            "It overwrites although told not to (If-None-Match: *). Anagen looks before it writes, so this matters "
            "only where two send the same id in the same moment",
        ),
        Capability(
            "md5_checked",
            False,
            "It keeps bytes whose Content-MD5 is another: what changed on the way there is found only by "
            "`photos verify`",
        ),
        Capability("range", False, "It does not give a part of an object: an interrupted download begins anew"),
    ]
}


def probe(store: ObjectStore) -> list[Finding]:
    """Each capability that this kind of store can lack, in the order of CAPABILITIES. Raises StoreAway where the store
    takes nothing at all, and for a folder the OSError of its disk."""
    at = f"probe/{uuid.uuid4().hex}"
    trials = _Trials(store, at)
    with tempfile.TemporaryDirectory(prefix="anagen-probe-") as folder:
        path = Path(folder, "sent")
        path.write_bytes(_CONTENT)
        store.put(f"{at}/a", path, md5=_md5(_CONTENT))
        try:
            return [_found(name, trial) for name, trial in trials.of(path)]
        finally:
            for each in list(store.list(at)):
                store.delete(each.key)
            if isinstance(store, FolderStore):
                shutil.rmtree(store.root / at, ignore_errors=True)


def _found(name: str, trial: Callable[[], str]) -> Finding:
    try:
        detail = trial()
    except (OSError, http.client.HTTPException) as fault:
        detail = str(fault)
    return Finding(CAPABILITIES[name], not detail, detail)


class _Trials:
    """Each answers "" where the store has the capability, else what it did."""

    def __init__(self, store: ObjectStore, at: str) -> None:
        self.store, self.at, self.key = store, at, f"{at}/a"

    def of(self, path: Path) -> Iterator[tuple[str, Callable[[], str]]]:
        yield "put", lambda: ""
        yield "get", self.get
        yield "head", self.head
        yield "list", self.list
        yield "delete", lambda: self.delete(path)
        yield "quarantine", lambda: self.quarantine(path)
        if isinstance(self.store, FolderStore):
            yield "put_if_absent", lambda: self.put_again(path)
        else:
            yield from _SignedTrials(self.store, self.at).of_server()

    def get(self) -> str:
        return "" if b"".join(self.store.get(self.key)) == _CONTENT else "other bytes"

    def head(self) -> str:
        return "" if self.store.head(self.key).size == len(_CONTENT) else "another size"

    def list(self) -> str:
        return "" if [each.key for each in self.store.list(self.at)] == [self.key] else "other keys"

    def delete(self, path: Path) -> str:
        self.store.put(key := f"{self.at}/b", path, md5=_md5(_CONTENT))
        self.store.delete(key)
        return "" if self._is_gone(key) else "the object is still there"

    def quarantine(self, path: Path) -> str:
        self.store.put(key := f"{self.at}/c", path, md5=_md5(_CONTENT))
        self.store.quarantine(key, f"{self.at}/d")
        is_whole = b"".join(self.store.get(f"{self.at}/d")) == _CONTENT
        return "" if is_whole and self._is_gone(key) else "the object was not moved"

    def put_again(self, path: Path) -> str:
        try:
            self.store.put(self.key, path, md5=_md5(_CONTENT))
        except AlreadyThere:
            return ""
        return "overwritten"

    def _is_gone(self, key: str) -> bool:
        try:
            self.store.head(key)
        except NotThere:
            return True
        return False


class _SignedTrials:
    """Those of a server that is reached over a network."""

    def __init__(self, store: ObjectStore, at: str) -> None:
        from clinic.object_store.s3 import S3Store

        assert isinstance(store, S3Store)  # noqa: S101 - there is no third kind
        self.store, self.at, self.key = store, at, f"{at}/a"

    def of_server(self) -> Iterator[tuple[str, Callable[[], str]]]:
        from clinic.object_store.s3 import S3Store

        bucket = self.store.bucket
        yield "unsigned_refused", lambda: self._refused(S3Store(bucket.unsigned()))
        yield "wrong_key_refused", lambda: self._refused(S3Store(bucket.with_secret(uuid.uuid4().hex)))
        yield "expired_refused", self.expired
        yield "put_if_absent", self.put_if_absent
        yield "md5_checked", self.md5_checked
        yield "range", self.range

    def _refused(self, other: ObjectStore) -> str:
        try:
            b"".join(other.get(self.key))
        except StoreAway as fault:
            return "" if fault.code == "refused" else str(fault)
        return "read without the right key"

    def expired(self) -> str:
        import obstore

        address = obstore.sign(self.store.bucket.client(), "GET", self.key, timedelta(seconds=1))
        if (status := _status_of(address)) != http.client.OK:
            return f"{status} while it was valid"
        time.sleep(2.1)
        status = _status_of(address)
        return "" if 400 <= status < 500 else f"{status} a second after its end"

    def put_if_absent(self) -> str:
        try:
            self.store.put_if_absent(self.key, _OTHER, md5=_md5(_OTHER))
        except AlreadyThere:
            return ""
        return "overwritten"

    def md5_checked(self) -> str:
        try:
            self.store.put_if_absent(f"{self.at}/e", _CONTENT, md5=_md5(_OTHER))
        except StoreAway as fault:
            return "" if fault.code == "altered" else str(fault)
        return "kept"

    def range(self) -> str:
        import obstore
        from obstore.exceptions import BaseError

        whole = b"".join(self.store.get(self.key))
        try:
            part = bytes(obstore.get_range(self.store.bucket.client(), self.key, start=3, end=9))
        except BaseError as fault:
            return str(fault).partition("\n")[0]
        return "" if part == whole[3:9] else "another part"


def _status_of(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=8) as answer:  # noqa: S310 - an http address that we signed
            return int(answer.status)
    except urllib.error.HTTPError as fault:
        fault.close()
        return fault.code


def _md5(content: bytes) -> str:
    return md5(content, usedforsecurity=False).hexdigest()
