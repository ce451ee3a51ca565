"""Which other treatments may have had a part in a change: begun, ended or changed in dose before it or during it.

No Django here. The rule is that of the clinical sources (a registered trial of exosomes excludes hair-loss medication
within three months; hair answers a drug for longer than that): a start, a stop or a change of dose within six calendar
months before the first of two facts, or between the two, is said beside the change that they show. A date that is known
to a month or a year only, or not at all, is judged by the span it may lie in; where the rule holds on some days of that
span and not on others, the word is "perhaps".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from treatments.records.months import add_months, label
from treatments.records.partial_dates import PartialDate, of_day

MONTHS_BEFORE = 6
"""Calendar months before the first fact in which another treatment may still have to do with what follows."""

When = PartialDate | date
Certainty = Literal["", "perhaps", "certain"]
Span = tuple[date, date]


@dataclass(frozen=True, slots=True)
class DoseChange:
    """From a day on another dose: "1 mg, every other day"; "" where the new one was not recorded."""

    when: PartialDate
    dose: str


@dataclass(frozen=True, slots=True)
class OtherTreatment:
    """A treatment beside the clinic's sessions, as far as it is known.

    `began` and `ended` are None where no date is known, which for `ended` may mean that it goes on: then `is_over` is
    False, and `is_asked` too where nobody said so. `recorded` is the day it was written down, by which what has no date
    had happened. An `is_occasion` is done on a day rather than taken for a time: a transplant, one injection of PRP.
    `extent` is how much of it was done, `dose` what was taken at first.
    """

    name: str
    recorded: date
    began: PartialDate | None = None
    ended: PartialDate | None = None
    is_over: bool = False
    is_asked: bool = True
    is_occasion: bool = False
    extent: str = ""
    dose: str = ""
    changes: tuple[DoseChange, ...] = ()

    @property
    def title(self) -> str:
        """ "finasteride"; "hair transplant (FUE), 2400 grafts,", to be followed by when."""
        return f"{self.name}, {self.extent}," if self.extent else self.name


class _Turn(NamedTuple):
    """Something that happened with a treatment: the days on which it may have been, and how it is said."""

    days: Span
    text: str


@dataclass(frozen=True, slots=True)
class Wording:
    """How dates are said: by the Months of a course where there is one. A sheet that leaves the clinic has no dates."""

    month_0: When | None = None
    has_dates: bool = True

    def since(self, when: PartialDate) -> str:
        """ "since Month 1", "since May 2019", "since 3 months before Month 0"."""
        return f"since {self._named(when) or when.label()}"

    def at(self, when: PartialDate) -> str:
        """ "in Month 3", "about Month 3", "on 14 May 2019", "in May 2019"."""
        named = self._named(when)
        if not named:
            return when.phrase
        return named if named.startswith("about") or "before" in named else f"in {named}"

    def _named(self, when: PartialDate) -> str:
        """The Month; "" where the calendar says it better."""
        if self.month_0 is None:
            return "" if self.has_dates else "a day that is not told"
        month = label(self.month_0, when)
        if month.first >= 0 and month.last >= 0 and "Month" in month.short and "before" not in month.short:
            return month.short
        if self.has_dates:
            return ""
        return f"{month.heading} Month 0" if month.last < 0 else "shortly before Month 0"


def beside(treatments: Iterable[OtherTreatment], *, first: When, last: When, wording: Wording) -> str:
    """What else began, ended or changed within six months before the first fact, or from there to the last one.

    "finasteride since Month 1; topical minoxidil stopped in Month 3; PRP in Mar 2025"; "" where nothing did.
    """
    return "; ".join(filter(None, (_beside(each, _bounds(first), _bounds(last), wording) for each in treatments)))


def certainty(treatments: Iterable[OtherTreatment], *, first: When, last: When) -> Certainty:
    """The same without the words: whether any did, perhaps did, or none."""
    spans, wording = (_bounds(first), _bounds(last)), Wording()
    found = {within(turn.days, *spans) for each in treatments for turn in _turns(each, wording)}
    return "certain" if "certain" in found else "perhaps" if "perhaps" in found else ""


def _beside(treatment: OtherTreatment, first: Span, last: Span, wording: Wording) -> str:
    parts = []
    for turn in _turns(treatment, wording):
        certainty = within(turn.days, first, last)
        if certainty:
            parts.append(f"perhaps {turn.text}" if certainty == "perhaps" else turn.text)
    return f"{treatment.title} {', '.join(parts)}" if parts else ""


def within(days: Span, first: Span, last: Span) -> Certainty:
    """Whether something of one of these days lies within six months before a fact of `first`, or between it and a fact
    of `last`; ends included."""
    earliest, latest = (_months_before(day) for day in first)
    if days[1] < earliest or days[0] > last[1]:
        return ""
    return "certain" if days[0] >= latest and days[1] <= last[0] else "perhaps"


def _turns(treatment: OtherTreatment, wording: Wording) -> Iterator[_Turn]:
    began, ended = treatment.began, treatment.ended
    if began and treatment.is_occasion:
        yield _Turn(began.bounds(), wording.at(began))
        return
    unknown = (date.min, treatment.recorded)
    if began:
        yield _Turn(began.bounds(), wording.since(began))
    else:
        yield _Turn(_until(unknown, ended), "begun, day not recorded")
    for change in treatment.changes:
        dose = change.dose.replace(", ", " ")
        to = f"changed to {dose}" if dose and wording.has_dates else "changed in dose"
        yield _Turn(change.when.bounds(), f"{to} {wording.at(change.when)}")
    if ended:
        yield _Turn(ended.bounds(), f"stopped {wording.at(ended)}")
    elif treatment.is_over:
        earliest = began.bounds()[0] if began else date.min
        yield _Turn((min(earliest, treatment.recorded), treatment.recorded), "stopped, day not recorded")


def _until(span: Span, ended: PartialDate | None) -> Span:
    """What has no beginning began before it ended."""
    return (span[0], min(span[1], ended.bounds()[1])) if ended else span


def _months_before(day: date) -> date:
    return add_months(day, -MONTHS_BEFORE) if day.year > 1 else date.min


def _bounds(when: When) -> Span:
    return (when if isinstance(when, PartialDate) else of_day(when)).bounds()
