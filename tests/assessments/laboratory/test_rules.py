from decimal import Decimal

import pytest

from treatments.assessments.laboratory.catalogue import ANALYTES, converted
from treatments.assessments.laboratory.rules import Reading, Standing, change, value_problems


def reading(value: str, *, comparator: str = "", low: str = "", high: str = "", unit: str = "ug/L") -> Reading:
    ends = (Decimal(end) if end else None for end in (low, high))
    return Reading("ferritin", comparator, Decimal(value), unit, *ends)


@pytest.mark.parametrize(
    ("value", "comparator", "low", "high", "standing"),
    [
        ("18", "", "", "", Standing.UNKNOWN),
        ("18", "", "30", "400", Standing.LOW),
        ("30", "", "30", "400", Standing.WITHIN),
        ("400", "", "30", "400", Standing.WITHIN),
        ("401", "", "30", "400", Standing.HIGH),
        ("18", "", "30", "", Standing.LOW),
        ("18", "", "", "400", Standing.WITHIN),
        ("30", "<", "30", "400", Standing.LOW),
        ("31", "<", "30", "400", Standing.OPEN),
        ("3", "<", "", "5", Standing.WITHIN),
        ("6", "<", "", "5", Standing.OPEN),
        ("400", ">", "30", "400", Standing.HIGH),
        ("100", ">", "30", "400", Standing.OPEN),
        ("100", ">", "30", "", Standing.WITHIN),
        ("10", ">", "30", "", Standing.OPEN),
    ],
)
def test_standing(value: str, comparator: str, low: str, high: str, standing: Standing) -> None:
    """Of a bound only what is certain is said; the ends belong to the range."""
    assert reading(value, comparator=comparator, low=low, high=high).standing == standing


def test_shown() -> None:
    """A value with its bound and unit; a range with one end or two."""
    assert reading("0.10", comparator="<").shown == "< 0.1 µg/L"
    assert reading("1", low="30", high="400").shown_range == "30–400"
    assert (reading("1", high="4.2").shown_range, reading("1", low="30").shown_range) == ("up to 4.2", "from 30")
    assert reading("1").shown_range == ""


def test_converted() -> None:
    """Units that differ by a power of ten; never between mass and substance."""
    assert converted("testosterone", Decimal(350), "ng/dL", to="ng/mL") == Decimal("3.5")
    assert converted("testosterone", Decimal("3.5"), "ug/L", to="ng/dL") == Decimal(350)
    assert converted("testosterone", Decimal(12), "nmol/L", to="ng/dL") is None
    assert converted("vitamin_d", Decimal(20), "ng/mL", to="nmol/L") is None
    assert converted("", Decimal(20), "mg/L", to="g/L") is None
    assert converted("", Decimal(20), "mg/L", to="mg/L") == 20


def test_change() -> None:
    """A figure in the later unit; the reason where there is none."""
    assert change(reading("14"), reading("31", unit="ng/mL")).shown == "+17 ng/mL (+121 %)"
    assert change(reading("40"), reading("30")).shown == "−10 µg/L (−25 %)"
    assert change(reading("0"), reading("3")).shown == "+3 µg/L"
    assert change(reading("5"), reading("5")).shown == "no change"
    assert "bound" in change(reading("5", comparator="<"), reading("6")).shown
    molar = Reading("vitamin_d", "", Decimal(50), "nmol/L")
    assert change(molar, Reading("vitamin_d", "", Decimal(20), "ng/mL")).shown == "no figure: nmol/L before"


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        (reading("18", low="30", high="400"), []),
        (reading("18", low="400", high="30"), ["range"]),
        (reading("100001"), ["hard"]),
        (reading("8001", low="30", high="400"), ["far_outside"]),
        (reading("8001", comparator="<", low="30", high="400"), []),
        (reading("1.4", low="30", high="400"), ["far_outside"]),
    ],
)
def test_problems(typed: Reading, codes: list[str]) -> None:
    """A range that runs backwards and a figure that cannot be are errors; one far outside is asked about."""
    assert [problem.code for problem in value_problems(typed)] == codes


@pytest.mark.parametrize(
    ("analyte", "value", "unit", "high", "codes", "other"),
    [
        ("vitamin_d", "250", "ng/mL", "", ["unusual_in_its_unit"], "usual in nmol/L."),
        ("vitamin_d", "8", "nmol/L", "", ["unusual_in_its_unit"], "usual in ng/mL or µg/L."),
        ("vitamin_d", "60", "ng/mL", "100", [], ""),
        ("vitamin_d", "60", "nmol/L", "125", [], ""),
        ("vitamin_d", "60", "ng/mL", "250", ["unusual_range"], "usual in nmol/L."),
        ("vitamin_d", "30", "nmol/L", "50", ["unusual_range"], "usual in ng/mL or µg/L."),
        ("testosterone", "450", "nmol/L", "", ["unusual_in_its_unit"], "usual in ng/dL."),
        ("testosterone", "18", "nmol/L", "30", [], ""),
        ("testosterone", "0", "nmol/L", "", [], ""),
        ("ferritin", "80", "ng/mL", "", [], ""),
        ("ferritin", "0.08", "ug/L", "", ["unusual_in_its_unit"], "1 ng/mL is 1 µg/L."),
    ],
)
def test_unit_is_asked(analyte: str, value: str, unit: str, high: str, codes: list[str], other: str) -> None:
    """A figure, or range, that is unusual in its unit asks for the unit, and names the one where it would be usual."""
    problems = value_problems(Reading(analyte, "", Decimal(value), unit, None, Decimal(high) if high else None))
    assert [each.code for each in problems] == codes
    assert all(other in each.sentence for each in problems)


def test_every_unit_can_be_spelled() -> None:
    """Each analyte has its units once, in UCUM and as printed."""
    for analyte in ANALYTES.values():
        ucum = [unit.ucum for unit in analyte.units]
        assert len(set(ucum)) == len(ucum) and all(unit.shown and unit.most > 0 for unit in analyte.units)
