"""The lane of other treatments: a bar from start to stop for each, a mark for what was done on a day.

What lies before the axis comes in from its left edge, and its label says since when. A date that is known to a month or
a year is drawn hatched over all its days; where no start or stop is known the bar is dotted. A tick across a bar is a
change of dose.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from treatments.patients.other_treatments import MONTHS_BEFORE
from treatments.records.months import add_months
from treatments.records.partial_dates import PartialDate
from treatments.timeline.chart.canvas import Canvas, px
from treatments.timeline.chart.labels import GAP, TAIL_GAP, Line, text_width
from treatments.timeline.chart.text import joined
from treatments.timeline.chart.types import ChartCourse, TherapyBar, When, spelled

ROW = 36  # px from one row to the next
TEXT, BAR = 14, 26  # px below the top of a row: the foot of its text, the middle of its bar
THICK = 8  # px
CAP = 5  # px that a start or a stop stands above and below its bar
MOST_ROWS = 6
EDGE = 7  # px of the arrow at the left edge
SHORTEST = 40  # px of a text worth writing
ELLIPSIS = "…"


@dataclass(slots=True)
class _Piece:
    """A bar with its label: from `left` to `right` with its text."""

    bar: TherapyBar
    line: Line
    text_x: float
    left: float
    right: float
    row: int = field(default=0)


def draw_therapies(canvas: Canvas, course: ChartCourse, top: float) -> int:
    """Nothing where there is none. Gives the y below the lane."""
    if not course.therapies:
        return round(top)
    seen = [bar for bar in course.therapies if not _is_after(canvas, bar)]
    pieces = [_piece(canvas, bar) for bar in sorted(seen, key=lambda bar: _days(canvas, course, bar)[0])]
    shown = _with_room(pieces, canvas.axis.first)
    begins = canvas.open_lane(top, "Other treatment", _about(course)) + 4
    for piece in shown:
        _draw(canvas, course, piece, begins + ROW * piece.row)
    rows = max((piece.row + 1 for piece in shown), default=0)
    return canvas.close_lane(begins + ROW * rows + 4, len(course.therapies) - len(shown))


def _about(course: ChartCourse) -> list[str]:
    goes_on = sum(not bar.is_over and not bar.is_occasion and bar.is_asked for bar in course.therapies)
    return [f"{goes_on} going on"] if goes_on else []


def _is_after(canvas: Canvas, bar: TherapyBar) -> bool:
    """Whether it began after all that the axis shows: a course that ended long ago."""
    return bar.began is not None and _first(bar.began) > canvas.axis.last


def _first(when: When) -> date:
    return when.bounds()[0] if isinstance(when, PartialDate) else when


def _last(when: When) -> date:
    return when.bounds()[1] if isinstance(when, PartialDate) else when


def _days(canvas: Canvas, course: ChartCourse, bar: TherapyBar) -> tuple[date, date]:
    """From the first to the last day that is drawn of it."""
    first = _first(bar.began) if bar.began else canvas.axis.first
    if bar.is_occasion:
        return first, _last(bar.began) if bar.began else first
    if bar.ended:
        return first, max(first, _last(bar.ended))
    return first, max(first, bar.recorded if bar.is_over else course.reached)


def _line(canvas: Canvas, bar: TherapyBar) -> Line:
    """The name, of what began before the axis since when, and the dose."""
    is_earlier = bar.began is not None and _first(bar.began) < canvas.axis.first
    when = f"{'' if bar.is_occasion else 'since '}{spelled(bar.began)}" if is_earlier and bar.began else ""
    until = ""
    if bar.ended and _last(bar.ended) < canvas.axis.first and not bar.is_occasion:
        when, until = "", f"until {spelled(bar.ended)}"
    return Line(bar.name, "c-val", joined((when, until, bar.dose)))


def _fitted(line: Line, room: float) -> Line:
    """The line without the end of its tail where there is no room for all; the table has all of it."""
    if line.width <= room or not line.tail:
        return line
    words, left = line.tail.split(" "), room - text_width(line.text, line.css) - TAIL_GAP
    while words and text_width(f"{' '.join(words)}{ELLIPSIS}") > left:
        words.pop()
    return Line(line.text, line.css, f"{' '.join(words).rstrip(',')}{ELLIPSIS}" if words else "")


def _piece(canvas: Canvas, bar: TherapyBar) -> _Piece:
    """Its text begins with the bar, or ends at the edge of the plot where it would not fit."""
    axis = canvas.axis
    begins = axis.x(_first(bar.began)) if bar.began else axis.left
    line = _fitted(_line(canvas, bar), axis.right - axis.left)
    text_x = max(axis.left, min(begins, axis.right - line.width))
    return _Piece(bar, line, text_x, text_x, text_x + line.width)


def _with_room(pieces: Sequence[_Piece], first: date) -> list[_Piece]:
    """As many as there are rows for; where they are too few, those first that began, ended or changed in the time that
    verdicts look at: what went on unchanged throughout explains no change."""
    if max((piece.row for piece in _stacked(pieces)), default=0) < MOST_ROWS:
        return list(pieces)
    since = add_months(first, -MONTHS_BEFORE)
    chosen: list[int] = []
    for number in sorted(range(len(pieces)), key=lambda number: not _has_moved(pieces[number].bar, since)):
        more = sorted([*chosen, number])
        if max(piece.row for piece in _stacked([pieces[each] for each in more])) < MOST_ROWS:
            chosen = more
    return _stacked([pieces[each] for each in chosen])


def _has_moved(bar: TherapyBar, since: date) -> bool:
    days = (bar.began, bar.ended, *(when for when, _ in bar.changes))
    return any(when is not None and _last(when) >= since for when in days)


def _stacked(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Each in a row of its own but for those done on a day, which share rows where their texts have room."""
    ends: list[float] = []
    for piece in pieces:
        free = (row for row, end in enumerate(ends) if piece.bar.is_occasion and end + GAP * 2 <= piece.left)
        piece.row = next(free, len(ends))
        end = piece.right if piece.bar.is_occasion else float("inf")
        if piece.row == len(ends):
            ends.append(end)
        else:
            ends[piece.row] = end
    return list(pieces)


