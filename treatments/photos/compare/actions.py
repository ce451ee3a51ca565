"""How a pair of photographs is aligned, aligned anew, and left unaligned again. No pixel is ever written."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from treatments.photos.compare.alignment import Landmarks, align
from treatments.photos.compare.similarity import AlignmentError
from treatments.photos.models import Photo, PhotoPair
from treatments.records.actions import Conflict, correct, insert

ALIGNED_ANEW = "Aligned anew"
FORGOTTEN = "Alignment forgotten"


def keep_alignment(*, earlier: Photo, later: Photo, landmarks: Landmarks, expected_version: int, by: Any) -> PhotoPair:
    """Keep the points and the transform that lay the later photograph over the earlier.

    `expected_version` is 0 for a pair that was never aligned. Raises AlignmentError for points that give no alignment,
    and Conflict when somebody else aligned the pair first; the same points sent twice are kept once.
    """
    columns = _columns(landmarks, by)
    if not columns["transform"]:
        raise AlignmentError("No point is marked yet. Mark the same two or more spots in both photographs.")
    if expected_version:
        return _change(_kept(earlier, later), columns, reason=ALIGNED_ANEW, expected_version=expected_version, by=by)
    pair = PhotoPair(
        clinic_id=earlier.clinic_id, patient_id=earlier.patient_id, earlier=earlier, later=later, **columns
    )
    if (twin := _find(earlier, later)) is None:
        try:
            return insert(pair, event="aligned_photos", by=by, detail={"landmarks": len(pair.landmarks)})
        except ValidationError:  # somebody was quicker between our look and our write
            twin = _kept(earlier, later)
    return _same_or_conflict(twin, columns)


def forget_alignment(*, earlier: Photo, later: Photo, expected_version: int, by: Any) -> PhotoPair | None:
    """Show the pair as taken from now on; the points stay in the history. None when it was never aligned.

    Raises Conflict when somebody aligned it anew in the meantime.
    """
    pair = _find(earlier, later)
    if pair is None or not pair.transform:
        return pair
    return _change(pair, _columns(Landmarks(), by), reason=FORGOTTEN, expected_version=expected_version, by=by)


def _columns(landmarks: Landmarks, by: Any) -> dict[str, Any]:
    """What is kept of an alignment; empty where nothing was marked or moved."""
    found = align(landmarks)
    told = landmarks.as_dict()
    return {
        "landmarks": told["landmarks"],
        "nudge": told["nudge"] if found and found.by_hand else {},
        "transform": found.transform.as_dict() if found else {},
        "residual_px": found.residual_px if found else None,
        "aligned_by": by,
    }


def _change(pair: PhotoPair, columns: dict[str, Any], *, reason: str, expected_version: int, by: Any) -> PhotoPair:
    def stamp(changed: PhotoPair) -> None:
        PhotoPair.objects.filter(pk=changed.pk).update(aligned_at=timezone.now())

    event = "forgot_alignment" if reason == FORGOTTEN else "aligned_photos"
    return correct(
        pair, changes=columns, reason=reason, expected_version=expected_version, event=event, then=stamp, by=by
    )


def _find(earlier: Photo, later: Photo) -> PhotoPair | None:
    found: PhotoPair | None = PhotoPair.objects.filter(earlier=earlier, later=later).first()
    return found


def _kept(earlier: Photo, later: Photo) -> PhotoPair:
    found: PhotoPair = PhotoPair.objects.get(earlier=earlier, later=later)
    return found


def _same_or_conflict(twin: PhotoPair, columns: dict[str, Any]) -> PhotoPair:
    if all(getattr(twin, name) == value for name, value in columns.items()):
        return twin
    raise Conflict(twin)
