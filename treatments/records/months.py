"""Calendar months from a course's baseline: "Month 5" is computed from dates, never typed.

Anniversaries are clamped to the end of the month: from 31 January, Month 1 is 28 February. A day
belongs to the nearest anniversary, and the days between are always shown. No Django here.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from treatments.records.formatting import count
from treatments.records.partial_dates import PartialDate

ANALYSIS_WINDOW_DAYS = 10
"""How far from its anniversary, in days, a visit may lie and still count for that month."""


@dataclass(frozen=True, slots=True)
class MonthLabel:
    """The Month of a date that may be known to a span only.

    `first` and `last` are the numbers of the nearest anniversaries that the date may belong to; `number` is that of the
    middle of what is known, by which records are ordered and put together, and never printed. `offset_days` from the
    anniversary (negative: before) is known only where both dates are known to the day, else None.
    """

    first: int
    last: int
    number: int
    offset_days: int | None
    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def short(self) -> str:
        """Without the days between: "Month 5", "Screening"."""
        return self.text.partition(" (")[0]

    @property
    def heading(self) -> str:
        """The same with what lies months before Month 0 in words: "14 months before", "13 to 14 months before"."""
        if self.last >= 0:
            return self.short
        about = "about " if self.text.startswith("about") else ""
        span = f"{-self.last}" if self.first == self.last else f"{-self.last} to {-self.first}"
        return f"{about}{span} month{'' if span == '1' else 's'} before"

    def in_window(self, days: int = ANALYSIS_WINDOW_DAYS) -> bool:
        """Whether the date certainly lies that near to its anniversary."""
        return self.offset_days is not None and abs(self.offset_days) <= days


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later (or earlier), clamped to that month's end."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last_day = monthrange(year, month + 1)[1] if day.day > 28 else 28
    return date(year, month + 1, min(day.day, last_day))


def shifted(when: PartialDate, months: int) -> PartialDate:
    """A date known to the month or the day, so many months later; no more is known of it than of `when`."""
    day = add_months(when.earliest, months)
    about = "~" if when.approximate else ""
    return PartialDate(f"{day.isoformat()[: len(when.text.rstrip('~'))]}{about}")


def month_number(baseline: date, day: date) -> int:
    """Number of the monthly anniversary of `baseline` nearest to `day`; a tie goes to the earlier.

    Negative before the baseline.
    """
    number = (day.year - baseline.year) * 12 + day.month - baseline.month
    if day < add_months(baseline, number):
        number -= 1
    before, after = add_months(baseline, number), add_months(baseline, number + 1)
    return number if day - before <= after - day else number + 1


def label(baseline: PartialDate | date, when: PartialDate | date) -> MonthLabel:
    """ "Month 0", "Month 5 (−2 days)", just before the baseline "Screening (−11 days)": both known to the day.

    Two dates known to the month are as many Months apart as the calendar counts: what was in March is of Month 2 where
    January is Month 0. Else every Month that the date may belong to, and no days: "Month 1 to 2", "about Month 2".
    """
    start, end = _span(baseline), _span(when)
    if _is_month(baseline) and _is_month(when):
        first = last = number = 12 * (end[0].year - start[0].year) + end[0].month - start[0].month
    else:
        first, last = month_number(start[1], end[0]), month_number(start[0], end[1])
        number = month_number(_middle(start), _middle(end))
    if _is_about(baseline) or _is_about(when):
        return MonthLabel(first, last, number, None, f"about {_span_name(first, last, start, end)}")
    if start[0] != start[1] or end[0] != end[1]:
        return MonthLabel(first, last, number, None, _span_name(first, last, start, end))
    offset = (end[0] - add_months(start[0], number)).days
    name = _span_name(number, number, start, end)
    return MonthLabel(number, number, number, offset, f"{name} ({offset_text(offset)})" if offset else name)


def offset_text(days: int) -> str:
    """ "−2 days", "+1 day": how far from the day of its Month a date lies."""
    return f"{'−' if days < 0 else '+'}{count(abs(days), 'day')}"


def _span_name(first: int, last: int, start: tuple[date, date], end: tuple[date, date]) -> str:
    """The Months from `first` to `last`, of a date from the days `end` for a baseline from the days `start`."""
    if start == end:
        return "Month 0"
    if end[1] < start[0] and last == 0:
        return "Screening" if first == 0 else "before Month 0"
    return f"Month {first}" if first == last else f"Month {first} to {last}"


def _span(when: PartialDate | date) -> tuple[date, date]:
    return (when.earliest, when.latest) if isinstance(when, PartialDate) else (when, when)


def _is_about(when: PartialDate | date) -> bool:
    return isinstance(when, PartialDate) and when.approximate


def _is_month(when: PartialDate | date) -> bool:
    return isinstance(when, PartialDate) and when.precision == "month"


def _middle(span: tuple[date, date]) -> date:
    return span[0] + (span[1] - span[0]) / 2


def age_on(birth: PartialDate | date, on: PartialDate | date) -> tuple[int, bool]:
    """Whole years on that day, and whether they are approximate.

    When the birthday or the day is not known, the age is counted from the earliest day of birth to the latest of the
    other, so that somebody born in 1965 is about 60 throughout 2025. Negative before birth.
    """
    born, then = _span(birth), _span(on)
    oldest, youngest = _years(born[0], then[1]), _years(born[1], then[0])
    return oldest, _is_about(birth) or _is_about(on) or oldest != youngest


def _years(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
