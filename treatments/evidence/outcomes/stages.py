"""How stages moved from the baseline to a Month: a table of patients, never a mean of ranks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from treatments.assessments.outcomes.models import GRADED
from treatments.assessments.outcomes.vocabulary import MONTHS
from treatments.assessments.scales.catalogue import Change, compare, scale
from treatments.evidence.outcomes.cohort import Cohort


@dataclass(frozen=True)
class Cell:
    stage: str
    n: int
    change: Change


@dataclass(frozen=True)
class StageTable:
    """One scale at one Month: a row for each stage at baseline, a column for each stage then, in the scale's order."""

    code: str
    scale: str
    columns: list[tuple[str, str]]
    rows: list[tuple[str, str, list[Cell], int]]
    better: int
    same: int
    worse: int
    other_pattern: int

    @property
    def n(self) -> int:
        return self.better + self.same + self.worse + self.other_pattern


@dataclass(frozen=True)
class StageMoves:
    """Of those due at one Month."""

    month: int
    tables: list[StageTable]
    other_scale: int
    """Graded, but on another scale than at baseline: stages of two scales say nothing of each other."""


def stage_moves(cohort: Cohort) -> list[StageMoves]:
    """Two queries."""
    due = cohort.at(None).due().order_by()
    graded = due.filter(GRADED).values("month", "scale", "baseline_stage", "stage").annotate(n=Count("*"))
    moves: dict[int, dict[str, dict[tuple[str, str], int]]] = {month: {} for month in MONTHS}
    for row in graded:
        moves[row["month"]].setdefault(row["scale"], {})[row["baseline_stage"], row["stage"]] = row["n"]
    others = due.filter(has_other_scale=True).values("month").annotate(n=Count("*"))
    other_scale = {row["month"]: row["n"] for row in others}
    return [
        StageMoves(month, [_table(code, cells) for code, cells in sorted(by_scale.items())], other_scale.get(month, 0))
        for month, by_scale in moves.items()
    ]


def _table(code: str, counts: dict[tuple[str, str], int]) -> StageTable:
    before, after = _in_order(code, (b for b, _ in counts)), _in_order(code, (a for _, a in counts))
    changes = {
        pair: compare((code, pair[0]), (code, pair[1])) for pair in ((b, a) for b, _ in before for a, _ in after)
    }
    rows = []
    for stage, name in before:
        cells = [Cell(column, counts.get((stage, column), 0), changes[stage, column]) for column, _ in after]
        rows.append((stage, name, cells, sum(cell.n for cell in cells)))
    totals: Any = {change: sum(n for pair, n in counts.items() if changes[pair] is change) for change in Change}
    return StageTable(
        code,
        scale(code).short_name,
        after,
        rows,
        better=totals[Change.IMPROVED],
        same=totals[Change.UNCHANGED],
        worse=totals[Change.WORSENED],
        other_pattern=totals[Change.PATTERN_CHANGED],
    )


def _in_order(code: str, stages: Iterable[str]) -> list[tuple[str, str]]:
    """Stages with their names, in the order of the scale; combinations of BASP by their spelling."""
    order = {stage.code: place for place, stage in enumerate(scale(code).by_code.values())}
    names = {stage.code: stage.label for stage in scale(code).by_code.values()}
    found = sorted(set(stages), key=lambda each: (order.get(each, len(order)), each))
    return [(each, names.get(each, each)) for each in found]
