"""How far readers agree: per cent, kappa, Gwet's AC2 for two of them, Krippendorff's alpha for any number.

A table has a row for each answer of the first reader and a column for each of the second, in the same order.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate
from statistics import NormalDist, stdev
from typing import Final

from treatments.evidence.statistics.proportions import wilson
from treatments.evidence.statistics.quantiles import student_t
from treatments.evidence.statistics.results import TAIL, Estimate, Interval, NoAnswer, is_zero

Table = Sequence[Sequence[int]]
Matrix = list[list[float]]
FEWEST_PAIRS: Final = 20
"""Below it an interval of AC2 or alpha is not given: few pairs say little of how readers differ."""
FEWEST_FOR_NORMAL: Final = 80
"""The same for kappa, and for AC2 with quadratic weights: below it, in simulations of readers as Anagen has them
(tests/evidence/statistics/test_coverage.py), their intervals hold the true value too rarely."""
NO_VARIATION: Final = NoAnswer("All readings are in one category, so agreement beyond chance cannot be computed.")
TOO_FEW: Final = NoAnswer("Agreement needs two pairs or more.")
_PERFECT: Final = NoAnswer("All pairs agree, and this method then has no interval.")
_ROUNDING: Final = 1e-9
_Z: Final = NormalDist().inv_cdf(1 - TAIL)


class Weights(Enum):
    """What a pair of neighbouring answers counts: nothing, less than agreement by steps, or by squares of steps."""

    NONE = "none"
    LINEAR = "linear"
    QUADRATIC = "quadratic"

    def matrix(self, k: int) -> Matrix:
        return [[self._weight(i, j, k) for j in range(k)] for i in range(k)]

    def _weight(self, i: int, j: int, k: int) -> float:
        if i == j:
            return 1.0
        if self is Weights.NONE:
            return 0.0
        distance = abs(i - j) / (k - 1)
        return 1 - (distance if self is Weights.LINEAR else distance**2)


@dataclass(frozen=True)
class Agreement:
    """`expected` is the share of agreement by chance, 0 to 1; `standard_error` is of the estimate."""

    estimate: Estimate
    expected: float
    standard_error: float


def table_of(pairs: Sequence[Sequence[Hashable]], answers: Sequence[Hashable]) -> list[list[int]]:
    """How often each two answers came together. Raises ValueError for an answer that is none of the given."""
    place = {answer: index for index, answer in enumerate(answers)}
    if unknown := {answer for pair in pairs for answer in pair} - set(place):
        raise ValueError(f"Not among the answers: {unknown}")
    counts = Counter((first, second) for first, second in pairs)
    return [[counts[row, column] for column in answers] for row in answers]


def share_within(table: Table, steps: int = 0) -> Estimate | NoAnswer:
    """The share of pairs, 0 to 1, that are not further apart than so many steps, with the score interval."""
    k = _check(table)
    near = sum(table[i][j] for i in range(k) for j in range(k) if abs(i - j) <= steps)
    return wilson(near, sum(map(sum, table)))


def kappa(table: Table, weights: Weights | Matrix = Weights.NONE) -> Agreement | NoAnswer:
    """Cohen's kappa, or weighted kappa (Cohen, Psychol Bull 1968;70:213).

    Interval by the large-sample standard error of Fleiss, Cohen and Everitt, Psychol Bull 1969;72:323. The number of
    answers that nobody gave does not matter.
    """
    k = _check(table)
    n = sum(map(sum, table))
    if n < 2:
        return TOO_FEW
    w = weights.matrix(k) if isinstance(weights, Weights) else weights
    p = [[count / n for count in row] for row in table]
    rows = [sum(row) for row in p]
    columns = [sum(row[j] for row in p) for j in range(k)]
    cells = [(i, j) for i in range(k) for j in range(k)]
    observed = sum(w[i][j] * p[i][j] for i, j in cells)
    expected = sum(w[i][j] * rows[i] * columns[j] for i, j in cells)
    if math.isclose(expected, 1):
        return NO_VARIATION
    value = (observed - expected) / (1 - expected)
    by_row = [sum(w[i][j] * columns[j] for j in range(k)) for i in range(k)]
    by_column = [sum(w[i][j] * rows[i] for i in range(k)) for j in range(k)]
    square = sum(p[i][j] * (w[i][j] - (by_row[i] + by_column[j]) * (1 - value)) ** 2 for i, j in cells)
    spread = square - (value - expected * (1 - value)) ** 2
    error = math.sqrt(max(0.0, spread) / n) / (1 - expected)
    return Agreement(Estimate(value, _kappa_interval(value, error, n), n), expected, error)


def _kappa_interval(value: float, error: float, n: int) -> Interval | NoAnswer:
    if n < FEWEST_FOR_NORMAL:
        return _few(FEWEST_FOR_NORMAL)
    if is_zero(error**2):  # the square root of a rounding is none
        return _PERFECT
    return Interval(max(-1.0, value - _Z * error), min(1.0, value + _Z * error))


def gwet_ac2(table: Table, weights: Weights = Weights.LINEAR) -> Agreement | NoAnswer:
    """Gwet's AC2 (AC1 without weights), which stays near the share of agreement where one answer prevails.

    Gwet, Br J Math Stat Psychol 2008;61:29. It depends on the number of answers that could have been given: the table
    holds them all. The standard error is that of the pairs' own contributions, with n - 1; the interval is on the
    logarithm of 1 - AC2, with Student's t: in simulations one on AC2 itself is too narrow.
    """
    k = _check(table)
    n = sum(map(sum, table))
    if n < 2:
        return TOO_FEW
    w = weights.matrix(k)
    shares = [(sum(table[i]) + sum(row[i] for row in table)) / (2 * n) for i in range(k)]
    factor = sum(map(sum, w)) / (k * (k - 1))
    expected = factor * sum(share * (1 - share) for share in shares)
    observed = sum(w[i][j] * table[i][j] for i in range(k) for j in range(k)) / n
    value = (observed - expected) / (1 - expected)

    def contribution(i: int, j: int) -> float:
        own = factor * ((1 - shares[i]) + (1 - shares[j])) / 2
        return (w[i][j] - expected - 2 * (1 - value) * (own - expected)) / (1 - expected)

    squares = sum(table[i][j] * (contribution(i, j) - value) ** 2 for i in range(k) for j in range(k))
    error = math.sqrt(squares / (n * (n - 1)))
    fewest = FEWEST_FOR_NORMAL if weights is Weights.QUADRATIC else FEWEST_PAIRS
    interval = _few(fewest) if n < fewest else _log_interval(value, error, n)
    return Agreement(Estimate(value, interval, n), expected, error)


def _log_interval(value: float, error: float, n: int) -> Interval | NoAnswer:
    """Of a coefficient that is at most 1, on the logarithm of what it falls short of 1."""
    if is_zero(error**2):  # the square root of a rounding is none
        return _PERFECT
    short = 1 - value
    factor = math.exp(student_t(1 - TAIL, n - 1) * error / short)
    return Interval(max(-1.0, 1 - short * factor), 1 - short / factor)


def _few(fewest: int) -> NoAnswer:
    return NoAnswer(f"With fewer than {fewest} pairs no interval is given.")


class Scale(Enum):
    """What a difference between two answers means for Krippendorff's alpha."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"


