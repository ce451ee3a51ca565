"""The course in words: how figures, volumes and events are spelled, and the sentences of the chart's title."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from operator import attrgetter
from typing import Any

from treatments.records.formatting import count, listed, uncapitalised
from treatments.timeline.chart.time_scale import month_name, span_of
from treatments.timeline.chart.types import (
    ChartCourse,
    DensityPoint,
    EventMark,
    GradedScale,
    PlannedWindow,
    SessionTick,
    StagePoint,
    TherapyBar,
    When,
    middle,
    spelled,
)

MOST_NAMED = 4  # of a longer list, the title names the first and the last
REGRADED_DAYS = 31  # a stage that stood longer is said to be "not regraded"
NOT_RECORDED = "volume not recorded"


def joined(parts: Sequence[str], separator: str = ", ") -> str:
    """Those of the parts that are not empty."""
    return separator.join(filter(None, parts))


def plain(number: float) -> str:
    """One decimal where there is one, a true minus sign."""
    return f"{round(number, 1):g}".replace("-", "−")


def percent(value: float) -> str:
    return ("+" if value > 0 else "") + plain(value) + " %"


def density_figure(point: DensityPoint) -> str:
    """ "+20–25 %", "−5 to +5 %", "+14 %". Beside its error a figure has no decimals."""
    low, high = min(point.figures), max(point.figures)
    if point.value is not None and not point.is_estimate:
        return percent(point.value if point.interval is None else round(point.value))
    if plain(low) == plain(high):
        return percent(low)
    if low >= 0:
        return f"+{plain(low)}–{plain(high)} %"
    return f"{percent(low).removesuffix(' %')} to {percent(high)}"


def density_error(point: DensityPoint) -> str:
    """ "+19 to +65", the interval of one figure; "" where it is not known, and of a range, which is one itself."""
    if point.value is None or point.interval is None or point.is_estimate:
        return ""
    low, high = (percent(round(end)).removesuffix(" %") for end in point.interval)
    return f"{low} to {high}"


def all_series(course: ChartCourse) -> list[str]:
    """Where and how density was measured, each once, in the order in which they begin."""
    return list(dict.fromkeys(point.series for point in course.density if point.series))


def density_verdict(point: DensityPoint) -> str:
    """What a figure may be taken for."""
    return uncapitalised(point.verdict_label or point.method_label)


def density_text(point: DensityPoint) -> str:
    """The figure, its error, and its verdict; commas between them."""
    if not point.figures:
        return unfigured_text(point)
    verdict = density_verdict(point)
    is_named = "visual estimate" in verdict or not point.is_estimate
    figure = joined((density_figure(point), density_error(point)))
    return joined((figure, "" if is_named else "visual estimate", verdict))


def unfigured_text(point: DensityPoint) -> str:
    """The note on a day without a count; says itself that there is no figure."""
    note = point.note or point.verdict_label
    is_said = point.verdict_code == "not_comparable" or "no figure" in note
    return joined((note, "" if is_said else "no figure recorded"))


def stage_change(before: StagePoint, after: StagePoint) -> str:
    """ "" when the stage is the same. Within one rank only the pattern can differ."""
    if before.code == after.code:
        return ""
    if before.rank is None or after.rank is None:
        return "changed"
    if before.rank == after.rank:
        return "pattern changed"
    return "improved" if after.rank < before.rank else "worsened"


def phase_name(phase: str) -> str:
    return {"annual_refresh": "yearly refresh"}.get(phase, phase.replace("_", " ").lower())


def phase_counts(sessions: Sequence[SessionTick]) -> list[str]:
    """ "5 induction", "1 maintenance"."""
    phases = Counter(phase_name(session.phase) for session in sessions)
    return [f"{number} {phase}" for phase, number in phases.items()]


def amount(session: SessionTick) -> str:
    return NOT_RECORDED if session.total_ml is None else f"{plain(session.total_ml)} mL"


def volume(sessions: Sequence[SessionTick]) -> str:
    """ "3 mL each" or "36 mL in all", told apart from volumes that were not recorded."""
    recorded = [session.total_ml for session in sessions if session.total_ml is not None]
    if len({session.total_ml for session in sessions}) == 1:
        return amount(sessions[0]) + (" each" if len(recorded) > 1 else "")
    missing = len(sessions) - len(recorded)
    return joined((f"{plain(sum(recorded))} mL in all", f"{missing} without volume" if missing else ""))


def event_facts(event: EventMark) -> str:
    """ "Redness, grade 1, serious, not resolved"."""
    is_serious, state = "serious" if event.serious else "", "not resolved" if event.is_open else "over"
    return joined((event.label, f"grade {event.grade}", is_serious, state))


def tally(events: Sequence[EventMark]) -> tuple[int, int]:
    """How many are serious, and how many open."""
    return sum(map(attrgetter("serious"), events)), sum(map(attrgetter("is_open"), events))


def event_state(events: Sequence[EventMark]) -> str:
    """ "none serious, none not resolved" or the counts."""
    serious, unclosed = tally(events)
    return f"{serious or 'none'} serious, {unclosed or 'none'} not resolved"


def grades(events: Sequence[Any]) -> str:
    """The CTCAE grades of events, or of their marks: "grade 2", "all grade 1", "highest grade 3"."""
    graded = {event.grade for event in events}
    which = "" if len(events) == 1 else "all " if len(graded) == 1 else "highest "
    return f"{which}grade {max(graded)}"


def month_of(course: ChartCourse, when: When) -> str:
    """Worked out once for each date of the course: three drawings and a table name it."""
    if when not in course.month_names:
        course.month_names[when] = month_name(course.known_month_0, when)
    return course.month_names[when]


def months_of(course: ChartCourse, first: When, last: When) -> str:
    """ "Month 6 to 9", "Month 6"; where a date is not known to its Month, from the first to the last it may be."""
    if first == last:
        return month_of(course, first)
    begins, ends = month_of(course, first), month_of(course, last)
    if begins == ends:
        return begins
    if " to " in begins or " to " in ends:
        return f"{begins.partition(' to ')[0]} to {ends.removeprefix('Month ').rpartition(' to ')[2]}"
    return f"{begins} to {ends.removeprefix('Month ')}"


def at_month(course: ChartCourse, when: When) -> str:
    """ "Month 5, 14 Jun 2025"."""
    return f"{month_of(course, when)}, {spelled(when)}"


def is_regraded(course: ChartCourse) -> bool:
    """Whether the stage was graded in the last month of the course."""
    return (course.reached - middle(course.stages[-1].day)).days <= REGRADED_DAYS


def summary(course: ChartCourse) -> str:
    """What the chart shows, in sentences computed from its data."""
    first, last = span_of(course)
    span = f"Course from {month_name(course.baseline, first)} to {month_name(course.baseline, last)}"
    opening = f"{span}; Month 0 is {spelled(course.known_month_0)}"
    if course.end:
        opening += f"; {course.end_word} at {month_of(course, course.known_end or course.end)}"
    sentences = (_stages, _other_scales, _density, _sessions, _therapies, _events, _photos, _planned)
    return joined((opening, *(sentence(course) for sentence in sentences)), ". ") + "."


def _shortened(texts: Sequence[str], separator: str = "; ") -> str:
    """Of a long list the first, how many more, and the last."""
    if len(texts) > MOST_NAMED:
        texts = [texts[0], f"{len(texts) - 2} more", texts[-1]]
    return separator.join(texts)


def _stages(course: ChartCourse) -> str:
    opening = f"Stage, {course.stage_scale_label}" if course.stage_scale_label else "Stage"
    if not course.stages:
        return f"{opening}: not graded"
    first, last = course.stages[0], course.stages[-1]
    texts = [f"{first.label} at {month_of(course, first.day)}"]
    for before, after in pairwise(course.stages):
        if change := stage_change(before, after):
            texts.append(f"{after.label} at {month_of(course, after.day)}, {change}")
    if not is_regraded(course):
        texts.append(f"not regraded since {month_of(course, last.day)}")
    return f"{opening}: {_shortened(texts)}"


def _other_scales(course: ChartCourse) -> str:
    """Each scale for itself: gradings on two scales are not compared."""
    return ". ".join(_stages(on_scale(course, graded)) for graded in course.other_scales)


def on_scale(course: ChartCourse, graded: GradedScale) -> ChartCourse:
    """The course as it was graded on one of its other scales."""
    return replace(course, stage_scale_label=graded.label, stages=graded.stages, other_scales=())


def _density(course: ChartCourse) -> str:
    if not course.density:
        return "Density: counted, no change yet" if course.is_counted else "Density: not measured"
    several = len(all_series(course)) > 1
    texts = [
        joined((f"{density_text(point)} at {month_of(course, point.day)}", point.series if several else ""))
        for point in course.density
    ]
    where = "" if several else "".join(f", {series}" for series in all_series(course))
    return f"Density against the baseline{where}: {_shortened(texts)}"


def _sessions(course: ChartCourse) -> str:
    sessions = course.sessions
    if not sessions:
        return "No session yet"
    phases = phase_counts(sessions)
    kinds = f" ({', '.join(phases)})" if len(phases) > 1 else ""
    months = months_of(course, sessions[0].day, sessions[-1].day)
    return f"{count(len(sessions), 'session')}{kinds}, {volume(sessions)}, {months}"


def therapy_facts(bar: TherapyBar) -> list[tuple[When, str]]:
    """When a treatment began, when its dose changed and when it ended, each in words; what has no day of its own stands
    at the day it was written down."""
    first = "" if bar.is_occasion else "begun"
    facts = [
        (bar.began or bar.recorded, joined((bar.name, first if bar.began else "beginning not recorded", bar.dose)))
    ]
    facts += [
        (when, f"{bar.name}, changed to {dose}" if dose else f"{bar.name}, dose changed") for when, dose in bar.changes
    ]
    if bar.ended and not bar.is_occasion:
        facts.append((bar.ended, f"{bar.name}, stopped"))
    elif bar.is_over and not bar.is_occasion:
        facts.append((bar.recorded, f"{bar.name}, over, end not recorded"))
    return facts


def therapy_words(course: ChartCourse, bar: TherapyBar) -> str:
    """ "finasteride since 2019, stopped at Month 3": from when to when, in a few words."""
    if bar.is_occasion and bar.began:
        return f"{bar.name} {_named(course, bar.began)}"
    began = f"since {_named(course, bar.began)}" if bar.began else "beginning not recorded"
    stopped = f"stopped {_named(course, bar.ended)}" if bar.ended else "over, end not recorded" if bar.is_over else ""
    return joined((f"{bar.name} {began}", stopped))


def _named(course: ChartCourse, when: When) -> str:
    """The Month within the course, the date before it."""
    return spelled(when) if middle(when) < course.baseline else month_of(course, when)


def _therapies(course: ChartCourse) -> str:
    texts = [therapy_words(course, bar) for bar in course.therapies]
    return f"Other treatment: {_shortened(texts)}" if texts else ""


def _events(course: ChartCourse) -> str:
    events, asked = course.events, len(course.asked_none)
    times = {1: "once", 2: "twice"}.get(asked, f"{asked} times")
    asked_none = f"asked {times} with none to report" if asked else ""
    if not events:
        return joined(("No adverse event", asked_none)) if asked else "No adverse event recorded, and none asked for"
    text = f"{count(len(events), 'adverse event')}, {grades(events)}, {event_state(events)}"
    serious = [f"{uncapitalised(event.label)} at {month_of(course, event.at)}" for event in events if event.serious]
    return joined((text, f"serious: {_shortened(serious, ', ')}" if serious else "", asked_none), "; ")


def _photos(course: ChartCourse) -> str:
    months = list(dict.fromkeys(month_of(course, photo.day) for photo in course.photos))
    if not months:
        return "No photos"
    if len(months) > MOST_NAMED:
        return f"Photos on {len(course.photos)} days, {months[0]} to {months[-1]}"
    if "Screening" not in months:
        months[1:] = [month.removeprefix("Month ") for month in months[1:]]
    return f"Photos at {listed(months)}"


def _until(course: ChartCourse, window: PlannedWindow) -> str:
    first, last = month_of(course, window.first), month_of(course, window.last)
    return first if window.first == window.last else f"{first} to {last}"


def _planned(course: ChartCourse) -> str:
    plans = [joined((window.label, _until(course, window))) for window in course.planned]
    return f"Planned: {_shortened(plans)}" if plans else ""
