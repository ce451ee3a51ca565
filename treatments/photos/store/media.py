"""Where the photo files of this installation lie, and which derivatives are made of each."""

from pathlib import Path

from django.conf import settings

DERIVED_SIZES = (400, 1600)
"""Longest side, px, of the two JPEGs that pages show."""


def media_root() -> Path:
    return Path(settings.MEDIA_ROOT)
