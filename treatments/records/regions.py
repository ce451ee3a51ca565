"""Regions of the scalp, with beard and eyebrows: one list for examination, measurement, photographs and injections.

Crown and vertex are two names of one region: volumes given to both would be counted twice,
so only the vertex has a code, and "crown" is read as its alias. Codes and SNOMED concepts follow
DICOM CID 4029 where it has them; beard and eyebrows have none there and bear no foreign code.
"""

from __future__ import annotations

import re

from django.db import models

from treatments.records.terminology import Code, snomed
from treatments.records.text.text_folding import fold


class Region(models.TextChoices):
    FRONTAL = "frontal", "Frontal"
    TEMPORAL_LEFT = "temporal_left", "Left temple"
    TEMPORAL_RIGHT = "temporal_right", "Right temple"
    MID_SCALP = "mid_scalp", "Mid-scalp"
    VERTEX = "vertex", "Vertex"
    PARIETAL_LEFT = "parietal_left", "Left parietal"
    PARIETAL_RIGHT = "parietal_right", "Right parietal"
    OCCIPITAL = "occipital", "Occipital"
    BEARD = "beard", "Beard"
    EYEBROW_LEFT = "eyebrow_left", "Left eyebrow"
    EYEBROW_RIGHT = "eyebrow_right", "Right eyebrow"
    WHOLE_SCALP = "whole_scalp", "Whole scalp"


class VertexSite(models.TextChoices):
    """Finer places within the vertex (after Lam), for clinics that tell them apart."""

    TRANSITION_POINT = "vertex_transition_point", "Vertex, transition point"
    UPPER_ARC = "vertex_upper_arc", "Vertex, upper arc"
    LOWER_ARC = "vertex_lower_arc", "Vertex, lower arc"


INJECTABLE: tuple[Region, ...] = tuple(r for r in Region if r is not Region.WHOLE_SCALP)
"""Regions that may carry a volume; "whole scalp" says too little about where a dose went."""

INJECTABLE_CHOICES: list[tuple[str, str]] = [(str(r.value), str(r.label)) for r in INJECTABLE]

BESIDE_THE_SCALP: frozenset[Region] = frozenset({Region.BEARD, Region.EYEBROW_LEFT, Region.EYEBROW_RIGHT})
"""Regions that are not on the map of the scalp, and stand beside it."""

DEFINITIONS: dict[Region, str] = {
    Region.FRONTAL: "Forelock and front hairline",
    Region.TEMPORAL_LEFT: "Left temple",
    Region.TEMPORAL_RIGHT: "Right temple",
    Region.MID_SCALP: "Between the forelock and the vertex",
    Region.VERTEX: "Around the whorl at the top and back; also called the crown",
    Region.PARIETAL_LEFT: "Left side, above the ear",
    Region.PARIETAL_RIGHT: "Right side, above the ear",
    Region.OCCIPITAL: "Back of the head; the usual donor and control site",
    Region.BEARD: "Cheeks, chin, upper lip and throat",
    Region.EYEBROW_LEFT: "Left eyebrow",
    Region.EYEBROW_RIGHT: "Right eyebrow",
    Region.WHOLE_SCALP: "Scalp, not further specified",
}

# Beard and eyebrows are left out: no concept of theirs was found, and none is invented.
SNOMED: dict[Region, Code] = {
    Region.FRONTAL: snomed("699900002", "Skin structure of frontal region of scalp"),
    Region.TEMPORAL_LEFT: snomed("16621002", "Skin of temporal region"),
    Region.TEMPORAL_RIGHT: snomed("16621002", "Skin of temporal region"),
    # SNOMED CT has no concept for the mid-scalp: the scalp as a whole, with our own label as text.
    Region.MID_SCALP: snomed("43067004", "Skin of scalp"),
    Region.VERTEX: snomed("61719002", "Skin of vertex of scalp"),
    Region.PARIETAL_LEFT: snomed("21672008", "Skin of parietal region"),
    Region.PARIETAL_RIGHT: snomed("21672008", "Skin of parietal region"),
    Region.OCCIPITAL: snomed("79951008", "Skin of occipital region"),
    Region.WHOLE_SCALP: snomed("43067004", "Skin of scalp"),
}

LATERALITY: dict[Region, Code] = {
    Region.TEMPORAL_LEFT: snomed("7771000", "Left"),
    Region.PARIETAL_LEFT: snomed("7771000", "Left"),
    Region.EYEBROW_LEFT: snomed("7771000", "Left"),
    Region.TEMPORAL_RIGHT: snomed("24028007", "Right"),
    Region.PARIETAL_RIGHT: snomed("24028007", "Right"),
    Region.EYEBROW_RIGHT: snomed("24028007", "Right"),
}

_ALIASES: dict[str, Region] = {
    "crown": Region.VERTEX,
    "whorl": Region.VERTEX,
    "forelock": Region.FRONTAL,
    "front": Region.FRONTAL,
    "left temporal": Region.TEMPORAL_LEFT,
    "right temporal": Region.TEMPORAL_RIGHT,
    "temple left": Region.TEMPORAL_LEFT,
    "temple right": Region.TEMPORAL_RIGHT,
    "midscalp": Region.MID_SCALP,
    "occiput": Region.OCCIPITAL,
    "back": Region.OCCIPITAL,
    "moustache": Region.BEARD,
    "chin": Region.BEARD,
    "left brow": Region.EYEBROW_LEFT,
    "right brow": Region.EYEBROW_RIGHT,
    "eyebrow left": Region.EYEBROW_LEFT,
    "eyebrow right": Region.EYEBROW_RIGHT,
    "scalp": Region.WHOLE_SCALP,
}


def _folded(text: str) -> str:
    return " ".join(re.sub(r"[^a-z]+", " ", fold(text)).split())


_BY_NAME: dict[str, Region] = (
    {_folded(str(r.value)): r for r in Region}
    | {_folded(str(r.label)): r for r in Region}
    | {_folded(str(s.value)): Region.VERTEX for s in VertexSite}
    | {_folded(str(s.label)): Region.VERTEX for s in VertexSite}
    | _ALIASES
)


def region_from_text(text: str) -> Region:
    """The region a code, a label or a usual synonym names; "crown" is the vertex.

    Raises ValueError for anything else, a bare "temple" included: a side must be named.
    """
    name = _folded(text)
    region = _BY_NAME.get(name)
    if region is not None:
        return region
    if name in {"temple", "temporal", "parietal", "eyebrow"}:
        raise ValueError(f"Say which side: left {name} or right {name}.")
    names = ", ".join(str(r.label).lower() for r in Region)
    raise ValueError(f"“{text.strip()}” is not a region that Anagen knows. Use one of: {names}.")


def roll_up(code: str) -> Region:
    """The region a region code or a vertex sub-site code counts towards.

    Raises ValueError when the code is neither.
    """
    if code in VertexSite.values:
        return Region.VERTEX
    return Region(code)
