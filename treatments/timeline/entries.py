"""The entries of the timeline: every kind of record, merged in the order of their days."""

import datetime
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils import timezone

from treatments.assessments.laboratory.models import LaboratoryReport
from treatments.assessments.models import Assessment, Measurement
from treatments.courses.membership import Membership, When
from treatments.courses.models import Course
from treatments.courses.session_title import title
from treatments.courses.vocabulary import SessionOutcome
from treatments.patients.history_topics import in_words
from treatments.patients.models import Therapy
from treatments.patients.therapies import DOSE, dose_change
from treatments.photos.compare.context import compare_address
from treatments.photos.compare.pairs import Pair
from treatments.photos.models import Photo
from treatments.records.formatting import count, listed
from treatments.records.formatting import day as spelled
from treatments.records.models import Correction
from treatments.safety.models import AdverseEvent
from treatments.timeline.density import DensityChange
from treatments.timeline.facts import Facts, known


class Kind(NamedTuple):
    """A kind of entry: its heading, and the tab of FILTERS that shows it."""

    heading: str
    tab: str


# In the order in which a clinician reads one day: agreements and plan, findings, treatment, events, what went home.
KINDS = {
    "history": Kind("History", "plan"),
    "therapy": Kind("Other treatment", "plan"),
    "changed": Kind("Changed", "plan"),
    "course": Kind("Plan", "plan"),
    "consent": Kind("Consent", "plan"),
    "assessment": Kind("Assessment", "assessments"),
    "measurement": Kind("Measurement", "assessments"),
    "laboratory": Kind("Laboratory", "assessments"),
    "photo": Kind("Photo", "photos"),
    "reading": Kind("Read blind", "photos"),
    "session": Kind("Session", "sessions"),
    "event": Kind("Event", "events"),
    "aftercare": Kind("Aftercare", "papers"),
    "letter": Kind("Letter", "papers"),
    "stop": Kind("Plan", "plan"),
    "release": Kind("Export", "plan"),
    "moved": Kind("Moved", "corrections"),
}
# Whose template does not say the day: the month says it, unless there were several.
_TOLD_BY_MONTH = {"changed", "consent", "assessment", "measurement", "laboratory", "session", "aftercare"}
_RANKS = {kind: rank for rank, kind in enumerate(KINDS)}
# The tabs in their order. "Corrections" shows besides what was corrected or struck out, of any kind.
FILTERS = {
    "sessions": "Sessions",
    "assessments": "Assessments",
    "photos": "Photos",
    "events": "Events",
    "plan": "Consent and plan",
    "papers": "Aftercare and letters",
    "corrections": "Corrections",
}
Changes = Mapping[uuid.UUID, DensityChange]
"""The change in density that each measurement shows, by its id."""
_CORRECTION_PAGES = {
    "assessment": "examination:corrections",
    "laboratory": "assessments:laboratory-corrections",
    "session": "sessions:corrections",
    "event": "safety:corrections",
}
_CORRECT_PAGES = {
    "assessment": "examination:correct",
    "measurement": "assessments:measurement-correct",
    "laboratory": "assessments:laboratory-correct",
    "event": "safety:correct",
}
_CARRIED_OUT_BY = {"assessment": "assessor", "measurement": "operator", "session": "operator"}


