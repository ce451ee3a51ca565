"""Migrating a database of PostgreSQL while people work in it."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import pre_migrate

from clinic.management.commands import migrate

pytestmark = pytest.mark.postgres


class Reader:
    """Somebody whose page has read the table of clinics and not ended; it ends when `migrate` says that it waits."""

    def __init__(self) -> None:
        self.connection = connection.copy()
        self.said: list[str] = []

    def __enter__(self) -> "Reader":
        self.connection.set_autocommit(False)
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM clinic_clinic")
        return self

    def write(self, words: str) -> None:
        self.said.append(words.strip())
        self.connection.rollback()

    def __exit__(self, *fault: object) -> None:
        self.connection.rollback()
        self.connection.close()


def timeout_now() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


def test_waits_for_whoever_reads(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "SECONDS_BETWEEN", 0)
    call_command("migrate", "clinic", "0013", verbosity=0)
    with Reader() as reader:
        call_command("migrate", verbosity=0, stderr=reader)

    assert reader.said == ["Somebody works with a table that is to be changed. It is tried again."]
    with connection.cursor() as cursor:
        cursor.execute("SELECT closed FROM clinic_clinic")


def test_a_statement_has_its_time(transactional_db: None) -> None:
    """An index of a large table takes longer than a page may: no limit while migrating, and the usual one again."""
    found: list[str] = []

    def ask(**told: Any) -> None:
        found.append(timeout_now())

    usual = timeout_now()
    pre_migrate.connect(ask, weak=False)
    try:
        call_command("migrate", verbosity=0)
    finally:
        pre_migrate.disconnect(ask)

    assert set(found) == {"0"} and timeout_now() == usual == "30s"
