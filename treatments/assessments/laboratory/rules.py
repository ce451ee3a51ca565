"""How a laboratory value stands to its reference range, and what may be said of two values. No Django here."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from treatments.assessments.laboratory.catalogue import ANALYTES, Analyte, converted, shown_unit
from treatments.records.formatting import number, signed
from treatments.records.problems import Problem, error, warning

FAR = 20
"""A value so many times beyond its range is most often one in another unit, or in the wrong row. The figure is ours."""


class Standing(StrEnum):
    """A value against the range of its report, in the word that pages print."""

    LOW = "low"
    HIGH = "high"
    WITHIN = "within the range"
    UNKNOWN = "no range"
    OPEN = "cannot be told"

    @property
    def is_outside(self) -> bool:
        return self in {Standing.LOW, Standing.HIGH}


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as it was reported. `comparator` is "<" or ">" where the laboratory gives only a bound, else "".

    `low` and `high` are the ends of the reference range, which belong to it, in the unit of the value.
    """

    analyte: str
    comparator: str
    value: Decimal
    unit: str
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def standing(self) -> Standing:
        """Of a bound only what is certain: "< 3" with a range from 5 is low, "< 8" cannot be told."""
        if self.low is None and self.high is None:
            return Standing.UNKNOWN
        below = self.low is not None and (self.value <= self.low if self.comparator == "<" else self.value < self.low)
        above = self.high is not None and (
            self.value >= self.high if self.comparator == ">" else self.value > self.high
        )
        if below and self.comparator != ">":
            return Standing.LOW
        if above and self.comparator != "<":
            return Standing.HIGH
        return Standing.WITHIN if self._is_certainly_within else Standing.OPEN

    @property
    def _is_certainly_within(self) -> bool:
        if self.comparator == "<":
            return self.low is None and self.high is not None and self.value <= self.high
        if self.comparator == ">":
            return self.high is None and self.low is not None and self.value >= self.low
        return True

    @property
    def shown(self) -> str:
        """ "18 µg/L", "< 0.1 mIU/L"."""
        return f"{f'{self.comparator} ' if self.comparator else ''}{number(self.value)} {self.shown_unit}"

    @property
    def shown_unit(self) -> str:
        return shown_unit(self.analyte, self.unit)

    @property
    def shown_range(self) -> str:
        """ "30–400", "up to 4.2", "from 30"; "" where no range was reported."""
        if self.low is not None and self.high is not None:
            return f"{number(self.low)}–{number(self.high)}"
        if self.high is not None:
            return f"up to {number(self.high)}"
        return f"from {number(self.low)}" if self.low is not None else ""


@dataclass(frozen=True, slots=True)
class Change:
    """From an earlier value to a later one, in the unit of the later; `reason` says why there is no figure."""

    difference: Decimal | None
    per_cent: Decimal | None
    unit: str
    reason: str = ""

    @property
    def shown(self) -> str:
        """ "+12 µg/L (+67 %)", "no change"."""
        if self.difference is None:
            return self.reason
        if not self.difference:
            return "no change"
        share = f" ({signed(self.per_cent)} %)" if self.per_cent is not None else ""
        return f"{signed(self.difference)} {self.unit}{share}"


def change(earlier: Reading, later: Reading) -> Change:
    """The difference of two values of one test, and in per cent of the earlier, to a whole number."""
    if earlier.comparator or later.comparator:
        return Change(None, None, later.shown_unit, "no figure: one of the two is a bound")
    before = converted(earlier.analyte, earlier.value, earlier.unit, to=later.unit)
    if before is None:
        return Change(None, None, later.shown_unit, f"no figure: {earlier.shown_unit} before")
    share = ((later.value - before) / before * 100).quantize(Decimal(1), ROUND_HALF_UP) + 0 if before else None
    return Change(later.value - before, share, later.shown_unit)


def value_problems(reading: Reading) -> list[Problem]:
    """What cannot be is an error; what is most often a slip is a warning. `field` is "value" or "low"."""
    if reading.low is not None and reading.high is not None and reading.low > reading.high:
        return [error(12, "low", "The range begins above its end. Change one of the two.", "range")]
    known = ANALYTES[reading.analyte].unit(reading.unit) if reading.analyte in ANALYTES else None
    if known is not None and reading.value > known.most:
        sentence = f"{reading.shown} is not possible (at most {number(known.most)}). Check the figure and the unit."
        return [error(10, "value", sentence, "hard")]
    return _of_another_unit(reading) or _far_outside(reading)


def _of_another_unit(reading: Reading) -> list[Problem]:
    """A value, or the upper end of a range, that is unusual in its unit: most often it was printed beside another one.
    A bound is judged on the side that is certain."""
    analyte = ANALYTES.get(reading.analyte)
    unit = analyte.unit(reading.unit) if analyte else None
    if analyte is None or unit is None:
        return []
    low, high = unit.usual
    is_below = reading.value < low and reading.comparator != ">" and reading.value != 0
    is_above = reading.value > high and reading.comparator != "<"
    if (is_below and reading.comparator != "<") or is_above:
        others = [each.shown for each in analyte.units if each.is_usual(reading.value)]
        sentence = (
            f"{reading.shown} of {analyte.stem} is unusual: most values lie between {number(low)} and {number(high)}."
        )
        return [warning(10, "value", f"{sentence} {_check_unit(analyte, others)}", "unusual_in_its_unit")]
    if reading.high is not None and not unit.is_usual_end(reading.high):
        others = [each.shown for each in analyte.units if each.is_usual_end(reading.high)]
        sentence = f"A range that ends at {number(reading.high)} {unit.shown} is unusual for {analyte.stem}."
        return [warning(10, "low", f"{sentence} {_check_unit(analyte, others)}", "unusual_range")]
    return []


def _check_unit(analyte: Analyte, others: list[str]) -> str:
    """ "It would be usual in nmol/L. Check the unit on the report: 1 ng/mL is 1 µg/L, and about 2.5 nmol/L."."""
    usual = f"It would be usual in {' or '.join(others)}. " if others else ""
    return f"{usual}Check the figure, and the unit on the report: {analyte.about_units}"


def _far_outside(reading: Reading) -> list[Problem]:
    far_above = reading.high is not None and reading.value > reading.high * FAR
    far_below = reading.low is not None and reading.value * FAR < reading.low
    if not (far_above and reading.comparator != "<") and not (far_below and reading.comparator != ">"):
        return []
    sentence = (
        f"{reading.shown} is very far outside the range {reading.shown_range}. Check the figure, and that value and "
        "range have the same unit."
    )
    return [warning(10, "value", sentence, "far_outside")]
