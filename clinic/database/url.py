"""DATABASE_URL: what may stand in it, and what Django and PostgreSQL's own programs are told of it.

    sqlite:///relative/file            sqlite:////srv/anagen/anagen.sqlite3?timeout=28
    postgres://user:password@host:port/name?sslmode=require
    postgres://user:password@/name?host=a,b,c&port=5432,5432,5432&target_session_attrs=read-write

A socket's folder goes in ?host=/run/postgresql. Anything else is refused with a sentence that shows how it is written.
No sentence repeats what was typed: a password may be in it.
"""

from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

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
# A server that was away is asked again every few seconds, not after ever longer pauses; a connection is renewed every
# ten minutes, so that none stays for ever with a server that is no longer the first. The server's threads are sixteen
# (`gunicorn --threads 16`), and the timer of the seals and a look at the health need a connection too.
POOL: Final = {"min_size": 1, "timeout": 5, "reconnect_timeout": 2, "max_lifetime": 600}
POOL_SIZE: Final = 18
# Seconds for a connection to be made; milliseconds for bytes to be taken, and a knock every two seconds on a line that
# is silent for five: for a host that vanished. One that stands still goes on to answer knocks; that wait is ended by
# timeouts.py.
LINE: Final = {
    "connect_timeout": "3",
    "tcp_user_timeout": "8000",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
}
NUMBERS: Final = {*LINE, "keepalives"}
# Django and Anagen set these themselves.
NOT_OURS_TO_TAKE: Final = {"user", "password", "dbname", "client_encoding", "service", "passfile", "replication"}

SQLITE: Final = "sqlite:////srv/anagen/anagen.sqlite3"
ONE_HOST: Final = "postgres://anagen:secret@db.example.org:5432/anagen?sslmode=require"
SEVERAL_HOSTS: Final = (
    "postgres://anagen:secret@/anagen?host=db1,db2,db3&port=5432,5432,5432&target_session_attrs=read-write"
)


def django_settings(url: str, *, base: Path) -> dict[str, Any]:
    """An entry of Django's DATABASES; a relative file of SQLite lies in `base`. Raises ImproperlyConfigured."""
    try:
        parts = urlsplit(url)
    except ValueError:  # half of an address of IPv6
        raise _refusal("cannot be read", ONE_HOST) from None
    if parts.scheme == "sqlite":
        return _sqlite(parts, base)
    if parts.scheme in {"postgres", "postgresql"}:
        return _postgresql(parts)
    raise _refusal("must begin with sqlite:/// or postgres://", ONE_HOST)


def libpq_environment(database: dict[str, Any]) -> dict[str, str]:
    """The connection of a DATABASES entry of PostgreSQL in the variables that pg_dump, pg_restore and psql read.

    Without the limits on statements, which are for requests.
    """
    from psycopg import pq

    told = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    values = {name: database.get(key) for name, key in told.items()} | database["OPTIONS"]
    return {
        each.envvar.decode(): str(value)
        for each in pq.Conninfo.get_defaults()
        if each.envvar and each.keyword != b"options" and (value := values.get(each.keyword.decode()))
    }


def _refusal(fault: str, example: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"DATABASE_URL {fault}; it is written like {example}")


def _query(parts: SplitResult, example: str) -> dict[str, str]:
    if parts.fragment:
        raise _refusal("has a # in it: in a password # is written %23, / is %2F, ? is %3F and @ is %40", example)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if len({name for name, _ in pairs}) < len(pairs):
        raise _refusal("names an option twice", example)
    return dict(pairs)


def _number(query: dict[str, str], name: str, default: str, example: str) -> float:
    try:
        return float(query.pop(name, default))
    except ValueError:
        raise _refusal(f"needs a number for {name}", f"{example}?{name}={default}") from None


def _sqlite(parts: SplitResult, base: Path) -> dict[str, Any]:
    path = Path(parts.path.removeprefix("/"))
    if parts.netloc or path == Path():
        raise _refusal("needs three slashes before a file of this folder, and four before one from the root", SQLITE)
    query = _query(parts, SQLITE)
    timeout = _number(query, "timeout", str(SQLITE_SECONDS), SQLITE)
    if query:
        raise _refusal("has an option that SQLite does not have; the only one is timeout", f"{SQLITE}?timeout=28")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path if path.is_absolute() else base / path),
        "OPTIONS": {"timeout": timeout, **SQLITE_OPTIONS},
    }


