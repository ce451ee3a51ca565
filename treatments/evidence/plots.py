"""Small drawings of numbers and their intervals, as escaped SVG in two widths; a table beside says the same. No Django.

Nothing carries a style attribute; what a mark looks like is said by its class (static/css/plots.css).
"""

import html
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Width = Literal["wide", "narrow"]
Kind = Literal["published", "placebo", "own"]
WIDTHS: Final[dict[Width, int]] = {"wide": 720, "narrow": 342}
_UNPRINTABLE: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF))
_ROW, _TICKS, _PAD = 30, 26, 14
FILE_CSS: Final = (
    "text{font:13px Inter,system-ui,sans-serif;fill:#414d4a}.p-own{fill:#16211f;font-weight:600}.p-tick{font-size:12px}"
    ".p-grid{stroke:#c9cfc9;fill:none}.p-zero{stroke:#7b8683;fill:none}.p-bar{stroke:#2a8582;stroke-width:1.5;fill:none}"
    ".p-bar-placebo{stroke:#7b8683}.p-bar-own{stroke:#16211f}.p-dot{fill:#0b5757}"
    ".p-hollow{fill:#fff;stroke:#414d4a;stroke-width:2}.p-square{fill:#16211f}"
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


def dot_panel(rows: Sequence[DotRow], *, title: str, unit: str, key: str) -> str:
    """Dots and intervals under one another on one scale that holds 0; "" without rows. `key` keeps ids apart."""
    return "".join(_dots(rows, title, unit, f"{key}-{kind}", kind) for kind in WIDTHS) if rows else ""


def dot_picture(rows: Sequence[DotRow], *, title: str, unit: str, key: str) -> str:
    """The same at its wider width as a file of its own, which brings its styles along."""
    drawn = _dots(rows, title, unit, key, "wide")
    return drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(
        "</title>", f"</title><style>{FILE_CSS}</style>", 1
    )


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


def _dots(rows: Sequence[DotRow], title: str, unit: str, key: str, kind: Width) -> str:
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

    return _svg(parts(), width, bottom + 6, f"{title}, {unit}", key, kind)


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
