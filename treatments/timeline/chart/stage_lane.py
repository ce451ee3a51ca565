"""The stage lane: a dot for each grading, a step where the stage changed, dots where none was made."""

from collections.abc import Sequence
from itertools import pairwise

from treatments.timeline.chart.canvas import Canvas, px
from treatments.timeline.chart.labels import Label, Line, two_rows
from treatments.timeline.chart.text import is_regraded, month_of, stage_change
from treatments.timeline.chart.types import ChartCourse, StagePoint

NEAR = 32  # px; of a shorter gap nothing is written
DOT = 9  # px from the middle of a dot to a leader, and to dots that stand for a gap
STEP = 18  # px from one level to the next

Gap = tuple[float, float]


def draw_stage(canvas: Canvas, course: ChartCourse, top: float) -> int:
    """Gives the y below the lane. More loss stands higher, so that improvement steps down."""
    begins = canvas.open_lane(top, "Stage", [course.stage_scale_label])
    start, reached = canvas.axis.x(course.baseline), canvas.axis.x(course.reached)
    if not course.stages:
        _draw_gap(canvas, (start, reached), begins + 14, "c-unknown")
        return canvas.close_empty_lane(begins, "not graded")
    xs = canvas.xs(course.stages)
    before, after = (start, xs[0] - DOT), (xs[-1] + DOT, reached)
    labels = _labels(course, xs, before, after)
    rows = two_rows(labels, canvas.bounds)
    ys = _heights(course.stages, canvas.labels(rows[0], begins) + 14)
    bottom = max(ys)
    canvas.marks(f"M{canvas.form.left} {{y}}H{canvas.form.right}", [(0, y) for y in sorted(set(ys))], "c-guide")
    canvas.leaders(rows, (begins, bottom + 6), lambda n: (min(ys[max(0, n - 1) : n + 1]) - DOT, ys[n] + DOT))
    _draw_gap(canvas, before, ys[0], "c-unknown")
    _draw_gap(canvas, after, ys[-1], "c-carried")
    _draw_gradings(canvas, course.stages, list(zip(xs, ys, strict=True)))
    below = canvas.labels(rows[1], bottom + 6)
    return canvas.close_lane(max(below, bottom + 16), len(labels) - len(rows[0]) - len(rows[1]))


def _labels(course: ChartCourse, xs: Sequence[float], before: Gap, after: Gap) -> list[Label]:
    """Names each stage where it was new, and says which way it went, and where nothing was graded for long."""
    stages = course.stages
    labels = [Label(xs[0], [Line(stages[0].label, "c-val")], 0)]
    for number, (earlier, stage) in enumerate(pairwise(stages), start=1):
        if change := stage_change(earlier, stage):
            labels.append(Label(xs[number], [Line(stage.label, "c-val"), Line(change)], number))
    if before[1] - before[0] > NEAR:
        labels.insert(0, _gap_label(before, "not graded", f"before {month_of(course, stages[0].day)}"))
    if after[1] - after[0] > NEAR and not is_regraded(course):
        labels.append(_gap_label(after, "not regraded", f"since {month_of(course, stages[-1].day)}"))
    return labels


def _gap_label(gap: Gap, *texts: str) -> Label:
    return Label(sum(gap) / 2, [Line(text) for text in texts])


def _heights(stages: Sequence[StagePoint], head: float) -> list[float]:
    """The y of each grading. Stages without a rank share one."""
    ranks = [stage.rank for stage in stages if stage.rank is not None]
    if len(ranks) < len(stages):
        return [head] * len(stages)
    return [head + STEP * (max(ranks) - rank) for rank in ranks]


def _draw_gap(canvas: Canvas, gap: Gap, y: float, css: str) -> None:
    if gap[1] - gap[0] > DOT:
        canvas.path(f"M{px(gap[0])} {px(y)}H{px(gap[1])}", css)


def _draw_gradings(canvas: Canvas, stages: Sequence[StagePoint], places: Sequence[tuple[float, float]]) -> None:
    """Dots are large where the stage was new, small where it was found again."""
    (x, y), *later = places
    canvas.path(f"M{px(x)} {px(y)}" + "".join(f"H{px(x)}V{px(y)}" for x, y in later), "c-step")
    is_new = [True, *(before.code != after.code for before, after in pairwise(stages))]
    canvas.points([place for place, new in zip(places, is_new, strict=True) if not new], 7)
    canvas.points([place for place, new in zip(places, is_new, strict=True) if new], 12)
