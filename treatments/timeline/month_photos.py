"""The photographs of the timeline, month by month, and what may be said of them against Month 0."""

import datetime
import uuid
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from treatments.assessments.measurements import density
from treatments.assessments.measurements.visibility import Thresholds, Verdict
from treatments.assessments.models import Measurement
from treatments.courses.models import Course
from treatments.photos.compare.change_verdict import ChangeVerdict, judge_change
from treatments.photos.compare.comparability import COMPARABLE, NOT_COMPARABLE, NOT_KNOWN, PairVerdict
from treatments.photos.compare.context import compare_address
from treatments.photos.compare.pairs import Pair, Wanted, alignment_of, choose, judge
from treatments.photos.models import Photo
from treatments.photos.patient_photos import CourseCalendar, PatientPhotos, group_of
from treatments.photos.vocabulary import STANDARD_VIEWS, View
from treatments.timeline.facts import Facts

_COMPARABLE_TEXTS = {
    COMPARABLE: "Comparable",
    NOT_KNOWN: "Not known whether comparable",
    NOT_COMPARABLE: "Not comparable",
}


@dataclass(frozen=True)
class PhotoComparison:
    """A photograph against that of its view at the start: comparable or not, and whether a change can be seen."""

    month: str
    url: str
    conditions: PairVerdict
    change: ChangeVerdict

    @property
    def is_comparable(self) -> bool:
        return self.conditions.code == COMPARABLE

    @property
    def is_visible(self) -> bool:
        """Whether a change may be called visible in these two photographs."""
        return self.is_comparable and self.change.is_likely_visible

    @property
    def comparability(self) -> str:
        """ "Comparable with Month 0", "Not comparable with Month 0: light differs"."""
        text = f"{_COMPARABLE_TEXTS[self.conditions.code]} with {self.month}"
        mark = ": " if self.conditions.code == NOT_COMPARABLE else "; "
        return f"{text}{mark}{self._reason}" if self._reason else text

    @property
    def _reason(self) -> str:
        """The first reason why not, without its full stop; "" for a comparable pair."""
        reason = self.conditions.headline.partition(": ")[2] or next(iter(self.conditions.reasons), "")
        return (reason[:1].lower() + reason[1:]).partition(". ")[0].rstrip(".")

    @property
    def word(self) -> str:
        """The one word where there is room for no more."""
        if self.conditions.code == NOT_COMPARABLE and self.change.verdict != Verdict.TOO_EARLY:
            return "Not comparable"
        return self.change.word


class PhotoComparisons:
    """What each photograph of one patient that is not struck out says against the start of its view."""

    def __init__(self, facts: Facts, thresholds: Thresholds) -> None:
        self._patient, self._pairs, self._thresholds = facts.patient, facts.pairs, thresholds
        self._photos = PatientPhotos(facts.standing_photos, facts.standing_courses, facts.standing_sessions)
        kinds = {density.COUNT, density.CHANGE}
        self._measurements = [m for m in facts.standing_measurements if m.kind in kinds]
        self._calendars: dict[uuid.UUID | None, CourseCalendar] = {}
        self._by_month: dict[datetime.date, dict[int, list[Measurement]]] = {}
        self._comparisons: dict[uuid.UUID, PhotoComparison | None] = {}

    def with_baseline(self, photo: Photo) -> PhotoComparison | None:
        """None for a photograph that has none of its view before it, or only one of the same Month."""
        if photo.pk not in self._comparisons:
            self._comparisons[photo.pk] = self._compare(photo)
        return self._comparisons[photo.pk]

    def _compare(self, photo: Photo) -> PhotoComparison | None:
        chosen = choose(self._photos, Wanted(group_of(photo), later=photo.pk))
        pair = chosen.pair if chosen else None
        if pair is None or pair.later != photo:
            return None
        calendar = self._calendar(photo.taken_on)
        measured = self._measured_in_months_of(pair, calendar)
        if measured is None:
            return None
        alignment = alignment_of(self._pairs.get((pair.earlier.pk, photo.pk)))
        return PhotoComparison(
            month=calendar.month(pair.earlier),
            url=compare_address(self._patient, pair),
            conditions=judge(*pair, calendar, alignment),
            change=judge_change(*pair, measured, calendar, self._thresholds),
        )

    def _calendar(self, day: datetime.date) -> CourseCalendar:
        """The calendar of the course of that day, made once for each course."""
        course = self._photos.course_on(day)
        key = course.pk if course else None
        if key not in self._calendars:
            self._calendars[key] = self._photos.calendar(day)
        return self._calendars[key]

    def _measured_in_months_of(self, pair: Pair, calendar: CourseCalendar) -> list[Measurement] | None:
        """The densities that can bear on the pair: those of its two Months; None for a pair of one Month."""
        first, last = calendar.number(pair.earlier), calendar.number(pair.later)
        if first == last:
            return None
        if calendar.baseline_on not in self._by_month:
            months: dict[int, list[Measurement]] = defaultdict(list)
            for measurement in self._measurements:
                months[calendar.number_of(measurement.measured_on)].append(measurement)
            self._by_month[calendar.baseline_on] = months
        months = self._by_month[calendar.baseline_on]
        return [*months[first], *months[last]]


@dataclass
class MonthPhotos:
    """The photographs of one month, the lead view first."""

    photos: list[Photo]
    course: Course | None
    comparisons: PhotoComparisons

    @cached_property
    def wanted(self) -> list[str]:
        """The views that the course plans, else the standard ones."""
        return self.course.views if self.course and self.course.views else [view.value for view in STANDARD_VIEWS]

    @property
    def missing(self) -> list[str]:
        taken = {photo.view for photo in self.photos}
        return [str(View(code).label).lower() for code in self.wanted if code not in taken]

    @property
    def taken_count(self) -> int:
        return len({photo.view for photo in self.photos})

    @property
    def conditions(self) -> str:
        """Light and hair, as far as they were recorded and alike in all pictures of the month."""
        alike = [self._alike(name) for name in ("lighting", "hair_state")]
        if self.photos[0].product_used != "none":
            alike.append(self._alike("product_used"))
        return ", ".join(filter(None, alike)).capitalize()

    def _alike(self, name: str) -> str:
        """What was recorded in this column, where it is the same in every picture that has it recorded."""
        labels = {str(getattr(photo, f"get_{name}_display")()) for photo in self.photos if getattr(photo, name)}
        return labels.pop() if len(labels) == 1 else ""

    @cached_property
    def comparison(self) -> PhotoComparison | None:
        return self.comparisons.with_baseline(self.photos[0])
