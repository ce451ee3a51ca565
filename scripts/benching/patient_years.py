"""How many rows and bytes a year of one patient takes in PostgreSQL, by table, indexes included.

The year is that of history.py: a session each month, at every third month a checkpoint with six photographs. Beside it
200 events of the audit trail, which people's looks and saves make of it. What photographs take in the store is theirs:
their number times what a camera sends.
"""

import random
import tempfile
from typing import Final

from scripts.benching.figures import Figures
from scripts.benching.scale import Visitor, make_database
from tests.databases import find_binaries, postgresql

PATIENTS: Final = 300
EVENTS_EACH: Final = 200
SENTENCE: Final = (
    "Only 1120 pixels on the longer side, fewer than the 1600 a comparison needs; send the photo in its full size."
    + (" Version 2026-11; threshold 1600; value 1120; photo none.")
)
"""A check has 170 characters on average."""
_SIZES = """
    SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables
    WHERE relname LIKE 'treatments%' OR relname LIKE 'clinic%'
"""


def measure(figures: Figures) -> None:
    if find_binaries() is None:
        figures.missing("patient_year", "no PostgreSQL on this machine; apt install postgresql")
        return
    with tempfile.TemporaryDirectory(prefix="anagen-bench-") as folder, postgresql() as server:
        make_database(server, "years")
        visitor = Visitor(server.replace("/postgres?", "/years?"), folder)
        try:
            tables = visitor.ask("fill_years", PATIENTS)
        finally:
            visitor.close()
    trail = {name: told for name, told in tables.items() if name.startswith("clinic_audit")}
    record = {name: told for name, told in tables.items() if name not in trail}
    for title, parts in (("record", record), ("trail", trail)):
        for name, (rows, size) in sorted(parts.items(), key=lambda each: -each[1][1]):
            if rows:
                figures.say(f"patient_year_rows_of_{name}", rows / PATIENTS, "rows")
                figures.say(f"patient_year_bytes_of_{name}", size / PATIENTS, "bytes")
        figures.say(f"patient_year_{title}_rows", sum(rows for rows, _ in parts.values()) / PATIENTS, "rows")
        figures.say(f"patient_year_{title}_bytes", sum(size for _, size in parts.values()) / PATIENTS, "bytes")


def fill(patients: int) -> dict[str, tuple[int, int]]:
    """Rows and bytes that each table grew by, for so many patients of a year each. PostgreSQL only."""
    from django.db import transaction

    from scripts.benching import audit_events, history

    clinic, _ = history.clinic()
    before = _grown()
    with transaction.atomic():
        for _ in range(patients):
            history.patient_with_history(clinic, 12)
        _read_photos()
    grown = {name: (told[0] - before[name][0], told[1] - before[name][1]) for name, told in _grown().items()}
    at_first = _grown()
    audit_events.fill(patients * EVENTS_EACH)
    trail = _grown()
    for name in ("clinic_auditevent", "clinic_auditseal"):
        grown[name] = (trail[name][0] - at_first[name][0], trail[name][1] - at_first[name][1])
    return grown


def _read_photos() -> None:
    """What is kept of a photograph that was read: its checks, of the length that they have in the demonstration clinic,
    and its fingerprint."""
    from treatments.models import Photo, PhotoFingerprint

    chance = random.Random(12)  # noqa: S311 -- the same every time
    photos = Photo.objects.all()
    photos.update(quality_checks={"gates": [{"code": f"check_{n}", "sentence": SENTENCE} for n in range(6)]})
    rows = photos.iterator(chunk_size=500)
    PhotoFingerprint.objects.bulk_create(
        PhotoFingerprint(photo=each, levels=chance.randbytes(64 * 64)) for each in rows
    )


def _grown() -> dict[str, tuple[int, int]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM FULL ANALYZE")
        cursor.execute(_SIZES)
        sizes = dict(cursor.fetchall())
        rows = {}
        for name in sizes:
            cursor.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608 -- a name of the schema
            rows[name] = cursor.fetchone()[0]
    return {name: (rows[name], size) for name, size in sizes.items()}
