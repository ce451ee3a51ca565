"""Heads of known pose: an ellipsoid crown under a camera, for the alignment's bars.

Lengths in mm, origin at the middle of the head, z up through the vertex, y forwards. Pictures are
1600 px with 7.2 px per mm at the vertex; the camera looks straight down from 600 mm above it.
"""

import math
import random
from dataclasses import dataclass

from treatments.photos.compare.geometry import Point, Transform

HALF_WIDTH, HALF_LENGTH, HEIGHT = 76.0, 96.0, 88.0
PX_PER_MM = 7.2
CAMERA_MM = 600.0
CLICK_PX = 8.0
REGION_MM = 45.0

Spot = tuple[float, float, float]


@dataclass(frozen=True)
class Pose:
    """How the later picture was taken, against the earlier: degrees, a zoom factor, px."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    zoom: float = 1.0
    dx: float = 0.0
    dy: float = 0.0


def guided(rng: random.Random, share: float = 0.3) -> Pose:
    """A visit with the last photo shining through: 30 % of the free range of poses."""

    def within(limit: float) -> float:
        return rng.uniform(-limit, limit) * share

    return Pose(within(12), within(6), within(5), 1 + within(0.08), within(70), within(70))


def spot(across: float, forward: float) -> Spot:
    """The point of the scalp above (across, forward), mm from the vertex."""
    rest = 1 - (across / HALF_WIDTH) ** 2 - (forward / HALF_LENGTH) ** 2
    return (across, forward, HEIGHT * math.sqrt(max(rest, 0.0)))


def landmarks_on(rng: random.Random) -> dict[str, Spot]:
    """Whorl, two skin marks 20 to 45 mm away in different directions, and the mid hairline."""
    start = rng.uniform(0, 2 * math.pi)
    turn = start + rng.uniform(0.5, 1.5) * math.pi
    marks = [(rng.uniform(20, 45), angle) for angle in (start, turn)]
    return {
        "whorl": spot(rng.uniform(-6, 6), rng.uniform(-6, 6)),
        "mark_a": spot(marks[0][0] * math.cos(marks[0][1]), marks[0][0] * math.sin(marks[0][1])),
        "mark_b": spot(marks[1][0] * math.cos(marks[1][1]), marks[1][0] * math.sin(marks[1][1])),
        "hairline": spot(rng.uniform(-5, 5), rng.uniform(68, 80)),
    }


def disc(step_mm: float = 9.0) -> list[Spot]:
    """A grid over the 45 mm round the vertex, in which the alignment must hold."""
    reach = int(REGION_MM // step_mm)
    grid = [(i * step_mm, j * step_mm) for i in range(-reach, reach + 1) for j in range(-reach, reach + 1)]
    return [spot(x, y) for x, y in grid if math.hypot(x, y) <= REGION_MM]


def project(point: Spot, pose: Pose = Pose()) -> tuple[float, float]:
    """Where the picture shows a spot, px at 1600, with perspective."""
    x, y, z = _turned(point, pose)
    depth = CAMERA_MM + HEIGHT - z
    scale = PX_PER_MM * pose.zoom * CAMERA_MM / depth
    return (800 + pose.dx + scale * x, 800 + pose.dy - scale * y)


def click(rng: random.Random, at: tuple[float, float]) -> tuple[float, float]:
    """A hand's error: normal, 8 px each way."""
    return tuple(min(1600.0, max(0.0, value + rng.gauss(0, CLICK_PX))) for value in at)


def _turned(point: Spot, pose: Pose) -> Spot:
    yaw, pitch, roll = (math.radians(angle) for angle in (pose.yaw, pose.pitch, pose.roll))
    x, y, z = point
    x, y = x * math.cos(yaw) - y * math.sin(yaw), x * math.sin(yaw) + y * math.cos(yaw)
    y, z = y * math.cos(pitch) - z * math.sin(pitch), y * math.sin(pitch) + z * math.cos(pitch)
    x, z = x * math.cos(roll) + z * math.sin(roll), -x * math.sin(roll) + z * math.cos(roll)
    return (x, y, z)


def nudge(*, about: Point, dx: float = 0.0, dy: float = 0.0, turn_deg: float = 0.0, zoom: float = 1.0) -> Transform:
    """A hand correction in the earlier frame.

    Turns (degrees clockwise) and zooms about a point, then shifts by px at 1600.
    """
    a = zoom * math.cos(math.radians(turn_deg))
    b = zoom * math.sin(math.radians(turn_deg))
    cx, cy = about
    return Transform(a, b, cx - (a * cx - b * cy) + dx, cy - (b * cx + a * cy) + dy)
