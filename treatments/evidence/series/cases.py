"""The courses of a series from the record: how many were lost at each step and why, and the facts of each case.

A fixed number of queries, however many they are. One course of each patient, the first that fits, so that no patient
counts twice.
"""

import datetime
import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.crypto import salted_hmac

from treatments.assessments.finding_text import stage_text
from treatments.assessments.outcomes.models import CourseOutcome
from treatments.assessments.outcomes.vocabulary import MONTHS, Beside, Rung
from treatments.consents.models import Consent
from treatments.consents.purposes import ConsentKind
from treatments.courses.models import Course, ExosomeSession
from treatments.courses.vocabulary import Route
from treatments.evidence.outcomes.cohort import Cohort
from treatments.evidence.series.anonymity import UNKNOWN, Sum, age_band, held_back
from treatments.evidence.series.models import CaseSeries
from treatments.patients.models import Patient
from treatments.products.vocabulary import SourceType
from treatments.safety.models import AdverseEvent
from treatments.safety.vocabulary import EventKind

MOST: Final = 2_000
"""Cases of one series: more are no case series, and a table of them is read by nobody."""
_SEEN: Final = {
    Rung.NOT_SEEN: "not seen about that Month",
    Rung.OUTSIDE: "seen, but not within ten days of that Month",
    Rung.UNSURE: "seen, the day is known to the month only",
    Rung.NOT_MEASURED: "density not measured",
    Rung.ESTIMATE: "estimated, not counted",
}


class TooMany(Exception):
    """The choice has more courses than a series is told of; `number` is how many."""

    def __init__(self, number: int) -> None:
        super().__init__(f"{number} courses")
        self.number = number


@dataclass(frozen=True)
class Step:
    """Of the flow: how many were left, and why the others were not."""

    name: str
    number: int
    lost: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Event:
    kind: str
    grade: int
    is_serious: bool
    was_asked: bool
    """Whether it is of a session at which somebody asked for events."""

    @property
    def label(self) -> str:
        return str(EventKind(self.kind).label)


@dataclass
class Case:
    """One course. Ages are whole years at Month 0, volumes mL, densities hairs/cm²."""

    course: Course
    patient: Patient
    scale: str = ""
    stage: str = ""
    sessions: list[ExosomeSession] = field(default_factory=list)
    sources: tuple[str, ...] = ()
    months: dict[int, CourseOutcome] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    has_consent: bool = False

    @property
    def sex(self) -> str:
        return str(self.patient.sex)

    @property
    def age(self) -> int | None:
        told = self.patient.age(self.course.baseline)
        return told[0] if told else None

    @property
    def ethnicity(self) -> str:
        """In one spelling, however it was typed: a spelling that nobody else has would single out who has it."""
        told = unicodedata.normalize("NFKC", str(self.patient.ethnicity)).casefold().split()
        return " ".join(word[:1].upper() + word[1:] for word in told) or UNKNOWN

    @property
    def stage_name(self) -> str:
        return stage_text(self.scale, self.stage) or UNKNOWN

    @property
    def quarter(self) -> str:
        return quarter(self.course.baseline_on)

    @property
    def alike_in(self) -> tuple[str, ...]:
        """What others may know of a patient."""
        return self.sex, age_band(self.age), self.ethnicity, self.stage_name, self.quarter

    @property
    def asked(self) -> int:
        return sum(each.was_asked for each in self.sessions)

    @property
    def total_ml(self) -> Decimal:
        return sum((each.total_ml for each in self.sessions), Decimal(0))

    @property
    def routes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(Route(each.route).label) for each in self.sessions if each.route))

    def is_due(self, month: int) -> bool:
        row = self.months.get(month)
        return row is not None and row.window_until is not None and row.window_until < timezone.localdate()

    def is_graded(self, month: int) -> bool:
        """Whether its stage is known at the baseline and at that Month, which is over."""
        row = self.months.get(month)
        return row is not None and self.is_due(month) and bool(self.stage and row.stage)

    def analysed(self, month: int, *, without_others: bool = False) -> CourseOutcome | None:
        """The row with its figures, of a Month that is over."""
        row = self.months.get(month)
        if row is None or not self.is_due(month) or row.rung != Rung.ANALYSED:
            return None
        return None if without_others and row.other_treatment != Beside.NONE else row


