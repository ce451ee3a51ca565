"""The sessions that may have caused an event, and what is still to be done about a serious one."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from treatments.courses.models import ExosomeSession
from treatments.patients.models import Patient
from treatments.records.formatting import count, listed
from treatments.safety.grading import decision_problems
from treatments.safety.models import AdverseEvent, ReportDecision


@dataclass(frozen=True)
class Suspect:
    """A session with its number in its course, counted by date."""

    session: ExosomeSession
    number: int

    @property
    def label(self) -> str:
        lots = " and ".join(lot.number for lot in self.session.lots_given) or "not recorded"
        return f"Session {self.number}, {self.session.performed.label()}, lot {lots}"


def suspects(patient: Patient) -> list[Suspect]:
    """The patient's sessions, latest first. Two queries."""
    numbers: Counter[Any] = Counter()
    sessions = []
    given = ExosomeSession.objects.standing().filter(patient=patient).in_order()
    for session in given.select_related("lot").prefetch_related("applications__lot"):
        numbers[session.course_id] += 1
        sessions.append(Suspect(session, numbers[session.course_id]))
    return sessions[::-1]


def left_behind(session: ExosomeSession) -> str:
    """What becomes of the events tied to a session if it is struck out, in sentences; "" where there is none."""
    falling: list[str] = []
    staying: list[str] = []
    for event in AdverseEvent.objects.standing().filter(exosome_session=session).serious_first():
        (falling if event.would_fall_with(session) else staying).append(str(event).lower())
    sentences = []
    if falling:
        which = "The event" if len(falling) == 1 else "The events"
        sentences.append(f"{which} of that day will not count any more: {listed(falling)}.")
    if staying:
        verb = "Stays" if len(staying) == 1 else "Stay"
        sentences.append(f"{verb} in the patient’s record, but not tied to the lot: {listed(staying)}.")
    if sentences:
        sentences.append("If an event did happen, correct it and choose another session.")
    return " ".join(sentences)


def aware_since(event: AdverseEvent) -> datetime:
    """When the clinic learnt that an event is serious, else of the event: the day, or the moment of an entry made on
    that day."""
    learnt_on = event.serious_since or event.told_on
    if learnt_on == timezone.localdate(event.created_at):
        return event.created_at
    return timezone.make_aware(datetime.combine(learnt_on, datetime.min.time()))


def left_to_do(event: AdverseEvent) -> list[str]:
    """What is still to be done about an event: what rule 24 asks for a serious one a day after the clinic learnt of it,
    its report, and its session, if that was struck out."""
    if event.struck_out_at is not None:
        return []
    session = event.exosome_session
    tasks = []
    if session is not None and session.is_struck_out:
        tasks.append(
            "Its session was struck out. Correct the event and choose another session or none, or strike out the "
            "event too."
        )
    if event.is_struck_out:
        return tasks
    problems = decision_problems(
        serious=event.is_serious,
        causality=event.causality,
        action_taken=event.action_taken,
        report_decided=event.report_decision != ReportDecision.UNDECIDED,
        aware_at=aware_since(event),
        now=timezone.now(),
    )
    if event.is_serious and not event.seriousness:
        tasks.append(f"Write why it is serious: at worst it is grade {event.grade}.")
    tasks += [problem.sentence.removeprefix("Serious event: ").capitalize() for problem in problems]
    return tasks + _report_tasks(event)


def _report_tasks(event: AdverseEvent) -> list[str]:
    days, tasks = days_to_report(event), []
    if days is not None and days < 0:
        tasks.append(f"The report was due {count(-days, 'day')} ago. Send it, or write why not.")
    if event.report_decision == ReportDecision.REQUIRED and not event.is_serious:
        tasks.append("You decided to report it, but it is not serious. Decide on the report again.")
    return tasks


def days_to_report(event: AdverseEvent) -> int | None:
    """Days until the report to the authority is due; None when none is, or it has been sent or ruled out."""
    due_on = event.report_waits_until
    return (due_on - timezone.localdate()).days if due_on is not None else None
