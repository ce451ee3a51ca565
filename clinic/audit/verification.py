"""Whether the audit trail is as it was sealed; what is wrong is named, the first event first.

One pass over all events in the order of their ids, beside the seals of each clinic in theirs. Reads only, holds no
transaction, and may run while people work: what is recorded and sealed after its beginning is not sealed for it.
"""

import hmac
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from django.db import connection

from clinic.audit import heads, sealing
from clinic.audit.append_only import unprotected_tables
from clinic.audit.heads import Head
from clinic.audit.models import AuditEvent, AuditSeal
from clinic.audit.sealing import Digest, Row, digest_with, keys, mac_of, read_entries, read_events

SEALS_AT_ONCE: Final = 20
_REMEMBERED: Final = 10_000
"""Of a trail that was rewritten altogether it is enough to name so many events of a clinic."""

_IF_RESTORED: Final = "If an older backup was restored, and only then: ./anagen audit restored"


@dataclass
class Finding:
    """`event` is the id of the event that is wrong; None for what is wrong with the seals."""

    sentence: str
    event: int | None = None


@dataclass
class Trail:
    """The events of a clinic, or of none, and what is wrong with them, the first event first."""

    clinic_id: int | None
    sealed: int = 0
    unsealed: int = 0
    seals: int = 0
    findings: list[Finding] = field(default_factory=list)


@dataclass
class Verdict:
    """What was found. `notes` are no faults."""

    trails: list[Trail]
    unprotected: list[str]
    notes: list[str]

    @property
    def is_whole(self) -> bool:
        return not self.unprotected and not any(trail.findings for trail in self.trails)


def verify(printed: list[Head] | None = None) -> Verdict:
    """Compare every event with its seal, every seal with the one before, and the last ones with the file of heads and
    with `printed`. Raises OSError and ValueError when that file cannot be read."""
    anchors, notes = _anchors(printed or [])
    # Before the heads: whatever lies below it is in a seal that they lead to.
    sealed_until = sealing.sealed_until()
    stored = {clinic: head.number for clinic, head in heads.stored().items()}
    chains = {
        clinic: _Chain(clinic, stored.get(clinic, 0), sealed_until, anchors.get(clinic, []))
        for clinic in stored.keys() | anchors.keys()
    }
    rows = read_events()
    while rows:
        for row in rows:
            clinic = row[1]
            if clinic not in chains:
                chains[clinic] = _Chain(clinic, 0, sealed_until, [])
            chains[clinic].take(row)
        rows = read_events(after=rows[-1][0])
    elsewhere = {event for chain in chains.values() for event in chain.strays}
    trails = [chain.end(elsewhere) for _, chain in sorted(chains.items(), key=lambda each: each[0] or 0)]
    return Verdict(trails, unprotected_tables(connection), notes)


def _anchors(printed: list[Head]) -> tuple[dict[int | None, list[tuple[Head, str]]], list[str]]:
    """Heads to compare with, by clinic, each with where it is from."""
    found: dict[int | None, list[tuple[Head, str]]] = {}
    kept = heads.kept()
    for head, source in [
        *((head, str(heads.path())) for head in kept.values()),
        *((each, "--head") for each in printed),
    ]:
        found.setdefault(head.clinic_id, []).append((head, source))
    notes = [] if kept else [f"{heads.path()} is not there: whether the end was cut off is not known from it."]
    return found, notes


