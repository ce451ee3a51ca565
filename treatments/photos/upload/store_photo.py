"""From the bytes of an upload to a stored photo, once, whatever is sent twice or cut short.

Staged, decoded, published, then written: a crash at any moment leaves at most a file without a row, which
`manage.py photos sweep` clears away. The transaction is the last and shortest step.
"""

import contextlib
import hashlib
import re
import uuid
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.operations import photo_store
from clinic.staff.models import User
from treatments.courses.models import Course, ExosomeSession
from treatments.patients.actions import wait_for
from treatments.photos import final_photos
from treatments.photos.file_dates import FIRST_DAY, PAGE_CAMERA, FileDate, choose
from treatments.photos.models import Photo
from treatments.photos.quality.checks import QualityCheck
from treatments.photos.quality.photo_quality import as_stored, check_photo, checks_of, fingerprint_of
from treatments.photos.store import originals
from treatments.photos.store.decoding import ImageFacts, decode
from treatments.photos.store.media import DERIVED_SIZES, media_root
from treatments.photos.store.raw_files import RAW_FILES
from treatments.photos.store.staging import Staged, discard, stage
from treatments.photos.store.upload_errors import PhotoRefused
from treatments.photos.upload.folder import require_folder
from treatments.photos.vocabulary import DatedBy
from treatments.records.actions import AlreadySaved, Passed, insert
from treatments.records.fields import DatePrecision
from treatments.records.partial_dates import PartialDate

if TYPE_CHECKING:  # it brings Pillow, which this process has no use for
    from treatments.photos.quality.measures import Measures


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """`is_duplicate`: the patient has these bytes already, under another id; `photo` is that one.

    `photo.dated_by` says where the date came from; `photo.date_sentences` what the file says of its day.
    """

    photo: Photo
    is_duplicate: bool
    checks: list[QualityCheck]


def store_photo(
    photo: Photo,
    chunks: Iterable[bytes],
    *,
    sha256: str | None = None,
    original_name: str = "",
    session_day: PartialDate | None = None,
    passed: Iterable[Passed] = (),
    by: User,
) -> StoredPhoto:
    """Store an unsaved photo with the file that belongs to it.

    `photo` brings its id, patient, clinic, view and whatever of the capture card is known. Without `taken_on` it gets
    the day of the session on whose page it was sent (`session_day`), else the camera's, else the file's own, else
    today's; `dated_by` says so. `sha256` (hex) is the digest that the sender computed. The session of that day and its
    course are linked unless they were given. The same id with the same bytes is the repeat of a request and gives the
    photo that is there. Raises PhotoRefused.
    """
    with staged_file(chunks, sha256=sha256) as staged:
        if existing := _existing(photo, staged.sha256):
            return existing
        file = decode_and_publish(photo.pk, staged, original_name=original_name)
    return _keep(photo, file, original_name, session_day=session_day, passed=passed, by=by)


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file that has arrived whole, was decoded once, and lies under its `key`; no row names it yet."""

    key: str
    sha256: str
    size: int
    facts: ImageFacts
    measures: "Measures"


@contextlib.contextmanager
def staged_file(chunks: Iterable[bytes], *, sha256: str | None = None) -> Iterator[Staged]:
    """A file while it is looked at; what was not published of it is gone afterwards. Raises PhotoRefused."""
    require_folder()
    staged = stage(chunks, root=media_root(), sha256=sha256)
    try:
        yield staged
    finally:
        discard(staged.path)


def decode_and_publish(photo_id: uuid.UUID, staged: Staged, *, original_name: str) -> PublishedFile:
    """Write the derivatives, then the original under the photo's key. Raises PhotoRefused."""
    try:
        return _decoded_and_published(photo_id, staged)
    except PhotoRefused as refusal:
        ending = original_name.rpartition(".")[2].lower()
        if refusal.code in ("not_a_photo", "tiff_kind", "damaged") and ending in RAW_FILES:
            raise PhotoRefused("raw", RAW_FILES[ending]) from None
        raise


