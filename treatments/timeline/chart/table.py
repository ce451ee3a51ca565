"""The table beside the chart: everything the chart shows, one row a fact, in order of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from treatments.records.months import label
from treatments.timeline.chart.text import density_words, lowered, phase_words, plain, spelled, stage_change
from treatments.timeline.chart.types import ChartCourse, DensityPoint, EventMark, PhotoMark


@dataclass(frozen=True, slots=True)
class ChartRow:
    """`month` carries the days it is off, "Month 5 (+2 d)"; `url` is "" where nothing opens."""

    day: date
    month: str
    kind: str
    fact: str
    url: str = ""
    when: str = ""


def rows(course: ChartCourse) -> tuple[ChartRow, ...]:
    """All rows, earliest first; on one day in the order of the chart's lanes."""
    found: list[tuple[date, str, str, str]] = []
    stages = sorted(course.stages, key=lambda s: s.day)
    for before, stage in zip([None, *stages], stages, strict=False):
        change = stage_change(before, stage) if before else ""
        fact = f"{course.stage_scale_label} {stage.label}"
        found.append((stage.day, "Stage", f"{fact}, {change}" if change else fact, ""))
    found += [(d.day, "Density", _density(d), "") for d in course.density]
    for s in course.sessions:
        amount = "volume not recorded" if s.total_ml is None else f"{plain(s.total_ml)} mL"
        found.append((s.day, "Session", f"Session {s.number}, {phase_words(s)}, {amount}", s.url))
    found += [(e.at, "Event", _event(e), e.url) for e in course.events]
    found += [(day, "Event", "Asked, none", "") for day in course.asked_none]
    found += [
        (p.day, "Photos", "; ".join(filter(None, (p.label or "Photos", lowered(p.word)))), p.url) for p in course.photos
    ]
    found += [(w.first, "Planned", f"{w.label}, until {spelled(w.last)}", "") for w in course.planned]
    found.sort(key=lambda row: row[0])
    return tuple(
        ChartRow(day, label(course.baseline, day).text, kind, _unbroken(fact), url, course.spelled(day))
        for day, kind, fact, url in found
    )


def _unbroken(fact: str) -> str:
    """A figure stays on one line with its unit."""
    return fact.replace(" %", "\u00a0%").replace(" mL", "\u00a0mL")


def _density(point: DensityPoint) -> str:
    told = density_words(point)
    more = (point.method_label, point.note)
    return "; ".join([told, *(m for m in more if m and m.lower() not in told.lower())])


def _photos(photo: PhotoMark) -> str:
    told = photo.label or "Photos"
    return f"{told}; against Month 0: {lowered(photo.word)}" if photo.word else told


def _event(event: EventMark) -> str:
    words = [event.label, f"grade {event.grade}"]
    if event.serious:
        words.append("serious")
    words.append("open" if event.is_open else "closed")
    if event.onset is None:
        words.append("onset not known, shown on the day it was reported")
    return ", ".join(words)
