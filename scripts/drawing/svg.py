"""The one way an SVG file is written: title and description inside, no style attribute, right when opened alone.

Line work is currentColor. `hair` and `scalp` are the classes a page may fill; ink is the colour where no page sets one.
"""

from __future__ import annotations

from typing import NamedTuple

from .curves import Run, path

INK = "#16211f"
PEN = 'stroke="currentColor" stroke-width="15" stroke-linecap="round" stroke-linejoin="round"'
SCALP = f'class="scalp" fill="currentColor" fill-opacity=".08" {PEN}'
LINE = f'fill="none" {PEN}'
FINE = 'fill="none" stroke="currentColor" stroke-width="9" stroke-linecap="round" stroke-dasharray="0 30"'
HAIR = 'class="hair" fill="currentColor" fill-rule="evenodd"'


class Drawing(NamedTuple):
    """One file: its stem and its whole text."""

    name: str
    text: str


def drawing(
    name: str, title: str, description: str, body: str, box: str = "0 0 1200 1200", role: str = "img"
) -> Drawing:
    """`body` in tenths of a unit."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" color="{INK}" role="{role}">'
    return Drawing(name, f"{head}<title>{title}</title><desc>{description}</desc>\n{body}\n</svg>\n")


def pen(*runs: Run) -> str:
    """Path data of open lines."""
    return "".join(path(r, closed=False) for r in runs)


def figure(outline: str, detail: str, hair: str, loose: str = "", reference: str = "") -> str:
    """A head: scalp, line work, a dotted reference line that only bare scalp lets through, hair, loose hairs."""
    parts = [f'<path {SCALP} d="{outline}"/>']
    if detail:
        parts.append(f'<path {LINE} d="{detail}"/>')
    if reference:
        parts.append(f'<path {FINE} d="{reference}"/>')
    parts.append(f'<path {HAIR} d="{hair}"/>')
    if loose:
        parts.append(f'<path {HAIR} d="{loose}"/>')
    return "\n".join(parts)
