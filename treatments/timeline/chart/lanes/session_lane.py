"""The session lane. A solid tick is a session of the planned series, a hollow one a later session; a hatched band is
a stretch in which something is planned."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from treatments.timeline.chart.canvas import FINGER, MANY, SHARED, TARGET, Canvas, Place, px
from treatments.timeline.chart.labels import Label, fit, text_width
from treatments.timeline.chart.text import amount, at_month, months_of, phase_counts, phase_name, volume
from treatments.timeline.chart.time_scale import cluster, rooms, spread
from treatments.timeline.chart.types import ChartCourse, PlannedWindow, SessionTick

TICK = 16  # px from the base line to the top of a tick
SOLID, HOLLOW = "M{x:g} {y:g}v16", "M{x:g} {y:g}m-2 .5h4v15h-4z"
NUMBER_GAP, WIDE_GAP = 5, 20  # px between two numbers, and where there are many
MOST_RUNS = 12  # more changes of phase than this would not have room
FIRST_PHASE = "induction"

Runs = Sequence[Sequence[SessionTick]]


def draw_sessions(canvas: Canvas, course: ChartCourse, top: float) -> int:
    """Gives the y below the lane."""
    sessions = course.sessions
    if not (sessions or course.planned):
        return canvas.empty_lane(top, "Sessions", "none yet")
    begins = canvas.open_lane(top, "Sessions", [*phase_counts(sessions), volume(sessions)] if sessions else [])
    base = begins + 40
    runs = [list(run) for _, run in groupby(sessions, key=attrgetter("phase"))]
    planned = [_draw_planned(canvas, course, window, base) for window in course.planned]
    _draw_ticks(canvas, runs, base)
    _write_numbers(canvas, sessions, base - TICK - 7)
    _link_sessions(canvas, course, base)
    labels = _fitting(canvas, _phases(canvas, runs), planned)
    bottom = canvas.labels(labels, base + 2)
    return canvas.close_lane(max(bottom, base + 14), 0 if labels else len(planned))


def _draw_planned(canvas: Canvas, course: ChartCourse, window: PlannedWindow, base: float) -> Label:
    """A hatched band, at least 8 px wide, and its name."""
    left, right = map(canvas.axis.x, window.days)
    width, middle = max(8.0, right - left), (left + right) / 2
    canvas.hatched((middle - width / 2, base - TICK, width, TICK), "c-window")
    months = "" if canvas.form.narrow else f", {months_of(course, window.first, window.last)}"
    return Label.of(middle, [window.label + months])


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
    gap = NUMBER_GAP if len(xs) <= MANY else WIDE_GAP
    canvas.texts(y, "c-val", [(xs[shown], numbers[shown]) for shown in spread(xs, widest + gap)])


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
    if len(runs) > MOST_RUNS:
        return []
    ends = [canvas.xs((run[0], run[-1])) for run in runs]
    return [Label.of(sum(x) / 2, [phase_name(run[0].phase)], "c-sub") for run, x in zip(runs, ends, strict=True)]


def _fitting(canvas: Canvas, phases: list[Label], planned: list[Label]) -> list[Label]:
    """The names under ticks and bands, in one row; those of phases only where all have room."""
    for labels in (phases + planned, planned):
        labels.sort(key=attrgetter("x"))
        if fit(labels, canvas.bounds):
            return labels
    return []
