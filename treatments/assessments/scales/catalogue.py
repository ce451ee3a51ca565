"""The staging scales the clinic may use, for whom, and what a change on one of them means.

A grade is always a scale and a code together: "III" alone is a step of four different scales.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from treatments.assessments.scales import basp
from treatments.assessments.scales.basp import BASP
from treatments.assessments.scales.female import LUDWIG, OLSEN, SAVIN, SINCLAIR, SINCLAIR_MEN
from treatments.assessments.scales.norwood import NORWOOD
from treatments.assessments.scales.stages import Scale, Stage

SCALES: dict[str, Scale] = {s.code: s for s in (NORWOOD, LUDWIG, SINCLAIR, SINCLAIR_MEN, SAVIN, OLSEN, BASP)}

SCALE_CHOICES: list[tuple[str, str]] = [(s.code, s.name) for s in SCALES.values()]


class Grading(NamedTuple):
    """A scale code and a stage code of that scale."""

    scale: str
    stage: str


class Change(Enum):
    NOT_COMPARABLE = "not_comparable"
    UNCHANGED = "unchanged"
    IMPROVED = "improved"
    WORSENED = "worsened"
    PATTERN_CHANGED = "pattern_changed"


_CHANGE_LABELS: dict[Change, str] = {
    Change.NOT_COMPARABLE: "Not comparable: different scales",
    Change.UNCHANGED: "Unchanged",
    Change.IMPROVED: "Improved",
    Change.WORSENED: "Worsened",
    Change.PATTERN_CHANGED: "Pattern changed, neither better nor worse",
}


def change_label(change: Change) -> str:
    return _CHANGE_LABELS[change]


def scale(code: str) -> Scale:
    """Raises ValueError for an unknown scale."""
    try:
        return SCALES[code]
    except KeyError:
        names = ", ".join(s.name for s in SCALES.values())
        raise ValueError(f"There is no scale “{code}”. Choose one of: {names}.") from None


def normalise(scale_code: str, code: str) -> str:
    """The stored spelling of a stage code. Raises ValueError if the scale has no such stage."""
    return stage(scale_code, code).code


def stage(scale_code: str, code: str) -> Stage:
    """The stage of a scale; for BASP any valid combination, for Savin with "+FRONTAL" if wanted.

    Raises ValueError when the code belongs to another scale or to none (rule 4).
    """
    chosen = scale(scale_code)
    if chosen is BASP:
        return basp.stage(code)
    try:
        return chosen.by_code[code.strip()]
    except KeyError:
        known = ", ".join(s.code for s in chosen.stages)
        raise ValueError(f"“{code}” is not a stage of {chosen.name}. Its stages are: {known}.") from None


def offered_for(sex: str) -> tuple[tuple[Scale, ...], tuple[Scale, ...]]:
    """Scales to offer first, and scales also to allow, for the sex recorded for clinical use."""
    if sex == "male":
        return (NORWOOD,), (BASP, SINCLAIR_MEN)
    if sex == "female":
        return (SINCLAIR, LUDWIG), (SAVIN, OLSEN, BASP, NORWOOD)
    return (BASP,), tuple(s for s in SCALES.values() if s is not BASP)


def unusual_for(scale_code: str, sex: str) -> bool:
    """Whether the scale was made for the other sex: worth a question, never a refusal.

    Men can show a female pattern and women a male one.
    """
    return sex in {"male", "female"} and sex not in scale(scale_code).usual_for


def compare_basp(earlier: str, later: str) -> dict[str, Change]:
    """Change of the "basic", "vertex" and "frontal" parts, each for itself.

    Raises ValueError when either text is not a BASP grade.
    """
    before, after = basp.parse(earlier), basp.parse(later)
    changes = {
        part: _by_rank(old, new)
        for part, old, new in zip(("basic", "vertex", "frontal"), before.levels, after.levels, strict=True)
    }
    if before.basic[0] != after.basic[0]:
        changes["basic"] = Change.PATTERN_CHANGED
    return changes


def _by_rank(before: int, after: int) -> Change:
    if after < before:
        return Change.IMPROVED
    return Change.WORSENED if after > before else Change.UNCHANGED


def compare(earlier: Grading | tuple[str, str], later: Grading | tuple[str, str]) -> Change:
    """What changed between two gradings, each a (scale code, stage code) pair.

    Two stages of the same rank differ in pattern only: III to III vertex is neither progress nor
    relapse (rule 7). BASP has no total: parts that move in opposite directions, or another
    hairline type, are a change of pattern. Raises ValueError for unknown scales or stages.
    """
    (scale_before, code_before), (scale_after, code_after) = earlier, later
    before, after = stage(scale_before, code_before), stage(scale_after, code_after)
    if scale_before != scale_after:
        return Change.NOT_COMPARABLE
    if before.code == after.code:
        return Change.UNCHANGED
    if before.rank is None or after.rank is None:
        moved = set(compare_basp(before.code, after.code).values()) - {Change.UNCHANGED}
        return moved.pop() if len(moved) == 1 else Change.PATTERN_CHANGED
    if before.rank == after.rank:
        return Change.PATTERN_CHANGED
    return _by_rank(before.rank, after.rank)
