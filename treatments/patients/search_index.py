"""The index behind the search for people: which patients have a fragment of text, without reading every row.

Neither database needs an extension, or more rights than `migrate` has:

- PostgreSQL has a GIN index on the fragments of one, two and three letters of `search_text`.
- SQLite has a full-text table of three-letter fragments, updated by triggers. Two spaces at the end of each text let a
  fragment of one or two letters be found as the beginning of one of three.
"""

import uuid
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db import connections
from django.db.models import BooleanField, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

MAX_MATCHES = 100
"""More people than anybody reads through; with so many matches people type another letter."""
_FULL_LENGTH = 3
LAST_LETTER = "\U0010ffff"

# COLLATE "C" orders letters by their codes, as SQLite does: the lists have one order on both databases, and texts that
# begin alike are neighbours. The timeout is lifted because filling the index for many patients takes minutes.
# The names in this SQL are those of databases that were made earlier, and do not change.
_POSTGRESQL = """
SET LOCAL statement_timeout = 0;
ALTER TABLE treatments_patient ALTER COLUMN search_text TYPE varchar(400) COLLATE "C";
CREATE FUNCTION anagen_fragments(told text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
DECLARE
  word text;
  found text[] := '{}';
BEGIN
  FOREACH word IN ARRAY string_to_array(told, ' ') LOOP
    FOR place IN 1 .. length(word) LOOP
      FOR size IN 1 .. least(3, length(word) - place + 1) LOOP
        found := found || substr(word, place, size);
      END LOOP;
    END LOOP;
  END LOOP;
  RETURN found;
END $$;
CREATE INDEX patients_by_fragment ON treatments_patient USING gin (anagen_fragments(search_text))
WITH (fastupdate = off);
"""
_POSTGRESQL_DROP = """
DROP INDEX patients_by_fragment;
DROP FUNCTION anagen_fragments(text);
ALTER TABLE treatments_patient ALTER COLUMN search_text TYPE varchar(400) COLLATE "default";
"""

_SQLITE_TABLES = (
    "CREATE TABLE treatments_patient_number (id integer PRIMARY KEY, patient_id char(32) NOT NULL UNIQUE)",
    """CREATE VIRTUAL TABLE treatments_patient_fragment
    USING fts5(told, content = '', tokenize = 'trigram case_sensitive 1')""",
    """CREATE VIRTUAL TABLE treatments_patient_fragment_place
    USING fts5vocab(treatments_patient_fragment, 'instance')""",
)
# A full-text table without the texts themselves must be given a text again to delete it.
_SQLITE_TRIGGERS = {
    "patient_fragments_put_in": """AFTER INSERT ON treatments_patient BEGIN
        INSERT INTO treatments_patient_number (patient_id) VALUES (NEW.id);
        INSERT INTO treatments_patient_fragment (rowid, told)
        SELECT id, NEW.search_text || '  ' FROM treatments_patient_number WHERE patient_id = NEW.id;
    END""",
    "patient_fragments_changed": """AFTER UPDATE OF search_text ON treatments_patient
    WHEN OLD.search_text <> NEW.search_text BEGIN
        INSERT INTO treatments_patient_fragment (treatments_patient_fragment, rowid, told)
        SELECT 'delete', id, OLD.search_text || '  ' FROM treatments_patient_number WHERE patient_id = OLD.id;
        INSERT INTO treatments_patient_fragment (rowid, told)
        SELECT id, NEW.search_text || '  ' FROM treatments_patient_number WHERE patient_id = NEW.id;
    END""",
    "patient_fragments_taken_out": """AFTER DELETE ON treatments_patient BEGIN
        INSERT INTO treatments_patient_fragment (treatments_patient_fragment, rowid, told)
        SELECT 'delete', id, OLD.search_text || '  ' FROM treatments_patient_number WHERE patient_id = OLD.id;
        DELETE FROM treatments_patient_number WHERE patient_id = OLD.id;
    END""",
}
_SQLITE_FILL = (
    "INSERT INTO treatments_patient_fragment (treatments_patient_fragment) VALUES ('delete-all')",
    "DELETE FROM treatments_patient_number",
    "INSERT INTO treatments_patient_number (patient_id) SELECT id FROM treatments_patient",
    """INSERT INTO treatments_patient_fragment (rowid, told) SELECT number.id, patient.search_text || '  '
    FROM treatments_patient patient JOIN treatments_patient_number number ON number.patient_id = patient.id""",
)
_SQLITE_DROP = (
    *(f"DROP TRIGGER IF EXISTS {name}" for name in _SQLITE_TRIGGERS),
    "DROP TABLE treatments_patient_fragment_place",
    "DROP TABLE treatments_patient_fragment",
    "DROP TABLE treatments_patient_number",
)


