"""Conditions for partial indexes of SQLite, with their values written into the SQL."""

from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q


class Literal(ExpressionWrapper):
    """A condition of constants, written into the SQL as in the definition of a partial index.

    SQLite uses a partial index only when it can see that the query implies its condition, and a value sent as a
    parameter it does not see.
    """

    def __init__(self, condition: Q) -> None:
        super().__init__(condition, output_field=BooleanField())

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        sql, values = self.as_sql(compiler, connection)
        quote = connection.SchemaEditorClass(connection).quote_value
        return sql % tuple(quote(value) for value in values), []
