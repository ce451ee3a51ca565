"""How many courses are left at each step from begun to analysed: who is missing comes before any result."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, F, Q, Sum
from django.db.models.expressions import Combinable
from django.utils import timezone

from treatments.assessments.outcomes.vocabulary import MONTHS, SEEN, Beside, Rung
from treatments.evidence.outcomes.cohort import Cohort
from treatments.evidence.statistics.paired_change import Sums

NOTHING: Final = Sums(0, 0.0, 0.0)


@dataclass(frozen=True)
class Ladder:
    """One Month of a cohort, in courses; one course of each patient."""

    month: int
    begun: int = 0
    not_due: int = 0
    due: int = 0
    not_seen: int = 0
    outside: int = 0
    unsure: int = 0
    not_measured: int = 0
    estimate: int = 0
    not_comparable: int = 0
    analysed: int = 0
    with_others: int = 0
    """Of those analysed: with another treatment beside, certainly or perhaps."""
    perhaps_others: int = 0
    further_counts: int = 0

    @property
    def assessed(self) -> int:
        return self.not_measured + self.measured

    @property
    def measured(self) -> int:
        return self.estimate + self.not_comparable + self.analysed

    @property
    def missing(self) -> int:
        return self.due - self.analysed

    @property
    def missing_pct(self) -> int | None:
        return round(100 * self.missing / self.due) if self.due else None


@dataclass(frozen=True)
class Analysed:
    """The sums of what is analysed at a Month: logarithms of after by before, differences and counts before, these two
    in hairs/cm²."""

    logs: Sums = NOTHING
    differences: Sums = NOTHING
    before: Sums = NOTHING


def counts(cohort: Cohort) -> dict[int, tuple[Ladder, Analysed]]:
    """Ladder and sums of each Month. One query."""
    due = Q(window_until__lt=timezone.localdate())
    analysed = due & Q(rung=Rung.ANALYSED)

    def number(condition: Q) -> Count:
        return Count("id", filter=condition)

    def total(value: str | Combinable) -> Sum:
        return Sum(value, filter=analysed)

    change = F("after") - F("before")
    rungs = {rung.value: number(due & Q(rung=rung)) for rung in Rung if rung != Rung.COURSE}
    found = (
        cohort.at(None)
        .order_by()
        .values("month")
        .annotate(
            **rungs,
            begun=Count("id"),
            due=number(due),
            with_others=number(analysed & ~Q(other_treatment=Beside.NONE)),
            perhaps_others=number(analysed & Q(other_treatment=Beside.PERHAPS)),
            several=number(analysed & Q(further_counts__gt=0)),
            log_sum=total("log_ratio"),
            log_squares=total(F("log_ratio") * F("log_ratio")),
            sum=total(change),
            squares=total(change * change),
            before_sum=total("before"),
            before_squares=total(F("before") * F("before")),
        )
    )
    ladders = {month: (Ladder(month), Analysed()) for month in MONTHS}
    for row in found:
        ladders[row["month"]] = (_ladder(row), _analysed(row))
    return ladders


def ladder(cohort: Cohort, month: int) -> Ladder:
    """For one Month. One query."""
    return counts(cohort)[month][0]


def rung_filter(name: str) -> Q | None:
    """The rows behind a figure of the ladder, by its name; None for a name that it has not."""
    due = Q(window_until__lt=timezone.localdate())
    named = {
        "begun": Q(),
        "not_due": ~due,
        "due": due,
        "missing": due & ~Q(rung=Rung.ANALYSED),
        "assessed": due & Q(rung__in=SEEN),
        "others": due & Q(rung=Rung.ANALYSED) & ~Q(other_treatment=Beside.NONE),
    }
    named |= {rung.value: due & Q(rung=rung) for rung in Rung if rung != Rung.COURSE}
    return named.get(name)


def reasons(cohort: Cohort) -> dict[int, list[tuple[str, int]]]:
    """Why counts are not comparable, the most frequent first, at each Month. One query."""
    found: dict[int, list[tuple[str, int]]] = {month: [] for month in MONTHS}
    rows = cohort.at(None).due().filter(rung=Rung.NOT_COMPARABLE).order_by().values("month", "reason")
    for row in rows.annotate(n=Count("id")).order_by("month", "-n", "reason"):
        found[row["month"]].append((row["reason"], row["n"]))
    return found


def _ladder(row: dict[str, Any]) -> Ladder:
    names = {"due", "begun", "with_others", "perhaps_others"} | {rung.value for rung in Rung if rung != Rung.COURSE}
    told = {name: row[name] for name in names}
    return Ladder(row["month"], not_due=row["begun"] - row["due"], further_counts=row["several"], **told)


def _analysed(row: dict[str, Any]) -> Analysed:
    n = row[Rung.ANALYSED.value]
    if not n:
        return Analysed()
    sums = (("log_sum", "log_squares"), ("sum", "squares"), ("before_sum", "before_squares"))
    return Analysed(*(Sums(n, float(row[total]), float(row[squares])) for total, squares in sums))
