"""Seals over the audit trail, by which an edit, a deletion, an exchange, a cut and an addition are found (ADR 27).

A seal of a clinic has, for each event since the seal before, its id and a keyed digest of everything else in it, and a
keyed mac over these, over itself and over the mac of the seal before. Who has the database alone can make neither. The
key is AUDIT_KEY, outside the database.

Sealing takes no lock where people save. Two processes that seal at once write the same numbers, and one of them loses.
"""

import hashlib
import hmac
import json
import struct
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import timezone

from clinic.audit import heads
from clinic.audit.event_ids import last_event
from clinic.audit.heads import Head
from clinic.audit.models import AuditSeal

Row = tuple[Any, ...]
Digest = Callable[[Row], bytes]

COLUMNS: Final = (
    "id", "clinic_id", "at", "actor_id", "action", "object_type", "object_id", "patient_id", "detail", "request_id",
    "address", "session",
)  # fmt: skip
"""All of an event, in the order in which it is read here."""
EVENTS_AT_ONCE: Final = 10_000
"""At most so many events, of all clinics, are read and sealed at a time: 160 kB of entries."""
DIGEST_BYTES: Final = 8
_ENTRY: Final = struct.Struct(f">q{DIGEST_BYTES}s")
_LOWEST_ID: Final = -(2**63)
_encode: Final = json.JSONEncoder(separators=(",", ":"), sort_keys=True, default=repr).encode


def keys() -> list[bytes]:
    """That with which seals are made, then those with which older ones may have been made; 32 bytes each."""
    told = [*settings.AUDIT_KEYS, settings.SECRET_KEY]
    return [hashlib.sha256(f"anagen audit trail {key}".encode()).digest() for key in told]


def seal(*, at_most: int | None = None) -> int | None:
    """Seal all events that no seal has yet, and let the file of heads follow; how many. Not inside a transaction.

    With `at_most` no further part of EVENTS_AT_ONCE is begun after so many.

    None when another process seals just now, or somebody holds a transaction open in which an event was written.
    """
    until = last_event(connection)
    if until is None:
        return None
    sealed, made_at = 0, timezone.now()
    while True:
        # First the last seals, then the events that are to follow them: if another process seals between the two, the
        # numbers are taken, and nothing is sealed twice.
        before = heads.stored()
        is_enough = at_most is not None and sealed >= at_most
        batch = [] if is_enough else read_events(after=sealed_until(), until=until)
        if not batch:
            heads.follow()
            return sealed
        try:
            _save_seals(batch, before, made_at)
        except IntegrityError:
            return None
        sealed += len(batch)


def read_events(*, after: int = _LOWEST_ID, until: int | None = None) -> list[Row]:
    """The next events by id, at most EVENTS_AT_ONCE: their COLUMNS as the database driver gives them."""
    condition, values = ("id > %s", [after]) if until is None else ("id > %s AND id <= %s", [after, until])
    names = ", ".join(COLUMNS)
    query = f"SELECT {names} FROM clinic_auditevent WHERE {condition} ORDER BY id LIMIT {EVENTS_AT_ONCE}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def digest_with(key: bytes) -> Digest:
    """A digest of everything in an event but its id, the same on both databases; equal contents have equal digests, so
    that two exchanged events can be named."""

    def digest(row: Row) -> bytes:
        return hashlib.blake2b(_content(row).encode(), key=key, digest_size=DIGEST_BYTES).digest()

    return digest


def entries_of(rows: Iterable[Row], digest: Digest) -> bytes:
    return b"".join(_ENTRY.pack(row[0], digest(row)) for row in rows)


def read_entries(entries: bytes) -> Iterator[tuple[int, bytes]]:
    """Id and digest of each event of a seal. Raises struct.error for what has another length."""
    return _ENTRY.iter_unpack(entries)


def mac_of(seal: AuditSeal, *, before: str, key: bytes) -> str:
    """The mac of a seal that follows one with the mac `before`; "" before the first."""
    told = [
        before,
        seal.clinic_id,
        seal.number,
        seal.made_at.isoformat(),
        seal.first_event,
        seal.last_event,
        seal.count,
    ]
    return hmac.digest(key, _encode(told).encode() + bytes(seal.entries), "sha256").hex()


def _content(row: Row) -> str:
    _, clinic, at, actor, action, object_type, object_id, patient, detail, request_id, address, session = row
    if isinstance(at, datetime):  # PostgreSQL's; SQLite has the same as text, in UTC too
        at = at.replace(tzinfo=None).isoformat(" ")
    if isinstance(patient, uuid.UUID):
        patient = patient.hex
    if detail != "{}":
        try:
            detail = json.loads(detail)
        except (TypeError, ValueError):  # not what anybody recorded
            detail = repr(detail)
    told = [clinic, at, actor, action, object_type, object_id, patient, detail, request_id, address, session]
    return _encode(told)


def sealed_until() -> int:
    """The id up to which every event of every clinic has its seal."""
    return AuditSeal.objects.aggregate(last=Max("last_event"))["last"] or 0


def _save_seals(batch: list[Row], before: dict[int | None, Head], made_at: datetime) -> None:
    """A seal for each clinic of the batch, together: what lies below the last event of any seal is sealed."""
    key = keys()[0]
    digest = digest_with(key)
    by_clinic: dict[int | None, list[Row]] = {}
    for row in batch:
        by_clinic.setdefault(row[1], []).append(row)
    seals = []
    for clinic_id, rows in by_clinic.items():
        last = before.get(clinic_id, Head(clinic_id, 0, ""))
        made = AuditSeal(
            clinic_id=clinic_id,
            number=last.number + 1,
            made_at=made_at,
            first_event=rows[0][0],
            last_event=rows[-1][0],
            count=len(rows),
            entries=entries_of(rows, digest),
        )
        made.mac = mac_of(made, before=last.mac, key=key)
        seals.append(made)
    with transaction.atomic():
        AuditSeal.objects.bulk_create(seals)
