""" "Your course so far": the record of one course in plain words, with no verdict stronger than the record's."""

import datetime
import uuid
from collections.abc import Iterator, Mapping

from treatments.appointments.models import Appointment
from treatments.assessments.measurements.density import DensityChange
from treatments.assessments.measurements.visibility import Verdict
from treatments.courses.models import Course, ExosomeSession
from treatments.courses.vocabulary import SessionOutcome
from treatments.papers.document import (
    Block,
    Document,
    Heading,
    Items,
    KeyValues,
    Letterhead,
    Paragraph,
    Pictures,
    Table,
)
from treatments.papers.next_visit import next_visit
from treatments.papers.products_given import products_given
from treatments.papers.therapy_text import therapies_told
from treatments.records.formatting import count, uncapitalised
from treatments.records.months import label
from treatments.timeline.facts import Facts
from treatments.timeline.header import Answer, header

PLAIN: dict[Verdict | None, str] = {
    Verdict.ESTIMATE: "This was estimated by eye. It is not a measurement, and nobody knows how exact it is.",
    Verdict.TOO_EARLY: "It is too early to tell. At first, light, length and combing change more than the hair.",
    Verdict.NO_CLEAR_CHANGE: "The change was given as a range, and “no change” lies within it.",
    Verdict.WITHIN_ERROR: "This is within the error of measuring. It may be no change at all.",
    Verdict.ABOVE_ERROR: "This is more than the error of measuring, but less than an eye is likely to see.",
    Verdict.LIKELY_VISIBLE: "This is more than the error of measuring. An eye is likely to see a change of this size.",
    None: "The two cannot be compared.",
}
SAME_NUMBER = "Rows with one number are of one treatment: more than one product or technique was used that day."
TOGETHER = "What these did and what our treatments did cannot be told apart."


def course_so_far(
    facts: Facts,
    changes: Mapping[uuid.UUID, DensityChange],
    today: datetime.date,
    *,
    letterhead: Letterhead,
    about: tuple[str, ...],
    made: str,
    photos: tuple[Block, ...],
    booked: Appointment | None,
) -> Document:
    """`booked` is the next visit that is booked."""
    return Document(
        title="Your course so far",
        letterhead=letterhead,
        about=about,
        blocks=(
            Paragraph(_opening(facts), "lede"),
            *_found(facts, changes, today),
            Heading("Photos"),
            *photos,
            *_others(facts),
            *_next(facts, booked, today),
            Heading("Your treatments"),
            *_sessions(facts),
        ),
        made=made,
        look="course",
    )


def _opening(facts: Facts) -> str:
    course = facts.course
    if course is None:
        return "No course of treatments has been planned yet."
    sessions = facts.sessions_of(course)
    if not sessions:
        return f"Your course ({course.name}) is planned. No treatment has been given yet."
    had, first = f"You have had {count(len(sessions), 'treatment')} in this course", sessions[0].performed
    if len(sessions) == 1:
        return f"{had}, {first.phrase}."
    return f"{had} since {first.label()}, the last {sessions[-1].performed.phrase}."


def _found(facts: Facts, changes: Mapping[uuid.UUID, DensityChange], today: datetime.date) -> Iterator[Block]:
    stage, density = header(facts, changes, today).answers[:2]
    yield Heading("The stage of the hair loss, then and now")
    yield KeyValues(tuple(_rows(stage)))
    yield Heading("How dense the hair is")
    change = _last_change(facts, changes)
    if change is None:
        yield Paragraph(f"{density.answer}{f', {density.note}' if density.note else ''}.")
        return
    rows = [("Against the beginning", change.shown), ("Measured", change.measurement.described)]
    if change.baseline is not None:
        rows.append(("At the beginning", change.baseline.described))
    yield KeyValues(tuple(rows))
    yield Paragraph(PLAIN[change.verdict], "notice")
    yield Paragraph(change.sentence, "quiet")


def _rows(answer: Answer) -> Iterator[tuple[str, str]]:
    """ "Then: III vertex", "Now: III", "Change: improved since the baseline, 14 May 2025"."""
    then, arrow, now = answer.answer.partition(" → ")
    if arrow:
        yield "Then", then
        yield "Now", now
        yield "What changed", answer.note
    else:
        yield answer.question, ", ".join(filter(None, [answer.answer, answer.note]))
    scale = answer.question.partition(", ")[2]
    if arrow and scale:
        yield "Scale", scale


def _last_change(facts: Facts, changes: Mapping[uuid.UUID, DensityChange]) -> DensityChange | None:
    of_course = [each for each in facts.standing_measurements if facts.is_of(facts.course, each)]
    found = [changes[each.pk] for each in of_course if each.pk in changes]
    return found[-1] if found else None


def _others(facts: Facts) -> Iterator[Block]:
    others = therapies_told(facts)
    if others:
        yield Heading("Other treatments")
        yield Items(tuple(map(", ".join, others)))
        yield Paragraph(TOGETHER)


def _next(facts: Facts, booked: Appointment | None, today: datetime.date) -> Iterator[Block]:
    visit = next_visit(facts.course, booked, today)
    if visit is not None:
        yield Heading("What comes next")
        yield KeyValues((visit,))


def _sessions(facts: Facts) -> Iterator[Block]:
    course = facts.course
    sessions = facts.sessions_of(course)
    if course is None or not sessions:
        yield Paragraph("None has been given yet.")
        return
    rows = [row for number, session in enumerate(sessions, start=1) for row in _rows_of(number, session, course)]
    yield Table(
        f"{count(len(sessions), 'treatment')} of this course",
        ("No.", "Day", "Month", "Product", "How", "Volume"),
        tuple(rows),
        ("start", "start", "start", "start", "start", "end"),
        (0.6, 1.4, 1.1, 2.2, 3.2, 0.9),
    )
    if len(rows) > len(sessions):
        yield Paragraph(SAME_NUMBER, "quiet")


def _rows_of(number: int, session: ExosomeSession, course: Course) -> Iterator[tuple[str, ...]]:
    """A row for each product and each technique; where it was not completed, the first says how it ended."""
    when = str(number), session.performed.label(), label(course.when, session.performed).heading
    ended = "" if session.outcome == SessionOutcome.COMPLETED else uncapitalised(str(session.get_outcome_display()))
    for each in products_given(session):
        yield *when, each.name, "; ".join(filter(None, [uncapitalised(each.how), ended])), each.volume or "none"
        ended = ""


def photo_blocks(pictures: Pictures, sentences: list[str], view: str) -> tuple[Block, ...]:
    return (Heading(view, 3), pictures, Paragraph(" ".join(sentences)))
