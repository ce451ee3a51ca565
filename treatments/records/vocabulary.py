"""Choices that several domains share: whether a question was asked, and the light in which a scalp was seen."""

from __future__ import annotations

from django.db import models


class Asked(models.TextChoices):
    """Whether the patient was asked, and the answer.

    "Asked, none" is a clinical fact; "not asked" is the absence of one: a blank field is not a "no".
    """

    NOT_ASKED = "not_asked", "Not asked"
    NONE = "none", "Asked, none"
    YES = "yes", "Yes"


class Lighting(models.TextChoices):
    """The light a scalp was seen or photographed in: bright light shows more scalp than is bare."""

    STANDARD_ROOM = "standard_room", "Standard room light"
    FIXED_FLASH = "fixed_flash", "Fixed flash"
    RING = "ring", "Ring light"
    CROSS_POLARISED = "cross_polarised", "Cross-polarised"
    BRIGHT_OVERHEAD = "bright_overhead", "Bright overhead light"
    DAYLIGHT = "daylight", "Daylight"
    UNKNOWN = "unknown", "Not known"
