"""How much a measurement changed in the same patients: mean, mean in per cent, and median."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean, median, stdev
from typing import Final

from treatments.evidence.statistics.quantiles import student_t
from treatments.evidence.statistics.results import (
    ALL_EQUAL,
    NO_VALUES,
    ONE_VALUE,
    TAIL,
    Estimate,
    Interval,
    NoAnswer,
    is_zero,
)

FEWEST_FOR_MEDIAN: Final = 6
"""Below it no interval of the signed ranks reaches 95 %: with 5 values the widest holds 93.75 %."""
MOST_FOR_MEDIAN: Final = 200
"""The exact distribution of the signed ranks of more takes too long."""


def mean_change(differences: Sequence[float]) -> Estimate | NoAnswer:
    """The mean of after minus before, in their unit, with Student's interval (Student, Biometrika 1908)."""
    if not differences:
        return NO_VALUES
    mean, n = fmean(differences), len(differences)
    if n == 1:
        return Estimate(mean, ONE_VALUE, n)
    spread = stdev(differences)
    if is_zero(spread, mean):
        return Estimate(mean, ALL_EQUAL, n)
    half = student_t(1 - TAIL, n - 1) * spread / math.sqrt(n)
    return Estimate(mean, Interval(mean - half, mean + half), n)


def percent_change(pairs: Sequence[tuple[float, float]]) -> Estimate | NoAnswer:
    """The mean ratio of after to before as a change in per cent, from pairs of before and after.

    Computed on logarithms, so that a doubling and a halving cancel out: the value is the geometric mean, and the
    interval is not symmetric.
    """
    if any(before <= 0 or after <= 0 for before, after in pairs):
        return NoAnswer("A change in per cent needs values above 0 before and after.")
    change = mean_change([math.log(after / before) for before, after in pairs])
    return change if isinstance(change, NoAnswer) else change.transformed(lambda ratio: 100 * math.expm1(ratio))


def median_change(differences: Sequence[float]) -> Estimate | NoAnswer:
    """The Hodges-Lehmann estimate, the median of all averages of two, with the exact interval of the signed ranks.

    The level that the interval has is never just 95 %, and stands in it. Hollander and Wolfe, Nonparametric Statistical
    Methods, sections 3.2 and 3.3. Where values are equal to each other or to 0 the level is at least that.
    """
    n = len(differences)
    if not n:
        return NO_VALUES
    if n > MOST_FOR_MEDIAN:
        return NoAnswer(
            f"The exact median change is computed up to {MOST_FOR_MEDIAN} patients; the mean has an interval."
        )
    values = list(differences)
    averages = sorted((values[i] + values[j]) / 2 for i in range(n) for j in range(i, n))
    middle = median(averages)
    if n < FEWEST_FOR_MEDIAN:
        few = f"With fewer than {FEWEST_FOR_MEDIAN} values no interval of the median reaches 95 %."
        return Estimate(middle, NoAnswer(few), n)
    rank, level = _rank_of_limits(n)
    return Estimate(middle, Interval(averages[rank - 1], averages[-rank], level), n)


@cache
def _rank_of_limits(n: int) -> tuple[int, float]:
    """The largest q with P(W < q) of at most 2.5 %, W the sum of the positive ranks, and the level of its interval."""
    ways = [1]  # in how many ways the ranks so far add up to each sum
    for rank in range(1, n + 1):
        ways += [0] * rank
        ways = [count + (ways[total - rank] if total >= rank else 0) for total, count in enumerate(ways)]
    below, rank = 0, 0
    while (below + ways[rank]) / 2**n <= TAIL:
        below += ways[rank]
        rank += 1
    return rank, 1 - 2 * below / 2**n


@dataclass(frozen=True)
class Sums:
    """What a database adds up of many values: how many, their sum, and the sum of their squares."""

    n: int
    total: float
    squares: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Sums":
        return cls(len(values), math.fsum(values), math.fsum(value * value for value in values))

    @property
    def mean(self) -> float | None:
        return self.total / self.n if self.n else None

    @property
    def deviation(self) -> float | None:
        """The standard deviation; None of fewer than two values."""
        if self.n < 2:
            return None
        return math.sqrt(max(0.0, self.squares - self.total**2 / self.n) / (self.n - 1))


def mean_from_sums(sums: Sums) -> Estimate | NoAnswer:
    """As `mean_change`, of values that were added up elsewhere.

    The spread is what two sums differ by, and loses figures where the mean is many times the spread: not of changes.
    """
    if not sums.n:
        return NO_VALUES
    mean = sums.total / sums.n
    if sums.n == 1:
        return Estimate(mean, ONE_VALUE, 1)
    spread = sums.deviation or 0.0
    if spread <= 1e-7 * max(1.0, abs(mean)):  # the root of what rounding leaves of two equal sums
        return Estimate(mean, ALL_EQUAL, sums.n)
    half = student_t(1 - TAIL, sums.n - 1) * spread / math.sqrt(sums.n)
    return Estimate(mean, Interval(mean - half, mean + half), sums.n)


def percent_from_sums(logs: Sums) -> Estimate | NoAnswer:
    """As `percent_change`, from the sums of the logarithms of after by before."""
    change = mean_from_sums(logs)
    return change if isinstance(change, NoAnswer) else change.transformed(lambda ratio: 100 * math.expm1(ratio))


def median_percent(logs: Sequence[float]) -> Estimate | NoAnswer:
    """As `median_change`, of the logarithms of after by before, told in per cent."""
    change = median_change(logs)
    return change if isinstance(change, NoAnswer) else change.transformed(lambda ratio: 100 * math.expm1(ratio))
