"""The course in words: the sentences of the chart's title, and the rows of the table beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from treatments.timeline.chart.time_scale import month_name, span_of
from treatments.timeline.chart.types import ChartCourse, DensityPoint, EventMark, SessionTick, StagePoint


class Graded(Protocol):
    """Whatever has a CTCAE grade: an event of the record, or its mark on the chart."""

    @property
    def grade(self) -> int: ...


_PHASES = {"annual_refresh": "yearly refresh"}
NOTED_AFTER_DAYS = 31  # a stage that stood longer than a month is said to be "not regraded"
MOST_NAMED = 4  # of a longer list, the title names the first and the last


def plain(number: float) -> str:
    """One decimal where there is one, a true minus sign."""
    return f"{round(number, 1):g}".replace("-", "−")


def percent(value: float) -> str:
    return ("+" if value > 0 else "") + plain(value) + " %"


def density_figure(point: DensityPoint) -> str:
    """ "+20–25 %", "−5 to +5 %", "+14 %"; "" without a figure. Beside its error a figure has no decimals."""
    if point.span is None:
        return ""
    low, high = point.span
    if not point.is_estimate and point.value is not None:
        return percent(point.value if point.error_pct is None else round(point.value))
    if plain(low) == plain(high):
        return percent(low)
    if low >= 0:
        return f"+{plain(low)}–{plain(high)} %"
    return f"{percent(low).removesuffix(' %')} to {percent(high)}"


def unfigured_words(point: DensityPoint) -> str:
    """What was said where nothing was counted; says itself that there is no figure."""
    words = point.note or point.verdict_label
    if point.verdict_code == "not_comparable":
        return words
    if not words:
        return "no figure recorded"
    return words if "no figure" in words else f"{words}, no figure recorded"


def stage_change(before: StagePoint, after: StagePoint) -> str:
    """ "" when the stage is the same. Within one rank only the pattern can differ."""
    if before.code == after.code:
        return ""
    if before.rank is None or after.rank is None:
        return "changed"
    if before.rank == after.rank:
        return "pattern changed"
    return "improved" if after.rank < before.rank else "worsened"


def lowered(text: str) -> str:
    """Without the capital of a label that stands inside a sentence; abbreviations keep theirs."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def phase_words(session: SessionTick) -> str:
    return _PHASES.get(session.phase, session.phase.replace("_", " ").lower())


def counted(number: int, singular: str, plural: str = "") -> str:
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def volume(sessions: Sequence[SessionTick]) -> str:
    """ "3 mL each" or "36 mL in all", told apart from volumes that were not recorded."""
    known = [s.total_ml for s in sessions if s.total_ml is not None]
    if not known:
        return "volume not recorded"
    if len(known) == len(sessions) and len(set(known)) == 1:
        return f"{plain(known[0])} mL" + (" each" if len(known) > 1 else "")
    missing = len(sessions) - len(known)
    return f"{plain(sum(known))} mL in all" + (f", {missing} without volume" if missing else "")


