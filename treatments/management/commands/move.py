"""Move a running clinic from SQLite to PostgreSQL, and its photos to a store."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from clinic.object_store.addresses import WrongAddress, open_store
from clinic.object_store.probe import probe
from clinic.object_store.stores import ObjectStore
from clinic.operations import closing
from clinic.operations.database_copy import CopyFailed
from treatments.copies.destination import open_originals
from treatments.copies.moving import move as moving


class Command(BaseCommand):
    help = (
        "Bring the clinic from SQLite to the PostgreSQL of --to, and with --store its photos to that store. Photos go "
        "while people work; then the pages are closed for minutes, until every row and every photo is compared. Run "
        "again after it was interrupted, it goes on. The old database stays as it was, and closed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", help="postgres://user:password@host/name, an empty database of its own")
        parser.add_argument(
            "--store",
            default="",
            help="s3://bucket?endpoint=https://host, with PHOTO_STORE_KEY_ID and PHOTO_STORE_SECRET; without it the "
            "photos stay where they are",
        )
        parser.add_argument("--settle", type=float, default=moving.SETTLE_SECONDS, help="seconds; 30 unless told")
        parser.add_argument(
            "--reopen", action="store_true", help="give the move up: open the pages of the old database again"
        )

    def handle(self, *args: Any, to: str | None, store: str, settle: float, reopen: bool, **options: Any) -> None:
        if reopen:
            closing.reopen()
            self.stdout.write("The pages are open again, with the database that DATABASE_URL names.")
            return
        if not to:
            raise CommandError("Name the new database: --to postgres://user:password@host/name")
        try:
            moving.require_source()
            new = self._open(store) if store else None
            report = moving.move(to, open_originals(), new, say=self.stdout.write, settle_seconds=settle)
        except (CopyFailed, WrongAddress, ImproperlyConfigured, DatabaseError, OSError) as fault:
            is_open = "Nothing of the old place was changed, and its pages are open."
            raise CommandError(f"{fault}" if closing.closed() else f"{fault}\n{is_open}") from fault
        self.stdout.write(
            f"Moved: {report.rows} rows of {report.tables} tables, {report.photos} photos, each compared. No page was "
            f"shown for {report.closed_seconds} s.\nWrite these settings into .env, and start Anagen again:\n"
            f"DATABASE_URL={to}"
        )
        if store:
            self.stdout.write(f'PHOTO_STORE="{store}"')
        self.stdout.write(
            "The old database and photos are as they were. Keep them until you have made a copy of the new."
        )

    def _open(self, address: str) -> ObjectStore:
        """Raises CopyFailed for a store that is not fit for photos."""
        new = open_store(address, key_id=settings.PHOTO_STORE_KEY_ID, secret=settings.PHOTO_STORE_SECRET)
        lacking = [each.sentence for each in probe(new) if each.capability.is_needed and not each.has]
        if lacking:
            raise CopyFailed(" ".join(lacking))
        return new
