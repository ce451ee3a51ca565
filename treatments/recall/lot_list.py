"""The list of lots: open ones first, then those in stock by expiry, then what is out of use."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, F, IntegerField, QuerySet, Value, When

from clinic.staff.models import Clinic
from treatments.products.models import Lot, LotState
from treatments.recall.tracing import traces
from treatments.records.fields import DatePrecision
from treatments.records.formatting import day_of_year, month

NEAR_DAYS = 30
HEADINGS = {
    LotState.OPEN: "Open",
    LotState.RECEIVED: "In stock",
    LotState.RECALLED: "Recalled",
    LotState.FINISHED: "Finished",
}
"""The states in the order of the list."""


@dataclass(frozen=True)
class LotGroup:
    """The lots of one state on this page of the list."""

    heading: str
    state: str
    lots: list[Lot]


def listed(clinic: Clinic) -> QuerySet[Lot]:
    """Every lot: open, in stock, recalled, finished; what expires first comes first, what was finished last first."""
    rank = Case(
        *(When(state=state, then=Value(place)) for place, state in enumerate(HEADINGS)), output_field=IntegerField()
    )
    return (
        Lot.objects.of(clinic)
        .select_related("product")
        .annotate(rank=rank)
        .order_by("rank", F("finished_on").desc(nulls_last=True), F("expires_on").asc(nulls_last=True), "number", "id")
    )


def grouped(lots: Iterable[Lot], on: datetime.date) -> list[LotGroup]:
    """The lots by state, each lot with `expiry` and `trace`. Two queries."""
    lots = list(lots)
    trace_by_lot = traces(lots)
    by_state: dict[str, list[Lot]] = {state.value: [] for state in HEADINGS}
    for lot in lots:
        lot.expiry, lot.trace = expiry_of(lot, on), trace_by_lot[lot.pk]  # type: ignore[attr-defined]
        by_state[lot.state].append(lot)
    return [LotGroup(HEADINGS[LotState(state)], state, lots) for state, lots in by_state.items() if lots]


@dataclass(frozen=True)
class Expiry:
    """`state` is "expired", "near", "later" or "unknown"; `text` says when."""

    state: str
    text: str


def expiry_of(lot: Lot, on: datetime.date) -> Expiry:
    """When a lot expires, against a day; a lot out of use is never near."""
    last_day = lot.expires_on
    if last_day is None:
        return Expiry("unknown", "expiry not recorded")
    left, is_exact = (last_day - on).days, lot.expires_precision == DatePrecision.DAY
    if left < 0:
        return Expiry("expired", f"expired {lot.expires}")
    if left <= NEAR_DAYS and lot.state in {LotState.OPEN, LotState.RECEIVED}:
        when = {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")
        return Expiry(
            "near", f"expires {when}, {day_of_year(last_day) if is_exact else f'at the end of {month(last_day)}'}"
        )
    return Expiry("later", f"expires {lot.expires}")
