"""Conditions whose values stand in the query itself."""

from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q


class Literal(ExpressionWrapper):
    """A condition of our own constants, written out as it is in a partial index.

    SQLite takes a partial index only when it can read that the query implies its condition, and a value that is sent
    apart from the query it cannot read.
    """

    def __init__(self, condition: Q) -> None:
        super().__init__(condition, output_field=BooleanField())

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        sql, values = self.as_sql(compiler, connection)
        quote = connection.SchemaEditorClass(connection).quote_value
        return sql % tuple(quote(value) for value in values), []
