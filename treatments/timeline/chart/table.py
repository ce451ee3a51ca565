"""The table beside the chart: everything the chart shows, one row a fact, in order of time."""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from treatments.records.formatting import uncapitalised
from treatments.records.months import label
from treatments.timeline.chart.text import (
    amount,
    density_text,
    event_facts,
    joined,
    phase_name,
    stage_change,
    therapy_facts,
)
from treatments.timeline.chart.types import ChartCourse, DensityPoint, EventMark, When, middle, spelled

ROW = """
<tr>
  <th scope="row">{month} <span class="nb">{when}</span></th>
  <td>{kind}</td>
  <td>{fact}</td>
</tr>"""
LINK = '<a href="{}">{}</a>'
Fact = tuple[When, str, str, str]  # day, kind, text and address


class ChartRow(NamedTuple):
    """`month` carries the days it is off, "Month 5 (+2 days)"; `url` is "" where nothing opens."""

    day: When
    month: str
    when: str
    kind: str
    fact: str
    url: str


class ChartRows(list[ChartRow]):
    """The rows of the table, earliest first; on one day in the order of the chart's lanes."""

    @property
    def html(self) -> SafeString:
        """The body of the table, what was typed escaped. A template takes five times as long for hundreds of rows."""
        return mark_safe("".join(map(_row_html, self)))  # noqa: S308


def _row_html(row: ChartRow) -> str:
    fact = escape(row.fact)
    linked = LINK.format(escape(row.url), fact) if row.url else fact
    return ROW.format(month=row.month, when=row.when, kind=row.kind, fact=linked)


def rows(course: ChartCourse) -> ChartRows:
    """Every fact that the chart shows."""
    facts = sorted([*_findings(course), *_treatment(course)], key=lambda fact: middle(fact[0]))
    dates = {when: (label(course.known_month_0, when).text, spelled(when)) for when in {fact[0] for fact in facts}}
    return ChartRows(ChartRow(when, *dates[when], kind, _unbroken(fact), url) for when, kind, fact, url in facts)


def _findings(course: ChartCourse) -> Iterator[Fact]:
    for before, stage in zip(course.stages[:1] + course.stages, course.stages, strict=False):
        name = f"{course.stage_scale_label} {stage.label}"
        yield stage.day, "Stage", joined((name, stage_change(before, stage))), ""
    for graded in course.other_scales:
        for before, stage in zip(graded.stages[:1] + graded.stages, graded.stages, strict=False):
            yield stage.day, "Stage", joined((f"{graded.label} {stage.label}", stage_change(before, stage))), ""
    for point in course.density:
        yield point.day, "Density", _density(point), ""


def _treatment(course: ChartCourse) -> Iterator[Fact]:
    for session in course.sessions:
        fact = f"Session {session.number}, {phase_name(session.phase)}, {amount(session)}"
        yield session.day, "Session", fact, session.url
    for bar in course.therapies:
        yield from ((when, "Other treatment", fact, "") for when, fact in therapy_facts(bar))
    for event in course.events:
        yield event.at, "Event", _event(event), event.url
    for day in course.asked_none:
        yield day, "Event", "Asked, none", ""
    for photo in course.photos:
        yield photo.day, "Photos", joined((photo.label, uncapitalised(photo.word)), "; "), photo.url
    for window in course.planned:
        until = "" if window.first == window.last else f"until {spelled(window.last)}"
        yield window.first, "Planned", joined((window.label, until)), ""


def _unbroken(fact: str) -> str:
    """A figure stays on one line with its unit."""
    return fact.replace(" %", "\u00a0%").replace(" mL", "\u00a0mL")


def _density(point: DensityPoint) -> str:
    text = density_text(point)
    more = [part for part in (point.series or point.method_label, point.note) if part.lower() not in text.lower()]
    return joined((text, *more), "; ")


def _event(event: EventMark) -> str:
    day = "of its session" if event.follows_session else "it was reported"
    return joined((event_facts(event), "" if event.onset else f"beginning not known, shown on the day {day}"))
