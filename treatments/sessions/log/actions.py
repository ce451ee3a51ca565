"""How a session gets into the record, is corrected, and is struck out. What is done to a plan: `sessions.plan.actions`.

Locks are taken in one order: the course, then its lots by id.
"""

import copy
import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic.staff.models import User
from treatments.appointments import attendance
from treatments.assessments.next_visit import lock
from treatments.courses.intervals import interval_problems
from treatments.courses.models import Course, ExosomeSession, RegionVolume
from treatments.courses.volumes import in_order, shown_volumes, total, volumes_of
from treatments.patients.actions import wait_for
from treatments.photos.actions import attach_to_session, follow_session
from treatments.products import stock
from treatments.records.actions import CorrectionArguments, Passed, correct, insert, strike_out
from treatments.records.formatting import day
from treatments.records.models import partial
from treatments.records.partial_dates import PartialDate
from treatments.safety.actions import follow_session as follow_with_events
from treatments.safety.actions import follow_up, report
from treatments.safety.models import AdverseEvent, FollowUp
from treatments.sessions.course_state import check_patient, recompute


def log_session(
    session: ExosomeSession,
    *,
    volumes: Mapping[str, Decimal],
    region_labels: Mapping[str, str] | None = None,
    events: Sequence[AdverseEvent] = (),
    follow_ups: Sequence[FollowUp] = (),
    passed: Iterable[Passed] = (),
    by: User,
) -> ExosomeSession:
    """Write a session with its mL by region, take the volume from its lot, report the events that came with it, follow
    up those that were open, tie the day's photos to it, and say what is due next: all of it or nothing.

    `region_labels` are the words used for a region ("crown and vertex"). An event without a suspected session that
    began today is tied to this one by its caller. Raises AlreadyKept for a used id, and ValidationError when the
    course has a session that day, was stopped before it, or the lot has not enough left.
    """
    session.total_ml = total(volumes)

    def with_all_that_belongs(session: ExosomeSession) -> None:
        _write_volumes(session, volumes, region_labels or {})
        for lot in stock.lock([session.lot_id]).values():
            stock.take(lot, session.total_ml, when=session.performed, session_id=session.pk, chosen=session.lot, by=by)
        for event in events:
            event.course = event.course or session.course
            report(event, by=by)
        for look in follow_ups:
            look.exosome_session = session
            follow_up(look, by=by)
        attach_to_session(session, by=by)
        recompute(session.course_id)
        attendance.settle(session.patient_id, by=by)

    with transaction.atomic():
        wait_for(session.patient_id)  # a photo that is sent with it may arrive at this moment
        check_day(lock(session.course_id), session.performed, own_id=session.pk)
        check_patient(session.patient, session.performed, field="when", what="session")
        return insert(
            session,
            event="logged_session",
            by=by,
            passed=passed,
            then=with_all_that_belongs,
            detail={"lot_known": session.lot_id is not None, "regions": len(volumes), "events": len(events)},
        )


def correct_session(
    session: ExosomeSession,
    *,
    volumes: Mapping[str, Decimal],
    region_labels: Mapping[str, str] | None = None,
    **correction: Unpack[CorrectionArguments],
) -> ExosomeSession:
    """Change a session, with every value before. A volume or a lot that changes is given back and taken anew; with its
    day change its place in the course, what is due next, and which photos are its own.

    Raises Conflict, and ValidationError as `log_session` does.
    """
    changes = correction["changes"] | {"total_ml": total(volumes)}
    correction["changes"] = changes
    day_before = session.performed

    def follow(before: ExosomeSession) -> list[dict[str, str]]:
        _exchange(before, changes, reason=correction["reason"], by=correction["by"])
        return _rewrite_volumes(before, volumes, region_labels or {})

    with transaction.atomic():
        wait_for(session.patient_id)
        course = lock(session.course_id)
        if session.is_struck_out:
            raise ValidationError("This session is struck out. Log the right one as a new session.")
        performed_on = changes.get("performed_on", session.performed_on)
        performed = partial(performed_on, changes.get("performed_precision", session.performed_precision))
        check_day(course, performed, own_id=session.pk)
        if performed != day_before:
            check_patient(session.patient, performed, field="when", what="session")
        corrected = correct(session, event="corrected_session", then=follow, **correction)
        follow_session(corrected, was=day_before, reason=correction["reason"], by=correction["by"])
        follow_with_events(corrected, by=correction["by"])
        recompute(course.pk)
        attendance.settle(corrected.patient_id, by=correction["by"])
    return corrected


