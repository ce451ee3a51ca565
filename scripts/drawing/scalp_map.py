"""The scalp from above in eight regions, made to be tapped.

Each region is a group with its code of record in data-region: what is seen (.region), a larger unseen shape under it
that takes the finger (.region-tap), and an empty text for millilitres (.region-ml).
"""

from __future__ import annotations

from collections.abc import Iterator

from .curves import Point, Run, dense, mirror, nums, offset, oval, path, right
from .head import HEAD_EARS_TOP, RIM
from .svg import LINE, Drawing, drawing

BOX = (10.0, 2.0, 100.0, 118.0)  # x, y, width, height in units
OUTSIDE = 9.0  # how far outside the head a finger still counts
FONT = "Inter, system-ui, sans-serif"
NAMES = {
    "frontal": "Frontal",
    "temporal_left": "Left temporal",
    "temporal_right": "Right temporal",
    "mid_scalp": "Mid-scalp",
    "vertex": "Vertex",
    "parietal_left": "Left parietal",
    "parietal_right": "Right parietal",
    "occipital": "Occipital",
}
SPOTS = {  # where the number stands
    "frontal": (60, 37),
    "temporal_left": (33.6, 49),
    "temporal_right": (86.4, 49),
    "mid_scalp": (60, 60),
    "vertex": (60, 84),
    "parietal_left": (31.4, 77.6),
    "parietal_right": (88.6, 77.6),
    "occipital": (60, 103.4),
}


def _rim(y1: float, y2: float, outside: float = 0) -> list[Point]:
    """The right rim between two heights as a few points, moved outward by `outside`."""
    rim = offset(RIM, outside) if outside else RIM
    points = [p for p, on in zip(rim, RIM, strict=True) if y1 <= on[1] <= y2]
    return points[::9] + ([points[-1]] if (len(points) - 1) % 9 else [])


def regions(outside: float = 0) -> dict[str, list[Run]]:
    """Each region's edge as runs of points; with `outside` the outer ones reach that far beyond the head."""
    m = mirror
    ring = dense([*oval(60, 84, 18.6, 12, n=36), (78.6, 84)], 1)

    def arc(a: int, b: int) -> list[Point]:  # of the vertex, degrees, 0 = right, 90 = back
        return [ring[k % 360 // 10] for k in range(a, b + (10 if b > a else -10), 20 if b > a else -20)]

    brow = right([(0, 25), (9, 25.4), (16, 27.6)])
    temple = right([(16, 27.6), (23, 32.5), (27, 37), (30.2, 41), (32.4, 43)])
    column = [(76, 27.6), (76.2, 36), (76.2, 46)]  # between frontal and temple
    flank = [(76.2, 46), (76.2, 59)]
    low = [(76.2, 59), (76.2, 68), arc(-30, -10)[0]]
    cross, under = [(43.8, 46), (60, 47.6), (76.2, 46)], [arc(50, 70)[0], (82, 94.6), (91, 95)]
    split = [(76.2, 59), (88, 60.4), (96.6, 63.4)]  # between temple and parietal
    temple_rim = _rim(43, 63.4, outside)
    parietal_rim = _rim(63.4, 95, outside)
    if outside:
        temple = [*offset(temple[:-1], outside * 0.6), temple_rim[0]]
    nape = _rim(95, 111, outside)
    out: dict[str, list[Run]] = {
        "frontal": [m(brow)[::-1] + brow[1:], column, cross[::-1], m(column)[::-1]],
        "mid_scalp": [cross, flank, low, arc(-30, -150), m(low)[::-1], m(flank)[::-1]],
        "vertex": [ring[1::2]],
        "occipital": [under, nape, m(nape)[::-1], m(under)[::-1], arc(130, 50)],
    }
    temporal: list[Run] = [temple, temple_rim, split[::-1], flank[::-1], column[::-1]]
    parietal: list[Run] = [split, parietal_rim, under[::-1], arc(50, -30), low[::-1]]
    for name, runs in (("temporal", temporal), ("parietal", parietal)):
        out[name + "_left"] = [m(r) for r in runs]
        out[name + "_right"] = runs
    return {name: out[name] for name in NAMES}


def _box() -> str:
    """The viewBox, in tenths."""
    return " ".join(str(round(v * 10)) for v in BOX)


def drawings() -> Iterator[Drawing]:
    """scalp-map."""
    seen, taps = regions(), regions(OUTSIDE)
    body = [f'<path {LINE} d="{HEAD_EARS_TOP}"/>']
    for name, label in NAMES.items():
        x, y = SPOTS[name]
        body.append(
            f'<g data-region="{name}"><title>{label}</title>'
            f'<path class="region-tap" fill="none" pointer-events="all" d="{path(*taps[name])}"/>'
            f'<path class="region" fill="#fff" stroke="currentColor" stroke-width="10" stroke-linejoin="round" '
            f'd="{path(*seen[name])}"/>'
            f'<text class="region-ml" x="{nums([x])}" y="{nums([y + 2.6])}" fill="currentColor" font-family="{FONT}" '
            f'font-size="76" '
            'text-anchor="middle" pointer-events="none"></text></g>'
        )
    body.append(
        f'<g fill="currentColor" font-family="{FONT}" font-size="60" text-anchor="middle" pointer-events="none">'
        '<text x="200" y="280">L</text><text x="1000" y="280">R</text></g>'
    )
    yield drawing(
        "scalp-map",
        "Scalp map, from above",
        "Eight scalp regions, forehead up. L and R are the patient's own left and right.",
        "\n".join(body),
        box=_box(),
        role="group",
    )
