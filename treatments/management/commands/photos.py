"""Look after the photo files: check them, make their derivatives again, clear away what crashes left."""

from argparse import ArgumentParser
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.object_store.stores import StoreAway, clock_of
from clinic.operations import models as upkeep
from clinic.operations import photo_folder, photo_store
from treatments.photos.actions import read_file_date
from treatments.photos.batches import actions as batches
from treatments.photos.models import WAITING_DAYS, Photo, WaitingPhoto
from treatments.photos.store import originals
from treatments.photos.store.decoding import decode
from treatments.photos.store.media import DERIVED_SIZES, media_root
from treatments.photos.store.photo_files import OriginalFault, whole_original
from treatments.photos.store.sweep import UNUSED_LIFETIME, SweepReport, sweep
from treatments.photos.store.upload_errors import PhotoRefused
from treatments.photos.upload.folder import holds_the_photos


class Command(BaseCommand):
    help = (
        "verify: read every original and compare it with its record; exit code 1 unless all are whole.  "
        "rebuild: make missing thumbnails again (--all: every one, and read the dates of photos that 0.1.0 kept).  "
        "folder: take MEDIA_ROOT as the folder of the photos, and make it if it is not there.  "
        "sweep: remove what interrupted uploads left, and old photos that nobody gave a patient within 30 days; "
        "originals without a record wait 30 days in quarantine.  "
        "remove_moved: where PHOTO_STORE names a bucket, remove those originals from MEDIA_ROOT that the bucket has, "
        "byte for byte; all others stay and are named."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("verify", help="compare every original with its record")
        rebuild = acts.add_parser("rebuild", help="make derivatives again")
        rebuild.add_argument("--all", action="store_true", help="also those that are there")
        acts.add_parser("folder", help="make or take the folder of the photos")
        acts.add_parser("sweep", help="clear away what interrupted uploads left")
        acts.add_parser("remove_moved", help="remove originals from MEDIA_ROOT that the bucket has")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        acts = {
            "verify": self.verify,
            "rebuild": self.rebuild,
            "folder": self.folder,
            "sweep": self.sweep,
            "remove_moved": self.remove_moved,
        }
        try:
            acts[act](**options)
        except StoreAway as fault:
            raise CommandError(str(fault)) from fault

    def verify(self, **options: Any) -> None:
        rows = Photo.objects.order_by("pk").values_list("key", "sha256")
        waiting = WaitingPhoto.objects.waiting().order_by("pk").values_list("pk", "sha256")
        every = chain(rows.iterator(), ((originals.storage_key(pk), sha256) for pk, sha256 in waiting.iterator()))
        faults = 0
        for fault in originals.verify(photo_store.originals(), every):
            faults += 1
            photo = Photo.objects.filter(key=fault.key).first()
            of = f"photo {photo.pk}, patient {photo.patient_id}" if photo else "waits to be given a patient"
            self.stdout.write(f"{fault.kind:8} {fault.key} ({of})")
        count = rows.count() + waiting.count()
        upkeep.done(upkeep.VERIFY, faults=faults)
        if faults:
            raise CommandError(
                f"{faults} of {count} originals are missing, altered or unreadable. Restore them from a backup."
            )
        self.stdout.write(f"{count} originals read; every one is what its record says.")

    def rebuild(self, *, all: bool, **options: Any) -> None:
        made, failed = 0, 0
        for photo in Photo.objects.select_related("patient", "clinic").order_by("pk").iterator():
            paths = {size: originals.derivative_path(media_root(), photo.key, size) for size in DERIVED_SIZES}
            missing = {size: path for size, path in paths.items() if all or not path.is_file()}
            if not missing:
                continue
            try:
                with whole_original(photo) as original:
                    facts, _measures = decode(original, derive=missing)
                made += len(missing)
                if not photo.file_date:
                    read_file_date(photo, facts)
            except (PhotoRefused, OriginalFault) as fault:
                failed += 1
                what = fault.state if isinstance(fault, OriginalFault) else fault.code
                self.stdout.write(f"{what:8} {photo.key} (photo {photo.pk})")
        if failed:
            raise CommandError(
                f"{made} thumbnails made; {failed} photos could not be read. Run: ./anagen photos verify"
            )
        self.stdout.write(f"{made} thumbnails made.")

    def folder(self, **options: Any) -> None:
        if not holds_the_photos():
            raise CommandError(
                f"The newest photo is not in {media_root()}. Mount the right folder, or restore the photos into it."
            )
        try:
            photo_folder.set_up()
        except OSError as fault:
            raise CommandError(str(fault)) from fault
        if photo_store.is_bucket():
            self.stdout.write(f"Originals are kept in the bucket of PHOTO_STORE; this host has {media_root()}.")
        else:
            self.stdout.write(f"Photos are stored in {media_root()}.")

    def _swept(self, known: set[str]) -> SweepReport:
        store, now = photo_store.originals(), timezone.now()
        if not photo_store.is_bucket():
            return sweep(media_root(), known, now, store=store)
        return sweep(media_root(), known, now, store=store, store_now=clock_of(store), unused=UNUSED_LIFETIME)

    def sweep(self, **options: Any) -> None:
        if not photo_store.is_bucket() and not photo_folder.is_set_up():
            raise CommandError(f"The folder of the photos is not there: {media_root()}")
        old = batches.remove_old(now=timezone.now())
        known = set(Photo.objects.values_list("key", flat=True)) | batches.waiting_keys()
        report = self._swept(known)
        for path in report.quarantined:
            self.stdout.write(f"in quarantine, kept 30 days: {path}")
        for path in report.returned:
            self.stdout.write(f"its record turned up, returned: {path}")
        self.stdout.write(
            f"{len(report.staging_removed)} unfinished uploads, {len(report.derivatives_removed)} thumbnails and "
            f"{len(report.quarantine_removed)} files past their quarantine removed; "
            f"{len(report.quarantined)} put in quarantine, {len(report.returned)} returned."
        )
        if old:
            self.stdout.write(f"{old} photos removed that had waited {WAITING_DAYS} days to be given a patient.")
        for line in report.failed:
            self.stdout.write(f"left as it was: {line}")
        if report.failed:
            raise CommandError(f"{len(report.failed)} files could not be read, moved or removed.")

    def remove_moved(self, **options: Any) -> None:
        if not photo_store.is_bucket():
            raise CommandError(
                f"PHOTO_STORE names no bucket: the originals are kept in {media_root()}, and nothing was removed."
            )
        removed, size, kept = 0, 0, 0
        for each, state in originals.remove_moved(media_root(), photo_store.originals()):
            if state == "whole":
                removed, size = removed + 1, size + each.size
            else:
                kept += 1
                self.stdout.write(f"stays, in the bucket it is {state}: {each.key}")
        self.stdout.write(
            f"{removed} originals removed from {media_root()}, {size} bytes; the bucket has each of them."
        )
        if kept:
            raise CommandError(
                f"{kept} originals stay. Whether a record names one says: ./anagen photos verify. Bring what is "
                "missing there into the bucket, and run this again."
            )
