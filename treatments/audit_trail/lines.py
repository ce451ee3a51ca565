"""An event of the audit trail as a line that a lawyer understands."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.utils import timezone

from clinic.audit.models import AuditEvent
from clinic.audit_report.words import KINDS, in_words, words_of
from clinic.staff.models import Clinic
from treatments.audit_trail.people import People
from treatments.audit_trail.subjects import named
from treatments.products.models import Lot
from treatments.records.formatting import day

SERVER = "A command on the server"
NOBODY = "Somebody who was not signed in"
_AT_ONCE = 500


@dataclass(frozen=True)
class Line:
    """`record` is "HC-0007", `of` is what a sentence says of whom it was: the number, and the name where it is wanted.

    `at` is in the clinic's time.
    """

    at: datetime
    who: str
    role: str
    did: str
    record: str
    address: str
    kind: str

    @property
    def when(self) -> str:
        """ "14 May 2026, 09:12:33"; in the hour that a clock goes through twice with what tells the two apart."""
        is_twice = self.at.replace(fold=0).utcoffset() != self.at.replace(fold=1).utcoffset()
        return f"{day(self.at)}, {self.at:%H:%M:%S}{self.at.strftime(' (%Z)') if is_twice else ''}"

    @property
    def parts(self) -> tuple[str, str, str]:
        """What was done, before the record number, the number, and after it: a number stays on one line."""
        return self.did.partition(self.record) if self.record else (self.did, "", "")


def lines(events: Iterable[AuditEvent], *, clinic: Clinic, people: People, with_names: bool) -> Iterator[Line]:
    """The lines of events, in their order; `with_names` names patients beside their record numbers."""
    rest = iter(events)
    while some := list(islice(rest, _AT_ONCE)):
        ids = [event.patient_id or _asked_for(event) for event in some]
        patients = named(clinic, ids)
        lots = _lots(clinic, some)
        for event, patient_id in zip(some, ids, strict=True):
            patient = patients.get(patient_id) if patient_id else None
            number = patient.record_number if patient else "a record that is not here" if event.patient_id else ""
            of = f"{number} {patient.name}" if patient and with_names else number
            account = people.accounts.get(event.detail.get("account", ""))
            words = words_of(event.action)
            yield Line(
                at=timezone.localtime(event.at, clinic.zone),
                who=_who(event, people),
                role=people.roles.get(event.actor_id or 0, ""),
                did=in_words(
                    event.action,
                    event.object_type,
                    event.detail,
                    people=people.names,
                    of=of,
                    account=people.names[account] if account else "",
                )
                + lots.get(event.object_id, ""),
                record=number if patient else "",
                address=event.address or "",
                kind=KINDS[words.kind] if words else "",
            )


def _lots(clinic: Clinic, events: Iterable[AuditEvent]) -> dict[str, str]:
    """What a sentence about a lot ends with, by the id of the lot: ": EX-1001"."""
    ids = {event.object_id for event in events if event.object_type == "lot" and event.object_id}
    return {str(lot.pk): f": {lot.number}" for lot in Lot.objects.of(clinic).filter(pk__in=ids)} if ids else {}


def _asked_for(event: AuditEvent) -> uuid.UUID | None:
    """The patient that an address named, where the record was not reached. It may be another clinic's, or nobody."""
    try:
        return uuid.UUID(event.detail.get("ids", {}).get("patient_id", ""))
    except ValueError:
        return None


def _who(event: AuditEvent, people: People) -> str:
    if event.actor_id is not None:
        return people.names.get(event.actor_id) or str(event.actor)
    return NOBODY if event.request_id or event.address else SERVER
