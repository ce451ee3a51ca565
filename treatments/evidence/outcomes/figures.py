"""Everything that the page of outcomes shows of a cohort, in a fixed number of queries."""

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.db.models import Count, Exists, OuterRef

from treatments.assessments.measurements.visibility import interval, log_error
from treatments.assessments.outcomes.models import IS_ANALYSED
from treatments.assessments.outcomes.vocabulary import MONTHS, Beside
from treatments.assessments.thresholds.clinic_thresholds import thresholds_of
from treatments.evidence.outcomes import ladder as ladders
from treatments.evidence.outcomes.cohort import Cohort
from treatments.evidence.outcomes.ladder import Analysed, Ladder
from treatments.evidence.outcomes.models import ResponderDefinition
from treatments.evidence.outcomes.rates import CourseSums, EventRate, event_rate, of_courses
from treatments.evidence.outcomes.responders import Responders, current, definitions, placebo_shares, responders
from treatments.evidence.outcomes.stages import StageMoves, stage_moves
from treatments.evidence.published.panel import Own
from treatments.evidence.statistics.paired_change import (
    MOST_FOR_MEDIAN,
    mean_from_sums,
    median_percent,
    percent_from_sums,
)
from treatments.evidence.statistics.results import Estimate, NoAnswer
from treatments.patients.models import Patient

FEWEST: Final = 5
"""Below it values are listed, and no mean and no interval is given."""
MOST_POINTS: Final = 300
"""About so many patients are drawn in a plot; of more a part that was drawn by lot."""
_DRAWS: Final = 10_000
_SEASONS: Final = {"December to February": (12, 1, 2), "March to May": (3, 4, 5), "June to August": (6, 7, 8),
                   "September to November": (9, 10, 11)}  # fmt: skip


@dataclass(frozen=True)
class Point:
    """One patient: the logarithm of the count after by the count before; whether another treatment stood beside."""

    log_ratio: float
    before: float
    after: float
    is_beside: bool

    @property
    def per_cent(self) -> float:
        return 100 * math.expm1(self.log_ratio)


@dataclass(frozen=True)
class Month:
    """What is told of one Month."""

    number: int
    ladder: Ladder
    analysed: Analysed
    reasons: list[tuple[str, int]]
    points: list[Point]

    @property
    def is_few(self) -> bool:
        return 0 < self.ladder.analysed < FEWEST

    @property
    def per_cent(self) -> Estimate | NoAnswer:
        return percent_from_sums(self.analysed.logs)

    @property
    def per_cm2(self) -> Estimate | NoAnswer:
        return mean_from_sums(self.analysed.differences)

    @cached_property
    def median(self) -> Estimate | NoAnswer:
        """In per cent; told of more than `MOST_FOR_MEDIAN` that it is not computed."""
        if self.ladder.analysed > MOST_FOR_MEDIAN:
            return NoAnswer(f"The exact median is computed up to {MOST_FOR_MEDIAN} patients.")
        return median_percent([point.log_ratio for point in self.points])

    @property
    def draws_all(self) -> bool:
        return len(self.points) == self.ladder.analysed


@dataclass(frozen=True)
class Beginning:
    """Courses of the cohort that have begun, and what is not in the figures."""

    courses: int = 0
    patients: int = 0
    archived: int = 0
    several_products: int = 0
    struck_out: int = 0
    seasons: tuple[tuple[str, int], ...] = ()

    @property
    def further_courses(self) -> int:
        return self.courses - self.patients


@dataclass(frozen=True)
class Figures:
    cohort: Cohort
    beginning: Beginning
    months: list[Month]
    stages: list[StageMoves]
    rate: EventRate
    definitions: list[ResponderDefinition]
    responders: Responders
    sdc_pct: float

    @property
    def is_worth_choosing(self) -> bool:
        """Whether there are courses to choose from, or a choice to take back."""
        return bool(self.beginning.courses) or not self.cohort.is_everything

    @property
    def is_analysed(self) -> bool:
        return any(month.ladder.analysed for month in self.months)

    @property
    def has_others(self) -> bool:
        return any(month.ladder.with_others for month in self.months)

    @property
    def has_means(self) -> bool:
        """Of any Month; of fewer than `FEWEST` patients the values stand alone."""
        return any(month.ladder.analysed >= FEWEST for month in self.months)

    @property
    def has_stages(self) -> bool:
        return any(moves.tables or moves.other_scale for moves in self.stages)

    @property
    def error(self) -> str:
        """ "−15 to +18 %, the published one": of two counts at the same spot, and whose error it is."""
        between = interval(0, log_error(self.sdc_pct))
        return f"{between}\u00a0%, {thresholds_of(self.cohort.clinic).error_source}"

    @property
    def beside_published(self) -> list[Own]:
        """The clinic's own mean changes in hairs/cm², of every Month of which there is one."""
        told = [(month, month.per_cm2) for month in self.months if not month.is_few]
        return [
            Own("This clinic", f"Month {month.number}", found) for month, found in told if isinstance(found, Estimate)
        ]

    @property
    def placebo(self) -> list[tuple[str, int, float]]:
        return placebo_shares()


def figures(cohort: Cohort) -> Figures:
    """Some twenty queries, as many whatever the size of the clinic."""
    counted, reasons = ladders.counts(cohort), ladders.reasons(cohort)
    drawn = _points(cohort, {month: it.analysed for month, (it, _) in counted.items()})
    known = definitions(cohort.clinic)
    definition = current(cohort.clinic, known)
    in_sum = of_courses(cohort)
    return Figures(
        cohort,
        _beginning(cohort, in_sum),
        [Month(month, *counted[month], reasons[month], drawn[month]) for month in MONTHS],
        stage_moves(cohort),
        event_rate(cohort, in_sum),
        known,
        responders(cohort, definition, due=counted[definition.month][0].due),
        thresholds_of(cohort.clinic).sdc_matched_pct,
    )


def _points(cohort: Cohort, analysed: dict[int, int]) -> dict[int, list[Point]]:
    """Three queries, of rows that an index holds."""
    points: dict[int, list[Point]] = {}
    columns = ("log_ratio", "before", "after", "other_treatment")
    for month, n in analysed.items():
        most = math.ceil(_DRAWS * min(1, MOST_POINTS / max(1, n)))
        rows = cohort.at(month).due().filter(IS_ANALYSED, draw__lt=most).order_by("log_ratio", "pk")
        drawn = rows.values_list(*columns)
        points[month] = [Point(log, before, after, beside != Beside.NONE) for log, before, after, beside in drawn]
    return points


def _beginning(cohort: Cohort, in_sum: CourseSums) -> Beginning:
    """Three queries."""
    courses = cohort.courses().order_by()
    in_season = Counter[str]()
    for begun_on, n in courses.values_list("begun_on").annotate(n=Count("*")):
        in_season[next(name for name, months in _SEASONS.items() if begun_on.month in months)] += n
    archived = Patient.objects.of(cohort.clinic).filter(archived_at__isnull=False)
    return Beginning(
        courses=in_sum.courses,
        patients=in_sum.patients,
        archived=archived.filter(Exists(courses.filter(patient=OuterRef("pk")))).count(),
        several_products=in_sum.several_products,
        struck_out=cohort.struck_out().count(),
        seasons=tuple((name, in_season[name]) for name in _SEASONS),
    )
