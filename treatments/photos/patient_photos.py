"""A patient's photographs by view, oldest first, each with the Month, the day and the session it belongs to."""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from treatments.courses.models import Course, ExosomeSession
from treatments.patients.models import Patient
from treatments.photos.models import Photo
from treatments.photos.vocabulary import NEEDS_SITE, PhotoQuality, View
from treatments.records.fields import DatePrecision
from treatments.records.months import label, month_number
from treatments.records.regions import Region


def group_of(photo: Photo) -> str:
    """The code under which photographs may be laid side by side: the view, and the site of a close-up."""
    return f"{photo.view}.{photo.site}" if photo.view in NEEDS_SITE else str(photo.view)


def group_label(code: str) -> str:
    """ "Vertex", "Trichoscopy, frontal"."""
    view, _, site = code.partition(".")
    name = str(View(view).label)
    return f"{name}, {str(Region(site).label).lower()}" if site in Region.values else name


@dataclass(frozen=True)
class Counting:
    """From which day months are counted, and the days on which sessions were given.

    Without a course the first photograph is Month 0, and `is_course` is False.
    """

    baseline_on: datetime.date
    is_course: bool = True
    sessions: tuple[tuple[datetime.date, str], ...] = ()

    def number(self, photo: Photo) -> int:
        return self.number_of(photo.taken_on)

    def number_of(self, day: datetime.date) -> int:
        return month_number(self.baseline_on, day)

    def month(self, photo: Photo) -> str:
        """ "Month 5", "Screening", "14 months before": the heading of a photograph."""
        found = label(self.baseline_on, photo.taken_on)
        if found.number < 0:
            return f"{-found.number} month{'' if found.number == -1 else 's'} before"
        if photo.taken_precision != DatePrecision.DAY:
            return f"Month {found.number}"
        return found.text.partition(" (")[0]

    def offset(self, photo: Photo) -> str:
        """ "−2 d" from the day of that month; "" on the day itself, or where no day was recorded."""
        days = label(self.baseline_on, photo.taken_on).offset_days
        known = photo.taken_precision == DatePrecision.DAY and days
        return f"{days:+d} d".replace("-", "−") if known else ""

    def date(self, photo: Photo) -> str:
        """ "16 Jun 2025 (+2 d)", "Jun 2025"."""
        offset = self.offset(photo)
        day = photo.taken.label()
        return f"{day} ({offset})" if offset and self.number(photo) >= 0 else day

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
class Album:
    """Every standing photograph of a patient, in order, with the courses and sessions it may belong to."""

    photos: list[Photo]
    courses: list[Course] = field(default_factory=list)
    sessions: list[ExosomeSession] = field(default_factory=list)

    @property
    def groups(self) -> dict[str, list[Photo]]:
        """Photographs by view in the order of the views, oldest first."""
        found: dict[str, list[Photo]] = defaultdict(list)
        for photo in self.photos:
            found[group_of(photo)].append(photo)
        order = list(View)
        return {code: found[code] for code in sorted(found, key=lambda c: (order.index(View(c.partition(".")[0])), c))}

    def find(self, photo_id: Any) -> Photo | None:
        return next((photo for photo in self.photos if photo.pk == photo_id), None)

    def counting(self, day: datetime.date) -> Counting:
        """Months as the course counts them that had begun by that day, else the first course."""
        begun = [course for course in self.courses if course.baseline_on <= day]
        course = begun[-1] if begun else next(iter(self.courses), None)
        if course is None:
            return Counting(min((photo.taken_on for photo in self.photos), default=day), is_course=False)
        days = tuple((s.performed_on, s.performed_precision) for s in self.sessions if s.course_id == course.pk)
        return Counting(course.baseline_on, True, days)


def load(patient: Patient) -> Album:
    """Read the album in three queries, whatever its length."""
    return Album(
        photos=list(Photo.objects.standing().filter(patient=patient).in_order()),
        courses=list(Course.objects.standing().filter(patient=patient).order_by("baseline_on", "id")),
        sessions=list(ExosomeSession.objects.standing().filter(patient=patient).in_order()),
    )


def presentable(photos: Sequence[Photo]) -> list[Photo]:
    """Without those marked to be taken again, where that leaves any."""
    return [photo for photo in photos if photo.quality != PhotoQuality.RETAKE] or list(photos)