@dataclass
class Entry:
    """One line of a course: its kind, which names its template, the record, and what else the template prints.

    It stands in its `course`, None where none is its own, at `when`: a day, or as much of one as is known. `belongs`
    says how the course of a finding or an event is known. `also` are other events of the same day, which read as one
    entry with this one.
    """

    kind: str
    when: When
    record: Any
    course: Course | None
    details: dict[str, Any] = field(default_factory=dict)
    belongs: Membership[Course] | None = None
    corrections: list[Correction] = field(default_factory=list)
    also: list["Entry"] = field(default_factory=list)

    @property
    def day(self) -> datetime.date:
        """The first day that it may be of."""
        return self.when if isinstance(self.when, datetime.date) else self.when.earliest

    @property
    def label(self) -> str:
        """The day, or as much of it as is known: "14 May 2025", "May 2025"."""
        return spelled(self.when) if isinstance(self.when, datetime.date) else self.when.label()

    @property
    def day_in_month(self) -> str:
        """Its day, where it has to stand beside the heading of an entry whose month has other days; "" otherwise."""
        return self.label if self.kind in _TOLD_BY_MONTH else ""

    @property
    def asks_for_course(self) -> Membership[Course] | None:
        """How its course is known, where somebody should say to which it belongs."""
        return self.belongs if self.belongs and self.belongs.is_open and not self.record.is_struck_out else None

    @property
    def correct_url(self) -> str:
        """Where the record is corrected; "" for a kind whose course cannot be said."""
        page = _CORRECT_PAGES.get(self.kind)
        return reverse(page, args=[self.record.patient_id, self.record.pk]) if page else ""

    @property
    def template(self) -> str:
        return f"treatments/timeline/entries/{self.kind}.html"

    @property
    def heading(self) -> str:
        if getattr(self.record, "is_follow_up", False):
            return "Follow-up"
        return "Events" if self.also else KINDS[self.kind].heading

    @property
    def events(self) -> list["Entry"]:
        return [self, *self.also]

    @property
    def corrections_shown(self) -> list[Correction]:
        """Those of a course stand at its plan, not again where it was stopped."""
        return [] if self.kind == "stop" else self.corrections

    @property
    def is_corrected(self) -> bool:
        return self.kind == "moved" or bool(self.corrections) or bool(getattr(self.record, "is_struck_out", False))

    @property
    def is_struck_out(self) -> bool:
        return getattr(self.record, "struck_out_at", None) is not None

    @property
    def corrections_url(self) -> str:
        """Where all corrections are read; "" for a kind that has no such page."""
        page = _CORRECTION_PAGES.get(self.kind)
        return reverse(page, args=[self.record.patient_id, self.record.pk]) if page else ""

    @property
    def entered(self) -> str:
        """ "Iris Bloom; entered by Poppy Field, 14 May 2025, 10:20"; the day alone for the end of a course."""
        if self.kind == "stop":
            return spelled(self.day)
        if self.kind == "changed":
            return f"{self.record.by}, {_spelled(self.record.at)}"
        if self.kind == "reading":
            return f"round closed by {self.record.round.closed_by}, {_spelled(self.record.round.closed_at)}"
        if self.kind == "letter":
            return f"{_name(self.record, 'carried_out_by', 'signed_by')}, {_spelled(self.record.signed_at)}"
        entered = f"{_name(self.record, 'entered_by', 'created_by')}, {_spelled(self.record.created_at)}"
        column = _CARRIED_OUT_BY.get(self.kind)
        if column and (name := getattr(self.record, f"{column}_name", "")):
            return f"{name}; entered by {entered}"
        if column is None or getattr(self.record, f"{column}_id") in (None, self.record.created_by_id):
            return entered
        return f"{_name(self.record, 'carried_out_by', column)}; entered by {entered}"

    @property
    def struck_out(self) -> str:
        """ "Poppy Field, 14 May 2025, 10:20"; "" when not struck out, and for an export, which says so itself."""
        struck_at = None if self.kind == "stop" else getattr(self.record, "struck_out_at", None)
        return f"{_name(self.record, 'struck_by', 'struck_out_by')}, {_spelled(struck_at)}" if struck_at else ""


def _name(record: Any, annotation: str, column: str) -> str:
    """The name that was read with the row; where there is none, how the person is called otherwise."""
    return getattr(record, annotation, None) or str(getattr(record, column))


def _spelled(moment: datetime.datetime) -> str:
    moment = timezone.localtime(moment)
    return f"{spelled(moment)}, {moment:%H:%M}"


def all_entries(facts: Facts, density: Changes) -> list[Entry]:
    """Every entry in the order of the days, and on one day in the order of the kinds."""
    entries = [
        *_history_entries(facts),
        *_changed_entries(facts),
        *_plan_entries(facts),
        *_measurement_entries(facts, density),
        *_assessment_entries(facts, density),
        *_laboratory_entries(facts),
        *_session_entries(facts),
        *_event_entries(facts),
        *_photo_entries(facts),
        *_reading_entries(facts),
        *_paper_entries(facts),
        *_moved_entries(facts),
    ]
    for entry in entries:
        # What a letter said while it was a draft is read by those who may write one, on its own page.
        entry.corrections = [] if entry.kind == "letter" else facts.corrections.get(entry.record.pk, [])
        for result in entry.details.get("results", ()):
            entry.corrections = [*entry.corrections, *facts.corrections.get(result.pk, [])]
    return sorted(entries, key=lambda entry: (entry.day, _RANKS[entry.kind]))


