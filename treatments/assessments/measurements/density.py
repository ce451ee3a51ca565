"""What may be said of a change in density: against which count, the figure, its interval and its verdict."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from treatments.assessments.baseline import BaselineCounts, Compared, CourseStart, before_treatment, nearest
from treatments.assessments.measurement_kinds import Method, is_same_or_unknown_spot, method_words, per_cent
from treatments.assessments.measurements import visibility
from treatments.assessments.measurements.visibility import Change, Counted, Interval, Thresholds, Verdict, signed
from treatments.assessments.models import Measurement
from treatments.patients.other_treatments import OtherTreatment, Wording, beside
from treatments.records.formatting import listed
from treatments.records.months import label
from treatments.records.partial_dates import PartialDate
from treatments.records.text.text_folding import fold

CHANGE = "density_change_pct"
COUNT = "hair_density"

StartOf = Callable[[Measurement], CourseStart | None]
"""The start of the course that a measurement belongs to; None where it belongs to none."""


@dataclass(frozen=True)
class DensityChange:
    """One change against an earlier count. `value` or `low` and `high` are per cent; none of them when not comparable.

    `baseline` is the count it is told against; None where somebody stated a change and the record holds no such count.
    """

    measurement: Measurement
    baseline: Measurement | None
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    interval: Interval | None
    verdict: Verdict | None
    sentence: str
    sources: tuple[str, ...] = ()
    unrecorded: tuple[str, ...] = ()
    beside: str = ""
    """What other treatment began, ended or changed within six months before or during it, in words."""

    def with_others(self, treatments: Sequence[OtherTreatment], *, since: PartialDate | None) -> "DensityChange":
        """The same with what other treatment may have a part in it. `since`, Month 0 of its course, is what a change
        without a count to set it against is counted from; Months are those of that course."""
        first = self.baseline.when if self.baseline else since
        if first is None or not treatments:
            return self
        wording = Wording(since)
        return replace(self, beside=beside(treatments, first=first, last=self.measurement.when, wording=wording))

    @property
    def is_figure(self) -> bool:
        """Whether there is a change in per cent, and not two values that may not be compared."""
        return self.value is not None or self.low is not None

    @property
    def figure(self) -> str:
        """ "+40 %", "+20–25 %"; both values where they may not be compared: "120 and 168 hairs/cm²"."""
        if self.measurement.kind == CHANGE:
            return self.measurement.shown
        if self.value is not None:
            return f"{signed(self.value)} %"
        return f"{self.baseline.shown.partition(' ')[0]} and {self.measurement.shown}" if self.baseline else ""

    @property
    def shown(self) -> str:
        """The figure with its interval: "+40 %, +19 to +65"."""
        is_single = self.value is not None
        return f"{self.figure}, {self.interval}" if self.interval and is_single else self.figure

    @property
    def against_text(self) -> str:
        """ "120 hairs/cm² at vertex, 10 Jan 2024, phototrichogram": which baseline was used."""
        if self.baseline:
            return self.baseline.described
        return "the beginning, estimated by eye" if self.is_estimate else "the beginning, as it was reported"

    @property
    def against(self) -> str:
        return f"against {self.against_text}"

    @property
    def caveat(self) -> str:
        """ "Not recorded for either count: device, hair clipped"; "" where all that decides was recorded."""
        # Of the area the sentence speaks itself, because the interval depends on it.
        unrecorded = [name for name in self.unrecorded if name != "counted area"]
        return f"Not recorded for either count: {listed(unrecorded)}." if unrecorded else ""

    @property
    def is_likely_visible(self) -> bool:
        """Whether it may be called visible: more than its error, and late enough."""
        return self.verdict == Verdict.LIKELY_VISIBLE

    @property
    def is_estimate(self) -> bool:
        return bool(self.measurement.method == Method.CLINICIAN_VISUAL_ESTIMATE)

    @property
    def series(self) -> str:
        """Where and how it was measured: changes of another series are those of other hairs."""
        return f"{self.measurement.place}, {method_words(self.measurement.method)}"


def changes(
    measurements: Iterable[Measurement], start_of: StartOf, thresholds: Thresholds
) -> dict[uuid.UUID, DensityChange]:
    """Each density's change against the baseline of its own course and its own spot, by the measurement's id."""
    measurements = [m for m in measurements if not m.is_struck_out and m.kind in {COUNT, CHANGE}]
    at_site: dict[str, list[Measurement]] = defaultdict(list)
    for measurement in filter(is_count, measurements):
        at_site[measurement.site].append(measurement)
    baselines_at: dict[tuple[CourseStart, str], BaselineCounts[Measurement]] = {}
    by_id = {}
    for measurement in measurements:
        start, site = start_of(measurement), measurement.site
        if start is None:
            continue
        if (start, site) not in baselines_at:
            baselines_at[start, site] = BaselineCounts.of(at_site[site], start)
        if change := _change(measurement, baselines_at[start, site], start, thresholds):
            by_id[measurement.pk] = change
    return by_id


def change_since_baseline(
    measurement: Measurement, counts: Iterable[Measurement], start: CourseStart, thresholds: Thresholds
) -> DensityChange | None:
    """None for a count before treatment, and where there is none to set it against."""
    at_site = [m for m in counts if is_count(m) and m.site == measurement.site]
    return _change(measurement, BaselineCounts.of(at_site, start), start, thresholds)


def _change(
    measurement: Measurement, before: BaselineCounts[Measurement], start: CourseStart, thresholds: Thresholds
) -> DensityChange | None:
    months = months_between(start.treatment_began, measurement.when)
    if measurement.kind == CHANGE:
        return _stated(measurement, before.last, months, thresholds)
    compared = before.compared(measurement) if is_count(measurement) else None
    return _counted(measurement, compared, months, thresholds) if compared else None


def baselines(counts: Iterable[Measurement], start: CourseStart) -> list[Measurement]:
    """What later counts of this course are compared with: one for each spot, method and device, newest first."""
    last = {}
    for count in before_treatment(filter(is_count, counts), start):
        last[count.site, fold(count.site_detail), count.method, fold(count.device)] = count
    return sorted(last.values(), key=lambda count: (count.when.earliest, count.pk), reverse=True)


def between(
    measurements: Iterable[Measurement],
    *,
    earlier: PartialDate,
    later: PartialDate,
    start: CourseStart,
    thresholds: Thresholds,
) -> list[DensityChange]:
    """What was measured in the Month of one date against the Month of another, each spot against itself.

    Months are those of the course, or are counted from the earlier date where there is none. A change that somebody
    stated is one against the baseline, and belongs to the pair only where the earlier date lies before treatment.
    """
    month_0 = start.month_0 or earlier
    measurements = [m for m in measurements if not m.is_struck_out]
    first, last = label(month_0, earlier).number, label(month_0, later).number
    if first == last:
        return []
    months = months_between(_later_of(earlier, start.treatment_began), later)
    before = [m for m in measurements if is_count(m) and label(month_0, m.when).number == first]
    pair_changes = []
    for measurement in measurements:
        if label(month_0, measurement.when).number != last:
            continue
        if measurement.kind == CHANGE and not (
            start.treatment_began and earlier.certainly_after(start.treatment_began)
        ):
            pair_changes.append(_stated(measurement, before, months, thresholds))
        elif is_count(measurement):
            same_site = [m for m in before if m.site == measurement.site]
            if compared := nearest(measurement, same_site):
                pair_changes.append(_counted(measurement, compared, months, thresholds))
    return pair_changes


def is_early(*, earlier: PartialDate, later: PartialDate, start: CourseStart, thresholds: Thresholds) -> bool:
    """Whether two dates lie too close, or too soon after the start, for a visible change to be spoken of."""
    return months_between(_later_of(earlier, start.treatment_began), later) < thresholds.early_before_month


def months_between(began: PartialDate | None, when: PartialDate) -> int:
    """The fewest months that lie between; 0 where nothing began."""
    return label(began, when).first if began else 0


def _later_of(earlier: PartialDate, began: PartialDate | None) -> PartialDate:
    return began if began and began.earliest > earlier.earliest else earlier


def is_count(measurement: Measurement) -> bool:
    return measurement.kind == COUNT and measurement.value is not None


def _stated(
    measurement: Measurement, before: Sequence[Measurement], months: int, thresholds: Thresholds
) -> DensityChange:
    """A change in per cent that somebody recorded as such, against the count that it may rest on."""
    value, low, high = measurement.value, measurement.low, measurement.high
    ends = (value, value) if value is not None else (low or Decimal(0), high or Decimal(0))
    change = Change(*ends, months, bool(measurement.is_same_spot), measurement.method)
    judged = visibility.judge(change, thresholds)
    baseline = _count_behind(measurement, before)
    return DensityChange(
        measurement, baseline, value, low, high, judged.interval, judged.verdict, judged.sentence, judged.sources
    )


def _count_behind(measurement: Measurement, before: Sequence[Measurement]) -> Measurement | None:
    """The last count at its spot by its method; a change estimated by eye rests on none."""
    alike = [m for m in before if m.site == measurement.site and m.method == measurement.method]
    alike = [m for m in alike if is_same_or_unknown_spot(m.site_detail, measurement.site_detail)]
    return alike[-1] if alike and measurement.method != Method.CLINICIAN_VISUAL_ESTIMATE else None


def _counted(
    measurement: Measurement, compared: Compared[Measurement], months: int, thresholds: Thresholds
) -> DensityChange:
    """The change of a hair count against an earlier one; both values where they may not be compared."""
    baseline, comparison = compared.record, compared.comparison
    before, after = baseline.reading, measurement.reading
    if not comparison.is_comparable or before is None or after is None:
        sentence = f"Not comparable: {'; '.join(comparison.reasons)}."
        return DensityChange(measurement, baseline, None, None, None, None, None, sentence)
    exact = float(after.value / before.value - 1) * 100
    judged = visibility.judge(
        Change(
            exact,
            exact,
            months,
            comparison.is_matched_spot,
            measurement.method,
            per_cm2=after.value - before.value,
            counted=Counted(before.counted, after.counted),
        ),
        thresholds,
    )
    return DensityChange(
        measurement,
        baseline,
        value=per_cent(before.value, after.value),
        low=None,
        high=None,
        interval=judged.interval,
        verdict=judged.verdict,
        sentence=judged.sentence,
        sources=judged.sources,
        unrecorded=comparison.unrecorded,
    )
