"""How an adverse event gets into the record, and what becomes of it there."""

import datetime
from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from treatments.records.actions import Passed, correct, insert, strike_out
from treatments.records.partial_dates import PartialDate
from treatments.safety.grading import report_due_on
from treatments.safety.models import AdverseEvent, FollowUp, ReportDecision
from treatments.safety.vocabulary import Outcome, Seriousness


def report(event: AdverseEvent, *, passed: Iterable[Passed] = (), by: Any) -> AdverseEvent:
    """Write a new event. What follows from the answers (serious or not, the day it is filed under, the day a
    report is due) is filled in here, so that every page that asks for events keeps them alike.

    Raises ValidationError when the suspected session is another patient's, AlreadySaved for a used id.
    """
    _same_patient(event.patient_id, event.exosome_session)
    event.is_serious = bool(event.seriousness)
    event.happened = _filed_under(event.onset, event.exosome_session, event.reported_on)
    if event.is_serious and event.report_due_on is None:
        event.report_due_on = _due(event.kind, event.seriousness, event.reported_on)
    detail = {"kind": event.kind, "grade": event.grade, "serious": event.is_serious}
    return insert(event, event="reported_event", passed=passed, by=by, detail=detail)


def correct_event(
    event: AdverseEvent,
    *,
    changes: dict[str, Any],
    reason: str,
    expected_version: int,
    passed: Iterable[Passed] = (),
    by: Any,
) -> AdverseEvent:
    """Change what is recorded of an event, with the values before. Raises Conflict, ValidationError."""
    _standing(event)
    return correct(
        event,
        changes=_with_consequences(event, changes),
        reason=reason,
        expected_version=expected_version,
        passed=passed,
        by=by,
    )


def follow_up(
    follow_up: FollowUp,
    *,
    ended: PartialDate | None = None,
    criteria: Collection[str] = (),
    passed: Iterable[Passed] = (),
    by: Any,
) -> FollowUp:
    """Write a later look at an event, and bring the event up to date when no later look is kept.

    The event takes the outcome, the end if one is given, and further criteria of seriousness. Its grade is the
    worst it reached: a follow-up can raise it, never lower it. The change is kept as a correction of the event.
    Raises ValidationError when the event was struck out in the meantime.
    """

    def bring_up_to_date(kept: FollowUp) -> None:
        event = AdverseEvent.objects.select_for_update().get(pk=kept.event_id)
        _standing(event)
        later = event.follow_ups.standing().filter(seen_on__gt=kept.seen_on)
        if later.exists():
            return
        changes = {
            "outcome": kept.outcome,
            "grade": max(event.grade, kept.grade or 0),
            "seriousness": [c.value for c in Seriousness if c.value in {*event.seriousness, *criteria}],
            "ended": None if kept.outcome == Outcome.ONGOING else ended or event.ended,
        }
        correct(
            event,
            changes=_with_consequences(event, changes),
            reason=f"Follow-up of {kept.seen_on:%-d %b %Y}",
            expected_version=event.version,
            event="updated_by_follow_up",
            by=by,
        )

    detail = {"event": str(follow_up.event_id)}
    return insert(follow_up, event="followed_up_event", passed=passed, then=bring_up_to_date, by=by, detail=detail)


def resolve(
    event: AdverseEvent,
    *,
    ended: PartialDate | None,
    outcome: str = Outcome.RECOVERED,
    reason: str,
    expected_version: int,
    passed: Iterable[Passed] = (),
    by: Any,
) -> AdverseEvent:
    """Close an event that is over, with or without the day it ended. Raises Conflict, ValidationError."""
    _standing(event)
    return correct(
        event,
        changes={"outcome": outcome, "ended": ended},
        reason=reason,
        expected_version=expected_version,
        event="resolved_event",
        passed=passed,
        by=by,
    )


def decide_report(
    event: AdverseEvent,
    *,
    decision: str,
    due_on: datetime.date | None = None,
    authority: str = "",
    reference: str = "",
    reported_on: datetime.date | None = None,
    reason: str = "",
    expected_version: int,
    by: Any,
) -> AdverseEvent:
    """Keep whether an authority is told of the event, by when, and under what number. Raises Conflict."""
    _standing(event)
    changes = {
        "report_decision": decision,
        "report_due_on": due_on,
        "authority": authority,
        "authority_reference": reference,
        "authority_reported_on": reported_on,
    }
    words = reason or f"Report decision: {ReportDecision(decision).label.lower()}"
    return correct(
        event, changes=changes, reason=words, expected_version=expected_version, event="decided_report", by=by
    )


def strike_out_event(event: AdverseEvent, *, reason: str, expected_version: int, by: Any) -> AdverseEvent:
    """Mark an event as entered in error. Raises Conflict."""
    return strike_out(event, reason=reason, expected_version=expected_version, by=by)


def strike_out_follow_up(follow_up: FollowUp, *, reason: str, expected_version: int, by: Any) -> FollowUp:
    """Mark a follow-up as entered in error; what it changed on the event is corrected there. Raises Conflict."""
    return strike_out(follow_up, reason=reason, expected_version=expected_version, by=by)


def _with_consequences(event: AdverseEvent, changes: dict[str, Any]) -> dict[str, Any]:
    """The changes with the columns that follow from them, in one write, as the database checks them together."""

    def now(name: str) -> Any:
        return changes.get(name, getattr(event, name))

    _same_patient(event.patient_id, now("exosome_session"))
    follows: dict[str, Any] = {"is_serious": bool(now("seriousness"))}
    if {"onset", "exosome_session", "reported_on"} & set(changes):
        follows["happened"] = _filed_under(
            now("onset"), now("exosome_session"), now("reported_on"), otherwise=event.happened
        )
    if follows["is_serious"] and now("report_due_on") is None:
        follows["report_due_on"] = _due(now("kind"), now("seriousness"), now("reported_on"))
    return changes | follows


def refile_events(session: Any) -> None:
    """After a session's day was corrected: each event tied to it stands under the day that now follows."""
    for event in AdverseEvent.objects.filter(exosome_session=session):
        happened = _filed_under(event.onset, session, event.reported_on)
        AdverseEvent.objects.filter(pk=event.pk).exclude(happened=happened).update(happened=happened)


def _filed_under(
    onset: PartialDate | str | None,
    session: Any,
    reported_on: datetime.date | None,
    *,
    otherwise: datetime.date | None = None,
) -> datetime.date:
    """The day an event is filed under. An onset known to the month that holds the session counts as its day."""
    session_on: datetime.date | None = session.performed_on if session is not None else None
    if isinstance(onset, PartialDate):  # an unsaved row holds "" where nothing is known
        if session_on is not None and onset.earliest <= session_on <= onset.latest:
            return session_on
        return onset.earliest
    return session_on or reported_on or otherwise or timezone.localdate()


def _due(kind: str, criteria: Collection[str], reported_on: datetime.date | None) -> datetime.date | None:
    return report_due_on(reported_on or timezone.localdate(), kind=kind, criteria=criteria)


def _standing(event: AdverseEvent) -> None:
    if event.is_struck_out:
        raise ValidationError("This event was struck out as entered in error. Report it anew if it did happen.")


def _same_patient(patient_id: Any, session: Any) -> None:
    if session is not None and session.patient_id != patient_id:
        raise ValidationError("The suspected session belongs to another patient. Choose one of this patient's.")
