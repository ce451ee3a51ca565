"""The bare head from above and from the left, and hair laid on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .curves import Hair, Point, Run, both, comb, dense, mirror, oval, path, raised, right, spines, strands
from .svg import figure, pen

HEAD = [(0, 13), (10, 13.8), (19, 17.5), (25.5, 24.5), (30, 34), (33.5, 46), (36, 58),
        (37, 70), (35, 84), (28.5, 98), (17, 107.5), (0, 111)]  # midline to right  # fmt: skip
RIM = dense(right(HEAD))
HEAD_TOP = path(right(HEAD) + mirror(right(HEAD))[-2:0:-1], loop=True)
EAR_TOP = [(95.6, 57.5), (98.6, 57), (102, 60), (104, 66), (103.4, 71.4), (100.6, 72.4), (97, 70.5)]
NOSE_TOP = [(54, 13.6), (56, 8.4), (60, 5.6), (64, 8.4), (66, 13.6)]
HEAD_EARS_TOP = HEAD_TOP + pen(NOSE_TOP, EAR_TOP[::-1], mirror(EAR_TOP))
TICKS_TOP = "M80 600h50m940 0h50"
CORONAL_TOP = "M255 600h690"

SKULL: Run = [(19, 51), (20, 42), (23, 32), (30, 21.5), (41, 13), (54, 8.8), (67, 8), (80, 10.5), (92, 17.5),
         (100.5, 28.5), (105, 42), (105, 55), (101.5, 67), (97, 77), (93.5, 87), (92.5, 98), (94, 119)]  # fmt: skip
SIDE_RIM = dense(SKULL)
FACE: list[Run] = [  # from the brow down: nose, lips, chin, throat
    [(19, 51), (20.6, 55.8), (18.6, 61.5), (14.6, 68.6), (11.6, 73.4), (11.9, 76.8), (14.4, 78.2), (17.8, 79.6)],
    [(17.8, 79.6), (17.3, 82.2), (15.5, 85), (17.9, 87.5)],
    [(17.9, 87.5), (16.3, 90.4), (18.4, 94.2), (16.4, 99.2), (18.4, 104.8), (26, 107.6), (36, 105.8), (46, 103)],
    [(46, 103), (47.6, 110), (46.6, 119)],
]
HEAD_SIDE = path(SKULL[::-1], *FACE, closed=False)
EAR = [(62.4, 63.5), (63.2, 57.6), (68.5, 54), (75, 56), (77, 62.5), (74.6, 70), (71.2, 75.5), (68.4, 81.4),
       (64, 82), (62.4, 77.5), (62.8, 72.5)]  # fmt: skip
EAR_IN = [(65.6, 62.2), (68.2, 58.6), (72.4, 60.4), (72.2, 66), (69, 71), (66.4, 74.6)]
TRAGUS = [(62.4, 63.5), (64.6, 67), (62.8, 72.5)]
FEATURES = [
    [(23, 51.4), (27.6, 49.6), (33.6, 51.4)],  # brow
    [(24, 58.4), (27.4, 57), (32, 59.4)],  # lid
    [(25, 58), (24.8, 60.2), (26.2, 62.4)],  # eye
    [(15.2, 77.6), (15.6, 75.4), (18, 75)],  # nostril
    [(17.8, 87.6), (20.6, 88), (23.8, 86.6)],  # mouth
    [(62, 87), (59.4, 94), (53.4, 99.4), (46, 103)],  # jaw
]
SIDE_PEN = pen(EAR, EAR_IN, TRAGUS, *FEATURES)
TICK_SIDE = "M600 10v35"
CORONAL_SIDE = "M600 105v400"

# Lower edge of the hair, nape -> behind, over and in front of the ear -> sideburn.
NAPE = [(92.3, 98), (86, 98), (80.5, 93), (77.6, 85), (77.4, 77)]
OVER_EAR = [(77.4, 77), (80, 68), (79.4, 59.5), (74.5, 53), (67, 51.3), (61.6, 54.6), (60, 62), (59.4, 72)]
BURN = [(59.4, 72), (57, 75.5), (54.2, 74), (53.2, 68)]

THICK = 2.2  # of the hair above the skull
RINGS = [(9, 9), (19, 15), (29, 20), (39, 24), (49, 28), (59, 32)]


@dataclass(frozen=True, kw_only=True)
class Top:
    """Hair from above.

    `front` is its front edge as (distance from the midline, y), from the midline outward, and `edge` the y where it
    meets the rim. `hole` is a bare vertex: centre y, half width, half length. `thin` are hairs left on bare scalp and
    `cuts` scalp seen through hair.
    """

    front: Run
    edge: float
    hole: tuple[float, float, float] | None = None
    thin: Sequence[Hair] = ()
    cuts: Sequence[Hair] = ()


@dataclass(frozen=True, kw_only=True)
class Side:
    """Hair from the left.

    `front` runs from the sideburn up the temple to the top line. Hair begins there at x = `start`, or on the back of
    the head at y = `start_y`. `notch` is a bare vertex in profile: x from, x to, the points between.
    """

    front: Run
    start: float | None = None
    start_y: float | None = None
    notch: tuple[float, float, Run] | None = None
    thin: Sequence[Hair] = ()
    cuts: Sequence[Hair] = ()


def rim_from(y: float) -> int:
    """Index on RIM where it first reaches y."""
    return next(i for i, p in enumerate(RIM) if p[1] >= y)


def side_at(x: float) -> int:
    """Index on SIDE_RIM, past the forehead, where it first reaches x."""
    return next(i for i, p in enumerate(SIDE_RIM) if p[0] >= x and i > 12)


def back_of_head(edge: float, thick: float) -> list[Point]:
    """The hair's outer edge round the back, from the right rim at y = `edge` to the left one."""
    back = raised(RIM[rim_from(edge) :], thick, ends=(True, False))
    back[-1] = (60, 111 + thick)
    return back + mirror(back)[-2::-1]


