"""The session lane. A solid tick is a session of the planned series, a hollow one a later session; a hatched band is
a stretch in which something is planned."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from treatments.timeline.chart.canvas import FINGER, MANY, SHARED, TARGET, Canvas, Place, px
from treatments.timeline.chart.labels import Label, Line, fit, text_width
from treatments.timeline.chart.text import amount, at_month, months_of, phase_name, volume
from treatments.timeline.chart.time_scale import cluster, rooms, spread
from treatments.timeline.chart.types import ChartCourse, PlannedWindow, SessionTick

TICK = 16  # px from the base line to the top of a tick
SOLID, HOLLOW = "M{x} {y}v16", "M{x} {y}m-2 .5h4v15h-4z"
NUMBER_GAP = 5  # px between two numbers
FIRST_PHASE = "induction"

Runs = Sequence[Sequence[SessionTick]]


def draw_sessions(canvas: Canvas, course: ChartCourse, top: float) -> int:
    """Gives the y below the lane."""
    begins = canvas.open_lane(top, "Sessions", _about(canvas, course.sessions))
    if not (course.sessions or course.planned):
        return canvas.close_empty_lane(begins, "none yet")
    base = begins + 40
    runs = [list(run) for _, run in groupby(course.sessions, key=attrgetter("phase"))]
    bands = [_band(canvas, window) for window in course.planned]
    for left, width in bands:
        canvas.hatched((left, base - TICK, width, TICK), "c-window")
    _draw_ticks(canvas, runs, base)
    _write_numbers(canvas, course.sessions, base - TICK - 7)
    _link_sessions(canvas, course, base)
    labels = _fitting(canvas, _phases(canvas, runs), _planned(canvas, course, bands))
    bottom = canvas.labels(labels, base + 2)
    return canvas.close_lane(max(bottom, base + 14), len(bands) - sum(label.number for label in labels))


def _about(canvas: Canvas, sessions: Sequence[SessionTick]) -> list[str]:
    phases = Counter(phase_name(session.phase) for session in sessions)
    if len(phases) > 1 and not canvas.form.narrow:
        return [*(f"{number} {phase}" for phase, number in phases.items()), volume(sessions)]
    return [f"{len(sessions)}, {volume(sessions)}"] if sessions else []


def _band(canvas: Canvas, window: PlannedWindow) -> Place:
    """Left end and width of a planned stretch, at least 8 px wide."""
    left, right = canvas.axis.x(window.first), canvas.axis.x(window.last)
    width = max(8.0, right - left)
    return (left + right - width) / 2, width


def _draw_ticks(canvas: Canvas, runs: Runs, base: float) -> None:
    """Sessions of one phase that follow each other stand on a line, unless there are many."""
    ticks: dict[bool, list[Place]] = {True: [], False: []}
    lines = ""
    for run in runs:
        xs = canvas.xs(run)
        ticks[run[0].phase == FIRST_PHASE] += [(x, base - TICK) for x in xs]
        lines += f"M{px(xs[0])} {px(base)}H{px(xs[-1])}"
    is_crowded = len(ticks[False]) > MANY
    canvas.path("" if is_crowded else lines, "c-base")
    canvas.marks(SOLID if is_crowded else HOLLOW, ticks[False], "c-later")
    canvas.marks(SOLID, ticks[True], "c-session")


def _write_numbers(canvas: Canvas, sessions: Sequence[SessionTick], y: float) -> None:
    """As many numbers as have room, the first and the last among them."""
    xs, numbers = canvas.xs(sessions), [str(session.number) for session in sessions]
    widest = max((text_width(number, "c-val") for number in numbers), default=0)
    canvas.texts(y, "c-val", [(xs[shown], numbers[shown]) for shown in spread(xs, widest + NUMBER_GAP)])


def _link_sessions(canvas: Canvas, course: ChartCourse, base: float) -> None:
    """Neighbours that stand too close to be told apart by a finger share a link to the first of them."""
    target, most = (TARGET, FINGER) if len(course.sessions) <= MANY else (SHARED, SHARED)
    groups = cluster(course.sessions, canvas.xs(course.sessions), target)
    for group, room in zip(groups, rooms(groups, most), strict=True):
        first, last = group.items[0], group.items[-1]
        text = f"Session {first.number}, {at_month(course, first.day)}, {amount(first)}"
        if last is not first:
            numbers = f"{first.number} to {last.number}"
            text = f"Sessions {numbers}, from {at_month(course, first.day)}, {volume(group.items)}"
        canvas.link(first.url, text, (group.x - room / 2, base - 38, room, 44))


def _phases(canvas: Canvas, runs: Runs) -> list[Label]:
    middles = [sum(canvas.xs((run[0], run[-1]))) / 2 for run in runs]
    names = [[Line(phase_name(run[0].phase), "c-sub")] for run in runs]
    return [Label(x, lines, 0) for x, lines in zip(middles, names, strict=True)]


def _planned(canvas: Canvas, course: ChartCourse, bands: Sequence[Place]) -> list[Label]:
    labels = []
    for window, (left, width) in zip(course.planned, bands, strict=True):
        months = "" if canvas.form.narrow else f", {months_of(course, window.first, window.last)}"
        labels.append(Label(left + width / 2, [Line(window.label + months)], 1))
    return labels


def _fitting(canvas: Canvas, phases: list[Label], planned: list[Label]) -> list[Label]:
    """The names under ticks and bands, in one row; those of phases only where all have room."""
    for labels in (phases + planned, planned):
        labels.sort(key=attrgetter("x"))
        if fit(labels, canvas.bounds):
            return labels
    return []
