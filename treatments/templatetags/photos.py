"""What pages of other domains show of photos."""

from collections.abc import Iterable
from typing import Any

from django import template

from treatments.photos.upload.context import UploadContext, upload_context

register = template.Library()


@register.simple_tag(takes_context=True)
def photo_upload(context: dict[str, Any], views: Iterable[str] = ()) -> UploadContext:
    """Slots, card and consent for sending photos of the page's `patient` from the page of a session."""
    return upload_context(context["request"], context["patient"], views=views, in_session=True)


# Code of a check: what its figures are multiplied by to be read, and in what unit.
_READ_AS: dict[str, tuple[int, str]] = {
    "blur": (1, ""),
    "over_exposed": (100, " % of the picture"),
    "light": (100, " % as bright as the earlier photo"),
    "resolution": (1, " px"),
    "capture_date": (1, " day"),
    "same_picture": (100, " % alike"),
}


@register.filter
def check_figures(check: Any) -> str:
    """What a check of quality measured and its limit: "measured 0.56 % of the picture, limit 2 %"; "" for nothing."""
    value, limit = check.value, check.threshold
    if value is None:
        return ""
    times, unit = _READ_AS.get(check.code, (1, ""))
    short = " %" if unit.startswith(" %") else unit
    told = f"measured {_with_unit(value * times, unit)}"
    return told if limit is None else f"{told}, limit {_with_unit(limit * times, short)}"


def _with_unit(value: float, unit: str) -> str:
    is_several = unit == " day" and value != 1
    return f"{_figure(value)}{unit}{'s' if is_several else ''}"


def _figure(value: float) -> str:
    """With three significant figures: 1120, 19.3, 0.00068."""
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:.0f}"
    digits = f"{value:.3g}"
    return digits if "e" not in digits else f"{value:.5f}"
