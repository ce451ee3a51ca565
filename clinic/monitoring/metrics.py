"""/metrics: a dozen figures in the text format of Prometheus, for whoever has METRICS_TOKEN. No patient, no name.

Counters are those of the host that was asked; ask each host by itself. A figure that is not known is left out.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from django.db import DatabaseError, connection
from django.utils import timezone

from clinic.monitoring import counters
from clinic.operations import health
from clinic.operations.models import BACKUP

Line = tuple[str, dict[str, str], float]

MEANINGS: Final = {
    "anagen_info": ("gauge", "1; the release and the kind of database"),
    "anagen_saves_total": ("counter", "Requests that changed the record or the settings and were confirmed"),
    "anagen_refusals_total": ("counter", "What was sent and came back with an objection (4xx but 401)"),
    "anagen_answers_total": ("counter", "Answers by status; 503 and 507 are outages, 500 are errors of ours"),
    "anagen_answer_seconds_total": ("counter", "Seconds from request to answer, of all answers together"),
    "anagen_database_seconds_total": ("counter", "Seconds of these that the database took"),
    "anagen_sign_ins_failed_total": ("counter", "Wrong passwords, codes and passkeys"),
    "anagen_part_ok": ("gauge", "1 where database, disk, photos and clock work, as in /health/"),
    "anagen_migrations_missing": ("gauge", "Migrations of this release that the database has not had"),
    "anagen_last_good_backup_age_seconds": ("gauge", "Since the last backup in which nothing was wrong"),
    "anagen_free_bytes": ("gauge", "Free on the disk of VAR_DIR (disk) and of MEDIA_ROOT (photos)"),
    "anagen_total_bytes": ("gauge", "Size of these disks"),
    "anagen_database_replicas": ("gauge", "Standbys that are connected"),
    "anagen_database_replication_lag_seconds": ("gauge", "Of the standby that is furthest behind, where told"),
}


def text() -> str:
    """Answered within two seconds, as health.examine is."""
    lines, last = [], ""
    for name, labels, value in _lines():
        if name != last:
            kind, meaning = MEANINGS[name]
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
        told = ",".join(f'{label}="{each}"' for label, each in labels.items())
        lines.append(f"{name}{{{told}}} {value:.15g}" if told else f"{name} {value:.15g}")
        last = name
    return "\n".join(lines) + "\n"


def _lines() -> Iterator[Line]:
    replication = health.begin("replication", _replication)
    facts = health.examine()
    yield "anagen_info", {"version": facts["version"], "database": connection.vendor}, 1
    with suppress(OSError):  # anagen_part_ok{part="disk"} says so
        yield from _counted(counters.read())
    for part in ("database", "disk", "photos", "clock"):
        yield "anagen_part_ok", {"part": part}, facts[part]["ok"]
    if facts["database"]["ok"]:
        yield "anagen_migrations_missing", {}, 0
    elif "missing_migrations" in facts["database"]:
        yield "anagen_migrations_missing", {}, len(facts["database"]["missing_migrations"])
    if backup := _last_good(facts):
        yield "anagen_last_good_backup_age_seconds", {}, round((timezone.now() - backup).total_seconds())
    for name in ("free", "total"):
        for part in ("disk", "photos"):
            if f"{name}_bytes" in facts[part]:
                yield f"anagen_{name}_bytes", {"of": part}, facts[part][f"{name}_bytes"]
    yield from replication().get("lines", [])


def _counted(numbers: dict[str, int]) -> Iterator[Line]:
    yield "anagen_saves_total", {}, numbers["saves"]
    yield "anagen_refusals_total", {}, numbers["refusals"]
    for name, number in numbers.items():
        if name.startswith("answers_"):
            yield "anagen_answers_total", {"status": name.removeprefix("answers_")}, number
    yield "anagen_answer_seconds_total", {}, numbers["milliseconds"] / 1000
    yield "anagen_database_seconds_total", {}, numbers["database_milliseconds"] / 1000
    yield "anagen_sign_ins_failed_total", {}, numbers["sign_ins_failed"]


def _last_good(facts: health.Facts) -> datetime | None:
    task: dict[str, Any] = facts["tasks"].get(BACKUP, {})
    return datetime.fromisoformat(task["at"]) if task.get("at") and not task.get("faults") else None


def _replication() -> health.Facts:
    """Of a primary, what it says of its standbys; their lag only to a role with pg_monitor."""
    if connection.vendor != "postgresql":
        return {"ok": True}
    try:
        with health.brief_waits(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*), extract(epoch FROM max(replay_lag)) FROM pg_stat_replication")
            replicas, lag = cursor.fetchone()
    except DatabaseError:  # anagen_part_ok says so
        return {"ok": False}
    lines: list[Line] = [("anagen_database_replicas", {}, replicas)]
    if lag is not None:
        lines.append(("anagen_database_replication_lag_seconds", {}, float(lag)))
    return {"ok": True, "lines": lines}
