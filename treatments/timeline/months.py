"""The months of the timeline: entries and photographs of a course month by month, newest first, a page at a time."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

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
MonthKey = tuple[datetime.date, int]
"""The day Month 0 began on, and the number of the month; the first of a calendar month and 0 without a course."""


@dataclass
class _Rows:
    """What belongs to one month, before any of it is worked out."""

    entries: list[Entry] = field(default_factory=list)
    photos: list[Photo] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.entries) + len(self.photos)

    @property
    def days(self) -> list[datetime.date]:
        return sorted({*(entry.day for entry in self.entries), *(photo.taken_on for photo in self.photos)})

    @property
    def visits(self) -> Iterator[tuple[datetime.date, bool]]:
        """Each day on which something was done or found, and whether the day was recorded."""
        for entry in self.entries:
            if entry.kind in VISITS:
                yield entry.day, entry.is_exact
        for photo in self.photos:
            yield photo.taken_on, photo.taken_precision == DatePrecision.DAY

    @property
    def session_numbers(self) -> list[int]:
        """The numbers of the sessions that are not struck out."""
        numbers = (entry.details["number"] for entry in self.entries if entry.kind == "session")
        return list(filter(None, numbers))

    @property
    def last_look(self) -> datetime.date | None:
        """The day of the last grading, measurement or photograph."""
        looks = [entry.day for entry in self.entries if entry.kind in LOOKS]
        return max([*looks, *(photo.taken_on for photo in self.photos)], default=None)


@dataclass
class Month:
    """A month of the course, or a calendar month where there is no course."""

    key: str
    title: str
    days: str
    notes: list[str]
    entries: list[Entry]
    photos: MonthPhotos | None


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
    pages = _pages(_by_month(facts, entries, photos))
    number = min(max(number, 1), len(pages))
    shown = pages[number - 1]
    sessions = [entry.record for _, rows in shown for entry in rows.entries if entry.kind == "session"]
    prefetch_related_objects(sessions, "region_volumes")
    months = [_month(facts, key, rows, comparisons) for key, rows in shown]
    return Page(months, number, len(pages))


def _by_month(facts: Facts, entries: Iterable[Entry], photos: Iterable[Photo]) -> list[tuple[MonthKey, _Rows]]:
    """Newest first; in a month the oldest day first."""
    months: dict[MonthKey, _Rows] = defaultdict(_Rows)
    keys = _MonthKeys(facts)
    for entry in with_events_together(entries):
        months[keys[entry.day]].entries.append(entry)
    for photo in photos:
        months[keys[photo.taken_on]].photos.append(photo)
    return sorted(months.items(), key=lambda item: item[0], reverse=True)


class _MonthKeys(dict[datetime.date, MonthKey]):
    """The month that a day belongs to, worked out once for each day."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def __missing__(self, day: datetime.date) -> MonthKey:
        course = self.facts.course_on(day)
        key = (course.baseline_on, month_number(course.baseline_on, day)) if course else (day.replace(day=1), 0)
        self[day] = key
        return key


def _pages(months: list[tuple[MonthKey, _Rows]]) -> list[list[tuple[MonthKey, _Rows]]]:
    pages: list[list[tuple[MonthKey, _Rows]]] = [[]]
    filled = 0
    for key, rows in months:
        if pages[-1] and filled + rows.size > ENTRIES_A_PAGE:
            pages.append([])
            filled = 0
        pages[-1].append((key, rows))
        filled += rows.size
    return pages


def _month(facts: Facts, key: MonthKey, rows: _Rows, comparisons: PhotoComparisons) -> Month:
    baseline_on, number = key
    course = next((c for c in facts.standing_courses if c.baseline_on == baseline_on), None)
    photos = sorted(rows.photos, key=lambda photo: (_VIEW_RANKS.get(photo.view, len(_VIEW_RANKS)), photo.taken_on))
    title = _title(course, key, rows.days)
    anchor = f"month-{fold(title).replace(' ', '-')}-{baseline_on:%Y%m}"
    return Month(
        key=f"month-{number}" if course == facts.course else anchor,
        title=title,
        days=_days(rows),
        notes=_notes(facts, course, rows, number) if course else [],
        entries=rows.entries,
        photos=MonthPhotos(photos, course, comparisons) if photos else None,
    )


def _title(course: Course | None, key: MonthKey, days: list[datetime.date]) -> str:
    start, number = key
    if course is None:
        return f"{start:%B %Y}"
    if number == 0 and days[-1] < course.baseline_on:
        return label(course.baseline_on, days[0]).text
    return f"Month {number}" if number >= 0 else f"{-number} months before"


def _days(rows: _Rows) -> str:
    """The days that something was done or found on; the month alone where no day was recorded."""
    visits = sorted(set(rows.visits))
    exact = [day for day, is_exact in visits if is_exact]
    if visits and not exact:
        return f"{formatting.month(visits[0][0])}, day not recorded"
    first, *between = exact or rows.days
    if not between:
        return formatting.day(first)
    joint = ", " if len(between) == 1 else " to "
    return f"{formatting.day_of_year(first)}{joint}{formatting.day(between[-1])}"


def _notes(facts: Facts, course: Course, rows: _Rows, number: int) -> list[str]:
    """ "baseline", "after session 3", "session 4": what a month means in the course, from dates alone."""
    notes = _baseline_notes(facts, course) if number == 0 else []
    look, sessions = rows.last_look, facts.sessions_of(course)
    after = sum(_is_before(session, look) for session in sessions) if look else 0
    if after:
        notes.append(f"after session {after}")
    return notes + [f"session {number}" for number in rows.session_numbers if number > after]


def _baseline_notes(facts: Facts, course: Course) -> list[str]:
    age = age_text(facts.patient, course.baseline_on)
    return ["baseline", f"aged {age}"] if age else ["baseline"]


def _is_before(session: ExosomeSession, look: datetime.date) -> bool:
    """On one day the grading comes before the needle; in a month without days, after the month's session."""
    if session.performed_on == look:
        return bool(session.performed_precision == DatePrecision.MONTH)
    return session.performed_on < look
