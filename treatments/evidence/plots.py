"""Small drawings of numbers and their intervals, as escaped SVG in two widths; a table beside says the same. No Django.

Nothing carries a style attribute; what a mark looks like is said by its class (static/css/plots.css).
"""

import html
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Width = Literal["wide", "narrow"]
Kind = Literal["published", "placebo", "own"]
WIDTHS: Final[dict[Width, int]] = {"wide": 720, "narrow": 342}
_UNPRINTABLE: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF))
_ROW, _TICKS, _PAD = 30, 26, 14
_TITLE_HEIGHT: Final = 34
FILE_CSS: Final = (
    "text{font:13px Inter,system-ui,sans-serif;fill:#414d4a}.p-own{fill:#16211f;font-weight:600}.p-tick{font-size:12px}"
    ".p-grid{stroke:#c9cfc9;fill:none}.p-zero{stroke:#7b8683;fill:none}.p-bar{stroke:#2a8582;stroke-width:1.5;fill:none}"
    ".p-bar-placebo{stroke:#7b8683}.p-bar-own{stroke:#16211f}.p-dot{fill:#0b5757}"
    ".p-hollow{fill:#fff;stroke:#414d4a;stroke-width:2}.p-square{fill:#16211f}.p-head{fill:#16211f;font-weight:600}"
    ".p-kept{fill:#2a8582}.p-lost{fill:#c07f2e}.p-step{fill:#a9b3ae}.p-cell{stroke:#c9cfc9;fill:#fff}"
    ".p-better{fill:#d9ebe6}.p-worse{fill:#f3e3c8}"
)


@dataclass(frozen=True)
class DotRow:
    """One dot with its interval, in the unit of the scale; `low` and `high` None where only the dot is known.

    `kind` tells by shape, not by colour alone: "placebo" is hollow, "own" a square, "published" a full dot.
    """

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    kind: Kind = "published"


@dataclass(frozen=True)
class BarRow:
    """One count: `told` stands beside its bar, and without a count (`n` None) there is no bar.

    `kind` is "kept" of what goes on, "lost" of what is missing, "step" of what is only a step between.
    """

    label: str
    n: int | None
    told: str
    kind: Literal["kept", "lost", "step"] = "step"


@dataclass(frozen=True)
class Grid:
    """Counts of two ranks against each other: `rows` of a label and its cells, each what it tells and the class that
    colours it ("better", "worse" or "")."""

    caption: str
    across: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[tuple[str, str]]]]


def bar_picture(groups: Sequence[tuple[str, Sequence[BarRow]]], *, title: str) -> str:
    """Counts as bars, group under group, all on one scale from 0, as a file of its own."""
    width, left, right = WIDTHS["wide"], 260, 96
    most = max((row.n or 0 for _, rows in groups for row in rows), default=0)
    x = _scale(0, most, left, width - right)
    parts: list[str] = []
    y = 0.0
    for heading, rows in groups:
        parts.append(_text(0, y + 18, heading, "p-head"))
        y += 28
        for row in rows:
            parts.append(_text(0, y + 14, row.label, "p-label"))
            end = left if row.n is None else x(row.n)
            if end > left:
                parts.append(_path(f"M{left} {_px(y + 3)}H{_px(end)}v14H{left}z", f"p-{row.kind}"))
            parts.append(_text(end + 8, y + 14, row.told, "p-label"))
            y += 22
        y += 14
    return _file(parts, width, y, title)


