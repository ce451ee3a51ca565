"""Reading settings from environment variables, with a sentence when one is wrong."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from clinic.object_store.addresses import WrongAddress, open_store
from clinic.object_store.folders import FolderStore

# WAL lets readers work beside a writer; IMMEDIATE takes the write lock at the start, so that two read-then-write
# transactions queue instead of failing; FULL keeps a confirmed save through a power cut. SQLite's queue is not fair:
# each waiter looks again every 100 ms, so that with many writers some wait far longer than the mean. The wait ends
# before 30 s are over, when the pages' script sends a form again.
SQLITE_SECONDS = 28
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        "PRAGMA recursive_triggers=ON; PRAGMA journal_size_limit=67108864"
    ),
}
# A stuck request must not hold a patient's row for ever: wait 3 s for a lock, 30 s for a statement.
# database_timeouts.py ends the wait for a server that stands still.
# No plan is compiled to machine code: of a query that counts a large clinic that takes longer than the counting.
POSTGRESQL_OPTIONS = (
    "-c lock_timeout=3000 -c statement_timeout=30000 -c idle_in_transaction_session_timeout=30000 -c jit=off"
)


# A server that was away is asked again every few seconds, not after ever longer pauses.
POOL = {"min_size": 1, "timeout": 8, "reconnect_timeout": 5}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def names(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def switch(name: str, default: bool) -> bool:
    """0 or 1; nothing else, because a "true" that is taken for "off" is noticed by nobody."""
    value = text(name) or ("1" if default else "0")
    if value not in {"0", "1"}:
        raise ImproperlyConfigured(f"{name} must be 0 or 1, not {value!r}.")
    return value == "1"


def whole_number(name: str, default: int) -> int:
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from error


def photo_store(url: str, folder: Path, *, key_id: str, secret: str) -> str:
    """The address of the bucket that keeps the originals; "" where they are kept in the folder of the photos.

    Raises ImproperlyConfigured with a sentence for an address that is no store's, and for another folder.
    """
    if not url:
        return ""
    try:
        store = open_store(url, key_id=key_id, secret=secret)
    except WrongAddress as fault:
        raise ImproperlyConfigured(f"PHOTO_STORE, PHOTO_STORE_KEY_ID, PHOTO_STORE_SECRET: {fault}") from None
    if not isinstance(store, FolderStore):
        return url
    if store.root != folder:
        raise ImproperlyConfigured(f"A folder for the photos is named by MEDIA_ROOT: MEDIA_ROOT={store.root}")
    return ""


def database(url: str, *, base: Path) -> dict[str, Any]:
    """Turn a DATABASE_URL into Django's settings.

    Accepts sqlite:///relative, sqlite:////absolute and postgres://user:password@host:port/name?sslmode=…; a socket
    folder goes in ?host=/run/postgresql, the seconds that a writer waits for SQLite in ?timeout=28. Raises
    ImproperlyConfigured for anything else.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = Path(parts.path.removeprefix("/"))
        timeout = float(dict(parse_qsl(parts.query)).get("timeout", SQLITE_SECONDS))
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(path if path.is_absolute() else base / path),
            "OPTIONS": {"timeout": timeout, **SQLITE_OPTIONS},
        }
    if parts.scheme in {"postgres", "postgresql"}:
        from clinic.database_timeouts import BoundedConnection  # loads the driver, which SQLite does without

        query = dict(parse_qsl(parts.query))
        pool_size = int(query.pop("pool_size", "8"))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.removeprefix("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": query.pop("host", parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {
                "pool": {**POOL, "max_size": pool_size, "connection_class": BoundedConnection},
                "options": POSTGRESQL_OPTIONS,
                "connect_timeout": 5,
                **query,
            },
        }
    raise ImproperlyConfigured(
        "DATABASE_URL must begin with sqlite:/// or postgres://, for example "
        "postgres://anagen:secret@db.example.org/anagen."
    )