def strike_out_session(session: ExosomeSession, *, reason: str, expected_version: int, by: User) -> ExosomeSession:
    """Mark a session as entered in error; its volume goes back to the lot, and the reactions of that day count no more.

    Raises Conflict.
    """

    def give_back(struck: ExosomeSession) -> None:
        for lot in stock.lock([struck.lot_id]).values():
            said = f"Struck out: {reason}"[:300]
            when, session_id = struck.performed, struck.pk
            stock.give_back(lot, struck.total_ml, when=when, session_id=session_id, reason=said, by=by)
        follow_with_events(struck, by=by)
        recompute(struck.course_id)
        attendance.settle(struck.patient_id, by=by)

    with transaction.atomic():
        lock(session.course_id)
        return strike_out(session, reason=reason, expected_version=expected_version, by=by, then=give_back)


def check_day(course: Course, performed: PartialDate, *, own_id: uuid.UUID) -> None:
    """Look again, now that nobody else can write to the course: the form looked before it was locked."""
    others = ExosomeSession.objects.standing().filter(course=course).exclude(pk=own_id)
    if any(problem.is_error for problem in interval_problems(performed, [other.given for other in others])):
        raise ValidationError({"when": "This course already has a session on that day. Correct that session."})
    if course.is_struck_out:
        raise ValidationError("This course is struck out as entered in error. A clinician must plan a new one first.")
    if course.stopped_on is not None and performed.earliest > course.stopped_on:
        sentence = (
            f"The course was stopped on {day(course.stopped_on)}. A clinician or manager can press Take up again, or "
            "plan a new one."
        )
        raise ValidationError({"when": sentence})


def _write_volumes(session: ExosomeSession, volumes: Mapping[str, Decimal], region_labels: Mapping[str, str]) -> None:
    RegionVolume.objects.bulk_create(
        RegionVolume(exosome_session=session, region=region, ml=ml, as_told=region_labels.get(region, ""))
        for region, ml in in_order(volumes)
    )


def _exchange(before: ExosomeSession, changes: Mapping[str, Any], *, reason: str, by: User) -> None:
    """Move the session's volume from the lot it had to the lot it has now, or the difference within one lot; and look
    whether the lot was in use on the day that the session has now."""
    now = copy.copy(before)
    for name in ("lot", "total_ml", "performed_on", "performed_precision"):
        setattr(now, name, changes.get(name, getattr(before, name)))
    if (before.lot_id, before.total_ml, before.performed) == (now.lot_id, now.total_ml, now.performed):
        return
    more_by_lot = {before.lot_id: -before.total_ml}
    more_by_lot[now.lot_id] = more_by_lot.get(now.lot_id, Decimal(0)) + now.total_ml
    facts: Any = {"when": now.performed, "session_id": now.pk, "reason": f"Corrected: {reason}"[:300], "by": by}
    for locked in stock.lock(more_by_lot).values():
        more = more_by_lot[locked.pk]
        if more > 0:
            stock.take(locked, more, chosen=now.lot, **facts)
        elif more < 0:
            stock.give_back(locked, -more, **facts)
        if locked.pk == now.lot_id and now.performed != before.performed:
            stock.check_day(locked, now.performed)


def _rewrite_volumes(
    session: ExosomeSession, volumes: Mapping[str, Decimal], region_labels: Mapping[str, str]
) -> list[dict[str, str]]:
    old_volumes, old_labels = volumes_of(session.region_volumes.all())
    if (old_volumes, old_labels) == (dict(volumes), dict(region_labels)):
        return []
    session.region_volumes.all().delete()
    _write_volumes(session, volumes, region_labels)
    before, after = shown_volumes(old_volumes, old_labels), shown_volumes(volumes, region_labels)
    raw = ", ".join(f"{region}={ml}" for region, ml in in_order(old_volumes))
    return [{"field": "volumes", "label": "Volume by region", "before": before, "after": after, "raw": raw}]
