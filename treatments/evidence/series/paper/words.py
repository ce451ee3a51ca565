"""Figures of a series as its paper prints them. No Django here."""

from collections.abc import Callable
from typing import Final

from treatments.evidence.statistics.results import Interval, NoAnswer

FEWEST: Final = 5
"""Patients from whom a mean with its interval is told; of fewer the values."""


def change(value: float) -> str:
    """ "+12.3 %", "−4.0 %"."""
    return f"{value:+.1f} %".replace("-", "−")


def pct(value: float) -> str:
    """ "+12 %", "0 %": of one patient."""
    return f"{round(value):+d} %".replace("-", "−").replace("+0", "0")


def share(part: int, whole: int) -> str:
    """ "88 %"."""
    return f"{round(100 * part / whole)} %"


def interval(found: Interval | NoAnswer, spell: Callable[[float], str]) -> str:
    """ "95 % interval +3.1 % to +9.0 %", or "no interval"."""
    if isinstance(found, NoAnswer):
        return "no interval"
    return f"{found.level:.0%}".replace("%", " %") + f" interval {spell(found.low)} to {spell(found.high)}"


def why(found: Interval | NoAnswer) -> str:
    """Why there is no interval, as a sentence with a space before it; "" where there is one."""
    return f" {found}" if isinstance(found, NoAnswer) else ""
