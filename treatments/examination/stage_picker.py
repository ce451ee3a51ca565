"""Choosing a stage from drawings: one group of radio buttons over all scales, so that it needs no script.

A choice is "scale:stage", or "none" for a visit at which nobody graded. BASP and Savin add parts of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from treatments.assessments.scales import basp, catalogue
from treatments.assessments.scales.catalogue import BASP, SAVIN, SCALES, Grading, Scale, Stage

NOT_GRADED = "none"
_ANTERIOR = "anterior"


def choices() -> list[tuple[str, str]]:
    graded = [
        (f"{s.code}:{stage.code}", f"{s.short_name}, {stage.label}") for s in SCALES.values() for stage in s.stages
    ]
    return [(NOT_GRADED, "Not graded this time"), *graded]


def read(grade: str, *, basp_vertex: str = "", basp_frontal: str = "", savin_frontal: bool = False) -> Grading | None:
    """The grading that was picked, None when nobody graded. Raises ValueError for a stage its scale has not."""
    if grade == NOT_GRADED:
        return None
    scale, _, stage = grade.partition(":")
    if scale == BASP.code:
        stage += basp_vertex + basp_frontal
    elif scale == SAVIN.code and savin_frontal:
        stage += f"+{SAVIN.modifiers[0].code}"
    return Grading(scale, catalogue.normalise(scale, stage))


def spell(scale: str, stage: str) -> dict[str, Any]:
    """The values of the picker's fields that show this grading; the opposite of `read`."""
    if not stage:
        return {"grade": NOT_GRADED}
    if scale == BASP.code:
        grade = basp.parse(stage)
        return {"grade": f"{scale}:{grade.basic}", "basp_vertex": grade.vertex, "basp_frontal": grade.frontal}
    base, _, modifier = stage.partition("+")
    return {"grade": f"{scale}:{base}", "savin_frontal": bool(modifier)}


@dataclass(frozen=True)
class Card:
    """A stage with its radio button."""

    option: Any
    stage: Stage


@dataclass
class Panel:
    """One scale's cards. `variants` are Norwood's type A; `is_first` scales are shown without being asked for."""

    scale: Scale
    is_first: bool
    is_unusual: bool
    is_chosen: bool
    cards: list[Card] = field(default_factory=list)
    variants: list[Card] = field(default_factory=list)

    @property
    def is_basp(self) -> bool:
        return self.scale is BASP

    @property
    def has_one_view(self) -> bool:
        """Whether its cards may be narrow: one drawing, or none."""
        return all(len(stage.drawings) < 2 for stage in self.scale.stages)

    @property
    def is_savin(self) -> bool:
        return self.scale is SAVIN


def panels(bound: Any, *, sex: str) -> list[Panel]:
    """The scales for this sex, those to offer first before those also allowed, then all others."""
    options = {str(option.data["value"]): option for option in bound}
    chosen = str(bound.value() or "").partition(":")[0]
    found = []
    for scale, is_first in _in_order(sex):
        unusual = catalogue.unusual_for(scale.code, sex)
        found.append(_dealt(Panel(scale, is_first, unusual, scale.code == chosen), options))
    return found


def _in_order(sex: str) -> Iterator[tuple[Scale, bool]]:
    first, also = catalogue.offered_for(sex)
    yield from ((scale, True) for scale in first)
    yield from ((scale, False) for scale in also)
    # A man may show a female pattern: unusual is asked about, never withheld (rule 5).
    yield from ((scale, False) for scale in SCALES.values() if scale not in first + also)


def _dealt(panel: Panel, options: dict[str, Any]) -> Panel:
    for stage in panel.scale.stages:
        card = Card(options[f"{panel.scale.code}:{stage.code}"], stage)
        (panel.variants if stage.pattern == _ANTERIOR else panel.cards).append(card)
    return panel
