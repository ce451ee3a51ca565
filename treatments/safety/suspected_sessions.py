"""Which session, and so which lot, may have caused an event."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from treatments.courses.models import ExosomeSession
from treatments.patients.models import Patient
from treatments.safety.grading import decision_problems
from treatments.safety.models import AdverseEvent, ReportDecision


@dataclass(frozen=True)
class Suspect:
    """A session with its number in its course, counted by date."""

    session: ExosomeSession
    number: int

    @property
    def label(self) -> str:
        words = f"Session {self.number}, {self.session.performed.label()}"
        return f"{words}, lot {self.session.lot.number}" if self.session.lot else f"{words}, lot not recorded"


def suspects(patient: Patient) -> list[Suspect]:
    """The patient's sessions, latest first. One query."""
    numbers: dict[Any, int] = {}
    found = []
    for session in ExosomeSession.objects.standing().filter(patient=patient).in_order().select_related("lot"):
        numbers[session.course_id] = numbers.get(session.course_id, 0) + 1
        found.append(Suspect(session, numbers[session.course_id]))
    return found[::-1]


def aware_since(event: AdverseEvent) -> datetime:
    """When the clinic came to know of an event: the day it was told, else the moment it was entered."""
    if event.reported_on is None:
        return event.created_at
    return timezone.make_aware(datetime.combine(event.reported_on, datetime.min.time()))


def left_to_do(event: AdverseEvent) -> list[str]:
    """What rule 24 still asks of a serious event, a day after the clinic came to know of it."""
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
    found = [problem.sentence.removeprefix("Serious event: ").capitalize() for problem in problems]
    days = days_to_report(event)
    if days is not None and days < 0:
        found.append(f"The report was due {-days} {'day' if days == -1 else 'days'} ago. Send it, or note the reason.")
    return found


def days_to_report(event: AdverseEvent) -> int | None:
    """Days until the report to the authority is due; None when none is, or it has been sent or ruled out."""
    waiting = event.report_decision in {ReportDecision.UNDECIDED, ReportDecision.REQUIRED}
    if event.is_struck_out or event.report_due_on is None or not waiting:
        return None
    return (event.report_due_on - timezone.localdate()).days
