"""The photographs of the timeline, month by month, and what may be said of them against Month 0."""

from dataclasses import dataclass
from functools import cached_property

from treatments.assessments.measurements import density
from treatments.assessments.measurements.visibility import Thresholds, Verdict
from treatments.courses.models import Course
from treatments.photos.compare.change_verdict import ChangeVerdict, judge_change
from treatments.photos.compare.comparability import COMPARABLE, NOT_COMPARABLE, NOT_KNOWN, PairVerdict
from treatments.photos.compare.context import compare_address
from treatments.photos.compare.pairs import Wanted, alignment_of, choose, judge
from treatments.photos.models import Photo
from treatments.photos.patient_photos import PatientPhotos, group_of
from treatments.photos.vocabulary import STANDARD_VIEWS, View
from treatments.timeline.facts import Facts


@dataclass(frozen=True)
class Against:
    """A photograph against that of its view at the start: comparable or not, and whether a change can be seen."""

    month: str
    url: str
    verdict: PairVerdict
    seen: ChangeVerdict

    @property
    def is_comparable(self) -> bool:
        return self.verdict.code == COMPARABLE

    @property
    def is_sound(self) -> bool:
        return self.is_comparable and self.seen.is_likely_visible

    @property
    def comparable(self) -> str:
        """ "Comparable with Month 0", "Not comparable with Month 0: light differs"."""
        told = {COMPARABLE: "Comparable", NOT_KNOWN: "Not known whether comparable"}
        why = self.verdict.headline.partition(": ")[2] or (self.verdict.reasons[0] if self.verdict.reasons else "")
        why = why[:1].lower() + why[1:].partition(". ")[0].rstrip(".")
        words = f"{told.get(self.verdict.code, 'Not comparable')} with {self.month}"
        return f"{words}{': ' if self.verdict.code == NOT_COMPARABLE else '; '}{why}" if why else words

    @property
    def word(self) -> str:
        """The one word where there is room for no more."""
        if self.verdict.code == NOT_COMPARABLE and self.seen.verdict != Verdict.TOO_EARLY:
            return "Not comparable"
        return str(self.seen.word)


class Pictures:
    """Every standing photograph of one patient, and what each says against the start of its view."""

    def __init__(self, facts: Facts, thresholds: Thresholds) -> None:
        self._facts, self._thresholds = facts, thresholds
        kinds = {density.COUNT, density.CHANGE}
        self._measured = [m for m in facts.standing_measurements if m.kind in kinds]
        self._photos = PatientPhotos(
            facts.standing_photos,
            [course for course in facts.courses if not course.is_struck_out],
            [each for each in facts.sessions if not each.is_struck_out],
        )

    def against(self, photo: Photo) -> Against | None:
        """None for a photograph that has none of its view before it, or only one of the same Month."""
        chosen = choose(self._photos, Wanted(group_of(photo), later=photo.pk))
        pair = chosen.pair if chosen else None
        if pair is None or pair.later != photo:
            return None
        calendar = self._photos.calendar(photo.taken_on)
        if calendar.number(pair.earlier) == calendar.number(photo):
            return None
        alignment = alignment_of(self._facts.pairs.get((pair.earlier.pk, photo.pk)))
        return Against(
            calendar.month(pair.earlier),
            compare_address(self._facts.patient, pair),
            judge(*pair, calendar, alignment),
            judge_change(*pair, self._measured, calendar, self._thresholds),
        )


@dataclass
class Plate:
    """The photographs of one month, the lead view first."""

    photos: list[Photo]
    course: Course | None
    pictures: Pictures

    @property
    def missing(self) -> list[str]:
        views = [View(code) for code in (self.course.views if self.course else [])] or list(STANDARD_VIEWS)
        taken = {photo.view for photo in self.photos}
        return [str(view.label).lower() for view in views if view.value not in taken]

    @property
    def wanted(self) -> int:
        return len(self.course.views) if self.course and self.course.views else len(STANDARD_VIEWS)

    @property
    def taken(self) -> int:
        return len({photo.view for photo in self.photos})

    @property
    def conditions(self) -> str:
        """Light and hair, as far as they were recorded and alike in all pictures of the month."""
        told = []
        for name in ("lighting", "hair_state", "product_used"):
            words = {getattr(photo, f"get_{name}_display")() for photo in self.photos if getattr(photo, name)}
            if len(words) == 1 and (name != "product_used" or self.photos[0].product_used != "none"):
                told.append(words.pop())
        return ", ".join(told).capitalize() if told else ""

    @cached_property
    def against(self) -> Against | None:
        return self.pictures.against(self.photos[0])
