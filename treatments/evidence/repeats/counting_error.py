"""The clinic's own error of counting from its repeat counts. No Django here.

All on logarithms, since errors of counting multiply (`measurements/visibility.py`). The smallest detectable change is
1.96 x sqrt 2 x s_w (Bland and Altman, BMJ 1996;313:744), written as 100 times that figure, as the thresholds are; its
interval is that of a variance, by chi squared. A rise and a fall of that size differ: e^SDC - 1 and e^-SDC - 1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from treatments.evidence.statistics.repeatability import bland_altman, intraclass_correlation, repeatability
from treatments.evidence.statistics.results import Estimate, Interval, NoAnswer

FEWEST_PAIRS: Final = 10
"""Of fewer the interval is wider than from 0.7 to 1.75 times the figure, and nobody could judge by it."""
NEIGHBOURS_PCT: Final = 7.0
"""The spread between neighbouring spots, on drawings of scalps: what an unmatched spot adds, in quadrature."""
LEAST_PCT, MOST_PCT = 1.0, 100.0
"""What a limit can be: the bounds of the form on which it is typed."""


@dataclass(frozen=True)
class Pair:
    """Two counts of one spot in one unit, both above 0; `is_same_reader` is None where nobody recorded who counted."""

    first: float
    second: float
    is_same_reader: bool | None = None

    @property
    def logarithms(self) -> tuple[float, float]:
        return math.log(self.first), math.log(self.second)

    @property
    def middle(self) -> float:
        """The geometric mean of the two."""
        return math.sqrt(self.first * self.second)

    @property
    def difference_pct(self) -> float:
        """By how much the second count is above the first, in per cent."""
        return 100 * (self.second / self.first - 1)


@dataclass(frozen=True)
class Agreement:
    """Bland and Altman on logarithms, in per cent of the first count: by how much the second is above it.

    `bias` is the mean, and 95 of 100 second counts lie within `limits`.
    """

    bias: Estimate
    limits: Interval


@dataclass(frozen=True)
class CountingError:
    """`spread` is s_w and `smallest_change` the SDC, in per cent of the logarithm; `rise` and `fall` in per cent.

    `identical` counts the pairs of two equal counts.
    """

    pairs: int
    spread: Estimate
    smallest_change: Estimate
    rise: Estimate
    fall: Estimate
    correlation: Estimate | NoAnswer
    agreement: Agreement | NoAnswer
    identical: int

    @property
    def interval(self) -> Interval:
        found = self.smallest_change.interval
        if isinstance(found, NoAnswer):  # of ten pairs that are not all equal there is one
            raise TypeError(found.reason)
        return found

    @property
    def rounded_pct(self) -> float:
        """As a threshold is kept, to one decimal."""
        return round(self.smallest_change.value, 1)

    @property
    def unmatched_pct(self) -> float:
        """The error at a spot that was not matched: with the spread between neighbours in quadrature."""
        return round(math.hypot(self.smallest_change.value, 1.96 * math.sqrt(2) * NEIGHBOURS_PCT), 1)

    @property
    def sentence(self) -> str:
        """ "17 % from 10 pairs: the true one is likely to lie between 12 and 30 %."."""
        between = f"between {self.interval.low:.0f} and {self.interval.high:.0f} %"
        return f"{self.smallest_change.value:.0f} % from {self.pairs} pairs: the true one is likely to lie {between}."

    @property
    def refusal(self) -> str:
        """Why it cannot be a threshold; "" where it can."""
        if not LEAST_PCT <= self.rounded_pct <= MOST_PCT:
            return (
                f"An error of {self.rounded_pct:g} % cannot be a limit: it must lie between {LEAST_PCT:g} and "
                f"{MOST_PCT:g} %. Look through the pairs, and strike out what was entered in error."
            )
        return ""


def counting_error(pairs: Sequence[Pair]) -> CountingError | NoAnswer:
    """Of all pairs together, whoever counted; why there is none below `FEWEST_PAIRS`, and where all pairs are equal."""
    if len(pairs) < FEWEST_PAIRS:
        return NoAnswer(too_few(len(pairs)))
    logarithms = [pair.logarithms for pair in pairs]
    found = repeatability(logarithms)
    if isinstance(found, NoAnswer):
        return NoAnswer(
            "In every pair both counts are equal, so the error cannot be worked out. Count the second time without "
            "looking at the first count."
        )
    change = found.smallest_change.transformed(_per_cent)
    found_correlation = intraclass_correlation(logarithms)
    return CountingError(
        pairs=len(pairs),
        spread=found.within.transformed(_per_cent),
        smallest_change=change,
        rise=found.smallest_change.transformed(_rise),
        fall=found.smallest_change.transformed(lambda log: _rise(-log)),
        correlation=found_correlation if isinstance(found_correlation, NoAnswer) else found_correlation.absolute,
        agreement=_agreement(pairs),
        identical=sum(pair.first == pair.second for pair in pairs),
    )


def too_few(pairs: int) -> str:
    there = "There is no pair yet." if not pairs else f"There {'is 1 pair' if pairs == 1 else f'are {pairs} pairs'}."
    return (
        f"{there} At least {FEWEST_PAIRS} are needed: from fewer the error would be so uncertain that no change could "
        "be judged by it."
    )


def _agreement(pairs: Sequence[Pair]) -> Agreement | NoAnswer:
    found = bland_altman(*zip(*((second, first) for first, second in (p.logarithms for p in pairs)), strict=True))
    if isinstance(found, NoAnswer):
        return found
    return Agreement(found.bias.transformed(_rise), Interval(_rise(found.limits.low), _rise(found.limits.high)))


def _per_cent(log: float) -> float:
    return 100 * log


def _rise(log: float) -> float:
    return 100 * math.expm1(log)