def _history_entries(facts: Facts) -> Iterator[Entry]:
    """The history and other treatments; what lies before the first course stands on its first day."""
    merged = [(history, {"number": history.patient.record_number}) for history in facts.earlier_histories]
    for history, details in [*([(facts.history, {})] if facts.history is not None else []), *merged]:
        taken: When | None = history.taken_on or None
        course = facts.course_then(history.created_at, taken or history.happened_on)
        when = taken or (course.when if course else history.happened_on)
        yield Entry("history", when, history, course, dict(details))
    for therapy in facts.therapies:
        course = facts.course_then(therapy.created_at, therapy.when)
        begins_before = course and (not therapy.started or therapy.started.certainly_before(course.when))
        yield Entry("therapy", course.when if course and begins_before else therapy.when, therapy, course)


def _changed_entries(facts: Facts) -> Iterator[Entry]:
    """What changed in the history and in other treatments, on its day; a history that was taken again."""
    told: list[tuple[Any, str]] = [(therapy, str(therapy)) for therapy in facts.therapies if not therapy.is_struck_out]
    if facts.history is not None:
        told.append((facts.history, "History"))
    for record, what in told:
        for update in facts.corrections.get(record.pk, ()):
            if update.is_update and update.since:
                course = facts.course_then(update.at, update.since)
                name = "History taken again" if update.confirmed else what
                details = {"what": name, "words": _change_in_words(record, update, facts)}
                yield Entry("changed", update.since, update, course, details)


def _change_in_words(record: Any, update: Correction, facts: Facts) -> str:
    """What changed, field by field; the dose of a treatment as one, with its unit."""
    if not isinstance(record, Therapy):
        return in_words(update)
    dose = dose_change(record, facts.corrections.get(record.pk, ()), update)
    return "; ".join(filter(None, [dose and f"dose: {dose}", in_words(update, leaving_out=DOSE if dose else ())]))


def _plan_entries(facts: Facts) -> Iterator[Entry]:
    """Courses, consents, and what left the clinic under them."""
    for course in facts.courses:
        own = None if course.is_struck_out else course
        yield Entry("course", known(course), course, own)
        if course.stopped_on is not None and not course.is_struck_out:
            yield Entry("stop", course.stopped_on, course, own)
    for consent in facts.consents:
        yield Entry("consent", consent.given_on, consent, facts.course_then(consent.created_at, consent.given_on))
    for release in facts.releases:
        yield Entry("release", release.day, release, facts.course_then(release.created_at, release.day))


def _measurement_entries(facts: Facts, density: Changes) -> Iterator[Entry]:
    """Measurements that were made apart from an assessment."""
    for measurement in facts.measurements:
        if measurement.assessment_id is None:
            yield _finding("measurement", facts, measurement, known(measurement), change=density.get(measurement.pk))


def _finding(
    kind: str,
    facts: Facts,
    record: Assessment | Measurement | LaboratoryReport | Photo | AdverseEvent,
    when: When,
    **details: Any,
) -> Entry:
    belongs = facts.membership(record)
    return Entry(kind, when, record, belongs.course, details, belongs)


def _assessment_entries(facts: Facts, density: Changes) -> Iterator[Entry]:
    """Assessments with what was measured at them, and the last grading before."""
    measured: dict[uuid.UUID | None, list[Any]] = defaultdict(list)
    struck_out: dict[uuid.UUID | None, list[Any]] = defaultdict(list)
    for measurement in facts.measurements:
        if measurement.is_struck_out:
            struck_out[measurement.assessment_id].append(measurement)
        else:
            measured[measurement.assessment_id].append((measurement, density.get(measurement.pk)))
    graded = {assessment.pk for assessment in facts.graded}
    last_graded = None
    for assessment in facts.assessments:
        beside = _beside_grading(facts, assessment) if assessment.pk in graded else ""
        # A count of the same day may have told the same already.
        is_told = any(change is not None and change.beside == beside for _, change in measured[assessment.pk])
        details = {
            "measured": measured[assessment.pk],
            "struck_out": struck_out[assessment.pk],
            "last_graded": last_graded,
            "beside": "" if is_told else beside,
        }
        yield _finding("assessment", facts, assessment, known(assessment), **details)
        if assessment.pk in graded:
            last_graded = assessment


def _laboratory_entries(facts: Facts) -> Iterator[Entry]:
    """One entry for a report, whatever the number of its values."""
    for report, results in facts.laboratory:
        yield _finding("laboratory", facts, report, known(report), results=results)


def _beside_grading(facts: Facts, grading: Assessment) -> str:
    """What other treatment may have a part in how the stage stands against the baseline of its course."""
    course = facts.membership(grading).course
    if course is None or not facts.other_treatments:
        return ""
    compared_with = facts.baseline_grading(course, [grading])
    first = compared_with[0] if compared_with else grading
    return "" if first.pk == grading.pk else facts.beside(course, first.when, grading.when)


