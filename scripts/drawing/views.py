"""A pictogram for each standard photo view, in the frame of a viewfinder."""

from __future__ import annotations

import math
from collections.abc import Iterator

from .curves import Run, comb, dense, mirror, path, raised, right, strand
from .head import side_view
from .norwood import SIDE
from .parted import PARTS, parted_top
from .svg import LINE, Drawing, drawing, figure, pen

BACK_HALF = [(0, 9), (13, 10.4), (24, 17), (31, 29), (33.4, 44), (33, 58), (31, 72), (27, 86)]
FACE_HALF = [*BACK_HALF[:-2], (31.4, 72), (28, 87), (21, 99.6), (11.6, 107), (0, 109.6)]
EAR_FACE = [(93, 56), (96.6, 53.6), (99, 57), (98, 66), (95, 74), (91.6, 75)]
NECK = [(79, 101), (79.6, 108), (82, 119)]
CORNERS = "M20 160V20H160M1040 20h140V160M1180 1040v140H1040M160 1180H20V1040"


def _both_sides(*runs: Run) -> str:
    return pen(*runs, *[mirror(r) for r in runs])


def _face() -> str:
    rim = dense(right(BACK_HALF))
    cut = next(i for i, p in enumerate(rim) if p[1] >= 56)
    crown = raised(rim[:cut], 2.4, ends=(False, True))
    crown[0] = (60, 9 - 2.4)
    burn = [crown[-1], (91, 62), (88.6, 56), (87.4, 46), (84.6, 38.6), (79, 33), (70, 30.6), (60, 30)]
    ring = [mirror(crown)[::-1] + crown[1:], burn + mirror(burn)[-2::-1]]
    eye = [(67.4, 61), (70.6, 58.6), (75, 58), (79.8, 61)]
    brow = [(66.6, 52), (72.6, 48.8), (81.4, 51)]
    pupils = "M738 615v6M462 615v6"
    nose = [(56.4, 78.4), (58.4, 80.2), (61.6, 80.2), (63.6, 78.4)]
    mouth = [(50.6, 89.4), (54.6, 91.8), (60, 92.8), (65.4, 91.8), (69.4, 89.4)]
    detail = _both_sides(eye, brow) + pupils + pen(nose, mouth)
    jaw = [(41, 101), (48.4, 107), (60, 109.6), (71.6, 107), (79, 101)]
    outline = (
        path(right(FACE_HALF) + mirror(right(FACE_HALF))[-2:0:-1], loop=True)
        + pen(EAR_FACE[::-1], mirror(EAR_FACE))
        + path(mirror(NECK)[::-1], jaw, NECK, closed=False)
    )
    whole = [p for r in ring for p in dense(r)]
    rings = [(42 + 8 * k, 30 + 4 * k) for k in range(3)]
    return figure(outline, detail, path(*ring) + comb([whole], (60, 72), rings, turn=0.1, length=7.5))


def _back() -> str:
    rim = dense(right(BACK_HALF))
    crown = raised(rim, 2.4, ends=(False, False))
    crown[0] = (60, 9 - 2.4)
    low = [crown[-1], (84.6, 93.6), (78, 98.4), (69, 101), (60, 101.6)]
    runs = [mirror(crown)[::-1] + crown[1:], low + mirror(low)[-2::-1]]
    neck = [(87, 86), (80.6, 94), (79.6, 106), (83, 119)]
    half = right(BACK_HALF)
    outline = path(mirror(neck)[::-1], mirror(half)[::-1] + half[1:], neck, closed=False)
    whole = [p for r in runs for p in dense(r)]
    rings = [(8, 8), (17, 12), (28, 14), (40, 18), (52, 24), (64, 28), (76, 32)]
    ears = pen(EAR_FACE, mirror(EAR_FACE)[::-1])
    return figure(outline + ears, "", path(*runs) + comb([whole], (60, 24), rings, turn=0.3))


def _vertex() -> str:
    half = [(0, 14), (14, 16.4), (26, 25.4), (33, 40), (34.8, 57), (31.4, 74), (23, 88), (11.5, 95), (0, 97)]
    crown = raised(dense(right(half)), 2.2, ends=(False, False))
    crown[0], crown[-1] = (60, 11.8), (60, 99.2)
    ring = crown + mirror(crown)[-2:0:-1]
    cuts = ""
    for k in range(11):
        a = 2 * math.pi * k / 11
        for r, n in ((4, 9), (15, 11), (27, 11)):
            b = a + r * 0.022
            x, y = 60 + r * math.cos(b), 56 + r * 1.05 * math.sin(b)
            cuts += strand(x, y, n * math.cos(b + 0.6), n * math.sin(b + 0.6), 0.6, 0.2)
    ears = [(93.6, 44), (98, 40.6), (101.4, 44), (100.4, 52), (96.6, 58), (94.4, 57)]
    neck = [(80, 90), (82, 98), (92, 106), (108, 112)]
    skull = right(half) + mirror(right(half))[-2:0:-1]
    nape = [(40, 90), (48.5, 96), (60, 97.6), (71.5, 96), (80, 90)]
    outline = (
        path(skull, loop=True) + pen(ears[::-1], mirror(ears)) + path(mirror(neck)[::-1], nape, neck, closed=False)
    )
    return figure(outline, "", path(ring, loop=True) + cuts)


def drawings() -> Iterator[Drawing]:
    """view-<code> for the six standard views."""
    shrink = 'transform="translate(96 96) scale(.84)"'
    flip = 'transform="matrix(-.84 0 0 .84 1104 96)"'
    side = side_view(SIDE["I"], marked=False)
    midline = parted_top(PARTS["sinclair-1"])
    for name, title, description, body, placed in (
        ("vertex", "Vertex", "Top and back of the head, whorl in the centre.", _vertex(), shrink),
        ("superior_midline", "Midline", "From above, hair parted in the midline.", midline, shrink),
        ("frontal", "Frontal", "Face on, hairline visible.", _face(), shrink),
        ("temporal_left", "Left temporal", "The patient's left side.", side, shrink),
        ("temporal_right", "Right temporal", "The patient's right side.", side, flip),
        ("occipital", "Occipital", "Back of the head.", _back(), shrink),
    ):
        frame = f'<path {LINE} d="{CORNERS}"/>\n<g {placed}>{body}</g>'
        yield drawing(f"view-{name}", f"{title} view", description, frame)
