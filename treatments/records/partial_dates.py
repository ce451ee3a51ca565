"""Dates as patients know them: to the year, the month or the day, perhaps approximate.

Written in EDTF level 1: "2020", "2020-05", "2020-05-14", each with "~" when approximate.
No Django here.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from dateutil.relativedelta import relativedelta

from treatments.records.text.text_folding import is_dash, is_seen, usual_signs

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

EXAMPLES = "Write for example 2020, May 2020, 14/05/2020, about 2020 or 5 years ago."

_EDTF = re.compile(r"([1-9][0-9]{3})(?:-([0-9]{2})(?:-([0-9]{2}))?)?(~?)")


# A long record asks the same dates thousands of times: sorted, compared and labelled.
@lru_cache(maxsize=4096)
def _parts(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.rstrip("~").split("-"))


@lru_cache(maxsize=4096)
def _first_and_last(text: str) -> tuple[date, date]:
    parts = _parts(text)
    if len(parts) == 3:
        day = date(*parts)
        return day, day
    year, first, last = parts[0], (*parts, 1)[1], (*parts, 12)[1]
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date known to the year, the month or the day.

    Raises ValueError, with a sentence for the person typing, when `text` is not EDTF spelling or
    not a date of the calendar.
    """

    text: str

    def __post_init__(self) -> None:
        match = _EDTF.fullmatch(self.text)
        if match is None:
            raise ValueError(f"“{self.text}” is not a date. {EXAMPLES}")
        year, month, day, _ = match.groups(default="1")
        _check_calendar(int(year), int(month), int(day))

    @property
    def approximate(self) -> bool:
        return self.text.endswith("~")

    @property
    def parts(self) -> tuple[int, ...]:
        """Year, then month and day as far as they are known."""
        return _parts(self.text)

    @property
    def precision(self) -> str:
        """ "year", "month" or "day"."""
        return ("year", "month", "day")[len(self.parts) - 1]

    @property
    def is_exact(self) -> bool:
        """Whether it is known to the day, and not "about" it."""
        return self.precision == "day" and not self.approximate

    @property
    def earliest(self) -> date:
        """First day of the year, month or day, without regard to "about"."""
        return _first_and_last(self.text)[0]

    @property
    def latest(self) -> date:
        """Last day of the year, month or day, without regard to "about"."""
        return _first_and_last(self.text)[1]

    def bounds(self) -> tuple[date, date]:
        """Days between which the date may lie; "about" allows one unit of precision either way."""
        if not self.approximate:
            return self.earliest, self.latest
        span = {
            "year": relativedelta(years=1),
            "month": relativedelta(months=1),
            "day": relativedelta(days=1),
        }[self.precision]
        low, high = self.earliest, self.latest
        if low.year > 1:
            low -= span
        if high.year < 9999:
            # The end of the next month, not the same day number in it.
            high = high + timedelta(days=1) + span - timedelta(days=1)
        return low, high

    def certainly_before(self, other: PartialDate | date) -> bool:
        """Every day this may be lies before every day the other may be."""
        return self.bounds()[1] < _bounds(other)[0]

    def certainly_after(self, other: PartialDate | date) -> bool:
        return _bounds(other)[1] < self.bounds()[0]

    def possibly_before(self, other: PartialDate | date) -> bool:
        """Some day this may be lies before some day the other may be."""
        return self.bounds()[0] < _bounds(other)[1]

    def label(self) -> str:
        """ "2020", "May 2020", "14 May 2020", "about 2020"."""
        year, *rest = self.parts
        month = [MONTHS[rest[0] - 1]] if rest else []
        about = ["about"] if self.approximate else []
        return " ".join([*about, *map(str, rest[1:]), *month, str(year)])

    @property
    def phrase(self) -> str:
        """Within a sentence: "on 14 May 2020", "in May 2020", "in 2020", "about May 2020"."""
        if self.approximate:
            return self.label()
        return f"{'on' if self.precision == 'day' else 'in'} {self.label()}"

    def __str__(self) -> str:
        return self.label()


def _bounds(when: PartialDate | date) -> tuple[date, date]:
    return when.bounds() if isinstance(when, PartialDate) else (when, when)


def _check_calendar(year: int, month: int, day: int) -> None:
    if not 1 <= month <= 12:
        raise ValueError(f"There is no month {month}. The day comes before the month: 14/05/2020 is 14 May.")
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise ValueError(f"{MONTHS[month - 1]} {year} has {last} days; there is no day {day}.")


def of_day(day: date) -> PartialDate:
    """A date known to the day."""
    return PartialDate(day.isoformat())


# ── Reading what a person typed ────────────────────────────────────────────────────────────────

_ABOUT = re.compile(r"^(?:about|around|approximately|approx\.?|circa|ca\.?|c\.|c(?=\s)|abt\.?|~)\s*")
_AGO = re.compile(r"(?P<count>\d+|an?|[a-z]+) *(?P<unit>years?|yrs?|y|months?|mths?|weeks?|wks?|days?) +ago")
_AGE = re.compile(r"(?:at +)?(?:the +)?(?:aged?|at)(?: +of)? +(?P<age>\d{1,3})(?: +years?)?(?: +old)?")
_OLD = re.compile(
    r"(?:aged? +)?(?P<age>\d{1,3})(?:[- ]*(?:years?|yrs?|y)(?:[- ]*(?:old|o))?)?(?: +(?:in|on) +(?P<then>.+))?"
)
_DAYS_BACK = {"today": 0, "yesterday": 1}
_YEAR_FIRST = re.compile(r"(?P<y>\d{4})(?:[-/.](?P<m>\d{1,2})(?:[-/.](?P<d>\d{1,2}))?)?")
_DAY_FIRST = re.compile(r"(?:(?P<d>\d{1,2})[-/.])?(?P<m>\d{1,2})[-/.](?P<y>\d{4})")
_NAMED = re.compile(r"(?:(?P<d>\d{1,2})(?:st|nd|rd|th)?[ -])?(?P<name>[a-z]{3,9})\.?[ ,-] *(?P<y>\d{4})")
_NAMED_US = re.compile(r"(?P<name>[a-z]{3,9})\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?,? (?P<y>\d{4})")

