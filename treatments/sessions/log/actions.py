"""How a session gets into the record, is corrected, and is struck out. What is done to a plan: `sessions.plan.actions`.

Locks are taken in the order of `records.actions`: the patient, the course, its lots by id, then the session's own row.
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
from treatments.courses.computed_columns import bring_in_line
from treatments.courses.intervals import interval_problems
from treatments.courses.models import Application, Course, ExosomeSession, RegionVolume
from treatments.courses.volumes import in_order, shown_volumes, total, volumes_of
from treatments.patients.actions import wait_for
from treatments.photos.actions import attach_to_session, follow_session
from treatments.products import stock
from treatments.products.models import Lot
from treatments.records.actions import CorrectionArguments, Passed, correct, insert, strike_out
from treatments.records.formatting import day
from treatments.records.models import partial
from treatments.records.partial_dates import PartialDate
from treatments.safety.actions import follow_session as follow_with_events
from treatments.safety.actions import follow_up, report
from treatments.safety.models import AdverseEvent, FollowUp
from treatments.sessions.course_state import check_patient, recompute
from treatments.sessions.plan.actions import plan_course


def log_session(
    session: ExosomeSession,
    *,
    volumes: Mapping[str, Decimal],
    region_labels: Mapping[str, str] | None = None,
    applications: Sequence[Application] = (),
    events: Sequence[AdverseEvent] = (),
    follow_ups: Sequence[FollowUp] = (),
    passed: Iterable[Passed] = (),
    by: User,
) -> ExosomeSession:
    """Write a session with its mL by region and what was given beside its first product, take each volume from its lot,
    report the events that came with it, follow up those that were open, tie the day's photos to it, and say what is due
    next: all of it or nothing.

    `region_labels` are the words used for a region ("crown and vertex"). An event without a suspected session that
    began today is tied to this one by its caller. Raises AlreadyKept for a used id, and ValidationError when the
    course has a session that day, was stopped before it, or the lot has not enough left.
    """
    session.first_ml, session.total_ml = total(volumes), total(volumes) + _further_ml(applications)

    def with_all_that_belongs(session: ExosomeSession) -> None:
        _write_volumes(session, volumes, region_labels or {})
        _write_applications(session, applications)
        drawn, chosen = _drawn(session, applications), _chosen(session, applications)
        for lot in stock.lock(drawn).values():
            facts: Any = {"when": session.performed, "session_id": session.pk, "chosen": chosen[lot.pk], "by": by}
            stock.take(lot, drawn[lot.pk], **facts)
        for event in events:
            event.course = event.course or session.course
            report(event, by=by)
        for look in follow_ups:
            look.exosome_session = session
            follow_up(look, by=by)
        attach_to_session(session, by=by)
        bring_in_line(recompute, session.course_id)
        bring_in_line(attendance.settle, session.patient_id, by=by)

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
            detail={
                "lot_known": session.lot_id is not None,
                "regions": len(volumes),
                "events": len(events),
                **({"further": len(applications)} if applications else {}),
            },
        )


def log_walk_in(session: ExosomeSession, *, by: User, **given: Any) -> ExosomeSession:
    """Plan the course of one session that `session` names, and log it there: both or neither. The same form sent again
    finds its session, and plans nothing. `given` and what is raised are those of `log_session`, and `plan_course`'s."""
    with transaction.atomic():
        wait_for(session.patient_id)
        kept = ExosomeSession.objects.filter(pk=session.pk, patient=session.patient).select_related("course").first()
        session.course = kept.course if kept is not None else plan_course(session.course, by=by)
        return log_session(session, by=by, **given)


def correct_session(
    session: ExosomeSession,
    *,
    volumes: Mapping[str, Decimal],
    region_labels: Mapping[str, str] | None = None,
    applications: Sequence[Application] | None = None,
    **correction: Unpack[CorrectionArguments],
) -> ExosomeSession:
    """Change a session, with every value before. A volume or a lot that changes is given back and taken anew; with its
    day change its place in the course, what is due next, and which photos are its own. Without `applications` what was
    given beside the first product stays.

    Raises Conflict, and ValidationError as `log_session` does.
    """
    day_before = session.performed

    def follow(before: ExosomeSession) -> list[dict[str, str]]:
        _exchange(before, changes, further, reason=correction["reason"], by=correction["by"])
        rows = _rewrite_volumes(before, volumes, region_labels or {})
        return rows + _rewrite_applications(before, further)

    with transaction.atomic():
        wait_for(session.patient_id)
        course = lock(session.course_id)
        further = list(_applications_of(session) if applications is None else applications)
        given = {"first_ml": total(volumes), "total_ml": total(volumes) + _further_ml(further)}
        changes = correction["changes"] = correction["changes"] | given
        if session.is_struck_out:
            raise ValidationError("This session is struck out. Log the right one as a new session.")
        performed_on = changes.get("performed_on", session.performed_on)
        performed = partial(performed_on, changes.get("performed_precision", session.performed_precision))
        check_day(course, performed, own_id=session.pk)
        now = changes.get("lot", session.lot)
        lots = [*_drawn(session, _applications_of(session)), now and now.pk, *(each.lot_id for each in further)]
        stock.lock(lots)  # before the row of the session, which `correct` holds from its first statement on
        if performed != day_before:
            check_patient(session.patient, performed, field="when", what="session")
        corrected = correct(session, event="corrected_session", then=follow, **correction)
        follow_session(corrected, was=day_before, reason=correction["reason"], by=correction["by"])
        follow_with_events(corrected, by=correction["by"])
        recompute(course.pk)
        attendance.settle(corrected.patient_id, by=correction["by"])
    return corrected


