"""The clinics of an earlier release: unpacked, migrated, read row by row, and copied to another database."""

import fcntl
import lzma
import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import ConnectionHandler, connection, connections, models

from clinic.database.url import django_settings
from tests.databases import SHARED

HERE = Path(__file__).resolve().parent
CLINICS = sorted(path.name.removesuffix(".sqlite3.xz") for path in HERE.glob("*-0.1.0.sqlite3.xz"))
LAST_RELEASE = "demonstration-0.2.0"
Rows = Counter[tuple[tuple[str, Any], ...]]
# The search index is made from the patients and may be made anew at any time; the search is tested by searching.
DERIVED = ("sqlite_", "treatments_patient_fragment", "treatments_patient_number")


def unpack(clinic: str, path: Path) -> Path:
    path.write_bytes(lzma.decompress((HERE / f"{clinic}.sqlite3.xz").read_bytes()))
    return path


@contextmanager
def default_database(path: Path) -> Iterator[None]:
    """Make an SQLite file the database that everything in this thread uses."""
    usual = connections["default"]
    database = django_settings(f"sqlite:///{path}", base=HERE)
    connections["default"] = ConnectionHandler({"default": database})["default"]
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = usual


def migrate(path: Path) -> None:
    with default_database(path):
        call_command("migrate", verbosity=0)


def migrated_copy(clinic: str, path: Path) -> Path:
    """A copy of a clinic as it is after `migrate`, which is run once for each clinic: in the whole run of
    scripts/suite.py, which names a folder for it, or else in this process."""
    path.write_bytes(_migrated(clinic))
    return path


@cache
def _migrated(clinic: str) -> bytes:
    shared = os.environ.get(SHARED)
    if not shared:
        return _migrate(clinic)
    kept = Path(shared, f"{clinic}.sqlite3")
    with Path(shared, f"{clinic}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another process may be at it
        if not kept.exists():
            kept.write_bytes(_migrate(clinic))
    return kept.read_bytes()


def _migrate(clinic: str) -> bytes:
    with tempfile.TemporaryDirectory(dir=settings.SCRATCH) as folder:
        path = unpack(clinic, Path(folder) / "clinic.sqlite3")
        migrate(path)
        return path.read_bytes()


def columns(path: Path) -> dict[str, list[str]]:
    """The columns of every table but those of the search index."""
    with closing(sqlite3.connect(path)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = [name for name in names if not name.startswith(DERIVED)]
        return {name: [row[1] for row in database.execute(f"PRAGMA table_info({name})")] for name in tables}


def stored_rows(path: Path, table: str, names: list[str]) -> Rows:
    """The rows of a table as SQLite holds them, each a tuple of (column, value)."""
    with closing(sqlite3.connect(path)) as database:
        chosen = ", ".join(f'"{name}"' for name in names)
        rows = database.execute(f'SELECT {chosen} FROM "{table}"').fetchall()  # noqa: S608 -- names from the schema
    return Counter(tuple(zip(names, row, strict=True)) for row in rows)


def record_models() -> list[type[models.Model]]:
    """Every model of a clinic's own; Django's permissions and content types are made by `migrate`."""
    labels = ("clinic", "treatments")
    return [model for label in labels for model in apps.get_app_config(label).get_models(include_auto_created=True)]


def loaded_rows(model: type[models.Model]) -> list[dict[str, Any]]:
    """The rows of a model in the default database as Python values, so that two kinds of database compare."""
    return list(model._base_manager.order_by("pk").values())


def copy_to_default_database(path: Path) -> None:
    """Insert every row of an SQLite file as it is: no `save`, no default and no time of change is applied."""
    with default_database(path):
        copies = [serializers.serialize("python", model._base_manager.all()) for model in record_models()]
    with connection.constraint_checks_disabled():
        for rows in copies:
            for row in serializers.deserialize("python", rows):
                row.save(force_insert=True)
    connection.check_constraints()
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), record_models()):
            cursor.execute(statement)
