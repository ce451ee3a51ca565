"""Who was given a lot, and what came of it."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from treatments.courses.models import WAS_ASKED, ExosomeSession
from treatments.patients.models import Patient
from treatments.products.models import Lot
from treatments.records.models import partial
from treatments.records.partial_dates import PartialDate
from treatments.safety.models import AdverseEvent, EventQuerySet, LotEvents

_BY_DATE = ("performed_on", "performed_precision", "id")


@dataclass(frozen=True)
class Trace:
    """What was given of one lot: sessions, at how many of them somebody asked for events, patients, mL; and the events
    tied to its sessions, with how many patients had them."""

    sessions: int = 0
    asked: int = 0
    patients: int = 0
    ml: Decimal = Decimal("0")
    events: int = 0
    event_patients: int = 0
    open_events: int = 0
    serious_events: int = 0


def traces(lots: Iterable[Lot]) -> dict[uuid.UUID, Trace]:
    """For each of these lots, by id. Two queries, however many lots, patients and events there are."""
    lots = list(lots)
    events_by_lot = AdverseEvent.objects.by_lot(lots)
    counted = (
        ExosomeSession.objects.standing()
        .filter(lot__in=[lot.pk for lot in lots])
        .order_by()
        .values("lot")
        .annotate(
            sessions=Count("id"),
            asked=Count("id", filter=WAS_ASKED),
            patients=Count("patient", distinct=True),
            ml=Sum("total_ml"),
        )
    )
    sessions_by_lot = {given.pop("lot"): given for given in counted}
    by_lot = {}
    for lot in lots:
        events = events_by_lot.get(lot.pk, LotEvents())
        by_lot[lot.pk] = Trace(
            **sessions_by_lot.get(lot.pk, {}),
            events=events.total,
            event_patients=events.patients,
            open_events=events.open,
            serious_events=events.serious,
        )
    return by_lot


def trace_of(lot: Lot) -> Trace:
    return traces([lot])[lot.pk]


def sessions_of(lot: Lot) -> QuerySet[ExosomeSession]:
    """The sessions that used the lot, latest first, each with its patient."""
    return ExosomeSession.objects.standing().filter(lot=lot).select_related("patient").order_by("-performed_on", "-id")


def event_counts(sessions: Iterable[ExosomeSession]) -> dict[uuid.UUID, int]:
    """How many events each of these sessions has, by its id. Counted apart, for the page that is shown: annotated
    to the rows, the database would count them for every session of the lot before it takes the first fifty.
    """
    events = AdverseEvent.objects.standing().filter(exosome_session__in=[session.pk for session in sessions])
    return dict(events.order_by().values_list("exosome_session").annotate(Count("id")))


def events_of(lot: Lot) -> EventQuerySet:
    """The events tied to the lot, serious first."""
    return AdverseEvent.objects.of_lot(lot).select_related("patient", "exosome_session").serious_first()


def signal(lot: Lot) -> str:
    """A sentence when so many events gather on one lot that somebody must look at it, else ""."""
    return str(AdverseEvent.objects.lot_signal(lot))


def patients_of(lot: Lot) -> QuerySet[Patient]:
    """Everyone who was given the lot, archived or not, by name: `times`, `given_ml`; `visits_of` reads the first and
    the last session with this lot, and the last with any."""
    sessions = Q(exosome_sessions__lot=lot, exosome_sessions__struck_out_at__isnull=True)
    visits = ExosomeSession.objects.standing().filter(patient=OuterRef("pk")).order_by(*_BY_DATE)
    with_lot = visits.filter(lot=lot)
    of_each = {"first_given": with_lot, "last_given": with_lot.reverse(), "last_visit": visits.reverse()}
    return (
        Patient.objects.of(lot.clinic)
        .filter(sessions)
        .annotate(
            times=Count("exosome_sessions"),
            given_ml=Sum("exosome_sessions__total_ml"),
            **{f"{name}_on": Subquery(rows.values("performed_on")[:1]) for name, rows in of_each.items()},
            **{f"{name}_precision": Subquery(rows.values("performed_precision")[:1]) for name, rows in of_each.items()},
        )
        .by_name()
    )


class Visits(NamedTuple):
    """When a patient was first and last given a lot, and was here last."""

    first_given: PartialDate
    last_given: PartialDate
    last_visit: PartialDate


def visits_of(row: Any) -> Visits:
    """Of a patient of `patients_of`, as far as they are known."""
    return Visits(*(partial(getattr(row, f"{n}_on"), getattr(row, f"{n}_precision")) for n in Visits._fields))


def open_events_of(patients: QuerySet[Patient] | list[Patient]) -> dict[uuid.UUID, list[str]]:
    """The open events of these patients as texts, by patient id; from whatever lot or none. One query."""
    among = patients if isinstance(patients, list) else patients.order_by().values("pk")
    texts: dict[uuid.UUID, list[str]] = {}
    for event in AdverseEvent.objects.open().filter(patient__in=among).serious_first():
        texts.setdefault(event.patient_id, []).append(f"{'Serious: ' if event.is_serious else ''}{event}")
    return texts
