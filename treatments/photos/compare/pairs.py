"""Which two photographs stand side by side, how they were laid over each other, and whether they may be compared."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from treatments.photos.compare.alignment import Alignment, AlignmentError, Landmarks, align
from treatments.photos.compare.comparability import COMPARABLE, CaptureCard, PairVerdict, compare_cards
from treatments.photos.compare.conditions import DIFFERS, SAME
from treatments.photos.models import Photo, PhotoPair
from treatments.photos.patient_photos import Album, Counting, group_of, presentable
from treatments.records.fields import DatePrecision


@dataclass(frozen=True)
class Wanted:
    """What an address asks for. Ids that cannot be read ask for nothing."""

    view: str = ""
    earlier: uuid.UUID | None = None
    later: uuid.UUID | None = None

    @classmethod
    def read(cls, values: Mapping[str, str]) -> "Wanted":
        return cls(values.get("view", ""), _uuid(values.get("earlier")), _uuid(values.get("later")))


@dataclass(frozen=True)
class Chosen:
    """A view, its photographs oldest first, and the two of them that are shown; None where there are not two."""

    group: str
    photos: tuple[Photo, ...]
    earlier: Photo | None
    later: Photo | None


def choose(album: Album, wanted: Wanted) -> Chosen | None:
    """Baseline against latest, unless the address names others of the patient's photographs; None for an empty album.

    Photographs of another view stand for the same time in the view that is asked for, so that a change of view keeps
    the months. One photograph alone is taken for the later, or for the earlier where nothing lies before it.
    """
    groups = album.groups
    group = _group(groups, wanted, album)
    if group is None:
        return None
    photos = groups[group]
    if len(photos) < 2:
        return Chosen(group, tuple(photos), None, None)
    counting = album.counting(photos[-1].taken_on)
    earlier, later = (_near(photos, album.find(found)) for found in (wanted.earlier, wanted.later))
    if later is None and earlier is None:
        later = presentable(photos)[-1]
    if later is not None and earlier is not None and earlier != later:
        earlier, later = sorted((earlier, later), key=photos.index)
    elif later is not None and later != photos[0]:
        earlier = _baseline(photos[: photos.index(later)], counting)
    else:
        earlier, later = photos[0] if earlier is None or earlier == photos[-1] else earlier, photos[-1]
    return Chosen(group, tuple(photos), earlier, later)


def _group(groups: dict[str, list[Photo]], wanted: Wanted, album: Album) -> str | None:
    if wanted.view in groups:
        return wanted.view
    named = album.find(wanted.later) or album.find(wanted.earlier)
    if named is not None:
        return group_of(named)
    of_view = [code for code in groups if wanted.view and code.partition(".")[0] == wanted.view]
    paired = [code for code in groups if len(groups[code]) > 1]
    return next(iter([*of_view, *paired, *groups]), None)


def _near(photos: Sequence[Photo], named: Photo | None) -> Photo | None:
    """The photograph itself, or the one of this view that was taken nearest to it."""
    if named is None or named in photos:
        return named
    return min(photos, key=lambda photo: (abs((photo.taken_on - named.taken_on).days), photo.taken_on))


def _baseline(before: Sequence[Photo], counting: Counting) -> Photo:
    """The photograph nearest to the first day of the course; of several on one day the last that may stay."""
    kept = presentable(before)
    return min(reversed(kept), key=lambda photo: abs((photo.taken_on - counting.baseline_on).days))


def aligned_with(earlier: Photo) -> dict[Any, PhotoPair]:
    """Every pair that was laid over this photograph, by the later one's id, in one query."""
    pairs = PhotoPair.objects.standing().filter(earlier=earlier).select_related("aligned_by")
    return {pair.later_id: pair for pair in pairs}


def landmarks_of(pair: PhotoPair | None) -> Landmarks:
    if pair is None:
        return Landmarks()
    return Landmarks.from_dict({"landmarks": pair.landmarks, "nudge": pair.nudge})


def alignment_of(pair: PhotoPair | None) -> Alignment | None:
    """Worked out anew from the kept points, so that it follows the rules of today; None when not aligned."""
    try:
        return align(landmarks_of(pair))
    except AlignmentError:
        return None


def card(photo: Photo, label: str) -> CaptureCard:
    """The capture card of a kept photograph: what was recorded, and what was measured in its pixels."""
    measures = photo.quality_checks.get("measures", {})
    return CaptureCard(
        label=label,
        view=photo.view,
        taken_on=photo.taken_on if photo.taken_precision == DatePrecision.DAY else None,
        lighting=photo.lighting or None,
        flash=photo.quality_checks.get("exposure", {}).get("flash"),
        brightness=measures.get("backdrop"),
        hair_state=photo.hair_state or None,
        product_used=photo.product_used or None,
        parting=photo.parting or None,
        hair_length_mm=photo.hair_length_mm,
        dyed=photo.is_dyed,
        camera=photo.device or None,
        lens_mm=None if photo.lens_mm is None else float(photo.lens_mm),
        distance_cm=photo.distance_cm,
        capture_path=photo.capture_path,
        sharpness=measures.get("reblur"),
        long_side_px=max(photo.width, photo.height),
        quality=photo.quality or None,
    )


def names(earlier: Photo, later: Photo, counting: Counting) -> tuple[str, str]:
    """What the two are called in sentences; with the day where both belong to one Month."""
    first, second = counting.month(earlier), counting.month(later)
    if first != second:
        return first, second
    return f"{first}, {earlier.taken.label()}", f"{second}, {later.taken.label()}"


def judge(earlier: Photo, later: Photo, counting: Counting, alignment: Alignment | None) -> PairVerdict:
    first, second = names(earlier, later, counting)
    return compare_cards(card(earlier, first), card(later, second), alignment=alignment)


@dataclass(frozen=True)
class Better:
    """Another pair of the view that differs in fewer conditions."""

    earlier: Photo
    later: Photo
    agree_in: tuple[str, ...]


def better(
    earlier: Photo, later: Photo, photos: Iterable[Photo], counting: Counting, verdict: PairVerdict
) -> Better | None:
    """A pair that shares one of the two photographs and differs less; of the best, the widest apart in time."""
    here = _differing(verdict)
    if verdict.code == COMPARABLE or not here:
        return None
    found: list[tuple[int, int, Better]] = []
    for other in photos:
        for one, two in (sorted((other, kept), key=_in_order) for kept in (earlier, later)):
            if other in (earlier, later) or one.taken_on == two.taken_on:
                continue
            there = judge(one, two, counting, None)
            differing = _differing(there)
            agree = {row.condition for row in there.rows if row.verdict == SAME}
            if len(differing) < len(here) and here & agree:
                pair = Better(one, two, tuple(sorted(here & agree)))
                found.append((len(differing), -(two.taken_on - one.taken_on).days, pair))
    return min(found, key=lambda each: each[:2])[2] if found else None


def _differing(verdict: PairVerdict) -> set[str]:
    return {row.condition for row in verdict.rows if row.counts and row.verdict == DIFFERS}


def _in_order(photo: Photo) -> tuple[Any, str]:
    return (photo.taken_on, str(photo.pk))


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None