def grid_picture(grids: Sequence[Grid], *, title: str) -> str:
    """Tables of counts under one another, as a file of its own; wider than others where a table has many columns."""
    left, cell, high = 130, 84, 30
    width = max([WIDTHS["wide"], *(left + cell * len(grid.columns) for grid in grids)])
    parts: list[str] = []
    y = 0.0
    for grid in grids:
        parts += [_text(0, y + 18, grid.caption, "p-head"), _text(0, y + 44, grid.across, "p-tick")]
        heads = enumerate(grid.columns)
        parts += [_text(left + cell * (place + 0.5), y + 44, name, "p-label", "middle") for place, name in heads]
        y += 54
        for label, cells in grid.rows:
            parts.append(_text(0, y + 20, label, "p-label"))
            for place, (told, kind) in enumerate(cells):
                start = left + cell * place
                parts.append(
                    _path(f"M{start} {_px(y)}h{cell}v{high}h-{cell}z", f"p-cell p-{kind}" if kind else "p-cell")
                )
                parts.append(_text(start + cell / 2, y + 20, told, "p-label", "middle"))
            y += high
        y += 24
    return _file(parts, width, y, title)


def dot_panel(rows: Sequence[DotRow], *, title: str, unit: str, key: str) -> str:
    """Dots and intervals under one another on one scale that holds 0; "" without rows. `key` keeps ids apart."""
    drawn = ((*_dots(rows, unit, kind), kind) for kind in WIDTHS)
    return (
        "".join(
            _svg(parts, width, height, f"{title}, {unit}", f"{key}-{kind}", kind)
            for parts, width, height, kind in drawn
        )
        if rows
        else ""
    )


def dot_picture(rows: Sequence[DotRow], *, title: str, unit: str, told: Sequence[str] = ()) -> str:
    """The same at its wider width as a file of its own, which brings its styles along, and the lines `told` below."""
    parts, width, height = _dots(rows, unit, "wide")
    below = (_text(0, height + 18 * number, line, "p-tick") for number, line in enumerate(told, start=1))
    return _file([*parts, *below], width, height + (18 * len(told) + 8 if told else 0), title)