def _draw(canvas: Canvas, course: ChartCourse, piece: _Piece, top: float) -> None:
    canvas.text(piece.text_x, top + TEXT, piece.line)
    _write_doses(canvas, piece, top + TEXT)
    bar, y, axis = piece.bar, top + BAR, canvas.axis
    if bar.began and _first(bar.began) < axis.first:
        canvas.path(f"M{px(axis.left)} {px(y - CAP)}l-{EDGE} {CAP}l{EDGE} {CAP}z", "c-therapy")
    if bar.is_occasion and bar.began:
        _draw_occasion(canvas, bar.began, y)
    else:
        _draw_bar(canvas, course, bar, y)


def _write_doses(canvas: Canvas, piece: _Piece, y: float) -> None:
    """The new dose over each change, where it has room behind what stands there already."""
    taken = piece.right
    for when, dose in piece.bar.changes:
        x, line = canvas.axis.x(when), Line(dose, "c-sub")
        if dose and _first(when) >= canvas.axis.first and taken + GAP <= x <= canvas.axis.right - line.width:
            canvas.text(x, y, line)
            taken = x + line.width


def _draw_occasion(canvas: Canvas, when: When, y: float) -> None:
    first, last = _first(when), _last(when)
    if last < canvas.axis.first:
        return
    left, right = canvas.axis.x(first), canvas.axis.x(last)
    if last > first:
        canvas.hatched((left, y - THICK / 2, max(THICK, right - left), THICK), "c-window")
    else:
        canvas.path(f"M{px(left)} {px(y - 6)}l6 6l-6 6l-6-6z", "c-therapy")


def _draw_bar(canvas: Canvas, course: ChartCourse, bar: TherapyBar, y: float) -> None:
    x, (first, last) = canvas.axis.x, _days(canvas, course, bar)
    if last < canvas.axis.first:
        return
    sure_from = _last(bar.began) if bar.began else min(bar.recorded, last)
    sure_to = _first(bar.ended) if bar.ended else last if bar.is_asked and not bar.is_over else min(bar.recorded, last)
    if bar.began is None:
        canvas.path(f"M{px(x(first))} {px(y)}H{px(x(sure_from))}", "c-unknown")
    elif sure_from > first:
        _hatch(canvas, x(first), x(min(sure_from, last)), y)
    if sure_to > sure_from:
        canvas.path(_box(x(sure_from), x(sure_to), y), "c-therapy")
    if bar.ended and last > max(sure_to, sure_from):
        _hatch(canvas, x(max(sure_to, sure_from)), x(last), y)
    elif not bar.ended and last > max(sure_to, sure_from):
        canvas.path(f"M{px(x(max(sure_to, sure_from)))} {px(y)}H{px(x(last))}", "c-unknown")
    canvas.path("".join(_caps(canvas, bar, y)), "c-therapy-cap")


def _box(left: float, right: float, y: float) -> str:
    return f"M{px(left)} {px(y - THICK / 2)}H{px(max(right, left + 2))}v{THICK}H{px(left)}z"


def _hatch(canvas: Canvas, left: float, right: float, y: float) -> None:
    canvas.hatched((left, y - THICK / 2, max(4.0, right - left), THICK), "c-window")


def _caps(canvas: Canvas, bar: TherapyBar, y: float) -> Iterator[str]:
    """Ticks at a known start and stop, and at each change of dose."""
    axis = canvas.axis
    ends = [when for when in (bar.began, bar.ended) if isinstance(when, date)]
    for when in (*ends, *(when for when, _ in bar.changes)):
        if axis.first <= _first(when) <= axis.last:
            yield f"M{px(axis.x(when))} {px(y - THICK / 2 - CAP)}v{THICK + 2 * CAP}"
