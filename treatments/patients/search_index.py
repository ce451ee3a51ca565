"""The index behind the search for people: which patients have a fragment of text, without reading every row.

Each database does it with what it has, and needs no extension or right beyond those of `migrate`:

- PostgreSQL keeps a GIN index on the fragments of one, two and three letters that `search_text` is made of.
- SQLite keeps a full-text table of three-letter fragments in step by triggers. Two spaces at the end of each text
  let a fragment of one or two letters be found as the beginning of a longer one.
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
"""Nobody reads on through more people than this: whoever finds more types another letter."""
_SHORT = 3
LAST_LETTER = "\U0010ffff"

# Letters in the order of their codes, as SQLite has them: people stand in one order in either database, and those whose
# text begins alike stand together. And for many patients the index takes longer to fill than a page may take.
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
_POSTGRESQL_AWAY = """
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
# A table that does not hold the texts themselves has to be told what it forgets.
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
_SQLITE_AWAY = (
    *(f"DROP TRIGGER IF EXISTS {name}" for name in _SQLITE_TRIGGERS),
    "DROP TABLE treatments_patient_fragment_place",
    "DROP TABLE treatments_patient_fragment",
    "DROP TABLE treatments_patient_number",
)


def build(connection: Any) -> None:
    """Make the index and fill it. Raises RuntimeError on an SQLite that cannot."""
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
        for statement in (_POSTGRESQL_AWAY,) if connection.vendor == "postgresql" else _SQLITE_AWAY:
            cursor.execute(statement)


def keep_in_step(connection: Any) -> None:
    """Put triggers back that are gone, and fill the index anew if one was.

    To alter a column, Django makes an SQLite table anew under the old name, and its triggers go with the old one.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE name LIKE 'patient_fragments_%' OR name = 'treatments_patient_number'"
        )
        there = {name for (name,) in cursor.fetchall()}
        missing = _SQLITE_TRIGGERS.keys() - there
        if "treatments_patient_number" not in there or not missing:
            return
        for name in missing:
            cursor.execute(f"CREATE TRIGGER {name} {_SQLITE_TRIGGERS[name]}")
        for statement in _SQLITE_FILL:
            cursor.execute(statement)


@dataclass(frozen=True)
class Matches:
    """Ids of patients that the index names for a text, MAX_MATCHES at most and no matter which if there are more.

    `is_complete`: there are no others. `is_exact`: each of them has the whole text, not only one word of it.
    """

    ids: list[uuid.UUID]
    is_complete: bool
    is_exact: bool


def find(patients: QuerySet[Any], choices: list[list[str]]) -> Matches:
    """Among these patients those with one fragment of each choice. Asks the database one question."""
    if connections[patients.db].vendor == "sqlite":
        ids, is_exact = _in_sqlite(patients, choices)
    else:
        ids, is_exact = _in_postgresql(patients, choices), True
    return Matches([uuid.UUID(str(each)) for each in ids[:MAX_MATCHES]], len(ids) <= MAX_MATCHES, is_exact)


def has(fragment: str) -> Q:
    # Not LIKE: from the text PostgreSQL guesses how many rows have it, and often wrongly that they are few.
    return Q(GreaterThan(StrIndex("search_text", Value(fragment)), 0))


def _in_postgresql(patients: QuerySet[Any], choices: list[list[str]]) -> list[Any]:
    for choice in choices:
        either = " OR ".join(["anagen_fragments(search_text) @> %s"] * len(choice))
        pieces = RawSQL(either, [_pieces(fragment) for fragment in choice], BooleanField())  # noqa: S611 -- no text
        patients = patients.filter(pieces, reduce(or_, map(has, choice)))
    return list(patients.order_by().values_list("pk", flat=True)[: MAX_MATCHES + 1])


def _pieces(fragment: str) -> list[str]:
    return [fragment[at : at + _SHORT] for at in range(max(1, len(fragment) - _SHORT + 1))]


# The loops in this order: fragments, then numbers, then the patients that were asked for; it stops at enough of them.
_SOURCE = """SELECT * FROM (SELECT DISTINCT {which} AS source, number.patient_id FROM ({numbers}) AS found
CROSS JOIN treatments_patient_number AS number ON number.id = found.number
CROSS JOIN ({asked}) AS asked ON asked.id = number.patient_id LIMIT {most})"""
_LONG = "SELECT rowid AS number FROM treatments_patient_fragment WHERE treatments_patient_fragment MATCH %s"
_SHORT_PLACE = "SELECT doc AS number FROM treatments_patient_fragment_place WHERE term >= %s AND term < %s"


def _in_sqlite(patients: QuerySet[Any], choices: list[list[str]]) -> tuple[list[str], bool]:
    """The shortest of the lists of patients that have all long fragments, and of those that have one short one."""
    long = [choice for choice in choices if all(len(fragment) >= _SHORT for fragment in choice)]
    sources: list[tuple[str, list[str]]] = []
    if long:
        sources.append((_LONG, [" AND ".join(f"({' OR '.join(map(_quoted, choice))})" for choice in long)]))
    for choice in choices:
        if choice not in long:
            values = [value for fragment in choice for value in _values(fragment)]
            sources.append((" UNION ALL ".join(map(_sql, choice)), values))
    asked, asked_values = patients.order_by().values("id").query.sql_with_params()
    parts, values = [], []
    for which, (numbers, sought) in enumerate(sources):
        parts.append(_SOURCE.format(which=which, numbers=numbers, asked=asked, most=MAX_MATCHES + 1))
        values += [*sought, *asked_values]
    found: list[list[str]] = [[] for _ in sources]
    with connections[patients.db].cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        for which, patient_id in cursor.fetchall():
            found[which].append(patient_id)
    return min(found, key=len), len(sources) == 1


def _sql(fragment: str) -> str:
    return _SHORT_PLACE if len(fragment) < _SHORT else _LONG


def _values(fragment: str) -> list[str]:
    return [fragment, fragment + LAST_LETTER] if len(fragment) < _SHORT else [_quoted(fragment)]


def _quoted(fragment: str) -> str:
    return '"' + fragment.replace('"', '""') + '"'
