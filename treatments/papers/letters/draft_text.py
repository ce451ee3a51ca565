"""The first draft of a letter to another doctor, written from the record: what is recorded and nothing besides.

What was not asked, not graded or not measured is left out or said to be so; no verdict is stronger than the record's.
"""

import datetime
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from treatments.appointments.models import Appointment
from treatments.assessments.measurements.density import DensityChange
from treatments.courses.models import Course, ExosomeSession
from treatments.courses.vocabulary import SessionOutcome
from treatments.papers.products_given import products_given
from treatments.papers.therapy_text import therapies_told
from treatments.patients.models import HairHistory
from treatments.patients.vocabulary import Sex
from treatments.records.formatting import count, day, listed, ml, uncapitalised
from treatments.records.vocabulary import Asked
from treatments.timeline.facts import Facts
from treatments.timeline.header import Answer, age_text, header

MOST_EVENTS = 12
MOST_SUBJECT = 160


def subject(facts: Facts) -> str:
    """ "Ida Invented, born 14 May 1980, HC-0007"; of a very long name its beginning."""
    patient = facts.patient
    born = f"born {patient.birth.label()}" if patient.birth else ""
    others = "".join(f", {each}" for each in (born, patient.record_number) if each)
    left = MOST_SUBJECT - len(others)
    name = patient.name if len(patient.name) <= left else f"{patient.name[: left - 1].rstrip()}…"
    return f"{name}{others}"


def body(
    facts: Facts,
    changes: Mapping[uuid.UUID, DensityChange],
    today: datetime.date,
    booked: Appointment | None = None,
) -> str:
    """Paragraphs with empty lines between them, for a person to read, to change and to sign. `booked` is the next
    visit that is booked."""
    paragraphs = [
        "Dear colleague,",
        _opening(facts, today),
        _before(facts.history),
        _given(facts),
        _found(facts, changes, today),
        _harm(facts),
        _other_treatments(facts),
        _next(facts, booked, today),
        "With kind regards,",
    ]
    return "\n\n".join(filter(None, paragraphs))


def _opening(facts: Facts, today: datetime.date) -> str:
    patient = facts.patient
    sex = "" if patient.sex == Sex.UNKNOWN else uncapitalised(patient.get_sex_display())
    who = ", ".join(filter(None, [sex, age_text(patient, today)]))
    about = f" ({who})" if who else ""
    first = min(facts.standing_courses, key=lambda course: course.baseline_on, default=None)
    since = f" since {first.baseline.label()}" if first else ""
    return f"Your patient {patient.name}{about} has been seen by us for hair loss{since}."


def _before(history: HairHistory | None) -> str:
    if history is None:
        return ""
    told = []
    if history.onset:
        told.append(f"The hair loss began {history.onset.phrase}.")
    if history.allergies == Asked.NONE:
        told.append("The patient was asked about allergies and named none.")
    elif history.allergies == Asked.YES:
        told.append(f"Allergies: {history.allergies_text.strip().rstrip('.')}.")
    if history.medicines == Asked.YES and history.medicines_text:
        told.append(f"Medicines: {history.medicines_text.strip().rstrip('.')}.")
    if history.conditions == Asked.YES and history.conditions_text:
        told.append(f"Other illness: {history.conditions_text.strip().rstrip('.')}.")
    return " ".join(told)


def _given(facts: Facts) -> str:
    return " ".join(_given_in(facts, course) for course in facts.standing_courses)


def _given_in(facts: Facts, course: Course) -> str:
    sessions = facts.sessions_of(course)
    if not sessions:
        return f"A course ({course.name}) is planned; no session has been given yet."
    total = ml(sum((session.total_ml for session in sessions), Decimal(0)))
    first, last = sessions[0].performed, sessions[-1].performed
    when = first.phrase if len(sessions) == 1 else f"between {first.label()} and {last.label()}"
    products = listed(sorted({str(product) for each in sessions for product in each.products_given}))
    product = f" with {products}" if products else "; the product was not recorded"
    given = [each for session in sessions for each in products_given(session)]
    routes = listed(sorted({uncapitalised(each.how) for each in given if each.is_how_known}))
    route = f", {routes}" if routes else ""
    return f"We gave {count(len(sessions), 'session')} {when}{product}{route}, {total} in all.{_exceptions(sessions)}"


def _exceptions(sessions: Sequence[ExosomeSession]) -> str:
    """Of how many the product is not known, where it is of others, and how many were not completed."""
    unknown = sum(not session.products_given for session in sessions)
    ended = Counter(
        uncapitalised(str(session.get_outcome_display()))
        for session in sessions
        if session.outcome != SessionOutcome.COMPLETED
    )
    told = [f" At {unknown} of them the product was not recorded."] if 0 < unknown < len(sessions) else []
    if len(sessions) == 1:
        return "".join(f" It was {what}." for what in ended)
    told += [f" Of these, {times} {'was' if times == 1 else 'were'} {what}." for what, times in ended.items()]
    return "".join(told)


def _found(facts: Facts, changes: Mapping[uuid.UUID, DensityChange], today: datetime.date) -> str:
    stage, density = header(facts, changes, today).answers[:2]
    return " ".join(filter(None, [_sentence(stage), _sentence(density)]))


def _sentence(answer: Answer) -> str:
    """ "Stage, Norwood: III vertex → II, improved since the baseline, 14 May 2025."."""
    said = uncapitalised(answer.answer) if answer.answer.startswith("Not ") else answer.answer
    parts = [f"{answer.question}: {said}", answer.note, answer.more]
    return f"{', '.join(filter(None, parts))}.".replace("→", "to")


def _harm(facts: Facts) -> str:
    events = facts.standing_events
    if not events:
        asked = any("none" in (each.reactions, each.since_last) for each in facts.standing_sessions)
        return "The patient was asked about adverse events and named none." if asked else ""
    counted = Counter(
        f"{uncapitalised(str(event.get_kind_display()))} (grade {event.grade}"
        f"{', serious' if event.is_serious else ''}{', not resolved' if event.is_open else ''})"
        for event in events
    )
    said = [f"{what}, {times} times" if times > 1 else what for what, times in counted.most_common(MOST_EVENTS)]
    left = sum(counted.values()) - sum(times for _, times in counted.most_common(MOST_EVENTS))
    more = f", and {left} more" if left else ""
    return f"Adverse events, graded by CTCAE: {listed(said)}{more}."


def _other_treatments(facts: Facts) -> str:
    told = [f"{uncapitalised(name)} ({rest})" for name, rest in therapies_told(facts)]
    return f"Other treatments for the hair: {listed(told)}." if told else ""


def _next(facts: Facts, booked: Appointment | None, today: datetime.date) -> str:
    if booked is not None:
        return f"The next visit is booked for {day(booked.day)}."
    course = facts.course_going_on
    if course is None or course.due is None:
        return ""
    visit = "follow-up" if course.awaits_follow_up else "session"
    if course.due.days_overdue(today):
        return f"The {visit} that was planned for {course.due.label()} is not recorded yet."
    return f"The next {visit} is planned for {course.due.label()}."
