"""A bucket of an S3 server as a store.

What changes on the way is found by Content-MD5, the one checksum that every serious server looks at; the library has no
argument for it, so each put has a client of its own that sends this header (some 5 ms). Files above MULTIPART_BYTES go
in parts, for which that is no way: what arrived is then compared by the server's own sum of the parts, or read back.

A server that is dead is given up in a second, one that is silent after SILENCE_SECONDS, a put a second later for each
MB of the file.
"""

import base64
import contextlib
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    InvalidPathError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import S3Store as Client

from clinic.object_store.stores import (
    PART_BYTES,
    AlreadyThere,
    AwayCode,
    NotThere,
    StoreAway,
    StoredObject,
    checked,
    is_key,
)

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import RetryConfig

SILENCE_SECONDS: Final = 8
MULTIPART_BYTES: Final = 64 * 1024 * 1024
_CONNECT_SECONDS: Final = 3
_BYTES_A_SECOND: Final = 1024 * 1024
"""The slowest line over which a put is waited for."""
_CHUNK_BYTES: Final = 8 * 1024 * 1024
_HOURS: Final = timedelta(hours=6)
_REFUSED_CLOCK: Final = {"RequestTimeTooSkewed", "RequestExpired"}
_FULL: Final = {"QuotaExceeded", "EntityTooLarge", "InsufficientStorage", "XMinioStorageFull", "ServiceQuotaExceeded"}
_ALTERED: Final = {"BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where and as whom: `endpoint` is https://host, `prefix` without slashes at its ends."""

    name: str
    prefix: str
    endpoint: str
    region: str
    key_id: str
    secret: str
    is_signed: bool = True

    def client(self, *, put_bytes: int | None = None, md5: str = "") -> Client:
        """For one put of so many bytes, or for every other call, which may take long as long as bytes come."""
        waits: dict[str, Any] = {"timeout": _HOURS, "read_timeout": timedelta(seconds=SILENCE_SECONDS)}
        if put_bytes is not None:
            waits = {"timeout": timedelta(seconds=SILENCE_SECONDS + put_bytes / _BYTES_A_SECOND)}
        headers = {"Content-MD5": base64.b64encode(bytes.fromhex(md5)).decode()} if md5 else {}
        options: Any = {
            "allow_http": self.endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=_CONNECT_SECONDS),
            "default_headers": headers,
            **waits,
        }
        return Client(
            self.name,
            prefix=self.prefix or None,
            endpoint=self.endpoint,
            region=self.region,
            access_key_id=self.key_id,
            secret_access_key=self.secret,
            skip_signature=not self.is_signed,
            client_options=options,
            retry_config=_retry(),
        )

    def unsigned(self) -> "Bucket":
        return replace(self, is_signed=False)

    def with_secret(self, secret: str) -> "Bucket":
        return replace(self, secret=secret)


def _retry() -> "RetryConfig":
    """A server that is starting again is asked twice more within a second; one that was silent is not."""
    return {
        "max_retries": 2,
        "retry_timeout": timedelta(seconds=SILENCE_SECONDS / 2),
        "backoff": {"init_backoff": timedelta(milliseconds=200), "max_backoff": timedelta(seconds=1), "base": 2},
    }


