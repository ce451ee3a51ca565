"""The list of lots: open ones first, then those in stock by expiry, then what is out of use."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, QuerySet, Value, When

from treatments.products.models import Lot, LotState
from treatments.recall.tracing import Given, given

NEAR_DAYS = 30
_ORDER = (LotState.OPEN, LotState.RECEIVED, LotState.RECALLED, LotState.FINISHED)
HEADINGS = {
    LotState.OPEN: "Open",
    LotState.RECEIVED: "In stock",
    LotState.RECALLED: "Recalled",
    LotState.FINISHED: "Finished",
}


@dataclass(frozen=True)
class Shelf:
    """The lots of one state on this page of the list."""

    heading: str
    state: str
    lots: list[Lot]


def listed(clinic: Any) -> QuerySet[Lot]:
    """Every lot: open, in stock, recalled, finished; what expires first comes first, what was finished last first."""
    rank = Case(
        *(When(state=state, then=Value(place)) for place, state in enumerate(_ORDER)), output_field=IntegerField()
    )
    return (
        Lot.objects.of(clinic)
        .select_related("product")
        .annotate(rank=rank)
        .order_by("rank", F("finished_on").desc(nulls_last=True), F("expires_on").asc(nulls_last=True), "number", "id")
    )


def shelves(lots: Iterable[Lot], on: datetime.date) -> list[Shelf]:
    """The lots in groups, each lot with `expiry` and `trace`. Two queries."""
    lots = list(lots)
    traces = given(lots)
    for lot in lots:
        lot.expiry = expiry_words(lot, on)  # type: ignore[attr-defined]
        lot.trace = traces.get(lot.pk, Given())  # type: ignore[attr-defined]
    return [
        Shelf(HEADINGS[state], state.value, found)
        for state in _ORDER
        if (found := [lot for lot in lots if lot.state == state])
    ]


@dataclass(frozen=True)
class Expiry:
    """`state` is "expired", "near", "later" or "unknown"; `words` say when."""

    state: str
    words: str


def expiry_words(lot: Lot, on: datetime.date) -> Expiry:
    """When a lot expires, against a day; a lot out of use is never near."""
    if lot.expires_on is None:
        return Expiry("unknown", "expiry not recorded")
    left = (lot.expires_on - on).days
    month = f"{lot.expires_on:%b %Y}" if lot.expires_precision == "month" else f"{lot.expires_on:%-d %b %Y}"
    if left < 0:
        return Expiry("expired", f"expired {month}")
    if left <= NEAR_DAYS and lot.state in {LotState.OPEN, LotState.RECEIVED}:
        days = "today" if left == 0 else "tomorrow" if left == 1 else f"in {left} days"
        return Expiry("near", f"expires {days}, {lot.expires_on:%-d %b}")
    return Expiry("later", f"expires {month}")
