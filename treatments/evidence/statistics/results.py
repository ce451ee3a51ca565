"""What a method returns: a number, from where to where it may lie, or the reason why it cannot be told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

LEVEL: Final = 0.95
"""Of every interval, unless it says another."""
TAIL: Final = (1 - LEVEL) / 2


@dataclass(frozen=True)
class NoAnswer:
    """Why a number or an interval cannot be given, as a sentence to print in its place."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True)
class Interval:
    """`low` to `high`; `level` is the share of such intervals that hold the true value, 0 to 1."""

    low: float
    high: float
    level: float = LEVEL


@dataclass(frozen=True)
class Estimate:
    """A number from `n` observations, and its interval or why it has none."""

    value: float
    interval: Interval | NoAnswer
    n: int

    def transformed(self, function: Callable[[float], float]) -> "Estimate":
        """On another scale; the function rises everywhere or falls everywhere."""
        interval = self.interval
        if isinstance(interval, Interval):
            low, high = sorted((function(interval.low), function(interval.high)))
            interval = Interval(low, high, interval.level)
        return Estimate(function(self.value), interval, self.n)


def is_zero(spread: float, size: float = 1) -> bool:
    """Whether a spread is nothing but the rounding of numbers of that size."""
    return abs(spread) <= 1e-12 * max(1, abs(size))


NO_VALUES: Final = NoAnswer("There is no value to compute from.")
ONE_VALUE: Final = NoAnswer("One value has no interval.")
ALL_EQUAL: Final = NoAnswer("All values are equal, so their spread, and with it an interval, cannot be estimated.")
