"""The quality gates of one photo, with the patient's own earlier photos beside it."""

import zoneinfo
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from treatments.photos.models import Photo
from treatments.photos.quality import checks as gates
from treatments.photos.quality.checks import GateResult
from treatments.photos.vocabulary import PhotoQuality

if TYPE_CHECKING:
    from treatments.photos.quality.measures import Measures

COMPARED_WITH_AT_MOST = 200
"""Photos of the patient that a new one might be a copy of, the latest first."""


def gates_for(photo: Photo, measures: "Measures") -> list[GateResult]:
    """Judge a photo, saved or not, against the patient's earliest comparable photo of its view."""
    camera = photo.exif_taken_at
    zone = zoneinfo.ZoneInfo(photo.clinic.time_zone)
    return [
        *gates.judge(
            measures,
            view=photo.view,
            baseline_measures=_baseline_measures(photo),
            taken_on=photo.taken_on,
            exif_taken_on=camera.astimezone(zone).date() if camera else None,
            others=_fingerprints(photo),
        ),
        *([gates.filed_elsewhere()] if _is_filed_elsewhere(photo) else []),
    ]


def as_kept(measures: "Measures", found: list[GateResult], **more: Any) -> dict[str, Any]:
    """The form in which Photo.quality_checks keeps what was measured and judged."""
    return {**more, "measures": dict(measures), "gates": [asdict(gate) for gate in found]}


def gates_of(photo: Photo) -> list[GateResult]:
    """What was judged when the photo was kept, or when its view or date was corrected."""
    return [GateResult(**told) for told in photo.quality_checks.get("gates", [])]


def warnings_of(photo: Photo) -> list[GateResult]:
    return [gate for gate in gates_of(photo) if gate.verdict == "warn"]


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


def _fingerprints(photo: Photo) -> list[tuple[Any, str]]:
    others = Photo.objects.standing().filter(patient=photo.patient_id).exclude(pk=photo.pk).order_by("-taken_on", "-id")
    found = others.values_list("pk", "quality_checks__measures__fingerprint")[:COMPARED_WITH_AT_MOST]
    return [(pk, fingerprint) for pk, fingerprint in found if fingerprint]


def _is_filed_elsewhere(photo: Photo) -> bool:
    same = Photo.objects.standing().filter(clinic=photo.clinic_id, sha256=photo.sha256)
    return bool(same.exclude(patient=photo.patient_id).exists())
