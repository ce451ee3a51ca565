"""How a test that commits is cleared away: Django empties every table, which those that are append-only refuse.

Their triggers stand aside for that one transaction. Nothing of the kind exists outside the tests.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.operations import BaseDatabaseOperations

_execute_sql_flush = BaseDatabaseOperations.execute_sql_flush


def install() -> None:
    BaseDatabaseOperations.execute_sql_flush = _flush_everything


def _flush_everything(operations: BaseDatabaseOperations, sql_list: Iterable[str]) -> None:
    alias = operations.connection.alias
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor, without_triggers(cursor):
        _execute_sql_flush(operations, sql_list)


@contextmanager
def without_triggers(cursor: Any) -> Iterator[None]:
    """Inside a transaction, append-only tables can be changed: as their owner could who takes the triggers down."""
    if cursor.db.vendor == "postgresql":
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")
        return
    cursor.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name GLOB '*_is_not_*'")
    triggers = cursor.fetchall()
    for name, _ in triggers:
        cursor.execute(f"DROP TRIGGER {name}")
    yield
    for _, sql in triggers:
        cursor.execute(sql)
