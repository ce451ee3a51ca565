"""A copy of the database for a backup, taken while people work, and what a copy has in it.

SQLite is copied by its own backup, PostgreSQL by pg_dump: both give the state of one moment. Of PostgreSQL the digest
of every table is taken at the same moment, so that a restored database can be compared row by row.
"""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction

from clinic.database.timeouts import answer_within
from clinic.database.url import libpq_environment

SUFFIX: Final = {"sqlite": ".sqlite3", "postgresql": ".dump"}
MIGRATIONS: Final = "django_migrations"
_HOURS: Final = 24 * 3600.0
"""For so long may reading a database take; seconds."""
_DIGEST: Final = (
    "coalesce(sum(('x' || left(encode(sha256(convert_to(t::text, 'UTF8')), 'hex'), 16))::bit(64)::bigint::numeric), 0)"
)
"""A sum over the rows of a table `t`, whatever their order; another with a chance of one in 2^64 where one differs."""
Columns = Mapping[str, Sequence[str]]
Values = tuple[str | None, ...]


class CopyFailed(Exception):
    """There is no copy, or it cannot be read; the text says why."""


@dataclass(frozen=True)
class Contents:
    """What a copy or a database has: rows of each table, the wanted columns of some as text, and on PostgreSQL a digest
    of each table, which is the same wherever its rows are the same, in any order."""

    rows: dict[str, int] = field(default_factory=dict)
    wanted: dict[str, list[Values]] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)


