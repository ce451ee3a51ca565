"""Similarity transforms of the plane: turn, one zoom and a shift, fitted by least squares.

Coordinates are pixels in the *upright* photograph scaled so that its long side is 1600 px: x to
the right, y down. Transforms carry the later photograph into the earlier one's frame.

Why a similarity and nothing richer: on drawings of known pose an affine fit of the same three
points was always worse, because the points near a whorl lie almost in a line, and no flat warp
repairs a head that was tilted differently; only capture does.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Point = tuple[float, float]

FRAME_PX = 1600


class AlignmentError(ValueError):
    """The points cannot give an alignment; the text tells the clinician what to do."""


@dataclass(frozen=True, slots=True)
class Transform:
    """A similarity: x' = a x - b y + tx, y' = b x + a y + ty, in 1600 px coordinates."""

    a: float = 1.0
    b: float = 0.0
    tx: float = 0.0
    ty: float = 0.0

    @property
    def scale(self) -> float:
        return math.hypot(self.a, self.b)

    @property
    def turn_deg(self) -> float:
        """Degrees, clockwise on the screen, in (-180, 180]."""
        return math.degrees(math.atan2(self.b, self.a))

    @property
    def is_identity(self) -> bool:
        return self == IDENTITY

    def apply(self, point: Point) -> Point:
        x, y = point
        return (self.a * x - self.b * y + self.tx, self.b * x + self.a * y + self.ty)

    def then(self, after: "Transform") -> "Transform":
        """This transform first, `after` second."""
        tx, ty = after.apply((self.tx, self.ty))
        return Transform(
            a=after.a * self.a - after.b * self.b,
            b=after.b * self.a + after.a * self.b,
            tx=tx,
            ty=ty,
        )

    def as_dict(self) -> dict[str, float]:
        return {"a": self.a, "b": self.b, "tx": self.tx, "ty": self.ty}

    @classmethod
    def from_dict(cls, values: Any) -> "Transform":
        """Raises AlignmentError for missing, non-finite or absurd values."""
        if not isinstance(values, Mapping) or set(values) != {"a", "b", "tx", "ty"}:
            raise AlignmentError("The saved adjustment is incomplete. Set it again.")
        transform = cls(**{key: finite_number(value) for key, value in values.items()})
        far = max(abs(transform.tx), abs(transform.ty)) > 4 * FRAME_PX
        if far or not 0.1 <= transform.scale <= 10:
            raise AlignmentError("The adjustment moves the photograph out of sight. Reset it.")
        return transform


IDENTITY = Transform()


def fit_similarity(later: Sequence[Point], earlier: Sequence[Point]) -> Transform:
    """Least squares over paired points, no shear and no reflection.

    Raises AlignmentError for fewer than two pairs or points that coincide.
    """
    if len(later) != len(earlier) or len(later) < 2:
        raise AlignmentError("Mark at least two of the same points in both photographs; three or four are better.")
    (lx, ly), (ex, ey) = _centroid(later), _centroid(earlier)
    spread = along = across = 0.0
    for (x, y), (u, v) in zip(later, earlier, strict=True):
        dx, dy, du, dv = x - lx, y - ly, u - ex, v - ey
        spread += dx * dx + dy * dy
        along += dx * du + dy * dv
        across += dx * dv - dy * du
    if spread < 1.0:
        raise AlignmentError("The points lie on top of one another. Spread them around the region.")
    a, b = along / spread, across / spread
    return Transform(a, b, ex - (a * lx - b * ly), ey - (b * lx + a * ly))


def residual_sigma(transform: Transform, later: Sequence[Point], earlier: Sequence[Point]) -> float | None:
    """Standard deviation per axis of what the fit leaves, px at 1600, 2n - 4 degrees of freedom.

    None for two points: a similarity passes through any two, so they say nothing about its error.
    """
    freedom = 2 * len(later) - 4
    if freedom <= 0:
        return None
    return math.sqrt(sum(error * error for error in point_errors(transform, later, earlier)) / freedom)


def point_errors(transform: Transform, later: Sequence[Point], earlier: Sequence[Point]) -> list[float]:
    """Distance, px at 1600, from each carried later point to its earlier partner."""
    return [math.dist(transform.apply(p), q) for p, q in zip(later, earlier, strict=True)]


def finite_number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AlignmentError("A position is not a number. Mark the point again.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise AlignmentError("A position is not a number. Mark the point again.")
    return number


def _centroid(points: Sequence[Point]) -> Point:
    return (sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points))
