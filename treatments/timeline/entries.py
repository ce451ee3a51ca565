"""The entries of the timeline, merged from every kind of record and gathered month by month, newest first."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from treatments.courses.models import Course
from treatments.photos.models import Photo
from treatments.photos.vocabulary import STANDARD_VIEWS
from treatments.records.fields import DatePrecision
from treatments.records.models import Correction
from treatments.records.months import label, month_number
from treatments.records.text_folding import fold
from treatments.timeline.density import DensityChange
from treatments.timeline.facts import Facts
from treatments.timeline.header import age_text
from treatments.timeline.month_photos import Pictures, Plate

# On one day a clinician reads what was agreed, found, done and suffered in this order.
ORDER = ("history", "therapy", "course", "consent", "assessment", "measurement", "session", "event", "stop", "release")
FILTERS = {
    "sessions": ("Sessions", {"session"}),
    "assessments": ("Assessments", {"assessment", "measurement"}),
    "photos": ("Photos", set[str]()),
    "events": ("Events", {"event"}),
    "plan": ("Consent and plan", {"consent", "course", "stop", "history", "therapy", "release"}),
    "corrections": ("Corrections", set[str]()),
}
ENTRIES_A_PAGE = 60


@dataclass
class Entry:
    """One line of the course: which template draws it, and what it is drawn from."""

    kind: str
    day: datetime.date
    record: Any
    corrections: list[Correction] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def template(self) -> str:
        return f"treatments/timeline/entries/{self.kind}.html"

    @property
    def is_corrected(self) -> bool:
        return bool(self.corrections) or bool(getattr(self.record, "is_struck_out", False))


@dataclass
class Month:
    """A month of the course, or a calendar month where there is no course."""

    key: str
    title: str
    days: str
    notes: list[str]
    entries: list[Entry]
    plate: Plate | None


def all_entries(facts: Facts, density: dict[Any, DensityChange]) -> list[Entry]:
    entries = [*_about_the_patient(facts), *_agreed(facts), *_found(facts, density), *_done(facts), *_suffered(facts)]
    for entry in entries:
        entry.corrections = facts.corrections.get(entry.record.pk, [])
    return entries


def _about_the_patient(facts: Facts) -> Iterable[Entry]:
    first = facts.course.baseline_on if facts.course else None
    if facts.history is not None:
        yield Entry("history", first or facts.history.happened_on, facts.history)
    for therapy in facts.therapies:
        began = therapy.started.earliest if therapy.started else None
        during = began is not None and first is not None and began > first
        yield Entry("therapy", began if during and began else first or therapy.happened_on, therapy)


def _agreed(facts: Facts) -> Iterable[Entry]:
    for course in facts.courses:
        yield Entry("course", course.baseline_on, course)
        if course.stopped_on is not None:
            yield Entry("stop", course.stopped_on, course)
    for consent in facts.consents:
        yield Entry("consent", consent.given_on, consent)
    for release in facts.releases:
        yield Entry("release", release.day, release)


def _found(facts: Facts, density: dict[Any, DensityChange]) -> Iterable[Entry]:
    by_assessment: dict[Any, list[Any]] = {}
    for measurement in facts.measurements:
        pair = (measurement, density.get(measurement.pk))
        if measurement.assessment_id is None:
            yield Entry("measurement", measurement.measured_on, measurement, more={"change": pair[1]})
        elif not measurement.is_struck_out:
            by_assessment.setdefault(measurement.assessment_id, []).append(pair)
    last = None
    for assessment in facts.assessments:
        yield Entry(
            "assessment",
            assessment.assessed_on,
            assessment,
            more={"measured": by_assessment.get(assessment.pk, []), "last_graded": last},
        )
        if assessment.stage and not assessment.is_struck_out:
            last = assessment


def _done(facts: Facts) -> Iterable[Entry]:
    so_far: dict[Any, Decimal] = {}
    for each in facts.sessions:
        if not each.is_struck_out:
            so_far[each.course_id] = so_far.get(each.course_id, Decimal(0)) + each.total_ml
        course = next((c for c in facts.courses if c.pk == each.course_id), None)
        yield Entry(
            "session",
            each.performed_on,
            each,
            more={"number": facts.numbers.get(each.pk), "so_far": so_far.get(each.course_id), "course": course},
        )


def _suffered(facts: Facts) -> Iterable[Entry]:
    for event in facts.events:
        number = facts.numbers.get(event.exosome_session_id)
        more = {"number": number, "follow_ups": facts.follow_ups.get(event.pk, [])}
        yield Entry("event", event.happened, event, more=more)


def filtered(entries: list[Entry], show: str) -> list[Entry]:
    """Entries of one kind; "photos" leaves only the pictures, "corrections" what was changed or struck out."""
    if show == "corrections":
        return [entry for entry in entries if entry.is_corrected]
    if show in FILTERS:
        return [entry for entry in entries if entry.kind in FILTERS[show][1]]
    return entries


def months(facts: Facts, entries: list[Entry], pictures: Pictures | None) -> list[Month]:
    """Gather entries, and photographs if there are any, into months, newest first; within one, oldest day first."""
    rows: list[tuple[Any, datetime.date, Entry | Photo]] = [(_month_of(facts, e.day), e.day, e) for e in entries]
    if pictures:
        rows += [(_month_of(facts, p.taken_on), p.taken_on, p) for p in facts.standing_photos]
    rows.sort(key=lambda row: (row[0], row[1]), reverse=True)
    return [_month(facts, key, list(group), pictures) for key, group in groupby(rows, key=lambda row: row[0])]


def _month_of(facts: Facts, day: datetime.date) -> tuple[datetime.date, int]:
    """A sortable key: the baseline of the course the day belongs to, and the month number in it."""
    course = facts.course_on(day)
    if course is None:
        return (datetime.date(day.year, day.month, 1), 0)
    return (course.baseline_on, month_number(course.baseline_on, day))


def _month(facts: Facts, key: tuple[datetime.date, int], rows: list[Any], pictures: Pictures | None) -> Month:
    course = next((c for c in facts.courses if not c.is_struck_out and c.baseline_on == key[0]), None)
    entries = sorted(
        (thing for _, _, thing in rows if isinstance(thing, Entry)), key=lambda e: (e.day, ORDER.index(e.kind))
    )
    photos = sorted(
        (thing for _, _, thing in rows if isinstance(thing, Photo)), key=lambda p: (_view_rank(p.view), p.taken_on)
    )
    days = sorted({day for _, day, _ in rows})
    if course is None:
        title = f"{key[0]:%B %Y}"
    elif key[1] == 0:
        title = "Month 0" if days[-1] >= course.baseline_on else label(course.baseline_on, days[0]).text
    else:
        title = f"Month {key[1]}" if key[1] > 0 else f"{-key[1]} months before"
    entries = _events_together(entries)
    return Month(
        key=f"month-{fold(title).replace(' ', '-')}-{key[0]:%Y%m}" if course != facts.course else f"month-{key[1]}",
        title=title,
        days=_days(entries, photos, days),
        notes=_notes(facts, course, entries, photos, key[1]) if course else [],
        entries=entries,
        plate=Plate(photos, course, pictures) if photos and pictures else None,
    )


def _events_together(entries: list[Entry]) -> list[Entry]:
    """Events of one day that nobody corrected read as one entry with a line for each."""
    merged: list[Entry] = []
    for entry in entries:
        last = merged[-1] if merged else None
        if entry.kind == "event" and last and last.kind == "event" and last.day == entry.day:
            if not (entry.is_corrected or last.is_corrected):
                last.more["also"] = [*last.more.get("also", []), entry]
                continue
        merged.append(entry)
    return merged


def _view_rank(view: str) -> int:
    order = [v.value for v in STANDARD_VIEWS]
    return order.index(view) if view in order else len(order)


def _days(entries: list[Entry], photos: list[Photo], days: list[datetime.date]) -> str:
    """The days that something was done or found on; the month alone where no day was recorded."""
    visits = {(e.day, _precision(e.record)) for e in entries if e.kind in {"assessment", "session", "measurement"}} | {
        (p.taken_on, p.taken_precision) for p in photos
    }
    exact = sorted(day for day, precision in visits if precision == DatePrecision.DAY)
    if visits and not exact:
        return f"{min(visits)[0]:%b %Y}, day not recorded"
    shown = exact or days
    if len(shown) == 1:
        return f"{shown[0]:%-d %b %Y}"
    if len(shown) == 2:
        return f"{shown[0]:%-d %b}, {shown[1]:%-d %b %Y}"
    return f"{shown[0]:%-d %b} to {shown[-1]:%-d %b %Y}"


def _precision(record: Any) -> str:
    for name in ("performed_precision", "assessed_precision", "measured_precision", "taken_precision"):
        if hasattr(record, name):
            return str(getattr(record, name))
    return DatePrecision.DAY


def _notes(facts: Facts, course: Course, entries: list[Entry], photos: list[Photo], number: int) -> list[str]:
    """ "baseline", "after session 3", "session 4": what a month means in the course, from dates alone."""
    told = ["baseline"] if number == 0 else []
    if number == 0 and (age := age_text(facts.patient, course.baseline_on)):
        told.append(f"aged {age}")
    sessions = facts.sessions_of(course)
    looks = [e.day for e in entries if e.kind in {"assessment", "measurement"}] + [p.taken_on for p in photos]
    after = 0
    if looks:
        look = max(looks)
        after = sum(
            s.performed_on < look or (s.performed_on == look and _counts_as_before(s, entries)) for s in sessions
        )
        if after:
            told.append(f"after session {after}")
    here = [e.more["number"] for e in entries if e.kind == "session" and e.more["number"]]
    told += [f"session {n}" for n in here if n > after]
    return told


def _counts_as_before(exosome_session: Any, entries: list[Entry]) -> bool:
    """On one day the grading comes before the needle; in a month without days, after the month's session."""
    return bool(exosome_session.performed_precision == DatePrecision.MONTH)


def page_of(found: list[Month], number: int) -> tuple[list[Month], int, int]:
    """The months of one page, about sixty entries each, whole months only; with the page and the last page."""
    pages: list[list[Month]] = [[]]
    filled = 0
    for month in found:
        size = len(month.entries) + (len(month.plate.photos) if month.plate else 0)
        if pages[-1] and filled + size > ENTRIES_A_PAGE:
            pages.append([])
            filled = 0
        pages[-1].append(month)
        filled += size
    number = min(max(number, 1), len(pages))
    return pages[number - 1], number, len(pages)
