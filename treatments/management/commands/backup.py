"""Copy database and photos to a folder, and read the copy."""

import hashlib
import os
import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from clinic.operations import models as upkeep
from clinic.operations import photo_folder
from clinic.operations.database_copy import SUFFIX, Contents, CopyFailed, copy_database, read_copy


class Command(BaseCommand):
    help = (
        "Copy the database, then the photos that are not there yet, to FOLDER, and read what was copied. "
        "--check: copy nothing; read the newest copy of the database in FOLDER and every photo of it. "
        "Exit code 1 when anything is missing or altered."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="on another disk; it is made if it is not there")
        parser.add_argument("--check", action="store_true", help="read the newest backup, all of it")

    def handle(self, *args: Any, folder: Path, check: bool, **options: Any) -> None:
        try:
            path = newest(folder) if check else self._copy(folder)
            contents = read_copy(path)
        except (CopyFailed, OSError) as fault:
            raise CommandError(str(fault)) from fault
        copied = set() if check else self._copy_photos(folder, contents)
        wrong = [key for key, digest in contents.photos if not _is_whole(folder, key, digest, check or key in copied)]
        for key in wrong:
            self.stdout.write(f"missing or altered: photos/{key}")
        rows = sum(contents.rows.values())
        self.stdout.write(f"{path}: {len(contents.rows)} tables, {rows} rows; {len(contents.photos)} photos")
        for table, count in sorted(contents.rows.items()):
            self.stdout.write(f"  {table} {count}", ending="\n")
        if not check:
            upkeep.done(upkeep.BACKUP, faults=len(wrong))
        if wrong:
            raise CommandError(
                f"{len(wrong)} photos of this backup are missing or altered. Run: ./anagen photos verify"
            )

    def _copy(self, folder: Path) -> Path:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"database-{timezone.now():%Y%m%dT%H%M%SZ}{SUFFIX[connection.vendor]}"
        copy_database(path)
        return path

    def _copy_photos(self, folder: Path, contents: Contents) -> set[str]:
        """The keys that were copied. Photos are only ever added, so one that is in the backup already stays."""
        copied = set()
        for key, _ in contents.photos:
            source, target = photo_folder.root() / key, folder / "photos" / key
            if source.is_file() and not target.is_file():
                _copy_file(source, target)
                copied.add(key)
        return copied


def newest(folder: Path) -> Path:
    """The newest copy of the database in a backup. Raises CopyFailed."""
    copies = [path for suffix in SUFFIX.values() for path in folder.glob(f"database-*{suffix}")]
    if not copies:
        raise CopyFailed(f"There is no copy of a database in {folder}.")
    return max(copies, key=lambda path: path.stem)


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    with source.open("rb") as old, part.open("wb") as new:
        shutil.copyfileobj(old, new, 1024 * 1024)
        new.flush()
        os.fsync(new.fileno())
    part.rename(target)


def _is_whole(folder: Path, key: str, digest: str, is_read: bool) -> bool:
    path = folder / "photos" / key
    if not is_read or not path.is_file():
        return path.is_file()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == digest