def scatter(
    points: Sequence[tuple[float, float]],
    *,
    lines: Sequence[tuple[float, str]],
    title: str,
    across: str,
    upwards: str,
    key: str,
) -> str:
    """Points over two scales, with named levels across; "" without points."""
    drawn = (_scatter(points, lines, title, across, upwards, f"{key}-{kind}", kind) for kind in WIDTHS)
    return "".join(drawn) if points else ""


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round figures from below `low` to above `high`, at most about `most` of them."""
    span = (high - low) or abs(high) or 1.0
    rough = span / max(1, most - 1)
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * each for each in (1, 2, 2.5, 5, 10) if size * each >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(n * step, 10) for n in range(first, last + 1)]


def _dots(rows: Sequence[DotRow], unit: str, kind: Width) -> tuple[Iterator[str], int, float]:
    """The parts of the drawing, its width and its height."""
    width, is_wide = WIDTHS[kind], kind == "wide"
    left = 344 if is_wide else _PAD
    ends = [end for row in rows for end in (row.value, row.low, row.high) if end is not None]
    marks = ticks(min(0.0, *ends), max(0.0, *ends), 8 if is_wide else 5)
    row_height = _ROW if is_wide else _ROW + 16
    head = _TICKS if is_wide else _TICKS + 20
    bottom = head + row_height * len(rows)
    x = _scale(marks[0], marks[-1], left, width - _PAD)

    def parts() -> Iterator[str]:
        yield _text(0, 16 if is_wide else 14, unit, "p-tick")
        for tick in marks:
            yield _path(f"M{_px(x(tick))} {head}V{bottom}", "p-zero" if tick == 0 else "p-grid")
            yield _text(x(tick), head - 10, _figure(tick), "p-tick", "middle")
        for place, row in enumerate(rows):
            top = head + place * row_height
            y = top + (row_height / 2 if is_wide else row_height - 13)
            yield _text(0, top + (19 if is_wide else 18), row.label, "p-own" if row.kind == "own" else "p-label")
            if row.low is not None and row.high is not None:
                low, high = x(row.low), x(row.high)
                bar = f"M{_px(low)} {_px(y)}H{_px(high)}M{_px(low)} {_px(y - 4)}v8M{_px(high)} {_px(y - 4)}v8"
                yield _path(bar, f"p-bar p-bar-{row.kind}")
            yield _dot(x(row.value), y, row.kind)

    return parts(), width, bottom + 6


def _scatter(
    points: Sequence[tuple[float, float]],
    lines: Sequence[tuple[float, str]],
    title: str,
    across: str,
    upwards: str,
    key: str,
    kind: Width,
) -> str:
    width, is_wide = WIDTHS[kind], kind == "wide"
    height, left, top, right = (320, 56, 30, 150) if is_wide else (300, 46, 30, _PAD)
    levels = [level for level, _ in lines]
    xs = ticks(min(x for x, _ in points), max(x for x, _ in points), 8 if is_wide else 4)
    ys = ticks(min([0.0, *levels, *(y for _, y in points)]), max([0.0, *levels, *(y for _, y in points)]), 6)
    x, y = _scale(xs[0], xs[-1], left, width - right), _scale(ys[0], ys[-1], height - 44, top)

    def parts() -> Iterator[str]:
        yield _text(0, 14, upwards, "p-tick")
        for tick in ys:
            yield _path(f"M{left} {_px(y(tick))}H{width - right}", "p-zero" if tick == 0 else "p-grid")
            yield _text(left - 8, y(tick) + 4, _figure(tick), "p-tick", "end")
        for tick in xs:
            yield _text(x(tick), height - 24, _figure(tick), "p-tick", "middle")
        yield _text(width - right, height - 6, across, "p-tick", "end")
        for level, name in lines:
            yield _path(f"M{left} {_px(y(level))}H{width - right}", "p-level")
            if is_wide:
                yield _text(width - right + 8, y(level) + 4, name, "p-label")
            else:
                yield _text(width - right, y(level) - 5, name, "p-label p-on", "end")
        for across_, up in points:
            yield _dot(x(across_), y(up), "published")

    return _svg(parts(), width, height, title, key, kind)


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    return lambda value: start + (value - low) / ((high - low) or 1) * (end - start)


def _svg(parts: Iterator[str], width: int, height: float, title: str, key: str, kind: Width) -> str:
    return (
        f'<svg class="plot plot-{kind}" viewBox="0 0 {width} {_px(height)}" width="{width}" height="{_px(height)}" '
        f'role="img" aria-labelledby="pt-{_escape(key)}"><title id="pt-{_escape(key)}">{_escape(title)}</title>'
        f'<g aria-hidden="true">{"".join(parts)}</g></svg>'
    )


def _file(parts: Iterable[str], width: int, height: float, title: str) -> str:
    """A picture that stands alone: its title is drawn above it, and its styles come along."""
    tall = height + _TITLE_HEIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {-_TITLE_HEIGHT} {width} {_px(tall)}" width="{width}" '
        f'height="{_px(tall)}" role="img"><title>{_escape(title)}</title><style>{FILE_CSS}</style>'
        f"{_text(0, 18 - _TITLE_HEIGHT, title, 'p-own')}{''.join(parts)}</svg>"
    )


def _dot(x: float, y: float, kind: str) -> str:
    if kind == "own":
        return _path(f"M{_px(x - 5)} {_px(y - 5)}h10v10h-10z", "p-square")
    return f'<circle cx="{_px(x)}" cy="{_px(y)}" r="4.5" class="{"p-hollow" if kind == "placebo" else "p-dot"}"/>'


def _path(d: str, css: str) -> str:
    return f'<path d="{d}" class="{css}"/>'


def _text(x: float, y: float, text: str, css: str, anchor: str = "") -> str:
    where = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{_px(x)}" y="{_px(y)}" class="{css}"{where}>{_escape(text)}</text>'


def _figure(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _px(value: float) -> str:
    return f"{round(value, 1):g}"


def _escape(text: str) -> str:
    return html.escape(text.translate(_UNPRINTABLE))
