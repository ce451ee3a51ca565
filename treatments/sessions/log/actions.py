"""How a session gets into the record, is corrected, and is struck out. The plan's own acts are in `planning`.

Locks are taken in one order: the course, then its lots by id.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from treatments.courses.models import Course, ExosomeSession, RegionVolume
from treatments.courses.volumes import in_order, in_words, of_rows, total
from treatments.photos.actions import attach_to_session, follow_session
from treatments.products import stock
from treatments.records.actions import Passed, correct, insert, strike_out
from treatments.safety.actions import refile_events, report
from treatments.safety.models import AdverseEvent
from treatments.sessions.course_state import hold, recompute


def log_session(
    session: ExosomeSession,
    *,
    volumes: Mapping[str, Decimal],
    told: Mapping[str, str] | None = None,
    events: Sequence[AdverseEvent] = (),
    passed: Iterable[Passed] = (),
    by: Any,
) -> ExosomeSession:
    """Write a session with its mL by region, take the volume from its lot, report the events that came with it,
    tie the day's photos to it, and say what is due next: all of it or nothing.

    `told` keeps the words used for a region ("crown and vertex"). An event without a suspected session that began
    today is tied to this one by its caller. Raises AlreadySaved for a used id, and ValidationError when the course
    has a session that day, was stopped before it, or the lot has not enough left.
    """
    session.total_ml = total(volumes)

    def with_all_that_belongs(kept: ExosomeSession) -> None:
        _write_volumes(kept, volumes, told or {})
        for lot in stock.hold([kept.lot_id]).values():
            stock.take(lot, kept.total_ml, chosen=kept.lot)
        for event in events:
            report(event, by=by)
        attach_to_session(kept, by=by)
        recompute(kept.course_id)

    with transaction.atomic():
        _check_day(hold(session.course_id), session)
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
    changes: dict[str, Any],
    volumes: Mapping[str, Decimal],
    told: Mapping[str, str] | None = None,
    reason: str,
    expected_version: int,
    passed: Iterable[Passed] = (),
    by: Any,
) -> ExosomeSession:
    """Change a session, with every value before. A volume or a lot that changes is given back and taken anew; with its
    day change its place in the course, what is due next, and which photos are its own.

    Raises Conflict, and ValidationError as `log_session` does.
    """
    changes = changes | {"total_ml": total(volumes)}
    lot = changes["lot"] if "lot" in changes else session.lot
    was = session.performed

    def follow(before: ExosomeSession) -> list[dict[str, str]]:
        _exchange(before, lot, changes["total_ml"])
        return _rewrite_volumes(before, volumes, told or {})

    with transaction.atomic():
        course = hold(session.course_id)
        if session.is_struck_out:
            raise ValidationError("This session is struck out. Log the right one anew instead of correcting it.")
        day = changes.get("performed_on", session.performed_on)
        _check_day(course, ExosomeSession(pk=session.pk, course=course, performed_on=day))
        corrected = correct(
            session,
            changes=changes,
            reason=reason,
            expected_version=expected_version,
            event="corrected_session",
            passed=passed,
            then=follow,
            by=by,
        )
        follow_session(corrected, was=was, by=by)
        refile_events(corrected)
        recompute(course.pk)
    return corrected


def strike_out_session(session: ExosomeSession, *, reason: str, expected_version: int, by: Any) -> ExosomeSession:
    """Mark a session as entered in error; its volume goes back to the lot. Raises Conflict."""

    def give_back(struck: ExosomeSession) -> None:
        for lot in stock.hold([struck.lot_id]).values():
            stock.give_back(lot, struck.total_ml)
        recompute(struck.course_id)

    with transaction.atomic():
        hold(session.course_id)
        return strike_out(session, reason=reason, expected_version=expected_version, by=by, then=give_back)


def _check_day(course: Course, session: ExosomeSession) -> None:
    """Look again, now that nobody else can write to the course: the form looked before it was locked."""
    same_day = ExosomeSession.objects.standing().filter(course=course, performed_on=session.performed_on)
    if same_day.exclude(pk=session.pk).exists():
        raise ValidationError({"when": "This course has a session on that day already. Correct that one instead."})
    if course.is_struck_out:
        raise ValidationError("This course is struck out as entered in error. Plan a new one first.")
    if course.stopped_on is not None and session.performed_on > course.stopped_on:
        day = f"{course.stopped_on:%-d %b %Y}"
        raise ValidationError({"when": f"The course was stopped on {day}. Resume it, or plan a new one first."})


def _write_volumes(session: ExosomeSession, volumes: Mapping[str, Decimal], told: Mapping[str, str]) -> None:
    RegionVolume.objects.bulk_create(
        RegionVolume(exosome_session=session, region=region, ml=ml, as_told=told.get(region, ""))
        for region, ml in in_order(volumes)
    )


def _exchange(before: ExosomeSession, lot: Any, ml: Decimal) -> None:
    """Move the session's volume from the lot it had to the lot it has now, or the difference within one lot."""
    new_id = lot.pk if lot is not None else None
    if (before.lot_id, before.total_ml) == (new_id, ml):
        return
    held = stock.hold([before.lot_id, new_id])
    if before.lot_id == new_id:
        if new_id is None:
            return
        more = ml - before.total_ml
        stock.take(held[new_id], more, chosen=lot) if more > 0 else stock.give_back(held[new_id], -more)
        return
    if before.lot_id is not None:
        stock.give_back(held[before.lot_id], before.total_ml)
    if new_id is not None:
        stock.take(held[new_id], ml, chosen=lot)


def _rewrite_volumes(
    session: ExosomeSession, volumes: Mapping[str, Decimal], told: Mapping[str, str]
) -> list[dict[str, str]]:
    old_volumes, old_told = of_rows(session.region_volumes.all())
    if old_volumes == dict(volumes) and old_told == dict(told):
        return []
    session.region_volumes.all().delete()
    _write_volumes(session, volumes, told)
    before, after = in_words(old_volumes, old_told), in_words(volumes, told)
    raw = ", ".join(f"{region}={ml}" for region, ml in in_order(old_volumes))
    return [{"field": "volumes", "label": "Volume by region", "before": before, "after": after, "raw": raw}]
