"""How many courses are left at each step from begun to analysed: who is missing comes before any result."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from treatments.assessments.outcomes.models import IS_ANALYSED, IS_NOT_COMPARABLE
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
    """Ladder and sums of each Month. Two queries: one that an index answers, and one of what is analysed."""
    due = Q(window_until__lt=timezone.localdate())
    rows = cohort.at(None).order_by()
    steps: dict[int, dict[str, int]] = {month: {} for month in MONTHS}
    begun = dict.fromkeys(MONTHS, 0)
    for month, rung, n, n_due in rows.values_list("month", "rung").annotate(
        n=Count("*"), n_due=Count("clinic", filter=due)
    ):
        begun[month] += n
        steps[month][rung] = n_due
    change = F("after") - F("before")
    sums = {row["month"]: row for row in rows.filter(due, IS_ANALYSED).values("month").annotate(
        n=Count("*"),
        with_others=Count("clinic", filter=~Q(other_treatment=Beside.NONE)),
        perhaps_others=Count("clinic", filter=Q(other_treatment=Beside.PERHAPS)),
        several=Count("clinic", filter=Q(further_counts__gt=0)),
        log_sum=Sum("log_ratio"),
        log_squares=Sum(F("log_ratio") * F("log_ratio")),
        sum=Sum(change),
        squares=Sum(change * change),
        before_sum=Sum("before"),
        before_squares=Sum(F("before") * F("before")),
    )}  # fmt: skip
    return {month: _told(month, begun[month], steps[month], sums.get(month, {})) for month in MONTHS}


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
    named["other_scale"] = due & Q(has_other_scale=True)
    kind, _, told = name.partition(":")
    if kind == "reason":
        return due & Q(rung=Rung.NOT_COMPARABLE, reason=told)
    if kind == "stage" and told.count("|") == 2:
        scale, before, after = told.split("|")
        return due & Q(scale=scale, baseline_stage=before, stage=after) & ~Q(stage="")
    return named.get(name)


def reasons(cohort: Cohort) -> dict[int, list[tuple[str, int]]]:
    """Why counts are not comparable, the most frequent first, at each Month. One query."""
    found: dict[int, list[tuple[str, int]]] = {month: [] for month in MONTHS}
    rows = cohort.at(None).due().filter(IS_NOT_COMPARABLE).order_by().values("month", "reason")
    for row in rows.annotate(n=Count("*")).order_by("month", "-n", "reason"):
        found[row["month"]].append((row["reason"], row["n"]))
    return found


def _told(month: int, begun: int, steps: dict[str, int], sums: dict[str, Any]) -> tuple[Ladder, Analysed]:
    due = sum(steps.values())
    more = {name: sums.get(name, 0) for name in ("with_others", "perhaps_others")}
    found = Ladder(month, begun, begun - due, due, **steps, **more, further_counts=sums.get("several", 0))
    if not sums:
        return found, Analysed()
    names = (("log_sum", "log_squares"), ("sum", "squares"), ("before_sum", "before_squares"))
    return found, Analysed(*(Sums(sums["n"], float(sums[total]), float(sums[squares])) for total, squares in names))
