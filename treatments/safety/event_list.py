"""The clinic's register of adverse events: what may be asked of it, its rows, and out of how many sessions."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.utils import timezone

from treatments.courses.models import ExosomeSession
from treatments.products.models import Lot, Product
from treatments.safety.models import OPEN_CODES, AdverseEvent, EventQuerySet
from treatments.safety.vocabulary import EventKind

SHOWN = {"open": "Open", "serious": "Serious", "all": "All"}
PERIODS = {"30": "Last 30 days", "91": "Last 3 months", "365": "Last 12 months"}


def _id(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""


@dataclass(frozen=True)
class Filters:
    """What the register was asked for; a word it does not know counts as not asked."""

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
            product=_id(query.get("product", "")),
            lot=_id(query.get("lot", "")),
            period=known("period", PERIODS),
        )

    @property
    def narrowing(self) -> dict[str, Any]:
        told = {"kind": self.kind, "grade": self.grade, "product": self.product, "lot": self.lot}
        return {name: value for name, value in (told | {"period": self.period}).items() if value}

    @property
    def query(self) -> str:
        return urlencode({"shown": self.shown} | self.narrowing)

    @property
    def query_but_shown(self) -> str:
        return urlencode(self.narrowing)

    @property
    def since(self) -> datetime.date | None:
        return timezone.localdate() - datetime.timedelta(days=int(self.period)) if self.period else None


@dataclass(frozen=True)
class Counts:
    """Events in the register and the sessions they are set against, both in the same period, product and lot."""

    open: int
    serious: int
    all: int
    patients: int
    sessions: int

    @property
    def for_a_hundred(self) -> float | None:
        return round(100 * self.all / self.sessions, 1) if self.sessions else None


def _narrowed(clinic: Any, filters: Filters) -> EventQuerySet:
    found = AdverseEvent.objects.of(clinic).standing()
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.grade:
        found = found.filter(grade__gte=filters.grade)
    if filters.lot:
        found = found.filter(exosome_session__lot=filters.lot)
    if filters.product:
        found = found.filter(
            Q(exosome_session__lot__product=filters.product) | Q(exosome_session__product=filters.product)
        )
    if filters.since:
        found = found.filter(happened__gte=filters.since)
    return found


def listed(clinic: Any, filters: Filters) -> EventQuerySet:
    """The events asked for, serious first, then by grade, then the latest."""
    found = _narrowed(clinic, filters)
    if filters.shown == "open":
        found = found.filter(outcome__in=OPEN_CODES)
    elif filters.shown == "serious":
        found = found.filter(is_serious=True)
    return found.select_related("patient", "exosome_session__lot__product").serious_first()


def counts(clinic: Any, filters: Filters) -> Counts:
    """Two queries, whatever the size of the register."""
    events = _narrowed(clinic, filters).aggregate(
        open=Count("id", filter=Q(outcome__in=OPEN_CODES)),
        serious=Count("id", filter=Q(is_serious=True)),
        all=Count("id"),
        patients=Count("patient", distinct=True),
    )
    given = ExosomeSession.objects.of(clinic).standing()
    if filters.lot:
        given = given.filter(lot=filters.lot)
    if filters.product:
        given = given.filter(Q(lot__product=filters.product) | Q(product=filters.product))
    if filters.since:
        given = given.filter(performed_on__gte=filters.since)
    return Counts(**events, sessions=given.count())


def choices(clinic: Any, filters: Filters) -> dict[str, Any]:
    """What the filters offer: the clinic's products, and the one lot that is asked for."""
    products = Product.objects.of(clinic).order_by("name").values_list("id", "name")
    lot = Lot.objects.of(clinic).filter(pk=filters.lot) if filters.lot else Lot.objects.none()
    return {
        "kinds": EventKind.choices,
        "products": [(str(pk), name) for pk, name in products],
        "lot": lot.select_related("product").first(),
        "periods": PERIODS,
        "shown": SHOWN,
    }
