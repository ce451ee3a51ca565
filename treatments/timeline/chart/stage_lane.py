"""The stage lane: a dot for each grading, a step where the stage changed, dots where none was made."""

from __future__ import annotations

from dataclasses import dataclass

from treatments.timeline.chart.label_placement import Placed
from treatments.timeline.chart.svg_canvas import CLEAR, Sheet, px
from treatments.timeline.chart.text import NOTED_AFTER_DAYS, stage_change
from treatments.timeline.chart.text_metrics import Box, Place, Words, text_width
from treatments.timeline.chart.time_scale import month_name
from treatments.timeline.chart.types import ChartCourse, StagePoint

AT_THE_LINE = 32  # px from the line of today, within which a label may stand behind it
NEAR = 16  # px; nearer than this, no gap is worth a line
CROWD = 8  # with more changes than this, changes of pattern alone are not written out


@dataclass(frozen=True, slots=True)
class _Grading:
    """A grading at its place; `change` is in words, "" for the first and for an unchanged stage."""

    stage: StagePoint
    x: float
    y: float
    change: str
    is_news: bool
    is_step: bool


def draw_stage(sheet: Sheet, course: ChartCourse, top: float) -> float:
    """Gives the y below the lane. More loss stands higher, so that improvement steps down."""
    stages = sorted(course.stages, key=lambda s: s.day)
    levels = _levels(stages)
    ticks = _tick_labels(stages, levels)
    narrow = sheet.form.narrow
    widest = 0 if narrow else max((text_width(t, strong=True) for t in ticks.values()), default=0)
    begins, words_end = sheet.lane(top, "Stage", [course.stage_scale_label], widest)
    rows = max(levels, default=0) + 1
    height = 18 if rows <= 4 else 14
    ys = {row: begins + (22 if narrow else 26) + height * (row + 1) for row in range(-1, rows + 1)}
    for y in ys.values():
        sheet.path(f"M{sheet.form.left} {px(y)}H{sheet.form.right}", "c-guide")
    if not stages:
        _say_not_graded(sheet, course, ys[0])
        return sheet.close(ys[rows] + 12, words_end)
    if not narrow:
        for level, label in ticks.items():
            on = " on" if level == levels[-1] else ""
            sheet.text(sheet.form.left - 10, ys[level] + 4, label, f"c-tick{on}", "end")
    gradings = [
        _Grading(
            stage=stage,
            x=sheet.axis.x(stage.day),
            y=ys[level],
            change=stage_change(before, stage) if before else "",
            is_news=before is None or before.code != stage.code,
            is_step=before is None or before.rank != stage.rank,
        )
        for before, stage, level in zip([None, *stages], stages, levels, strict=False)
    ]
    _draw_steps(sheet, course, gradings)
    _draw_dots(sheet, gradings)
    _label_gradings(sheet, gradings, set() if narrow else set(ticks.values()))
    _say_ungraded(sheet, course, gradings)
    return sheet.close(ys[rows] + 12, words_end)


def _levels(stages: list[StagePoint]) -> list[int]:
    """The row of each grading, 0 on top. Stages without a rank share one row."""
    known = [s.rank for s in stages if s.rank is not None]
    if len(known) < len(stages):
        return [0] * len(stages)
    return [max(known) - rank for rank in known]


def _tick_labels(stages: list[StagePoint], levels: list[int]) -> dict[int, str]:
    """Labels of the rows that hold one stage only; the others are named mark by mark."""
    found: dict[int, set[str]] = {}
    for stage, level in zip(stages, levels, strict=True):
        found.setdefault(level, set()).add(stage.label)
    return {level: min(labels) for level, labels in found.items() if len(labels) == 1}


def _say_not_graded(sheet: Sheet, course: ChartCourse, y: float) -> None:
    first, last = sheet.axis.x(course.baseline), sheet.axis.x(course.reached)
    if last > first:
        sheet.path(f"M{px(first)} {px(y)}H{px(last)}", "c-unknown")
    sheet.say(first + 14, y + 4, "not graded")


def _draw_steps(sheet: Sheet, course: ChartCourse, gradings: list[_Grading]) -> None:
    first, last = gradings[0], gradings[-1]
    start, until = sheet.axis.x(course.baseline), sheet.axis.x(course.reached)
    if first.x - start > NEAR:
        sheet.path(f"M{px(start)} {px(first.y)}H{px(first.x - 10)}", "c-unknown")
    steps = ""
    for before, after in zip(gradings, gradings[1:], strict=False):
        steps += f"H{px(after.x)}" + (f"V{px(after.y)}" if after.y != before.y else "")
        sheet.take(Box(before.x, before.y - 2, after.x, before.y + 2))
        sheet.take(Box(after.x - 2, min(before.y, after.y), after.x + 2, max(before.y, after.y)))
    if steps:
        sheet.path(f"M{px(first.x)} {px(first.y)}{steps}", "c-step", ' fill="none"')
    if until - last.x > NEAR:
        sheet.path(f"M{px(last.x + 12)} {px(last.y)}H{px(until)}", "c-carried")
        sheet.take(Box(last.x, last.y - 2, until, last.y + 2))


