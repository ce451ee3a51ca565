"""Expressions that both databases need spelled otherwise than Django does."""

from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, Func, IntegerField, Q


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


def hundredths(column: str) -> Func:
    """A decimal column of two places as a whole number, exact on both databases."""
    return Func(F(column), template="CAST(ROUND(%(expressions)s * 100) AS bigint)", output_field=IntegerField())
