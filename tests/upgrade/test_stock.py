"""The stock of a clinic of release 0.1.0: as it stood, with what was given, what was discarded and what cannot be."""

import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.upgrade.old_clinics import default_database, migrated_copy
from treatments.models import Lot, StockMovement
from treatments.products.balance import Balance
from treatments.products.stock import columns


@pytest.fixture
def untidy(django_db_blocker: Any) -> Iterator[Path]:
    """The untidy clinic, migrated and opened as the default database."""
    path = settings.SCRATCH / f"stock-{uuid.uuid4().hex}.sqlite3"
    with django_db_blocker.unblock():
        migrated_copy("untidy-clinic-0.1.0", path)
        with default_database(path):
            yield path
    for leftover in path.parent.glob(f"{path.name}*"):
        leftover.unlink()


pytestmark = pytest.mark.slow
CARRIED_OVER = {
    "LT-2601": "60 36 24 0 0",
    "RS-1": "10 3 0 7 0",
    "RS-2": "10 13 0 0 3",
    "RS-3": "10 1 2 7 0",
    "P-1": "10 13 0 0 3",
    "YR-25": "10 0 0 10 0",
    "E29Nov2026": "10 4.9 5.1 0 0",
    "RS-7": "0.3 0 0.3 0 0",
}
"""Received, in stock, given, discarded, and what is in stock beyond what was received; mL."""


def test_old_stock_is_carried_over(untidy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Received and in stock as they stood; given by the sessions; discarded what is missing; the excess by itself.
    Every lot is the sum of its ledger and of its sessions, and those that cannot be true are asked about."""
    for number, parts in CARRIED_OVER.items():
        lot = Lot.objects.get(number=number)
        assert lot.balance == Balance(*map(Decimal, parts.split())), number
        opening = lot.movements.get()
        assert (opening.kind, opening.by, columns(lot.balance).items()) == (
            "carried_over",
            None,
            moved(opening).items(),
        )
        assert ("count it" in opening.reason) == bool(lot.excess_ml)
    doubtful = sorted(lot.number for lot in Lot.objects.select_related("product") if lot.must_be_counted)
    assert doubtful == ["P-1", "P-2", "RS-1", "RS-2", "RS-3"]
    call_command("stock")
    assert "32 lots compared" in capsys.readouterr().out


def moved(movement: StockMovement) -> dict[str, Decimal]:
    return {name: getattr(movement, name) for name in columns(Balance(Decimal(0), Decimal(0)))}
