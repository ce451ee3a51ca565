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


@register.filter
def figure(value: float) -> str:
    """A measured value with three significant figures: 1120, 19.3, 0.00068."""
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:.0f}"
    digits = f"{value:.3g}"
    return digits if "e" not in digits else f"{value:.5f}"
