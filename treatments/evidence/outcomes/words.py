"""Figures of outcomes as they are printed: on the page, and in the files that leave."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from treatments.assessments.measurements.visibility import signed
from treatments.evidence.statistics.results import Estimate, Interval, NoAnswer

FEW: Final = "fewer than 5"


def whole(n: int) -> str:
    """ "12", "1,553": with a comma between the thousands."""
    return f"{n:,}"


def per_cent(value: float) -> str:
    """ "+12 %", "−3 %"."""
    return f"{signed(value)}\u00a0%"


def one_decimal(value: float) -> str:
    """ "18.6", "−1.0", without a sign where it is above 0."""
    return str(Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP)).replace("-", "−")


def difference(value: float) -> str:
    """ "+18.6", "−1.0"."""
    return f"+{one_decimal(value)}" if value > 0 else one_decimal(value)


def share(value: float) -> str:
    """ "36 %": of a share from 0 to 1."""
    return f"{round(100 * value)}\u00a0%"


def interval(told: Estimate, kind: str) -> str:
    """ "+4 to +20 %"; why there is none."""
    if isinstance(told.interval, NoAnswer):
        return told.interval.reason
    return span(told.interval, kind)


def span(told: Interval, kind: str) -> str:
    if kind == "per_cent":
        return f"{signed(told.low)} to {signed(told.high)}\u00a0%"
    if kind == "share":
        return f"{round(100 * told.low)} to {round(100 * told.high)}\u00a0%"
    if kind == "rate":
        return f"{one_decimal(told.low)} to {one_decimal(told.high)}"
    return f"{difference(told.low)} to {difference(told.high)}"


def hidden_if_few(n: int) -> int | str:
    """A count as it stands in a file that leaves the clinic: 1 to 4 are not told, and 0 is 0."""
    return FEW if tells_few(n) else n


def tells_few(*counts: int) -> bool:
    """Whether one of these is 1 to 4, so that what is worked out of it does not leave the clinic."""
    return any(0 < n < 5 for n in counts)
