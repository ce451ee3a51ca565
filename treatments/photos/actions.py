"""How a stored photo is corrected, reviewed, struck out and tied to sessions. Storing it: `upload.store_photo`."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from clinic.audit import log
from clinic.staff.models import User
from treatments.courses.membership import by_date, may_be_meant
from treatments.courses.models import Course, ExosomeSession
from treatments.photos import final_photos
from treatments.photos.models import Photo
from treatments.photos.quality.photo_quality import as_stored, check_photo, measures_of, warnings_of
from treatments.photos.store.decoding import ImageFacts
from treatments.photos.upload.store_photo import fill_in_file_date, link_to_session
from treatments.photos.vocabulary import DatedBy, PhotoQuality
from treatments.records import actions as records
from treatments.records.actions import CorrectionArguments, Passed
from treatments.records.partial_dates import PartialDate

MAX_REASON = 300
_CHECKS_DEPEND_ON = {"view", "site", "taken_on", "lighting"}


def correct_photo(photo: Photo, **correction: Unpack[CorrectionArguments]) -> Photo:
    """Change what is recorded of a photo, never its file; a new date or course ties it to the session of that day.

    The quality is checked again when its view, date or light changed. Raises Conflict, and ValidationError for a
    photo that is struck out.
    """
    if photo.is_struck_out:
        raise ValidationError("This photo is struck out. Send the right photo as a new one.")
    changes = correction["changes"]
    if any(name in changes and changes[name] != getattr(photo, name) for name in ("taken_on", "taken_precision")):
        changes = correction["changes"] = {"dated_by": DatedBy.GIVEN, **changes}
    if any(name in changes and changes[name] != getattr(photo, name) for name in ("taken_on", "course")):
        changes = correction["changes"] = changes | _session_columns(photo, changes)

    def follow(before: Photo) -> None:
        final_photos.recompute_for(before)
        changed = {name for name, value in changes.items() if value != getattr(before, name)}
        if changed & _CHECKS_DEPEND_ON:
            check_again(before, by=correction["by"])

    return records.correct(photo, then=follow, **correction)


def check_again(photo: Photo, *, by: User) -> None:
    """Judge anew what was measured of a photo, where what it is compared with has changed: a part of an act of `by`."""
    after = Photo.objects.select_related("patient", "clinic").get(pk=photo.pk)
    if measures := measures_of(after):
        checks = after.quality_checks | as_stored(measures, check_photo(after, measures))
        Photo.objects.filter(pk=after.pk).update(quality_checks=checks)


def _session_columns(photo: Photo, changes: dict[str, Any]) -> dict[str, Any]:
    """Session and course of the day that a photo is moved to; of the course that was chosen, if one was.

    Where none is chosen now, a course that is not that of its old date was chosen before, and stays; any course stays
    where the new day has no session, unless the day lies outside its time.
    """
    moved = Photo(patient=photo.patient, clinic_id=photo.clinic_id, sent_with=photo.sent_with)
    moved.taken_on = changes.get("taken_on", photo.taken_on)
    moved.taken_precision = changes.get("taken_precision", photo.taken_precision)
    courses = list(Course.objects.of_patient(photo.patient))
    kept = photo.course if photo.course in courses and may_be_meant(photo.course, courses, moved.taken) else None
    if "course" in changes:
        moved.course = changes["course"]
    elif kept != by_date(courses, photo.taken):
        moved.course = kept
    link_to_session(moved)
    if moved.exosome_session is None and "course" not in changes:
        moved.course = kept or moved.course
    return {"exosome_session": moved.exosome_session, "course": moved.course}


def read_file_date(photo: Photo, facts: ImageFacts) -> None:
    """Keep what the file says of its day, for a photo that was sent when fewer fields were read. Its date stays."""
    fill_in_file_date(photo, facts)
    Photo.objects.filter(pk=photo.pk, file_date={}).update(file_date=photo.file_date, exif_taken_at=photo.exif_taken_at)


def mark_quality(photo: Photo, *, quality: str, reason: str, by: User) -> Photo:
    """Keep a photo although a quality check warned, with the reason, or mark it as to be taken again.

    Each warning goes on record as read and passed when the photo is kept.
    """
    kept_reason = "" if quality == PhotoQuality.RETAKE else reason
    warnings = warnings_of(photo) if kept_reason else []
    return records.correct(
        photo,
        changes={"quality": quality, "kept_reason": kept_reason},
        reason=reason or str(PhotoQuality(quality).label),
        expected_version=photo.version,
        event="marked_quality",
        passed=[Passed(check.code, check.sentence, reason) for check in warnings],
        by=by,
    )


def strike_out_photo(photo: Photo, *, reason: str, expected_version: int, by: User) -> Photo:
    """Mark a photo as entered in error: it leaves every count and sheet, its original stays. Raises Conflict."""
    return records.strike_out(
        photo, reason=reason, expected_version=expected_version, by=by, then=final_photos.recompute_for
    )


def correct_photos(corrections: Iterable[tuple[Photo, CorrectionArguments]]) -> None:
    """Correct several photos, all of them or none, each with a correction of its own.

    Raises Conflict with the first that somebody else has changed, and ValidationError for one that is struck out.
    """
    with transaction.atomic():
        for photo, correction in sorted(corrections, key=lambda each: each[0].pk):  # locks are taken in one order
            correct_photo(photo, **correction)


def attach_to_session(session: ExosomeSession, *, by: User) -> int:
    """Give a session that is saved its photos: those of its day, and those that were sent on its page and have no day
    of their own, which take the day that it was saved with. Returns how many.

    Photos of its day that were sent on its page went to another session of that day as long as it was not saved.
    """
    followed = _take_day(session, because="Sent with this session; its day was set afterwards.", by=by)
    free = Q(exosome_session__isnull=True) | Q(exosome_session__struck_out_at__isnull=False) | Q(sent_with=session.pk)
    photos = (
        Photo.objects.standing()
        .filter(
            free,
            patient=session.patient_id,
            taken_on=session.performed_on,
            taken_precision=session.performed_precision,
        )
        .exclude(exosome_session=session.pk)
    )
    count: int = photos.update(exosome_session=session, course=session.course_id)
    if count:
        log.record("linked_photos", by=by, clinic=session.clinic, target=session, detail={"photos": count})
    return count + followed


def follow_session(session: ExosomeSession, *, was: PartialDate, reason: str, by: User) -> None:
    """After a session's day was corrected, for that `reason`: photos that took their day from it move with it.

    A photo with a day of its own, that somebody typed or its camera wrote, keeps it: of the day it `was` it goes to
    whatever session that day has, or to none, and of the new day it comes to this one.
    """
    if session.performed == was:
        return
    _take_day(session, because=f"The day of its session was corrected: {reason}", by=by)
    of_that_day = {"taken_on": was.earliest, "taken_precision": was.precision}
    photos = list(Photo.objects.standing().filter(exosome_session=session, **of_that_day).select_related("patient"))
    for photo in photos:
        photo.exosome_session = None  # the photo stays in the course of the session that it was taken at
        link_to_session(photo)
        Photo.objects.filter(pk=photo.pk).update(exosome_session=photo.exosome_session, course_id=photo.course_id)
    if photos:
        log.record("unlinked_photos", by=by, clinic=session.clinic, target=session, detail={"photos": len(photos)})
    attach_to_session(session, by=by)


def _take_day(session: ExosomeSession, *, because: str, by: User) -> int:
    """Give the session's day to the photos that have none of their own: those sent on its page, and those that came to
    it from a form that was never saved, on another device or before the page was loaded again. Each has a correction
    that says so. Returns how many had another day."""
    others = ExosomeSession.objects.standing().filter(patient=session.patient_id).exclude(pk=session.pk)
    sent_with_it = Q(sent_with=session.pk, dated_by__in=[DatedBy.SESSION, DatedBy.TODAY])
    came_to_it = Q(exosome_session=session.pk, dated_by=DatedBy.SESSION) & ~Q(sent_with__in=others.values("pk"))
    without_own = Photo.objects.standing().filter(sent_with_it | came_to_it, patient=session.patient_id)
    changes = {
        "taken_on": session.performed_on,
        "taken_precision": session.performed_precision,
        "dated_by": DatedBy.SESSION.value,
        "exosome_session": session,
        "course": session.course,
    }
    moved = 0
    for photo in without_own.order_by("pk").select_for_update():
        if (photo.taken, photo.dated_by) == (session.performed, DatedBy.SESSION):
            continue
        moved += 1
        records.correct(
            photo,
            changes=changes,
            reason=because[:MAX_REASON],
            expected_version=photo.version,
            event="took_day_of_session",
            by=by,
            then=partial(_settle, by=by),
        )
    return moved


def _settle(photo: Photo, *, by: User) -> None:
    final_photos.recompute_for(photo)
    check_again(photo, by=by)