@dataclass
class Facts:
    """Of one series, as the record stands now."""

    series: CaseSeries
    cohort: Cohort
    steps: list[Step]
    cases: list[Case]

    @property
    def sessions(self) -> list[ExosomeSession]:
        return [session for case in self.cases for session in case.sessions]

    @property
    def consented(self) -> list[Case]:
        return [case for case in self.cases if case.has_consent]

    def listed(self) -> tuple[list[Case], int]:
        """The cases that may be told one by one, and how many of those with consent may not."""
        beside = len(self.cases) - len(self.consented)
        return held_back(self.consented, lambda case: case.alike_in, beside=beside, sums=self._sums(), draw=_draw)

    def _sums(self) -> list[Sum[Case]]:
        """Of whom changes are told together, at any Month: a series can be told of another one tomorrow, and the list
        of its cases is the same."""
        told = []
        for month in MONTHS:
            analysed = [case for case in self.cases if case.analysed(month, without_others=self.cohort.without_others)]
            told += [analysed, [case for case in self.cases if case.is_graded(month)]]
        return [_sum(cases) for cases in told]

    @property
    def analysed(self) -> list[tuple[Case, CourseOutcome]]:
        rows = [(case, self.analysed_row(case)) for case in self.cases]
        return [(case, row) for case, row in rows if row is not None]

    def analysed_row(self, case: Case) -> CourseOutcome | None:
        return case.analysed(self.series.month, without_others=self.cohort.without_others)


def _sum(cases: list[Case]) -> Sum[Case]:
    courses = {case.course.pk for case in cases}
    return Sum(lambda case: case.course.pk in courses, sum(not case.has_consent for case in cases))


def _draw(case: Case) -> str:
    """By chance, the same in every series, and known to nobody without the clinic's key."""
    return str(salted_hmac("held back", str(case.course.pk), algorithm="sha256").hexdigest())


