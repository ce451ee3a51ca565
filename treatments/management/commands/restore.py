"""Restore a copy that `backup` made."""

import errno
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from clinic.object_store.addresses import WrongAddress
from clinic.operations.database_copy import CopyFailed
from treatments.copies import restore as restoring
from treatments.copies.age_files import KeyRefused
from treatments.copies.destination import Destination, FileDamaged, open_originals, open_place, scratch_folder
from treatments.copies.manifest import ManifestDamaged
from treatments.copies.restore import Report


class Command(BaseCommand):
    help = (
        "Restore the newest copy from a folder or a store: its photos, then its database into an empty one, every row "
        "and every photo compared with the manifest; then bring the database to this release. Run again after it was "
        "interrupted, it goes on. Exit code 1 when anything is missing or altered."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("place", nargs="?", default=settings.BACKUP_TO, help="as of `backup`")
        parser.add_argument("--copy", default="", help="that of another time, as 20261130T031000Z")
        parser.add_argument(
            "--identity", help="of an encrypted copy: the file with the private key of age, or - to type it in"
        )
        parser.add_argument(
            "--replace", action="store_true", help="the database has a clinic in it; keep a copy of it, and replace it"
        )

    def handle(self, *args: Any, place: str, identity: str | None, **options: Any) -> None:
        if not place:
            raise CommandError("Say where the copy is: ./anagen restore /media/disk/anagen, or set BACKUP_TO.")
        try:
            key = _read_identity(identity)
            with scratch_folder() as scratch:
                at = Destination(open_place(place), scratch=scratch, identity=key)
                originals = open_originals(takes_files=True)
                report = restoring.restore(
                    at, originals, stamp=options["copy"], replace=options["replace"], say=self.stdout.write
                )
        except (
            CopyFailed, ManifestDamaged, FileDamaged, KeyRefused, WrongAddress, DatabaseError, OSError
        ) as fault:  # fmt: skip
            sentence = _told_of(fault)
            restoring.progress().end(sentence)
            raise CommandError(sentence) from fault
        self._tell(report)

    def _tell(self, report: Report) -> None:
        for line in report.wrong:
            self.stdout.write(line)
        self.stdout.write(
            f"Restored {report.stamp}: {report.rows} rows, {report.photos} photos ({report.fetched} fetched now), "
            f"{report.bytes} bytes, in {report.seconds} s. Every row and every photo was compared with the copy."
        )
        if report.wrong:
            raise CommandError(
                f"{len(report.wrong)} photos are not whole in this copy, see above. All else is restored. Where "
                "another place has copies too, restore from there before anybody works: the same line with that place "
                "and --replace."
            )


def _read_identity(identity: str | None) -> str:
    """Raises KeyRefused."""
    if identity is None:
        return ""
    try:
        return sys.stdin.read() if identity == "-" else Path(identity).read_text()
    except (OSError, UnicodeDecodeError) as fault:
        raise KeyRefused(f"The file of the private key cannot be read: {fault}") from fault


def _told_of(fault: Exception) -> str:
    """What a person reads of it, and what to do."""
    if isinstance(fault, FileDamaged):
        return (
            f"{fault} is missing or altered. Look at the disk of the copies, and restore an older one with --copy: "
            "./anagen backup --check names what is wrong."
        )
    if isinstance(fault, OSError) and fault.errno in {errno.ENOSPC, errno.EDQUOT}:
        return (
            f"A disk is full, the one of {settings.VAR_DIR} or of the photos (df -h tells which). Make room, and run "
            "the same line again: it goes on with what is missing."
        )
    return str(fault)
