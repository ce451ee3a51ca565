"""Putting a copy in the place of the database: whole, or not at all."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from django.db import DatabaseError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from clinic.operations.database_copy import SUFFIX, CopyFailed, copy_database, run

# What pg_restore would find in its way. Of an extension nothing is taken down: its functions belong to it.
_TAKE_DOWN: Final = """
DO $$
DECLARE
  each record;
BEGIN
  FOR each IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
    EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', each.tablename);
  END LOOP;
  FOR each IN
    SELECT p.oid::regprocedure AS name FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', each.name);
  END LOOP;
END $$
"""


def is_empty() -> bool:
    """Whether nobody has begun to work in the database: there is no clinic and no person in it, or no table at all."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite" and not Path(name).is_file():
        return True
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in {"clinic_clinic", "clinic_user"} & tables:
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")  # noqa: S608 -- two names of our own
            if cursor.fetchone()[0]:
                return False
    return True


def keep_present(folder: Path, stamp: str) -> Path:
    """Copy what is there to a new file in a folder. Raises CopyFailed and OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"database-{stamp}{SUFFIX[connection.vendor]}"
    copy_database(path)
    return path


def install(path: Path, engine: str) -> None:
    """Put a copy of this engine in the place of all that is in the database. Raises CopyFailed, and the database is
    then as before, or of PostgreSQL empty."""
    require_engine(engine)
    if engine == "sqlite":
        _install_sqlite(path)
    else:
        _install_dump(path)


def require_engine(engine: str) -> None:
    """Raises CopyFailed where the database is of another kind."""
    if engine != connection.vendor:
        raise CopyFailed(
            f"This copy is one of {_NAMES.get(engine, engine)}, and DATABASE_URL names {_NAMES[connection.vendor]}. "
            "Restore it into its own kind first; ./anagen move brings it to the other."
        )


_NAMES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def _install_sqlite(path: Path) -> None:
    """By SQLite's own backup, so that whoever has the database open sees the old one or the new one."""
    target = Path(connection.settings_dict["NAME"])
    connection.close()
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(sqlite3.connect(path)) as copy, closing(sqlite3.connect(target, timeout=30)) as database:
            copy.backup(database)
            database.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as fault:
        then = "Make room" if getattr(fault, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL else "Stop Anagen"
        raise CopyFailed(f"{target} cannot be written: {fault}. {then}, and run the same line again.") from fault


def take_down(database: BaseDatabaseWrapper) -> None:
    """Remove every table of a PostgreSQL database, and our functions with them. Raises DatabaseError."""
    with transaction.atomic(using=database.alias), database.cursor() as cursor:
        cursor.execute(_TAKE_DOWN)


def _install_dump(path: Path) -> None:
    try:
        take_down(connection)
    except DatabaseError as fault:
        raise CopyFailed(
            f"The database cannot be emptied: {fault}. Stop Anagen, and run the same line again."
        ) from fault
    name = connection.settings_dict["NAME"]
    run("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", f"--dbname={name}", str(path))
    connection.close()
