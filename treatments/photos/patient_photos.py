"""A patient's photographs by view, oldest first, each with the Month, the day and the session it belongs to."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from treatments.assessments.baseline import CourseStart, baseline_of
from treatments.courses.models import Course, ExosomeSession
from treatments.patients.models import Patient
from treatments.photos.models import Photo
from treatments.photos.vocabulary import NEEDS_SITE, PhotoQuality, View
from treatments.records.fields import DatePrecision
from treatments.records.formatting import count
from treatments.records.models import partial
from treatments.records.months import label, month_number
from treatments.records.partial_dates import of_day
from treatments.records.regions import Region

_ORDER_OF_VIEWS = {view.value: number for number, view in enumerate(View)}


def group_of(photo: Photo) -> str:
    """The code under which photographs may be laid side by side: the view, and the site of a close-up."""
    return f"{photo.view}.{photo.site}" if photo.view in NEEDS_SITE else str(photo.view)


def group_label(code: str) -> str:
    """ "Vertex", "Trichoscopy, frontal"."""
    view, _, site = code.partition(".")
    name = str(View(view).label)
    return f"{name}, {str(Region(site).label).lower()}" if site in Region.values else name


@dataclass(frozen=True)
class CourseCalendar:
    """The day from which a course's Months are counted, and (day, precision) of each of its sessions.

    Without a course the first photograph is Month 0, and `is_course` is False.
    """

    baseline_on: datetime.date
    is_course: bool = True
    sessions: tuple[tuple[datetime.date, str], ...] = ()

    @property
    def start(self) -> CourseStart:
        """Where the course begins, for what counts as its baseline."""
        first = min(self.sessions, default=None)
        return CourseStart(of_day(self.baseline_on), partial(*first) if first else None)

    def number(self, photo: Photo) -> int:
        return self.number_of(photo.taken_on)

    def number_of(self, day: datetime.date) -> int:
        return month_number(self.baseline_on, day)

    def month(self, photo: Photo) -> str:
        """ "Month 5", "Screening", "14 months before": the heading of a photograph."""
        month = label(self.baseline_on, photo.taken_on)
        if month.number < 0:
            return f"{count(-month.number, 'month')} before"
        if photo.taken_precision != DatePrecision.DAY:
            return f"Month {month.number}"
        return month.text.partition(" (")[0]

    def offset(self, photo: Photo) -> str:
        """ "−2 d" from the day of that month; "" on the day itself, or where no day was recorded."""
        days = label(self.baseline_on, photo.taken_on).offset_days
        is_off = photo.taken_precision == DatePrecision.DAY and days
        return f"{days:+d} d".replace("-", "−") if is_off else ""

    def date(self, photo: Photo) -> str:
        """ "16 Jun 2025 (+2 d)", "Jun 2025"."""
        return self._with_offset(photo.taken.label(), photo)

    def month_and_offset(self, photo: Photo) -> str:
        """ "Month 5 (+2 d)": never the day itself."""
        return self._with_offset(self.month(photo), photo)

    def _with_offset(self, text: str, photo: Photo) -> str:
        offset = self.offset(photo)
        return f"{text} ({offset})" if offset and self.number(photo) >= 0 else text

    def session(self, photo: Photo) -> str:
        """ "after session 5" or "baseline". On the day of a session the photograph comes before the needle."""
        after = sum(
            day < photo.taken_on or (day == photo.taken_on and precision == DatePrecision.MONTH)
            for day, precision in self.sessions
        )
        if after:
            return f"after session {after}"
        return "baseline" if self.number(photo) == 0 else ""


@dataclass
class PatientPhotos:
    """A patient's photographs in order, with the courses and sessions they may belong to; none is struck out.

    `struck_out` is the number of photographs that were left out for that.
    """

    photos: list[Photo]
    courses: list[Course] = field(default_factory=list)
    sessions: list[ExosomeSession] = field(default_factory=list)
    struck_out: int = 0

    @cached_property
    def groups(self) -> dict[str, list[Photo]]:
        """Photographs by view in the order of the views, oldest first."""
        groups: dict[str, list[Photo]] = defaultdict(list)
        for photo in self.photos:
            groups[group_of(photo)].append(photo)
        return {code: groups[code] for code in sorted(groups, key=lambda c: (_ORDER_OF_VIEWS[c.partition(".")[0]], c))}

    def find(self, photo_id: uuid.UUID | None) -> Photo | None:
        return self._by_id.get(photo_id) if photo_id else None

    @cached_property
    def _by_id(self) -> dict[uuid.UUID, Photo]:
        return {photo.pk: photo for photo in self.photos}

    def course_on(self, day: datetime.date) -> Course | None:
        """The last course that had begun by that day, else the first; None without a course."""
        begun = [course for course in self.courses if course.baseline_on <= day]
        return next(iter([*begun[-1:], *self.courses]), None)

    def calendar(self, day: datetime.date) -> CourseCalendar:
        """Months as they are counted in the course of that day."""
        course = self.course_on(day)
        if course is None:
            return CourseCalendar(min((photo.taken_on for photo in self.photos), default=day), is_course=False)
        return CourseCalendar(course.baseline_on, True, tuple(self._session_days[course.pk]))

    @cached_property
    def _session_days(self) -> dict[uuid.UUID, list[tuple[datetime.date, str]]]:
        """Day and precision of each session, by course."""
        days: dict[uuid.UUID, list[tuple[datetime.date, str]]] = defaultdict(list)
        for session in self.sessions:
            days[session.course_id].append((session.performed_on, session.performed_precision))
        return days


def load(patient: Patient) -> PatientPhotos:
    """Read a patient's photographs in three queries, however many there are."""
    photos = list(Photo.objects.filter(patient=patient).in_order())
    valid = [photo for photo in photos if not photo.is_struck_out]
    return PatientPhotos(
        photos=valid,
        courses=list(Course.objects.standing().filter(patient=patient).order_by("baseline_on", "id")),
        sessions=list(ExosomeSession.objects.standing().filter(patient=patient).in_order()),
        struck_out=len(photos) - len(valid),
    )


def baseline_photo(photos: Sequence[Photo], start: CourseStart) -> Photo | None:
    """The baseline among the photographs of one view: the last that was taken before treatment.

    On the day of the first session a photograph was taken before the needle, unless its camera says that it was taken
    after the time of the session.
    """
    return baseline_of(presentable(photos), start)


def presentable(photos: Sequence[Photo]) -> list[Photo]:
    """Without those marked to be taken again, where that leaves any."""
    return [photo for photo in photos if photo.quality != PhotoQuality.RETAKE] or list(photos)
