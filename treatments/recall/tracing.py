"""Who was given a lot, and what came of it."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import (
    Count,
    DecimalField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from treatments.courses.models import WAS_ASKED, Application, ExosomeSession
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
    """For each of these lots, by id. Three queries, however many lots, patients and events there are."""
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
            ml=Sum("first_ml"),
        )
    )
    sessions_by_lot = {given.pop("lot"): given for given in counted}
    for further in _given_beside(lots):
        own = sessions_by_lot.setdefault(further.pop("lot"), {})
        for name, more in further.items():
            own[name] = own.get(name, 0) + (more or 0)
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


def _given_beside(lots: Sequence[Lot]) -> Any:
    """What these lots gave beside a session's first product; counted are sessions and patients that did not get the
    lot first as well."""
    got_it_first = ExosomeSession.objects.standing().filter(
        patient=OuterRef("exosome_session__patient"), lot=OuterRef("lot")
    )
    own_lot = Q(exosome_session__lot=F("lot"))
    session = "exosome_session"
    asked = Q(exosome_session__in=ExosomeSession.objects.where_asked())
    return (
        Application.objects.filter(lot__in=[lot.pk for lot in lots], exosome_session__struck_out_at__isnull=True)
        .annotate(is_new=~Exists(got_it_first))
        .order_by()
        .values("lot")
        .annotate(
            sessions=Count(session, filter=~own_lot, distinct=True),
            asked=Count(session, filter=~own_lot & asked, distinct=True),
            patients=Count("exosome_session__patient", filter=Q(is_new=True), distinct=True),
            ml=Sum("total_ml"),
        )
    )


def trace_of(lot: Lot) -> Trace:
    return traces([lot])[lot.pk]


def sessions_of(lot: Lot) -> QuerySet[ExosomeSession]:
    """The sessions that used the lot, latest first, each with its patient and what else was given."""
    standing = ExosomeSession.objects.standing()
    # Asked first, so that a lot that was never given beside another is read from its own index, row by row.
    is_beside = Application.objects.filter(lot=lot).exists()
    used = standing.of_lots([lot]) if is_beside else standing.filter(lot=lot)
    return used.select_related("patient").prefetch_related("applications").order_by("-performed_on", "-id")


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
    # Two sets, each read off an index of its lot: of one condition with OR, PostgreSQL reads every session there is.
    first = ExosomeSession.objects.standing().filter(lot=lot).order_by().values("patient")
    further = Application.objects.filter(lot=lot, exosome_session__struck_out_at__isnull=True).order_by()
    given = first.union(further.values("exosome_session__patient"))
    visits = ExosomeSession.objects.standing().filter(patient=OuterRef("pk")).order_by(*_BY_DATE)
    with_lot = visits.of_lots([lot])
    beside = Application.objects.filter(
        lot=lot, exosome_session__patient=OuterRef("pk"), exosome_session__struck_out_at__isnull=True
    )
    of_each = {"first_given": with_lot, "last_given": with_lot.reverse(), "last_visit": visits.reverse()}
    return (
        Patient.objects.of(lot.clinic)
        .filter(pk__in=given)
        .annotate(
            times=_one_figure(with_lot, "patient", Count("pk"), IntegerField()),
            given_ml=_one_figure(visits.filter(lot=lot), "patient", Sum("first_ml"), _ML)
            + _one_figure(beside, "exosome_session__patient", Sum("total_ml"), _ML),
            **{f"{name}_on": Subquery(rows.values("performed_on")[:1]) for name, rows in of_each.items()},
            **{f"{name}_precision": Subquery(rows.values("performed_precision")[:1]) for name, rows in of_each.items()},
        )
        .by_name()
    )


_ML = DecimalField(max_digits=9, decimal_places=2)


def _one_figure(rows: QuerySet[Any], of: str, figure: Any, kind: Any) -> Coalesce:
    """A count or a sum over the rows of one patient; 0 where there are none."""
    counted = rows.order_by().values(of).annotate(figure=figure).values("figure")
    return Coalesce(Subquery(counted, output_field=kind), Value(0), output_field=kind)


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
