"""The contact sheet of a patient: a row for each view, a column for each month, and what was not taken."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from treatments.courses.models import Course, ExosomeSession
from treatments.patients.models import Patient
from treatments.photos.models import Photo
from treatments.photos.quality.photo_quality import warnings_of
from treatments.photos.vocabulary import STANDARD_VIEWS, ProductUsed, View, pictogram
from treatments.records.months import add_months, month_number


@dataclass(frozen=True, order=True)
class Month:
    """A column. `course_on` is the course's baseline, or the first of the calendar month where there is no course."""

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
class Column:
    month: Month
    course: str = ""
    days: list[datetime.date] = field(default_factory=list)
    sessions: list[int] = field(default_factory=list)

    @property
    def when(self) -> str:
        """The days its photos were taken, or the day they were planned for."""
        if not self.days:
            return f"planned {date_format(self.month.anniversary, 'j M Y')}"
        first, last = min(self.days), max(self.days)
        if first == last:
            return date_format(first, "j M Y")
        same_month = (first.year, first.month) == (last.year, last.month)
        return f"{date_format(first, 'j' if same_month else 'j M')}–{date_format(last, 'j M Y')}"

    @property
    def after(self) -> str:
        """ "session 5", or "sessions 4, 5"."""
        numbers = sorted(set(self.sessions))
        return f"session{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}" if numbers else ""


@dataclass
class Shown:
    """A photo in its place, with what is told of it beside the picture."""

    photo: Photo
    session: int | None
    remarks: list[str]

    @property
    def card(self) -> str:
        """ "Ring light, dry, styling product", or "" when nothing of it is recorded."""
        photo = self.photo
        words = [photo.get_lighting_display(), photo.get_hair_state_display()]
        if photo.product_used != ProductUsed.NONE:
            words.append(photo.get_product_used_display())
        return ", ".join(str(word) for word in words if word).capitalize()


@dataclass
class Row:
    view: View
    drawing: str | None
    # One list of photos for each column; an empty list is a gap.
    cells: list[list[Shown]]

    @property
    def count(self) -> int:
        return sum(map(len, self.cells))


@dataclass
class Sheet:
    """`never_taken` are the standard views without any photo that no plan asks for; those asked for have a row."""

    columns: list[Column]
    rows: list[Row]
    never_taken: list[View]
    total: int
    struck_out: int


def lay_out(patient: Patient) -> Sheet:
    """Read a patient's photos, courses and sessions in three queries, and put each photo in its place."""
    photos = list(Photo.objects.filter(patient=patient).select_related("created_by").in_order())
    courses = list(Course.objects.standing().filter(patient=patient).order_by("baseline_on", "id"))
    numbers = _session_numbers(ExosomeSession.objects.standing().filter(patient=patient).order_by("performed_on", "id"))
    standing = [photo for photo in photos if not photo.is_struck_out]
    columns = _columns(standing, courses, numbers)
    places = {column.month: place for place, column in enumerate(columns)}
    cells: dict[str, list[list[Shown]]] = defaultdict(lambda: [[] for _ in columns])
    for photo in standing:
        shown = Shown(photo, numbers.get(photo.exosome_session_id), [gate.sentence for gate in warnings_of(photo)])
        cells[photo.view][places[_month(photo.taken_on, courses)]].append(shown)
    wanted = {*cells, *(view for course in courses for view in course.views)}
    rows = [Row(view, pictogram(view), cells[view.value]) for view in _in_order(wanted)]
    never = [view for view in STANDARD_VIEWS if view not in wanted]
    return Sheet(columns, rows, never, len(standing), len(photos) - len(standing))


def _in_order(views: Iterable[str]) -> list[View]:
    known = [*STANDARD_VIEWS, *(view for view in View if view not in STANDARD_VIEWS)]
    return [view for view in known if view in views]


def _session_numbers(sessions: Iterable[Any]) -> dict[Any, int]:
    counted: dict[Any, int] = defaultdict(int)
    numbers = {}
    for session in sessions:
        counted[session.course_id] += 1
        numbers[session.pk] = counted[session.course_id]
    return numbers


def _month(day: datetime.date, courses: list[Course]) -> Month:
    begun = [course for course in courses if course.baseline_on <= day]
    course = begun[-1] if begun else (courses[0] if courses else None)
    if course is None:
        return Month(day.replace(day=1), 0, in_course=False)
    return Month(course.baseline_on, month_number(course.baseline_on, day))


def _columns(photos: list[Photo], courses: list[Course], numbers: dict[Any, int]) -> list[Column]:
    """A column for each month with photos, and for each checkpoint of a plan that has passed without any."""
    columns: dict[Month, Column] = {}
    names = {course.baseline_on: course.name for course in courses}
    for photo in photos:
        month = _month(photo.taken_on, courses)
        column = columns.setdefault(month, Column(month, names.get(month.course_on, "")))
        column.days.append(photo.taken_on)
        if photo.exosome_session_id in numbers:
            column.sessions.append(numbers[photo.exosome_session_id])
    today = timezone.localdate()
    for place, course in enumerate(courses):
        until = courses[place + 1].baseline_on if place + 1 < len(courses) else (course.stopped_on or today)
        for number in course.checkpoints:
            month = Month(course.baseline_on, int(number))
            if month.anniversary < until:
                columns.setdefault(month, Column(month, course.name))
    return [columns[month] for month in sorted(columns)]
