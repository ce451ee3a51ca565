"""While a group goes to a new release, host by host, the last release still writes into the new schema.

So a migration only expands: what it adds may be empty or has a default in the database itself, and what it takes away
was not written any more by the release before (CONTRIBUTING.md, Migrations).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from tests.upgrade.old_clinics import LAST_RELEASE, columns, record_models, unpack

NO_LONGER_WRITTEN: dict[str, set[str]] = {}
"""Columns that tables of the last release still had, and its code did not name any more: these may go now."""


@pytest.fixture
def last_release(path: Path) -> Path:
    return unpack(LAST_RELEASE, path)


def written(path: Path) -> dict[str, list[str]]:
    """What the code of the last release names when it inserts a row of its own tables."""
    tables = columns(path)
    ours = [name for name in tables if name.startswith(("clinic_", "treatments_"))]
    return {name: [each for each in tables[name] if each not in NO_LONGER_WRITTEN.get(name, ())] for name in ours}


def columns_now(table: str) -> dict[str, bool]:
    """The columns of a table of today by name: whether an INSERT must name it."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f'PRAGMA table_info("{table}")')
            return {name: bool(needed) and value is None for _, name, _, needed, value, _ in cursor.fetchall()}
        cursor.execute(
            "SELECT column_name, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'"
            " FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s",
            [table],
        )
        return dict(cursor.fetchall())


@pytest.mark.django_db
def test_last_release_names_every_column(last_release: Path) -> None:
    """Of each of its tables: what it writes is still there, and what is new does not need to be written."""
    for table, names in written(last_release).items():
        now = columns_now(table)
        assert set(names) <= set(now), table
        assert {name for name, is_needed in now.items() if is_needed} <= set(names), table


@pytest.mark.django_db
def test_last_release_still_inserts(last_release: Path) -> None:
    """Every row of its demonstration clinic, with its own columns and no others, into the tables of today."""
    models_now = {model._meta.db_table: model for model in record_models()}
    filled = 0
    with connection.constraint_checks_disabled():
        for table, names in written(last_release).items():
            rows = list(old_rows(last_release, models_now.get(table), table, names))
            clear(table)
            insert(table, names, rows)
            filled += bool(rows)
    connection.check_constraints()
    assert filled > 40


def old_rows(path: Path, model: type[models.Model] | None, table: str, names: list[str]) -> Iterator[list[Any]]:
    """Rows of the last release as this database takes them: SQLite has numbers for true and false."""
    of_column = {field.column: field for field in model._meta.local_fields} if model else {}
    are_switches = [isinstance(of_column.get(name), models.BooleanField) for name in names]
    chosen = ", ".join(f'"{name}"' for name in names)
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(f'SELECT {chosen} FROM "{table}"').fetchall()  # noqa: S608 -- names from the schema
    for row in rows:
        told = zip(row, are_switches, strict=True)
        yield [bool(value) if is_switch and value is not None else value for value, is_switch in told]


def clear(table: str) -> None:
    """What migrations put there; nothing refers to it yet that is not put back."""
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608 -- a name of the schema


def insert(table: str, names: list[str], rows: list[list[Any]]) -> None:
    chosen, places = ", ".join(f'"{name}"' for name in names), ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.executemany(f'INSERT INTO "{table}" ({chosen}) VALUES ({places})', rows)  # noqa: S608 -- the same


def test_every_clinical_row_has_its_clinic() -> None:
    """So that the rows of one clinic can be copied, counted and moved without asking another table."""
    tables = apps.get_app_config("treatments").get_models()
    assert [model.__name__ for model in tables if "clinic" not in {field.name for field in model._meta.fields}] == []
