"""The answers at the top of a patient's page: who, stage then and now, change, sessions, due, harm, consent."""

import datetime
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter

from treatments.assessments.measurements.density import DensityChange
from treatments.assessments.models import Assessment, Measurement
from treatments.assessments.scales.catalogue import Change, change_label, compare, scale
from treatments.consents.models import Consent
from treatments.consents.purposes import ConsentKind, PhotoPurpose
from treatments.courses.models import Course
from treatments.courses.schedule import DueState, Window
from treatments.courses.vocabulary import Phase, SessionOutcome
from treatments.patients.models import HairHistory, Patient
from treatments.patients.vocabulary import IN_SHORT
from treatments.records import formatting
from treatments.records.months import label
from treatments.records.partial_dates import PartialDate
from treatments.records.vocabulary import Asked
from treatments.safety.models import AdverseEvent
from treatments.timeline.chart.text import grades
from treatments.timeline.facts import Facts

MOST_ELSEWHERE = 2  # other spots that the header names beside the one measured last
PHASES = {
    "induction": "induction", "maintenance": "maintenance", "follow_up": "follow-up", "refresh": "yearly refresh",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A short fact in the patient line; `is_gap` when nobody has asked yet, with the page where it is asked."""

    text: str
    is_gap: bool = False
    url_name: str = ""


def _gap(text: str) -> Line:
    return Line(text, is_gap=True, url_name="patients:history")


_EARLIER_TREATMENT: dict[str, Line] = {
    Asked.NOT_ASKED: _gap("earlier treatment: not asked"),
    Asked.NONE: Line("no earlier treatment"),
}
_ALLERGIES: dict[str, Line] = {Asked.NOT_ASKED: _gap("allergies: not asked"), Asked.NONE: Line("no known allergies")}


@dataclass(frozen=True)
class Answer:
    """One cell of the header: a question, its answer, and what qualifies it.

    A verdict on a change leads to its figures; `is_visible` where the change may be called visible. `more` is said
    below it: against what. `asks_consent` is the kind of consent that is missing: the note leads to recording it.
    below it: against what. `beside` is what other treatment may have a part in a change.
    """

    question: str
    answer: str
    note: str = ""
    is_warning: bool = False
    is_verdict: bool = False
    is_visible: bool = False
    more: str = ""
    asks_consent: str = ""
    beside: str = ""


@dataclass(frozen=True)
class CourseLine:
    """Another course of the patient in one line, with its own answers."""

    course: Course
    answers: list[Answer]


@dataclass(frozen=True)
class Header:
    """`answers` are about the course of the page, but for harm and consent, which are the patient's."""

    lines: list[Line]
    answers: list[Answer]
    open_events: list[AdverseEvent]
    others: list[CourseLine]


def header(facts: Facts, density: Mapping[uuid.UUID, DensityChange], today: datetime.date) -> Header:
    return Header(
        lines=list(_lines(facts, today)),
        answers=[*_about(facts, facts.course, density, today), _events(facts), _consent(facts, today)],
        others=[CourseLine(course, _about(facts, course, density, today)) for course in facts.other_courses],
        open_events=sorted((e for e in facts.events if e.is_open), key=lambda e: (-e.is_serious, -e.grade)),
    )


def _about(
    facts: Facts, course: Course | None, density: Mapping[uuid.UUID, DensityChange], today: datetime.date
) -> list[Answer]:
    """What is answered of one course, whatever other courses there are."""
    return [_stage(facts, course), _density(facts, course, density), _sessions(facts, course), _next_due(course, today)]


def _lines(facts: Facts, today: datetime.date) -> Iterator[Line]:
    patient, history = facts.patient, facts.history
    yield Line(patient.record_number)
    yield Line(", ".join(filter(None, [patient.get_sex_display().lower(), age_text(patient, today)])))
    if patient.ethnicity:
        yield Line(patient.ethnicity)
    if skin_types := list(filter(None, map(attrgetter("fitzpatrick"), facts.standing_assessments))):
        yield Line(f"Fitzpatrick {skin_types[-1]}")
    yield from _history_lines(facts, history) if history else [_gap("history: not taken")]


def _history_lines(facts: Facts, history: HairHistory) -> Iterator[Line]:
    if history.onset:
        yield Line(f"hair loss since {history.onset.label()}")
    earlier = _earlier_therapies(facts, history)
    answers = (
        None if earlier else _EARLIER_TREATMENT.get(history.earlier_treatment),
        _ALLERGIES.get(history.allergies),
    )
    yield from filter(None, answers)
    if history.allergies == Asked.YES:
        yield _gap(f"allergies: {history.allergies_text}")
    if earlier:
        yield Line(f"earlier treatment: {', '.join(earlier)}")
    elif history.earlier_treatment == Asked.YES:
        yield Line("earlier treatment: yes")


def _earlier_therapies(facts: Facts, history: HairHistory) -> list[str]:
    """What had begun when the history was taken, whatever was answered then; after a yes also what is not dated. What
    certainly began later is no earlier treatment: its lane in the chart has it."""
    standing = [therapy for therapy in facts.therapies if not therapy.is_struck_out]
    if history.earlier_treatment == Asked.YES:
        before = [each for each in standing if not (each.started and each.started.certainly_after(history.when))]
    else:
        before = [each for each in standing if each.started and each.started.certainly_before(history.when)]
    return list(dict.fromkeys(IN_SHORT.get(each.kind, str(each)) for each in before))


def age_text(patient: Patient, on: PartialDate | datetime.date) -> str:
    """ "44", "about 60"; "" when no birth date is known."""
    age = patient.age(on)
    if age is None:
        return ""
    years, is_approximate = age
    return f"about {years}" if is_approximate else str(years)


def _stage(facts: Facts, course: Course | None) -> Answer:
    """The last grading of the course against its baseline, which may have been found before it."""
    graded = [grading for grading in facts.graded if facts.is_of(course, grading)]
    compared_with = facts.baseline_grading(course, graded)
    if compared_with is None:
        return Answer("Stage", "Not graded", "no baseline yet", is_warning=True)
    first, is_baseline = compared_with
    last = graded[-1] if graded else first
    question = f"Stage, {scale(last.scale).short_name}"
    if first.pk == last.pk:
        return Answer(question, last.stage_word, _only_grading(facts, course, last))
    change = compare((first.scale, first.stage), (last.scale, last.stage))
    change_text = change_label(change).lower()
    beside = facts.beside(course, first.when, last.when)
    if change is Change.NOT_COMPARABLE:
        return Answer(question, last.stage_word, f"{change_text}; before, {first.stage_text}", beside=beside)
    since = "since the baseline" if is_baseline else "since the first grading, made after the first session"
    note = f"{change_text} {since}, {first.assessed.label()}"
    return Answer(question, f"{first.stage_word} → {last.stage_word}", note, beside=beside)


def _only_grading(facts: Facts, course: Course | None, grading: Assessment) -> str:
    when = label(course.when, grading.when).text if course else grading.assessed.label()
    is_last = not any(
        facts.is_of(course, each) and each.assessed_on > grading.assessed_on for each in facts.standing_assessments
    )
    return f"graded at {when}, {'last grading' if is_last else 'not regraded'}"


def _density(facts: Facts, course: Course | None, density: Mapping[uuid.UUID, DensityChange]) -> Answer:
    measured = [each for each in facts.standing_measurements if facts.is_of(course, each)]
    changes = [density[each.pk] for each in measured if each.pk in density]
    if not changes:
        return _density_without_change(measured)
    last = changes[-1]
    question = f"Density, {last.measurement.place}"
    verdict = str(last.verdict.label).lower() if last.verdict else last.sentence
    elsewhere = {each.series: each for each in changes if each.is_figure and each.series != last.series}
    also = [f"also {each.shown} at {each.measurement.place}" for each in elsewhere.values()]
    more = "; ".join([last.against, *also[-MOST_ELSEWHERE:]])
    is_visible, others = last.is_likely_visible, last.beside
    return Answer(question, last.shown, verdict, is_verdict=True, is_visible=is_visible, more=more, beside=others)


def _density_without_change(measured: list[Measurement]) -> Answer:
    counts = [measurement for measurement in measured if measurement.kind == "hair_density"]
    if not counts:
        return Answer("Density", "Not measured")
    return Answer(f"Density, {counts[-1].place}", counts[-1].shown, "only one count, no change yet")


def _sessions(facts: Facts, course: Course | None) -> Answer:
    if course is None:
        return Answer("Sessions", "No course", "a clinician plans one")
    sessions = facts.sessions_of(course)
    if not sessions and course.is_without_its_session:
        return Answer("Sessions", "None", "no session recorded")
    if not sessions:
        return Answer("Sessions", f"0 of {course.sessions_planned}", "none given yet")
    induction = [session for session in sessions if session.phase == Phase.INDUCTION]
    broken_off = sum(session.outcome == SessionOutcome.ABORTED for session in induction)
    filled = len(induction) - broken_off
    planned = course.sessions_planned
    others = {"extra": filled - planned, "broken off": broken_off, "since": len(sessions) - len(induction)}
    besides = "".join(f", {number} {what}" for what, number in others.items() if number > 0)
    total = formatting.ml(sum((session.total_ml for session in sessions), Decimal(0)))
    note = f"{total} in all, last {sessions[-1].performed.label()}"
    return Answer("Sessions", f"{min(filled, planned)} of {planned}{besides}", note)


def _next_due(course: Course | None, today: datetime.date) -> Answer:
    if course is None:
        return Answer("Next due", "Nothing planned")
    if course.is_without_its_session:
        return Answer("Next due", "Nothing planned", "logged as a walk-in")
    if course.state in {"finished", "stopped"}:
        return Answer("Next due", "Nothing", f"course {course.get_state_display().lower()}")
    if course.due is None:
        return Answer("Next due", "Nothing", "not finished, a newer course began")
    return _due(course, course.due, today)


def _due(course: Course, due: Window, today: datetime.date) -> Answer:
    """When the next session is planned, as far as that is known, and whether it is due, open or overdue."""
    phase, state = "follow-up" if course.awaits_follow_up else PHASES[course.state], due.state(today)
    if state is DueState.OVERDUE:
        return Answer("Next due", due.label(), f"{due.standing(today)}, {phase}", is_warning=True)
    note = [phase, "" if state is DueState.LATER else _standing(due, today)]
    first, last = course.maintenance_from_month, course.maintenance_to_month
    if course.awaits_follow_up:
        first, last = course.follow_up_from_month, course.follow_up_to_month
    if due.first != due.last and first and last:
        note.insert(1, f"Month {first}–{last}")
    return Answer("Next due", due.label(), ", ".join(filter(None, note)))


def _standing(due: Window, today: datetime.date) -> str:
    """ "due today"; "due now" beside the window itself."""
    return due.standing(today).partition(",")[0]


def _events(facts: Facts) -> Answer:
    events = facts.standing_events
    if not events:
        return _no_events(facts)
    reported = f"{len(events)} reported, {grades(events)}"
    still_open = [event for event in events if event.is_open]
    if not still_open:
        return Answer("Adverse events", "None to resolve", f"{reported}, over")
    note = f"{reported}{_serious(still_open)}"
    return Answer("Adverse events", f"{len(still_open)} not resolved", note, is_warning=True)


def _serious(still_open: list[AdverseEvent]) -> str:
    """ "; serious", "; 2 serious"; "" where none is."""
    serious = sum(event.is_serious for event in still_open)
    number = "" if len(still_open) == 1 else f"{serious} "
    return f"; {number}serious" if serious else ""


def _no_events(facts: Facts) -> Answer:
    """None, where somebody asked for them, and at how many sessions and follow-ups."""
    sessions = facts.standing_sessions
    asked = sum("none" in (session.reactions, session.since_last) for session in sessions)
    where = [f"at {asked} of {formatting.count(len(sessions), 'session')}"] if asked else []
    if asked and asked == len(sessions):
        where = ["at each session"]
    if later := sum(assessment.since_last == "none" for assessment in facts.standing_assessments):
        where.append(f"at {formatting.count(later, 'follow-up')}")
    if where:
        return Answer("Adverse events", "None", f"asked {formatting.listed(where)}")
    is_denied = any(assessment.safety_negatives for assessment in facts.standing_assessments)
    return Answer("Adverse events", "None" if is_denied else "Not asked")


def _consent(facts: Facts, today: datetime.date) -> Answer:
    valid = [consent for consent in facts.consents if consent.is_in_force(today)]
    kinds = set(map(attrgetter("kind"), valid))
    is_photographed = ConsentKind.PHOTOGRAPHY in kinds
    if ConsentKind.TREATMENT not in kinds:
        answer = "Photos" if is_photographed else "None on file"
        missing = ConsentKind.TREATMENT.value
        return Answer("Consent", answer, "treatment consent not on file", is_warning=True, asks_consent=missing)
    purposes = _purposes(valid)
    answer = "Treatment, photos" if is_photographed else "Treatment"
    missing = "" if purposes else ConsentKind.PHOTOGRAPHY.value
    return Answer("Consent", answer, purposes or "no photo consent", is_warning=not purposes, asks_consent=missing)


def _purposes(valid: list[Consent]) -> str:
    """ "clinical record and teaching; not publication": what photographs may be used for."""
    labels = [str(purpose.label).lower() for purpose in PhotoPurpose if any(c.allows(purpose) for c in valid)]
    if not labels or str(PhotoPurpose.PUBLICATION.label).lower() in labels:
        return formatting.listed(labels)
    return f"{formatting.listed(labels)}; not publication"
