"""What readers who did not know which photograph is later have said of a patient's pairs, in rounds that are closed.

A reading stays a fact of the record while both photographs stand in it, of one patient and one view, in the order in
which they were when the round was opened. Nothing is told of a round that is not closed.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Any, Final

from clinic.staff.models import User
from treatments.patients.models import Patient
from treatments.photos.models import Photo
from treatments.photos.patient_photos import group_of
from treatments.photos.readings.models import CHANGES, PairKind, Reading, ReadingPair, ReadingRound
from treatments.records.formatting import count

FEWEST_READERS: Final = 2
"""What fewer readers saw of a pair is shown, and is the result of nothing."""
APART: Final = 2
"""Two readers who differ by so many steps or more have not seen the same: both readings are shown."""
_ONE_MONTH_DAYS: Final = 31
_WITH_PAIR: Final = (
    "shown__place__reader", "shown__pair__round__closed_by", "shown__pair__earlier", "shown__pair__later"
)  # fmt: skip


@dataclass(frozen=True)
class ReadBy:
    """One reading: `change` of the later photograph against the earlier one, −3 to +3, or None and `why_not`."""

    reader: User
    change: int | None
    why_not: str = ""
    is_third: bool = False

    @property
    def said(self) -> str:
        """ "+1 a little more", "cannot judge: …"."""
        return (
            f"cannot judge: {self.why_not}" if self.change is None else f"{signed(self.change)} {CHANGES[self.change]}"
        )


@dataclass(frozen=True)
class ReadPair:
    """Two photographs and what was read of them in one round; those of the first readers before that of a third."""

    pair_id: int
    round: ReadingRound
    earlier: Photo
    later: Photo
    verdict: str
    """Of the record when the round was opened: "comparable", "not_comparable" or "unknown"."""
    readings: tuple[ReadBy, ...]

    @property
    def pk(self) -> int:
        return self.pair_id

    @property
    def patient_id(self) -> uuid.UUID:
        return self.later.patient_id

    @cached_property
    def changes(self) -> list[int]:
        """Every reading that is a score, in the order of `readings`."""
        return [each.change for each in self.readings if each.change is not None]

    @property
    def readers(self) -> int:
        """How many readers could judge it: the number that is printed beside the median."""
        return len(self.changes)

    @property
    def cannot_judge(self) -> int:
        return len(self.readings) - len(self.changes)

    @property
    def median(self) -> float | None:
        """Of the later photograph against the earlier one, −3 to +3; None where nobody could judge it."""
        return float(median(self.changes)) if self.changes else None

    @property
    def result(self) -> float | None:
        """The median where two readers or more could judge the pair; None where it is one person's word or nobody's."""
        return self.median if self.readers >= FEWEST_READERS else None

    @property
    def is_read(self) -> bool:
        """Whether two readers or more have answered: that it cannot be judged is an answer."""
        return len(self.readings) >= FEWEST_READERS

    @property
    def is_apart(self) -> bool:
        """Whether two of the first readers were two steps apart or more."""
        first = [each.change for each in self.readings if each.change is not None and not each.is_third]
        return bool(first) and max(first) - min(first) >= APART

    @property
    def each_in_words(self) -> str:
        """ "Dr Example +2 more; Dr Other cannot judge: …"."""
        return "; ".join(
            f"{each.reader} {each.said}{' (third reader)' if each.is_third else ''}" for each in self.readings
        )

    @property
    def in_words(self) -> str:
        """ "+1.5, median of 2 readers", "2 readers could not judge it"; to stand behind "read blind"."""
        if self.median is None:
            return f"{count(self.cannot_judge, 'reader')} could not judge it"
        without = f"; {count(self.cannot_judge, 'reader')} could not judge it" if self.cannot_judge else ""
        apart = (
            f"; readings {APART} steps apart or more: {', '.join(map(signed, self.changes))}" if self.is_apart else ""
        )
        whose = "1 reader alone" if self.readers == 1 else f"median of {self.readers} readers"
        return f"{signed(self.median)}, {whose}{without}{apart}"


def signed(value: float) -> str:
    """ "+1", "−0.5", "0"."""
    number = f"{abs(value):.1f}".removesuffix(".0")
    return number if not value else f"{'+' if value > 0 else '−'}{number}"


def why_not_counted(pair: ReadingPair) -> str:
    """Why a pair of a round is neither shown any more nor counted, by what the record says now; "" where it counts."""
    earlier, later = pair.earlier, pair.later
    if earlier.is_struck_out or later.is_struck_out:
        return "a photo was struck out"
    if earlier.patient_id != later.patient_id:
        return "a photo was moved to another patient"
    if group_of(earlier) != group_of(later):
        return "the view of a photo was corrected"
    if not _dates_hold(pair):
        return "the date of a photo was corrected"
    return ""


def _dates_hold(pair: ReadingPair) -> bool:
    """Whether the earlier photograph still is, or the two may still be of one Month."""
    original = pair.repeats if pair.repeats is not None else pair
    if original.kind == PairKind.NULL:
        return abs((pair.later.taken_on - pair.earlier.taken_on).days) <= _ONE_MONTH_DAYS
    return pair.earlier.when.certainly_before(pair.later.when)


def read_pairs(patient: Patient) -> list[ReadPair]:
    """Every pair of two Months of this patient that was read in a closed round, the earliest later photo first."""
    return read_pairs_of([patient.pk]).get(patient.pk, [])


def read_pairs_of(patient_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[ReadPair]]:
    """The same of several patients, in one query."""
    readings = Reading.objects.filter(
        shown__pair__round__closed_at__isnull=False,
        shown__pair__kind=PairKind.REAL,
        shown__pair__later__patient__in=list(patient_ids),
    )
    by_patient: dict[uuid.UUID, list[ReadPair]] = defaultdict(list)
    for pair in grouped(readings.select_related(*_WITH_PAIR)):
        by_patient[pair.patient_id].append(pair)
    return dict(by_patient)


def read_by_pair(pairs: Iterable[ReadingPair]) -> list[ReadPair]:
    """What was read of pairs of closed rounds, in one query."""
    readings = Reading.objects.filter(shown__pair__in=list(pairs), shown__pair__round__closed_at__isnull=False)
    return grouped(readings.select_related(*_WITH_PAIR))


def grouped(readings: Any) -> list[ReadPair]:
    """By pair, those that count, in order of time. `readings` are loaded with all that they point to."""
    by_pair: dict[int, list[Reading]] = defaultdict(list)
    for reading in readings.order_by("shown__place__is_third", "shown__place__added_at", "shown__place_id"):
        by_pair[reading.shown.pair_id].append(reading)
    pairs = [read_pair(of_pair) for of_pair in by_pair.values() if not why_not_counted(of_pair[0].shown.pair)]
    return sorted(pairs, key=lambda pair: (pair.later.taken_on, pair.earlier.taken_on, str(pair.round.pk)))


def read_pair(readings: Sequence[Reading]) -> ReadPair:
    """What was read of one pair."""
    pair = readings[0].shown.pair
    said = tuple(
        ReadBy(
            each.reader,
            each.change,
            "" if each.score is not None else str(each.get_cannot_judge_display()).lower(),
            each.shown.place.is_third,
        )
        for each in readings
    )
    return ReadPair(pair.pk, pair.round, pair.earlier, pair.later, pair.verdict, said)


def read_in_order(pairs: Iterable[ReadPair], earlier: Photo, later: Photo) -> list[ReadPair]:
    """Those of these two photographs, the round closed last first."""
    theirs = [pair for pair in pairs if pair.earlier == earlier and pair.later == later]
    return sorted(theirs, key=lambda pair: str(pair.round.closed_at), reverse=True)
