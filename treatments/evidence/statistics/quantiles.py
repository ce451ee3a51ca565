"""Quantiles of Student's t, F, chi squared, beta and gamma.

The regularised incomplete beta and gamma functions by their continued fractions (Lentz's method; NIST Digital Library
of Mathematical Functions 8.9 and 8.17), and their inverses by bisection down to neighbouring floating-point numbers.
"""

import math
import sys
from collections.abc import Callable, Iterable
from typing import Final

_STEPS: Final = 10_000
_SMALL: Final = sys.float_info.min * 1e30


def student_t(p: float, df: float) -> float:
    """The value below which a share `p` of Student's t with `df` degrees of freedom lies."""
    if p < 0.5:
        return -student_t(1 - p, df)
    share = beta(2 * (1 - p), df / 2, 0.5)
    return math.sqrt(df * (1 - share) / share)


def snedecor_f(p: float, df1: float, df2: float) -> float:
    share = beta(p, df1 / 2, df2 / 2)
    return df2 * share / (df1 * (1 - share))


def chi_squared(p: float, df: float) -> float:
    return 2 * gamma(p, df / 2)


def beta(p: float, a: float, b: float) -> float:
    return _inverse(lambda x: _beta_share(x, a, b), p, high=1.0)


def gamma(p: float, a: float) -> float:
    """Of the gamma distribution with shape `a` and scale 1."""
    high = a + 1.0
    while _gamma_share(high, a) < p:
        high *= 2
    return _inverse(lambda x: _gamma_share(x, a), p, high=high)


def _inverse(share_below: Callable[[float], float], p: float, *, high: float) -> float:
    if not 0 < p < 1:
        raise ValueError(f"A share lies between 0 and 1, not {p}")
    low = 0.0
    while low < (middle := (low + high) / 2) < high:
        if share_below(middle) < p:
            low = middle
        else:
            high = middle
    return high


def _beta_share(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast below this point only
        return 1 - _beta_share(1 - x, b, a)
    log_front = (
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x) - math.log(a)
    )

    def numerators() -> Iterable[float]:
        yield 1.0
        for m in range(_STEPS):
            if m:
                yield m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))

    return math.exp(log_front) * _continued_fraction((top, 1.0) for top in numerators())


def _gamma_share(x: float, a: float) -> float:
    """The regularised lower incomplete gamma function."""
    if x <= 0:
        return 0.0
    log_front = a * math.log(x) - x - math.lgamma(a)
    if x < a + 1:
        term = total = 1 / a
        n = a
        while abs(term) > abs(total) * sys.float_info.epsilon:
            n += 1
            term *= x / n
            total += term
        return math.exp(log_front) * total

    def fractions() -> Iterable[tuple[float, float]]:
        yield 1.0, x + 1 - a
        for m in range(1, _STEPS):
            yield -m * (m - a), x + 2 * m + 1 - a

    return 1 - math.exp(log_front) * _continued_fraction(fractions())


def _continued_fraction(fractions: Iterable[tuple[float, float]]) -> float:
    """n1 / (d1 + n2 / (d2 + …)) of pairs of numerator and denominator, by the modified method of Lentz."""
    value = c = _SMALL
    d = 0.0
    for top, bottom in fractions:
        d = 1 / ((bottom + top * d) or _SMALL)
        c = (bottom + top / c) or _SMALL
        value *= c * d
        if abs(c * d - 1) < sys.float_info.epsilon * 4:
            return value
    raise ArithmeticError("The continued fraction did not converge")
