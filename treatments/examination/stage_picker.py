"""Choosing a stage from drawings: one group of radio buttons over all scales, so that it needs no script.

A choice is "scale:stage", or "none" for a visit at which nobody graded. BASP and Savin add parts of their own.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField

from treatments.assessments.scales import basp, catalogue
from treatments.assessments.scales.catalogue import BASP, SAVIN, SCALES, Grading, Scale, Stage

NOT_GRADED = "none"
SAME = "same"
_ANTERIOR = "anterior"


def choices() -> list[tuple[str, str]]:
    graded = [
        (f"{s.code}:{stage.code}", f"{s.short_name}, {stage.label}") for s in SCALES.values() for stage in s.stages
    ]
    return [(NOT_GRADED, "Not graded this time"), *graded]


def same_choice(assessment_id: uuid.UUID) -> str:
    """The choice that a stage is the same as at another visit: "same:" with the id of that one."""
    return f"{SAME}:{assessment_id}"


def same_as(grade: str) -> uuid.UUID | None:
    """The visit that such a choice names; None for any other choice."""
    kind, _, visit = grade.partition(":")
    try:
        return uuid.UUID(visit) if kind == SAME else None
    except ValueError:
        return None


def grades_of(scale: Scale) -> tuple[str, ...]:
    """Every choice that is a stage of this scale."""
    return tuple(f"{scale.code}:{stage.code}" for stage in scale.stages)


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


@dataclass(frozen=True)
class Panel:
    """One scale with the cards of its stages; `is_first` scales are shown without being asked for.

    `variants` are Norwood's variants of type A, which are rare: they stand apart from the other `cards`, folded unless
    one of them is chosen.
    """

    scale: Scale
    cards: list[Card]
    variants: list[Card]
    is_first: bool
    is_unusual: bool
    is_chosen: bool

    @property
    def is_basp(self) -> bool:
        return self.scale is BASP

    @property
    def is_savin(self) -> bool:
        return self.scale is SAVIN

    @property
    def variant_chosen(self) -> bool:
        return any(card.option.data["selected"] for card in self.variants)

    @property
    def has_drawings(self) -> bool:
        return any(stage.drawings for stage in self.scale.stages)

    @property
    def has_one_view(self) -> bool:
        """Whether its cards may be narrow: one drawing, or none."""
        return all(len(stage.drawings) < 2 for stage in self.scale.stages)


def panels(field: BoundField, *, sex: str) -> list[Panel]:
    """The scales for this sex, those to offer first before those also allowed, then all others: a man may show a
    female pattern, so an unusual scale is asked about, never withheld (rule 5)."""
    options = {str(option.data["value"]): option for option in field}
    chosen = str(field.value() or "").partition(":")[0]
    first, also = catalogue.offered_for(sex)
    others = [scale for scale in SCALES.values() if scale not in first + also]
    return [
        Panel(
            scale,
            [card for card in _cards(scale, options) if card.stage.pattern != _ANTERIOR],
            [card for card in _cards(scale, options) if card.stage.pattern == _ANTERIOR],
            is_first=scale in first,
            is_unusual=catalogue.unusual_for(scale.code, sex),
            is_chosen=scale.code == chosen,
        )
        for scale in (*first, *also, *others)
    ]


def _cards(scale: Scale, options: dict[str, Any]) -> list[Card]:
    return [Card(options[f"{scale.code}:{stage.code}"], stage) for stage in scale.stages]
