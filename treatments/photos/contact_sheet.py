"""The contact sheet of a patient: a row for each view, a column for each month, and what was not taken."""

import datetime
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from operator import attrgetter

from django.utils import timezone
from django.utils.formats import date_format

from treatments.courses.models import Course, ExosomeSession
from treatments.patients.other_treatments import OtherTreatment, Wording, beside
from treatments.photos.models import Photo
from treatments.photos.patient_photos import PatientPhotos
from treatments.photos.quality.photo_quality import warnings_of
from treatments.photos.vocabulary import STANDARD_VIEWS, ProductUsed, View, pictogram
from treatments.records.fields import DatePrecision
from treatments.records.formatting import listed
from treatments.records.months import add_months, label

NO_COURSE = "Course not settled"
_ORDER_OF_VIEWS = [*STANDARD_VIEWS, *(view for view in View if view not in STANDARD_VIEWS)]


@dataclass(frozen=True, order=True)
class Month:
    """A month of the sheet, by the place of its course among those of the patient and its Months in it, first and last.

    Without a course it is the calendar month that begins with `first_on`. `name` is its heading.
    """

    course: int
    first_on: datetime.date
    first: int
    last: int
    name: str = field(compare=False)
    planned: str = field(compare=False, default="")


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
            return f"planned {self.month.planned}"
        dates = sorted({entry.photo.when for entry in self.entries}, key=attrgetter("earliest", "latest"))
        first, last = dates[0], dates[-1]
        if first == last or any(when.precision != "day" or when.approximate for when in dates):
            return listed([when.label() for when in dates])
        same_month = first.parts[:2] == last.parts[:2]
        return f"{date_format(first.earliest, 'j' if same_month else 'j M')}–{last.label()}"

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
class CourseHead:
    """A course over its columns, where the photographs belong to several."""

    name: str
    columns: int


@dataclass
class ContactSheet:
    """`heads` are there where the columns belong to more than one course, or to none that stands.

    `never_taken` are the standard views that have no photo and are in no plan; planned ones have a row.
    """

    columns: list[Column]
    heads: list[CourseHead]
    rows: list[Row]
    never_taken: list[View]
    total: int
    struck_out: list[Photo]
    # What else was begun, ended or changed before or while the photos of a course were taken, a sentence for each.
    other_treatments: list[str] = field(default_factory=list)

    @property
    def never_taken_text(self) -> str:
        """ "frontal, left temporal and occipital"."""
        return listed([str(view.label).lower() for view in self.never_taken])


def lay_out(photos: PatientPhotos, treatments: Sequence[OtherTreatment] = ()) -> ContactSheet:
    """Put each photo in its place: the row of its view, the column of its month in its own course. `treatments` are the
    patient's others, which are said beside the photos of each course."""
    numbers = _session_numbers(photos.sessions)
    courses = photos.courses.standing
    columns = {month: Column(month) for number, course in enumerate(courses) for month in _planned(number, course)}
    cells: dict[tuple[str, Month], list[SheetPhoto]] = defaultdict(list)
    for photo in photos.photos:
        month = _month(photo, photos.own_course(photo), courses)
        entry = SheetPhoto(photo, numbers.get(photo.exosome_session_id))
        columns.setdefault(month, Column(month)).entries.append(entry)
        cells[photo.view, month].append(entry)
    months = sorted(columns)
    shown = {photo.view for photo in photos.photos}.union(*(course.views for course in courses))
    return ContactSheet(
        columns=[columns[month] for month in months],
        heads=_heads(months, courses),
        rows=[Row(view, [cells[view, month] for month in months]) for view in _ORDER_OF_VIEWS if view in shown],
        never_taken=[view for view in STANDARD_VIEWS if view not in shown],
        total=len(photos.photos),
        struck_out=photos.struck_out,
        other_treatments=list(_beside(photos, treatments)),
    )


def _beside(photos: PatientPhotos, treatments: Sequence[OtherTreatment]) -> Iterator[str]:
    """ "Finasteride since Month 1", by the Months of each course that has photos of two days."""
    courses = photos.courses.standing if treatments else []
    for course in courses:
        taken = [photo.when for photo in photos.photos if photos.own_course(photo) == course]
        if len({when.text for when in taken}) < 2:
            continue
        first, last = min(taken, key=attrgetter("earliest")), max(taken, key=attrgetter("latest"))
        said = beside(treatments, first=first, last=last, wording=Wording(course.when))
        if said:
            yield f"{course.distinct_name}: {said}" if len(courses) > 1 else said


def _heads(months: Iterable[Month], courses: Sequence[Course]) -> list[CourseHead]:
    runs = [(number, len(list(run))) for number, run in groupby(months, key=attrgetter("course"))]
    if len(runs) < 2:
        return []
    names = [course.distinct_name for course in courses]
    return [CourseHead(names[number] if number < len(names) else NO_COURSE, width) for number, width in runs]


def _session_numbers(sessions: Iterable[ExosomeSession]) -> dict[uuid.UUID | None, int]:
    """The place of each session in its course, from 1, by the session's id."""
    counts: Counter[uuid.UUID] = Counter()
    numbers: dict[uuid.UUID | None, int] = {}
    for session in sessions:
        counts[session.course_id] += 1
        numbers[session.pk] = counts[session.course_id]
    return numbers


def _month(photo: Photo, course: Course | None, courses: Sequence[Course]) -> Month:
    if course is None:
        first = photo.taken_on.replace(day=1)
        return Month(len(courses), first, 0, 0, date_format(first, "M Y"))
    of = label(course.when, photo.when)
    return Month(courses.index(course), course.baseline_on, of.first, of.last, of.heading)


def _planned(number: int, course: Course) -> Iterator[Month]:
    """The checkpoints of a plan that have passed, until it was stopped."""
    until = course.stopped_on or timezone.localdate()
    for month in map(int, course.checkpoints):
        day = add_months(course.baseline_on, month)
        if day < until:
            planned = date_format(day, "j M Y" if course.baseline_precision == DatePrecision.DAY else "M Y")
            yield Month(number, course.baseline_on, month, month, f"Month {month}", planned)
