"""The quality checks of one photo, with the patient's own earlier photos beside it."""

import base64
import uuid
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from treatments.photos.models import Photo, PhotoFingerprint
from treatments.photos.quality.checks import DOUBTS, QualityCheck, doubtful_colours, filed_elsewhere, judge
from treatments.photos.vocabulary import PhotoQuality

if TYPE_CHECKING:
    from treatments.photos.quality.measures import Measures

COMPARED_WITH_AT_MOST = 200
"""Photos of the patient that a new one might be a copy of, the latest first."""


def check_photo(photo: Photo, measures: "Measures") -> list[QualityCheck]:
    """Judge a photo, saved or not, against the patient's earliest comparable photo of its view.

    Whether its colours are in doubt is kept in `quality_checks` when the file is read.
    """
    checks = judge(
        measures,
        view=photo.view,
        baseline_measures=_baseline_measures(photo),
        taken_on=photo.taken_on,
        in_file=photo.date_in_file,
        others=_fingerprints(photo),
    )
    if (doubt := photo.quality_checks.get("colour_doubt", "")) in DOUBTS:
        checks.append(doubtful_colours(doubt))
    return [*checks, filed_elsewhere()] if _is_filed_elsewhere(photo) else checks


def as_stored(measures: "Measures", checks: list[QualityCheck], **more: Any) -> dict[str, Any]:
    """The JSON of Photo.quality_checks: what was measured and judged, but for the fingerprint, which the last release
    still looks for."""
    return {**more, "measures": {**measures, "fingerprint": ""}, "gates": [asdict(check) for check in checks]}


def fingerprint_of(photo: Photo, measures: "Measures") -> PhotoFingerprint:
    """An unsaved row, which belongs to that of the photo."""
    return PhotoFingerprint(photo=photo, levels=base64.b64decode(measures["fingerprint"]))


def measures_of(photo: Photo) -> "Measures | None":
    """What was measured when the photo was stored; None of photos that came before anything was."""
    measures: Measures | None = photo.quality_checks.get("measures")
    kept = PhotoFingerprint.objects.filter(photo=photo).first()
    if measures and kept:
        measures["fingerprint"] = _in_base64(kept.levels)
    return measures


def checks_of(photo: Photo) -> list[QualityCheck]:
    """What was judged when the photo was stored, or when its view or date was corrected."""
    return [QualityCheck(**stored) for stored in photo.quality_checks.get("gates", [])]


def warnings_of(photo: Photo) -> list[QualityCheck]:
    return [check for check in checks_of(photo) if check.verdict == "warn"]


def _baseline_measures(photo: Photo) -> "Measures | None":
    earlier = (
        Photo.objects.standing()
        .filter(patient=photo.patient_id, view=photo.view, site=photo.site, taken_on__lt=photo.taken_on)
        .exclude(quality__in=[PhotoQuality.RETAKE, PhotoQuality.NOT_COMPARABLE])
        .exclude(pk=photo.pk)
    )
    if photo.lighting:
        earlier = earlier.filter(lighting__in=["", photo.lighting])
    checks = earlier.in_order().values_list("quality_checks", flat=True).first()
    return checks.get("measures") if checks else None


def _fingerprints(photo: Photo) -> list[tuple[uuid.UUID, str]]:
    others = Photo.objects.standing().filter(patient=photo.patient_id).exclude(pk=photo.pk).order_by("-taken_on", "-id")
    # The second is of a photo that a host of the last release has stored since the others were moved.
    rows = others.values_list("pk", "fingerprint__levels", "quality_checks__measures__fingerprint")
    found = [(pk, _in_base64(kept) if kept else in_row) for pk, kept, in_row in rows[:COMPARED_WITH_AT_MOST]]
    return [(pk, fingerprint) for pk, fingerprint in found if fingerprint]


def _in_base64(levels: bytes | memoryview) -> str:
    return base64.b64encode(levels).decode("ascii")


def _is_filed_elsewhere(photo: Photo) -> bool:
    same = Photo.objects.standing().filter(clinic=photo.clinic_id, sha256=photo.sha256)
    return bool(same.exclude(patient=photo.patient_id).exists())
