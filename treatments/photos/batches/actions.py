"""Old photos sent in bulk: they arrive, wait without a patient, and are kept, removed or taken back."""

import contextlib
import datetime
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.audit import log
from clinic.object_store.stores import StoreAway
from clinic.operations import photo_folder, photo_store
from clinic.staff.models import Clinic, User
from treatments.photos.actions import strike_out_photo
from treatments.photos.models import WAITING_DAYS, Photo, PhotoBatch, WaitingPhoto
from treatments.photos.store import originals
from treatments.photos.store.decoding import facts_from_json, measures_from_json
from treatments.photos.store.media import DERIVED_SIZES, media_root
from treatments.photos.store.staging import discard
from treatments.photos.store.upload_errors import PhotoRefused
from treatments.photos.upload.store_photo import (
    PublishedFile,
    StoredPhoto,
    decode_and_publish,
    keep_photo,
    printable_name,
    staged_file,
)
from treatments.records.actions import Passed

LONGEST_FOLDER = 300


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a file that was sent: it waits; or its bytes wait already, `is_repeat`; or they are in the record
    of a patient of the clinic, as `photo`."""

    waiting: WaitingPhoto | None
    photo: Photo | None = None
    is_repeat: bool = False


def receive(
    chunks: Iterable[bytes],
    *,
    waiting_id: uuid.UUID,
    batch_id: uuid.UUID,
    clinic: Clinic,
    sha256: str | None = None,
    original_name: str = "",
    folder: str = "",
    by: User,
) -> Received:
    """Store a file that belongs to no patient yet, once whatever is sent twice. Raises PhotoRefused, and
    PhotoBatch.DoesNotExist where the batch is another clinic's."""
    if PhotoBatch.objects.filter(pk=batch_id).exclude(clinic=clinic).exists():
        raise PhotoBatch.DoesNotExist
    with staged_file(chunks, sha256=sha256) as staged:
        if there := _there_already(clinic, waiting_id, staged.sha256):
            return there
        file = decode_and_publish(waiting_id, staged, original_name=original_name)
    try:
        with transaction.atomic():
            waiting = WaitingPhoto.objects.create(
                pk=waiting_id,
                batch=_batch_of(batch_id, clinic=clinic, by=by),
                clinic=clinic,
                sent_by=by,
                sha256=file.sha256,
                size_bytes=file.size,
                original_name=printable_name(original_name),
                folder=_printable_folder(folder),
                facts=file.facts.as_json(),
                measures=dict(file.measures),
            )
            log.record("received_photo", by=by, clinic=clinic, target=waiting.batch)
    except IntegrityError:
        there = _there_already(clinic, waiting_id, file.sha256)
        if there is None:
            raise PhotoRefused("already_stored") from None
        if there.waiting is None or there.waiting.pk != waiting_id:
            _remove_files(waiting_id)
        return there
    return Received(waiting)


def _batch_of(batch_id: uuid.UUID, *, clinic: Clinic, by: User) -> PhotoBatch:
    """The batch, made with its first photo. Raises PhotoBatch.DoesNotExist for another clinic's."""
    batch, _ = PhotoBatch.objects.get_or_create(pk=batch_id, defaults={"clinic": clinic, "started_by": by})
    if batch.clinic_id != clinic.pk:
        raise PhotoBatch.DoesNotExist
    return batch


def _there_already(clinic: Clinic, waiting_id: uuid.UUID, sha256: str) -> Received | None:
    """Raises PhotoRefused where the id stands for other bytes, or for a photo that was struck out."""
    same_id = WaitingPhoto.objects.filter(pk=waiting_id).select_related("photo").first()
    if same_id is not None:
        if (same_id.clinic_id, same_id.sha256) != (clinic.pk, sha256):
            raise PhotoRefused("already_stored")
        return Received(same_id if same_id.photo_id is None else None, same_id.photo)
    if Photo.objects.filter(pk=waiting_id).exists():
        raise PhotoRefused("already_stored")
    waiting = WaitingPhoto.objects.of(clinic).waiting().filter(sha256=sha256).first()
    if waiting is not None:
        return Received(waiting, is_repeat=True)
    kept = Photo.objects.standing().of(clinic).filter(sha256=sha256).first()
    return Received(None, kept, is_repeat=True) if kept is not None else None


def _printable_folder(folder: str) -> str:
    parts = ["".join(char for char in part if char.isprintable()).strip() for part in folder.split("/")]
    return "/".join(part for part in parts if part not in ("", ".", ".."))[:LONGEST_FOLDER]


def assign(batch: PhotoBatch, *, entered: Mapping[uuid.UUID, Mapping[str, str]], by: User) -> None:
    """Note what was written of waiting photos, as it was written. Nothing of it is in a record yet."""
    with transaction.atomic():
        rows = WaitingPhoto.objects.waiting().filter(batch=batch, pk__in=entered).select_for_update()
        changed = [row for row in rows if row.entered != entered[row.pk]]
        for row in changed:
            row.entered, row.refusal = dict(entered[row.pk]), ""
        WaitingPhoto.objects.bulk_update(changed, ["entered", "refusal"], batch_size=100)
        if changed:
            log.record("assigned_photos", by=by, clinic=batch.clinic, target=batch, detail={"photos": len(changed)})


