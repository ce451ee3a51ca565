"""BASP: a basic hairline type and up to two specific types, for both sexes (Lee et al. 2007).

Written "M2V1F1". The parts are compared one by one; there is no total. The modified BASP of 2019
has five F grades and is another scale, not offered here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from treatments.assessments.scales.stages import Scale, Stage
from treatments.records.formatting import uncapitalised

BASIC: dict[str, str] = {
    "L": "Linear front hairline, no recession",
    "M0": "M-shaped hairline, no recession yet",
    "M1": "Temples set back, first grade",
    "M2": "Temples set back, second grade",
    "M3": "Temples set back, third grade",
    "C0": "C-shaped hairline, no recession yet",
    "C1": "Midline set back as much as the temples or more, first grade",
    "C2": "Midline set back as much as the temples or more, second grade",
    "C3": "Midline set back as much as the temples or more, third grade",
    "U1": "Horseshoe, hairline behind the vertex, first grade",
    "U2": "Horseshoe, hairline behind the vertex, second grade",
    "U3": "Horseshoe, hairline behind the vertex, third grade",
}
VERTEX_LOSS: dict[str, str] = {
    "V1": "Density loss around the vertex, first grade",
    "V2": "Density loss around the vertex, second grade",
    "V3": "Density loss around the vertex, third grade",
}
FRONTAL_LOSS: dict[str, str] = {
    "F1": "Density loss over the whole top, first grade",
    "F2": "Density loss over the whole top, second grade",
    "F3": "Density loss over the whole top, third grade",
}

PATTERN = re.compile(r"(L|M[0-3]|C[0-3]|U[1-3])(?:(V[1-3])(F[1-3])?|(F[1-3])(V[1-3])?)?")


@dataclass(frozen=True, slots=True)
class Basp:
    """One BASP grading in its parts; `vertex` and `frontal` are empty when absent."""

    basic: str
    vertex: str = ""
    frontal: str = ""

    def __str__(self) -> str:
        return self.basic + self.vertex + self.frontal

    @property
    def levels(self) -> tuple[int, int, int]:
        """Grades of the basic, V and F parts; 0 for L and for an absent part."""
        return tuple(  # type: ignore[return-value]
            int(part[1:] or 0) for part in (self.basic, self.vertex, self.frontal)
        )

    @property
    def definition(self) -> str:
        specific = [VERTEX_LOSS.get(self.vertex, ""), FRONTAL_LOSS.get(self.frontal, "")]
        return "; ".join([BASIC[self.basic], *(uncapitalised(part) for part in specific if part)]) + "."


def parse(text: str) -> Basp:
    """Read "m2 f1 v1" as M2V1F1: any case, spaces allowed, F and V in either order.

    Raises ValueError when the text is not one basic type with at most one V and one F.
    """
    match = PATTERN.fullmatch("".join(text.split()).upper())
    if match is None:
        raise ValueError(
            f"“{text.strip()}” is not a BASP grade. Write one basic type (L, M0 to M3, C0 to C3, "
            "U1 to U3), then V1 to V3 and F1 to F3 if present, for example M2V1F1."
        )
    basic, v_first, f_second, f_first, v_second = match.groups()
    return Basp(basic, v_first or v_second or "", f_second or f_first or "")


def normalise(text: str) -> str:
    """The stored spelling: basic, V, F. Raises ValueError as `parse` does."""
    return str(parse(text))


def stage(text: str) -> Stage:
    """A stage for any valid combination. Raises ValueError as `parse` does."""
    grade = parse(text)
    return Stage(str(grade), f"BASP {grade}", grade.definition, pattern=grade.basic[0])


BASP = Scale(
    code="basp_2007",
    name="BASP",
    short_name="BASP",
    version="BASP 2007",
    source="Lee WS et al. J Am Acad Dermatol 2007",
    usual_for=frozenset({"male", "female"}),
    stages=tuple(Stage(c, f"BASP {c}", f"{d}.", pattern=c[0]) for c, d in BASIC.items()),
)