_FULL_NAMES = tuple(name.casefold() for name in calendar.month_name[1:])
_MONTH_NUMBERS = {name: n for n, full in enumerate(_FULL_NAMES, start=1) for name in (full, full[:3])} | {"sept": 9}
# By the first letter of a unit: its name, its longest length in days, and the length of an EDTF date of that precision.
_UNITS = {"y": ("years", 366, 4), "m": ("months", 31, 7), "w": ("weeks", 7, 10), "d": ("days", 1, 10)}
_NUMBERS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()
_COUNTS = {"a": 1, "an": 1} | {word: n for n, word in enumerate(_NUMBERS, start=1)}

_BETWEEN_FIGURES = re.compile(r"(?<=\d) ?([-/.]) ?(?=\d)")

MAX_YEARS_AGO = 120
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""The years that may be typed: of a year with two figures a browser makes 0025, and nobody means 9999."""


def parse(text: str, *, today: date, birth: PartialDate | None = None) -> PartialDate:
    """Read a date as people write it: "2020", "05/2020", "14 May 2020", "about 2020", "5 years ago".

    Figures are day first: 03/04/2020 is 3 April. "N years ago" is known to the year, "N months
    ago" to the month, weeks and days to the day, all approximate, counted back from `today`.
    "Age 55" needs `birth`. Digits of other scripts are read as digits.
    Raises ValueError with a sentence that shows what may be written.
    """
    folded = _folded(text)
    if not folded:
        raise ValueError(f"No date was given. {EXAMPLES}")
    if folded in _DAYS_BACK:
        return of_day(today - timedelta(days=_DAYS_BACK[folded]))
    bare = _ABOUT.sub("", folded)
    if ago := _AGO.fullmatch(bare):
        return _ago(text, ago["count"], ago["unit"], today)
    if age := _AGE.fullmatch(bare):
        if birth is None:
            raise ValueError("An age needs the date of birth first. " + EXAMPLES)
        return parse_age(int(age["age"]), birth)
    plain = bare.removesuffix("~").rstrip()
    return PartialDate(_edtf(text, plain) + ("~" if plain != folded else ""))


def parse_birth(text: str, *, today: date) -> PartialDate:
    """A date of birth, also as an age: "60 years old" (today), "60-year-old", "aged 60 in January 2025".

    An age gives the year, approximate. Raises ValueError with a sentence that shows what may be written.
    """
    folded = _ABOUT.sub("", _folded(text))
    old = _OLD.fullmatch(folded)
    if old is None or folded.isdecimal():  # "65" alone may be a year as well as an age
        return parse(text, today=today)
    if int(old["age"]) > MAX_YEARS_AGO:
        raise ValueError(f"Write an age from 0 to {MAX_YEARS_AGO}.")
    then = parse(old["then"], today=today).parts[0] if old["then"] else today.year
    return PartialDate(f"{then - int(old['age']):04d}~")


def parse_age(age: int, birth: PartialDate) -> PartialDate:
    """The year a person born on `birth` turned `age`, approximate. Raises ValueError over 120."""
    if not 0 <= age <= MAX_YEARS_AGO:
        raise ValueError(f"Write an age from 0 to {MAX_YEARS_AGO}.")
    return PartialDate(f"{birth.parts[0] + age:04d}~")


def _folded(text: str) -> str:
    """Lower case, with plain digits, dashes and spaces, and without marks that nobody sees.

    A superscript or a fraction stays what it is and is refused: 1² May is not 12 May.
    """
    seen = "".join("-" if is_dash(c) else c for c in usual_signs(text) if is_seen(c))
    return _BETWEEN_FIGURES.sub(r"\1", " ".join(seen.casefold().split()))


def _ago(text: str, count: str, unit: str, today: date) -> PartialDate:
    number = int(count) if count.isdecimal() and len(count) < 6 else _COUNTS.get(count)
    if number is None:
        raise ValueError(f"“{text.strip()}” is not a date we can read. {EXAMPLES}")
    name, days, length = _UNITS[unit[0]]
    if days * number > MAX_YEARS_AGO * 366:
        raise ValueError(f"That is more than {MAX_YEARS_AGO} years ago. {EXAMPLES}")
    then = today - relativedelta(**{name: number})
    return PartialDate(f"{then.isoformat()[:length]}~")


def _edtf(text: str, folded: str) -> str:
    matches = (pattern.fullmatch(folded) for pattern in (_YEAR_FIRST, _DAY_FIRST, _NAMED, _NAMED_US))
    match = next(filter(None, matches), None)
    parts = match.groupdict() if match else {}
    if "name" in parts:
        parts["m"] = _MONTH_NUMBERS.get(parts["name"])
    if not parts or ("name" in parts and parts["m"] is None):
        raise ValueError(f"“{text.strip()}” is not a date we can read. {EXAMPLES}")
    if not FIRST_YEAR <= int(parts["y"]) <= LAST_YEAR:
        side = f"before {FIRST_YEAR}" if int(parts["y"]) < FIRST_YEAR else "too far in the future"
        raise ValueError(f"The year {int(parts['y'])} lies {side}. Write the year with its four figures: 2025.")
    return "-".join([parts["y"], *(f"{int(parts[key]):02d}" for key in ("m", "d") if parts.get(key))])
