"""How exactly something is measured: repeats by one reader, two methods beside each other, several readers.

The smallest detectable change is what a difference of two single measurements must exceed to be more than the error of
measuring, with 95 % confidence: 1.96 · √2 · s_w (Bland and Altman, BMJ 1996;313:744).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev, variance
from typing import Final

from treatments.evidence.statistics.paired_change import mean_change
from treatments.evidence.statistics.quantiles import chi_squared, snedecor_f
from treatments.evidence.statistics.results import TAIL, Estimate, Interval, NoAnswer, is_zero

_Z: Final = NormalDist().inv_cdf(1 - TAIL)
_NO_REPEATS: Final = NoAnswer("Nothing was measured twice.")
_NO_ERROR: Final = NoAnswer("All repeats are equal, so the error of measuring cannot be estimated.")


@dataclass(frozen=True)
class Repeatability:
    """`within` is the standard deviation within a spot, s_w, in the unit measured; `n` of it counts spots.

    `smallest_change` is the smallest detectable change, in the same unit.
    """

    within: Estimate
    smallest_change: Estimate


@dataclass(frozen=True)
class RelativeRepeatability:
    """In per cent of the value before: the smallest rise and the smallest fall (a negative number) that are a change.

    They differ, since they are computed on logarithms: a rise of 25 % is undone by a fall of 20 %.
    """

    rise: Estimate
    fall: Estimate


@dataclass(frozen=True)
class BlandAltman:
    """Two methods: `bias` is the mean of first minus second; nearly all differences lie within `limits`."""

    bias: Estimate
    spread: float
    limits: Interval


@dataclass(frozen=True)
class IntraclassCorrelation:
    """The six of Shrout and Fleiss, of one reading and of the mean of all readers' readings.

    `one_way` (1): readers are drawn anew for each subject. `absolute` (2, "A,1"): a sample of readers, and how high
    each reads counts. `consistent` (3): these readers, and how high each reads does not count.
    """

    one_way: float
    absolute: Estimate
    consistent: Estimate
    one_way_mean: float
    absolute_mean: float
    consistent_mean: float


def repeatability(spots: Sequence[Sequence[float]]) -> Repeatability | NoAnswer:
    """From the repeated measurements of each spot; a spot that was measured once does not count."""
    repeated = [values for values in spots if len(values) > 1]
    if not repeated:
        return _NO_REPEATS
    df = sum(len(values) - 1 for values in repeated)
    within = math.sqrt(sum((len(values) - 1) * variance(values) for values in repeated) / df)
    if is_zero(within, max(map(abs, repeated[0]))):
        return _NO_ERROR
    low, high = (within * math.sqrt(df / chi_squared(share, df)) for share in (1 - TAIL, TAIL))
    found = Estimate(within, Interval(low, high), len(repeated))
    return Repeatability(found, found.transformed(lambda s_w: _Z * math.sqrt(2) * s_w))


def relative_repeatability(spots: Sequence[Sequence[float]]) -> RelativeRepeatability | NoAnswer:
    """The same where the error grows with the value, as of hair counts: on logarithms, told in per cent."""
    if any(value <= 0 for values in spots for value in values):
        return NoAnswer("An error in per cent needs values above 0.")
    found = repeatability([[math.log(value) for value in values] for values in spots])
    if isinstance(found, NoAnswer):
        return found
    change = found.smallest_change
    return RelativeRepeatability(
        rise=change.transformed(lambda log: 100 * math.expm1(log)),
        fall=change.transformed(lambda log: 100 * math.expm1(-log)),
    )


def bland_altman(first: Sequence[float], second: Sequence[float]) -> BlandAltman | NoAnswer:
    """Bias and 95 % limits of agreement (Bland and Altman, Lancet 1986;1:307), in the unit measured."""
    differences = [a - b for a, b in zip(first, second, strict=True)]
    if len(differences) == 1:
        return NoAnswer("One pair has no limits of agreement.")
    bias = mean_change(differences)
    if isinstance(bias, NoAnswer):
        return bias
    spread = stdev(differences)
    return BlandAltman(bias, spread, Interval(bias.value - _Z * spread, bias.value + _Z * spread))


def intraclass_correlation(subjects: Sequence[Sequence[float]]) -> IntraclassCorrelation | NoAnswer:
    """From one value of each reader for each subject; every reader has read every subject.

    Shrout and Fleiss, Psychol Bull 1979;86:420; intervals by McGraw and Wong, Psychol Methods 1996;1:30.
    """
    n = len(subjects)
    k = len(subjects[0]) if n else 0
    if any(len(values) != k for values in subjects):
        raise ValueError("Every reader has to have read every subject")
    if n < 2 or k < 2:
        return NoAnswer("Two readers of two subjects are needed.")
    mean = fmean(value for values in subjects for value in values)
    between = k * sum((fmean(values) - mean) ** 2 for values in subjects)
    readers = n * sum((fmean(values[j] for values in subjects) - mean) ** 2 for j in range(k))
    total = sum((value - mean) ** 2 for values in subjects for value in values)
    msr, msc = between / (n - 1), readers / (k - 1)
    msw = (total - between) / (n * (k - 1))
    mse = max(0.0, total - between - readers) / ((n - 1) * (k - 1))
    if is_zero(msr, mean):
        return NoAnswer("The subjects do not differ, so the correlation cannot be computed.")
    absolute = (msr - mse) / (msr + (k - 1) * mse + k * (msc - mse) / n)
    consistent = (msr - mse) / (msr + (k - 1) * mse)
    return IntraclassCorrelation(
        one_way=(msr - msw) / (msr + (k - 1) * msw),
        absolute=Estimate(absolute, _absolute_interval(msr, msc, mse, n, k, absolute), n),
        consistent=Estimate(consistent, _consistent_interval(msr, mse, n, k), n),
        one_way_mean=(msr - msw) / msr,
        absolute_mean=(msr - mse) / (msr + (msc - mse) / n),
        consistent_mean=(msr - mse) / msr,
    )


_NO_INTERVAL: Final = NoAnswer("The readers agree in all, and this method then has no interval.")


def _consistent_interval(msr: float, mse: float, n: int, k: int) -> Interval | NoAnswer:
    if is_zero(mse, msr):
        return _NO_INTERVAL
    df1, df2 = n - 1, (n - 1) * (k - 1)
    low = msr / mse / snedecor_f(1 - TAIL, df1, df2)
    high = msr / mse * snedecor_f(1 - TAIL, df2, df1)
    return Interval((low - 1) / (low + k - 1), (high - 1) / (high + k - 1))


def _absolute_interval(msr: float, msc: float, mse: float, n: int, k: int, icc: float) -> Interval | NoAnswer:
    if is_zero(mse, msr):
        return _NO_INTERVAL
    a = k * icc / (n * (1 - icc))
    b = 1 + k * icc * (n - 1) / (n * (1 - icc))
    df = (a * msc + b * mse) ** 2 / ((a * msc) ** 2 / (k - 1) + (b * mse) ** 2 / ((n - 1) * (k - 1)))
    f1, f2 = snedecor_f(1 - TAIL, n - 1, df), snedecor_f(1 - TAIL, df, n - 1)
    others = k * msc + (k * n - k - n) * mse
    return Interval(n * (msr - f1 * mse) / (f1 * others + n * msr), n * (f2 * msr - mse) / (others + n * f2 * msr))
