"""Adverse events for every 100 sessions at which somebody asked, the patient as a cluster."""

from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from treatments.evidence.outcomes.cohort import Cohort
from treatments.evidence.statistics.rates import ClusterSums, rate_from_sums
from treatments.evidence.statistics.results import Estimate, NoAnswer
from treatments.records.vocabulary import Asked
from treatments.safety.models import AdverseEvent

_WAS_ASKED = ~Q(exosome_session__reactions=Asked.NOT_ASKED) | ~Q(exosome_session__since_last=Asked.NOT_ASKED)
"""`WAS_ASKED` of the session of an event: by a join, for a list of all sessions is long."""


@dataclass(frozen=True)
class EventRate:
    """Of all courses of a cohort, the later ones of a patient too: the patient is the cluster."""

    sums: ClusterSums
    sessions: int
    elsewhere: int
    """Events of sessions at which nobody asked, and of no session: they are in no rate."""
    serious: int

    @property
    def not_asked(self) -> int:
        return self.sessions - self.sums.sessions

    @property
    def result(self) -> Estimate | NoAnswer:
        return rate_from_sums(self.sums)


def event_rate(cohort: Cohort) -> EventRate:
    """Three queries."""
    courses = cohort.courses()
    of_patients = courses.order_by().values("patient").annotate(m=Sum("sessions_asked"), all=Sum("sessions"))
    told = of_patients.aggregate(
        n=Count("patient", filter=Q(m__gt=0)),
        m_sum=Sum("m"),
        m_squares=Sum(F("m") * F("m")),
        sessions=Sum("all"),
    )
    here = AdverseEvent.objects.of(cohort.clinic).standing()
    asked = here.filter(_WAS_ASKED, exosome_session__isnull=False, exosome_session__struck_out_at__isnull=True)
    if cohort.chooses_all:
        in_courses, of_cohort = Q(exosome_session__isnull=False), Q()
    else:
        # Looked up for each event: events are few, courses may be many.
        in_courses = Q(Exists(courses.filter(course=OuterRef("exosome_session__course"))))
        of_cohort = in_courses | Q(Exists(courses.filter(course=OuterRef("course"))), exosome_session__isnull=True)
    own = courses.filter(patient=OuterRef("patient")).order_by().values("patient")
    in_patients = asked.filter(in_courses).order_by().values("patient").annotate(y=Count("*"))
    sums = in_patients.annotate(m=Subquery(own.annotate(m=Sum("sessions_asked")).values("m"))).aggregate(
        y_sum=Coalesce(Sum("y"), 0),
        y_squares=Coalesce(Sum(F("y") * F("y")), 0),
        products=Coalesce(Sum(F("y") * F("m")), 0),
    )
    seen = here.filter(of_cohort).aggregate(all=Count("*"), serious=Count("id", filter=Q(is_serious=True)))
    cluster = ClusterSums(
        n=told["n"],
        events=sums["y_sum"],
        sessions=told["m_sum"] or 0,
        events_squared=sums["y_squares"],
        products=sums["products"],
        sessions_squared=told["m_squares"] or 0,
    )
    return EventRate(cluster, told["sessions"] or 0, seen["all"] - cluster.events, seen["serious"])
