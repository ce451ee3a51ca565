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
    """ "+12 %": of one patient."""
    return f"{value:+.0f} %".replace("-", "−")


def share(part: int, whole: int) -> str:
    """ "88 %"."""
    return f"{round(100 * part / whole)} %"


def interval(found: Interval | NoAnswer, spell: Callable[[float], str]) -> str:
    """ "95 % interval +3.1 % to +9.0 %", or why there is none."""
    if isinstance(found, NoAnswer):
        return str(found).rstrip(".")
    return f"{found.level:.0%}".replace("%", " %") + f" interval {spell(found.low)} to {spell(found.high)}"
