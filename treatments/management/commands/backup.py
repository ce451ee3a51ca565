"""Copy database and photos to a folder, and read the copy."""

import hashlib
import os
import shutil
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.utils import timezone

from clinic.audit import heads, sealing
from clinic.operations import models as upkeep
from clinic.operations import photo_folder
from clinic.operations.database_copy import (
    SUFFIX,
    Contents,
    CopyFailed,
    copy_database,
    read_copy,
    require_database,
)


class Command(BaseCommand):
    help = (
        "Copy the database, then the photos that are not whole there yet, to FOLDER, and read all of them. "
        "--check: copy nothing; read the newest copy of the database in FOLDER and every photo of it. "
        "Exit code 1 when anything is missing or altered. Prints the last seal of each clinic's audit trail."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="on another disk; it is made if it is not there")
        parser.add_argument("--check", action="store_true", help="read the newest backup, all of it")

    def handle(self, *args: Any, folder: Path, check: bool, **options: Any) -> None:
        try:
            path = newest(folder) if check else self._copy(folder)
            contents = read_copy(path)
            wrong = wrong_photos(folder / "photos", contents, copy=not check)
        except (CopyFailed, OSError) as fault:
            raise CommandError(str(fault)) from fault
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
        require_database()
        self._tell_heads()
        path = folder / f"database-{timezone.now():%Y%m%dT%H%M%SZ}{SUFFIX[connection.vendor]}"
        copy_database(path)
        return path

    def _tell_heads(self) -> None:
        """The last seals, before the copy, so that all are in it. A backup goes on where nothing can be sealed."""
        with suppress(DatabaseError, OSError, ValueError):
            sealing.seal()
        with suppress(DatabaseError):
            for head in heads.stored().values():
                self.stdout.write(f"audit trail sealed up to {head}")


def newest(folder: Path) -> Path:
    """The newest copy of the database in a backup. Raises CopyFailed."""
    copies = [path for suffix in SUFFIX.values() for path in folder.glob(f"database-*{suffix}")]
    if not copies:
        raise CopyFailed(f"There is no copy of a database in {folder}.")
    return max(copies, key=lambda path: path.stem)


def wrong_photos(folder: Path, contents: Contents, *, copy: bool) -> list[str]:
    """The keys whose file in the backup is missing or altered, after each of them was read; with `copy`, those that
    could not be copied from a whole original either. Raises OSError when the backup takes no more."""
    wrong = []
    for key, digest in contents.photos:
        is_kept = _is_whole(folder / key, digest)
        if not is_kept and copy and _is_whole(photo_folder.root() / key, digest):
            is_kept = _copy_file(photo_folder.root() / key, folder / key, digest)
        if not is_kept:
            wrong.append(key)
    return wrong


def _copy_file(source: Path, target: Path, digest: str) -> bool:
    """Put a copy in the place of what is there; a copy that is not whole is not kept."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    with source.open("rb") as old, part.open("wb") as new:
        shutil.copyfileobj(old, new, 1024 * 1024)
        new.flush()
        os.fsync(new.fileno())
    if not _is_whole(part, digest):
        part.unlink()
        return False
    part.rename(target)
    return True


def _is_whole(path: Path, digest: str) -> bool:
    """False for a file that is missing or cannot be read, too: the others are still looked at."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except OSError:
        return False
