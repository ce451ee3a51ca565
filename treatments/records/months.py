"""Calendar months from a course's baseline: "Month 5" is computed from dates, never typed.

Anniversaries are clamped to the end of the month: from 31 January, Month 1 is 28 February. A day
belongs to the nearest anniversary, and the days between are always shown. No Django here.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from treatments.records.partial_dates import PartialDate

ANALYSIS_WINDOW_DAYS = 10
"""How far from its anniversary, in days, a visit may lie and still count for that month."""


@dataclass(frozen=True, slots=True)
class MonthLabel:
    """`number` of the nearest anniversary, `offset_days` from it (negative: before), `text`."""

    number: int
    offset_days: int
    text: str

    def __str__(self) -> str:
        return self.text

    def in_window(self, days: int = ANALYSIS_WINDOW_DAYS) -> bool:
        return abs(self.offset_days) <= days


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later (or earlier), clamped to that month's end."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last_day = monthrange(year, month + 1)[1] if day.day > 28 else 28
    return date(year, month + 1, min(day.day, last_day))


def month_number(baseline: date, day: date) -> int:
    """Number of the monthly anniversary of `baseline` nearest to `day`; a tie goes to the earlier.

    Negative before the baseline.
    """
    number = (day.year - baseline.year) * 12 + day.month - baseline.month
    if day < add_months(baseline, number):
        number -= 1
    before, after = add_months(baseline, number), add_months(baseline, number + 1)
    return number if day - before <= after - day else number + 1


def label(baseline: date, day: date) -> MonthLabel:
    """ "Month 0", "Month 5 (-2 d)"; just before the baseline "Screening (-11 d)"."""
    number = month_number(baseline, day)
    offset = (day - add_months(baseline, number)).days
    name = "Screening" if number == 0 and offset < 0 else f"Month {number}"
    return MonthLabel(number, offset, f"{name} ({offset:+d} d)" if offset else name)


def age_on(birth: PartialDate | date, day: date) -> tuple[int, bool]:
    """Whole years on that day, and whether they are approximate.

    When the birthday is not known the age is counted from the earliest day it can be, so that
    somebody born in 1965 is about 60 throughout 2025. Negative before birth.
    """
    if isinstance(birth, PartialDate):
        oldest, youngest = _years(birth.earliest, day), _years(birth.latest, day)
        return oldest, birth.approximate or oldest != youngest
    return _years(birth, day), False


def _years(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
