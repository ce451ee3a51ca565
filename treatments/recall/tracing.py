"""Who was given a lot, and what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum

from treatments.courses.models import ExosomeSession
from treatments.patients.models import Patient
from treatments.products.models import Lot
from treatments.safety.models import AdverseEvent


@dataclass(frozen=True)
class Given:
    """What was given of one lot: sessions, patients, mL; and the events tied to it."""

    sessions: int = 0
    patients: int = 0
    ml: Decimal = Decimal("0")
    events: int = 0
    open_events: int = 0
    serious_events: int = 0


def given(lots: Iterable[Lot]) -> dict[Any, Given]:
    """For each of these lots, by id. Two queries, however many lots, patients and events there are."""
    lots = list(lots)
    events = AdverseEvent.objects.by_lot(lots)
    counted = (
        ExosomeSession.objects.standing()
        .filter(lot__in=[lot.pk for lot in lots])
        .order_by()
        .values_list("lot")
        .annotate(Count("id"), Count("patient", distinct=True), Sum("total_ml"))
    )
    sessions = {lot: told for lot, *told in counted}
    found = {}
    for lot in lots:
        number, patients, ml = sessions.get(lot.pk, (0, 0, Decimal("0")))
        tied = events.get(lot.pk)
        found[lot.pk] = (
            Given(number, patients, ml, tied.total, tied.open, tied.serious) if tied else Given(number, patients, ml)
        )
    return found


def sessions_given(lot: Lot) -> QuerySet[ExosomeSession]:
    """The standing sessions that used the lot, latest first, each with its patient."""
    return ExosomeSession.objects.standing().filter(lot=lot).select_related("patient").order_by("-performed_on", "-id")


def event_counts(sessions: Iterable[ExosomeSession]) -> dict[Any, int]:
    """How many standing events each of these sessions has, by its id. Counted apart, for the page that is shown:
    beside the rows the database would count them for every session of the lot before it takes the first fifty.
    """
    standing = AdverseEvent.objects.standing().filter(exosome_session__in=[session.pk for session in sessions])
    return dict(standing.order_by().values_list("exosome_session").annotate(Count("id")))


def events_of(lot: Lot) -> QuerySet[Any]:
    """The standing events tied to the lot, serious first."""
    return AdverseEvent.objects.of_lot(lot).select_related("patient", "exosome_session").serious_first()


def signal(lot: Lot) -> str:
    """A sentence when so many events gather on one lot that somebody must look at it, else ""."""
    return str(AdverseEvent.objects.lot_signal(lot))


def patients_given(lot: Lot) -> QuerySet[Patient]:
    """Everyone who was given the lot, archived or not, by name: `times`, `given_ml`, `first_given`, `last_given`
    of this lot, and `last_visit`, their last session with any."""
    standing = Q(exosome_sessions__lot=lot, exosome_sessions__struck_out_at__isnull=True)
    visits = ExosomeSession.objects.standing().filter(patient=OuterRef("pk")).order_by("-performed_on")
    return (
        Patient.objects.of(lot.clinic_id)
        .filter(standing)
        .annotate(
            times=Count("exosome_sessions"),
            given_ml=Sum("exosome_sessions__total_ml"),
            first_given=Min("exosome_sessions__performed_on"),
            last_given=Max("exosome_sessions__performed_on"),
            last_visit=Subquery(visits.values("performed_on")[:1]),
        )
        .order_by("name", "id")
    )


def open_events_of(patients: QuerySet[Patient] | list[Patient]) -> dict[Any, list[str]]:
    """The open events of these patients in words, by patient id; from whatever lot or none. One query."""
    if not isinstance(patients, list):
        patients = patients.order_by().values("pk")  # type: ignore[assignment]
    found: dict[Any, list[str]] = {}
    for event in AdverseEvent.objects.open().filter(patient__in=patients).serious_first():
        found.setdefault(event.patient_id, []).append(("Serious: " if event.is_serious else "") + str(event))
    return found