class _Chain:
    """The seals of one clinic beside its events, which are taken in the order of their ids."""

    def __init__(
        self, clinic_id: int | None, last_number: int, sealed_until: int, anchors: list[tuple[Head, str]]
    ) -> None:
        self.trail = Trail(clinic_id)
        self.strays: set[int] = set()
        self._last_number, self._sealed_until = last_number, sealed_until
        self._anchors = anchors
        self._seals = self._read_seals()
        self._keys = [(key, digest_with(key)) for key in keys()]
        self._place = len(self._keys) - 1  # the oldest: the newest stands first
        self._digest: Digest = self._keys[0][1]
        self._number, self._mac, self._until = 0, "", -(2**63)
        self._expected: dict[int, bytes] = {}
        self._first = self._until
        self._is_known = True
        self._misfits: dict[int, tuple[bytes, bytes, int]] = {}
        self._missing: dict[int, int] = {}

    def take(self, row: Row) -> None:
        event = row[0]
        while event > self._until and self._next_seal():
            pass
        if event > self._until:
            self.trail.unsealed += 1
            self._note_stray(event)
            if event <= self._sealed_until:
                self._find(
                    f"event {event} is in no seal, although later ones are: it was added, or its seal was deleted",
                    event,
                )
            return
        self.trail.sealed += 1
        expected = self._expected.pop(event, None)
        if expected is None:
            if self._is_known or event >= self._first:  # else a seal that is missing may have had it
                self._find(
                    f"event {event} was added: it is older than seal {self._number}, which does not have it", event
                )
                self._note_stray(event)
        elif (found := self._digest(row)) != expected and len(self._misfits) < _REMEMBERED:
            self._misfits[event] = expected, found, self._number

    def end(self, elsewhere: set[int]) -> Trail:
        """After the last event. `elsewhere` are events that stand in other clinics without a seal of theirs."""
        while self._next_seal():
            pass
        by_digest = {expected: event for event, (expected, _, _) in self._misfits.items()}
        for event, (_, found, number) in self._misfits.items():
            other = by_digest.get(found)
            what = f"was exchanged with event {other}" if other else "was edited"
            self._find(f"event {event} {what}: it is not what seal {number} has", event)
        for event, number in self._missing.items():
            moved = event in elsewhere or AuditEvent.objects.filter(pk=event).exists()
            what = "was edited: it stands in another clinic now" if moved else "is missing: it was deleted"
            self._find(f"event {event} {what}, after seal {number}", event)
        for head, source in self._anchors:
            if head.number > self._number:
                self._find(
                    f"the end was cut off: seal {head.number} was made before ({source}), and the last one here is "
                    f"{self._number}. {_IF_RESTORED}"
                )
        self.trail.findings.sort(key=lambda finding: (finding.event is None, finding.event or 0))
        return self.trail

    def _next_seal(self) -> bool:
        for event in self._expected:
            if len(self._missing) < _REMEMBERED:
                self._missing[event] = self._number
        self._expected = {}
        seal = next(self._seals, None)
        if seal is None:
            return False
        self.trail.seals += 1
        self._is_known = seal.number == self._number + 1
        if not self._is_known:
            self._find(f"seal {self._number + 1} is missing: it was deleted")
        self._check_mac(seal)
        try:
            self._expected = dict(read_entries(bytes(seal.entries)))
        except struct.error:
            pass  # its mac has told
        self._number, self._mac = seal.number, seal.mac
        self._first, self._until = seal.first_event, seal.last_event
        for head, source in self._anchors:
            if head.number == seal.number and not seal.mac.startswith(head.mac):
                self._find(f"seal {seal.number} is not the one that was made before ({source}). {_IF_RESTORED}")
        return True

    def _check_mac(self, seal: AuditSeal) -> None:
        """By the key of the seal before, then by newer ones: who has a key that was replaced makes no seal any more."""
        before = self._mac if self._is_known else None
        for place in range(self._place, -1, -1):
            key, digest = self._keys[place]
            if before is not None and hmac.compare_digest(mac_of(seal, before=before, key=key), seal.mac):
                self._place, self._digest = place, digest
                return
        if self._is_known:
            self._find(f"seal {seal.number} was edited, or made with another AUDIT_KEY")

    def _read_seals(self) -> Iterator[AuditSeal]:
        number = 0
        seals = AuditSeal.objects.filter(clinic=self.trail.clinic_id, number__lte=self._last_number)
        while batch := list(seals.filter(number__gt=number).order_by("number")[:SEALS_AT_ONCE]):
            yield from batch
            number = batch[-1].number

    def _note_stray(self, event: int) -> None:
        if len(self.strays) < _REMEMBERED:
            self.strays.add(event)

    def _find(self, sentence: str, event: int | None = None) -> None:
        if len(self.trail.findings) < 3 * _REMEMBERED:
            self.trail.findings.append(Finding(sentence, event))
