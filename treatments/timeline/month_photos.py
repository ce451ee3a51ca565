"""The photographs of the timeline, month by month, and what may be said of them against Month 0."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from treatments.assessments.measurements import density
from treatments.assessments.measurements.visibility import Thresholds, Verdict
from treatments.assessments.models import Measurement
from treatments.courses.models import Course
from treatments.patients.models import Patient
from treatments.patients.other_treatments import OtherTreatment
from treatments.photos.compare.change_verdict import ChangeVerdict, judge_change
from treatments.photos.compare.comparability import COMPARABLE, NOT_COMPARABLE, NOT_KNOWN, PairVerdict
from treatments.photos.compare.context import compare_address
from treatments.photos.compare.pairs import Pair, Wanted, alignment_of, choose, judge
from treatments.photos.models import Photo, PhotoPair
from treatments.photos.patient_photos import CourseCalendar, PatientPhotos, group_of
from treatments.photos.vocabulary import STANDARD_VIEWS, View
from treatments.timeline.facts import Facts, known

_COMPARABLE_TEXTS = {
    COMPARABLE: "Comparable",
    NOT_KNOWN: "Not known whether comparable",
    NOT_COMPARABLE: "Not comparable",
}


@dataclass
class PhotoComparison:
    """A photograph against that of its view at the start: comparable or not, and whether a change can be seen.

    Each part is worked out when it is asked for: the chart needs one word, the month all of it.
    """

    patient: Patient
    pair: Pair
    calendar: CourseCalendar
    alignment: PhotoPair | None
    measurements: list[Measurement]
    thresholds: Thresholds
    treatments: list[OtherTreatment]

    @property
    def month(self) -> str:
        return self.calendar.month(self.pair.earlier)

    @property
    def url(self) -> str:
        return compare_address(self.patient, self.pair)

    @cached_property
    def conditions(self) -> PairVerdict:
        return judge(*self.pair, self.calendar, alignment_of(self.alignment))

    @cached_property
    def change(self) -> ChangeVerdict:
        return judge_change(*self.pair, self.measurements, self.calendar, self.thresholds, self.treatments)

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
        if self.change.verdict != Verdict.TOO_EARLY and self.conditions.code == NOT_COMPARABLE:
            return "Not comparable"
        return self.change.word


class PhotoComparisons:
    """What each photograph of one patient that is not struck out says against the start of its view."""

    def __init__(self, facts: Facts, thresholds: Thresholds) -> None:
        self._patient, self._pairs, self._thresholds = facts.patient, facts.pairs, thresholds
        self._photos = PatientPhotos(facts.standing_photos, facts.all_courses, facts.standing_sessions)
        self._treatments = facts.other_treatments
        kinds = {density.COUNT, density.CHANGE}
        self._measurements = [m for m in facts.standing_measurements if m.kind in kinds]
        self._measured: dict[int, dict[int, list[Measurement]]] = {}
        self._comparisons: dict[uuid.UUID, PhotoComparison | None] = {}

    def with_baseline(self, photo: Photo) -> PhotoComparison | None:
        """None for a photograph of before the treatment, and for one that has none of its view in a Month before it."""
        if photo.pk not in self._comparisons:
            self._comparisons[photo.pk] = self._compare(photo)
        return self._comparisons[photo.pk]

    def _compare(self, photo: Photo) -> PhotoComparison | None:
        chosen = choose(self._photos, Wanted(group_of(photo), later=photo.pk))
        pair = chosen.pair if chosen else None
        if pair is None or pair.later != photo:
            return None
        calendar = self._photos.calendar(photo)
        began = calendar.start.treatment_began
        if calendar.is_course and began is not None and not photo.when.certainly_after(began):
            return None
        first, last = calendar.number(pair.earlier), calendar.number(photo)
        if first == last:
            return None
        measured = self._measured_by_month(calendar)
        return PhotoComparison(
            patient=self._patient,
            pair=pair,
            calendar=calendar,
            alignment=self._pairs.get((pair.earlier.pk, photo.pk)),
            measurements=[*measured[first], *measured[last]],
            thresholds=self._thresholds,
            treatments=self._treatments,
        )

    def _measured_by_month(self, calendar: CourseCalendar) -> dict[int, list[Measurement]]:
        """Densities by the number of their Month: only those of its two Months can bear on a pair."""
        key = id(calendar)  # each course has one, and the photographs keep it
        if key not in self._measured:
            months: dict[int, list[Measurement]] = defaultdict(list)
            for measurement in self._measurements:
                months[calendar.number_of(known(measurement))].append(measurement)
            self._measured[key] = months
        return self._measured[key]


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
