"""How long PostgreSQL and Anagen wait for each other, and whether the server keeps the limits that it was told.

The server's own limits end what takes long there. They do nothing when the server itself stands still, or the line to
it is dead: then only the waiting side can end the wait. And behind a pooler such as PgBouncer they may never reach the
server: `absent_limits` asks it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from psycopg import Connection, OperationalError, errors

LIMITS: Final = {"lock_timeout": "3s", "statement_timeout": "30s", "idle_in_transaction_session_timeout": "30s"}
"""A stuck request must not hold a patient's row for ever."""

# Longer than statement_timeout, so that the server's own sentence comes first where it still speaks.
ON_THE_COMMAND_LINE = 40.0
IN_A_REQUEST = 8.0
TO_BE_CHECKED: Final = 2.0
TO_BE_ASKED: Final = 3.0
"""For the one question whether a server that stood still answers again."""
# What has not answered once is not waited for again as long: a request asks for its person, its page and its session.
AFTER_SILENCE: Final = 1.0
_seconds: ContextVar[float] = ContextVar("seconds_for_the_database", default=ON_THE_COMMAND_LINE)


def startup_options() -> str:
    """The limits as a connection asks for them. No plan is compiled to machine code: of a query that counts a large
    clinic that takes longer than the counting."""
    return " ".join(f"-c {name}={value}" for name, value in {**LIMITS, "jit": "off"}.items())


def absent_limits(connection: Any) -> list[str]:
    """For each limit that a Django connection to PostgreSQL does not have, the statement that sets it for its role."""
    wanted = []
    with connection.cursor() as cursor:
        for name, value in LIMITS.items():
            cursor.execute("SELECT setting, current_user FROM pg_settings WHERE name = %s", [name])
            setting, role = cursor.fetchone()
            if setting == "0":
                wanted.append(f"ALTER ROLE {connection.ops.quote_name(role)} SET {name} = '{value}';")
    return wanted


@contextmanager
def answer_within(seconds: float) -> Iterator[None]:
    """Each question to PostgreSQL asked inside, by this thread, gets its answer in so many seconds or fails."""
    token = _seconds.set(seconds)
    try:
        yield
    finally:
        _seconds.reset(token)


class BoundedConnection(Connection[Any]):
    """A connection that gives up. What did not answer is closed: nobody knows what it is still doing.

    It is not asked to cancel: a commit that waits for its second copy would then be confirmed without one.
    """

    def execute(self, query: Any, *told: Any, **options: Any) -> Any:
        """As psycopg's. The empty query, by which the pool asks a connection whether it still works, takes no time."""
        if query != "":
            return super().execute(query, *told, **options)
        with answer_within(min(_seconds.get(), TO_BE_CHECKED)):
            return super().execute(query, *told, **options)

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg's; raises OperationalError when the server has not answered in time."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        seconds = _seconds.get()
        try:
            return super().wait(gen, interval, seconds)
        except errors._WaitTimeout:  # the one error that psycopg documents for this
            self.close()
            _seconds.set(min(seconds, AFTER_SILENCE))
            raise OperationalError(f"the database server gave no answer for {seconds:.0f} s") from None
