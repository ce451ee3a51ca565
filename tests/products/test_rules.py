from datetime import date
from decimal import Decimal

import pytest

from treatments.products.rules import (
    handling_problems,
    label_and_basis_problems,
    last_valid_day,
    lot_problems,
    particles_given,
    product_problems,
)
from treatments.products.vocabulary import HUMAN_SOURCES, RED_FLAG_BASES, RegulatoryBasis, SourceType
from treatments.records.partial_dates import PartialDate


def codes(problems):
    return [p.code for p in problems]


@pytest.mark.parametrize(
    ("expiry", "last"),
    [
        (PartialDate("2025-02"), date(2025, 2, 28)),
        (PartialDate("2025-02-10"), date(2025, 2, 10)),
        (date(2025, 2, 10), date(2025, 2, 10)),
    ],
)
def test_year_and_month_valid_to_its_end(expiry, last):
    """A year and month is valid to the month's end."""
    assert last_valid_day(expiry) == last


@pytest.mark.parametrize(
    ("known", "expiry", "expected"),
    [
        (True, date(2025, 5, 14), []),
        (True, date(2025, 5, 13), ["expired-drug"]),
        (True, PartialDate("2025-05"), []),
        (True, PartialDate("2025-04"), ["expired-drug"]),
        (True, None, ["expiry_unknown"]),
        (False, None, ["lot_unknown"]),
    ],
)
def test_rule_15_expired_or_unknown_lot(known, expiry, expected):
    """An expired lot or an unknown expiry is acknowledged."""
    problems = lot_problems(lot_known=known, expiry=expiry, used_on=date(2025, 5, 14))
    assert codes(problems) == expected
    assert all(p.rule == 15 and not p.is_error for p in problems)


@pytest.mark.parametrize(
    ("mixed", "limit", "cold", "expected"),
    [
        ("2", 2, True, []),
        ("2.1", 2, True, ["in_use_limit"]),
        ("30", None, True, []),
        (None, 2, None, []),
        (None, None, False, ["cold_chain"]),
        ("3", 2, False, ["in_use_limit", "cold_chain"]),
    ],
)
def test_rule_16_mixing_and_cold_chain(mixed, limit, cold, expected):
    """Time since mixing and cold chain."""
    problems = handling_problems(mixed_hours=Decimal(mixed) if mixed else None, in_use_hours=limit, cold_chain_ok=cold)
    assert codes(problems) == expected
    assert all(p.rule == 16 for p in problems)


def test_unknown_strength_is_unknown_dose():
    """An unknown strength is an unknown dose."""
    assert particles_given(None, Decimal("3")) is None
    assert particles_given(Decimal("2.5"), Decimal("3")) == Decimal("7.5")


def test_unestablished_is_a_red_flag():
    """What is not established is a red flag."""
    assert RED_FLAG_BASES == {"cosmetic_used_by_injection", "unregistered_other", "unknown"}


@pytest.mark.parametrize(
    ("source", "donor", "objections"),
    [
        ("platelet_rich_plasma", "autologous", []),
        ("platelet_rich_plasma", "allogeneic", ["own_blood"]),
        ("msc_adipose", "autologous", ["own_blood"]),
        ("unknown", "unknown", ["own_blood"]),
    ],
)
def test_own_blood_is_a_basis_of_its_own(source, donor, objections):
    """Platelet-rich plasma is prepared at the visit: no reason is asked for at each session, and nothing else has this
    basis."""
    told = {"regulatory_note": "", "marketed_as": "", "source_type": source, "donor": donor}
    problems = product_problems(regulatory_basis=RegulatoryBasis.OWN_BLOOD, **told)
    assert [problem.code for problem in problems if problem.is_error] == objections
    route = {"breaks_skin": True, "labelled_route": "not_stated"}
    assert label_and_basis_problems(**route, regulatory_basis=RegulatoryBasis.OWN_BLOOD) == []


def test_human_sources_exclude_plants():
    """Human sources leave out plants and the unknown."""
    assert SourceType.MSC_ADIPOSE in HUMAN_SOURCES and SourceType.PLATELET in HUMAN_SOURCES
    assert not {SourceType.PLANT_ROSE_STEM_CELL, SourceType.UNKNOWN, SourceType.MILK} & HUMAN_SOURCES


@pytest.mark.parametrize(
    ("used", "expected"),
    [("2025-04", ["expired-drug"]), ("2025-02", ["perhaps_expired"]), ("2025-01", []), ("2025-02-14", [])],
)
def test_expiry_of_a_month_of_use(used, expected):
    """Used in a month without a day, a lot that expired in it may have been expired: it is asked."""
    assert codes(lot_problems(lot_known=True, expiry=date(2025, 2, 14), used_on=PartialDate(used))) == expected
