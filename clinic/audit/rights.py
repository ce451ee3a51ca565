"""The roles of PostgreSQL: one owns the tables and migrates, another serves, and may only add to what is append-only.

The owner of a table can take its triggers down. So the service must not be the owner, nor the owner's password lie
where the service can read it.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from clinic.audit.append_only import append_only_models

_GIVEN = """
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role};
"""
_MAY = """
SELECT pg_has_role(c.relowner, 'USAGE') OR has_table_privilege(c.oid, 'DELETE, TRUNCATE, TRIGGER')
       OR EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                  AND a.attname <> ALL (%s) AND has_column_privilege(c.oid, a.attnum, 'UPDATE'))
FROM pg_class c WHERE c.oid = to_regclass(%s)
"""


def append_only_tables() -> list[str]:
    return [model._meta.db_table for model in append_only_models()]


def give(connection: BaseDatabaseWrapper, role: str) -> None:
    """Give a role what the service needs, on the tables that are there and, unless they are append-only, on those that
    the same owner will make. To be asked after every `migrate`, by the owner."""
    name = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN.format(role=name))
        for model in append_only_models():
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"REVOKE ALL ON {table} FROM {name}; GRANT SELECT, INSERT ON {table} TO {name}")
            for column in model.changeable:
                cursor.execute(f"GRANT UPDATE ({connection.ops.quote_name(column)}) ON {table} TO {name}")


def changeable_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """Append-only tables that the role of this connection owns, or may change or empty."""
    found = []
    with connection.cursor() as cursor:
        for model in append_only_models():
            cursor.execute(_MAY, [list(model.changeable), model._meta.db_table])
            row = cursor.fetchone()
            if row and row[0]:
                found.append(model._meta.db_table)
    return found
