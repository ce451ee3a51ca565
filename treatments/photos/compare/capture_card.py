"""The circumstances of one photograph, which must be alike in two before they may be compared."""

import datetime as dt
from dataclasses import dataclass

from treatments.photos.models import Photo
from treatments.records.fields import DatePrecision


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureCard:
    """The circumstances of one photograph, as recorded or measured; None and "" are "not recorded".

    `label` names the photograph in sentences ("Month 5"). Codes are those of the vocabulary.
    `brightness` is relative light on any linear scale, measured alike in both photographs and not
    on hair (the backdrop), because more hair is itself darker. `sharpness` is the ratio
    of edge energy before and after a small blur. `quality` is the reviewer's mark.
    """

    label: str
    view: str
    taken_on: dt.date | None = None
    lighting: str | None = None
    flash: bool | None = None
    brightness: float | None = None
    hair_state: str | None = None
    product_used: str | None = None
    parting: str | None = None
    hair_length_mm: float | None = None
    days_since_cut: int | None = None
    dyed: bool | None = None
    camera: str | None = None
    lens_mm: float | None = None
    distance_cm: float | None = None
    capture_path: str | None = None
    sharpness: float | None = None
    edited: bool | None = None
    quality: str | None = None


def capture_card(photo: Photo, label: str) -> CaptureCard:
    """The card of a stored photograph: what was recorded, and what was measured in its pixels."""
    measures = photo.quality_checks.get("measures", {})
    return CaptureCard(
        label=label,
        view=photo.view,
        taken_on=photo.taken_on if photo.taken_precision == DatePrecision.DAY else None,
        lighting=photo.lighting,
        flash=photo.quality_checks.get("exposure", {}).get("flash"),
        brightness=measures.get("backdrop"),
        hair_state=photo.hair_state,
        product_used=photo.product_used,
        parting=photo.parting,
        hair_length_mm=photo.hair_length_mm,
        dyed=photo.is_dyed,
        camera=photo.device,
        lens_mm=None if photo.lens_mm is None else float(photo.lens_mm),
        distance_cm=photo.distance_cm,
        capture_path=photo.capture_path,
        sharpness=measures.get("reblur"),
        quality=photo.quality,
    )
