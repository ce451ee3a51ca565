"""Hamilton-Norwood, twelve stages, each from above and from the left."""

from __future__ import annotations

import math
from collections.abc import Iterator

from .curves import GOLDEN, Hair
from .head import Side, Top, side_view, top_view
from .svg import Drawing, drawing

SEEN = {  # what a reader sees in the pair of drawings
    "I": "No or barely visible recession at the front edge.",
    "II": "Triangular recession at both temples, ending well in front of the mid-coronal line.",
    "IIa": "The whole front edge sits high; a few sparse hairs remain of the mid-frontal island.",
    "III": "Deep bare temples reaching about 2 cm in front of the mid-coronal line.",
    "IIIa": "Bare area moving back from the front as one reaches the mid-coronal line; no island.",
    "III-vertex": "Bare patch at the vertex; temple recession no worse than III.",
    "IV": "Temple recession beyond III and a sparse vertex, kept apart by a broad dense band.",
    "IVa": "Bare area from the front passes the mid-coronal line, with thinning behind it; no separate vertex patch.",
    "V": "Both bare areas bigger; the band between them is narrow and sparse.",
    "Va": "Bare area from the front reaches far back, but not to the vertex.",
    "VI": "Band gone: front and vertex merge in one bare area; sides still fairly high.",
    "VII": "Only a narrow horseshoe of hair at the sides and back.",
}


def _left_standing(*hairs: Hair, fall: float) -> list[Hair]:
    """Sparse hairs on the forelock, given as (distance from the midline, y, lean)."""
    return [(60 + dx, y, lean, fall) for dx, y, lean in hairs]


def _sparse_vertex() -> list[Hair]:
    """Fine hairs that still turn out of the whorl of a thin vertex."""
    out: list[Hair] = []
    for r, n, length in ((1.6, 5, 4.4), (6.4, 9, 5), (11.6, 12, 4.6)):
        for k in range(n):
            a = 2 * math.pi * (k + r / 7) / n
            x, y = 60 + r * math.cos(a), 86.5 + 0.8 * r * math.sin(a)
            out.append((x, y, length * math.cos(a + 0.7), 0.8 * length * math.sin(a + 0.7), 0.5))
    return out


def _thinning_behind() -> list[Hair]:
    """Scalp between hairs behind the edge of IVa, densest at the edge and pointing out of the whorl."""
    out: list[Hair] = []
    for k in range(34):
        across = -24 + 48 * (k + 0.5) / 34
        depth = 8.4 * (k * GOLDEN % 1)
        x, y = 60 + across, 70.4 - 0.0145 * across * across + depth
        length = 3.2 + 3.4 * (k * GOLDEN * 3 % 1)
        lean = across / 40
        out.append((x, y, length * lean, length, 0.75 - 0.04 * depth))
    return out


def _both_sides(*cuts: Hair) -> list[Hair]:
    return [(60 + s * x, y, s * dx, dy, w) for s in (1, -1) for x, y, dx, dy, w in cuts]


TOP = {
    "I": Top(front=[(0, 26), (9, 26.4), (17, 28.6), (23, 32.6), (27, 37), (30, 41)], edge=43),
    "II": Top(front=[(0, 26), (8, 26.5), (13.4, 29), (17.4, 36), (21.4, 41.8), (25.4, 41.6), (29, 41)], edge=43),
    "IIa": Top(front=[(0, 36.6), (9, 37), (17, 38.8), (23, 41.6), (28, 43), (31, 44)], edge=45,
               thin=_left_standing((-8, 34.6, -1), (-5.2, 31.4, -.7), (-2.6, 35, -.4), (0, 30.4, .1), (2.6, 34.8, .4),
                                   (5.4, 31, .7), (8.2, 34.6, 1.1), (-2.4, 28, -.3), (3, 28, .4), fall=-5.4)),
    "III": Top(front=[(0, 26.5), (5.5, 27.4), (10, 32), (14, 42), (19, 49.6), (24.5, 49), (29.5, 45.5)], edge=46),
    "IIIa": Top(front=[(0, 59.2), (8, 59.2), (16, 58.8), (23, 56.6), (28, 52.5), (31.5, 48.5)], edge=48),
    "III-vertex": Top(front=[(0, 26.3), (6.5, 27), (11.5, 31), (15.5, 39.5), (20, 45.6), (25, 45), (29.5, 43)],
                      edge=44.5, hole=(87, 13.5, 11.5)),
    "IV": Top(front=[(0, 32), (5, 33), (9, 38), (12, 48), (17.5, 56), (24, 55), (30.5, 48.5)], edge=48,
              hole=(86.5, 18.4, 14.4), thin=_sparse_vertex()),
    "IVa": Top(front=[(0, 68.6), (9, 68.2), (17, 65.8), (23.6, 60.4), (28.4, 54), (31.6, 49.5)], edge=49,
               cuts=_thinning_behind()),
    "V": Top(front=[(0, 48), (4.5, 49), (8, 54), (12, 61), (18.5, 64.6), (25.5, 60), (31, 51)], edge=50.5,
             hole=(86.4, 24.6, 18.4),
             thin=_left_standing((-5, 47, -.8), (-2, 44, -.3), (1, 46, .2), (4.4, 45.4, .8), (-.6, 38, 0),
                                 (-9, 52, -1.4), (9, 52, 1.4), fall=-6),
             cuts=_both_sides((2, 52, 1, 12, .9), (6.6, 56.5, 1.6, 9.5, .9), (11.5, 63, 1.8, 5.6, .9),
                              (16.5, 65.8, 2, 5, .9), (21.4, 65, 2.4, 7, .9), (26, 61.5, 2, 9, .9))),
    "Va": Top(front=[(0, 79), (10, 78.4), (19.6, 75.6), (27, 68.6), (31, 60), (33.4, 54)], edge=53),
    "VI": Top(front=[(0, 101), (11, 99.5), (20.5, 93.5), (26, 84), (27.6, 73), (29, 62), (32.4, 53.5)], edge=52.5),
    "VII": Top(front=[(0, 106), (13, 104.3), (24.5, 97), (31, 85), (33, 72), (33.2, 64), (34, 59)], edge=57.5),
}  # fmt: skip

