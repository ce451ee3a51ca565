"""All that the compare page says of two photographs, put together for its template."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from treatments.assessments.measurements.visibility import Thresholds
from treatments.patients.models import Patient
from treatments.photos.compare.alignment import (
    LANDMARK_LABELS,
    LANDMARKS_BY_VIEW,
    Alignment,
    Landmarks,
    label_for,
    landmark_names_for,
)
from treatments.photos.compare.change_verdict import densities_of, seen
from treatments.photos.compare.comparability import PairVerdict
from treatments.photos.compare.pairs import Chosen, aligned_with, alignment_of, better, judge, landmarks_of
from treatments.photos.models import Photo, PhotoPair
from treatments.photos.patient_photos import Album, Counting, group_label


@dataclass(frozen=True)
class Refused:
    """Points that could not be kept: the sentence that says why, and the points, where they can be shown again."""

    sentence: str
    landmarks: Landmarks | None = None


def compare_address(patient: Patient, **wanted: Any) -> str:
    return f"{reverse('photos:compare', args=[patient.pk])}?{urlencode(wanted)}"


def export_address(patient: Patient, chosen: Chosen) -> str:
    dates = [photo.taken_on.isoformat() for photo in (chosen.earlier, chosen.later) if photo]
    wanted = urlencode({"view": chosen.group, "date": dates}, doseq=True)
    return f"{reverse('photos:export', args=[patient.pk])}?{wanted}"


def comparison(
    patient: Patient, album: Album, chosen: Chosen, thresholds: Thresholds, refused: Refused | None = None
) -> dict[str, Any]:
    """The context that templates/treatments/photos/compare.html names, but for what depends on the person's rights."""
    earlier, later = chosen.earlier, chosen.later
    if earlier is None or later is None:
        raise ValueError("There are no two photographs to compare.")
    counting = album.counting(later.taken_on)
    pairs = aligned_with(earlier)
    pair = pairs.get(later.pk)
    alignment = alignment_of(pair)
    verdict = judge(earlier, later, counting, alignment)
    change = seen(earlier, later, densities_of(patient), counting, thresholds)
    view = earlier.view
    return {
        "view": {"value": chosen.group, "label": group_label(chosen.group)},
        "views": view_choices(album, chosen.group),
        "earlier": side(earlier, counting),
        "later": side(later, counting),
        "earlier_choices": _choices(chosen.photos[:-1], earlier, counting),
        "later_choices": _choices(chosen.photos[1:], later, counting),
        "dates": [_date(patient, photo, chosen, counting, pairs) for photo in chosen.photos],
        "verdict": verdict,
        "suggestion": _suggestion(patient, chosen, counting, verdict),
        "seen": change,
        "in_photographs": change.in_photographs(verdict.code),
        "thresholds": thresholds,
        "counting": counting,
        "landmarks": [
            (name, LANDMARK_LABELS[name], name in LANDMARKS_BY_VIEW.get(view, LANDMARKS_BY_VIEW["vertex"]))
            for name in landmark_names_for(view)
        ],
        **_aligned(pair, alignment, refused),
    }


def side(photo: Photo, counting: Counting) -> dict[str, Any]:
    """One photograph as the viewer shows it: its 1600 px picture, Month, day, session."""
    width, height = photo.large_size
    month, date = counting.month(photo), counting.date(photo)
    return {
        "id": str(photo.pk),
        "src": photo.large_url,
        "thumb": photo.small_url,
        "width": width,
        "height": height,
        "month": month,
        "date": date,
        "session": counting.session(photo),
        "alt": f"{photo.get_view_display()} view, {month}, {date}.",
    }


def view_choices(album: Album, current: str) -> list[tuple[str, str, bool]]:
    """The views that have two photographs, and the one that is shown."""
    return [
        (code, group_label(code), code == current)
        for code, photos in album.groups.items()
        if len(photos) > 1 or code == current
    ]


def _aligned(pair: PhotoPair | None, alignment: Alignment | None, refused: Refused | None) -> dict[str, Any]:
    kept = json.dumps(landmarks_of(pair).as_dict())
    shown = json.dumps(refused.landmarks.as_dict()) if refused and refused.landmarks else kept
    return {
        "alignment": alignment,
        "alignment_label": label_for(alignment),
        "alignment_json": shown,
        "alignment_kept_json": kept,
        "alignment_error": refused.sentence if refused else "",
        "kept_json": _viewed(alignment),
        "pair_version": pair.version if pair else 0,
        "aligned_by": str(pair.aligned_by) if pair and alignment else "",
        "aligned_on": f"{timezone.localtime(pair.aligned_at):%-d %b %Y}" if pair and alignment else "",
    }


def _viewed(alignment: Alignment | None) -> str:
    """What the viewer needs of an alignment when the person may not change it."""
    if alignment is None:
        return ""
    return json.dumps(
        {
            "state": alignment.state,
            "names": alignment.names,
            "transform": alignment.transform.as_dict(),
            "residual": alignment.residual_px,
            "byHand": alignment.by_hand,
        }
    )


def _choices(photos: tuple[Photo, ...], current: Photo, counting: Counting) -> list[tuple[str, str, bool]]:
    """By Month, with the day where two photographs belong to one Month."""
    months = Counter(counting.month(photo) for photo in photos)
    found = []
    for photo in photos:
        month = counting.month(photo)
        label = month if months[month] == 1 else f"{month}, {photo.taken.label()}"
        found.append((str(photo.pk), label, photo.pk == current.pk))
    return found


def _date(
    patient: Patient, photo: Photo, chosen: Chosen, counting: Counting, pairs: dict[Any, PhotoPair]
) -> dict[str, Any]:
    """A photograph in the strip: this page with it as the later one, or as the earlier where it lies before both."""
    earlier, later = chosen.earlier, chosen.later
    role = "earlier" if photo == earlier else "later" if photo == later else ""
    alignment = alignment_of(pairs.get(photo.pk))
    kept = later if earlier and chosen.photos.index(photo) <= chosen.photos.index(earlier) else earlier
    first, second = sorted((photo, kept or photo), key=chosen.photos.index)
    return {
        **side(photo, counting),
        "role": role,
        "url": compare_address(patient, view=chosen.group, earlier=first.pk, later=second.pk),
        "transform_json": json.dumps(alignment.transform.as_dict()) if alignment else "",
        "alignment_label": "" if photo == earlier else label_for(alignment),
    }


def _suggestion(patient: Patient, chosen: Chosen, counting: Counting, verdict: PairVerdict) -> dict[str, str] | None:
    if chosen.earlier is None or chosen.later is None:
        return None
    found = better(chosen.earlier, chosen.later, chosen.photos, counting, verdict)
    if found is None:
        return None
    first, second = counting.month(found.earlier), counting.month(found.later)
    return {
        "url": compare_address(patient, view=chosen.group, earlier=found.earlier.pk, later=found.later.pk),
        "label": f"Compare {first} and {second}",
        "why": f"{first} and {second} are alike in {' and '.join(word.lower() for word in found.agree_in)}.",
    }
