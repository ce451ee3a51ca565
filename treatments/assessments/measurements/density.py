"""What may be said of a change in density: the figure, its error and its verdict."""

import datetime
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from treatments.assessments.measurement_kinds import Method, Reading, percent_change
from treatments.assessments.measurements import visibility
from treatments.assessments.measurements.visibility import Thresholds, Verdict
from treatments.assessments.models import Measurement
from treatments.records.months import month_number

CHANGE = "density_change_pct"
COUNT = "hair_density"


@dataclass(frozen=True)
class DensityChange:
    """One change against an earlier day. `value` or `low` and `high` are per cent; none of them when not comparable."""

    measurement: Measurement
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    error_pct: float | None
    verdict: Verdict | None
    sentence: str
    sources: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        if self.measurement.kind == CHANGE:
            return self.measurement.shown
        return f"{self.value:+.0f} %".replace("-", "−") if self.value is not None else self.measurement.shown

    @property
    def is_likely_visible(self) -> bool:
        """Whether it may be called visible: more than its error, and late enough."""
        return self.verdict == Verdict.LIKELY_VISIBLE

    @property
    def is_estimate(self) -> bool:
        return bool(self.measurement.method == Method.CLINICIAN_VISUAL_ESTIMATE)


def changes(
    measurements: Iterable[Measurement], *, baseline_on: datetime.date, thresholds: Thresholds
) -> dict[uuid.UUID, DensityChange]:
    """Each density measurement's change against Month 0, by the measurement's id."""
    measurements = list(measurements)
    at_baseline = [m for m in measurements if _is_count(m) and m.measured_on <= baseline_on]
    by_id = {}
    for measurement in measurements:
        month = month_number(baseline_on, measurement.measured_on)
        if measurement.kind == CHANGE:
            by_id[measurement.pk] = _stated(measurement, month, thresholds)
        elif _is_count(measurement) and measurement.measured_on > baseline_on:
            before = [m for m in at_baseline if m.site == measurement.site]
            if before:
                by_id[measurement.pk] = _counted(measurement, before, month, thresholds, against="Month 0")
    return by_id


def between(
    measurements: Iterable[Measurement],
    *,
    earlier_on: datetime.date,
    later_on: datetime.date,
    baseline_on: datetime.date,
    thresholds: Thresholds,
) -> list[DensityChange]:
    """What was measured in the Month of one day against the Month of another, site by site.

    A change that somebody stated is one against Month 0, and belongs to the pair only where it begins there. How
    early it is counts from the start of the treatment or from the earlier day, whichever came last.
    """
    measurements = list(measurements)
    first, last = month_number(baseline_on, earlier_on), month_number(baseline_on, later_on)
    if first == last:
        return []
    month = month_number(max(earlier_on, baseline_on), later_on)
    against = f"Month {first}" if first >= 0 else "the earlier count"
    pair_changes = []
    for measurement in _made_in_month(last, measurements, baseline_on):
        if measurement.kind == CHANGE and first <= 0:
            pair_changes.append(_stated(measurement, month, thresholds))
        elif _is_count(measurement):
            before = _made_in_month(first, _counts_at_its_site(measurement, measurements), baseline_on)
            if before:
                pair_changes.append(_counted(measurement, before, month, thresholds, against=against))
    return pair_changes


def is_early(
    *, earlier_on: datetime.date, later_on: datetime.date, baseline_on: datetime.date, thresholds: Thresholds
) -> bool:
    """Whether two days lie too close, or too soon after the start, for a visible change to be spoken of."""
    return month_number(max(earlier_on, baseline_on), later_on) < thresholds.early_before_month


def _is_count(measurement: Measurement) -> bool:
    return measurement.kind == COUNT and measurement.value is not None


def _counts_at_its_site(measurement: Measurement, among: Iterable[Measurement]) -> list[Measurement]:
    """The other hair counts at the same site."""
    return [m for m in among if _is_count(m) and m.site == measurement.site and m.pk != measurement.pk]


def _made_in_month(month: int, among: Iterable[Measurement], baseline_on: datetime.date) -> list[Measurement]:
    return [m for m in among if month_number(baseline_on, m.measured_on) == month]


def _stated(measurement: Measurement, month: int, thresholds: Thresholds) -> DensityChange:
    """A change in per cent that somebody recorded as such; of a range its middle is judged."""
    value, low, high = measurement.value, measurement.low, measurement.high
    middle = value if value is not None else ((low or 0) + (high or 0)) / Decimal(2)
    judged = visibility.judge(
        middle,
        month=month,
        matched_spot=bool(measurement.is_same_spot),
        method=measurement.method,
        thresholds=thresholds,
    )
    return DensityChange(measurement, value, low, high, judged.sdc_pct, judged.verdict, judged.sentence, judged.sources)


def _counted(
    measurement: Measurement, before: Sequence[Measurement], month: int, thresholds: Thresholds, *, against: str
) -> DensityChange:
    """The change of a hair count against the last of those before it."""
    baseline = max(before, key=lambda m: m.measured_on)
    change = percent_change(_reading(baseline), _reading(measurement))
    if change.value is None:
        sentence = f"Not comparable with {against}: {', '.join(change.reasons)}."
        return DensityChange(measurement, None, None, None, None, None, sentence)
    judged = visibility.judge(
        change.value,
        month=month,
        matched_spot=bool(measurement.is_same_spot),
        method=measurement.method,
        change_per_cm2=(measurement.value or 0) - (baseline.value or 0),
        thresholds=thresholds,
    )
    return DensityChange(
        measurement, change.value, None, None, judged.sdc_pct, judged.verdict, judged.sentence, judged.sources
    )


def _reading(measurement: Measurement) -> Reading:
    cutoff = measurement.vellus_cutoff_um
    return Reading(
        quantity=measurement.kind,
        value=measurement.value or Decimal(0),
        site=f"{measurement.site} {measurement.site_detail}".strip().casefold(),
        method=measurement.method,
        area_cm2=measurement.area_cm2,
        vellus_cutoff_um=None if cutoff is None else Decimal(cutoff),
        device=measurement.device,
    )
