"""The contact sheet of a patient: a row for each view, a column for each month, and what was not taken."""

import datetime
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest

from django.utils import timezone
from django.utils.formats import date_format

from treatments.courses.models import Course, ExosomeSession
from treatments.photos.models import Photo
from treatments.photos.patient_photos import PatientPhotos
from treatments.photos.quality.photo_quality import warnings_of
from treatments.photos.vocabulary import STANDARD_VIEWS, ProductUsed, View, pictogram
from treatments.records.formatting import listed
from treatments.records.months import add_months, month_number

_ORDER_OF_VIEWS = [*STANDARD_VIEWS, *(view for view in View if view not in STANDARD_VIEWS)]


@dataclass(frozen=True, order=True)
class Month:
    """A month of the sheet. `course_on` is the course's baseline, or the first of the calendar month without one."""

    course_on: datetime.date
    number: int
    in_course: bool = True

    @property
    def name(self) -> str:
        return f"Month {self.number}" if self.in_course else date_format(self.course_on, "M Y")

    @property
    def anniversary(self) -> datetime.date:
        return add_months(self.course_on, self.number)


@dataclass
class SheetPhoto:
    """A photo in its cell, and the number of its session."""

    photo: Photo
    session: int | None

    @cached_property
    def warnings(self) -> list[str]:
        """The sentences of the quality checks that warned."""
        return [check.sentence for check in warnings_of(self.photo)]

    @property
    def card(self) -> str:
        """ "Ring light, dry, styling product", or "" when nothing of it is recorded."""
        photo = self.photo
        labels = [photo.get_lighting_display(), photo.get_hair_state_display()]
        if photo.product_used != ProductUsed.NONE:
            labels.append(photo.get_product_used_display())
        return ", ".join(filter(None, labels)).capitalize()


@dataclass
class Column:
    month: Month
    entries: list[SheetPhoto] = field(default_factory=list)

    @property
    def when(self) -> str:
        """The days its photos were taken, or the day they were planned for."""
        if not self.entries:
            return f"planned {date_format(self.month.anniversary, 'j M Y')}"
        days = [entry.photo.taken_on for entry in self.entries]
        first, last = min(days), max(days)
        if first == last:
            return date_format(first, "j M Y")
        same_month = (first.year, first.month) == (last.year, last.month)
        return f"{date_format(first, 'j' if same_month else 'j M')}–{date_format(last, 'j M Y')}"

    @property
    def after(self) -> str:
        """ "session 5", or "sessions 4, 5"."""
        numbers = sorted({entry.session for entry in self.entries if entry.session})
        return f"session{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}" if numbers else ""


@dataclass
class Row:
    """A view, and the photos of each column; an empty list is a gap."""

    view: View
    cells: list[list[SheetPhoto]]

    @property
    def drawing(self) -> str | None:
        return pictogram(self.view)

    @property
    def can_compare(self) -> bool:
        return sum(map(len, self.cells)) > 1


@dataclass
class ContactSheet:
    """`never_taken` are the standard views that have no photo and are in no plan; planned ones have a row."""

    columns: list[Column]
    rows: list[Row]
    never_taken: list[View]
    total: int
    struck_out: int

    @property
    def never_taken_text(self) -> str:
        """ "frontal, left temporal and occipital"."""
        return listed([str(view.label).lower() for view in self.never_taken])


def lay_out(photos: PatientPhotos) -> ContactSheet:
    """Put each photo in its place: the row of its view, the column of its month."""
    numbers = _session_numbers(photos.sessions)
    columns = {month: Column(month) for month in _planned_months(photos.courses)}
    cells: dict[tuple[str, Month], list[SheetPhoto]] = defaultdict(list)
    for photo in photos.photos:
        month = _month(photo.taken_on, photos.course_on(photo.taken_on))
        entry = SheetPhoto(photo, numbers.get(photo.exosome_session_id))
        columns.setdefault(month, Column(month)).entries.append(entry)
        cells[photo.view, month].append(entry)
    months = sorted(columns)
    shown = {photo.view for photo in photos.photos}.union(*(course.views for course in photos.courses))
    return ContactSheet(
        columns=[columns[month] for month in months],
        rows=[Row(view, [cells[view, month] for month in months]) for view in _ORDER_OF_VIEWS if view in shown],
        never_taken=[view for view in STANDARD_VIEWS if view not in shown],
        total=len(photos.photos),
        struck_out=photos.struck_out,
    )


def _session_numbers(sessions: Iterable[ExosomeSession]) -> dict[uuid.UUID | None, int]:
    """The place of each session in its course, from 1, by the session's id."""
    counts: Counter[uuid.UUID] = Counter()
    numbers: dict[uuid.UUID | None, int] = {}
    for session in sessions:
        counts[session.course_id] += 1
        numbers[session.pk] = counts[session.course_id]
    return numbers


def _month(day: datetime.date, course: Course | None) -> Month:
    if course is None:
        return Month(day.replace(day=1), 0, in_course=False)
    return Month(course.baseline_on, month_number(course.baseline_on, day))


def _planned_months(courses: list[Course]) -> Iterator[Month]:
    """The checkpoints of each plan that have passed, until the next course began or this one ended."""
    for course, following in zip_longest(courses, courses[1:]):
        until = following.baseline_on if following else course.stopped_on or timezone.localdate()
        for number in map(int, course.checkpoints):
            if add_months(course.baseline_on, number) < until:
                yield Month(course.baseline_on, number)
