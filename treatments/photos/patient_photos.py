"""A patient's photographs by view, oldest first, each with the Month, the day and the session it belongs to."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.utils import timezone

from treatments.assessments.baseline import CourseStart, baseline_of, in_order
from treatments.courses.membership import Courses, When
from treatments.courses.models import Course, ExosomeSession
from treatments.patients.models import Patient
from treatments.photos.models import Photo
from treatments.photos.vocabulary import NEEDS_SITE, PhotoQuality, View
from treatments.records.months import label, offset_text
from treatments.records.partial_dates import PartialDate, of_day
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
    """Month 0 of a course, from which its Months are counted, and the dates of its sessions.

    Without a course the first photograph is Month 0, and `is_course` is False.
    """

    month_0: When
    is_course: bool = True
    sessions: tuple[PartialDate, ...] = ()
    name: str = ""
    needle_at: datetime.datetime | None = None
    """When the first session was given, where its time was recorded."""

    @cached_property
    def start(self) -> CourseStart:
        """Where the course begins, for what counts as its baseline."""
        month_0 = self.month_0 if isinstance(self.month_0, PartialDate) else of_day(self.month_0)
        return CourseStart(month_0, min(self.sessions, key=lambda when: when.earliest, default=None))

    def is_before_needle(self, photo: Photo) -> bool:
        """Whether it was certainly taken before the first session, or before Month 0 as long as there was none."""
        began, when = self.start.treatment_began, photo.when
        if not self.may_be_before_needle(photo):
            return False
        return began is None or when.certainly_before(began) or (when == began and when.is_exact)

    def may_be_before_needle(self, photo: Photo) -> bool:
        """As far as dates and times are known."""
        return self.may_begin_after(photo.when) and not self._is_later_that_day(photo)

    def may_begin_after(self, when: PartialDate) -> bool:
        """Whether a date may lie before the first session, or is its day."""
        began = self.start.treatment_began
        return began is None or not when.certainly_after(began)

    def _is_later_that_day(self, photo: Photo) -> bool:
        """Whether the camera's clock says that it was taken after the time that was recorded of the session."""
        if self.needle_at is None or photo.exif_taken_at is None or photo.taken_on != self.needle_at.date():
            return False
        taken_at = timezone.localtime(photo.exif_taken_at)
        return taken_at.date() == photo.taken_on and taken_at > self.needle_at

    def number(self, photo: Photo) -> int:
        return self.number_of(photo.when)

    def number_of(self, when: When) -> int:
        """The Month in the middle of those that a date may belong to."""
        return label(self.month_0, when).number

    def month(self, photo: Photo) -> str:
        """ "Month 5", "Month 1 to 2", "Screening", "14 months before": the heading of a photograph."""
        return label(self.month_0, photo.when).heading

    def offset(self, photo: Photo) -> str:
        """ "−2 days" from the day of that month; "" on the day itself, or where no day was recorded."""
        days = label(self.month_0, photo.when).offset_days
        return offset_text(days) if days else ""

    def date(self, photo: Photo) -> str:
        """ "16 Jun 2025 (+2 days)", "Jun 2025"."""
        return self._with_offset(photo.taken.label(), photo)

    def month_and_offset(self, photo: Photo) -> str:
        """ "Month 5 (+2 days)": never the day itself."""
        return self._with_offset(self.month(photo), photo)

    def _with_offset(self, text: str, photo: Photo) -> str:
        offset = self.offset(photo)
        return f"{text} ({offset})" if offset and self.number(photo) >= 0 else text

    def session(self, photo: Photo) -> str:
        """ "after session 5" or "baseline". On the day of a session the photograph comes before the needle."""
        after = sum(is_before(session, photo.when) for session in self.sessions)
        if after:
            return f"after session {after}"
        return "baseline" if self.number(photo) == 0 else ""


def is_before(session: PartialDate, look: PartialDate) -> bool:
    """Whether a session was given before a photograph was taken. On one day the needle comes after it; in one month
    without days before it."""
    if session == look:
        return look.precision == "month"
    return session.latest < look.earliest


