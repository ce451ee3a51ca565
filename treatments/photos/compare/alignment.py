"""Laying a later photograph over an earlier one from points a clinician marks in both.

Points must lie near the region compared: ears sit 80 mm below the crown, and tilt moves them by
30 px. Nothing here moves a clinician's points; refining them automatically made them worse on
drawings of known pose. What is stored is the points, the transform, the residual and the author,
never resampled pixels. Coordinates: see `geometry`.
"""

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from treatments.photos.compare.geometry import (
    FRAME_PX,
    IDENTITY,
    AlignmentError,
    Point,
    Transform,
    finite_number,
    fit_similarity,
    residual_sigma,
)
from treatments.records.formatting import listed

RESIDUAL_LIMIT_PX = 25.0
"""Residual sigma above which an alignment is called doubtful: 1.6 % of the frame."""
MIN_SPACING_PX = 80.0
"""Closer than this (about 11 mm at the crown) two points cannot show that they were exchanged."""
MAX_TURN_DEG = 45.0
MIN_SCALE, MAX_SCALE = 0.5, 2.0
MAX_LANDMARKS = 8
_MAX_PAYLOAD_CHARS = 8_000

LANDMARK_LABELS: dict[str, str] = {
    "whorl": "Whorl centre",
    "hairline": "Mid hairline",
    "mark_a": "Skin mark A",
    "mark_b": "Skin mark B",
    "mark_c": "Skin mark C",
    "temple_left": "Left temple recess",
    "temple_right": "Right temple recess",
    "nape": "Mid nape hairline",
    "ear_left": "Top of left ear",
    "ear_right": "Top of right ear",
}

_VERTEX = ("whorl", "mark_a", "mark_b", "hairline")
_TEMPLE = ("mark_a", "mark_b", "mark_c")
LANDMARKS_BY_VIEW: dict[str, tuple[str, ...]] = {
    "vertex": _VERTEX,
    "superior_midline": ("hairline", "mark_a", "mark_b", "whorl"),
    "frontal": ("hairline", "temple_left", "temple_right", "mark_a"),
    "temporal_left": ("temple_left", *_TEMPLE),
    "temporal_right": ("temple_right", *_TEMPLE),
    "occipital": ("whorl", "mark_a", "mark_b", "nape"),
}
"""Four points to offer first for each view, all near the region that is compared."""


def landmark_names_for(view: str) -> tuple[str, ...]:
    """Every landmark a view may carry, the suggested four first; others get the vertex's."""
    first = LANDMARKS_BY_VIEW.get(view, _VERTEX)
    return (*first, *(name for name in LANDMARK_LABELS if name not in first))


