"""What is left of a lot, in figures alone: nothing here asks a database."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.products.balance import Balance, Change, left_text, vials

VOLUMES = st.decimals(0, 20, places=2)


def ml(*volumes: str | int) -> list[Decimal]:
    return [Decimal(volume) for volume in volumes]


@pytest.mark.parametrize(
    ("volume", "words", "in_one_breath"),
    [
        ("15", "3 vials", "3 vials"),
        ("5", "1 vial", "1 vial"),
        ("4.8", "less than one vial", "4.8 mL, less than one vial"),
        ("4.99", "less than one vial", "4.99 mL, less than one vial"),
        ("14.8", "2 vials and 4.8 mL", "14.8 mL, 2 vials and 4.8 mL"),
        ("0.3", "less than one vial", "0.3 mL, less than one vial"),
        ("0", "", "0 mL"),
    ],
)
def test_vials_are_never_rounded(volume: str, words: str, in_one_breath: str) -> None:
    """4.8 mL of 5 mL vials is no vial."""
    assert vials(Decimal(volume), Decimal(5)) == words
    assert left_text(Decimal(volume), Decimal(5)) == in_one_breath
    assert left_text(Decimal("4.8"), None) == "4.8 mL"


def test_finish_put_back_and_strike_out() -> None:
    """Finished, put back as counted, its session struck out: never more than was received."""
    lot = Balance(*ml(10, 7, 3))
    lot += lot.finish()
    assert lot == Balance(*ml(10, 0, 3, 7))
    with pytest.raises(ValueError, match="10 mL was received, 3 mL of it given: at most 7 mL can be left."):
        lot.counted(Decimal(10))
    lot += lot.counted(Decimal(7))
    lot += lot.give_back(Decimal(3), is_finished=False)
    assert lot == Balance(*ml(10, 10))


def test_finished_lot_gets_no_stock() -> None:
    """What comes back to a finished lot counts as discarded, and what is given from it had been."""
    lot = Balance(*ml(10, 0, 3, 7))
    lot += lot.give_back(Decimal(3), is_finished=True)
    assert lot == Balance(*ml(10, 0, 0, 10))
    lot += lot.give(Decimal(4), is_finished=True)
    assert lot == Balance(*ml(10, 0, 4, 6))
    with pytest.raises(ValueError, match="Only 6 mL is left"):
        lot.give(Decimal("6.01"), is_finished=True)


@pytest.mark.parametrize(
    ("counted", "after"),
    [
        ("10", ml(10, 10)),
        ("7", ml(10, 7, 0, 3)),
        ("0", ml(10, 0, 0, 10)),
        ("13", ml(13, 13)),
    ],
)
def test_counting_settles_an_excess(counted: str, after: list[Decimal]) -> None:
    """13 mL in stock of 10 mL received, from a release that had no equation: the count is what is true."""
    lot = Balance(*ml(10, 13, 0, 0, 3))
    assert lot + lot.counted(Decimal(counted), received_more=True) == Balance(*after)


def test_finishing_an_excess() -> None:
    lot = Balance(*ml(10, 13, 0, 0, 3))
    assert lot + lot.finish() == Balance(*ml(10, 0, 0, 10))


@pytest.mark.parametrize(
    ("received", "is_finished", "after"),
    [
        ("12", False, ml(12, 7, 3, 2)),
        ("12", True, ml(12, 5, 3, 4)),
        ("6", False, ml(6, 1, 3, 2)),
        ("4", False, ml(4, 0, 3, 1)),
        ("6", True, ml(6, 3, 3)),
        ("3", False, ml(3, 0, 3)),
    ],
)
def test_received_is_corrected(received: str, is_finished: bool, after: list[Decimal]) -> None:
    """What is left follows; never less than was given."""
    lot = Balance(*ml(10, 5, 3, 2))
    assert lot + lot.received_was(Decimal(received), is_finished=is_finished) == Balance(*after)
    with pytest.raises(ValueError, match="3 mL of it has been given"):
        lot.received_was(Decimal("2.99"), is_finished=is_finished)


@given(st.data())
def test_every_act_keeps_the_equation(data: st.DataObject) -> None:
    """received + excess = in stock + given + discarded, whatever is done, and no part falls below zero."""
    stock, given_ml, discarded, excess = (data.draw(VOLUMES) for _ in range(4))
    received = stock + given_ml + discarded - excess
    if received < 0:
        received, excess = Decimal(0), stock + given_ml + discarded
    lot = Balance(received, stock, given_ml, discarded, excess)
    assert lot.is_kept
    volume, is_finished = data.draw(VOLUMES), data.draw(st.booleans())
    for act in (
        lambda: lot.give(volume, is_finished=is_finished),
        lambda: lot.give_back(min(volume, given_ml), is_finished=is_finished),
        lot.finish,
        lambda: lot.counted(volume),
        lambda: lot.counted(volume, received_more=True),
        lambda: lot.received_was(volume, is_finished=is_finished),
    ):
        try:
            change: Change = act()
        except ValueError:
            continue
        assert (lot + change).is_kept, change