def top_view(hair: Top) -> str:
    """SVG body; ticks and dots mark the mid-coronal line."""
    runs: list[Run] = [back_of_head(hair.edge, THICK), both(hair.front)]
    d, shapes = path(*runs), [dense(runs[0]) + dense(runs[1])]
    if hair.hole:
        ring = oval(60, *hair.hole)
        d += path(ring, loop=True)
        shapes.append(dense(ring + ring[:2]))
    d += strands(hair.cuts) + comb(shapes + spines(hair.cuts), (60, 86), RINGS)
    return figure(HEAD_EARS_TOP, TICKS_TOP, d, strands(hair.thin), CORONAL_TOP)


def side_hair(hair: Side) -> str:
    """Path data of the hair alone."""
    rim = SIDE_RIM
    nape = next(i for i, p in enumerate(rim) if p[1] >= 98 and p[0] > 80)
    if hair.start is not None:
        a = side_at(hair.start)
    else:
        a = next(i for i, p in enumerate(rim) if p[0] > 90 and hair.start_y is not None and p[1] >= hair.start_y)
    top: list[Run] = [raised(rim[a:nape], THICK)]
    if hair.notch:
        b, c = side_at(hair.notch[0]), side_at(hair.notch[1])
        top = [raised(rim[a:b], THICK), [rim[b - 1], *hair.notch[2], rim[c]], raised(rim[c:nape], THICK)]
    runs: list[Run] = [*top, NAPE, OVER_EAR, [*BURN, *hair.front, rim[a]]]
    shape = [p for run in runs for p in dense(run)]
    rings = [*RINGS, (69, 36), (79, 40)]
    return path(*runs) + strands(hair.cuts) + comb([shape, *spines(hair.cuts)], (90, 20), rings, turn=-0.35)


def side_view(hair: Side, marked: bool = True) -> str:
    """SVG body; `marked` shows the mid-coronal line."""
    tick, line = (TICK_SIDE, CORONAL_SIDE) if marked else ("", "")
    return figure(HEAD_SIDE, SIDE_PEN + tick, side_hair(hair), strands(hair.thin), line)
