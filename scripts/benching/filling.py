"""Rows by the hundred thousand, past the ORM: what an honest insert of each would take an hour to write."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

from treatments.records.ids import new_id

CHUNK = 20_000


def ids() -> Callable[[], str]:
    """Ids as the application makes them, in the order of time, but by counting: 32 hexadecimal digits each."""
    first = new_id().int
    count = iter(range(1 << 40))
    return lambda: f"{first + next(count):032x}"


class Pattern:
    """One model's row as the database takes it, with some columns to be filled in for each row.

    Values given for a row are text, numbers, None or booleans that both databases understand as they are.
    """

    def __init__(self, instance: models.Model, *changing: str) -> None:
        fields = [each for each in instance._meta.concrete_fields if not isinstance(each, models.BigAutoField)]
        self.table = instance._meta.db_table
        self.columns = [each.column for each in fields]
        self.values = [_prepared(each, getattr(instance, each.attname)) for each in fields]
        self.places = [self.columns.index(name) for name in changing]

    def row(self, *values: Any) -> list[Any]:
        row = self.values.copy()
        for place, value in zip(self.places, values, strict=True):
            row[place] = value
        return row


def _prepared(field: Any, value: Any) -> Any:
    # Adapting the same JSON anew for each row would take longer than all else.
    return json.dumps(value) if isinstance(field, models.JSONField) else field.get_db_prep_save(value, connection)


def insert(pattern: Pattern, rows: Iterable[list[Any]]) -> int:
    """Write the rows, a chunk at a time, and count them."""
    names = ", ".join(f'"{name}"' for name in pattern.columns)
    written = 0
    with connection.cursor() as cursor:
        for chunk in _chunks(iter(rows)):
            if connection.vendor == "postgresql":
                with cursor.copy(f'COPY "{pattern.table}" ({names}) FROM STDIN') as copy:
                    for row in chunk:
                        copy.write_row(row)
            else:
                marks = ", ".join(["?"] * len(pattern.columns))
                statement = f'INSERT INTO "{pattern.table}" ({names}) VALUES ({marks})'  # noqa: S608 -- our own names
                cursor.connection.executemany(statement, chunk)
            written += len(chunk)
    return written


def _chunks(rows: Iterator[list[Any]]) -> Iterator[list[list[Any]]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


@contextmanager
def in_a_hurry(tables: str = "treatments%") -> Iterator[None]:
    """Fill a throw-away database without its safeties, and make the indexes of the `tables` (an SQL pattern of their
    names) when the rows are there.

    Ends with statistics for the planner, and with a connection as a clinic has it.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # The rows are right by construction; checking each of their keys would take most of the time.
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("SET maintenance_work_mem = '256MB'")
        else:
            cursor.execute("PRAGMA synchronous = OFF")
            cursor.execute("PRAGMA foreign_keys = OFF")
            cursor.execute("PRAGMA cache_size = -400000")
        indexes = _indexes(cursor, tables)
        with transaction.atomic():
            for name in indexes:
                cursor.execute(f'DROP INDEX "{name}"')
            yield
            for statement in indexes.values():
                cursor.execute(statement)
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()


def _indexes(cursor: Any, tables: str) -> dict[str, str]:
    """How each index of the record was made, but for those that hold a constraint."""
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE %s "
            "AND indexname NOT IN (SELECT conname FROM pg_constraint)",
            [tables],
        )
    else:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name LIKE %s AND sql IS NOT NULL",
            [tables],
        )
    return dict(cursor.fetchall())
