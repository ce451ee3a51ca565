"""The stage lane: a dot for each grading, a step where the stage changed, dots where none was made."""

from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter

from treatments.timeline.chart.canvas import Canvas, Place, px
from treatments.timeline.chart.labels import Label, Line, two_rows
from treatments.timeline.chart.text import is_regraded, month_of, on_scale, stage_change
from treatments.timeline.chart.types import ChartCourse, StagePoint

NEAR = 32  # px; of a shorter gap nothing is written
DOT = 9  # px from the middle of a dot to a leader, and to dots that stand for a gap
STEP = 18  # px from one level to the next

Gap = tuple[float, float]


def draw_stage(canvas: Canvas, course: ChartCourse, top: float) -> int:
    """A lane for each scale that was graded on. Gives the y below them."""
    bottom = _draw_scale(canvas, course, top)
    for graded in course.other_scales:
        bottom = _draw_scale(canvas, on_scale(course, graded), bottom)
    return bottom


def _draw_scale(canvas: Canvas, course: ChartCourse, top: float) -> int:
    """Gives the y below the lane. More loss stands higher, so that improvement steps down."""
    start, reached = canvas.axis.x(course.baseline), canvas.axis.x(course.reached)
    if not course.stages:
        end = canvas.empty_lane(top, "Stage", "not graded", [course.stage_scale_label])
        _draw_gap(canvas, (start, reached), end - 8, "c-unknown")
        return end
    begins = canvas.open_lane(top, "Stage", [course.stage_scale_label])
    xs = canvas.xs(course.stages)
    before, after = (start, xs[0] - DOT), (xs[-1] + DOT, reached)
    stages = _stage_labels(course.stages, xs)
    labels = [*_label_before(course, before), *stages, *_label_after(course, after)]
    rows = two_rows(labels, canvas.bounds)
    ys = _heights(course.stages, canvas.labels(rows[0], begins) + 14)
    bottom = max(ys)
    canvas.marks(f"M{{x:g}} {{y:g}}H{canvas.form.right}", [(canvas.form.left, y) for y in sorted(set(ys))], "c-guide")
    canvas.leaders(rows, (begins, bottom + 6), lambda n: (min(ys[max(0, n - 1) : n + 1]) - DOT, ys[n] + DOT))
    _draw_gap(canvas, before, ys[0], "c-unknown")
    _draw_gap(canvas, after, ys[-1], "c-carried")
    _draw_gradings(canvas, list(zip(xs, ys, strict=True)), set(map(attrgetter("number"), stages)))
    below = canvas.labels(rows[1], bottom + 6)
    return canvas.close_lane(max(below, bottom + 16), len(labels) - len(rows[0]) - len(rows[1]))


def _stage_labels(stages: Sequence[StagePoint], xs: Sequence[float]) -> list[Label]:
    """Names each stage where it was new, and says which way it went."""
    labels = [Label.of(xs[0], [stages[0].label], "c-val", 0)]
    for number, (before, after) in enumerate(pairwise(stages), start=1):
        if change := stage_change(before, after):
            labels.append(Label(xs[number], [Line(after.label, "c-val"), Line(change)], number))
    return labels


def _label_before(course: ChartCourse, gap: Gap) -> list[Label]:
    texts = "not graded", f"before {month_of(course, course.stages[0].day)}"
    return [Label.of(sum(gap) / 2, texts, number=0)] if gap[1] - gap[0] > NEAR else []


def _label_after(course: ChartCourse, gap: Gap) -> list[Label]:
    if is_regraded(course) or gap[1] - gap[0] <= NEAR:
        return []
    texts = "not regraded", f"since {month_of(course, course.stages[-1].day)}"
    return [Label.of(sum(gap) / 2, texts, number=len(course.stages) - 1)]


def _heights(stages: Sequence[StagePoint], head: float) -> list[float]:
    """The y of each grading. Stages without a rank share one."""
    ranks = [stage.rank for stage in stages if stage.rank is not None]
    if len(ranks) < len(stages):
        return [head] * len(stages)
    return [head + STEP * (max(ranks) - rank) for rank in ranks]


def _draw_gap(canvas: Canvas, gap: Gap, y: float, css: str) -> None:
    if gap[1] - gap[0] > DOT:
        canvas.path(f"M{px(gap[0])} {px(y)}H{px(gap[1])}", css)


def _draw_gradings(canvas: Canvas, places: Sequence[Place], new: set[int]) -> None:
    """Dots are large where the stage was new, small where it was found again."""
    (x, y), *later = places
    canvas.path(f"M{px(x)} {px(y)}" + "".join(f"H{px(x)}V{px(y)}" for x, y in later), "c-step")
    canvas.points([place for number, place in enumerate(places) if number not in new], 7)
    canvas.points([place for number, place in enumerate(places) if number in new], 12)