Unit = Sequence[float | None]


def krippendorff_alpha(units: Sequence[Unit], scale: Scale = Scale.ORDINAL) -> Estimate | NoAnswer:
    """Alpha of any number of readers; each unit holds one answer of each reader, None where there is none.

    Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011. The interval is the jackknife over units, on the
    logarithm of 1 - alpha: the same each time, and in simulations nearer to its level than a percentile bootstrap.
    `n` counts the units that two readers or more have read.
    """
    read = [answers for unit in units if len(answers := [each for each in unit if each is not None]) > 1]
    if len(read) < 2:
        return NoAnswer("Fewer than two pairs were read by two readers.")
    of_units = [_pairs_of(answers) for answers in read]
    together: _Pairs = defaultdict(float)
    for of_unit in of_units:
        for pair, weight in of_unit.items():
            together[pair] += weight
    value = _alpha(together, scale)
    if value is None:
        return NO_VARIATION
    return Estimate(value, _jackknife(of_units, together, scale, value), len(read))


def _jackknife(units: Sequence["_Pairs"], together: "_Pairs", scale: Scale, value: float) -> Interval | NoAnswer:
    n = len(units)
    if n < FEWEST_PAIRS:
        return _few(FEWEST_PAIRS)
    without = [_alpha(_less(together, unit), scale) for unit in units]
    found = [n * value - (n - 1) * alpha for alpha in without if alpha is not None]
    if len(found) < n:
        return NoAnswer("Too few readings differ for an interval.")
    return _log_interval(value, stdev(found) / math.sqrt(n), n)


_Pairs = dict[tuple[float, float], float]


def _pairs_of(answers: Sequence[float]) -> _Pairs:
    """Each two answers to one unit, and how much they count: every answer counts once."""
    counts, others = Counter(answers), len(answers) - 1
    return {(c, k): counts[c] * (counts[k] - (c == k)) / others for c in counts for k in counts}


def _less(together: _Pairs, unit: _Pairs) -> _Pairs:
    """What is left without one unit; what only rounding leaves is nothing."""
    left = {pair: weight - unit.get(pair, 0.0) for pair, weight in together.items()}
    return {pair: weight for pair, weight in left.items() if weight > _ROUNDING}


def _alpha(together: _Pairs, scale: Scale) -> float | None:
    """None when all answers are the same."""
    totals: dict[float, float] = defaultdict(float)
    for (c, _), weight in together.items():
        totals[c] += weight
    n = sum(totals.values())
    distance = _distance(totals, scale)
    observed = sum(weight * distance(c, k) for (c, k), weight in together.items())
    expected = sum(totals[c] * totals[k] * distance(c, k) for c in totals for k in totals)
    return 1 - (n - 1) * observed / expected if expected else None


def _distance(totals: dict[float, float], scale: Scale) -> Callable[[float, float], float]:
    if scale is Scale.NOMINAL:
        return lambda c, k: float(c != k)
    if scale is Scale.INTERVAL:
        return lambda c, k: (c - k) ** 2
    order = sorted(totals)
    place = {answer: index for index, answer in enumerate(order)}
    up_to = [0.0, *accumulate(totals[answer] for answer in order)]

    def between(c: float, k: float) -> float:
        low, high = sorted((place[c], place[k]))
        return float((up_to[high + 1] - up_to[low] - (totals[c] + totals[k]) / 2) ** 2)

    return between


def _check(table: Table) -> int:
    """The number of answers of a table. Raises ValueError when it is not square, or counts less than nothing."""
    k = len(table)
    if k < 2 or any(len(row) != k or min(row) < 0 for row in table):
        raise ValueError("A table of agreement has as many rows as columns, two or more, and counts")
    return k