def is_plausible(transform: Transform) -> bool:
    """Whether two photographs of one view could differ by so much turn and zoom."""
    return abs(transform.turn_deg) <= MAX_TURN_DEG and MIN_SCALE <= transform.scale <= MAX_SCALE


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Named points marked in each photograph, and a correction made by hand afterwards."""

    earlier: dict[str, Point] = field(default_factory=dict)
    later: dict[str, Point] = field(default_factory=dict)
    nudge: Transform = IDENTITY

    @property
    def paired_names(self) -> tuple[str, ...]:
        return tuple(name for name in self.earlier if name in self.later)

    @property
    def paired_points(self) -> tuple[list[Point], list[Point]]:
        """The later photograph's points and the earlier's, both in the order of `paired_names`."""
        names = self.paired_names
        return [self.later[name] for name in names], [self.earlier[name] for name in names]

    def as_dict(self) -> dict[str, Any]:
        marked: dict[str, dict[str, list[float]]] = {}
        for side, points in (("earlier", self.earlier), ("later", self.later)):
            for name, point in points.items():
                marked.setdefault(name, {})[side] = list(point)
        return {"landmarks": marked, "nudge": self.nudge.as_dict()}

    @classmethod
    def from_json(cls, text: str) -> "Landmarks":
        """Raises AlignmentError for anything the viewer could not have sent."""
        if len(text) > _MAX_PAYLOAD_CHARS:
            raise AlignmentError("The landmarks are too long to be read. Set them again.")
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            raise AlignmentError("The landmarks could not be read. Set them again.") from None
        return cls.from_dict(values)

    @classmethod
    def from_dict(cls, values: Any) -> "Landmarks":
        """Raises AlignmentError for anything the viewer could not have sent."""
        if not isinstance(values, Mapping):
            raise AlignmentError("The landmarks could not be read. Set them again.")
        marks = _marks(values.get("landmarks"))
        return cls(
            earlier=_points(marks, "earlier"),
            later=_points(marks, "later"),
            nudge=Transform.from_dict(values.get("nudge") or IDENTITY.as_dict()),
        )


@dataclass(frozen=True, slots=True)
class Alignment:
    """How the later photograph was laid over the earlier one, and how far that can be trusted.

    `state` is "aligned" (three points or more, residual within the limit, nothing suspicious),
    "doubtful" (`problems` says why) or "unchecked" (two points or by eye: the error is not known).
    """

    transform: Transform
    names: tuple[str, ...]
    residual_px: float | None
    state: str
    problems: tuple[str, ...] = ()
    suspected_swap: tuple[str, ...] = ()
    by_hand: bool = False

    @property
    def label(self) -> str:
        """The text on the picture; never longer than a line."""
        if self.residual_px is None:
            return f"Aligned {self._how}; {'doubtful, ' if self.problems else ''}error not known"
        off = f"{self.residual_px:.0f} px off"
        return f"Alignment doubtful: {off} {self._how}" if self.problems else f"Aligned {self._how}; {off}"

    @property
    def _how(self) -> str:
        if not self.names:
            return "by eye"
        return f"on {len(self.names)} points{', then by hand' if self.by_hand else ''}"


NOT_ALIGNED_LABEL = "Not aligned"


def label_for(alignment: Alignment | None) -> str:
    """The text on the picture, for a pair with or without an alignment."""
    return alignment.label if alignment else NOT_ALIGNED_LABEL


def align(landmarks: Landmarks) -> Alignment | None:
    """None when nothing was marked or moved: the pair is then shown, and labelled, as not aligned.

    Raises AlignmentError for one pair only, or for points that coincide.
    """
    names = landmarks.paired_names
    if not names:
        return _aligned_by_eye(landmarks)
    later, earlier = landmarks.paired_points
    fitted = fit_similarity(later, earlier)
    transform = fitted.then(landmarks.nudge)
    residual = residual_sigma(transform, later, earlier)
    swapped = suspected_swap(landmarks)
    problems = (
        *_swap_problems(fitted, swapped),
        *_spacing_problems(names, earlier, later),
        *_residual_problems(residual),
    )
    state = "doubtful" if problems else "unchecked" if residual is None else "aligned"
    return Alignment(transform, names, residual, state, problems, swapped, by_hand=not landmarks.nudge.is_identity)


def _aligned_by_eye(landmarks: Landmarks) -> Alignment | None:
    if landmarks.earlier or landmarks.later:
        raise AlignmentError("No point is marked in both photographs. Mark each in the earlier and the later.")
    if landmarks.nudge.is_identity:
        return None
    return Alignment(landmarks.nudge, (), None, "unchecked", by_hand=True)


def suspected_swap(landmarks: Landmarks) -> tuple[str, ...]:
    """Names that fit far better when exchanged among themselves; empty when the labels look right.

    Exchanging the two ends of a line of points is a half turn, which a similarity fits perfectly,
    so an implausible turn or zoom counts as well as a large residual.
    """
    names = landmarks.paired_names
    later, earlier = landmarks.paired_points
    as_marked = _plausible_residual(later, earlier)
    if as_marked < 0.6 * RESIDUAL_LIMIT_PX:
        return ()
    exchanged = {order: _plausible_residual([later[i] for i in order], earlier) for order in _orders(len(names))}
    best = min(exchanged, key=exchanged.__getitem__)
    if exchanged[best] >= 0.5 * as_marked:
        return ()
    return tuple(name for place, name in enumerate(names) if best[place] != place)


def _plausible_residual(later: Sequence[Point], earlier: Sequence[Point]) -> float:
    """Residual sigma of the best fit, px; 0 for two points, infinite for an implausible turn or zoom."""
    fitted = fit_similarity(later, earlier)
    return residual_sigma(fitted, later, earlier) or 0.0 if is_plausible(fitted) else math.inf


def _orders(count: int) -> list[tuple[int, ...]]:
    """Every other order of up to five points; only exchanges of two beyond that."""
    same = tuple(range(count))
    if count <= 5:
        return [order for order in itertools.permutations(same) if order != same]
    return [tuple({i: j, j: i}.get(k, k) for k in same) for i, j in itertools.combinations(same, 2)]


def _swap_problems(fitted: Transform, swapped: tuple[str, ...]) -> list[str]:
    if swapped:
        labels = listed([LANDMARK_LABELS.get(name, name) for name in swapped])
        return [f"{labels} seem to be exchanged in one photograph. Check which is which."]
    if not is_plausible(fitted):
        return [
            f"The points ask for a turn of {abs(fitted.turn_deg):.0f}° and a zoom of "
            f"{fitted.scale:.2f}. Check that each name is on the same spot in both photographs."
        ]
    return []


def _spacing_problems(names: Sequence[str], earlier: Sequence[Point], later: Sequence[Point]) -> list[str]:
    for i, j in itertools.combinations(range(len(names)), 2):
        if min(math.dist(earlier[i], earlier[j]), math.dist(later[i], later[j])) < MIN_SPACING_PX:
            first, second = (LANDMARK_LABELS.get(names[k], names[k]) for k in (i, j))
            return [
                f"{first} and {second} lie less than {MIN_SPACING_PX:.0f} px apart, too close to "
                "tell them from each other. Choose points further apart."
            ]
    return []


def _residual_problems(residual: float | None) -> list[str]:
    if residual is None or residual <= RESIDUAL_LIMIT_PX:
        return []
    return [
        f"The points do not fit: they differ by {residual:.0f} px; the limit is {RESIDUAL_LIMIT_PX:.0f} px. Check "
        "each point, or the head was tilted differently and the photographs cannot be laid over "
        "each other."
    ]


def _marks(values: Any) -> Mapping[str, Mapping[str, Any]]:
    """Positions by name and side, each name known. Raises AlignmentError."""
    if values is None:
        return {}
    if not isinstance(values, Mapping) or len(values) > MAX_LANDMARKS:
        raise AlignmentError("The landmarks could not be read. Set them again.")
    for name, positions in values.items():
        if name not in LANDMARK_LABELS or not isinstance(positions, Mapping):
            raise AlignmentError("A landmark is not on the list. Choose its name from the list.")
    return values


def _points(marks: Mapping[str, Mapping[str, Any]], side: str) -> dict[str, Point]:
    return {name: _point(LANDMARK_LABELS[name], marked[side]) for name, marked in marks.items() if side in marked}


def _point(label: str, value: Any) -> Point:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise AlignmentError(f"{label} has no position. Mark it again.")
    x, y = finite_number(value[0]), finite_number(value[1])
    if not (0 <= x <= FRAME_PX and 0 <= y <= FRAME_PX):
        raise AlignmentError(f"{label} lies outside the photograph. Mark it again.")
    return (x, y)