def spelled(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def event_state(events: Iterable[EventMark]) -> str:
    """ "none serious, none open" or the counts."""
    events = list(events)
    serious, unclosed = sum(e.serious for e in events), sum(e.is_open for e in events)
    return f"{serious or 'none'} serious, {unclosed or 'none'} open"


def times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def grades(events: Sequence[Graded]) -> str:
    """ "grade 2", "all grade 1", "highest grade 3"."""
    found = [e.grade for e in events]
    if len(found) == 1:
        return f"grade {found[0]}"
    return f"{'all' if len(set(found)) == 1 else 'highest'} grade {max(found)}"


def summary(course: ChartCourse) -> str:
    """What the chart shows, in sentences computed from its data."""
    first, last = span_of(course)
    sentences = [
        f"Course from {_month(course, first)} to {_month(course, last)}; Month 0 is {course.spelled(course.baseline)}",
        _stage_sentence(course),
        _density_sentence(course),
        _sessions_sentence(course),
        _events_sentence(course),
        _photos_sentence(course),
    ]
    if course.end:
        sentences[0] += f"; {course.end_word} at {_month(course, course.end)}"
    if course.planned:
        plans = (
            f"{w.label}, {_month(course, w.first)} to {_month(course, w.last)}"
            for w in sorted(course.planned, key=lambda w: w.first)
        )
        sentences.append(f"Planned: {_list(plans)}")
    return ". ".join(sentences) + "."


def _month(course: ChartCourse, day: date) -> str:
    return month_name(course.baseline, day)


def _list(texts: Iterable[str], separator: str = "; ") -> str:
    found = list(texts)
    if len(found) > MOST_NAMED:
        found = [found[0], f"{len(found) - 2} more", found[-1]]
    return separator.join(found)


def _stage_sentence(course: ChartCourse) -> str:
    stages = sorted(course.stages, key=lambda s: s.day)
    opening = f"Stage, {course.stage_scale_label}"
    if not stages:
        return f"{opening}: not graded"
    told = [f"{stages[0].label} at {_month(course, stages[0].day)}"]
    for before, after in zip(stages, stages[1:], strict=False):
        if change := stage_change(before, after):
            told.append(f"{after.label} at {_month(course, after.day)}, {change}")
    last = stages[-1]
    if (course.reached - last.day).days > NOTED_AFTER_DAYS:
        told.append(f"not regraded since {_month(course, last.day)}")
    return f"{opening}: {_list(told)}"


def _density_sentence(course: ChartCourse) -> str:
    if not course.density:
        return "Density: not measured"
    points = sorted(course.density, key=lambda d: d.day)
    return "Density against Month 0: " + _list(f"{density_words(p)} at {_month(course, p.day)}" for p in points)


def density_words(point: DensityPoint) -> str:
    """The figure, its error, and what it may be taken for; commas between them."""
    if point.span is None:
        return unfigured_words(point)
    error = f"± {plain(abs(point.error_pct))}" if point.error_pct is not None else ""
    figure = " ".join(filter(None, (density_figure(point), error)))
    kind = "visual estimate" if point.is_estimate else ""
    verdict = lowered(point.verdict_label or point.method_label)
    return ", ".join(filter(None, (figure, "" if kind in verdict else kind, verdict)))


def _sessions_sentence(course: ChartCourse) -> str:
    sessions = sorted(course.sessions, key=lambda s: (s.day, s.number))
    if not sessions:
        return "No session yet"
    where = _month(course, sessions[0].day)
    if (last := _month(course, sessions[-1].day)) != where:
        where += f" to {last.removeprefix('Month ')}"
    phases = Counter(phase_words(s) for s in sessions)
    kinds = f" ({', '.join(f'{n} {p}' for p, n in phases.items())})" if len(phases) > 1 else ""
    return f"{counted(len(sessions), 'session')}{kinds}, {volume(sessions)}, {where}"


def _events_sentence(course: ChartCourse) -> str:
    asked = f"asked {times(len(course.asked_none))} with none to report"
    if not course.events:
        if course.asked_none:
            return f"No adverse event, {asked}"
        return "No adverse event recorded, and none asked for"
    number = counted(len(course.events), "adverse event")
    told = f"{number}, {grades(course.events)}, {event_state(course.events)}"
    if serious := [f"{lowered(e.label)} at {_month(course, e.at)}" for e in course.events if e.serious]:
        told += f"; serious: {_list(serious, ', ')}"
    return told + (f"; {asked}" if course.asked_none else "")


def _photos_sentence(course: ChartCourse) -> str:
    days = sorted(p.day for p in course.photos)
    months = list(dict.fromkeys(_month(course, day) for day in days))
    if len(months) > MOST_NAMED:
        return f"Photos on {len(days)} days, {months[0]} to {months[-1]}"
    if not months:
        return "No photos"
    first, *others = months
    if all(month.startswith("Month") for month in months):
        others = [month.removeprefix("Month ") for month in others]
    return f"Photos at {' and '.join(filter(None, (', '.join([first, *others[:-1]]), *others[-1:])))}"
