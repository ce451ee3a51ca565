"""The context of the compare page: all that it says of two photographs, put together for its template."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from treatments.assessments.measurements.visibility import Thresholds
from treatments.patients.models import Patient
from treatments.patients.therapies import other_treatments
from treatments.photos.compare.alignment import (
    LANDMARK_LABELS,
    LANDMARKS_BY_VIEW,
    Alignment,
    Landmarks,
    label_for,
    landmark_names_for,
)
from treatments.photos.compare.change_verdict import densities_of, judge_change
from treatments.photos.compare.geometry import AlignmentError
from treatments.photos.compare.pairs import BetterPair, Pair, alignment_of, better_pair, judge, landmarks_of, pairs_with
from treatments.photos.models import Photo, PhotoPair
from treatments.photos.patient_photos import CourseCalendar, PatientPhotos, group_label
from treatments.photos.readings.results import read_in_order, read_pairs
from treatments.records.formatting import day

Choice = tuple[str, str, bool]
"""Value, label, and whether it is the current one."""


@dataclass(frozen=True)
class RefusedAlignment:
    """Points that could not be saved: the sentence that says why, and the points as they were posted."""

    sentence: str
    posted: str

    @property
    def landmarks(self) -> Landmarks | None:
        """None where they cannot be shown again at all."""
        try:
            return Landmarks.from_json(self.posted)
        except AlignmentError:
            return None


def compare_address(patient: Patient, pair: Pair) -> str:
    query = {"view": pair.group, "earlier": pair.earlier.pk, "later": pair.later.pk}
    return reverse("photos:compare", args=[patient.pk], query=query)


def export_address(patient: Patient, pair: Pair) -> str:
    query = {"view": pair.group, "date": [photo.when.text for photo in pair]}
    return reverse("photos:export", args=[patient.pk], query=query)


def compare_context(
    patient: Patient,
    photos: PatientPhotos,
    pair: Pair,
    thresholds: Thresholds,
    refused: RefusedAlignment | None = None,
) -> dict[str, Any]:
    """What templates/treatments/photos/compare/compare.html names, but for what depends on the person's rights."""
    earlier, later = pair
    of_view = photos.groups[pair.group]
    calendar = photos.calendar(later)
    stored = pairs_with(earlier)
    alignment = alignment_of(stored.get(later.pk))
    verdict = judge(earlier, later, calendar, alignment)
    measured, treatments = densities_of(patient), other_treatments(patient)
    change = judge_change(earlier, later, measured, calendar, thresholds, treatments)
    return {
        "view": {"value": pair.group, "label": group_label(pair.group)},
        "views": view_choices(photos, pair.group),
        "earlier": side(earlier, calendar),
        "later": side(later, calendar),
        "earlier_choices": _choices(of_view[:-1], earlier, calendar),
        "later_choices": _choices(of_view[1:], later, calendar),
        "dates": [_date(patient, photo, of_view, pair, calendar, stored.get(photo.pk)) for photo in of_view],
        "baseline_note": _baseline_note(earlier, of_view, calendar),
        "course": calendar.name if len(photos.courses.standing) > 1 else "",
        "verdict": verdict,
        "suggestion": _suggestion(patient, better_pair(pair, of_view, calendar, verdict), calendar),
        "change": change,
        "error_source": thresholds.error_source,
        "in_photographs": change.in_photographs(verdict.code),
        "read_blind": read_in_order(read_pairs(patient), earlier, later),
        "landmarks": _landmark_choices(earlier.view),
        **_alignment_context(stored.get(later.pk), alignment, refused),
    }


def _baseline_note(earlier: Photo, of_view: Sequence[Photo], calendar: CourseCalendar) -> str:
    """What is to be said of the earlier photograph where it may not show the head as it was before treatment."""
    if not calendar.sessions or calendar.is_before_needle(earlier):
        return ""
    if calendar.may_be_before_needle(earlier):
        first = min(calendar.sessions, key=lambda when: when.earliest)
        return (
            f"The earlier photo is of {earlier.taken.label()}, the first session of {first.label()}: "
            "it is not known which came first."
        )
    if any(map(calendar.may_be_before_needle, of_view)):
        return ""
    return "No photo of this view was taken before the first session. The earlier one shows the head after it."