def strike_out_session(session: ExosomeSession, *, reason: str, expected_version: int, by: User) -> ExosomeSession:
    """Mark a session as entered in error; its volumes go back to their lots, the reactions of that day count no more.

    Raises Conflict.
    """

    def give_back(struck: ExosomeSession) -> None:
        drawn = _drawn(struck, _applications_of(struck))
        for lot in stock.lock(drawn).values():
            said = f"Struck out: {reason}"[:300]
            when, session_id = struck.performed, struck.pk
            stock.give_back(lot, drawn[lot.pk], when=when, session_id=session_id, reason=said, by=by)
        follow_with_events(struck, by=by)
        recompute(struck.course_id)
        attendance.settle(struck.patient_id, by=by)

    with transaction.atomic():
        wait_for(session.patient_id)
        lock(session.course_id)
        stock.lock(_drawn(session, _applications_of(session)))
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


def _write_applications(session: ExosomeSession, applications: Sequence[Application]) -> None:
    for place, each in enumerate(applications, start=2):
        each.pk, each.exosome_session, each.place = None, session, place
    Application.objects.bulk_create(applications)


def _applications_of(session: ExosomeSession) -> list[Application]:
    return list(Application.objects.filter(exosome_session=session).select_related("product", "lot__product"))


def _further_ml(applications: Iterable[Application]) -> Decimal:
    return sum((each.total_ml for each in applications if each.total_ml is not None), Decimal(0))


def _drawn(session: ExosomeSession, applications: Iterable[Application]) -> dict[uuid.UUID, Decimal]:
    """The mL that each lot gave to a session, all that came from it together."""
    drawn: dict[uuid.UUID, Decimal] = {}
    for lot_id, volume in [
        (session.lot_id, session.first_ml),
        *((each.lot_id, each.total_ml) for each in applications),
    ]:
        if lot_id is not None and volume is not None:
            drawn[lot_id] = drawn.get(lot_id, Decimal(0)) + volume
    return drawn


def _chosen(session: ExosomeSession, applications: Iterable[Application]) -> dict[uuid.UUID, Lot]:
    """The lots as the person saw them when they chose them."""
    lots = [session.lot, *(each.lot for each in applications)]
    return {lot.pk: lot for lot in lots if lot is not None}


def _exchange(
    before: ExosomeSession, changes: Mapping[str, Any], further: Sequence[Application], *, reason: str, by: User
) -> None:
    """Move each volume from the lot it came from to the lot it has now, or the difference within one lot; and look
    whether each lot was in use on the day that the session has now."""
    now = copy.copy(before)
    for name in ("lot", "first_ml", "performed_on", "performed_precision"):
        setattr(now, name, changes.get(name, getattr(before, name)))
    drawn_before, drawn = _drawn(before, _applications_of(before)), _drawn(now, further)
    if (drawn_before, before.performed) == (drawn, now.performed):
        return
    chosen = _chosen(now, further)
    facts: Any = {"when": now.performed, "session_id": now.pk, "reason": f"Corrected: {reason}"[:300], "by": by}
    for locked in stock.lock([*drawn_before, *drawn]).values():
        more = drawn.get(locked.pk, Decimal(0)) - drawn_before.get(locked.pk, Decimal(0))
        if more > 0:
            stock.take(locked, more, chosen=chosen.get(locked.pk), **facts)
        elif more < 0:
            stock.give_back(locked, -more, **facts)
        if locked.pk in drawn and now.performed != before.performed:
            stock.check_day(locked, now.performed)


def _rewrite_applications(session: ExosomeSession, further: Sequence[Application]) -> list[dict[str, str]]:
    """What was given beside the first product as it is now; what it was before is kept in words and by lot."""
    before = _applications_of(session)
    if [each.content for each in before] == [each.content for each in further]:
        return []
    Application.objects.filter(exosome_session=session).delete()
    _write_applications(session, further)
    texts = [" / ".join(each.text for each in those) or "nothing" for those in (before, further)]
    raw = "; ".join(f"{each.lot_id or each.product_id or each.route}={each.total_ml}" for each in before)
    return [{"field": "applications", "label": "Also given", "before": texts[0], "after": texts[1], "raw": raw}]


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
