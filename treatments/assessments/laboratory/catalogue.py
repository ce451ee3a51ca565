"""Laboratory tests that bear on hair loss, with their units. What else a clinic has measured it lists itself.

No reference range stands here: it differs by laboratory, method, sex and age, and is typed from the report. Units are
UCUM. Two units are converted only where they differ by a power of ten; between mass and substance (ng/mL and nmol/L)
nothing is converted, because it takes a molar mass that our source does not give. The highest values that are taken are
ours, far above what is found in people, to catch a figure in the wrong row. No Django here.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as UCUM spells it, and as a report prints it.

    `dimension` and `factor`: of units alike in the first, a value times the factor is the same in each.
    """

    ucum: str
    shown: str
    dimension: str
    factor: Decimal
    most: Decimal


@dataclass(frozen=True, slots=True)
class Analyte:
    """What a laboratory measures. `bears_on_hair`: another cause of hair loss that a value outside its range points to.

    `stem` is its name inside a sentence.
    """

    code: str
    label: str
    stem: str
    units: tuple[Unit, ...]
    bears_on_hair: str = ""

    def unit(self, ucum: str) -> Unit | None:
        return next((unit for unit in self.units if unit.ucum == ucum), None)


def _unit(ucum: str, shown: str, dimension: str, factor: str, most: str) -> Unit:
    return Unit(ucum, shown, dimension, Decimal(factor), Decimal(most))


THYROID_OR_IRON = "thyroid_or_iron"
"""The code of `Differential`: thyroid or iron disorder."""

ANALYTES: dict[str, Analyte] = {
    analyte.code: analyte
    for analyte in (
        Analyte(
            "ferritin",
            "Ferritin",
            "ferritin",
            (_unit("ug/L", "µg/L", "mass", "1", "100000"), _unit("ng/mL", "ng/mL", "mass", "1", "100000")),
            bears_on_hair=THYROID_OR_IRON,
        ),
        Analyte(
            "tsh",
            "TSH (thyroid-stimulating hormone)",
            "TSH",
            (
                _unit("m[IU]/L", "mIU/L", "activity", "1", "1000"),
                _unit("u[IU]/mL", "µIU/mL", "activity", "1", "1000"),
            ),
            bears_on_hair=THYROID_OR_IRON,
        ),
        Analyte(
            "vitamin_d",
            "Vitamin D (25-hydroxy)",
            "vitamin D",
            (
                _unit("nmol/L", "nmol/L", "substance", "1", "5000"),
                _unit("ng/mL", "ng/mL", "mass", "1", "2000"),
                _unit("ug/L", "µg/L", "mass", "1", "2000"),
            ),
        ),
        Analyte(
            "testosterone",
            "Testosterone (total)",
            "testosterone",
            (
                _unit("nmol/L", "nmol/L", "substance", "1", "1000"),
                _unit("ng/dL", "ng/dL", "mass", "1", "30000"),
                _unit("ng/mL", "ng/mL", "mass", "100", "300"),
                _unit("ug/L", "µg/L", "mass", "100", "300"),
            ),
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
