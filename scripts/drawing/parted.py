"""Ludwig and Sinclair: the hair parted in the midline, seen from above."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .curves import GOLDEN, Point, Run, both, dense, inside, mirror, nums, path, right, strand
from .head import HEAD_TOP, NOSE_TOP, back_of_head
from .svg import Drawing, drawing, figure, pen

Row = tuple[float, float, float]

SCATTER = (0.8191725, 0.6710436, 0.5497005)  # the same in three directions at once
HAIRLINE = [(0, 25.6), (9, 26), (17, 28.6), (23, 33), (27, 37.5), (30, 41)]
THICK = 3.2


@dataclass(frozen=True, kw_only=True)
class Part:
    """Thinning on both sides of a midline part.

    `rows` are (y, part, fall) from front to back: the half width of the open part, and how far out scalp still shows
    between the hairs. `streak` is the half width of those glimpses at the part, `gap` their distance down the part.
    With `locks` the open area ends in locks of hair instead, and `stray` single hairs are left in it.
    """

    rows: Sequence[Row]
    streak: float = 0
    gap: float = 2.2
    locks: bool = False
    stray: int = 0


def _open_front(reach: float) -> list[Row]:
    """The hairline itself, as rows: an open area that begins there leaves no band of hair in front of it."""
    line = [p for p in dense(HAIRLINE, 4) if p[0] <= reach]
    return [(y, dx, dx) for dx, y in line]


PARTS = {
    "ludwig-I": Part(rows=[(31, .5, 1), (37, .9, 9), (46, 1.3, 15), (60, 1.4, 17), (74, 1.3, 15), (85, 1, 10),
                           (93, .4, 1)], streak=.62, gap=2.5),
    "ludwig-II": Part(rows=[(31, .5, 1), (36, 2, 12), (45, 3.6, 21), (60, 4.2, 25), (74, 3.6, 23), (86, 2.4, 15),
                            (95, .4, 1)], streak=1.15, gap=2.4),
    "ludwig-III": Part(rows=[(34.4, 3, 3), (35, 7, 7), (36.4, 11, 11), (38.6, 14.4, 15), (42, 17, 19.5),
                             (47, 19, 22.5), (57, 21.6, 26), (70, 21.4, 26), (83, 16.4, 21), (92, 8, 12), (96, 2, 4)],
                       locks=True, stray=10),
    "sinclair-1": Part(rows=[(27, .4, 1), (40, .8, 1), (80, .8, 1), (89, .3, 1)]),
    "sinclair-2": Part(rows=[(27, .8, 1), (30, 2.4, 3), (36, 2.9, 3), (56, 3, 3), (74, 2.8, 3), (82, 2.2, 3),
                             (89, .4, 1)]),
    "sinclair-3": Part(rows=[(27, .8, 1), (31, 3, 8), (42, 4, 15), (60, 4.2, 16.5), (76, 3.4, 14), (91, .4, 1)],
                       streak=1.05, gap=2.3),
    "sinclair-4": Part(rows=[(26.8, .8, 1), (28.4, 9, 15), (31.4, 13, 20), (36, 13, 23), (43, 10, 24.5), (51, 7.2, 25),
                             (62, 5, 23), (78, 3.2, 18), (92, .4, 1)], streak=1.25, gap=2.3),
    "sinclair-5": Part(rows=[*_open_front(19.5), (31.8, 20.6, 22), (36, 22, 25), (46, 24, 28.4), (60, 24.6, 29.4),
                             (74, 22, 27), (87, 14.4, 19), (97, 2, 4)], locks=True, stray=84),
}  # fmt: skip

WAVE = (1, 0.72, 0.9, 0.62, 0.96, 0.8)


def _between(rows: Sequence[Row], y: float) -> tuple[float, float]:
    """Part and fall at a height, eased between the given rows."""
    for (y1, part1, fall1), (y2, part2, fall2) in zip(rows, rows[1:], strict=False):
        if y1 <= y <= y2:
            t = (y - y1) / ((y2 - y1) or 1)
            return part1 + (part2 - part1) * t, fall1 + (fall2 - fall1) * t
    return 0, 0


def _glimpses(part: Part) -> str:
    """Scalp seen between hairs: leaves along their fall, finer and fewer away from the part."""
    d, n = "", 0
    y, last = part.rows[0][0] + 3, part.rows[-1][0] - 2
    while y < last:
        for s in (1, -1):
            n += 1
            here = y + part.gap * ((n * GOLDEN) % 1 - 0.5)
            half, fall = _between(part.rows, here)
            x = half + 0.6 + 4 * ((n * GOLDEN * 3) % 1)
            while fall - x > 3:
                n += 1
                chance = (n * GOLDEN) % 1
                near = 1 - x / (fall + 4)
                length = min(7 + 5.5 * chance, fall - x)
                width = part.streak * (0.35 + 0.65 * near) * (0.7 + 0.5 * chance)
                d += strand(60 + s * x, here, s * length, length * (0.2 + 0.05 * chance), width, 0.08 * s)
                x += length + 0.8 + 3.4 * ((n * GOLDEN * 5) % 1) * (1.3 - near)
        y += part.gap
    return d


def _locks(rows: Sequence[Row]) -> str:
    """An open area with a clean front edge whose sides end in locks."""
    share, step = 0.8, 3.3  # how much of each row is scalp; the rows' distance
    front = [row for row in rows if row[0] < rows[0][0] + 10]
    y0, y1 = front[-1][0], rows[-1][0]
    n = round((y1 - y0) / step)
    step = (y1 - y0) / n
    d = ""
    for s in (1, -1):
        side: list[list[Point]] = [[(part, y)] for y, part, _ in front]
        for k in range(n):
            y = y0 + step * (k + (1 - share) / 2)
            (part, fall), (part2, _) = _between(rows, y), _between(rows, y + share * step)
            fall = part + (fall - part) * WAVE[(k + (s < 0) * 3) % len(WAVE)]
            middle, tip = (part + fall) / 2, y + share * step + fall * 0.1
            side.append([(part, y)])
            if fall > part + 1:
                side.append([(middle, y + 0.1), (fall, tip)])
                side.append([(middle, y + share * step + 0.7), (part2, y + share * step)])
        side.append([(0, y1)])
        cur: Point = (60, rows[0][0])
        d += "M" + nums(cur)
        for points in side:
            d += "lq"[len(points) - 1] + nums(v for x, y in points for v in (60 + s * x - cur[0], y - cur[1]))
            cur = (round(60 + s * points[-1][0], 1), round(points[-1][1], 1))
        d += "z"
    return d


def _stray(part: Part) -> str:
    """Single hairs left in the open area, still falling to both sides."""
    d = ""
    first, last = part.rows[0][0] + 3, part.rows[-1][0] - 7
    thick = 0.6 if part.stray < 20 else 0.42
    for k in range(part.stray):
        s = (1, -1)[k % 2]
        down, across, chance = ((k * step + 0.5) % 1 for step in SCATTER)
        y = first + (last - first) * down
        x = _between(part.rows, y)[0] * (0.03 + 0.87 * across)
        length = 6 + 4 * chance
        d += strand(60 + s * x, y, s * length, 1.6 + 0.07 * x + 2 * chance, thick, 0.16 * s)
    return d


def _sweep(shapes: Sequence[Run]) -> str:
    """Comb cuts for hair brushed from the part to both sides, inside exactly one shape and clear of every edge."""
    edge = [p for shape in shapes for p in shape]
    d = ""
    for k, y in enumerate(range(33, 108, 7)):
        for across in (5, 16, 27):
            dx = across + 5 * (k % 2)
            for s in (1, -1):
                p, v = (60 + s * dx, y), (s * 8.5, 2 + dx * 0.12)
                points = [(p[0] + v[0] * t, p[1] + v[1] * t) for t in (0, 0.5, 1)]
                if all(
                    sum(inside(q, shape) for shape in shapes) == 1 and min(math.dist(q, e) for e in edge) > 1.6
                    for q in points
                ):
                    d += strand(*p, *v, 0.36, 0.1 * s)
    return d


def parted_top(part: Part) -> str:
    """SVG body."""
    runs = [back_of_head(43, THICK), both(HAIRLINE)]
    whole = dense(runs[0]) + dense(runs[1])
    side = dense(right([(max(half, fall), y) for y, half, fall in part.rows]))
    if part.locks:
        area = _locks(part.rows)
    else:
        line = right([(half, y) for y, half, _ in part.rows])
        area = path(line, mirror(line)[::-1]) + (_glimpses(part) if part.streak else "")
    hair = path(*runs) + area + _sweep([whole, side + mirror(side)[::-1]])
    return figure(HEAD_TOP + pen(NOSE_TOP), "", hair, _stray(part))


LUDWIG = {
    "I": "Perceptible thinning over the crown; front hairline kept.",
    "II": "Marked thinning of the crown, scalp visible; front hairline kept.",
    "III": "Crown almost bare behind a full band of hair at the front hairline.",
}
SINCLAIR = {
    "1": "Normal part, same width front to back.",
    "2": "Part line widened.",
    "3": "Part widened, hair on both sides thin enough to see through.",
    "4": "Diffuse loss over the top with an open bald spot at the front of the part.",
    "5": "Advanced loss over the whole top, from the hairline back; only single hairs left.",
}


def drawings() -> Iterator[Drawing]:
    """ludwig-I to III and sinclair-1 to 5."""
    for scale, stages in (("Ludwig", LUDWIG), ("Sinclair", SINCLAIR)):
        for code, seen in stages.items():
            name = f"{scale.lower()}-{code}"
            description = f"{seen} Forehead up, midline part."
            yield drawing(name, f"{scale} {code}, from above", description, parted_top(PARTS[name]))
