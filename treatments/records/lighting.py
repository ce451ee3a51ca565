"""The light a scalp was seen or photographed in: bright light shows more scalp than is bare."""

from __future__ import annotations

from django.db import models


class Lighting(models.TextChoices):
    STANDARD_ROOM = "standard_room", "Standard room light"
    FIXED_FLASH = "fixed_flash", "Fixed flash"
    RING = "ring", "Ring light"
    CROSS_POLARISED = "cross_polarised", "Cross-polarised"
    BRIGHT_OVERHEAD = "bright_overhead", "Bright overhead light"
    DAYLIGHT = "daylight", "Daylight"
    UNKNOWN = "unknown", "Not known"
