"""How long Anagen waits for PostgreSQL before it says that the database does not answer.

The server's own limits (statement_timeout, lock_timeout) end what takes long there. They do nothing when the server
itself stands still, or the line to it is dead: then only the waiting side can end the wait.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from psycopg import Connection, OperationalError, errors

# Longer than statement_timeout, so that the server's own sentence comes first where it still speaks.
ON_THE_COMMAND_LINE = 40.0
IN_A_REQUEST = 8.0
_seconds: ContextVar[float] = ContextVar("seconds_for_the_database", default=ON_THE_COMMAND_LINE)


@contextmanager
def answer_within(seconds: float) -> Iterator[None]:
    """Each question to PostgreSQL asked inside, by this thread, gets its answer in so many seconds or fails."""
    token = _seconds.set(seconds)
    try:
        yield
    finally:
        _seconds.reset(token)


class BoundedConnection(Connection[Any]):
    """A connection that gives up. What did not answer is closed: nobody knows what it is still doing."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg's; raises OperationalError when the server has not answered in time."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        seconds = _seconds.get()
        try:
            return super().wait(gen, interval, seconds)
        except errors._WaitTimeout:  # the one error that psycopg documents for this
            self.close()
            raise OperationalError(f"the database server gave no answer for {seconds:.0f} s") from None
