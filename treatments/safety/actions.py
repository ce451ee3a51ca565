"""Reports an adverse event, follows it up, closes it, and corrects what is recorded of it.

How an event stands (at worst, now, by when it is to be reported) is written by `recompute` alone, after every write,
correction and strike-out of the event, of a follow-up or of the session it is tied to.
"""

import datetime
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from clinic.staff.models import User
from treatments.courses.models import Course, ExosomeSession
from treatments.patients.actions import wait_for
from treatments.records.actions import CorrectionArguments, Passed, correct, insert
from treatments.records.actions import strike_out as strike_out_record
from treatments.records.formatting import uncapitalised
from treatments.records.partial_dates import PartialDate
from treatments.safety.deadline import computed_due_on, effective_due_on
from treatments.safety.grading import seriousness_problems
from treatments.safety.looks import Look, Standing, standing
from treatments.safety.models import AdverseEvent, FollowUp, ReportDecision

_AS_REPORTED = {
    "grade": "reported_grade",
    "seriousness": "reported_seriousness",
    "outcome": "reported_outcome",
    "ended": "reported_ended",
}
"""Where the report's own answers stand; the columns on the left follow from them and from the follow-ups."""


def report(event: AdverseEvent, *, passed: Iterable[Passed] = (), by: User) -> AdverseEvent:
    """Write a new event: its grade, criteria, outcome and end are what the report says. What follows from the answers
    (serious or not, the day it is filed under, the day a report is due, its course) is filled in here, the same for
    every page that records an event. The course is that of the suspected session; without one the course given, else
    the one in whose time it falls.

    Raises ValidationError when the suspected session is another patient's, AlreadySaved for a used id.
    """
    _check_session(event.patient_id, event.exosome_session)
    event.happened = _filed_under(event.onset, event.exosome_session, event.reported_on or timezone.localdate())
    if event.exosome_session is not None:
        event.course = event.exosome_session.course
    elif event.course is None:
        event.course = Course.objects.on(event.patient, event.onset or event.happened)
    _check_course(event.patient_id, event.course)
    look = Look(
        on=event.told_on,
        outcome=event.outcome,
        grade=event.grade,
        criteria=tuple(event.seriousness),
        ended=event.ended or None,
        learnt_on=event.learnt_on,
        is_report=True,
    )
    _check_reasons(event, [look])
    stands = standing([look])
    event.is_serious, event.serious_since = stands.is_serious, stands.serious_since
    event.report_due_on = _due_on(event, stands)
    detail = {"kind": event.kind, "grade": event.grade, "serious": event.is_serious}
    return insert(event, event="reported_event", passed=passed, by=by, detail=detail)


def correct_event(event: AdverseEvent, **correction: Unpack[CorrectionArguments]) -> AdverseEvent:
    """Change what the report said of an event; how the event stands follows. Raises Conflict, ValidationError."""
    _check_not_struck_out(event)
    changes = {_AS_REPORTED.get(name, name): value for name, value in correction["changes"].items()}
    _check_session(event.patient_id, changes.get("exosome_session", event.exosome_session))
    _check_course(event.patient_id, changes.get("course", event.course))
    if (session := changes.get("exosome_session")) is not None:
        changes["course"] = session.course
    if {"onset", "exosome_session", "reported_on"} & set(changes):
        changes["happened"] = _filed_under(
            changes.get("onset", event.onset),
            changes.get("exosome_session", event.exosome_session),
            changes.get("reported_on", event.reported_on) or event.happened,
        )
    correction["changes"] = changes
    with transaction.atomic():
        wait_for(event.patient_id)
        corrected = correct(event, **correction)
        recompute(corrected.pk, is_checked=True)
    corrected.refresh_from_db()
    return corrected


def follow_up(follow_up: FollowUp, *, passed: Iterable[Passed] = (), by: User) -> FollowUp:
    """Write a later look at an event, in whatever order the looks are entered; how the event stands follows.

    Raises ValidationError when the event was struck out in the meantime, or is grade 4 and nobody says why it is
    serious.
    """

    def follow(look: FollowUp) -> None:
        _check_not_struck_out(recompute(look.event_id, is_checked=True))

    detail = {"event": str(follow_up.event_id)}
    return insert(follow_up, event="followed_up_event", passed=passed, then=follow, by=by, detail=detail)


def correct_follow_up(follow_up: FollowUp, **correction: Unpack[CorrectionArguments]) -> FollowUp:
    """Change what a follow-up says; how the event stands follows. Raises Conflict, ValidationError."""
    if follow_up.is_struck_out:
        raise ValidationError("This follow-up was struck out as entered in error. Enter a new one.")
    with transaction.atomic():
        wait_for(follow_up.patient_id)
        corrected = correct(follow_up, event="corrected_follow_up", **correction)
        _check_not_struck_out(recompute(corrected.event_id, is_checked=True))
    return corrected


def strike_out_follow_up(follow_up: FollowUp, *, reason: str, expected_version: int, by: User) -> FollowUp:
    """Mark a follow-up as entered in error: the event stands again as if it had never been written. Raises Conflict."""

    def follow(struck: FollowUp) -> None:
        recompute(struck.event_id)

    with transaction.atomic():
        wait_for(follow_up.patient_id)
        return strike_out_record(follow_up, reason=reason, expected_version=expected_version, by=by, then=follow)


