"""`python -m clinic.installation.upgrading.rescue copy|restore FILE`: the database before an upgrade, and back.

Runs as the user of the service, while nobody else uses the database.
"""

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from clinic.installation import paths
from clinic.installation.entering import CannotEnter, enter_installation


def main(act: str, file: Path) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    try:
        enter_installation(paths.environment_file())
    except CannotEnter as fault:
        print(fault, file=sys.stderr)
        return 1
    import django

    django.setup()
    from clinic.operations.database_copy import CopyFailed, copy_database

    try:
        copy(file, copy_database) if act == "copy" else restore(file)
    except (CopyFailed, OSError, sqlite3.Error) as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


def copy(file: Path, copy_database: object) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    try:
        copy_database(file)  # type: ignore[operator]
    except BaseException:  # a full disk is not to be kept full by half a copy
        file.unlink(missing_ok=True)
        raise


def restore(file: Path) -> None:
    """Put the content of a copy into SQLite's file in one transaction: killed meanwhile, it is as it was before."""
    from django.conf import settings

    with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(settings.DATABASES["default"]["NAME"])) as live:
        old.backup(live)
        live.execute("PRAGMA journal_mode = WAL")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
