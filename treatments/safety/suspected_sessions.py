"""The sessions that may have caused an event, and what is still to be done about a serious one."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from treatments.courses.models import ExosomeSession
from treatments.patients.models import Patient
from treatments.records.formatting import count
from treatments.safety.grading import decision_problems
from treatments.safety.models import AdverseEvent, ReportDecision


@dataclass(frozen=True)
class Suspect:
    """A session with its number in its course, counted by date."""

    session: ExosomeSession
    number: int

    @property
    def label(self) -> str:
        lot = self.session.lot.number if self.session.lot else "not recorded"
        return f"Session {self.number}, {self.session.performed.label()}, lot {lot}"


def suspects(patient: Patient) -> list[Suspect]:
    """The patient's sessions, latest first. One query."""
    numbers: Counter[Any] = Counter()
    sessions = []
    for session in ExosomeSession.objects.standing().filter(patient=patient).in_order().select_related("lot"):
        numbers[session.course_id] += 1
        sessions.append(Suspect(session, numbers[session.course_id]))
    return sessions[::-1]


def aware_since(event: AdverseEvent) -> datetime:
    """When the clinic learnt of an event: the day it was reported, else the moment it was entered."""
    if event.reported_on is None:
        return event.created_at
    return timezone.make_aware(datetime.combine(event.reported_on, datetime.min.time()))


def left_to_do(event: AdverseEvent) -> list[str]:
    """What rule 24 still asks for a serious event, a day after the clinic learnt of it."""
    if event.is_struck_out:
        return []
    problems = decision_problems(
        serious=event.is_serious,
        causality=event.causality,
        action_taken=event.action_taken,
        report_decided=event.report_decision != ReportDecision.UNDECIDED,
        aware_at=aware_since(event),
        now=timezone.now(),
    )
    tasks = [problem.sentence.removeprefix("Serious event: ").capitalize() for problem in problems]
    days = days_to_report(event)
    if days is not None and days < 0:
        tasks.append(f"The report was due {count(-days, 'day')} ago. Send it, or note the reason.")
    return tasks


def days_to_report(event: AdverseEvent) -> int | None:
    """Days until the report to the authority is due; None when none is, or it has been sent or ruled out."""
    waiting = event.report_decision in {ReportDecision.UNDECIDED, ReportDecision.REQUIRED}
    if event.is_struck_out or event.report_due_on is None or not waiting:
        return None
    return (event.report_due_on - timezone.localdate()).days
