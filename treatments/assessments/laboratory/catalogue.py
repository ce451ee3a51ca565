"""Laboratory tests that bear on hair loss, with their units. What else a clinic has measured it lists itself.

No reference range stands here: it differs by laboratory, method, sex and age, and is typed from the report. Units are
UCUM. Two units are converted only where they differ by a power of ten; between mass and substance (ng/mL and nmol/L)
nothing is converted, because it takes a molar mass that our source does not give. The highest values that are taken are
ours, far above what is found in people, to catch a figure in the wrong row. So is what is called usual: wide enough for
every patient of a clinic and their laboratories, to catch a figure beside the wrong unit. No Django here.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as UCUM spells it, and as a report prints it.

    `dimension` and `factor`: of units alike in the first, a value times the factor is the same in each. A value above
    `most` is refused, one outside `usual` is asked about; so is a range whose upper end lies outside `usual_end`.
    """

    ucum: str
    shown: str
    dimension: str
    factor: Decimal
    most: Decimal
    usual: tuple[Decimal, Decimal]
    usual_end: tuple[Decimal, Decimal]

    def is_usual(self, value: Decimal) -> bool:
        low, high = self.usual
        return low <= value <= high

    def is_usual_end(self, value: Decimal) -> bool:
        low, high = self.usual_end
        return low <= value <= high


@dataclass(frozen=True, slots=True)
class Analyte:
    """What a laboratory measures. `bears_on_hair`: another cause of hair loss that a value outside its range points to.

    `stem` is its name inside a sentence; `about_units` how its units stand to each other.
    """

    code: str
    label: str
    stem: str
    units: tuple[Unit, ...]
    bears_on_hair: str = ""
    about_units: str = ""

    def unit(self, ucum: str) -> Unit | None:
        return next((unit for unit in self.units if unit.ucum == ucum), None)


def _unit(ucum: str, shown: str, dimension: str, factor: str, most: str, usual: str, end: str) -> Unit:
    return Unit(ucum, shown, dimension, Decimal(factor), Decimal(most), _interval(usual), _interval(end))


def _interval(text: str) -> tuple[Decimal, Decimal]:
    low, high = map(Decimal, text.split())
    return low, high


THYROID_OR_IRON = "thyroid_or_iron"
"""The code of `Differential`: thyroid or iron disorder."""

ANALYTES: dict[str, Analyte] = {
    analyte.code: analyte
    for analyte in (
        Analyte(
            "ferritin",
            "Ferritin",
            "ferritin",
            (
                _unit("ug/L", "µg/L", "mass", "1", "100000", "1 10000", "20 1000"),
                _unit("ng/mL", "ng/mL", "mass", "1", "100000", "1 10000", "20 1000"),
            ),
            bears_on_hair=THYROID_OR_IRON,
            about_units="1 ng/mL is 1 µg/L.",
        ),
        Analyte(
            "tsh",
            "TSH (thyroid-stimulating hormone)",
            "TSH",
            (
                _unit("m[IU]/L", "mIU/L", "activity", "1", "1000", "0 150", "1 20"),
                _unit("u[IU]/mL", "µIU/mL", "activity", "1", "1000", "0 150", "1 20"),
            ),
            bears_on_hair=THYROID_OR_IRON,
            about_units="1 µIU/mL is 1 mIU/L.",
        ),
        Analyte(
            "vitamin_d",
            "Vitamin D (25-hydroxy)",
            "vitamin D",
            (
                _unit("nmol/L", "nmol/L", "substance", "1", "5000", "9 400", "75 400"),
                _unit("ng/mL", "ng/mL", "mass", "1", "2000", "3.5 160", "30 160"),
                _unit("ug/L", "µg/L", "mass", "1", "2000", "3.5 160", "30 160"),
            ),
            about_units="1 ng/mL is 1 µg/L, and about 2.5 nmol/L.",
        ),
        Analyte(
            "testosterone",
            "Testosterone (total)",
            "testosterone",
            (
                _unit("nmol/L", "nmol/L", "substance", "1", "1000", "0.05 60", "0.5 60"),
                _unit("ng/dL", "ng/dL", "mass", "1", "30000", "1.5 1700", "15 1700"),
                _unit("ng/mL", "ng/mL", "mass", "100", "300", "0.015 17", "0.15 17"),
                _unit("ug/L", "µg/L", "mass", "100", "300", "0.015 17", "0.15 17"),
            ),
            about_units="1 ng/mL is 1 µg/L and 100 ng/dL, and about 3.5 nmol/L.",
        ),
    )
}


def shown_unit(analyte: str, unit: str) -> str:
    """A unit as it is printed; that of a clinic's own test stands as it was typed."""
    known = ANALYTES[analyte].unit(unit) if analyte in ANALYTES else None
    return known.shown if known else unit


def converted(analyte: str, value: Decimal, unit: str, *, to: str) -> Decimal | None:
    """The value in another unit, exactly; None where the two differ by more than a power of ten."""
    if unit == to:
        return value
    known = ANALYTES.get(analyte)
    one, other = (known.unit(unit), known.unit(to)) if known else (None, None)
    if one is None or other is None or one.dimension != other.dimension:
        return None
    return value * one.factor / other.factor