def require_database() -> None:
    """Raises CopyFailed where no file is: SQLite would make a new one."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite" and not Path(name).is_file():
        raise CopyFailed(f"There is no database at {name}.")


def copy_database(to: Path, wanted: Columns | None = None) -> Contents:
    """Write a copy to a new file, and read all of it, as `read_copy` does.

    Raises CopyFailed and OSError; a copy that was begun is removed then.
    """
    require_database()
    part, then = to.with_name(f".{to.name}.part"), Contents()
    try:
        if connection.vendor == "sqlite":
            copy_sqlite(Path(connection.settings_dict["NAME"]), part)
        else:
            with snapshot() as name:
                run("pg_dump", "--format=custom", f"--snapshot={name}", f"--file={part}")
                then = _postgresql_contents({})
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.rename(to)
    finally:
        part.unlink(missing_ok=True)
    contents = read_copy(to, wanted)
    if then.rows and then.rows != contents.rows:
        to.unlink()
        raise CopyFailed("The dump does not have every row of the database.")
    return replace(contents, digests=then.digests)


def read_copy(path: Path, wanted: Columns | None = None) -> Contents:
    """Read all of a copy. `wanted` names columns of tables; a table that the copy has not, or without one of them,
    gives no rows. Raises CopyFailed when it is damaged or has no tables."""
    read = _read_sqlite if path.suffix == SUFFIX["sqlite"] else _read_dump
    contents = read(path, wanted or {})
    if not contents.rows.get(MIGRATIONS):
        raise CopyFailed(f"{path} has none of Anagen's tables.")
    return contents


def read_database(wanted: Columns | None = None) -> Contents:
    """The same of the database itself, at one moment. On PostgreSQL inside `snapshot`, or in a transaction."""
    if connection.vendor == "sqlite":
        require_database()
        return _read_sqlite(Path(connection.settings_dict["NAME"]), wanted or {})
    with answer_within(_HOURS):
        return _postgresql_contents(wanted or {})


@contextmanager
def snapshot() -> Iterator[str]:
    """A moment of PostgreSQL that stands still for this connection and, by the name that is yielded, for others. Not
    inside a transaction."""
    with answer_within(_HOURS), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        yield str(cursor.fetchone()[0])


@contextmanager
def snapshot_at_wal() -> Iterator[str]:
    """As `snapshot`, and yields the place in the write-ahead log up to which it goes and no further, for programs that
    restore up to such a place. Nobody writes for the moment that this takes; readers notice nothing. Raises CopyFailed
    for SQLite, and DatabaseError where somebody has held a table for ten seconds."""
    if connection.vendor != "postgresql":
        raise CopyFailed("Only PostgreSQL is copied by another program.")
    other = connection.copy("snapshot")
    other.settings_dict["OPTIONS"].pop("pool", None)
    try:
        other.set_autocommit(False)
        with other.cursor() as writers:
            writers.execute("SET LOCAL lock_timeout = '10s'")
            writers.execute("SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = current_schema()")
            names = ", ".join(name for (name,) in writers.fetchall())
            writers.execute(f"LOCK TABLE {names} IN SHARE MODE")
            with snapshot():
                writers.execute("SELECT pg_current_wal_insert_lsn()")
                place = str(writers.fetchone()[0])
                other.rollback()
                yield place
    finally:
        other.close()


def copy_sqlite(source: Path, to: Path) -> None:
    """Raises CopyFailed."""
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(to)) as new:
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
    except sqlite3.Error as fault:
        raise CopyFailed(f"{source} cannot be copied to {to.parent}: {fault}.") from fault


def _read_sqlite(path: Path, wanted: Columns) -> Contents:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
            said = [row[0] for row in copy.execute("PRAGMA integrity_check")]
            if said != ["ok"]:
                raise CopyFailed(f"{path} is damaged: {said[0]}")
            names = copy.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            contents = Contents({name: _count(copy, name) for (name,) in names.fetchall()})
            for table, columns in wanted.items():
                known = {row[1] for row in copy.execute(f'PRAGMA table_info("{table}")')}
                if known.issuperset(columns):
                    contents.wanted[table] = [_as_text(row) for row in copy.execute(_select(table, columns))]
            return contents
    except sqlite3.Error as fault:
        raise CopyFailed(f"{path} cannot be read: {fault}") from fault


def _count(copy: sqlite3.Connection, table: str) -> int:
    query = f'SELECT count(*) FROM "{table}"'  # noqa: S608 -- the name comes from the database itself
    return int(copy.execute(query).fetchone()[0])


def _select(table: str, columns: Sequence[str]) -> str:
    return f'SELECT {", ".join(columns)} FROM "{table}"'  # noqa: S608 -- names of our own


def _as_text(row: Sequence[Any]) -> Values:
    return tuple(None if value is None else str(value) for value in row)


def _read_dump(path: Path, wanted: Columns) -> Contents:
    """Every row of a dump, read as text: what can be read here can be restored."""
    contents = Contents()
    lines = _lines_of("pg_restore", "--data-only", "--file=-", str(path))
    for line in lines:
        if line.startswith("COPY "):
            table, columns = _told_by(line)
            places = [columns.index(name) for name in wanted.get(table, []) if name in columns]
            kept = contents.wanted.setdefault(table, []) if len(places) == len(wanted.get(table, [" "])) else None
            contents.rows[table] = 0
            for row in _until_the_end(lines):
                contents.rows[table] += 1
                if kept is not None:
                    values = row.split("\t")
                    kept.append(tuple(None if values[at] == "\\N" else values[at] for at in places))
    return contents


def _told_by(line: str) -> tuple[str, list[str]]:
    """Table and columns of "COPY public.treatments_photo (id, key) FROM stdin;"."""
    name, _, rest = line.removeprefix("COPY ").partition(" (")
    columns = rest.partition(")")[0].split(", ")
    return name.rpartition(".")[2].strip('"'), [column.strip('"') for column in columns]


def _until_the_end(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line == "\\.":
            return
        yield line


def _postgresql_contents(wanted: Columns) -> Contents:
    contents = Contents()
    with connection.cursor() as cursor:
        # How a row is written as text hangs on these.
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'")
        cursor.execute("SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*), {_DIGEST} FROM "{table}" t')  # noqa: S608 -- from the database itself
            contents.rows[table], digest = cursor.fetchone()
            contents.digests[table] = str(digest)
        for table, columns in wanted.items():
            cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
            if {name for (name,) in cursor.fetchall()}.issuperset(columns):
                cursor.execute(_select(table, columns))
                contents.wanted[table] = [_as_text(row) for row in cursor]
    return contents


def run(program: str, *words: str) -> str:
    """One of PostgreSQL's own programs on our database; what it printed. Raises CopyFailed."""
    return "\n".join(_lines_of(program, *words))


def _lines_of(program: str, *words: str) -> Iterator[str]:
    """What it prints, while it runs: a dump is larger than memory. Raises CopyFailed when it ends badly."""
    command, environment = [_find(program), *words], os.environ | _connection()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        with subprocess.Popen(  # noqa: S603 -- a program of PostgreSQL, without a shell
            command, env=environment, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8"
        ) as process:
            for line in process.stdout or ():
                yield line.removesuffix("\n")
        if process.returncode:
            errors.seek(0)
            raise CopyFailed(f"{program}: {errors.read().strip()}")


def _find(program: str) -> str:
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: float(path.parts[4]))
    found = str(newest[-1]) if newest else shutil.which(program)
    if not found:
        raise CopyFailed(f"{program} is not installed. On Debian: apt install postgresql-client")
    return found


def _connection() -> dict[str, str]:
    return libpq_environment(connection.settings_dict) if connection.vendor == "postgresql" else {}
