"""Django's migrate while people work: it has the time that it needs, and waits for what somebody holds.

A page that reads one table and waits for another, which a migration has changed and holds until its end, stops that
migration (or is stopped by it, answers 503, and its form is sent again). Nothing is left of a migration that was
stopped: each is one transaction, or can be begun again.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from clinic.database.timeouts import answer_within
from clinic.operations.outages import outage_of

SECONDS_TO_TRY: Final = 180
SECONDS_BETWEEN: Final = 2
LONGEST: Final = 24 * 3600
"""Seconds for one statement: an index of a large table takes more than a page has."""


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        until = time.monotonic() + SECONDS_TO_TRY
        with _time_enough(connections[options["database"]]):
            while True:
                try:
                    super().handle(*args, **options)
                except OperationalError as fault:
                    outage = outage_of(fault)
                    if not outage or outage.code != "record_locked" or time.monotonic() > until:
                        raise
                else:
                    return
                self.stderr.write("Somebody works with a table that is to be changed. It is tried again.")
                time.sleep(SECONDS_BETWEEN)


@contextmanager
def _time_enough(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """A lock is waited for as long as ever, which is short: everybody who comes later waits behind it."""
    if connection.vendor != "postgresql":
        yield
        return
    with answer_within(LONGEST):
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
        try:
            yield
        finally:
            if connection.connection and connection.is_usable():
                with connection.cursor() as cursor:
                    cursor.execute("RESET statement_timeout")
