"""How a pair of photographs is aligned, aligned anew, and left unaligned again. No pixel is ever written."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.staff.models import User
from treatments.photos.compare.alignment import Landmarks, align
from treatments.photos.compare.geometry import AlignmentError
from treatments.photos.models import Photo, PhotoPair
from treatments.records.actions import Conflict, correct, insert

ALIGNED_ANEW = "Aligned again"
FORGOTTEN = "Alignment forgotten"


def save_alignment(*, earlier: Photo, later: Photo, landmarks: Landmarks, expected_version: int, by: User) -> PhotoPair:
    """Save the points and the transform that lay the later photograph over the earlier.

    `expected_version` is 0 for a pair that was never aligned. Raises AlignmentError for points that give no alignment,
    and Conflict when somebody else aligned the pair first; the same points sent twice are saved once.
    """
    columns = _columns(landmarks, by)
    if not columns["transform"]:
        raise AlignmentError("No point is marked yet. Mark the same two or more spots in both photographs.")
    pair = _pair(earlier, later)
    if pair and expected_version:
        return _correct(pair, columns, reason=ALIGNED_ANEW, expected_version=expected_version, by=by)
    pair = pair or _insert(earlier, later, columns, by)
    if {name: getattr(pair, name) for name in columns} != columns:
        raise Conflict(pair)
    return pair


def _insert(earlier: Photo, later: Photo, columns: dict[str, Any], by: User) -> PhotoPair:
    """The new pair, or the one that somebody else made between our look and our write."""
    pair = PhotoPair(
        clinic_id=earlier.clinic_id, patient_id=earlier.patient_id, earlier=earlier, later=later, **columns
    )
    try:
        return insert(pair, event="aligned_photos", by=by, detail={"landmarks": len(pair.landmarks)})
    except ValidationError:
        theirs: PhotoPair = PhotoPair.objects.get(earlier=earlier, later=later)
        return theirs


def forget_alignment(*, earlier: Photo, later: Photo, expected_version: int, by: User) -> PhotoPair | None:
    """Show the pair as taken from now on; the points stay in the history. None when it was never aligned.

    Raises Conflict when somebody aligned it anew in the meantime.
    """
    pair = _pair(earlier, later)
    if pair is None or not pair.transform:
        return pair
    return _correct(pair, _columns(Landmarks(), by), reason=FORGOTTEN, expected_version=expected_version, by=by)


def _columns(landmarks: Landmarks, by: User) -> dict[str, Any]:
    """The columns of an alignment; empty where nothing was marked or moved."""
    alignment = align(landmarks)
    marks = landmarks.as_dict()
    return {
        "landmarks": marks["landmarks"],
        "nudge": marks["nudge"] if alignment and alignment.by_hand else {},
        "transform": alignment.transform.as_dict() if alignment else {},
        "residual_px": alignment.residual_px if alignment else None,
        "aligned_by": by,
    }


def _correct(pair: PhotoPair, columns: dict[str, Any], *, reason: str, expected_version: int, by: User) -> PhotoPair:
    def stamp(changed: PhotoPair) -> None:
        PhotoPair.objects.filter(pk=changed.pk).update(aligned_at=timezone.now())

    event = "forgot_alignment" if reason == FORGOTTEN else "aligned_photos"
    return correct(
        pair, changes=columns, reason=reason, expected_version=expected_version, event=event, then=stamp, by=by
    )


def _pair(earlier: Photo, later: Photo) -> PhotoPair | None:
    pair: PhotoPair | None = PhotoPair.objects.filter(earlier=earlier, later=later).first()
    return pair
