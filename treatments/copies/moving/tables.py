"""The rows of a table copied to another database, and compared there, whatever kind each of the two is."""

import datetime
import hashlib
import json
import uuid
from collections.abc import Iterator
from decimal import Decimal
from graphlib import TopologicalSorter
from itertools import islice
from typing import Any, Final, NamedTuple

from django.apps import apps
from django.core.management.color import no_style
from django.db import connections, transaction
from django.db.models import Field, Model, Q

from clinic.audit.append_only import AppendOnly

TARGET: Final = "target"
"""The name of the connection to the new database."""
BATCH: Final = 20_000
"""So many rows of an append-only table are written at a time; what was written stays after an interruption."""
_AT_ONCE: Final = 2_000
Table = type[Model]
EVERY: Final = Q()
"""Each row of a table."""


class Digest(NamedTuple):
    """`sum` is the same wherever the rows are the same, in any order and in any kind of database."""

    rows: int
    sum: str


def tables() -> list[Table]:
    """Every table of this release, one that is pointed to before those that point to it."""
    found = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True) if _is_table(model)}
    graph = {
        name: {field.related_model._meta.db_table for field in _columns(model) if _points_elsewhere(field, model)}
        for name, model in found.items()
    }
    return [found[name] for name in TopologicalSorter(graph).static_order()]


def _is_table(model: Table) -> bool:
    return model._meta.managed and not model._meta.proxy


def _points_elsewhere(field: "Field[Any, Any]", model: Table) -> bool:
    return bool(field.is_relation and field.related_model and field.related_model is not model)


def _columns(model: Table) -> list[Any]:
    return list(model._meta.concrete_fields)


def digest(model: Table, database: str, which: Q = EVERY) -> Digest:
    """Reads every row of a table, or those that `which` says."""
    count, total = 0, 0
    for row in _rows(model, database, which):
        told = json.dumps([_canonical(value) for value in row], ensure_ascii=False, separators=(",", ":"))
        total += int.from_bytes(hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).digest())
        count += 1
    return Digest(count, f"{total % 2**128:032x}")


def _rows(model: Table, database: str, which: Q = EVERY) -> Iterator[tuple[Any, ...]]:
    names = [field.attname for field in _columns(model)]
    chosen = model._base_manager.using(database).filter(which).order_by("pk")
    rows: Iterator[tuple[Any, ...]] = chosen.values_list(*names).iterator(chunk_size=_AT_ONCE)
    return rows


def _canonical(value: Any) -> Any:
    """What says the same of a value from either database."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, dict):
        return {str(key): _canonical(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [_canonical(each) for each in value]
    return str(value)


def clear_target() -> None:
    """Remove what `migrate` put into the new database: its own rows come from the old one."""
    with transaction.atomic(using=TARGET), connections[TARGET].cursor() as cursor:
        for model in reversed(tables()):
            if not issubclass(model, AppendOnly):
                cursor.execute(f'DELETE FROM "{model._meta.db_table}"')  # noqa: S608 -- a name of our own


def copy(model: Table, which: Q = EVERY) -> None:
    """Bring rows of a table to the new database. What was begun before is done anew, and of an append-only table only
    what is missing is added."""
    if issubclass(model, AppendOnly):
        _add_missing(model, which)
        return
    with transaction.atomic(using=TARGET), connections[TARGET].cursor() as cursor:
        cursor.execute(f'DELETE FROM "{model._meta.db_table}"')  # noqa: S608 -- a name of our own
        _write(model, _rows(model, "default", which))


def _add_missing(model: Table, which: Q) -> None:
    there = set(model._base_manager.using(TARGET).values_list("pk", flat=True).iterator())
    place = [field.attname for field in _columns(model)].index(model._meta.pk.attname)
    missing = (row for row in _rows(model, "default", which) if row[place] not in there)
    while batch := list(islice(missing, BATCH)):
        with transaction.atomic(using=TARGET):
            _write(model, iter(batch))


def _write(model: Table, rows: Iterator[tuple[Any, ...]]) -> None:
    target, fields = connections[TARGET], _columns(model)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with target.cursor() as cursor, cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as lines:
        for row in rows:
            lines.write_row([field.get_db_prep_save(value, target) for field, value in zip(fields, row, strict=True)])


def go_on_counting() -> None:
    """Let each sequence of the new database follow the highest id in its table."""
    with connections[TARGET].cursor() as cursor:
        for statement in connections[TARGET].ops.sequence_reset_sql(no_style(), tables()):
            cursor.execute(statement)
