"""Make a copy of database and photos, and read copies."""

import errno
from argparse import ArgumentParser
from collections import Counter
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from clinic.object_store.addresses import WrongAddress
from clinic.operations import models as upkeep
from clinic.operations.database_copy import CopyFailed, require_database
from clinic.operations.database_restore import is_empty
from treatments.copies import check as checking
from treatments.copies.age_files import KeyRefused
from treatments.copies.backup import Report, describe_copy_of_another, make_copy
from treatments.copies.destination import (
    Destination,
    known_places,
    open_originals,
    open_place,
    remember_place,
    scratch_folder,
)
from treatments.copies.manifest import Manifest, ManifestDamaged

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Copy the database, then the photos that are not there yet, then write a manifest of both, and read back what "
        "was written. Exit code 1 when anything is missing or altered. Prints the last seal of each clinic."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "place",
            nargs="?",
            default=settings.BACKUP_TO,
            help="a folder on another disk, file:///folder or s3://bucket?endpoint=https://host; without it BACKUP_TO",
        )
        parser.add_argument("--check", action="store_true", help="copy nothing; read the newest copy, all of it")
        parser.add_argument("--copy", default="", help="with --check: that of another time, as 20261130T031000Z")
        parser.add_argument(
            "--restored",
            action="store_true",
            help="with --check: compare the database and photos of this installation with the manifest, before anybody "
            "works, after other programs have restored them",
        )
        parser.add_argument(
            "--manifest-only",
            metavar="COPIED_BY",
            default="",
            help='write the manifest alone, behind another program, and say which: "pgbackrest 20261130-031000F"; the '
            "photos lie in photos/ of the place",
        )
        parser.add_argument(
            "--new-place", action="store_true", help="the place is empty because its disk or bucket is a new one"
        )
        parser.add_argument("--all", action="store_true", help="read every photo back, not a seventh of the older ones")

    def handle(self, *args: Any, place: str, check: bool, **options: Any) -> None:
        if not place:
            raise CommandError("Say where the copy goes: ./anagen backup /media/disk/anagen, or set BACKUP_TO.")
        try:
            if not check:
                require_database()
                if is_empty():  # a newest copy with nothing in it would be what a restore takes
                    raise CommandError("There is no clinic in this database, so there is nothing to copy yet.")
            store = open_place(place, make=not check and "://" not in place)
            with scratch_folder() as scratch:
                at = Destination(store, scratch=scratch, recipient=settings.BACKUP_RECIPIENT)
                if not (check or options["new_place"]):
                    _require_known(place, at)
                if check:
                    faults = self._check(at, options["copy"], is_restored=options["restored"])
                elif options["manifest_only"]:
                    faults = self._describe(at, options["manifest_only"])
                else:
                    faults = self._make(at, read_all=options["all"])
                if not check:
                    remember_place(place, at.stamps()[-1])
        except (CopyFailed, ManifestDamaged, KeyRefused, WrongAddress, DatabaseError, OSError) as fault:
            if not check:
                # What a database says of itself may quote a row of it.
                is_of_database = isinstance(fault, DatabaseError)
                why = "The database did not answer as it should." if is_of_database else told_of(fault)
                _note(upkeep.BACKUP_FAILED, reason=why)
            raise CommandError(told_of(fault)) from fault
        if faults:
            raise CommandError(
                f"{faults} things are wrong with this copy, see above. For photos that are missing or altered run: "
                "./anagen photos verify"
            )

    def _make(self, place: Destination, *, read_all: bool) -> int:
        report = make_copy(place, open_originals(), now=timezone.now(), read_all=read_all, say=self.stdout.write)
        manifest = report.manifest
        for head in manifest.audit_heads:
            clinic, number, mac = head.split(":")
            self.stdout.write(f"audit trail sealed up to {clinic}:{number}:{mac[:16]}")
        self._tell(manifest)
        self._tell_photos(report)
        try:
            names = checking.thin_out(place, timezone.now())
            removed = Counter("photos" if "/originals/" in name else "files of copies" for name in names)
            if removed:
                self.stdout.write(
                    "Old ones removed: " + ", ".join(f"{count} {kind}" for kind, count in removed.items())
                )
        except OSError as fault:
            self.stdout.write(f"Old copies could not be removed: {fault}")
        _note(upkeep.BACKUP, faults=len(manifest.missing))
        return len(manifest.missing)

    def _tell_photos(self, report: Report) -> None:
        for name in report.replaced[:SHOWN]:
            self.stdout.write(f"its copy was damaged, and is made anew: {name}")
        for key in report.manifest.missing[:SHOWN]:
            self.stdout.write(f"missing or altered: photos/{key}")
        self.stdout.write(
            f"Read back: database, manifest, and {report.read} of {len(report.manifest.photos)} photos, "
            f"{report.written} of them new."
        )

    def _describe(self, place: Destination, copied_by: str) -> int:
        manifest = describe_copy_of_another(place, copied_by, now=timezone.now())
        for key in manifest.missing[:SHOWN]:
            self.stdout.write(f"not there in full length: photos/{key}")
        self._tell(manifest)
        at = timezone.now()
        upkeep.done(upkeep.BACKUP_DESCRIBED, at=at)
        upkeep.done(upkeep.BACKUP, faults=len(manifest.missing), at=at)
        return len(manifest.missing)

    def _check(self, place: Destination, stamp: str, *, is_restored: bool) -> int:
        manifest = checking.newest(place, stamp)
        if is_restored:
            reading = checking.compare_installation(manifest, open_originals())
        else:
            reading = checking.read(place, manifest)
        for line in reading.wrong:
            self.stdout.write(line)
        self._tell(reading.manifest)
        self.stdout.write(f"Read to the last byte: {reading.bytes} bytes.")
        return len(reading.wrong)

    def _tell(self, manifest: Manifest) -> None:
        name = manifest.database.name if manifest.database else f"copied by {manifest.copied_by}"
        rows = sum(manifest.rows.values())
        self.stdout.write(f"{name}: {len(manifest.rows)} tables, {rows} rows; {len(manifest.photos)} photos")
        for table, count in sorted(manifest.rows.items()):
            self.stdout.write(f"  {table} {count}", ending="\n")


def _note(task: str, **found: Any) -> None:
    """For /health/, Today and the page of the copies."""
    with suppress(DatabaseError):  # it may be why there is no copy
        upkeep.done(task, **found)


def _require_known(place: str, at: Destination) -> None:
    """Raises CopyFailed for an empty place that was none: a folder whose disk is not connected looks like that."""
    if (last := known_places().get(place)) and not at.stamps():
        raise CopyFailed(
            f"The copy of {last} was made in {place}, and no copy is there now. Connect its disk, or correct the name. "
            "For a new disk or bucket say so once: --new-place"
        )


def told_of(fault: Exception) -> str:
    """What a person reads of it, and what to do."""
    if isinstance(fault, OSError) and fault.errno in {errno.ENOSPC, errno.EDQUOT}:
        return (
            f"A disk is full, the one of {settings.VAR_DIR} or of the copies (df -h tells which). Make room, and run "
            "the same line again: it goes on with what is missing."
        )
    return str(fault)