def _decoded_and_published(photo_id: uuid.UUID, staged: Staged) -> PublishedFile:
    key = originals.storage_key(photo_id)
    derived = {size: originals.derivative_path(media_root(), key, size) for size in DERIVED_SIZES}
    facts, measures = decode(staged.path, derive=derived)
    try:
        originals.publish(staged, key=photo_id, store=photo_store.originals())
    except PhotoRefused:
        for path in derived.values():  # not of the original that is stored under this key, if one is
            discard(path)
        raise
    return PublishedFile(key, staged.sha256, staged.size, facts, measures)


def keep_photo(
    photo: Photo, file: PublishedFile, *, original_name: str = "", passed: Iterable[Passed] = (), by: User
) -> StoredPhoto:
    """Write the row of an unsaved photo whose file was published before; see `store_photo`. Raises PhotoRefused."""
    return _existing(photo, file.sha256) or _keep(photo, file, original_name, session_day=None, passed=passed, by=by)


def _keep(
    photo: Photo,
    file: PublishedFile,
    original_name: str,
    *,
    session_day: PartialDate | None,
    passed: Iterable[Passed],
    by: User,
) -> StoredPhoto:
    in_file = _fill_in(photo, file, original_name)
    facts = file.facts
    of_file = {"exposure": facts.exposure, "orientation": facts.orientation, "colour_doubt": facts.colour_doubt}

    def settle() -> StoredPhoto:
        _date(photo, in_file, session_day)
        link_to_session(photo)
        photo.quality_checks = of_file
        checks = check_photo(photo, file.measures)
        photo.quality_checks = as_stored(file.measures, checks, **of_file)
        return StoredPhoto(photo, False, checks)

    def follow(row: Photo) -> None:
        fingerprint_of(row, file.measures).save(force_insert=True)
        final_photos.recompute_for(row)

    return _written(photo, settle, follow, passed=passed, by=by)


def link_to_session(photo: Photo) -> None:
    """Tie a photo to the session of its day that is not struck out, and to its course; without a session to the course
    in whose time it falls.

    Of two sessions the one that it was sent with is taken. A course that was chosen stays, and only a session of that
    course is taken.
    """
    if photo.exosome_session is None:
        same_day = ExosomeSession.objects.standing().filter(
            patient=photo.patient, performed_on=photo.taken_on, performed_precision=photo.taken_precision
        )
        if photo.course is not None:
            same_day = same_day.filter(course=photo.course)
        sessions = list(same_day.select_related("course").order_by("id"))
        photo.exosome_session = next((s for s in sessions if s.pk == photo.sent_with), next(iter(sessions), None))
    if photo.exosome_session is not None:
        photo.course = photo.exosome_session.course
    elif photo.course is None:
        photo.course = Course.objects.on(photo.patient, photo.taken)


def _existing(photo: Photo, sha256: str) -> StoredPhoto | None:
    """The photo of this id, or these bytes under another id; raises PhotoRefused when the id stands for others."""
    same_id = Photo.objects.filter(pk=photo.pk).first()
    if same_id is not None:
        if (same_id.patient_id, same_id.sha256) != (photo.patient_id, sha256):
            raise PhotoRefused("already_stored")
        if same_id.is_struck_out:
            raise PhotoRefused("struck_out")
        return StoredPhoto(same_id, False, checks_of(same_id))
    same_bytes = Photo.objects.standing().filter(patient=photo.patient_id, sha256=sha256).first()
    return StoredPhoto(same_bytes, True, checks_of(same_bytes)) if same_bytes else None


def _fill_in(photo: Photo, file: PublishedFile, original_name: str) -> FileDate | None:
    """What is known of the file; returns the day that it names itself."""
    facts = file.facts
    photo.key, photo.sha256, photo.size_bytes = file.key, file.sha256, file.size
    photo.media_type, photo.width, photo.height = facts.media_type, facts.width, facts.height
    photo.original_name = printable_name(original_name)
    photo.has_gps = facts.has_gps
    photo.device = photo.device or facts.camera
    if photo.lens_mm is None and facts.lens_mm is not None:
        photo.lens_mm = Decimal(str(facts.lens_mm))
    return fill_in_file_date(photo, facts)