def side(photo: Photo, calendar: CourseCalendar) -> dict[str, Any]:
    """One photograph as the viewer shows it: its 1600 px picture, Month, day, session."""
    width, height = photo.large_size
    month, date = calendar.month(photo), calendar.date(photo)
    return {
        "id": str(photo.pk),
        "src": photo.large_url,
        "thumb": photo.small_url,
        "width": width,
        "height": height,
        "month": month,
        "date": date,
        "session": calendar.session(photo),
        "alt": f"{photo.get_view_display()} view, {month}, {date}.",
    }


def view_choices(photos: PatientPhotos, current: str) -> list[Choice]:
    """The views that have two photographs, and the one that is shown."""
    shown = [code for code, of_view in photos.groups.items() if len(of_view) > 1 or code == current]
    return [(code, group_label(code), code == current) for code in shown]


def _choices(photos: Sequence[Photo], current: Photo, calendar: CourseCalendar) -> list[Choice]:
    """By Month, with the day where two photographs belong to one Month."""
    months = [calendar.month(photo) for photo in photos]
    counts = Counter(months)
    labels = [
        month if counts[month] == 1 else f"{month}, {photo.taken.label()}"
        for month, photo in zip(months, photos, strict=True)
    ]
    return [(str(photo.pk), label, photo == current) for photo, label in zip(photos, labels, strict=True)]


def _landmark_choices(view: str) -> list[Choice]:
    """Every landmark that the view may carry, and whether it is offered first."""
    suggested = LANDMARKS_BY_VIEW.get(view, LANDMARKS_BY_VIEW["vertex"])
    return [(name, LANDMARK_LABELS[name], name in suggested) for name in landmark_names_for(view)]


def _alignment_context(
    pair: PhotoPair | None, alignment: Alignment | None, refused: RefusedAlignment | None
) -> dict[str, Any]:
    stored = landmarks_of(pair)
    shown = (refused and refused.landmarks) or stored
    context = {
        "alignment": alignment,
        "alignment_label": label_for(alignment),
        "alignment_error": refused.sentence if refused else "",
        "landmarks_json": json.dumps(shown.as_dict()),
        "stored_landmarks_json": json.dumps(stored.as_dict()),
        "pair_version": pair.version if pair else 0,
    }
    if pair and alignment:
        context["viewer_json"] = _viewer_json(alignment)
        context["aligned_by"] = str(pair.aligned_by)
        context["aligned_on"] = day(timezone.localdate(pair.aligned_at))
    return context


def _viewer_json(alignment: Alignment) -> str:
    """What the viewer needs of an alignment when the person may not change it."""
    return json.dumps(
        {
            "state": alignment.state,
            "names": alignment.names,
            "transform": alignment.transform.as_dict(),
            "residual": alignment.residual_px,
            "byHand": alignment.by_hand,
        }
    )


def _date(
    patient: Patient,
    photo: Photo,
    of_view: list[Photo],
    pair: Pair,
    calendar: CourseCalendar,
    stored: PhotoPair | None,
) -> dict[str, Any]:
    """A photograph in the strip: this page with it as the later one, or as the earlier where it lies before both."""
    order = of_view.index
    other = pair.later if order(photo) <= order(pair.earlier) else pair.earlier
    alignment = alignment_of(stored)
    return {
        **side(photo, calendar),
        "role": {pair.earlier: "earlier", pair.later: "later"}.get(photo, ""),
        "url": compare_address(patient, Pair(*sorted((photo, other), key=order))),
        "transform_json": json.dumps(alignment.transform.as_dict()) if alignment else "",
        "alignment_label": "" if photo == pair.earlier else label_for(alignment),
    }


def _suggestion(patient: Patient, better: BetterPair | None, calendar: CourseCalendar) -> dict[str, str] | None:
    if better is None:
        return None
    first, second = (calendar.month(photo) for photo in better.pair)
    return {
        "url": compare_address(patient, better.pair),
        "label": f"Compare {first} and {second}",
        "why": f"{first} and {second} are alike in {' and '.join(better.agree_in).lower()}.",
    }
