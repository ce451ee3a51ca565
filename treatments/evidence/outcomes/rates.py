"""Adverse events for every 100 sessions at which somebody asked, the patient as a cluster."""

from dataclasses import dataclass

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Cast, Coalesce

from treatments.courses.models import WAS_ASKED, ExosomeSession
from treatments.evidence.outcomes.cohort import Cohort
from treatments.evidence.statistics.rates import ClusterSums, rate_from_sums
from treatments.evidence.statistics.results import Estimate, NoAnswer
from treatments.safety.models import AdverseEvent


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


@dataclass(frozen=True)
class CourseSums:
    """What the courses of a cohort add up to, the patient as a cluster: m is the sessions of a patient that were asked
    about."""

    courses: int
    patients: int
    several_products: int
    """Courses in which more than one product was given."""
    patients_asked: int
    sessions: int
    asked: int
    asked_squared: int


def of_courses(cohort: Cohort) -> CourseSums:
    """One query, which an index answers in the order of the patients."""
    each = cohort.courses().order_by().values("patient").annotate(
        m=Sum("sessions_asked"), all=Sum("sessions"), n=Count("*"),
        several=Count("clinic", filter=Q(has_several_products=True)),
    )  # fmt: skip
    told = each.aggregate(
        courses=Coalesce(Sum("n"), 0),
        patients=Count("patient"),
        several_products=Coalesce(Sum("several"), 0),
        patients_asked=Count("patient", filter=Q(m__gt=0)),
        sessions=Coalesce(Sum("all"), 0),
        asked=Coalesce(Sum("m"), 0),
        asked_squared=Coalesce(Sum(F("m") * F("m")), 0),
    )
    return CourseSums(**told)


def event_rate(cohort: Cohort, in_sum: CourseSums) -> EventRate:
    """One query."""
    courses = cohort.courses().order_by()
    here = AdverseEvent.objects.of(cohort.clinic).standing()
    # Each looked up for its event: events are few, sessions and courses may be many.
    session = ExosomeSession.objects.filter(pk=OuterRef("exosome_session")).order_by()
    if not cohort.chooses_all:
        here = here.annotate(of=Coalesce(Subquery(session.values("course")), F("course")))
        here = here.filter(Exists(courses.filter(course=OuterRef("of"))))
    of_patient = courses.filter(patient=OuterRef("patient")).values("patient").annotate(m=Sum("sessions_asked"))
    asked = here.annotate(asked=Subquery(session.filter(WAS_ASKED, struck_out_at__isnull=True).values("pk")))
    each = asked.order_by().values("patient").annotate(
        y=Count("asked"), all=Count("id"), grave=Count("id", filter=Q(is_serious=True))
    )  # fmt: skip
    # Of no course at all the subquery is a bare NULL, which PostgreSQL takes for text unless it is told.
    sums = each.annotate(m=Cast(Subquery(of_patient.values("m")), IntegerField())).aggregate(
        events=Coalesce(Sum("y"), 0),
        squares=Coalesce(Sum(F("y") * F("y")), 0),
        products=Coalesce(Sum(F("y") * F("m")), 0),
        everything=Coalesce(Sum("all"), 0),
        serious=Coalesce(Sum("grave"), 0),
    )
    cluster = ClusterSums(
        n=in_sum.patients_asked,
        events=sums["events"],
        sessions=in_sum.asked,
        events_squared=sums["squares"],
        products=sums["products"],
        sessions_squared=in_sum.asked_squared,
    )
    return EventRate(cluster, in_sum.sessions, sums["everything"] - cluster.events, sums["serious"])
