"""The months of the timeline: entries and photographs of a course month by month, newest first, a page at a time."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import prefetch_related_objects

from treatments.courses.models import Course, ExosomeSession
from treatments.photos.models import Photo
from treatments.photos.vocabulary import STANDARD_VIEWS
from treatments.records import formatting
from treatments.records.fields import DatePrecision
from treatments.records.months import label, month_number
from treatments.records.text_folding import fold
from treatments.timeline.entries import Entry, with_events_together
from treatments.timeline.facts import Facts
from treatments.timeline.header import age_text
from treatments.timeline.month_photos import MonthPhotos, PhotoComparisons

ENTRIES_A_PAGE = 60
LOOKS = {"assessment", "measurement"}
VISITS = {*LOOKS, "session"}
_VIEW_RANKS = {view.value: rank for rank, view in enumerate(STANDARD_VIEWS)}


@dataclass
class Month:
    """A month of a course, by its number; a calendar month, from its first day, where there is no course.

    What a page prints of it is worked out when it is printed.
    """

    facts: Facts
    comparisons: PhotoComparisons
    course: Course | None
    start: datetime.date
    number: int
    entries: list[Entry] = field(default_factory=list)
    taken: list[Photo] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.entries) + len(self.taken)

    @cached_property
    def key(self) -> str:
        """The anchor of the month in the page."""
        if self.course == self.facts.course:
            return f"month-{self.number}"
        return f"month-{fold(self.title).replace(' ', '-')}-{self.start:%Y%m}"

    @cached_property
    def title(self) -> str:
        if self.course is None:
            return f"{self.start:%B %Y}"
        if self.number == 0 and self._every_day[-1] < self.start:
            return label(self.start, self._every_day[0]).text
        return f"Month {self.number}" if self.number >= 0 else f"{-self.number} months before"

    @property
    def days(self) -> str:
        """The days that something was done or found on; the month alone where no day was recorded."""
        visits = {(entry.day, entry.is_exact) for entry in self.entries if entry.kind in VISITS}
        visits |= {(photo.taken_on, photo.taken_precision == DatePrecision.DAY) for photo in self.taken}
        exact = sorted(day for day, is_exact in visits if is_exact)
        if visits and not exact:
            return f"{formatting.month(min(visits)[0])}, day not recorded"
        first, *others = exact or self._every_day
        if not others:
            return formatting.day(first)
        return f"{formatting.day_of_year(first)}{' to' if others[1:] else ','} {formatting.day(others[-1])}"

    @cached_property
    def _every_day(self) -> list[datetime.date]:
        return sorted({*(entry.day for entry in self.entries), *(photo.taken_on for photo in self.taken)})

    @property
    def notes(self) -> list[str]:
        """ "baseline", "after session 3", "session 4": what the month means in the course, from dates alone."""
        if self.course is None:
            return []
        age = age_text(self.facts.patient, self.start)
        notes = ["baseline", f"aged {age}" if age else ""] if self.number == 0 else []
        after = self._sessions_before_last_look
        notes.append(f"after session {after}" if after else "")
        given = (entry.details["number"] or 0 for entry in self.entries if entry.kind == "session")
        return [*filter(None, notes), *(f"session {number}" for number in given if number > after)]

    @property
    def _sessions_before_last_look(self) -> int:
        """How many were given before the last grading, measurement or photograph; 0 in a month without."""
        looks = [entry.day for entry in self.entries if entry.kind in LOOKS]
        last = max([*looks, *(photo.taken_on for photo in self.taken)], default=datetime.date.min)
        return sum(_is_before(session, last) for session in self.facts.sessions_of(self.course))

    @cached_property
    def photos(self) -> MonthPhotos | None:
        ranked = sorted(self.taken, key=lambda photo: (_VIEW_RANKS.get(photo.view, len(_VIEW_RANKS)), photo.taken_on))
        return MonthPhotos(ranked, self.course, self.comparisons) if ranked else None


def _is_before(session: ExosomeSession, look: datetime.date) -> bool:
    """On one day the grading comes before the needle; in a month without days, after the month's session."""
    if session.performed_on == look:
        return bool(session.performed_precision == DatePrecision.MONTH)
    return session.performed_on < look


@dataclass
class Page:
    """The months of one page, its number, and the number of the last."""

    months: list[Month]
    number: int
    last: int


def page_of(
    facts: Facts, entries: Iterable[Entry], photos: Iterable[Photo], comparisons: PhotoComparisons, number: int
) -> Page:
    """About sixty entries, whole months only, newest first; the nearest page where there is none of this number."""
    months = _Months(facts, comparisons)
    for entry in with_events_together(entries):
        months[entry.day].entries.append(entry)
    for photo in photos:
        months[photo.taken_on].taken.append(photo)
    pages = _pages(months.newest_first())
    number = min(max(number, 1), len(pages))
    shown = pages[number - 1]
    sessions = [entry.record for month in shown for entry in month.entries if entry.kind == "session"]
    prefetch_related_objects(sessions, "region_volumes")
    return Page(shown, number, len(pages))


class _Months(dict[datetime.date, Month]):
    """The month that a day belongs to, worked out once for each day."""

    def __init__(self, facts: Facts, comparisons: PhotoComparisons) -> None:
        self.facts, self.comparisons = facts, comparisons
        self.by_start: dict[tuple[datetime.date, int], Month] = {}

    def __missing__(self, day: datetime.date) -> Month:
        begun = self.facts.course_on(day)
        start = begun.baseline_on if begun else day.replace(day=1)
        number = month_number(start, day) if begun else 0
        course = next((course for course in self.facts.standing_courses if course.baseline_on == start), None)
        month = Month(self.facts, self.comparisons, course, start, number)
        self[day] = self.by_start.setdefault((start, number), month)
        return self[day]

    def newest_first(self) -> list[Month]:
        return [month for _, month in sorted(self.by_start.items(), reverse=True, key=lambda item: item[0])]


def _pages(months: Iterable[Month]) -> list[list[Month]]:
    pages: list[list[Month]] = [[]]
    filled = 0
    for month in months:
        if pages[-1] and filled + month.size > ENTRIES_A_PAGE:
            pages.append([])
            filled = 0
        pages[-1].append(month)
        filled += month.size
    return pages
