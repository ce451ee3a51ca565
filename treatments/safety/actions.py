"""Reports an adverse event, follows it up, closes it, and corrects what is recorded of it."""

import datetime
import uuid
from collections.abc import Collection, Iterable
from typing import Any, Unpack

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.staff.models import User
from treatments.courses.models import Course, ExosomeSession
from treatments.records.actions import CorrectionArguments, Passed, correct, insert
from treatments.records.formatting import day, uncapitalised
from treatments.records.partial_dates import PartialDate
from treatments.safety.grading import report_due_on
from treatments.safety.models import AdverseEvent, FollowUp, ReportDecision
from treatments.safety.vocabulary import Outcome, Seriousness


def report(event: AdverseEvent, *, passed: Iterable[Passed] = (), by: User) -> AdverseEvent:
    """Write a new event. What follows from the answers (serious or not, the day it is filed under, the day a
    report is due, its course) is filled in here, the same for every page that records an event. The course is that of
    the suspected session; without one the course given, else the one in whose time it falls.

    Raises ValidationError when the suspected session is another patient's, AlreadySaved for a used id.
    """
    _check_session(event.patient_id, event.exosome_session)
    event.is_serious = bool(event.seriousness)
    event.happened = _filed_under(event.onset, event.exosome_session, event.reported_on or timezone.localdate())
    if event.exosome_session is not None:
        event.course = event.exosome_session.course
    elif event.course is None:
        event.course = Course.objects.on(event.patient, event.onset or event.happened)
    _check_course(event.patient_id, event.course)
    if event.is_serious and event.report_due_on is None:
        event.report_due_on = _due_on(event.kind, event.seriousness, event.reported_on)
    detail = {"kind": event.kind, "grade": event.grade, "serious": event.is_serious}
    return insert(event, event="reported_event", passed=passed, by=by, detail=detail)


def correct_event(event: AdverseEvent, **correction: Unpack[CorrectionArguments]) -> AdverseEvent:
    """Change what is recorded of an event, and what follows from it. Raises Conflict, ValidationError."""
    _check_not_struck_out(event)
    correction["changes"] = _with_consequences(event, correction["changes"])
    return correct(event, **correction)


def follow_up(
    follow_up: FollowUp,
    *,
    ended: PartialDate | None = None,
    criteria: Collection[str] = (),
    passed: Iterable[Passed] = (),
    by: User,
) -> FollowUp:
    """Write a later look at an event, and update the event unless there is a later look already.

    The event takes the outcome, the end if one is given, and further criteria of seriousness. Its grade is the
    worst it reached: a follow-up can raise it, never lower it. The change is a correction of the event.
    Raises ValidationError when the event was struck out in the meantime.
    """

    def update_event(look: FollowUp) -> None:
        event = AdverseEvent.objects.select_for_update().get(pk=look.event_id)
        _check_not_struck_out(event)
        if event.follow_ups.standing().filter(seen_on__gt=look.seen_on).exists():
            return
        changes = {
            "outcome": look.outcome,
            "grade": max(event.grade, look.grade or 0),
            "seriousness": [c.value for c in Seriousness if c.value in {*event.seriousness, *criteria}],
            "ended": None if look.outcome == Outcome.ONGOING else ended or event.ended,
        }
        correct(
            event,
            changes=_with_consequences(event, changes),
            reason=f"Follow-up of {day(look.seen_on)}",
            expected_version=event.version,
            event="updated_by_follow_up",
            by=by,
        )

    detail = {"event": str(follow_up.event_id)}
    return insert(follow_up, event="followed_up_event", passed=passed, then=update_event, by=by, detail=detail)


def resolve(event: AdverseEvent, **correction: Unpack[CorrectionArguments]) -> AdverseEvent:
    """Close an event that is over: change its outcome and its end, which may be unknown.

    Raises Conflict, ValidationError.
    """
    _check_not_struck_out(event)
    return correct(event, **correction, event="resolved_event")


def decide_report(event: AdverseEvent, **correction: Unpack[CorrectionArguments]) -> AdverseEvent:
    """Record whether the event is reported to an authority, by when, and under what number. Raises Conflict.

    Without a reason the decision itself is recorded as one.
    """
    _check_not_struck_out(event)
    decision = ReportDecision(correction["changes"]["report_decision"]).label
    correction["reason"] = correction["reason"] or f"Report decision: {uncapitalised(decision)}"
    return correct(event, **correction, event="decided_report")


def _with_consequences(event: AdverseEvent, changes: dict[str, Any]) -> dict[str, Any]:
    """The changes with the columns that follow from them, in one write, because the database checks them together."""

    def new(column: str) -> Any:
        return changes.get(column, getattr(event, column))

    _check_session(event.patient_id, new("exosome_session"))
    _check_course(event.patient_id, new("course"))
    consequences: dict[str, Any] = {"is_serious": bool(new("seriousness"))}
    if {"onset", "exosome_session", "reported_on"} & set(changes):
        consequences["happened"] = _filed_under(
            new("onset"), new("exosome_session"), new("reported_on") or event.happened
        )
    if "exosome_session" in changes and (session := changes["exosome_session"]) is not None:
        consequences["course"] = session.course
    if consequences["is_serious"] and new("report_due_on") is None:
        consequences["report_due_on"] = _due_on(new("kind"), new("seriousness"), new("reported_on"))
    return changes | consequences


def refile_events(session: ExosomeSession) -> None:
    """After a session's day was corrected: file each event tied to it under the day that now follows."""
    for event in AdverseEvent.objects.filter(exosome_session=session):
        happened = _filed_under(event.onset, session, event.happened)
        AdverseEvent.objects.filter(pk=event.pk).exclude(happened=happened).update(happened=happened)


def _filed_under(
    onset: PartialDate | str | None, session: ExosomeSession | None, otherwise: datetime.date
) -> datetime.date:
    """The day an event is filed under: that of its onset, else of its session.

    Where the onset is known to the month and the session was in that month, it is the day of the session.
    """
    session_on: datetime.date | None = session.performed_on if session else None
    if not isinstance(onset, PartialDate):  # an unsaved row has "" where nothing is known
        return session_on or otherwise
    if session_on and onset.earliest <= session_on <= onset.latest:
        return session_on
    return onset.earliest


def _due_on(kind: str, criteria: Collection[str], reported_on: datetime.date | None) -> datetime.date | None:
    return report_due_on(reported_on or timezone.localdate(), kind=kind, criteria=criteria)


def _check_not_struck_out(event: AdverseEvent) -> None:
    if event.is_struck_out:
        raise ValidationError("This event was struck out as entered in error. Report it anew if it did happen.")


def _check_session(patient_id: uuid.UUID, session: ExosomeSession | None) -> None:
    if session is not None and session.patient_id != patient_id:
        raise ValidationError("The suspected session belongs to another patient. Choose one of this patient's.")


def _check_course(patient_id: uuid.UUID, course: Course | None) -> None:
    if course is not None and course.patient_id != patient_id:
        raise ValidationError("The course belongs to another patient. Choose one of this patient's.")
