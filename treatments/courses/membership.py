"""To which course a fact belongs: the one it is linked to, else the one in whose time it falls. No Django here.

A link is written when the fact is entered, so that another course, planned, changed or struck out later, takes nothing
of it. Only what was never linked is told by its date.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

from treatments.records.months import add_months
from treatments.records.partial_dates import PartialDate

SCREENING_MONTHS = 3
"""How long before its Month 0 what is found may have been found for a course that is to come, in months."""


class Timed(Protocol):
    """What is asked of a course. `ended_on` is the day it was stopped or finished, None while it goes on."""

    @property
    def pk(self) -> Any: ...
    @property
    def baseline(self) -> PartialDate: ...
    @property
    def ended_on(self) -> date | None: ...
    @property
    def is_struck_out(self) -> bool: ...


C = TypeVar("C", bound=Timed)
When = PartialDate | date


class Told(Enum):
    """How it is known to which course a fact belongs."""

    LINKED = "linked"
    BY_DATE = "by date"
    UNSURE = "unsure"
    STRUCK_OUT = "struck out"
    NO_COURSE = "no course"


@dataclass(frozen=True, slots=True)
class Membership(Generic[C]):
    """The course of a fact, and how that is known.

    `course` is None where there is none, and where the course it was linked to was struck out: that one is `struck_out`
    then. Where it is unsure, `course` is the one in whose time the fact falls, and another may be meant.
    """

    course: C | None
    told: Told
    struck_out: C | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody should say to which course the fact belongs."""
        return self.told in {Told.UNSURE, Told.STRUCK_OUT}


def by_date(courses: Sequence[C], when: When) -> C | None:
    """The course in whose time a fact falls: the last that may have begun by then; before all of them the first.

    `courses` are standing and in the order of their Month 0.
    """
    latest = _bounds(when)[1]
    begun = [course for course in courses if course.baseline.bounds()[0] <= latest]
    return next(iter([*begun[-1:], *courses]), None)


def is_unambiguous(courses: Sequence[C], when: When) -> bool:
    """Whether no other course than the one that `by_date` gives can be meant."""
    own = by_date(courses, when)
    return all(course is own or not may_be_meant(course, courses, when) for course in courses)


def may_be_meant(course: C, courses: Sequence[C], when: When) -> bool:
    """Whether a fact lies in the screening of a course or after, and not behind its end in the time of a later one."""
    earliest, latest = _bounds(when)
    if latest < add_months(course.baseline.bounds()[0], -SCREENING_MONTHS):
        return False
    has_ended = course.ended_on is not None and course.ended_on < earliest
    later = (other for other in courses if other.baseline.bounds()[0] > course.baseline.bounds()[0])
    return not (has_ended and any(other.baseline.bounds()[1] <= earliest for other in later))


def _bounds(when: When) -> tuple[date, date]:
    return when.bounds() if isinstance(when, PartialDate) else (when, when)


class Courses(Generic[C]):
    """The courses of one patient, struck out ones too, in the order of their Month 0."""

    def __init__(self, courses: Iterable[C]) -> None:
        self.all = list(courses)

    @cached_property
    def standing(self) -> list[C]:
        return [course for course in self.all if not course.is_struck_out]

    @cached_property
    def _linked(self) -> dict[Hashable, Membership[C]]:
        return {
            course.pk: Membership(None, Told.STRUCK_OUT, course)
            if course.is_struck_out
            else Membership(course, Told.LINKED)
            for course in self.all
        }

    def of(self, *links: Hashable | None, when: When) -> Membership[C]:
        """The course of a fact: by the first of its links, its own before that of its session or assessment, else by
        its date."""
        for link in links:
            if link is not None and link in self._linked:
                return self._linked[link]
        if not self.standing:
            return Membership(None, Told.NO_COURSE)
        sure = len(self.standing) == 1 or is_unambiguous(self.standing, when)
        return Membership(by_date(self.standing, when), Told.BY_DATE if sure else Told.UNSURE)
