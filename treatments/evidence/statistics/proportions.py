"""How many of how many: the interval of a share, and the bounds that those who are missing leave open."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from treatments.evidence.statistics.quantiles import beta
from treatments.evidence.statistics.results import LEVEL, TAIL, Estimate, Interval, NoAnswer

NO_PATIENTS: Final = NoAnswer("There are no patients to take a share of.")
_Z: Final = NormalDist().inv_cdf(1 - TAIL)


@dataclass(frozen=True)
class MissingBounds:
    """The share, 0 to 1, if nobody of those who are missing had it, and if all of them had it."""

    if_none: float
    if_all: float


def wilson(k: int, n: int) -> Estimate | NoAnswer:
    """The share k of n, 0 to 1, with the score interval (Wilson 1927; Newcombe, Stat Med 1998;17:857, method 3)."""
    _check(k, n)
    if n == 0:
        return NO_PATIENTS
    p, z2 = k / n, _Z**2
    middle = p + z2 / (2 * n)
    half = _Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n**2))
    low = 0.0 if k == 0 else (middle - half) / (1 + z2 / n)
    high = 1.0 if k == n else (middle + half) / (1 + z2 / n)
    return Estimate(p, Interval(low, high), n)


def clopper_pearson(k: int, n: int) -> Estimate | NoAnswer:
    """The share k of n, 0 to 1, with the exact interval, which is never too narrow (Clopper and Pearson 1934)."""
    _check(k, n)
    if n == 0:
        return NO_PATIENTS
    low = 0.0 if k == 0 else beta(TAIL, k, n - k + 1)
    high = 1.0 if k == n else beta(1 - TAIL, k + 1, n - k)
    return Estimate(k / n, Interval(low, high), n)


def highest_share_of_none(n: int) -> float | NoAnswer:
    """The share, 0 to 1, that may still be there when none of n had it; one-sided, with 95 % confidence.

    About 3 / n (Hanley and Lippman-Hand, JAMA 1983;249:1743).
    """
    _check(0, n)
    return 1 - (1 - LEVEL) ** (1 / n) if n else NO_PATIENTS


def missing_bounds(k: int, analysed: int, due: int) -> MissingBounds | NoAnswer:
    """What share of those who are due may have it: k of the analysed have, of the others nothing is known."""
    _check(k, analysed)
    _check(analysed, due)
    if due == 0:
        return NO_PATIENTS
    return MissingBounds(k / due, (k + due - analysed) / due)


def _check(k: int, n: int) -> None:
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is not a share")
