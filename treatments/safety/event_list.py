"""The clinic's list of adverse events: its filters, its rows, and the number of sessions to compare them with."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.courses.models import ExosomeSession, SessionQuerySet
from treatments.products.models import Lot, Product
from treatments.safety.models import OPEN_CODES, AdverseEvent, EventQuerySet
from treatments.safety.vocabulary import EventKind

SHOWN = {"open": "Not resolved", "serious": "Serious", "all": "All"}
PERIODS = {"30": "Last 30 days", "91": "Last 3 months", "365": "Last 12 months"}


def _uuid_or_blank(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""


@dataclass(frozen=True)
class Filters:
    """What the list is filtered by; an unknown value counts as none."""

    shown: str = "open"
    kind: str = ""
    grade: int = 0
    product: str = ""
    lot: str = ""
    period: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Filters":
        def known(name: str, allowed: Any) -> str:
            return query.get(name, "") if query.get(name, "") in allowed else ""

        return cls(
            shown=known("shown", SHOWN) or "open",
            kind=known("kind", EventKind.values),
            grade=int(known("grade", {"2", "3", "4", "5"}) or 0),
            product=_uuid_or_blank(query.get("product", "")),
            lot=_uuid_or_blank(query.get("lot", "")),
            period=known("period", PERIODS),
        )

    @property
    def narrowing(self) -> dict[str, Any]:
        names = ("kind", "grade", "product", "lot", "period")
        return {name: value for name in names if (value := getattr(self, name))}

    @property
    def query(self) -> str:
        return urlencode({"shown": self.shown} | self.narrowing)

    @property
    def query_but_shown(self) -> str:
        return urlencode(self.narrowing)

    @property
    def since(self) -> datetime.date | None:
        return timezone.localdate() - datetime.timedelta(days=int(self.period)) if self.period else None


SESSIONS_FOR_A_RATE = 30
"""Below so many sessions at which somebody asked, a rate for 100 would say more than is known: only counts stand."""


@dataclass(frozen=True)
class Counts:
    """Events and sessions of the same period, product and lot.

    `in_asked` are the events tied to one of the sessions `asked`, at which somebody asked for events; only these two
    are divided. `patients` have an event at all, `patients_in_asked` one of `in_asked`, out of `patients_asked`.
    """

    open: int
    serious: int
    all: int
    in_asked: int
    patients: int
    patients_in_asked: int
    sessions: int
    asked: int
    patients_asked: int

    @property
    def elsewhere(self) -> int:
        """Events of sessions at which nobody asked, or of none."""
        return self.all - self.in_asked

    @property
    def not_asked_words(self) -> str:
        """In place of the figures where nobody asked: no event is then no finding."""
        if not self.sessions:
            return "No session yet"
        at = "the one session" if self.sessions == 1 else f"any of {self.sessions} sessions"
        return f"Nobody asked for events in {at}: whether there were some is not known"

    @property
    def for_a_hundred(self) -> float | None:
        return round(100 * self.in_asked / self.asked, 1) if self.asked >= SESSIONS_FOR_A_RATE else None


def _filtered(clinic: Clinic, filters: Filters) -> EventQuerySet:
    events: EventQuerySet = AdverseEvent.objects.of(clinic).standing()
    if filters.lot or filters.product:
        events = events.filter(exosome_session__in=_sessions(clinic, filters))
    if filters.kind:
        events = events.filter(kind=filters.kind)
    if filters.grade:
        events = events.filter(grade__gte=filters.grade)
    if filters.since:
        events = events.filter(happened__gte=filters.since)
    return events


def _sessions(clinic: Clinic, filters: Filters) -> SessionQuerySet:
    """The sessions that took place, with this lot or product."""
    sessions: SessionQuerySet = ExosomeSession.objects.of(clinic).standing()
    if filters.lot:
        sessions = sessions.of_lots([filters.lot])
    return sessions.of_product(filters.product) if filters.product else sessions


def matching_events(clinic: Clinic, filters: Filters) -> EventQuerySet:
    """The events of these filters, serious first, then by grade, then the latest."""
    shown = {"open": Q(outcome__in=OPEN_CODES), "serious": Q(is_serious=True), "all": Q()}
    events = _filtered(clinic, filters).filter(shown[filters.shown])
    with_session = events.select_related("patient", "exosome_session__lot__product")
    return with_session.prefetch_related("exosome_session__applications__lot").serious_first()


def counts(clinic: Clinic, filters: Filters) -> Counts:
    """Three queries, whatever the number of events."""
    sessions = _sessions(clinic, filters)
    if filters.since:
        sessions = sessions.filter(performed_on__gte=filters.since)
    asked = sessions.where_asked()
    in_asked = Q(exosome_session__in=asked)
    events = _filtered(clinic, filters).aggregate(
        open=Count("id", filter=Q(outcome__in=OPEN_CODES)),
        serious=Count("id", filter=Q(is_serious=True)),
        all=Count("id"),
        in_asked=Count("id", filter=in_asked),
        patients=Count("patient", distinct=True),
        patients_in_asked=Count("patient", filter=in_asked, distinct=True),
    )
    people = asked.aggregate(asked=Count("id"), patients_asked=Count("patient", distinct=True))
    return Counts(**events, **people, sessions=sessions.count())


def choices(clinic: Clinic, filters: Filters) -> dict[str, Any]:
    """The choices of the filters: the clinic's products, and the one lot of this address."""
    products = Product.objects.of(clinic).order_by("name").values_list("id", "name")
    lot = Lot.objects.of(clinic).filter(pk=filters.lot) if filters.lot else Lot.objects.none()
    return {
        "kinds": EventKind.choices,
        "products": [(str(pk), name) for pk, name in products],
        "lot": lot.select_related("product").first(),
        "periods": PERIODS,
        "shown": SHOWN,
    }