def _session_entries(facts: Facts) -> Iterator[Entry]:
    """Each session with its number and the volume given in its course up to it."""
    courses = {course.pk: course for course in facts.courses}
    so_far: dict[uuid.UUID, Decimal] = {}
    filled: Counter[tuple[uuid.UUID, str]] = Counter()
    for session in facts.sessions:
        course = courses.get(session.course_id)
        number, place = facts.numbers.get(session.pk), filled[session.course_id, session.phase] + 1
        if not session.is_struck_out:
            so_far[session.course_id] = so_far.get(session.course_id, Decimal(0)) + session.total_ml
            filled[session.course_id, session.phase] += session.outcome != SessionOutcome.ABORTED
        details = {
            "number": number,
            "title": title(course, number, place, session.phase, session.outcome) if course and number else "Session",
            "so_far": so_far.get(session.course_id),
            "course": course,
        }
        own = None if course is None or course.is_struck_out else course
        yield Entry("session", known(session), session, own, details)


def _event_entries(facts: Facts) -> Iterator[Entry]:
    for event in facts.events:
        number = facts.numbers.get(event.exosome_session_id) if event.exosome_session_id else None
        details = {"number": number, "follow_ups": facts.follow_ups.get(event.pk)}
        yield _finding("event", facts, event, facts.filed_under(event), **details)


def _photo_entries(facts: Facts) -> Iterator[Entry]:
    """Photos that were struck out: they leave the pictures of their month, and are read where they stood."""
    for photo in facts.photos:
        if photo.is_struck_out:
            yield _finding("photo", facts, photo, known(photo))


def _reading_entries(facts: Facts) -> Iterator[Entry]:
    """What was read blind of two photographs, at the day of the later one, once its round was closed."""
    for pair in facts.read_blind:
        compare = compare_address(facts.patient, Pair(pair.earlier, pair.later))
        yield Entry("reading", known(pair.later), pair, facts.membership(pair.later).course, {"compare": compare})


def _paper_entries(facts: Facts) -> Iterator[Entry]:
    """The sheets that went home after a session, and the letters that were signed, on the day that they were."""
    for given in facts.aftercare:
        number = facts.numbers.get(given.exosome_session_id)
        course = facts.course_of_session(given.exosome_session_id)
        yield Entry("aftercare", given.given_on, given, course, {"number": number})
    for letter in facts.letters:
        if letter.signed_at is not None:
            day = timezone.localdate(letter.signed_at)
            yield Entry("letter", day, letter, facts.course_then(letter.signed_at, day))


def _moved_entries(facts: Facts) -> Iterator[Entry]:
    """Where a record stood that is another patient's, and where this record was merged with another."""
    moved_last = {moved.record_id: moved.move for rows in facts.moves.values() for moved in rows}
    for rows in facts.moves.values():
        move = rows[0].move
        chief = next((moved for moved in rows if moved.is_chief), None)
        taken = (moved for moved in rows if moved is not chief and not moved.record_type.startswith("step-"))
        others = Counter(moved.name.lower() for moved in taken)
        details: dict[str, Any] = {"chief": chief, "others": listed([count(n, name) for name, n in others.items()])}
        if chief is None:
            details["other"] = move.patient if move.from_patient_id == facts.patient.pk else move.from_patient
            day = timezone.localdate(move.created_at)
            yield Entry("moved", day, move, facts.course_then(move.created_at, day), details)
        elif move.from_patient_id == facts.patient.pk and moved_last[chief.record_id] == move:
            happened = chief.happened or timezone.localdate(move.created_at)
            yield Entry("moved", happened, move, facts.course_then(move.created_at, happened), details)


def filtered(entries: list[Entry], show: str) -> list[Entry]:
    """Entries of one kind; "photos" leaves only the pictures, "corrections" what was changed or struck out."""
    if show == "corrections":
        return [entry for entry in entries if entry.is_corrected]
    return [entry for entry in entries if show not in FILTERS or KINDS[entry.kind].tab == show]


def with_events_together(entries: Iterable[Entry]) -> list[Entry]:
    """Events of one day that nobody corrected read as one entry with a line for each."""
    merged = []
    for _, group in groupby(entries, key=_reads_as_one):
        first, *first.also = group
        merged.append(first)
    return merged


def _reads_as_one(entry: Entry) -> object:
    """Equal for neighbours that read as one entry."""
    if entry.kind != "event" or entry.is_corrected or entry.asks_for_course:
        return id(entry)
    return entry.when, entry.course and entry.course.pk