SIDE = {
    "I": Side(front=[(50, 61.5), (44, 57), (38.4, 51), (36.6, 44.5), (35.6, 37.5), (32.4, 31)], start=27.5),
    "II": Side(front=[(50, 61.5), (44.4, 57), (40, 51.4), (40.6, 44.6), (44, 38.6), (45.4, 33.4), (40.6, 29),
                      (34, 27)], start=27.5),
    "IIa": Side(front=[(50, 61.5), (44.4, 57), (40, 51.4), (40.4, 44.6), (42.4, 37.5), (41, 29), (37.8, 21.4)],
                start=35, thin=[(30.2, 26.6, 4, -4.2, .9), (34, 27.4, 3.4, -4.6, .9), (32, 22.8, 3, -3.4, .9),
                                (36.4, 32, 2.8, -4.6, .9)]),
    "III": Side(front=[(50, 61.5), (45, 57.4), (41.6, 52.4), (43, 45.8), (48.5, 38.8), (51.6, 31.6), (46.4, 26.4),
                       (37, 24)], start=28),
    "IIIa": Side(front=[(50, 62), (45, 57.8), (42.4, 53), (44.4, 46.6), (51.5, 39.5), (57.5, 29), (59.6, 17)],
                 start=60),
    "III-vertex": Side(front=[(50, 61.5), (44.8, 57.2), (40.8, 52), (41.8, 45), (46, 38.6), (48.4, 32.6), (43.2, 27.8),
                              (35.4, 25.6)], start=27.8, notch=(74, 98, [(78, 21), (88, 28)])),
    "IV": Side(front=[(50, 62), (45.4, 58), (42.8, 53.2), (45, 46.6), (52, 39.2), (57, 30.4), (52.4, 24), (43, 20.6)],
               start=34, notch=(71, 100, [(75.6, 22.6), (87, 31.6)]),
               thin=[(77, 14, 2.6, 3.4, .5), (81.6, 13.6, 2.4, 4.4, .5), (81.4, 20.6, 3, 3, .5),
                     (86.2, 17, 2.6, 4.4, .5), (87, 23.8, 3, 3.2, .5), (91.4, 21.6, 2, 4.4, .5),
                     (93.6, 27, 2.4, 2.6, .5)]),
    "IVa": Side(front=[(50.4, 62.4), (45.8, 58.4), (43.6, 53.6), (46.2, 47), (54.4, 39.6), (62.6, 29), (66.4, 17)],
                start=67, cuts=[(70, 12, -.8, 7, .8), (73.6, 13.4, -1, 8, .8), (68.8, 22, -2.2, 7, .8),
                                (72.4, 24, -2.6, 7, .8), (65, 32, -4, 6, .8), (68.8, 33.4, -4, 5.6, .8)]),
    "V": Side(front=[(50.4, 62.4), (46, 58.6), (44.2, 54), (47.4, 47.4), (56.6, 40), (63, 31.5), (61.4, 23),
                     (53.6, 18.4)], start=46, notch=(68.5, 102.5, [(71.5, 23), (79, 35), (91, 38.5)]),
              cuts=[(56, 11.5, -4, 3.2, .8), (60.5, 10.4, -2.6, 5.6, .9), (63.4, 13, -.4, 8, .9),
                    (67, 10.4, -.6, 9, .9), (66, 22, .6, 9, .9), (69.6, 23.6, 2.6, 9, .9), (64.6, 34, -4.6, 4.6, .8),
                    (70, 35, 2, 5, .8)]),
    "Va": Side(front=[(51, 63), (47.2, 59.6), (46, 55.2), (49.6, 49.6), (60, 44.6), (70.6, 38), (75.6, 28), (76, 17)],
               start=75.4),
    "VI": Side(front=[(51, 63), (47.6, 59.6), (46.6, 55), (51, 48.4), (61, 41.4), (74, 38), (87, 40), (97, 45)],
               start_y=49),
    "VII": Side(front=[(53, 66), (52.6, 62.4), (54.6, 57), (60.6, 51), (69, 47.6), (79, 51), (89, 57.5), (97, 63.5)],
                start_y=67),
}  # fmt: skip


def drawings() -> Iterator[Drawing]:
    """norwood-<code>-top and norwood-<code>-side for the twelve codes."""
    for code, seen in SEEN.items():
        stage = "III vertex" if code == "III-vertex" else code
        marks = "Ticks and dots mark the mid-coronal line."
        yield drawing(
            f"norwood-{code}-top", f"Norwood {stage}, from above", f"{seen} Forehead up. {marks}", top_view(TOP[code])
        )
        yield drawing(
            f"norwood-{code}-side",
            f"Norwood {stage}, left side",
            f"{seen} Face to the left. {marks}",
            side_view(SIDE[code]),
        )