def _draw_dots(sheet: Sheet, gradings: list[_Grading]) -> None:
    """Large where the stage was new, small where it was found again; small ones that touch are
    left out."""
    news: list[tuple[float, float]] = []
    again: list[tuple[float, float]] = []
    drawn = float("-inf")
    is_crowded = sum(g.is_news for g in gradings) > CROWD
    for grading in gradings:
        is_large = grading.is_step if is_crowded else grading.is_news
        if is_large or grading.x - drawn >= 10:
            (news if is_large else again).append((grading.x, grading.y))
            sheet.take(Box(grading.x - 6, grading.y - 6, grading.x + 6, grading.y + 6))
            drawn = grading.x
    sheet.points(again, 7, "c-points")
    sheet.points(news, 12 if not is_crowded else 10, "c-points")


def _label_gradings(sheet: Sheet, gradings: list[_Grading], ticked: set[str]) -> None:
    """Names what no tick names, and says at each change which way it went; the latest first."""
    is_crowded = sum(g.is_news for g in gradings) > CROWD
    for grading in reversed(gradings):
        is_last = grading is gradings[-1] and is_crowded
        if not (grading.is_step or is_last or (grading.is_news and not is_crowded)):
            continue
        name = "" if grading.stage.label in ticked else grading.stage.label
        named = [[Words(name, "c-val", 13, tail=grading.change)], [Words(name, "c-val", 13)]]
        unnamed = [[Words(grading.change)]] if grading.change else []
        _label(sheet, grading, named if name else unnamed)


def _label(sheet: Sheet, grading: _Grading, variants: list[list[Words]]) -> None:
    x, y = grading.x, grading.y
    places: list[Place] = [(x + 9 if grading.change else x - 4, y - 10, "start"), (x + 9, y + 19, "start")]
    places += [(x + 6, y - 11, "end"), (x + 6, y + 19, "end"), (x - 9, y + 4, "end"), (x - 9, y + 19, "end")]
    if sheet.today and sheet.today.right - x < AT_THE_LINE:
        behind = max(x + 9, sheet.today.right + CLEAR)
        places += [(behind, y + 4, "start"), (behind, y - 10, "start"), (behind, y + 19, "start")]
    if variants and sheet.write_where_free(variants, places) is None:
        sheet.left_out += 1


def _say_ungraded(sheet: Sheet, course: ChartCourse, gradings: list[_Grading]) -> None:
    first, last = gradings[0], gradings[-1]
    start = sheet.axis.x(course.baseline)
    if first.x - start > NEAR:
        month = month_name(course.baseline, first.stage.day)
        _say_on_line(sheet, ("not graded", f"before {month}"), (start, first.x - 10), first.y)
    if (course.reached - last.stage.day).days > NOTED_AFTER_DAYS:
        month = month_name(course.baseline, last.stage.day)
        until = sheet.axis.x(course.reached)
        words = ("not regraded", f"since {month}")
        _say_on_line(sheet, words, (last.x + 12, until), last.y)


def _say_on_line(sheet: Sheet, parts: tuple[str, str], between: tuple[float, float], y: float) -> None:
    """Both parts on the dotted line if it has room, else the second below the first; where there is none for the
    first either, behind the end of the line, or below it."""
    left, right = between
    middle, room = (left + right) / 2, right - left - 8
    if right - left < 2 * NEAR:
        return
    told = " ".join(parts)
    if text_width(told) <= room:
        sheet.write(Placed([Words(told)], (middle, y + 4, "middle")))
    elif text_width(parts[0]) <= room:
        sheet.write(Placed([Words(parts[0])], (middle, y + 4, "middle")))
        sheet.write_where_free([[Words(parts[1])]], [(middle, y + 20, "middle")])
    else:
        behind = right + 2 * CLEAR
        places: list[Place] = [(behind, y + 4, "start"), (right - CLEAR, y + 19, "end"), (behind, y + 19, "start")]
        if sheet.write_where_free([[Words(told)], [Words(parts[0])]], places) is None:
            sheet.left_out += 1
