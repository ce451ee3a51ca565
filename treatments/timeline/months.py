"""The months of the timeline: entries and photographs of a course month by month, newest first, a page at a time."""

import datetime
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import prefetch_related_objects

from treatments.courses.membership import Membership, When
from treatments.courses.models import Course
from treatments.photos.models import Photo
from treatments.photos.vocabulary import STANDARD_VIEWS
from treatments.records import formatting
from treatments.records.months import add_months, label
from treatments.records.partial_dates import PartialDate
from treatments.records.text.text_folding import fold
from treatments.timeline.entries import Entry, with_events_together
from treatments.timeline.facts import Facts, known, with_further
from treatments.timeline.header import age_text
from treatments.timeline.month_photos import MonthPhotos, PhotoComparisons

ENTRIES_A_PAGE = 60
WITHOUT_COURSE = "In no course"
LOOKS = {"assessment", "measurement"}
VISITS = {*LOOKS, "session"}
_VIEW_RANKS = {view.value: rank for rank, view in enumerate(STANDARD_VIEWS)}


@dataclass(frozen=True)
class Place:
    """Where an entry stands: in these Months of its course, or in a calendar month where it has none.

    `course` is the place of the course among those that stand, -1 without. `around` is the day by which months follow
    each other, in whatever course.
    """

    course: int
    first: int
    last: int
    around: datetime.date
    title: str


@dataclass
class Month:
    """A month of a course, or several where the dates are not known more closely; a calendar month without a course.

    What a page prints of it is worked out when it is printed.
    """

    facts: Facts
    comparisons: PhotoComparisons
    course: Course | None
    place: Place
    entries: list[Entry] = field(default_factory=list)
    taken: list[Photo] = field(default_factory=list)
    band: str = ""
    """The name of the course over its first month of a run, where the page shows more than one."""

    @property
    def size(self) -> int:
        return len(self.entries) + len(self.taken)

    @cached_property
    def key(self) -> str:
        """The anchor of the month in the page."""
        place = self.place
        if self.course is None:
            return f"month-{fold(place.title).replace(' ', '-')}"
        of = "" if self.course == self.facts.course else f"-{self.course.baseline_on:%Y%m%d}-{place.course}"
        return f"month-{place.first}{of}" if place.first == place.last else f"month-{place.first}-to-{place.last}{of}"

    @property
    def is_baseline(self) -> bool:
        return self.course is not None and self.place.first == self.place.last == 0

    @cached_property
    def title(self) -> str:
        if self.course is not None and self.is_baseline:
            whens = [label(self.course.when, when) for when in self._every_date]
            if all(each.text.startswith("Screening") for each in whens):
                return whens[0].text
        return self.place.title

    @property
    def days(self) -> str:
        """The days that something was done or found on; the month alone where no day was recorded."""
        standing = [entry for entry in self.entries if not entry.is_struck_out]
        visits = {entry.when for entry in standing if entry.kind in VISITS} | {known(each) for each in self.taken}
        exact = sorted(when for when in visits if isinstance(when, datetime.date))
        if exact or not visits:
            return _spelled_span(exact or self._every_date)
        labels = [when.label() for when in sorted(visits, key=_first_day) if isinstance(when, PartialDate)]
        return f"{formatting.listed(labels)}, day not recorded"

    @cached_property
    def _every_date(self) -> list[When]:
        dates = {*(entry.when for entry in self.entries), *(known(photo) for photo in self.taken)}
        return sorted(dates, key=_first_day)

    @property
    def notes(self) -> list[str]:
        """ "baseline", "after session 3", "session 4": what the month means in the course, from dates alone."""
        if self.course is None:
            return []
        age = age_text(self.facts.patient, self.course.baseline_on)
        notes = ["baseline", f"aged {age}" if age else ""] if self.is_baseline else []
        after = self._sessions_before_last_look
        notes.append(f"after session {after}" if after else "")
        given = (entry.details["number"] or 0 for entry in self.entries if entry.kind == "session")
        return [*filter(None, notes), *(f"session {number}" for number in given if number > after)]

    @property
    def _sessions_before_last_look(self) -> int:
        """How many were given before the last grading, measurement or photograph; 0 in a month without."""
        looks = [entry.when for entry in self.entries if entry.kind in LOOKS and not entry.is_struck_out]
        last = max([*looks, *map(known, self.taken)], key=_first_day, default=datetime.date.min)
        dates = self.facts.session_dates[self.course.pk] if self.course else []
        return sum(_is_before(when, last) for when in dates)

    @property
    def photo_asks(self) -> list[tuple[Photo, Membership[Course]]]:
        """The photographs of which nobody said to which course they belong."""
        belongs = ((photo, self.facts.membership(photo)) for photo in self.taken)
        return [(photo, membership) for photo, membership in belongs if membership.is_open]

    @cached_property
    def photos(self) -> MonthPhotos | None:
        ranked = sorted(self.taken, key=lambda photo: (_VIEW_RANKS.get(photo.view, len(_VIEW_RANKS)), photo.taken_on))
        return MonthPhotos(ranked, self.course, self.comparisons) if ranked else None


