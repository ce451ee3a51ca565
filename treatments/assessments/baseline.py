"""The baseline: the record before treatment that a later one of its kind is compared with. No Django here.

One definition for stages, counts and photographs. The baseline is the last standing record of the same kind on or
before the first standing session of the course, whatever day Month 0 was planned for: what was found on the day of the
first session was found before the needle. As long as no session was given Month 0 stands for it; without a course, or
before its Month 0, the baseline is the last of all. Alike means: for a stage the same scale, for a photograph the same
view and site, for a count the same spot, method, device and so on (`measurement_kinds.Reading`).

Dates are spans: a record known to its month is on or before a day unless all of that month lies after it. Nothing is
stored: when a baseline or the first session is struck out or corrected, the next one serves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from treatments.assessments.measurement_kinds import Comparison, Reading, compare_readings
from treatments.records.partial_dates import PartialDate


class Dated(Protocol):
    """A clinical record: when it was found or done, and whether it still stands."""

    pk: Any

    @property
    def when(self) -> PartialDate: ...

    @property
    def is_struck_out(self) -> bool: ...


D = TypeVar("D", bound=Dated)


@dataclass(frozen=True, slots=True)
class CourseStart:
    """Where a course begins: its Month 0, and its first standing session; None where there is no course, no session."""

    month_0: PartialDate | None = None
    first_session: PartialDate | None = None

    @classmethod
    def of(cls, month_0: PartialDate | None, sessions: Iterable[Dated]) -> CourseStart:
        """From all sessions of the course; those struck out began nothing."""
        standing = in_order(sessions)
        return cls(month_0, standing[0].when if standing else None)

    @property
    def treatment_began(self) -> PartialDate | None:
        """The first session, or Month 0 as long as there was none: from here it counts whether a change is early."""
        return self.first_session or self.month_0


def in_order(records: Iterable[D]) -> list[D]:
    """Those that stand, by date; of one date by their ids, which sort by the time of entry."""
    standing = [record for record in records if not record.is_struck_out]
    return sorted(standing, key=lambda record: (record.when.earliest, record.pk))


def before_treatment(records: Iterable[D], start: CourseStart) -> list[D]:
    """Those that may serve as a baseline, the last of them first choice; in order of time."""
    return [record for record in in_order(records) if is_before_treatment(record, start)]


def is_before_treatment(record: Dated, start: CourseStart) -> bool:
    """On or before the first session, as far as the dates are known."""
    return start.treatment_began is None or not record.when.certainly_after(start.treatment_began)


def baseline_of(records: Iterable[D], start: CourseStart, *, alike: Callable[[D], bool] | None = None) -> D | None:
    """The baseline among records of one kind, or among those of them that are `alike`; None where there is none."""
    return next(reversed(before_treatment(filter(alike or (lambda _: True), records), start)), None)


class Grading(Dated, Protocol):
    scale: str
    stage: str


G = TypeVar("G", bound=Grading)


def stage_baseline(gradings: Iterable[G], start: CourseStart, *, scale: str) -> G | None:
    """The baseline stage for a stage on this scale; visits that were not graded are passed over."""
    return baseline_of(gradings, start, alike=lambda each: each.scale == scale and bool(each.stage))


class Count(Dated, Protocol):
    @property
    def reading(self) -> Reading | None: ...


C = TypeVar("C", bound=Count)


@dataclass(frozen=True, slots=True)
class Compared(Generic[C]):
    """The earlier record that was chosen, and how far the two may be compared."""

    record: C
    comparison: Comparison


@dataclass(frozen=True)
class BaselineCounts(Generic[C]):
    """The counts of one kind and region that were made before treatment; of those made alike the last."""

    pks: frozenset[Any]
    last: tuple[C, ...]

    @classmethod
    def of(cls, counts: Iterable[C], start: CourseStart) -> BaselineCounts[C]:
        before = before_treatment(counts, start)
        last: dict[object, C] = {}
        for each in before:
            if each.reading is not None:
                circumstances = each.reading.circumstances
                last.pop(circumstances, None)  # so that the order stays that of time
                last[circumstances] = each
        return cls(frozenset(each.pk for each in before), tuple(last.values()))

    def compared(self, later: C) -> Compared[C] | None:
        """The baseline of a count made after the treatment began; None for one made before, and where there is none.

        Each spot has a baseline of its own: the last count made before treatment that may be compared. Where none
        may, it is the one that is nearest to it, with the reasons why not, so that both values can be shown.
        """
        return None if later.pk in self.pks else nearest(later, self.last)


def compared_with_baseline(later: C, counts: Iterable[C], start: CourseStart) -> Compared[C] | None:
    """`BaselineCounts.compared` for one count among those of every kind and region."""
    alike = [each for each in counts if _is_same_place(each.reading, later.reading)]
    return BaselineCounts.of(alike, start).compared(later)


def nearest(later: C, earlier: Sequence[C]) -> Compared[C] | None:
    """Of earlier counts of one kind and region the last that may be compared, else the most alike; None without any.

    A count at the spot that is recorded for both goes before one whose spot nobody knows.
    """
    reading, best = later.reading, None
    if reading is None:
        return None
    as_near_as_can_be = (0, 2 if reading.spot else 1)
    for each in reversed(earlier):
        if each.reading is None or each.pk == later.pk:
            continue
        found = Compared(each, compare_readings(each.reading, reading))
        if best is None or found.comparison.nearness > best.comparison.nearness:
            best = found
        if best.comparison.nearness >= as_near_as_can_be:
            break
    return best


def _is_same_place(one: Reading | None, other: Reading | None) -> bool:
    return one is not None and other is not None and (one.quantity, one.region) == (other.quantity, other.region)
