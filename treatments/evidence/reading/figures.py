"""What a closed round says in numbers: what was read, how far readers agree, and how far they can be believed.

Every figure is of the later photograph against the earlier one, −3 to +3. Of a pair it is the median of its readers,
where two or more could judge it; of several pairs of one patient, as after a merge, their mean comes first, so that no
patient counts twice. Every pair of the round stays in the denominator, or is named beside it.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import Any, Final

from clinic.staff.models import User
from treatments.evidence.statistics.agreement import (
    Agreement,
    Weights,
    gwet_ac2,
    kappa,
    krippendorff_alpha,
    share_within,
    table_of,
)
from treatments.evidence.statistics.paired_change import mean_change
from treatments.evidence.statistics.proportions import wilson
from treatments.evidence.statistics.results import Estimate, Interval, NoAnswer
from treatments.photos.compare.comparability import COMPARABLE
from treatments.photos.readings.models import HIGHEST, LOWEST, PairKind, Reading, ReadingPair, ReadingRound
from treatments.photos.readings.results import FEWEST_READERS, ReadPair, grouped, signed, why_not_counted
from treatments.records.formatting import count

FEWEST: Final = 5
"""Below it the values are listed, and no interval is given."""
PREVAILS: Final = 0.8
"""The share of one answer from which kappa is low however well readers agree; AC2 then stands beside it."""
ANSWERS: Final = list(range(LOWEST, HIGHEST + 1))


@dataclass(frozen=True)
class Figure:
    """A line of the results: `value` and `interval` as they are printed, `n` in words, `behind` the rows it is from."""

    label: str
    value: str
    interval: str
    n: str
    behind: str = ""


@dataclass(frozen=True)
class Closed:
    """All that was read in a closed round, pair by pair; `gone` says of how many pairs which fact took them out, and
    `unread`, by kind and verdict, how many nobody has read."""

    round: ReadingRound
    real: list[ReadPair]
    null: list[ReadPair]
    readings: list[Reading]
    gone: Counter[str]
    unread: Counter[tuple[str, str]]

    @cached_property
    def first_readers(self) -> list[User]:
        """Who read the whole round, in the order in which they came to it."""
        readers: dict[int, User] = {}
        for reading in self.readings:
            if not reading.shown.place.is_third:
                readers.setdefault(reading.reader.pk, reading.reader)
        return list(readers.values())

    @cached_property
    def distribution(self) -> list[tuple[int, int]]:
        """How often each of the seven was read, over all readings of pairs of two Months."""
        counts = Counter(change for pair in self.real for change in pair.changes)
        return [(change, counts[change]) for change in ANSWERS]

    @property
    def not_judged(self) -> int:
        return sum(pair.cannot_judge for pair in self.real)

    @property
    def apart(self) -> list[ReadPair]:
        return [pair for pair in self.real if pair.is_apart]


def read(round: ReadingRound) -> Closed:
    """Everything of a closed round, in three queries."""
    readings = Reading.objects.filter(shown__pair__round=round).select_related(
        "shown__place__reader", "shown__pair__round", "shown__pair__repeats", "shown__pair__earlier__patient",
        "shown__pair__later__patient",
    )  # fmt: skip
    by_kind = {kind: grouped(readings.filter(shown__pair__kind=kind)) for kind in (PairKind.REAL, PairKind.NULL)}
    pairs = ReadingPair.objects.filter(round=round).select_related("repeats", "earlier", "later")
    gone = Counter(why for pair in pairs if pair.kind != PairKind.REPEAT and (why := why_not_counted(pair)))
    in_order = readings.order_by(
        "shown__place__is_third", "shown__place__added_at", "shown__place_id", "shown__position"
    )
    counting = [reading for reading in in_order if not why_not_counted(reading.shown.pair)]
    read_ids = {pair.pair_id for of_kind in by_kind.values() for pair in of_kind}
    unread = Counter(
        (pair.kind, pair.verdict)
        for pair in pairs
        if pair.kind != PairKind.REPEAT and pair.pk not in read_ids and not why_not_counted(pair)
    )
    return Closed(round, by_kind[PairKind.REAL], by_kind[PairKind.NULL], counting, gone, unread)


@dataclass(frozen=True)
class Group:
    """Pairs of a round of which one thing is told, and how many more nobody has read."""

    pairs: Sequence[ReadPair]
    unread: int
    behind: str

    @property
    def read(self) -> list[ReadPair]:
        return [pair for pair in self.pairs if pair.is_read]

    @property
    def with_result(self) -> list[ReadPair]:
        return [pair for pair in self.pairs if pair.result is not None]

    @property
    def patients(self) -> int:
        return len({pair.patient_id for pair in self.with_result})

    @property
    def in_words(self) -> str:
        """ "18 pairs of 20; 2 not read; 2 readers each"."""
        return f"{count(len(self.with_result), 'pair')} of {len(self.pairs) + self.unread}{self.rest}"

    @property
    def rest(self) -> str:
        """The pairs without a result, by reason, and the readers of the others: "; 1 not read; 2 to 3 readers each"."""
        told = ""
        if not_judged := len(self.read) - len(self.with_result):
            told += f"; {not_judged} could not be judged by two readers"
        if by_one := len(self.pairs) - len(self.read):
            told += f"; {by_one} answered by one reader alone"
        if self.unread:
            told += f"; {self.unread} not read"
        numbers = sorted({pair.readers for pair in self.with_result})
        if numbers:
            told += f"; {' to '.join(map(str, dict.fromkeys((numbers[0], numbers[-1]))))} readers each"
        return told


def results(closed: Closed) -> list[Figure]:
    """What was read, and what the same readers read where there was nothing: never the one without the other."""
    unread = closed.unread
    of_real = {verdict: number for (kind, verdict), number in unread.items() if kind == PairKind.REAL}
    comparable = Group(
        [pair for pair in closed.real if pair.verdict == COMPARABLE], of_real.get(COMPARABLE, 0), "#pairs"
    )
    everything = Group(closed.real, sum(of_real.values()), "#pairs")
    null = Group(closed.null, unread.total() - sum(of_real.values()), "#null")
    lines = [_mean("Mean reading, comparable pairs of two Months", comparable)]
    if not closed.round.comparable_only:
        lines.append(_mean("Mean reading, all pairs of two Months", everything))
    lines.append(_mean("Mean reading, pairs of one Month", null))
    lines.append(_share("Read as a gain, comparable pairs of two Months", comparable, 1))
    lines.append(_share("Read as a gain, pairs of one Month: the false-gain rate", null, 1))
    lines.append(_share("Read as a loss, comparable pairs of two Months", comparable, -1))
    lines.append(_share("Read as a loss, pairs of one Month", null, -1))
    return lines


def _mean(label: str, group: Group) -> Figure:
    """Over patients, of the pairs with a result."""
    by_patient: dict[uuid.UUID, list[float]] = defaultdict(list)
    for pair in group.with_result:
        by_patient[pair.patient_id].append(pair.result or 0.0)
    values = [fmean(medians) for medians in by_patient.values()]
    n, behind = f"{count(len(values), 'patient')}, {group.in_words}", group.behind
    if not values:
        return Figure(label, *_nothing(group), n, group.behind)
    if len(values) < FEWEST:
        return Figure(label, _listed(values), f"Fewer than {FEWEST} patients: the values, no interval.", n, behind)
    return Figure(label, *_words(mean_change(values)), n, behind)


def _share(label: str, group: Group, sign: int) -> Figure:
    """Of the pairs that two readers or more have answered, how many have a median above (or below) no difference. That
    a pair cannot be judged is an answer: it is no gain, and stays among them."""
    k = sum((pair.result or 0) * sign > 0 for pair in group.with_result)
    n = f"{k} of {count(len(group.read), 'pair')}{group.rest}"
    if not group.with_result:
        return Figure(label, *_nothing(group), n, group.behind)
    if len(group.read) < FEWEST:
        return Figure(label, f"{k} of {len(group.read)}", f"Fewer than {FEWEST} pairs: no share.", n, group.behind)
    value, interval = _words(wilson(k, len(group.read)), _percent)
    if group.patients < len(group.with_result):
        interval = "Several pairs of one patient: no interval."
    return Figure(label, value, interval, n, group.behind)


def _nothing(group: Group) -> tuple[str, str]:
    if not group.pairs:
        return "none was read", ""
    return "no result", f"No pair was judged by {FEWEST_READERS} readers or more: what one reader saw is listed below."


def agreement(closed: Closed) -> list[Figure]:
    """How far the first readers agree on the pairs of two Months; those that a reader could not judge are left out."""
    readers = [reader.pk for reader in closed.first_readers]
    units = [[_change_of(pair, reader) for reader in readers] for pair in closed.real]
    if len(readers) < 2:
        return [
            Figure(
                "Agreement", "one reader", "Agreement needs two readers or more.", f"{len(readers)} reader", "#pairs"
            )
        ]
    both = [(unit[0], unit[1]) for unit in units if None not in unit]
    if len(readers) > 2:
        alpha = krippendorff_alpha([[None if each is None else float(each) for each in unit] for unit in units])
        several = sum(len(unit) - unit.count(None) >= FEWEST_READERS for unit in units)
        n = f"{count(several, 'pair')} of {len(units)}, judged by two or more"
        if several < FEWEST and not isinstance(alpha, NoAnswer):
            few = f"Fewer than {FEWEST} pairs: what each reader said is listed below."
            return [Figure("Krippendorff’s alpha, ordinal", "cannot be told", few, n, "#pairs")]
        return [Figure("Krippendorff’s alpha, ordinal", *_words(alpha), n, "#pairs")]
    if not both:
        return [
            Figure(
                "Agreement",
                "cannot be told",
                "No pair was judged by both readers.",
                f"0 pairs of {len(units)}",
                "#pairs",
            )
        ]
    return _of_two(both, len(units))


def _of_two(both: Sequence[tuple[Any, Any]], of: int) -> list[Figure]:
    table, n = table_of(both, ANSWERS), f"{count(len(both), 'pair')} of {of}, judged by both"
    if len(both) < FEWEST:
        said = "; ".join(f"{signed(one)} and {signed(other)}" for one, other in both)
        few = f"{said}. Too few for a share, an interval or kappa."
        near = {steps: sum(abs(one - other) <= steps for one, other in both) for steps in (0, 1)}
        return [
            Figure("The same reading", f"{near[0]} of {len(both)}", few, n, "#pairs"),
            Figure("Within one step", f"{near[1]} of {len(both)}", "Too few, as above.", n, "#pairs"),
        ]
    lines = [
        Figure("The same reading", *_words(share_within(table), _percent), n, "#pairs"),
        Figure("Within one step", *_words(share_within(table, 1), _percent), n, "#pairs"),
        Figure("Weighted kappa, linear", *_words(kappa(table, Weights.LINEAR)), n, "#pairs"),
        Figure("Weighted kappa, quadratic", *_words(kappa(table, Weights.QUADRATIC)), n, "#pairs"),
    ]
    most = max(Counter(each for pair in both for each in pair).values()) / (2 * len(both))
    if most >= PREVAILS or isinstance(kappa(table, Weights.LINEAR), NoAnswer):
        lines.append(Figure("Gwet’s AC2, linear, as one answer prevails", *_words(gwet_ac2(table)), n, "#pairs"))
    return lines


def _change_of(pair: ReadPair, reader: int) -> int | None:
    return next((each.change for each in pair.readings if each.reader.pk == reader), None)


def of_each_reader(closed: Closed) -> list[Figure]:
    """Whether a reader prefers a side, and says the same of a pair that is shown again."""
    lines = []
    for reader in closed.first_readers:
        own = [reading for reading in closed.readings if reading.reader == reader and reading.score is not None]
        scores = [float(reading.score) for reading in own if reading.score is not None]
        n = count(len(scores), "reading")
        if len(scores) < FEWEST:
            lines.append(
                Figure(f"{reader}: right against left", _listed(scores), "Too few for an interval.", n, "#readers")
            )
        else:
            lines.append(Figure(f"{reader}: right against left", *_words(mean_change(scores)), n, "#readers"))
        lines.append(_against_themselves(reader, twice(closed, reader)))
    return lines


def twice(closed: Closed, reader: User) -> list[tuple[int, int]]:
    """What a reader said of each pair that was shown twice, where they could judge it both times."""
    own = {reading.shown.pair_id: reading for reading in closed.readings if reading.reader == reader}
    both = [
        (own[reading.shown.pair.repeats_id].change, reading.change)
        for reading in own.values()
        if reading.shown.pair.repeats_id in own
    ]
    return [(first, again) for first, again in both if first is not None and again is not None]


def _against_themselves(reader: User, both: Sequence[tuple[int, int]]) -> Figure:
    label, n = f"{reader}: the same again", count(len(both), "repeat")
    same = sum(first == again for first, again in both)
    if not both:
        return Figure(label, "none was judged twice", "", n, "#readers")
    if len(both) < FEWEST:
        said = "; ".join(f"{signed(first)} then {signed(again)}" for first, again in both)
        return Figure(label, f"{same} of {len(both)}", f"{said}. Too few for an interval.", n, "#readers")
    table = table_of(both, ANSWERS)
    value, interval = _words(share_within(table), _percent)
    own = kappa(table, Weights.LINEAR)
    beside = f"kappa {_words(own)[0]}" if isinstance(own, Agreement) else str(own)
    return Figure(label, value, f"{interval}; {beside}", n, "#readers")


def _listed(values: Sequence[float]) -> str:
    return ", ".join(map(_two, sorted(values))) or "none"


def _two(value: float) -> str:
    """With at most two decimals and a sign: "+0.75", "−1", "0"."""
    text = f"{abs(value):.2f}".rstrip("0").rstrip(".")
    return text if text == "0" else f"{'+' if value > 0 else '−'}{text}"


def _computed(value: float) -> str:
    """Always with two decimals, as many for a value as for the ends of its interval: "+0.90", "0.00"."""
    text = f"{abs(value):.2f}"
    return text if text == "0.00" else f"{'+' if value > 0 else '−'}{text}"


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def _words(told: Estimate | Agreement | NoAnswer, spell: Any = _computed) -> tuple[str, str]:
    """Value and interval as they are printed; the reason in the place of what there is not."""
    if isinstance(told, NoAnswer):
        return "cannot be computed", str(told)
    estimate = told.estimate if isinstance(told, Agreement) else told
    interval = estimate.interval
    if isinstance(interval, Interval):
        return spell(estimate.value), f"{spell(interval.low)} to {spell(interval.high)}"
    return spell(estimate.value), str(interval)