def build(connection: Any) -> None:
    """Make the index and fill it. Raises RuntimeError on an SQLite without FTS5."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL)
            return
        version = connection.Database.sqlite_version
        cursor.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')")
        if connection.Database.sqlite_version_info < (3, 34) or not cursor.fetchone()[0]:
            raise RuntimeError(
                f"The search needs SQLite 3.34 or newer with FTS5; this Python has SQLite {version}. "
                "Use another Python, or PostgreSQL."
            )
        for statement in _SQLITE_TABLES:
            cursor.execute(statement)
    keep_in_step(connection)


def take_down(connection: Any) -> None:
    with connection.cursor() as cursor:
        for statement in (_POSTGRESQL_DROP,) if connection.vendor == "postgresql" else _SQLITE_DROP:
            cursor.execute(statement)


def keep_in_step(connection: Any) -> None:
    """Make missing triggers, and fill the index again if there were any.

    To alter a column, Django makes an SQLite table anew under the old name; the triggers of the old table are lost.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE name LIKE 'patient_fragments_%' OR name = 'treatments_patient_number'"
        )
        existing = {name for (name,) in cursor.fetchall()}
        missing = _SQLITE_TRIGGERS.keys() - existing
        if "treatments_patient_number" not in existing or not missing:
            return
        triggers = [f"CREATE TRIGGER {name} {_SQLITE_TRIGGERS[name]}" for name in missing]
        for statement in (*triggers, *_SQLITE_FILL):
            cursor.execute(statement)


@dataclass(frozen=True)
class Matches:
    """Ids of patients that the index gives for a text: any MAX_MATCHES of them where there are more.

    `is_complete`: there are no others. `is_exact`: each of them has the whole text, not only one word of it.
    """

    ids: list[uuid.UUID]
    is_complete: bool
    is_exact: bool


def find(patients: QuerySet[Any], choices: list[list[str]]) -> Matches:
    """Among these patients those with at least one fragment of each choice, in one query."""
    if connections[patients.db].vendor == "sqlite":
        ids, is_exact = _in_sqlite(patients, choices)
    else:
        ids, is_exact = _in_postgresql(patients, choices), True
    return Matches([uuid.UUID(str(each)) for each in ids[:MAX_MATCHES]], len(ids) <= MAX_MATCHES, is_exact)


def contains(fragment: str) -> Q:
    # Not LIKE, for which PostgreSQL estimates the number of rows from the text, and often far too low.
    return Q(GreaterThan(StrIndex("search_text", Value(fragment)), 0))


def _in_postgresql(patients: QuerySet[Any], choices: list[list[str]]) -> list[Any]:
    for choice in choices:
        any_of = " OR ".join(["anagen_fragments(search_text) @> %s"] * len(choice))
        in_index = RawSQL(any_of, [_pieces(fragment) for fragment in choice], BooleanField())  # noqa: S611 -- no text
        patients = patients.filter(in_index, reduce(or_, map(contains, choice)))
    return list(patients.order_by().values_list("pk", flat=True)[: MAX_MATCHES + 1])


def _pieces(fragment: str) -> list[str]:
    """A long fragment as those of full length that it is made of; a short one as it is."""
    return [fragment[start : start + _FULL_LENGTH] for start in range(max(1, len(fragment) - _FULL_LENGTH + 1))]


# CROSS JOIN keeps SQLite to this order of loops: fragments, numbers, patients; it stops at the limit.
_LOOK_UP = """SELECT * FROM (SELECT DISTINCT {index} AS look_up, number.patient_id FROM ({numbers}) AS matches
CROSS JOIN treatments_patient_number AS number ON number.id = matches.number
CROSS JOIN ({patients}) AS patient ON patient.id = number.patient_id LIMIT {limit})"""
_BY_LONG = "SELECT rowid AS number FROM treatments_patient_fragment WHERE treatments_patient_fragment MATCH %s"
_BY_SHORT = "SELECT doc AS number FROM treatments_patient_fragment_place WHERE term >= %s AND term < %s"


def _in_sqlite(patients: QuerySet[Any], choices: list[list[str]]) -> tuple[list[str], bool]:
    """The ids, and whether they have the whole text.

    The index looks up all long fragments together, but each short one apart: the look-up with the fewest ids is taken.
    """
    look_ups = _look_ups(choices)
    patients_sql, patients_values = patients.order_by().values("id").query.sql_with_params()
    parts, values = [], []
    for index, (numbers, fragments) in enumerate(look_ups):
        parts.append(_LOOK_UP.format(index=index, numbers=numbers, patients=patients_sql, limit=MAX_MATCHES + 1))
        values += [*fragments, *patients_values]
    ids: list[list[str]] = [[] for _ in look_ups]
    with connections[patients.db].cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        for index, patient_id in cursor.fetchall():
            ids[index].append(patient_id)
    return min(ids, key=len), len(look_ups) == 1


def _look_ups(choices: list[list[str]]) -> list[tuple[str, list[str]]]:
    """Pairs of SQL that gives numbers of patients, and its values."""
    long = [choice for choice in choices if min(map(len, choice)) >= _FULL_LENGTH]
    look_ups = [_short_look_up(choice) for choice in choices if choice not in long]
    if long:
        text = " AND ".join(f"({' OR '.join(map(_quoted, choice))})" for choice in long)
        look_ups.insert(0, (_BY_LONG, [text]))
    return look_ups


def _short_look_up(choice: list[str]) -> tuple[str, list[str]]:
    parts: list[str] = []
    values: list[str] = []
    for fragment in choice:
        if len(fragment) < _FULL_LENGTH:
            parts.append(_BY_SHORT)
            values += [fragment, fragment + LAST_LETTER]
        else:
            parts.append(_BY_LONG)
            values.append(_quoted(fragment))
    return " UNION ALL ".join(parts), values


def _quoted(fragment: str) -> str:
    return '"' + fragment.replace('"', '""') + '"'