def refuse(waiting: WaitingPhoto, sentence: str) -> None:
    """Say beside a waiting photo why it was not kept: a note for the grid, no fact of a record."""
    WaitingPhoto.objects.waiting().filter(pk=waiting.pk).update(refusal=sentence[:600])


def published(waiting: WaitingPhoto) -> PublishedFile:
    """Raises PhotoRefused where its original is not as long as it was when it came."""
    key = originals.storage_key(waiting.pk)
    try:
        size = photo_store.originals().head(key).size
    except StoreAway as fault:
        raise PhotoRefused(photo_folder.fault_of(fault)) from None
    except OSError:
        raise PhotoRefused("photos_missing") from None
    if size != waiting.size_bytes:
        raise PhotoRefused("damaged")
    return PublishedFile(
        key, waiting.sha256, size, facts_from_json(waiting.facts), measures_from_json(waiting.measures)
    )


def keep(waiting: WaitingPhoto, *, photo: Photo, passed: Iterable[Passed] = (), by: User) -> StoredPhoto | None:
    """Make a waiting photo the patient's: `photo` is unsaved, with its id, patient, view and date.

    None where it waits no more: somebody kept or removed it in the meantime. Raises PhotoRefused.
    """
    file = published(waiting)
    with transaction.atomic():
        row = WaitingPhoto.objects.waiting().filter(pk=waiting.pk).select_for_update().first()
        if row is None:
            return None
        photo.pk = row.pk
        stored = keep_photo(photo, file, original_name=row.original_name, passed=passed, by=by)
        row.photo, row.was_there, row.refusal = stored.photo, stored.is_duplicate, ""
        row.save(update_fields=["photo", "was_there", "refusal"])
    if stored.is_duplicate:
        _remove_files(waiting.pk)
    return stored


def remove(batch: PhotoBatch, *, ids: Collection[uuid.UUID], by: User) -> int:
    """Delete waiting photos with their files; they were in no record. Returns how many there were."""
    with transaction.atomic():
        rows = WaitingPhoto.objects.waiting().filter(batch=batch, pk__in=ids).select_for_update()
        found = [row.pk for row in rows]
        WaitingPhoto.objects.filter(pk__in=found).delete()
        if found:
            log.record(
                "removed_waiting_photos", by=by, clinic=batch.clinic, target=batch, detail={"photos": len(found)}
            )
    for each in found:
        _remove_files(each)
    return len(found)


def kept_of(batch: PhotoBatch) -> list[Photo]:
    """The photos that were kept of a batch and stand; those that were in a record before are not among them."""
    rows = WaitingPhoto.objects.filter(batch=batch, photo__isnull=False, was_there=False)
    kept = Photo.objects.standing().filter(pk__in=rows.values("photo"))
    return list(kept.select_related("patient").order_by("pk"))


def take_back(batch: PhotoBatch, *, reason: str, by: User) -> int:
    """Strike out, with one reason, every photo that was kept of a batch and still stands. All of them or none.

    Returns how many. Raises Conflict where somebody changes one at this moment.
    """
    with transaction.atomic():
        PhotoBatch.objects.select_for_update().get(pk=batch.pk)
        photos = kept_of(batch)
        for photo in photos:
            strike_out_photo(photo, reason=reason, expected_version=photo.version, by=by)
        if photos:
            log.record("took_back_photos", by=by, clinic=batch.clinic, target=batch, detail={"photos": len(photos)})
    return len(photos)


def remove_old(*, now: datetime.datetime, by: User | None = None) -> int:
    """Remove what has waited longer than WAITING_DAYS for a patient, and batches of which nothing is left. By nobody:
    the nightly sweep calls it."""
    limit = now - datetime.timedelta(days=WAITING_DAYS)
    removed = 0
    old = WaitingPhoto.objects.waiting().filter(sent_at__lt=limit)
    for batch in PhotoBatch.objects.filter(pk__in=old.values("batch")).select_related("clinic"):
        with transaction.atomic():
            ids = list(old.filter(batch=batch).values_list("pk", flat=True))
            WaitingPhoto.objects.filter(pk__in=ids).delete()
            log.record("removed_old_photos", by=by, clinic=batch.clinic, target=batch, detail={"photos": len(ids)})
        for each in ids:
            _remove_files(each)
        removed += len(ids)
    PhotoBatch.objects.filter(files=None, started_at__lt=limit).delete()
    return removed


def _remove_files(waiting_id: uuid.UUID) -> None:
    """What cannot be reached now is without a row, and goes with the sweep."""
    key = originals.storage_key(waiting_id)
    with contextlib.suppress(OSError):
        photo_store.originals().delete(key)
    for size in DERIVED_SIZES:
        discard(originals.derivative_path(media_root(), key, size))


def waiting_keys() -> set[str]:
    """The storage keys of all that waits, for the sweep of the folder."""
    return {originals.storage_key(each) for each in WaitingPhoto.objects.waiting().values_list("pk", flat=True)}


def until(waiting: WaitingPhoto) -> datetime.date:
    """The last day on which a photo waits."""
    return timezone.localdate(waiting.sent_at + datetime.timedelta(days=WAITING_DAYS))
