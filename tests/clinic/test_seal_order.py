"""Sealing beside people who write: nothing that commits late comes to stand below a seal, and nobody waits for long."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from clinic.audit import event_ids, log, seal_timer, sealing, verification
from clinic.audit.models import AuditEvent, AuditSeal
from tests.concurrency import at_once


@pytest.fixture(autouse=True)
def own_heads(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def by_itself(settings: Any) -> Iterator[None]:
    """As in a server, only sooner."""
    settings.AUDIT_SEAL_SECONDS = 0.05
    seal_timer.start()
    yield
    seal_timer._is_on = False
    while (pending := seal_timer._pending) is not None:
        pending.join()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_late_commits_are_sealed_later() -> None:
    """One person's event has its id first and commits last: the seal waits for it, and the other writer for nobody."""
    has_written, may_commit = threading.Event(), threading.Event()

    def late() -> None:
        try:
            with transaction.atomic():
                log.record("late", by=None, clinic=None)
                has_written.set()
                may_commit.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=late)
    thread.start()
    has_written.wait(10)
    log.record("early", by=None, clinic=None)
    assert [event.action for event in AuditEvent.objects.all()] == ["early"]
    began = time.monotonic()
    assert sealing.seal() is None and not AuditSeal.objects.exists()
    assert time.monotonic() - began < 2
    may_commit.set()
    thread.join()
    assert sealing.seal() == 2
    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == ["late", "early"]
    assert verification.verify().is_whole


@pytest.mark.postgres
@pytest.mark.django_db
def test_ids_go_on_when_a_migration_does() -> None:
    """There and back: no id is given twice, and an id that is told, as in a restored backup, is kept."""
    first = log.record("viewed", by=None, clinic=None).pk
    connection.check_constraints()
    event_ids.as_before(connection)
    second = log.record("viewed", by=None, clinic=None).pk
    connection.check_constraints()
    event_ids.put_in_order(connection)
    third = log.record("viewed", by=None, clinic=None).pk
    assert first < second < third
    assert AuditEvent.objects.create(pk=third + 50, action="viewed").pk == third + 50


@pytest.mark.django_db(transaction=True)
def test_sealing_at_once_seals_once() -> None:
    for _ in range(20):
        log.record("viewed", by=None, clinic=None)
    answers = at_once(sealing.seal, times=4)
    assert sum(answer or 0 for answer in answers) == 20
    assert AuditSeal.objects.count() == 1 and verification.verify().is_whole


@pytest.mark.django_db(transaction=True)
def test_writers_and_sealers_together() -> None:
    """Six threads write and seal again and again: every event ends up in one seal."""

    def write() -> None:
        for number in range(15):
            with transaction.atomic():
                log.record("viewed", by=None, clinic=None, detail={"number": number})
            if number % 5 == 0:
                sealing.seal()

    at_once(write, times=6)
    sealing.seal()
    assert sum(AuditSeal.objects.values_list("count", flat=True)) == 90
    verdict = verification.verify()
    assert verdict.is_whole, verdict


@pytest.mark.django_db(transaction=True)
def test_a_server_seals_by_itself(by_itself: None) -> None:
    """After the commit, and not before: what is rolled back seals nothing."""
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        log.record("viewed", by=None, clinic=None)
        raise ZeroDivisionError
    log.record("viewed", by=None, clinic=None)
    until = time.monotonic() + 10
    while not AuditSeal.objects.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert AuditSeal.objects.get().count == 1


def test_a_command_seals_nothing_by_itself() -> None:
    assert not seal_timer.is_on()
    seal_timer.schedule()
    assert seal_timer._pending is None