def quarter(day: datetime.date) -> str:
    """ "2025-Q2"."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def cohort_of(series: CaseSeries) -> Cohort:
    """Who is chosen besides the period, which is that of Month 0."""
    return Cohort.read(series.clinic, QueryDict(series.chosen).dict())


def load(series: CaseSeries) -> Facts:
    """The facts of a series, with whose consent to research is valid today. Raises TooMany."""
    cohort = cohort_of(series)
    in_period = CourseOutcome.objects.of(series.clinic).filter(
        month=0, course__baseline_on__range=(series.from_on, series.until_on)
    )
    rows = list(in_period.select_related("course", "patient").order_by("begun_on", "course_id")[: MOST + 1])
    if len(rows) > MOST:
        raise TooMany(in_period.count())
    fitting = set(cohort.courses().filter(course__in=[row.course_id for row in rows]).values_list("course", flat=True))
    planned = [row for row in rows if not row.is_struck_out]
    begun = [row for row in planned if row.begun_on is not None]
    chosen = [row for row in begun if row.course_id in fitting]
    firsts = _first_of_each(chosen)
    cases = _cases(firsts)
    steps = [
        Step("Patients registered in the period, or with a course in it", _registered(series)),
        Step(
            "Courses planned, Month 0 in the period",
            len(planned),
            _told({"entered in error": len(rows) - len(planned)}),
        ),
        Step("At least one session given", len(begun), _told({"no session given": len(planned) - len(begun)})),
        Step("Fit the choice of this series", len(chosen), _unfit(cohort, begun, fitting)),
        Step(
            "Patients, each with the first of these courses",
            len(firsts),
            _told({"a later course of the same patient": len(chosen) - len(firsts)}),
        ),
        *_at_month(cases, series.month, without_others=cohort.without_others),
    ]
    return Facts(series, cohort, steps, cases)


def _registered(series: CaseSeries) -> int:
    of_period = Course.objects.standing().filter(
        patient=OuterRef("pk"), baseline_on__range=(series.from_on, series.until_on)
    )
    registered = Q(created_at__date__range=(series.from_on, series.until_on)) | Exists(of_period)
    return int(Patient.objects.of(series.clinic).filter(registered, merged_into=None).count())


def _first_of_each(rows: list[CourseOutcome]) -> list[CourseOutcome]:
    found: dict[uuid.UUID, CourseOutcome] = {}
    for row in rows:
        found.setdefault(row.patient_id, row)
    return list(found.values())


def _told(lost: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((reason, number) for reason, number in lost.items() if number)


def _unfit(cohort: Cohort, begun: list[CourseOutcome], fitting: set[uuid.UUID]) -> tuple[tuple[str, int], ...]:
    """Why a course was not chosen: the first of its reasons."""
    lost: dict[str, int] = defaultdict(int)
    for row in begun:
        if row.course_id not in fitting:
            lost[_why_unfit(cohort, row)] += 1
    return tuple(sorted(lost.items(), key=lambda each: (-each[1], each[0])))


def _why_unfit(cohort: Cohort, row: CourseOutcome) -> str:
    if cohort.protocol and row.protocol_id != cohort.protocol:
        return "another protocol"
    if cohort.product and row.product_id != cohort.product:
        return "another product, or several"
    if cohort.sex and row.patient.sex != cohort.sex:
        return "another sex"
    if cohort.scale and (row.scale, row.baseline_stage) != (cohort.scale, cohort.stage):
        return "another stage at baseline, or none graded"
    return "another lot"


def _at_month(cases: list[Case], month: int, *, without_others: bool) -> list[Step]:
    """From due to analysed. Each who is lost is lost at one step, with one reason."""
    due = [case for case in cases if case.is_due(month)]
    lost: dict[str, dict[str, int]] = {"assessed": defaultdict(int), "comparable": defaultdict(int)}
    assessed, comparable, analysed = 0, 0, 0
    for case in due:
        row = case.months[month]
        rung = Rung(row.rung)
        if rung in (Rung.NOT_SEEN, Rung.OUTSIDE, Rung.UNSURE):
            lost["assessed"][_SEEN[rung]] += 1
            continue
        assessed += 1
        if rung != Rung.ANALYSED:
            lost["comparable"][_SEEN.get(rung) or f"not comparable: {row.reason}"] += 1
            continue
        comparable += 1
        analysed += case.analysed(month, without_others=without_others) is not None
    return [
        Step(f"Month {month} is due", len(due), _told({f"Month {month} not over yet": len(cases) - len(due)})),
        Step("Assessed within ten days of it", assessed, _told(lost["assessed"])),
        Step("Density counted, comparable with the baseline", comparable, _told(lost["comparable"])),
        Step("Analysed", analysed, _told({"another treatment beside": comparable - analysed})),
    ]


def _cases(rows: list[CourseOutcome]) -> list[Case]:
    found = {row.course_id: Case(row.course, row.patient, row.scale, row.baseline_stage) for row in rows}
    if not found:
        return []
    for outcome in CourseOutcome.objects.filter(course__in=list(found), month__in=MONTHS):
        found[outcome.course_id].months[outcome.month] = outcome
    given = ExosomeSession.objects.standing().filter(course__in=list(found)).select_related("lot__product", "product")
    sources: dict[uuid.UUID, list[str]] = defaultdict(list)
    for session in given.prefetch_related("applications__product", "applications__lot__product").in_order():
        found[session.course_id].sessions.append(session)
        products = [session.given_product, *(each.given_product for each in session.applications.all())]
        sources[session.course_id] += [str(SourceType(each.source_type).label) for each in products if each]
    for course_id, names in sources.items():
        found[course_id].sources = tuple(dict.fromkeys(names))
    _add_events(found)
    allowed = set(in_force(case.patient.pk for case in found.values()).values_list("patient_id", flat=True))
    for case in found.values():
        case.has_consent = case.patient.pk in allowed
    return list(found.values())


def in_force(patients: Iterable[uuid.UUID]) -> Any:
    """The consents to research of these patients that are valid today."""
    return Consent.objects.filter(patient__in=list(patients), kind=ConsentKind.RESEARCH).in_force(timezone.localdate())


def _add_events(cases: dict[uuid.UUID, Case]) -> None:
    """Each event with the course of its session, else with the one that it names."""
    asked = {session.pk: session.was_asked for case in cases.values() for session in case.sessions}
    of_course = Q(exosome_session__course__in=list(cases)) | Q(exosome_session__isnull=True, course__in=list(cases))
    events = AdverseEvent.objects.standing().filter(of_course).select_related("exosome_session")
    for event in events.order_by("happened", "id"):
        session = event.exosome_session
        case = cases[session.course_id if session else event.course_id]
        was_asked = bool(session and asked.get(session.pk))
        case.events.append(Event(event.kind, event.grade, event.is_serious, was_asked))