@dataclass
class PatientPhotos:
    """A patient's photographs in order, with the sessions they may belong to; none is struck out.

    `courses` are all of the patient; `struck_out` are the photographs that were left out.
    """

    photos: list[Photo]
    courses: Courses[Course] = field(default_factory=lambda: Courses[Course]([]))
    sessions: list[ExosomeSession] = field(default_factory=list)
    struck_out: list[Photo] = field(default_factory=list)

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

    def own_course(self, photo: Photo) -> Course | None:
        """The course that a photograph belongs to; None where it belongs to none that stands."""
        return self._own_courses[photo.pk]

    @cached_property
    def _own_courses(self) -> dict[uuid.UUID, Course | None]:
        sessions: dict[uuid.UUID | None, uuid.UUID] = {session.pk: session.course_id for session in self.sessions}
        return {
            photo.pk: self.courses.of(photo.course_id, sessions.get(photo.exosome_session_id), when=photo.when).course
            for photo in self.photos
        }

    def calendar(self, photo: Photo) -> CourseCalendar:
        """Months as they are counted in the course of that photograph."""
        course = self.own_course(photo)
        key = course.pk if course else None
        if key not in self._calendars:
            self._calendars[key] = self._calendar_of(course, photo)
        return self._calendars[key]

    def _calendar_of(self, course: Course | None, photo: Photo) -> CourseCalendar:
        if course is None:
            alone = [each.when for each in self.photos if self.own_course(each) is None]
            return CourseCalendar(min(alone, key=lambda when: when.earliest, default=photo.when), is_course=False)
        return self.course_calendar(course)

    def course_calendar(self, course: Course) -> CourseCalendar:
        """Months as they are counted in a course."""
        dates = tuple(self._session_dates[course.pk])
        return CourseCalendar(course.when, True, dates, course.distinct_name, self._needle_at.get(course.pk))

    @cached_property
    def _needle_at(self) -> dict[uuid.UUID, datetime.datetime]:
        """The moment of the first session by course, where its time was recorded."""
        first = {session.course_id: session for session in reversed(in_order(self.sessions))}
        return {
            course: timezone.make_aware(datetime.datetime.combine(session.performed_on, session.performed_at))
            for course, session in first.items()
            if session.performed_at
        }

    @cached_property
    def _calendars(self) -> dict[uuid.UUID | None, CourseCalendar]:
        """By the id of the course, each made once."""
        return {}

    @cached_property
    def _session_dates(self) -> dict[uuid.UUID, list[PartialDate]]:
        dates: dict[uuid.UUID, list[PartialDate]] = defaultdict(list)
        for session in self.sessions:
            dates[session.course_id].append(session.when)
        return dates


def load(patient: Patient) -> PatientPhotos:
    """Read a patient's photographs in three queries, however many there are."""
    photos = list(Photo.objects.filter(patient=patient).select_related("struck_out_by").in_order())
    valid = [photo for photo in photos if not photo.is_struck_out]
    return PatientPhotos(
        photos=valid,
        courses=Courses(Course.objects.filter(patient=patient).order_by("baseline_on", "id")),
        sessions=list(ExosomeSession.objects.standing().filter(patient=patient).in_order()),
        struck_out=[photo for photo in photos if photo.is_struck_out],
    )


def baseline_photo(photos: Sequence[Photo], calendar: CourseCalendar) -> Photo | None:
    """The baseline among the photographs of one view: the last that was taken before treatment; None without one.

    On the day of the first session a photograph was taken before the needle, unless its camera says that it was taken
    after the time that was recorded of the session. Where the day of the session, or of a photograph, is not known to
    the day, one that was taken before it for certain goes before one that may have been taken after it. A photograph
    that is to be taken again serves only where no other of before the needle does.
    """
    before = [photo for photo in photos if calendar.may_be_before_needle(photo)]
    certain = [photo for photo in before if calendar.is_before_needle(photo)]
    return baseline_of(presentable(certain or before), calendar.start)


def presentable(photos: Sequence[Photo]) -> list[Photo]:
    """Without those marked to be taken again, where that leaves any."""
    return [photo for photo in photos if photo.quality != PhotoQuality.RETAKE] or list(photos)
