"""The answers at the top of a patient's page: who, stage then and now, change, sessions, due, harm, consent."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from treatments.assessments.scales.catalogue import Change, change_label, compare, scale
from treatments.consents.models import Consent
from treatments.consents.purposes import ConsentKind, PhotoPurpose
from treatments.courses.models import Course
from treatments.patients.models import Patient
from treatments.records.fields import DatePrecision
from treatments.records.months import label
from treatments.records.vocabulary import Asked
from treatments.safety.models import AdverseEvent
from treatments.timeline.chart.text import grades
from treatments.timeline.density import DensityChange
from treatments.timeline.facts import Facts

OPEN_STATE_WORDS = {"induction": "induction", "maintenance": "maintenance", "refresh": "yearly refresh"}


@dataclass(frozen=True)
class Line:
    """A short fact in the patient line; `is_gap` when nobody has asked yet."""

    text: str
    is_gap: bool = False
    url_name: str = ""


@dataclass(frozen=True)
class Answer:
    """One cell of the header: a question, its answer, and what qualifies it; a verdict leads to its figures."""

    question: str
    answer: str
    note: str = ""
    is_warning: bool = False
    is_verdict: bool = False
    is_sound: bool = False


@dataclass(frozen=True)
class Header:
    lines: list[Line]
    answers: list[Answer]
    open_events: list[AdverseEvent]


def header(facts: Facts, density: dict[Any, DensityChange], today: datetime.date) -> Header:
    return Header(
        lines=_lines(facts, today),
        answers=[
            _stage(facts),
            _density(facts, density),
            _sessions(facts),
            _next_due(facts.course, today),
            _events(facts),
            _consent(facts, today),
        ],
        open_events=sorted((e for e in facts.events if e.is_open), key=lambda e: (-e.is_serious, -e.grade)),
    )


def _lines(facts: Facts, today: datetime.date) -> list[Line]:
    patient, history = facts.patient, facts.history
    who = patient.get_sex_display().lower()
    if age := age_text(patient, today):
        who += f", {age}"
    lines = [Line(patient.record_number), Line(who)]
    if patient.ethnicity:
        lines.append(Line(patient.ethnicity))
    skin = [a.fitzpatrick for a in facts.standing_assessments if a.fitzpatrick]
    if skin:
        lines.append(Line(f"Fitzpatrick {skin[-1]}"))
    if history is None:
        return [*lines, Line("history: not taken", is_gap=True, url_name="patients:history")]
    if history.onset:
        lines.append(Line(f"hair loss since {history.onset.label()}"))
    asked = {
        "earlier treatment": history.earlier_treatment,
        "allergies": history.allergies,
    }
    words = {"earlier treatment": "no earlier treatment", "allergies": "no known allergies"}
    for what, answer in asked.items():
        if answer == Asked.NOT_ASKED:
            lines.append(Line(f"{what}: not asked", is_gap=True, url_name="patients:history"))
        elif answer == Asked.NONE:
            lines.append(Line(words[what]))
    if history.allergies == Asked.YES:
        lines.append(Line(f"allergies: {history.allergies_text}", is_gap=True, url_name="patients:history"))
    if history.earlier_treatment == Asked.YES:
        told = ", ".join(t.get_kind_display() for t in facts.therapies if not t.is_struck_out)
        lines.append(Line(f"earlier treatment: {told or 'yes'}"))
    return lines


def age_text(patient: Patient, on: datetime.date) -> str:
    age = patient.age(on)
    return "" if age is None else f"about {age[0]}" if age[1] else str(age[0])


def _stage(facts: Facts) -> Answer:
    graded = facts.graded
    if not graded:
        return Answer("Stage", "Not graded", "grade the hair loss to have a baseline", is_warning=True)
    course = facts.course
    before = [a for a in graded if course is None or a.assessed_on <= _first_day(facts, course)]
    first, last = (before or graded)[-1 if before else 0], graded[-1]
    name = f"Stage, {scale(last.scale).short_name}"
    if first.pk == last.pk:
        when = label(course.baseline_on, last.assessed_on).text if course else last.assessed.label()
        later = [a for a in facts.standing_assessments if a.assessed_on > last.assessed_on]
        return Answer(name, last.stage_word, f"graded at {when}, " + ("not regraded" if later else "last grading"))
    change = compare((first.scale, first.stage), (last.scale, last.stage))
    if change is Change.NOT_COMPARABLE:
        return Answer(name, last.stage_word, f"{change_label(change).lower()}; before, {first.stage_text}")
    return Answer(name, f"{first.stage_word} → {last.stage_word}", change_label(change).lower())


def _first_day(facts: Facts, course: Course) -> datetime.date:
    sessions = facts.sessions_of(course)
    return max(sessions[0].performed_on, course.baseline_on) if sessions else datetime.date.max


def _density(facts: Facts, density: dict[Any, DensityChange]) -> Answer:
    told = [density[m.pk] for m in facts.standing_measurements if m.pk in density]
    if not told:
        counts = [m for m in facts.standing_measurements if m.kind == "hair_density"]
        if counts:
            count = counts[-1]
            return Answer(f"Density, {count.get_site_display().lower()}", count.shown, "no change to tell yet")
        return Answer("Density", "Not measured")
    last = told[-1]
    where = f"Density, {last.measurement.get_site_display().lower()}"
    if last.verdict is None:
        return Answer(where, last.shown, last.sentence, is_verdict=True)
    return Answer(where, last.shown, str(last.verdict.label).lower(), is_verdict=True, is_sound=last.is_sound)


def _sessions(facts: Facts) -> Answer:
    course = facts.course
    if course is None:
        return Answer("Sessions", "No course", "plan a course to log sessions")
    done = facts.sessions_of(course)
    if not done:
        return Answer("Sessions", f"0 of {course.sessions_planned}", "none given yet")
    total = sum((s.total_ml for s in done), Decimal(0)).normalize()
    last = done[-1].performed
    induction = sum(s.phase == "induction" for s in done)
    more = f", {len(done) - induction} since" if len(done) > induction else ""
    return Answer(
        "Sessions", f"{induction} of {course.sessions_planned}{more}", f"{total:f} mL in all, last {last.label()}"
    )


def _next_due(course: Course | None, today: datetime.date) -> Answer:
    if course is None:
        return Answer("Next due", "Nothing planned")
    if course.state in {"finished", "stopped"}:
        return Answer("Next due", "Nothing", f"course {course.get_state_display().lower()}")
    if course.next_due_on is None:
        return Answer("Next due", "Nothing planned", OPEN_STATE_WORDS[course.state])
    phase = OPEN_STATE_WORDS[course.state]
    note = phase
    if course.next_due_until and course.next_due_until > course.next_due_on:
        first, last = course.maintenance_from_month, course.maintenance_to_month
        note = (
            f"{phase}, Month {first}–{last}" if first and last else f"{phase}, until {course.next_due_until:%-d %b %Y}"
        )
    late = (today - (course.next_due_until or course.next_due_on)).days
    exact = course.baseline_precision == DatePrecision.DAY
    day = f"{course.next_due_on:%-d %b %Y}" if exact else f"{course.next_due_on:%b %Y}"
    return Answer("Next due", day, f"{late} days overdue, {phase}" if late > 0 else note, is_warning=late > 0)


def _events(facts: Facts) -> Answer:
    events = facts.standing_events
    still_open = [e for e in events if e.is_open]
    if not events:
        sessions = [s for s in facts.sessions if not s.is_struck_out]
        asked = sum("none" in (s.reactions, s.since_last) for s in sessions)
        negatives = any(a.safety_negatives for a in facts.standing_assessments)
        where = "at each session" if asked == len(sessions) else f"at {asked} of {len(sessions)} sessions"
        return Answer(
            "Adverse events", "None" if asked or negatives else "Not asked", f"asked {where}" if asked else ""
        )
    told = f"{len(events)} reported, {grades(events)}"
    if still_open:
        serious = sum(e.is_serious for e in still_open)
        if serious:
            told += "; serious" if len(still_open) == 1 else f"; {serious} serious"
        return Answer("Adverse events", f"{len(still_open)} open", told, is_warning=True)
    return Answer("Adverse events", "None open", f"{told}, over")


def _consent(facts: Facts, today: datetime.date) -> Answer:
    valid = [c for c in facts.consents if c.is_in_force(today)]
    kinds = {c.kind for c in valid}
    parts = [
        word
        for kind, word in ((ConsentKind.TREATMENT, "Treatment"), (ConsentKind.PHOTOGRAPHY, "photos"))
        if kind in kinds
    ]
    note = _purposes(valid)
    if ConsentKind.TREATMENT not in kinds:
        given = ", ".join(parts) if parts else "None on file"
        return Answer("Consent", given[0].upper() + given[1:], "treatment consent not on file", is_warning=True)
    return Answer("Consent", ", ".join(parts), note or "no photo consent", is_warning=not note)


def _purposes(valid: list[Consent]) -> str:
    allowed = {purpose for consent in valid if consent.kind == ConsentKind.PHOTOGRAPHY for purpose in consent.purposes}
    if not allowed:
        return ""
    names = [str(p.label).lower() for p in PhotoPurpose if p.value in allowed]
    told = " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    return told + ("" if PhotoPurpose.PUBLICATION in allowed else "; not publication")
