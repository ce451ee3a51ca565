"""Smooth outlines through a few points, and hairs drawn as thin leaves. Lengths in units of the 120 x 120 box."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

Point = tuple[float, float]
Run = Sequence[Point]
Hair = Sequence[float]  # x, y, dx, dy and, where it differs, the width

GOLDEN = 0.618034  # its multiples, modulo 1, scatter evenly and are the same on every run


def nums(values: Iterable[float]) -> str:
    """Path numbers in tenths: short whole numbers, no space where a minus sign parts them."""
    out = ""
    for value in values:
        text = str(round(value * 10))
        out += text if not out or text[0] == "-" else " " + text
    return out


def beziers(points: Run, closed: bool = False) -> Iterator[tuple[Point, Point, Point]]:
    """Catmull-Rom by chord length, as (control, control, end)."""
    count = len(points)

    def at(i: int) -> Point:
        return points[i % count] if closed else points[max(0, min(count - 1, i))]

    def tangent(i: int) -> Point:
        a, b, c = at(i - 1), at(i), at(i + 1)
        p, q = math.dist(a, b) or 1e-9, math.dist(b, c) or 1e-9
        x, y = (((v - u) / p * q + (w - v) / q * p) / (p + q) for u, v, w in zip(a, b, c, strict=True))
        return x, y

    for i in range(count if closed else count - 1):
        b, c = at(i), at(i + 1)
        third = math.dist(b, c) / 3
        out_of, into = tangent(i), tangent(i + 1)
        yield (
            (b[0] + out_of[0] * third, b[1] + out_of[1] * third),
            (c[0] - into[0] * third, c[1] - into[1] * third),
            c,
        )


def path(*runs: Run, closed: bool = True, loop: bool = False) -> str:
    """Path data: smooth inside a run, a corner where two runs meet. `loop` closes one run smoothly."""
    cur = (round(runs[0][0][0], 1), round(runs[0][0][1], 1))
    d = "M" + nums(cur)
    for run in runs:
        if math.dist(run[0], cur) > 0.3:
            d += "l" + nums((run[0][0] - cur[0], run[0][1] - cur[1]))
            cur = (round(run[0][0], 1), round(run[0][1], 1))
        if len(run) == 1:
            continue
        was, mirrored = "", None
        for c1, c2, end in beziers(run, loop):
            same = mirrored is not None and math.dist(c1, mirrored) < 0.12  # the handle mirrors the last one
            triple, command = ((c2, end), "s") if same else ((c1, c2, end), "c")
            part = nums(v for p in triple for v in (p[0] - cur[0], p[1] - cur[1]))
            d += (command if command != was else "" if part[0] == "-" else " ") + part
            was, mirrored = command, (2 * end[0] - c2[0], 2 * end[1] - c2[1])
            cur = (round(end[0], 1), round(end[1], 1))
    return d + ("z" if closed else "")


def dense(points: Run, steps: int = 12) -> list[Point]:
    """The same curve as many points."""
    out = [points[0]]
    start = points[0]
    for c1, c2, end in beziers(points):
        for k in range(1, steps + 1):
            t = k / steps
            u = 1 - t
            x, y = (
                u**3 * a + 3 * u * u * t * b + 3 * u * t * t * c + t**3 * e
                for a, b, c, e in zip(start, c1, c2, end, strict=True)
            )
            out.append((x, y))
        start = end
    return out


def offset(line: Run, far: float) -> list[Point]:
    """Each point moved `far` to the left of the way the line runs; outward on a rim that runs clockwise."""
    out = []
    for i, here in enumerate(line):
        a, b = line[max(0, i - 1)], line[min(len(line) - 1, i + 1)]
        dx, dy = b[0] - a[0], b[1] - a[1]
        h = math.hypot(dx, dy) or 1
        out.append((here[0] + dy / h * far, here[1] - dx / h * far))
    return out


def raised(line: Run, thick: float, taper: int = 12, ends: tuple[bool, bool] = (True, True)) -> list[Point]:
    """The hair's surface over a stretch of skull: offset outward, tapering at free ends; every eighth point."""
    n, every = len(line), 8
    out = []
    for k in range(n // every + 1):
        i = round(k * (n - 1) / (n // every))
        room = min(i if ends[0] else n, n - 1 - i if ends[1] else n, taper) / taper
        a, b = line[max(0, i - 1)], line[min(n - 1, i + 1)]
        dx, dy = b[0] - a[0], b[1] - a[1]
        h = math.hypot(dx, dy) or 1
        t = thick * math.sin(room * math.pi / 2)
        out.append((line[i][0] + dy / h * t, line[i][1] - dx / h * t))
    return out


def mirror(points: Run, middle: float = 60) -> list[Point]:
    """The other side of the midline."""
    return [(2 * middle - x, y) for x, y in points]


def right(half: Run) -> list[Point]:
    """Points given as (distance from the midline, y), on the right."""
    return [(60 + dx, y) for dx, y in half]


def both(half: Run) -> list[Point]:
    """A line given from the midline outward, as a whole line from left edge to right edge."""
    r = right(half)
    return mirror(r)[:0:-1] + r


def oval(cx: float, cy: float, rx: float, ry: float, n: int = 14) -> list[Point]:
    """Points clockwise on the page from the right."""
    return [(cx + rx * math.cos(2 * math.pi * k / n), cy + ry * math.sin(2 * math.pi * k / n)) for k in range(n)]


def strand(x: float, y: float, dx: float, dy: float, w: float = 0.9, bend: float = 0.18) -> str:
    """One hair as a thin tapered leaf, `w` its half width."""
    h = math.hypot(dx, dy)
    nx, ny = -dy / h, dx / h
    mx, my = dx / 2 + nx * h * bend, dy / 2 + ny * h * bend
    there = (mx + nx * w, my + ny * w)
    back = (mx - nx * w - dx, my - ny * w - dy)
    return f"M{nums((x, y))}q{nums((*there, dx, dy))}q{nums((*back, -dx, -dy))}z"


def strands(hairs: Iterable[Hair]) -> str:
    """Path data of many."""
    return "".join(strand(*h) for h in hairs)


def spines(hairs: Iterable[Hair]) -> list[list[Point]]:
    """The same hairs as point lists, for keeping clear of them."""
    return [dense([(x, y), (x + dx, y + dy)]) for x, y, dx, dy, *_ in hairs]


def inside(p: Point, polygon: Run) -> bool:
    """Even-odd test."""
    hit = False
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if (y1 > p[1]) != (y2 > p[1]) and p[0] < x1 + (p[1] - y1) * (x2 - x1) / (y2 - y1):
            hit = not hit
    return hit


def comb(
    shapes: Sequence[Run],
    whorl: Point,
    rings: Iterable[tuple[float, int]],
    turn: float = 0.4,
    length: float = 9.5,
    clear: float = 1.6,
    w: float = 0.36,
) -> str:
    """Fine cuts that follow the fall of the hair out of the whorl, inside exactly one shape and clear of every edge.

    `rings` are (radius, cuts on it); `turn` is the angle in radians between a cut and its radius.
    """
    edge = [p for shape in shapes for p in shape]

    def free(p: Point) -> bool:
        return sum(inside(p, s) for s in shapes) == 1 and min(math.dist(p, e) for e in edge) > clear

    d = ""
    for k, (r, n) in enumerate(rings):
        for j in range(n):
            a = 2 * math.pi * (j + k * 0.5) / n
            x, y = whorl[0] + r * math.cos(a), whorl[1] + r * math.sin(a)
            dx, dy = length * math.cos(a + turn), length * math.sin(a + turn)
            if all(free((x + dx * t, y + dy * t)) for t in (0, 0.5, 1)):
                d += strand(x, y, dx, dy, w, 0.12)
    return d