def _first_day(when: When) -> datetime.date:
    return when if isinstance(when, datetime.date) else when.earliest


def _last_day(when: When) -> datetime.date:
    return when if isinstance(when, datetime.date) else when.latest


def _is_before(session: When, look: When) -> bool:
    """On one day the grading comes before the needle; in a month without days, after the month's session."""
    if session == look:
        return not isinstance(look, datetime.date)
    return _last_day(session) < _first_day(look)


def _spelled_span(dates: Sequence[When]) -> str:
    """ "14 May 2025", "14 May, 16 May 2025", "14 May to 20 May 2025"; "May 2025 to 2026" where they are not known."""
    first, last = dates[0], dates[-1]
    if isinstance(first, datetime.date) and isinstance(last, datetime.date):
        if len(dates) == 1:
            return formatting.day(first)
        return f"{formatting.day_of_year(first)}{' to' if dates[2:] else ','} {formatting.day(last)}"
    labels = [formatting.day(when) if isinstance(when, datetime.date) else when.label() for when in (first, last)]
    return " to ".join(dict.fromkeys(labels))


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
        months.at(entry.course, entry.when).entries.append(entry)
    for photo in photos:
        months.at(facts.membership(photo).course, known(photo)).taken.append(photo)
    in_order = months.newest_first()
    pages = _pages(in_order)
    number = min(max(number, 1), len(pages))
    shown = pages[number - 1]
    if facts.standing_courses and len({month.place.course for month in in_order}) > 1:
        _name_courses(shown)
    sessions = [entry.record for month in shown for entry in month.entries if entry.kind == "session"]
    prefetch_related_objects(with_further(sessions), "region_volumes")
    return Page(shown, number, len(pages))


def _name_courses(months: Iterable[Month]) -> None:
    before: object = "nothing"
    for month in months:
        if month.course is not before:
            month.band = month.course.distinct_name if month.course else WITHOUT_COURSE
        before = month.course


class _Months:
    """The month that a date belongs to in a course, worked out once for each date."""

    def __init__(self, facts: Facts, comparisons: PhotoComparisons) -> None:
        self.facts, self.comparisons = facts, comparisons
        self._by_date: dict[tuple[uuid.UUID | None, When], Month] = {}
        self._by_place: dict[Place, Month] = {}
        self._order = {course.pk: number for number, course in enumerate(facts.standing_courses)}

    def at(self, course: Course | None, when: When) -> Month:
        key = (course.pk if course else None, when)
        if key not in self._by_date:
            place = self._place(course, when)
            month = Month(self.facts, self.comparisons, course, place)
            self._by_date[key] = self._by_place.setdefault(place, month)
        return self._by_date[key]

    def _place(self, course: Course | None, when: When) -> Place:
        if course is None:
            first = _first_day(when)
            if isinstance(when, PartialDate) and when.precision == "year":
                return Place(-1, 0, 0, first, when.label())
            return Place(-1, 0, 0, first.replace(day=1), f"{first:%B %Y}")
        of = label(course.when, when)
        around = add_months(course.baseline_on, of.number)
        title = "Month 0" if of.heading == "Screening" else of.heading
        return Place(self._order[course.pk], of.first, of.last, around, title)

    def newest_first(self) -> list[Month]:
        return sorted(self._by_place.values(), key=_by_time, reverse=True)


def _by_time(month: Month) -> tuple[datetime.date, int, int, int]:
    place = month.place
    return place.around, place.course, place.last, place.first


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
