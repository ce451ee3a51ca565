"""A store that does not answer is not asked by everybody: each question to a silent one holds a thread for seconds,
until none is left for those who need no store."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from clinic.object_store.stores import AwayCode, ObjectStore, StoreAway, StoredObject

PAUSE_SECONDS: Final = 5
_DOES_NOT_ANSWER: Final[set[AwayCode]] = {"unreachable", "silent", "failing"}
T = TypeVar("T")


class CircuitBreaker:
    """A store; for PAUSE_SECONDS after it did not answer every call raises the same StoreAway at once, and then one
    call at a time tries, until one succeeds. Of this process alone."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._away: AwayCode | None = None
        self._until = 0.0

    def put(self, key: str, path: Path, *, md5: str) -> None:
        self._asked(lambda: self._store.put(key, path, md5=md5))

    def get(self, key: str) -> Iterator[bytes]:
        return self._watched(self._asked(lambda: self._store.get(key)))

    def head(self, key: str) -> StoredObject:
        return self._asked(lambda: self._store.head(key))

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        yield from self._store.list(prefix)  # of commands alone, which may wait

    def delete(self, key: str) -> None:
        self._asked(lambda: self._store.delete(key))

    def quarantine(self, key: str, to: str) -> None:
        self._asked(lambda: self._store.quarantine(key, to))

    def _asked(self, call: Callable[[], T]) -> T:
        self._refuse_while_open()
        try:
            answer = call()
        except StoreAway as fault:
            self._note(fault)
            raise
        except OSError:  # about one object: the store answers
            self._away = None
            raise
        self._away = None
        return answer

    def _refuse_while_open(self) -> None:
        with self._lock:
            if self._away is None:
                return
            if time.monotonic() < self._until:
                raise StoreAway(self._away)
            self._until = time.monotonic() + PAUSE_SECONDS  # this one tries, the others are still told

    def _note(self, fault: StoreAway) -> None:
        with self._lock:
            self._away = fault.code if fault.code in _DOES_NOT_ANSWER else None
            self._until = time.monotonic() + PAUSE_SECONDS

    def _watched(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from pieces
        except StoreAway as fault:
            self._note(fault)
            raise