def decide_report(event: AdverseEvent, **correction: Unpack[CorrectionArguments]) -> AdverseEvent:
    """Record whether the event is reported to an authority, by when, and under what number. Raises Conflict.

    A `report_due_on` among the changes is a deadline that a person sets, kept apart from the computed one; None leaves
    the computed one to count. Without a reason the decision itself is recorded as one.
    """
    _check_not_struck_out(event)
    changes = dict(correction["changes"])
    decision = ReportDecision(changes["report_decision"]).label
    correction["reason"] = correction["reason"] or f"Report decision: {uncapitalised(decision)}"
    if "report_due_on" in changes:
        changes |= _set_by_hand(event, changes.pop("report_due_on"), by=correction["by"])
    correction["changes"] = changes
    with transaction.atomic():
        wait_for(event.patient_id)
        decided = correct(event, **correction, event="decided_report")
        recompute(decided.pk)
    decided.refresh_from_db()
    return decided


def _set_by_hand(event: AdverseEvent, due_on: datetime.date | None, *, by: User) -> dict[str, Any]:
    """The columns of a deadline set by hand; none where it is as it was."""
    if due_on == event.due_by_hand_on:
        return {}
    who = {"due_by_hand_by": by, "due_by_hand_at": timezone.now()} if due_on else {}
    return {"due_by_hand_on": due_on, "due_by_hand_by": None, "due_by_hand_at": None, **who}


# ── What follows ───────────────────────────────────────────────────────────────────────────────


def recompute(event_id: uuid.UUID, *, is_checked: bool = False) -> AdverseEvent:
    """Work out anew how an event stands, from its report and all follow-ups that stand, and write it.

    The row stays locked until the transaction ends, so that of two looks entered at once the second counts the first.
    With `is_checked`, raises ValidationError where the looks taken together are grave without a reason (rule 23).
    """
    event = AdverseEvent.objects.select_for_update(of=("self",)).select_related("exosome_session").get(pk=event_id)
    looks = event.looks()
    if is_checked:
        _check_reasons(event, looks)
    stands, session = standing(looks), event.exosome_session
    follows: dict[str, Any] = {
        "grade": stands.grade,
        "seriousness": list(stands.criteria),
        "is_serious": stands.is_serious,
        "serious_since": stands.serious_since,
        "outcome": stands.outcome,
        "ended": stands.ended,
        "report_due_on": _due_on(event, stands),
    }
    for name, value in follows.items():
        setattr(event, name, value)
    follows["fell_with_session"] = event.fell_with_session = (
        session is not None and session.is_struck_out and event.would_fall_with(session)
    )
    AdverseEvent.objects.filter(pk=event.pk).update(**follows)
    return event


def _check_reasons(event: AdverseEvent, looks: Sequence[Look]) -> None:
    """A grade of 4 or worse needs its reason from somebody, be it in another look; a death needs all three answers."""
    criteria = {code for look in looks for code in look.criteria}
    is_fatal = any(look.is_fatal for look in looks)
    outcome = standing(looks).outcome
    grade = max(look.grade or 1 for look in looks)
    problems = seriousness_problems(kind=event.kind, grade=grade, criteria=criteria, outcome=outcome)
    grave = [p for p in problems if p.is_error and (is_fatal or p.code == "grave_but_not_serious")]
    if grave:
        raise ValidationError(grave[0].sentence)


def _due_on(event: AdverseEvent, stands: Standing) -> datetime.date | None:
    return effective_due_on(
        is_serious=stands.is_serious,
        is_required=event.report_decision == ReportDecision.REQUIRED,
        by_hand=event.due_by_hand_on,
        computed=computed_due_on(event.kind, stands),
    )


def follow_session(session: ExosomeSession, *, by: User) -> None:
    """After a session was corrected or struck out: file each event tied to it under the day that now follows, move the
    follow-ups that were asked at it to its day, and let what was seen or told at a session that did not take place
    count no more."""
    for event in AdverseEvent.objects.filter(exosome_session=session):
        follow_tie(event)
    for look in FollowUp.objects.filter(exosome_session=session, struck_out_at=None).order_by("id"):
        if look.seen_on != session.performed_on and not session.is_struck_out:
            changes = {"seen_on": session.performed_on}
            reason = "The day of its session was corrected"
            correct(
                look, event="corrected_follow_up", changes=changes, reason=reason, expected_version=look.version, by=by
            )
        recompute(look.event_id)


def follow_tie(event: AdverseEvent) -> None:
    """After an event was tied to another session, or its session changed: the day it is filed under, and whether it
    counts."""
    happened = _filed_under(event.onset, event.exosome_session, event.happened)
    AdverseEvent.objects.filter(pk=event.pk).exclude(happened=happened).update(happened=happened)
    recompute(event.pk)


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


def _check_not_struck_out(event: AdverseEvent) -> None:
    if event.struck_out_at is not None:
        raise ValidationError("This event was struck out as entered in error. If it did happen, report a new one.")


def _check_session(patient_id: uuid.UUID, session: ExosomeSession | None) -> None:
    if session is not None and session.patient_id != patient_id:
        raise ValidationError("The suspected session belongs to another patient. Choose one of this patient's.")


def _check_course(patient_id: uuid.UUID, course: Course | None) -> None:
    if course is not None and course.patient_id != patient_id:
        raise ValidationError("The course belongs to another patient. Choose one of this patient's.")
