"""Questions to the audit trail: who did what, with whose record, between two days, of which kind.

Whatever the question and however long the trail, the answer reads a page of rows and no more. Every index of the trail
ends in the time, so a question about several actions or records is asked as one query for each, all in the same order,
and the first rows of each are merged: the database never sorts, and never reads past rows of another kind.
"""

import heapq
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet

from clinic.audit.models import AuditEvent
from clinic.audit_report.words import Kind, actions_of
from clinic.staff.models import Clinic

COUNTED = 10_000
"""Events are counted as far as this: to count more would take the longer, the longer the trail is."""
_BATCH = 2_000
# What is done with an account before anybody is known to be its person.
_TRIES = ("sign_in_failed", "sign_in_delayed")
_PINS = ("pin_failed", "pin_removed")
_ANY = Q()
# What somebody asked for who was refused before the record was reached.
_REFUSALS = ("refused", "refused_to_pin", "not_found")
Events = QuerySet[AuditEvent]


@dataclass(frozen=True)
class Answer:
    """Some of the events that answer a question, and whether there are others before and after them."""

    events: list[AuditEvent]
    has_earlier: bool = False
    has_later: bool = False

    @property
    def before(self) -> int | None:
        """The id of the event before which the page before this one ends."""
        return self.events[0].pk if self.has_earlier and self.events else None

    @property
    def after(self) -> int | None:
        """The id of the event after which the next page begins."""
        return self.events[-1].pk if self.has_later and self.events else None


@dataclass(frozen=True)
class Question:
    """What a clinic asks its trail; what is left out narrows nothing.

    `patients` are the ids of records, several where records were merged; `entries` are, by the id of a record that they
    were in before, the ids of entries that were moved here. `accounts` are the hashes of the accounts of the people who
    may be meant: a sign-in that was refused names nobody, and of somebody who works no more, no clinic either.
    `asked_at` ends the trail for this question.
    """

    clinic: Clinic
    asked_at: datetime
    patients: Sequence[uuid.UUID] = ()
    entries: Mapping[uuid.UUID, Sequence[str]] = field(default_factory=dict)
    person_id: int | None = None
    accounts: Sequence[str] = ()
    first: date | None = None
    last: date | None = None
    kind: Kind | None = None
    oldest_first: bool = False

    def page(self, size: int, *, after: int | None = None, before: int | None = None) -> Answer:
        """The events that come next after one of them, or just before; the first without either."""
        edge = self._event(after or before)
        if edge is None:
            events = list(islice(self._merged(size + 1), size + 1))
            return Answer(events[:size], has_later=len(events) > size)
        if after:
            events = self._beyond(edge, size + 1)
            return Answer(events[:size], has_earlier=True, has_later=len(events) > size)
        events = self._beyond(edge, size + 1, backwards=True)
        return Answer(events[:size][::-1], has_earlier=len(events) > size, has_later=True)

    def count(self) -> int:
        """How many events answer; COUNTED + 1 for any number above COUNTED."""
        count = 0
        for stream in self._streams:
            # In the order of an index, and nothing that is not in it: otherwise the database reads the whole table.
            count += stream.order_by("at").values_list("at")[: COUNTED + 1 - count].count()
            if count > COUNTED:
                break
        return count

    def all(self) -> Iterator[AuditEvent]:
        """Every event that answers, in order, read a batch at a time."""
        batch = list(self._merged(_BATCH))
        while batch:
            yield from batch
            batch = self._beyond(batch[-1], _BATCH) if len(batch) == _BATCH else []

    def values(self, *columns: str) -> Iterator[tuple[Any, ...]]:
        """These columns of every event that answers, in no order; for a question about patients."""
        for stream in self._streams:
            yield from stream.values_list(*columns).iterator()

    def _event(self, event_id: int | None) -> AuditEvent | None:
        if event_id is None:
            return None
        return AuditEvent.objects.filter(Q(clinic=self.clinic) | Q(clinic=None), pk=event_id).first()

    def _beyond(self, edge: AuditEvent, size: int, *, backwards: bool = False) -> list[AuditEvent]:
        side = "gt" if self.oldest_first is not backwards else "lt"
        # The first condition is the one that an index answers; the second only tells apart events of one moment.
        beyond = Q(**{f"at__{side}e": edge.at}) & (Q(**{f"at__{side}": edge.at}) | Q(**{f"pk__{side}": edge.pk}))
        return list(self._merged(size, beyond, backwards=backwards))

    def _merged(self, size: int, condition: Q = _ANY, *, backwards: bool = False) -> Iterator[AuditEvent]:
        """At most `size` events of all streams, in order."""
        sign = "" if self.oldest_first is not backwards else "-"
        rows = [
            stream.filter(condition).select_related("actor").order_by(f"{sign}at", f"{sign}pk")[:size]
            for stream in self._streams
        ]
        merged = heapq.merge(*rows, key=lambda event: (event.at, event.pk), reverse=bool(sign))
        return islice(merged, size)

    @cached_property
    def _streams(self) -> list[Events]:
        """Queries that have no event in common, and each of which an index answers in the order of time."""
        span = AuditEvent.objects.filter(**self._span())
        events = span.filter(clinic=self.clinic)
        if self.person_id is not None:
            events = events.filter(actor=self.person_id)
        if self.patients:
            streams = [events.filter(patient_id=patient) for patient in self.patients]
            streams += [events.filter(patient_id=was_in, object_id__in=ids) for was_in, ids in self.entries.items()]
            if self.kind:
                streams = [each.filter(action__in=actions_of(self.kind)) for each in streams]
            if self.kind in {None, Kind.REFUSED}:
                # Without an object, and so without a patient: by this column no database is led to another index.
                asked_for = {"object_type": "", "detail__ids__patient_id__in": [str(each) for each in self.patients]}
                streams += [events.filter(action=action, **asked_for) for action in _REFUSALS]
            return streams
        streams = [events]
        if self.kind:
            streams = [events.filter(action=action) for action in actions_of(self.kind)]
        if self.kind in {None, Kind.SIGNED}:
            clinics = [None] if self.person_id is None else [None, self.clinic]
            tries = [span.filter(clinic=each, action=action) for each in clinics for action in _TRIES]
            streams += [each.filter(detail__account__in=self.accounts) for each in tries]
            if self.person_id is not None:
                # Whoever enters a PIN that is wrong is nobody; whose it is, is known.
                of_pins = [span.filter(clinic=self.clinic, action=action, actor=None) for action in _PINS]
                streams += [each.filter(detail__person=self.person_id) for each in of_pins]
        return streams

    def _span(self) -> dict[str, datetime]:
        zone = self.clinic.zone
        end = self.asked_at
        if self.last and self.last < date.max:
            end = min(end, datetime.combine(self.last + timedelta(days=1), time.min, zone))
        begin = {"at__gte": datetime.combine(self.first, time.min, zone)} if self.first else {}
        return {**begin, "at__lt": end}
