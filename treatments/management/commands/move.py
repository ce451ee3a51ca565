"""Move a running clinic from SQLite to PostgreSQL, and its photos to a store."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from clinic.object_store.addresses import WrongAddress, open_store
from clinic.object_store.folders import FolderStore
from clinic.object_store.probe import probe
from clinic.object_store.stores import ObjectStore
from clinic.operations import closing
from clinic.operations.database_copy import CopyFailed
from clinic.staff.models import Clinic
from treatments.copies.destination import open_originals
from treatments.copies.moving import move as moving


class Command(BaseCommand):
    help = (
        "Bring the clinic from SQLite to the PostgreSQL of --to, and with --store its photos to that store. Photos go "
        "while people work; then the pages are closed for minutes, until every row and every photo is compared. Run "
        "again after it was interrupted, it goes on. The old database stays as it was, and closed. With --clinic one "
        "clinic goes out of a database of several."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--to",
            default=os.environ.get("NEW_DATABASE_URL"),
            help="postgres://user@host/name, an empty database of its own. With a password set NEW_DATABASE_URL in the "
            "environment instead: every user of the machine sees what is written here",
        )
        parser.add_argument(
            "--store",
            default="",
            help="s3://bucket?endpoint=https://host, with PHOTO_STORE_KEY_ID and PHOTO_STORE_SECRET; without it the "
            "photos stay where they are",
        )
        parser.add_argument(
            "--clinic",
            default="",
            help="the name of one clinic of several: only it is moved, with its people, and the others go on; needs "
            "--store, since its photos may not lie in the store of the others",
        )
        parser.add_argument("--settle", type=float, default=moving.SETTLE_SECONDS, help="seconds; 30 unless told")
        parser.add_argument(
            "--reopen", action="store_true", help="give the move up: open the pages of the old database again"
        )

    def handle(
        self,
        *args: Any,
        to: str | None,
        store: str,
        clinic: str,
        settle: float,
        reopen: bool,
        **options: Any,
    ) -> None:
        what = moving.OneClinic(_clinic(clinic)) if clinic else moving.Everything()
        if reopen:
            what.reopen()
            self.stdout.write("The pages are open again, with the database that DATABASE_URL names.")
            return
        if not to:
            raise CommandError(
                "Name the new database: NEW_DATABASE_URL=postgres://user:password@host/name ./anagen move"
            )
        if clinic and not store:
            raise CommandError("Name a store of its own for the photos of one clinic: --store s3://… or file:///folder")
        try:
            what.require()
            new = self._open(store) if store else None
            report = moving.move(to, open_originals(), new, say=self.stdout.write, what=what, settle_seconds=settle)
        except (CopyFailed, WrongAddress, ImproperlyConfigured, DatabaseError, OSError) as fault:
            raise CommandError(f"{fault}\n{_how_it_stands(what.closed(), clinic)}".strip()) from fault
        self.stdout.write(
            f"Moved: {report.rows} rows of {report.tables} tables, {report.photos} photos, each compared. No page was "
            f"shown for {report.closed_seconds} s.\n{_what_to_set(clinic)}\nDATABASE_URL={to}"
        )
        if store:
            self.stdout.write(f"MEDIA_ROOT={new.root}" if isinstance(new, FolderStore) else f'PHOTO_STORE="{store}"')
        self.stdout.write(
            "The old database and photos are as they were. Keep them until you have made a copy of the new."
        )
        if new and not isinstance(new, FolderStore) and not clinic and (left := _left_behind()):
            self.stdout.write(
                f"{left} bytes of originals lie in {settings.MEDIA_ROOT} still. Nothing removes them by itself. Once "
                "Anagen runs with the settings above: ./anagen photos remove_moved takes away each one that the store "
                "has, byte for byte."
            )

    def _open(self, address: str) -> ObjectStore:
        """Raises CopyFailed for a store that is not fit for photos."""
        new = open_store(address, key_id=settings.PHOTO_STORE_KEY_ID, secret=settings.PHOTO_STORE_SECRET)
        lacking = [each.sentence for each in probe(new) if each.capability.is_needed and not each.has]
        if lacking:
            raise CopyFailed(" ".join(lacking))
        return new


def _clinic(name: str) -> Clinic:
    """Raises CommandError."""
    found = list(Clinic.objects.filter(name=name))
    if len(found) != 1:
        known = ", ".join(f'"{each}"' for each in Clinic.objects.order_by("name"))
        raise CommandError(f"{len(found)} clinics are called {name!r}. There are: {known or 'none'}.")
    return found[0]


def _how_it_stands(closed: str, clinic: str) -> str:
    """Behind what went wrong: whether people can work, and what to do."""
    if closed == closing.MOVED:
        return ""
    if not closed:
        return "Nothing of the old place was changed, and its pages are open."
    which = f' --clinic "{clinic}"' if clinic else ""
    return (
        "The pages are closed still, from an earlier attempt. Mend that and run the same line again, or open them: "
        f"./anagen move{which} --reopen"
    )


def _left_behind() -> int:
    """Bytes of originals in the folder that is the store no more."""
    if settings.PHOTO_STORE:
        return 0
    return sum(each.size for each in FolderStore(Path(settings.MEDIA_ROOT)).list("originals"))


def _what_to_set(clinic: str) -> str:
    if not clinic:
        return "Write these settings into .env, and start Anagen again:"
    return (
        f"{clinic} is closed here and the others go on. Start another Anagen for it, with the same SECRET_KEY and "
        "AUDIT_KEY, and these settings:"
    )