def _postgresql(parts: SplitResult) -> dict[str, Any]:
    from clinic.database.timeouts import BoundedConnection, startup_options  # the driver, which SQLite does without

    query = _query(parts, ONE_HOST)
    name = unquote(parts.path.removeprefix("/"))
    if "," in parts.netloc.rpartition("@")[2]:
        raise _refusal("names several hosts in the place of one", SEVERAL_HOSTS)
    hosts, ports = _hosts_and_ports(parts, query)
    if not name or "/" in name:
        raise _refusal("must name one database behind the host", ONE_HOST)
    pool_size = _number(query, "pool_size", str(POOL_SIZE), ONE_HOST.partition("?")[0])
    if pool_size < 2 or pool_size % 1:
        raise _refusal("needs a whole number from 2 for pool_size", f"{ONE_HOST}&pool_size={POOL_SIZE}")
    is_pooled = query.pop("pgbouncer", "0")
    if is_pooled not in {"0", "1"}:
        raise _refusal("takes 0 or 1 for pgbouncer", f"{ONE_HOST}&pgbouncer=1")
    startup = " ".join(filter(None, [startup_options() if is_pooled == "0" else "", query.pop("options", "")]))
    _check_options(query)
    if "," in hosts:  # of which all but one can only be read
        query.setdefault("target_session_attrs", "read-write")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": hosts,
        "PORT": ports,
        "CONN_HEALTH_CHECKS": True,
        # A pooler gives each transaction another connection, where a cursor of the one before is not.
        "DISABLE_SERVER_SIDE_CURSORS": is_pooled == "1",
        "OPTIONS": {
            "pool": {**POOL, "max_size": int(pool_size), "connection_class": BoundedConnection},
            **({"options": startup} if startup else {}),
            **LINE,
            **query,
        },
    }


def _hosts_and_ports(parts: SplitResult, query: dict[str, str]) -> tuple[str, str]:
    """As libpq takes them: names with commas between, and as many ports, or one for all; "" for its own defaults."""
    try:
        port = str(parts.port or "")
    except ValueError:
        fault = "needs a number as port; in a password / is written %2F, ? is %3F, # is %23 and @ is %40"
        raise _refusal(fault, ONE_HOST) from None
    if (parts.hostname and "host" in query) or (port and "port" in query):
        raise _refusal("names its host twice, before the name of the database and behind it", SEVERAL_HOSTS)
    hosts, ports = query.pop("host", parts.hostname or ""), query.pop("port", port)
    each_host, each_port = hosts.split(","), ports.split(",") if ports else []
    if not all(each_host) and len(each_host) > 1:
        raise _refusal("has an empty host between its commas", SEVERAL_HOSTS)
    if not all(each.isascii() and each.isdigit() and 0 < int(each) < 65536 for each in each_port):
        raise _refusal("needs a number from 1 to 65535 for each port", SEVERAL_HOSTS)
    if len(each_port) not in {0, 1, len(each_host)}:
        raise _refusal("needs as many ports as hosts, or one port for all", SEVERAL_HOSTS)
    return hosts, ports


def _check_options(query: dict[str, str]) -> None:
    from psycopg import pq

    known = {each.keyword.decode() for each in pq.Conninfo.get_defaults()} - NOT_OURS_TO_TAKE
    if any(name not in known for name in query):
        fault = "has an option that PostgreSQL does not know (upper and lower case count)"
        raise _refusal(fault, f"{ONE_HOST}&connect_timeout=3")
    for name in NUMBERS & set(query):
        if not query[name].isdecimal():
            raise _refusal(f"needs a whole number for {name}", f"{ONE_HOST}&{name}={LINE.get(name, '1')}")
    if query.get("target_session_attrs", "any") not in {"any", "read-write", "primary"}:
        raise _refusal("must lead to a server that takes what is saved", SEVERAL_HOSTS)