class S3Store:
    """See the module. Not every server honours a put that must not overwrite (`probe` finds it out), so a put looks
    first; two who put one key at the same moment are told apart by a server that honours it alone."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket

    @cached_property
    def _client(self) -> Client:
        """Made by the process that first needs it, not by one that forks it."""
        return self.bucket.client()

    def put(self, key: str, path: Path, *, md5: str) -> None:
        size = path.stat().st_size
        with contextlib.suppress(NotThere), _told(checked(key)):
            obstore.head(self._client, key)
            raise AlreadyThere(key)
        if size > MULTIPART_BYTES:
            self._put_in_parts(key, path, md5)
        else:
            self.put_if_absent(key, path.read_bytes(), md5=md5)

    def put_if_absent(self, key: str, content: bytes, *, md5: str) -> None:
        """One request that leaves it to the server whether the key is free. Raises AlreadyThere."""
        client = self.bucket.client(put_bytes=len(content), md5=md5)
        with _told(key):
            obstore.put(client, key, content, mode="create", use_multipart=False)

    def _put_in_parts(self, key: str, path: Path, md5: str) -> None:
        client = self.bucket.client(put_bytes=_CHUNK_BYTES)
        with _told(key):
            stored = obstore.put(client, key, path, use_multipart=True, chunk_size=_CHUNK_BYTES, max_concurrency=2)
        if (stored["e_tag"] or "").strip('"') != _etag_of_parts(path) and self._md5_of(key) != md5:
            self.delete(key)
            raise StoreAway("altered", key)

    def _md5_of(self, key: str) -> str:
        digest = hashlib.md5(usedforsecurity=False)
        for piece in self.get(key):
            digest.update(piece)
        return digest.hexdigest()

    def get(self, key: str) -> Iterator[bytes]:
        with _told(checked(key)):
            answer = obstore.get(self._client, key)

        def pieces() -> Iterator[bytes]:
            with _told(key):
                for piece in answer.stream(min_chunk_size=PART_BYTES):
                    yield bytes(piece)

        return pieces()

    def head(self, key: str) -> StoredObject:
        with _told(checked(key)):
            try:
                return _stored(obstore.head(self._client, key))
            except FileNotFoundError:  # without a body: the object, or the whole bucket
                return _stored(obstore.get(self._client, key).meta)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        with _told(prefix):
            for chunk in obstore.list(self._client, checked(prefix.rstrip("/")) if prefix else None, chunk_size=1000):
                yield from (each for each in map(_stored, chunk) if is_key(each.key))

    def delete(self, key: str) -> None:
        with contextlib.suppress(NotThere), _told(checked(key)):
            obstore.delete(self._client, key)

    def quarantine(self, key: str, to: str) -> None:
        size = self.head(key).size
        with contextlib.suppress(NotThere):
            self.head(to)
            raise AlreadyThere(to)
        with _told(key):
            obstore.copy(self._client, key, checked(to))
        if self.head(to).size != size:
            raise StoreAway("altered", to)
        self.delete(key)


def _etag_of_parts(path: Path) -> str:
    """What most servers answer to an upload in parts: the MD5 of the parts' MD5s, and how many they are."""
    parts = []
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            parts.append(hashlib.md5(chunk, usedforsecurity=False).digest())
    return f"{hashlib.md5(b''.join(parts), usedforsecurity=False).hexdigest()}-{len(parts)}"


def _stored(meta: "ObjectMeta") -> StoredObject:
    return StoredObject(meta["path"], meta["size"], meta["last_modified"])


@contextlib.contextmanager
def _told(key: str) -> Iterator[None]:
    """Turns what the library raises into our own errors. It tells status and reason in its text alone."""
    try:
        yield
    except AlreadyExistsError:
        raise AlreadyThere(key) from None
    except FileNotFoundError as fault:
        if isinstance(fault, NotThere):
            raise
        if "<Code>NoSuchBucket</Code>" in str(fault):
            raise StoreAway("no_bucket") from None
        raise NotThere(key) from None
    except StoreAway:
        raise
    except (BaseError, OSError, ValueError) as fault:
        if isinstance(fault, AlreadyThere):
            raise
        raise StoreAway(*_reason(fault)) from None


def _reason(fault: Exception) -> tuple[AwayCode, str]:
    text = str(fault)
    if isinstance(fault, InvalidPathError):
        return "odd_key", text.partition("\n")[0]
    status = re.search(r"status code: (\d+)", text)
    found = re.search(r"<Code>(\w+)</Code>", text)
    code, answer = found[1] if found else "", f"{status[1]} {found[1] if found else ''}".strip() if status else ""
    if code in _REFUSED_CLOCK:
        return "clock", answer
    if code == "NoSuchBucket":
        return "no_bucket", ""
    if code in _ALTERED:
        return "altered", answer
    if code in _FULL or answer.startswith(("507", "413")):
        return "full", answer
    if isinstance(fault, PermissionDeniedError | UnauthenticatedError) or answer[:3] in {"400", "401", "403"}:
        return "refused", answer
    if answer:
        return "failing", answer
    return ("silent" if "kind: Timeout" in text or "TimedOut" in text else "unreachable"), ""
