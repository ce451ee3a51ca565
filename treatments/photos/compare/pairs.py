"""Which two photographs stand side by side, how they were laid over each other, and whether they may be compared."""

import itertools
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from django.http import QueryDict

from treatments.photos.compare.alignment import Alignment, Landmarks, align
from treatments.photos.compare.capture_card import capture_card
from treatments.photos.compare.comparability import SAME, PairVerdict, compare_cards
from treatments.photos.compare.geometry import AlignmentError
from treatments.photos.models import Photo, PhotoPair
from treatments.photos.patient_photos import CourseCalendar, PatientPhotos, baseline_photo, group_of, presentable


@dataclass(frozen=True)
class Wanted:
    """The view and the photographs that an address asks for. Ids that cannot be read ask for nothing."""

    view: str = ""
    earlier: uuid.UUID | None = None
    later: uuid.UUID | None = None

    @classmethod
    def read(cls, query: QueryDict) -> "Wanted":
        return cls(query.get("view", ""), _uuid(query.get("earlier", "")), _uuid(query.get("later", "")))


class Pair(NamedTuple):
    """Two photographs of one view, in order of time."""

    earlier: Photo
    later: Photo

    @property
    def group(self) -> str:
        return group_of(self.earlier)


@dataclass(frozen=True)
class Chosen:
    """A view, and the pair of it that is shown; None where it has not two photographs."""

    group: str
    pair: Pair | None


def choose(photos: PatientPhotos, wanted: Wanted) -> Chosen | None:
    """Baseline against latest, unless the address names others of the patient's photographs; None without any.

    Photographs of another view stand for the same time in the view that is asked for, so that a change of view keeps
    the months. One photograph alone is taken for the later, or for the earlier where nothing lies before it.
    """
    group = _group(photos, wanted)
    if group is None:
        return None
    of_view = photos.groups[group]
    if len(of_view) < 2:
        return Chosen(group, None)
    named = [photos.find(photo_id) for photo_id in (wanted.earlier, wanted.later)]
    calendar = photos.calendar(named[1] or of_view[-1])
    earlier, later = (_of_view(of_view, group, photo, calendar) for photo in named)
    return Chosen(group, _pair(of_view, earlier, later, photos.calendar(later or of_view[-1])))


def _group(photos: PatientPhotos, wanted: Wanted) -> str | None:
    """As named, else that of the photograph named; else one of the view named, else one of two photographs or more."""
    if wanted.view in photos.groups:
        return wanted.view
    named = photos.find(wanted.later) or photos.find(wanted.earlier)
    if named is not None:
        return group_of(named)

    def rank(code: str) -> int:
        return 2 if code.partition(".")[0] == wanted.view else len(photos.groups[code]) > 1

    return max(photos.groups, key=rank, default=None)


def _of_view(photos: Sequence[Photo], group: str, named: Photo | None, calendar: CourseCalendar) -> Photo | None:
    """The photograph itself, or the one of this view that was taken nearest to it: of those before the first needle
    for one of before it, and of those after it for one of after it, where there are such."""
    if named is None or group_of(named) == group:
        return named
    is_before = calendar.may_be_before_needle(named)
    same_side = [photo for photo in photos if calendar.may_be_before_needle(photo) == is_before]
    return min(same_side or photos, key=lambda photo: (abs((photo.taken_on - named.taken_on).days), photo.taken_on))


def _pair(photos: Sequence[Photo], earlier: Photo | None, later: Photo | None, calendar: CourseCalendar) -> Pair:
    """Both as named, in order of time; what is not named is the baseline, or the latest photograph."""
    if earlier is None or earlier == later:
        return _with_baseline(photos, later or presentable(photos)[-1], calendar)
    if later is None:
        return Pair(photos[0] if earlier == photos[-1] else earlier, photos[-1])
    return Pair(*sorted((earlier, later), key=photos.index))


def _with_baseline(photos: Sequence[Photo], later: Photo, calendar: CourseCalendar) -> Pair:
    """The baseline of the view and `later`; the first and the last of all where no baseline lies before `later`."""
    before = list(itertools.takewhile(lambda photo: photo.pk != later.pk, photos))
    baseline = baseline_photo(before, calendar) if before else None
    return Pair(baseline, later) if baseline else Pair(photos[0], photos[-1] if not before else later)


def pairs_with(earlier: Photo) -> dict[uuid.UUID, PhotoPair]:
    """Every pair that was laid over this photograph, by the later one's id, in one query."""
    pairs = PhotoPair.objects.standing().filter(earlier=earlier).select_related("aligned_by")
    return {pair.later_id: pair for pair in pairs}


def landmarks_of(pair: PhotoPair | None) -> Landmarks:
    if pair is None:
        return Landmarks()
    return Landmarks.from_dict({"landmarks": pair.landmarks, "nudge": pair.nudge})


def alignment_of(pair: PhotoPair | None) -> Alignment | None:
    """Worked out anew from the stored points, so that it follows the rules of today; None when not aligned."""
    try:
        return align(landmarks_of(pair))
    except AlignmentError:
        return None


def judge(earlier: Photo, later: Photo, calendar: CourseCalendar, alignment: Alignment | None) -> PairVerdict:
    first, second = _labels(earlier, later, calendar)
    return compare_cards(capture_card(earlier, first), capture_card(later, second), alignment=alignment)


def _labels(earlier: Photo, later: Photo, calendar: CourseCalendar) -> tuple[str, str]:
    """What the two are called in sentences; with the day where both belong to one Month."""
    first, second = calendar.month(earlier), calendar.month(later)
    if first != second:
        return first, second
    return f"{first}, {earlier.taken.label()}", f"{second}, {later.taken.label()}"


@dataclass(frozen=True)
class BetterPair:
    """Another pair of the view that differs in fewer conditions, and in which of them it agrees."""

    pair: Pair
    agree_in: list[str]
    rank: tuple[int, int]
    """Conditions it differs in, and minus the days between the two: the least is the best."""


def better_pair(
    pair: Pair, photos: Iterable[Photo], calendar: CourseCalendar, verdict: PairVerdict
) -> BetterPair | None:
    """A pair that shares one of the two photographs and differs less; of the best, the widest apart in time."""
    differing = set(verdict.differing)
    better = []
    for other in _other_pairs(pair, photos if differing else ()):
        there = judge(*other, calendar, None)
        agree_in = differing & {row.condition for row in there.rows if row.verdict == SAME}
        if agree_in and len(there.differing) < len(differing):
            rank = (len(there.differing), (other.earlier.taken_on - other.later.taken_on).days)
            better.append(BetterPair(other, sorted(agree_in), rank))
    return min(better, key=attrgetter("rank"), default=None)


def _other_pairs(pair: Pair, photos: Iterable[Photo]) -> Iterator[Pair]:
    """Each of the pair with every other photograph of another day, in order of time."""
    others = [photo for photo in photos if photo not in pair]
    for one, other in itertools.product(others, pair):
        if one.taken_on != other.taken_on:
            yield Pair(*sorted((one, other), key=attrgetter("taken_on")))


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