def fill_in_file_date(photo: Photo, facts: ImageFacts) -> FileDate | None:
    """Set on the photo what its file says of its day, and return it; None where it says nothing that can be."""
    zone = zoneinfo.ZoneInfo(photo.clinic.time_zone)
    by_page = photo.date_in_file
    found = [*facts.dates, *([by_page] if by_page and by_page.field == PAGE_CAMERA else [])]
    dates = choose(found, zone=zone, earliest=_earliest(photo), latest=_latest(photo))
    photo.file_date = {"used": dates.used and dates.used.as_json(), "unused": [day.as_json() for day in dates.unused]}
    is_camera = dates.used is not None and dates.used.strength == "camera"
    photo.exif_taken_at = dates.used.moment(zone) if dates.used and is_camera else None
    return dates.used


def _date(photo: Photo, in_file: FileDate | None, session_day: PartialDate | None) -> None:
    """What was entered, else the session's date, else the file's, else today's.

    A session that was saved while the photo was on its way has the last word on its own day.
    """
    saved = photo.exosome_session or _saved_session(photo)
    if saved is not None and (session_day is not None or in_file is None or photo.exosome_session is not None):
        session_day = saved.performed
    elif session_day is not None and not _may_be_of(photo, session_day):  # of a form that nothing has checked yet
        session_day = None
    if photo.taken_on is not None:
        photo.dated_by = photo.dated_by or DatedBy.GIVEN
    elif session_day is not None:
        photo.taken_on, photo.taken_precision = session_day.earliest, DatePrecision.of(session_day)
        photo.dated_by = DatedBy.SESSION
        if saved is not None and photo.course in (None, saved.course):
            photo.exosome_session = saved
    else:
        photo.taken_on = in_file.day if in_file else timezone.localdate()
        photo.taken_precision = DatePrecision.DAY
        photo.dated_by = DatedBy(in_file.strength) if in_file else DatedBy.TODAY


def _earliest(photo: Photo) -> date:
    """Before a birth nothing is photographed."""
    birth = photo.patient.birth
    return birth.earliest if birth else FIRST_DAY


def _latest(photo: Photo) -> date:
    """After a death nothing is photographed, nor in the future."""
    died = photo.patient.died or None
    today = timezone.localdate()
    return min(today, died.latest) if died else today


def _may_be_of(photo: Photo, day: PartialDate) -> bool:
    return day.latest >= _earliest(photo) and day.earliest <= _latest(photo)


def _saved_session(photo: Photo) -> ExosomeSession | None:
    """The session on whose page it was sent, once that is in the record."""
    if photo.sent_with is None:
        return None
    sessions = ExosomeSession.objects.standing().filter(pk=photo.sent_with, patient=photo.patient)
    return sessions.select_related("course").first()


def printable_name(name: str) -> str:
    """The last part of what a file calls itself, without what cannot be seen."""
    last = re.split(r"[\\/]", name)[-1]
    return "".join(c for c in last if c.isprintable())[:200]


def _written(
    photo: Photo,
    settle: Callable[[], StoredPhoto],
    follow: Callable[[Photo], None],
    *,
    passed: Iterable[Passed],
    by: User,
) -> StoredPhoto:
    """Write the row. Whoever comes second, with the same id or the same bytes, gets the first one's photo.

    Its day is settled in the same transaction, behind the lock that a session waits for while it is saved: one of the
    two finds the other.
    """
    same_thing = f"{photo.pk} {photo.patient_id} {photo.sha256}"
    photo.submission = hashlib.sha256(same_thing.encode()).hexdigest()
    detail = {"view": photo.view, "capture_path": photo.capture_path}
    try:
        with transaction.atomic():
            wait_for(photo.patient_id)
            stored = settle()
            row = insert(photo, event="kept_photo", passed=passed, by=by, detail=detail, then=follow)
    except (AlreadySaved, IntegrityError, ValidationError):
        row = None
    if row is photo:
        return stored
    existing = _existing(photo, photo.sha256)
    if existing is None:
        raise PhotoRefused("already_stored")
    return existing
