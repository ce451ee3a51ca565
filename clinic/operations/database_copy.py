"""A copy of the database for a backup, taken while people work, and what a copy has in it.

SQLite is copied by its own backup, PostgreSQL by pg_dump: both give the state of one moment.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

SUFFIX: Final = {"sqlite": ".sqlite3", "postgresql": ".dump"}
PHOTOS: Final = "treatments_photo"


class CopyFailed(Exception):
    """There is no copy, or it cannot be read; the text says why."""


@dataclass(frozen=True)
class Contents:
    """Rows of each table of a copy, and (key, SHA-256) of each photo in it."""

    rows: dict[str, int] = field(default_factory=dict)
    photos: list[tuple[str, str]] = field(default_factory=list)


def require_database() -> None:
    """Raises CopyFailed where no file is: SQLite would make a new one."""
    name = settings.DATABASES["default"]["NAME"]
    if connection.vendor == "sqlite" and not Path(name).is_file():
        raise CopyFailed(f"There is no database at {name}.")


def copy_database(to: Path) -> None:
    """Write a copy to a new file. Raises CopyFailed and OSError; a copy that was begun is removed then."""
    require_database()
    part = to.with_name(f".{to.name}.part")
    try:
        if connection.vendor == "sqlite":
            _copy_sqlite(Path(settings.DATABASES["default"]["NAME"]), part)
        else:
            _run("pg_dump", "--format=custom", f"--file={part}")
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.rename(to)
    finally:
        part.unlink(missing_ok=True)


def read_copy(path: Path) -> Contents:
    """Read all of a copy. Raises CopyFailed when it is damaged or has no tables."""
    contents = _read_sqlite(path) if path.suffix == SUFFIX["sqlite"] else _read_dump(path)
    if not contents.rows.get("django_migrations"):
        raise CopyFailed(f"{path} has none of Anagen's tables.")
    return contents


def _copy_sqlite(source: Path, part: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(part)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it


def _read_sqlite(path: Path) -> Contents:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
            said = [row[0] for row in copy.execute("PRAGMA integrity_check")]
            if said != ["ok"]:
                raise CopyFailed(f"{path} is damaged: {said[0]}")
            names = copy.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            rows = {name: _count(copy, name) for (name,) in names.fetchall()}
            query = f"SELECT key, sha256 FROM {PHOTOS}"  # noqa: S608 -- a name of our own
            return Contents(rows, copy.execute(query).fetchall() if PHOTOS in rows else [])
    except sqlite3.Error as fault:
        raise CopyFailed(f"{path} cannot be read: {fault}") from fault


def _count(copy: sqlite3.Connection, table: str) -> int:
    query = f'SELECT count(*) FROM "{table}"'  # noqa: S608 -- the name comes from the database itself
    return int(copy.execute(query).fetchone()[0])


def _read_dump(path: Path) -> Contents:
    """Every row of a dump, read as text: what can be read here can be restored."""
    contents = Contents()
    lines = iter(_run("pg_restore", "--data-only", "--file=-", str(path)).split("\n"))
    for line in lines:
        if line.startswith("COPY "):
            table, columns = _told_by(line)
            rows = list(_until_the_end(lines))
            contents.rows[table] = len(rows)
            if table == PHOTOS:
                key, digest = columns.index("key"), columns.index("sha256")
                contents.photos.extend((row.split("\t")[key], row.split("\t")[digest]) for row in rows)
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


def _run(program: str, *words: str) -> str:
    """One of PostgreSQL's own programs on our database; what it printed. Raises CopyFailed."""
    done = subprocess.run(  # noqa: S603 -- a program of PostgreSQL, without a shell
        [_find(program), *words], env=os.environ | _connection(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CopyFailed(f"{program}: {done.stderr.strip()}")
    return done.stdout


def _find(program: str) -> str:
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: float(path.parts[4]))
    found = str(newest[-1]) if newest else shutil.which(program)
    if not found:
        raise CopyFailed(f"{program} is not installed. On Debian: apt install postgresql-client")
    return found


def _connection() -> dict[str, str]:
    told = settings.DATABASES["default"]
    if connection.vendor != "postgresql":
        return {}
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    found = {name: str(told[key]) for name, key in names.items() if told.get(key)}
    mode = told["OPTIONS"].get("sslmode")
    return found | ({"PGSSLMODE": mode} if mode else {})
