"""What a staging scale is made of. No Django: plain, frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of one scale.

    `rank` orders the steps of a scale and is never averaged; None where the scale has no single
    order (BASP) or the entry is a modifier. `pattern` tells apart steps of the same rank.
    `drawing` is the stem of its picture, `drawings` the stems of the files that show it.
    """

    code: str
    label: str
    definition: str
    rank: int | None = None
    pattern: str = ""
    drawing: str | None = None
    drawing_views: tuple[str, ...] = ()

    @property
    def drawings(self) -> tuple[str, ...]:
        if self.drawing is None:
            return ()
        if not self.drawing_views:
            return (self.drawing,)
        return tuple(f"{self.drawing}-{view}" for view in self.drawing_views)

    def with_modifier(self, modifier: Stage) -> Stage:
        """The stage with what the modifier adds: "II-1+FRONTAL"."""
        return replace(
            self,
            code=f"{self.code}+{modifier.code}",
            label=f"{self.label}, {modifier.label}",
            definition=f"{self.definition} {modifier.definition}",
            pattern=modifier.code.lower(),
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """A published scale in one version; the year in its code keeps versions apart.

    `usual_for` holds the sexes the scale was made for; another pairing is unusual, not wrong.
    `modifiers` may be added to a stage ("II-1+FRONTAL") and change no rank. `by_code` has the stages with and without.
    """

    code: str
    name: str
    short_name: str
    version: str
    stages: tuple[Stage, ...]
    usual_for: frozenset[str]
    source: str
    modifiers: tuple[Stage, ...] = ()
    by_code: dict[str, Stage] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        modified = [stage.with_modifier(modifier) for stage in self.stages for modifier in self.modifiers]
        object.__setattr__(self, "by_code", {stage.code: stage for stage in (*self.stages, *modified)})

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(stage.code, stage.label) for stage in self.stages]
