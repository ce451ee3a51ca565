"""Which repeat counts a clinic has: the pairs that were typed, and those that the record holds.

The record holds a pair where exactly two hair densities of one patient stand for one day and one recorded spot, counted
in the same way. Three of one spot are no pair: nobody knows which two belong together.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from django.db.models import Exists, OuterRef

from clinic.staff.models import Clinic
from treatments.assessments.measurement_kinds import Method
from treatments.assessments.measurements.density import COUNT
from treatments.assessments.models import Measurement
from treatments.evidence.repeats.counting_error import CountingError, Pair, counting_error
from treatments.evidence.repeats.models import Readers, RepeatPair
from treatments.evidence.statistics.results import NoAnswer
from treatments.records.fields import DatePrecision
from treatments.records.formatting import number

_ALIKE: Final = (
    *("patient_id", "measured_on", "site", "site_detail", "method", "device"),
    *("area_cm2", "magnification", "is_clipped", "is_dyed"),
)


@dataclass(frozen=True)
class FoundPair:
    """Two counts of one spot that the record of a patient holds, in the order of their entry."""

    first: Measurement
    second: Measurement

    @property
    def counted_on(self) -> datetime.date:
        return self.first.measured_on

    @property
    def readers(self) -> str:
        """Who counted, as far as it was recorded."""
        names = self.first.measured_by, self.second.measured_by
        if not all(names):
            return "not recorded"
        return names[0] if names[0] == names[1] else f"{names[0]} and {names[1]}"

    @property
    def counts(self) -> tuple[str, str]:
        return _spelled(self.first), _spelled(self.second)

    @property
    def pair(self) -> Pair:
        names = self.first.measured_by, self.second.measured_by
        is_same = names[0] == names[1] if all(names) else None
        return Pair(float(self.first.value or 0), float(self.second.value or 0), is_same)


@dataclass(frozen=True)
class Repeats:
    """All repeat counts of a clinic: `typed`, struck out or not, the latest first; `found` in the record."""

    typed: Sequence[RepeatPair]
    found: Sequence[FoundPair]

    @property
    def pairs(self) -> list[Pair]:
        """Those that count."""
        return [_pair(each) for each in self.typed if not each.is_struck_out] + [each.pair for each in self.found]

    @property
    def error(self) -> CountingError | NoAnswer:
        return counting_error(self.pairs)

    def by_readers(self) -> list[tuple[str, int, CountingError | NoAnswer]]:
        """The same for one reader twice and for two readers, with the number of pairs."""
        of_all = self.pairs
        groups = [("Counted twice by one person", True), ("Counted by two people", False)]
        chosen = [(label, [pair for pair in of_all if pair.is_same_reader is same]) for label, same in groups]
        return [(label, len(pairs), counting_error(pairs)) for label, pairs in chosen]


def repeats_of(clinic: Clinic) -> Repeats:
    """Two queries, however many pairs there are."""
    typed = RepeatPair.objects.of(clinic).select_related("created_by", "struck_out_by").order_by("-counted_on", "-id")
    return Repeats(list(typed), found_in_record(clinic))


def found_in_record(clinic: Clinic) -> list[FoundPair]:
    """The latest first; counts of patients who were archived too."""
    counts = (
        Measurement.objects.of(clinic)
        .standing()
        .filter(kind=COUNT, value__gt=0, measured_precision=DatePrecision.DAY)
        .exclude(site_detail="")
        .exclude(method=Method.CLINICIAN_VISUAL_ESTIMATE)
    )
    another = counts.filter(patient=OuterRef("patient"), measured_on=OuterRef("measured_on"), site=OuterRef("site"))
    twice = counts.filter(Exists(another.exclude(pk=OuterRef("pk")))).select_related("operator").order_by("id")
    alike: dict[Any, list[Measurement]] = defaultdict(list)
    for each in twice:
        alike[attrgetter(*_ALIKE)(each)].append(each)
    return sorted(_only_pairs(alike.values()), key=lambda each: (each.counted_on, each.first.pk), reverse=True)


def _only_pairs(groups: Iterable[list[Measurement]]) -> list[FoundPair]:
    return [FoundPair(*group) for group in groups if len(group) == 2]


def _pair(typed: RepeatPair) -> Pair:
    return Pair(float(typed.first), float(typed.second), typed.readers == Readers.SAME)


def _spelled(count: Measurement) -> str:
    return "" if count.value is None else number(count.value)
