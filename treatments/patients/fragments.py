"""The index behind the search for people: which patients have a fragment of text, without reading every row.

Each database does it with what it has, and needs no extension or right beyond those of `migrate`:

- PostgreSQL keeps a GIN index on the fragments of one, two and three letters that `search_text` is made of.
- SQLite keeps a full-text table of three-letter fragments in step by triggers. Two spaces at the end of each text
  let a fragment of one or two letters be found as the beginning of a longer one.
"""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import connections
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.fields import BooleanField

FEW = 1000
"""With more patients than this, reading down the list by name meets the first of them sooner than the index would."""
_SHORT = 3
_LAST_LETTER = "\U0010ffff"

# Where there are many patients already, the index takes longer to fill than a page may take.
_POSTGRESQL = """
SET LOCAL statement_timeout = 0;
CREATE FUNCTION anagen_fragments(told text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS $$
  SELECT coalesce(array_agg(substr(word, place, size)), '{}')
  FROM unnest(string_to_array(told, ' ')) word,
    generate_series(1, length(word)) place,
    generate_series(1, least(3, length(word) - place + 1)) size
$$;
CREATE INDEX patients_by_fragment ON treatments_patient USING gin (anagen_fragments(search_text))
WITH (fastupdate = off);
"""
_POSTGRESQL_AWAY = "DROP INDEX patients_by_fragment; DROP FUNCTION anagen_fragments(text)"

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


def few(patients: QuerySet[Any], choices: Iterable[Iterable[str]]) -> list[Any] | None:
    """The ids of the patients that the index names, which may be some too many; None when they are not few.

    Of each choice one fragment must occur. Asks the database one question.
    """
    told = [list(dict.fromkeys(choice)) for choice in choices]
    connection = connections[patients.db]
    found = _in_sqlite(connection, told) if connection.vendor == "sqlite" else _in_postgresql(patients, told)
    return found if len(found) <= FEW else None


def _in_postgresql(patients: QuerySet[Any], choices: list[list[str]]) -> list[Any]:
    every, values = [], []
    for choice in choices:
        every.append(" OR ".join(["anagen_fragments(search_text) @> %s"] * len(choice)))
        values += [_pieces(fragment) for fragment in choice]
    condition = RawSQL(" AND ".join(f"({either})" for either in every), values, BooleanField())  # noqa: S611 -- no text
    return list(patients.filter(condition).order_by().values_list("pk", flat=True)[: FEW + 1])


def _pieces(fragment: str) -> list[str]:
    return [fragment[at : at + _SHORT] for at in range(max(1, len(fragment) - _SHORT + 1))]


_LONG_SQL = "SELECT rowid AS number FROM treatments_patient_fragment WHERE treatments_patient_fragment MATCH %s"
_SHORT_SQL = "SELECT doc AS number FROM treatments_patient_fragment_place WHERE term >= %s AND term < %s"
_SOURCE_SQL = """SELECT {which}, patient_id FROM treatments_patient_number
WHERE id IN (SELECT DISTINCT number FROM ({numbers}) LIMIT {most})"""


def _in_sqlite(connection: Any, choices: list[list[str]]) -> list[Any]:
    """The shortest of the lists of patients that have all long fragments, and of those that have one short one."""
    long = [choice for choice in choices if all(len(fragment) >= _SHORT for fragment in choice)]
    sources: list[tuple[str, list[str]]] = []
    if long:
        sources.append((_LONG_SQL, [" AND ".join(f"({' OR '.join(map(_quoted, choice))})" for choice in long)]))
    for choice in choices:
        if choice not in long:
            values = [value for fragment in choice for value in _values(fragment)]
            sources.append((" UNION ALL ".join(_sql(fragment) for fragment in choice), values))
    query = " UNION ALL ".join(
        _SOURCE_SQL.format(which=which, numbers=sql, most=FEW + 1) for which, (sql, _) in enumerate(sources)
    )
    found: list[list[Any]] = [[] for _ in sources]
    with connection.cursor() as cursor:
        cursor.execute(query, [value for _, values in sources for value in values])
        for which, patient_id in cursor.fetchall():
            found[which].append(uuid.UUID(patient_id))
    return min(found, key=len)


def _sql(fragment: str) -> str:
    return _SHORT_SQL if len(fragment) < _SHORT else _LONG_SQL


def _values(fragment: str) -> list[str]:
    return [fragment, fragment + _LAST_LETTER] if len(fragment) < _SHORT else [_quoted(fragment)]


def _quoted(fragment: str) -> str:
    return '"' + fragment.replace('"', '""') + '"'
