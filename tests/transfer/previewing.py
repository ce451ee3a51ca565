"""Previews a file of 20,000 rows in a process of its own, and prints the seconds and the megabytes it took.

python -m tests.transfer.previewing FILE, with DATABASE_URL naming an empty SQLite file.
"""

import datetime
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import django


class _NoMigrations:
    """The tables are made from the models: what is measured is the preview."""

    def __contains__(self, name: str) -> bool:
        return True

    def __getitem__(self, name: str) -> None:
        return None


def _most_megabytes() -> int:
    """The most memory that this program had at once. Where Linux tells it of the program itself that is asked: the
    figure of `getrusage` begins with what the process that started it had, which is a whole run of tests."""
    told = Path("/proc/self/status")
    if told.exists():
        (line,) = (line for line in told.read_text().splitlines() if line.startswith("VmHWM:"))
        return round(int(line.split()[1]) / 1024)
    return round(
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    )


def main(path: Path) -> None:
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from tests import factories
    from treatments.imports.models import ImportFile
    from treatments.transfer import actions, encryption
    from treatments.transfer.pending import PendingFile, read_tables

    settings.MIGRATION_MODULES = _NoMigrations()
    call_command("migrate", run_syncdb=True, verbosity=0)
    clinic = factories.clinic()
    by = factories.member(clinic, "manager")
    data = path.read_bytes()

    begun, used = time.monotonic(), time.process_time()
    tables = read_tables(data, name=path.name)
    kept = actions.keep_file(clinic=clinic, name=path.name, data=data, tables=tables, keep_content=False, by=by)
    del tables
    uploaded = time.monotonic() - begun
    pending = PendingFile(ImportFile.objects.get(pk=kept.pk))
    layout = pending.layout
    for table, sheet in zip(pending.tables, layout.sheets, strict=True):
        sheet.columns = pending.guess_columns(sheet, table)
    answers = {"site": "vertex", "method": "phototrichogram"}
    for question in pending.questions:
        layout.answers[question.key] = answers[question.key.partition(":")[0]]
    actions.keep_layout(kept, layout=layout)

    again, previewed = time.monotonic(), time.process_time()
    pending = PendingFile(ImportFile.objects.get(pk=kept.pk))
    judgement = pending.judgement()
    told: dict[str, Any] = {
        "upload_seconds": round(uploaded, 2),
        "preview_seconds": round(time.monotonic() - again, 2),
        "preview_processor_seconds": round(time.process_time() - previewed, 2),
        "all_processor_seconds": round(time.process_time() - used, 2),
        "megabytes": _most_megabytes(),
        "counts": judgement.counts,
        "warnings": len(judgement.warnings),
        "digest": len(judgement.digest),
        "on": datetime.date.today().isoformat(),
        "tables": len(encryption.opened_tables(kept.tables)),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
