"""Words for a clinical photograph: the view, the light, the state of the hair.

Views follow the European S1 guideline's core four (vertex, midline, frontal, temporal), with
left and right temples apart and the occiput as reference.
"""

from __future__ import annotations

from django.db import models


class View(models.TextChoices):
    VERTEX = "vertex", "Vertex"
    SUPERIOR_MIDLINE = "superior_midline", "Midline"
    FRONTAL = "frontal", "Frontal"
    FRONTAL_NATURAL = "frontal_natural", "Frontal, as worn"
    TEMPORAL_LEFT = "temporal_left", "Left temporal"
    TEMPORAL_RIGHT = "temporal_right", "Right temporal"
    OBLIQUE_LEFT = "oblique_left", "Left oblique"
    OBLIQUE_RIGHT = "oblique_right", "Right oblique"
    OCCIPITAL = "occipital", "Occipital"
    TARGET_MACRO = "target_macro", "Target area, close-up"
    TRICHOSCOPY = "trichoscopy", "Trichoscopy"
    TREATMENT_MAP = "treatment_map", "Treatment map"


class HairState(models.TextChoices):
    DRY = "dry", "Dry"
    DAMP = "damp", "Damp"
    WET = "wet", "Wet"


class ProductUsed(models.TextChoices):
    """What is in the hair; clumped or coated hair shows more, or less, scalp."""

    NONE = "none", "None"
    STYLING = "styling", "Styling product"
    FIBRES_CONCEALER = "fibres_concealer", "Fibres or concealer"
    OIL = "oil", "Oil"


class Parting(models.TextChoices):
    MIDLINE_PART = "midline_part", "Parted in the midline"
    RADIAL_VERTEX = "radial_vertex", "Combed out from the whorl"
    PULLED_BACK = "pulled_back", "Pulled back"
    NATURAL = "natural", "As worn"


class PhotoQuality(models.TextChoices):
    ACCEPTABLE = "acceptable", "Acceptable"
    RETAKE = "retake", "Take again"
    NOT_COMPARABLE = "not_comparable", "Not comparable"


class CapturePath(models.TextChoices):
    """How the file reached us, which says what its bytes are worth as evidence."""

    UPLOAD = "upload", "Uploaded file"
    NATIVE_CAMERA = "native_camera", "Device camera"
    BROWSER_STILL = "browser_still", "Still taken in the browser"
    BROWSER_FRAME = "browser_frame", "Video frame taken in the browser"


class DatedBy(models.TextChoices):
    """Where the date of a photo comes from. What nobody typed is not an entry."""

    GIVEN = "given", "As entered"
    SESSION = "session", "The session’s date"
    CAMERA = "camera", "The camera’s date"
    FILE = "file", "The file’s date"
    NAME = "name", "The date in the file’s name"
    TODAY = "today", "The day it was sent"


WHOSE_DAY: dict[str, str] = {
    DatedBy.GIVEN: "the day that was typed",
    DatedBy.SESSION: "the session’s day",
    DatedBy.CAMERA: "the camera’s date",
    DatedBy.FILE: "the file’s date, not the camera’s",
    DatedBy.NAME: "the date in the file’s name",
    DatedBy.TODAY: "the day it was sent",
}
"""What stands behind the day of a photo; nothing behind one that was kept before this was recorded."""
DAY_WITHOUT_SESSION: dict[str, str] = {
    "not saved": "the day in a session form that was not saved",
    "struck out": "the day of a session that was struck out",
}


STANDARD_VIEWS: tuple[View, ...] = (
    View.VERTEX,
    View.SUPERIOR_MIDLINE,
    View.FRONTAL,
    View.TEMPORAL_LEFT,
    View.TEMPORAL_RIGHT,
    View.OCCIPITAL,
)

KEYS: dict[View, str] = {
    View.VERTEX: "V",
    View.SUPERIOR_MIDLINE: "M",
    View.FRONTAL: "F",
    View.FRONTAL_NATURAL: "W",
    View.TEMPORAL_LEFT: "L",
    View.TEMPORAL_RIGHT: "R",
    View.OBLIQUE_LEFT: "Q",
    View.OBLIQUE_RIGHT: "E",
    View.OCCIPITAL: "O",
    View.TARGET_MACRO: "C",
    View.TRICHOSCOPY: "T",
    View.TREATMENT_MAP: "X",
}
"""The key that chooses a view where many photos are assigned: its own letter, where that is free. Q and E lie to the
left and to the right."""

NEEDS_SITE: frozenset[View] = frozenset({View.TARGET_MACRO, View.TRICHOSCOPY})
"""Views that mean nothing without the region they were taken of."""

NEEDS_MAGNIFICATION: frozenset[View] = frozenset({View.TRICHOSCOPY})

INSTRUCTIONS: dict[View, str] = {
    View.VERTEX: "Chin down, hair combed out like spokes from the whorl, whorl in the centre.",
    View.SUPERIOR_MIDLINE: ("Head bent forward, hair parted in the midline and combed flat; whole part visible."),
    View.FRONTAL: "Face on, head level, hair held back with a band.",
    View.FRONTAL_NATURAL: "Face on, head level, hair as the patient wears it.",
    View.TEMPORAL_LEFT: "Left side at a right angle, hair pulled back, temple visible.",
    View.TEMPORAL_RIGHT: "Right side at a right angle, hair pulled back, temple visible.",
    View.OBLIQUE_LEFT: "Turned half to the right, left side towards the camera.",
    View.OBLIQUE_RIGHT: "Turned half to the left, right side towards the camera.",
    View.OCCIPITAL: "Back of the head, head level, hair combed straight down.",
    View.TARGET_MACRO: "Measured area close up, with a scale bar and the landmark in the frame.",
    View.TRICHOSCOPY: "Dermatoscope on the skin; note the site and the magnification.",
    View.TREATMENT_MAP: "Marked injection area, before the first needle.",
}

USUAL_PARTING: dict[View, Parting] = {
    View.VERTEX: Parting.RADIAL_VERTEX,
    View.SUPERIOR_MIDLINE: Parting.MIDLINE_PART,
    View.FRONTAL: Parting.PULLED_BACK,
    View.FRONTAL_NATURAL: Parting.NATURAL,
    View.TEMPORAL_LEFT: Parting.PULLED_BACK,
    View.TEMPORAL_RIGHT: Parting.PULLED_BACK,
}

DICOM_MODALITY: dict[View, str] = {view: "DMS" if view is View.TRICHOSCOPY else "XC" for view in View}


def pictogram(view: View) -> str | None:
    """File stem of the drawing of a standard view ("view-vertex"); None for the others."""
    return f"view-{view.value}" if view in STANDARD_VIEWS else None
