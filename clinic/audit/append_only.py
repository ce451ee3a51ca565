"""Rows that are only ever added: the database itself refuses to change or delete them.

Triggers refuse UPDATE, DELETE and, on PostgreSQL, TRUNCATE, whoever asks. On SQLite they need `recursive_triggers`
(environment.py), or INSERT OR REPLACE would delete past them. The owner of a table can drop its triggers: what was
done then is found by the seals.

SQLite loses the triggers of a table that a migration makes anew, so such a migration calls `refuse_changes` again; a
test finds the one that does not.
"""

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

SUFFIXES: Final[tuple[str, ...]] = ("_is_not_changed", "_is_not_deleted", "_is_not_emptied")
"""Of the names of the triggers, each behind the name of its table."""
# With SQLSTATE 23000 Django raises IntegrityError, as for SQLite's RAISE.
_FUNCTION: Final = """
CREATE OR REPLACE FUNCTION anagen_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23000';
END $$
"""
# SQLite knows the id of a row by three more names, and a trigger that does not name them lets it be changed by them.
_SQLITE: Final = (
    "CREATE TRIGGER {table}_is_not_changed BEFORE UPDATE OF {columns}, rowid, oid, _rowid_ ON {table} {refusal}",
    "CREATE TRIGGER {table}_is_not_deleted BEFORE DELETE ON {table} {refusal}",
)
_REFUSAL: Final = "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
_POSTGRESQL: Final = (
    "CREATE TRIGGER {table}_is_not_changed BEFORE UPDATE OF {columns} ON {table} FOR EACH ROW {refusal}",
    "CREATE TRIGGER {table}_is_not_deleted BEFORE DELETE ON {table} FOR EACH ROW {refusal}",
    "CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refusal}",
)


class AppendOnly(models.Model):
    """A row that is written once. `changeable` names the columns that an action may still change."""

    changeable: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{self._meta.db_table} is append-only: a row is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError(f"{self._meta.db_table} is append-only: a row is never deleted.")


def append_only_models() -> list[type[AppendOnly]]:
    return [model for model in apps.get_models() if issubclass(model, AppendOnly)]


def refuse_changes(connection: BaseDatabaseWrapper, model: type[models.Model], *, but: Iterable[str] = ()) -> None:
    """Make the triggers of a table, which has none; the columns named in `but` may be changed."""
    table, changeable = model._meta.db_table, set(but)
    columns = ", ".join(f'"{field.column}"' for field in model._meta.local_fields if field.column not in changeable)
    is_sqlite = connection.vendor == "sqlite"
    refusal = _REFUSAL.format(table=table) if is_sqlite else "EXECUTE FUNCTION anagen_refuse_change()"
    with connection.cursor() as cursor:
        if not is_sqlite:
            cursor.execute(_FUNCTION)
        for statement in _SQLITE if is_sqlite else _POSTGRESQL:
            cursor.execute(statement.format(table=table, columns=columns, refusal=refusal))


def allow_changes(connection: BaseDatabaseWrapper, model: type[models.Model]) -> None:
    """Take the triggers of a table down, for a migration that must change its rows or goes back."""
    table, on_table = model._meta.db_table, "" if connection.vendor == "sqlite" else f" ON {model._meta.db_table}"
    with connection.cursor() as cursor:
        for suffix in SUFFIXES:
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}{suffix}{on_table}")


def unprotected_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """Append-only tables that lack one of their triggers."""
    suffixes, query = SUFFIXES, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    if connection.vendor == "sqlite":
        suffixes, query = SUFFIXES[:2], "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = {name for (name,) in cursor.fetchall()}
    tables = [model._meta.db_table for model in append_only_models()]
    return [table for table in tables if not {table + suffix for suffix in suffixes} <= found]
