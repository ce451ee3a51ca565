"""What may be said of a change in density: the figure, its error and its verdict."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

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
    def is_sound(self) -> bool:
        """Whether it may be called visible: more than its error, and late enough."""
        return self.verdict == Verdict.LIKELY_VISIBLE

    @property
    def is_estimate(self) -> bool:
        return bool(self.measurement.method == Method.CLINICIAN_VISUAL_ESTIMATE)


def changes(
    measurements: Iterable[Measurement], *, baseline_on: datetime.date, thresholds: Thresholds
) -> dict[Any, DensityChange]:
    """Each density measurement's change against Month 0, by the measurement's id."""
    kept = list(measurements)
    counts = _counts(kept)
    told = {}
    for each in kept:
        month = month_number(baseline_on, each.measured_on)
        if each.kind == CHANGE:
            told[each.pk] = _stated(each, month, thresholds)
        elif each in counts and (first := _baseline(each, counts, baseline_on)) is not None:
            told[each.pk] = _counted(each, first, month, thresholds, against="Month 0")
    return told


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
    kept = list(measurements)
    first, last = (month_number(baseline_on, day) for day in (earlier_on, later_on))
    month = month_number(max(earlier_on, baseline_on), later_on)
    told = []
    counts = _counts(kept)
    for each in kept:
        if month_number(baseline_on, each.measured_on) != last or first == last:
            continue
        if each.kind == CHANGE and first <= 0:
            told.append(_stated(each, month, thresholds))
        elif each in counts:
            before = [
                m
                for m in counts
                if m.site == each.site and m.pk != each.pk and month_number(baseline_on, m.measured_on) == first
            ]
            if before:
                named = f"Month {first}" if first >= 0 else "the earlier count"
                told.append(_counted(each, _last(before), month, thresholds, against=named))
    return told


def is_early(
    *, earlier_on: datetime.date, later_on: datetime.date, baseline_on: datetime.date, thresholds: Thresholds
) -> bool:
    """Whether two days lie too close, or too soon after the start, for a visible change to be spoken of."""
    return month_number(max(earlier_on, baseline_on), later_on) < thresholds.early_before_month


def _counts(measurements: list[Measurement]) -> list[Measurement]:
    return [m for m in measurements if m.kind == COUNT and m.value is not None]


def _last(counts: list[Measurement]) -> Measurement:
    return max(counts, key=lambda m: m.measured_on)


def _baseline(each: Measurement, counts: list[Measurement], baseline_on: datetime.date) -> Measurement | None:
    """The last count at that site on or before the first day of the course; never the count itself."""
    before = [m for m in counts if m.site == each.site and m.measured_on <= baseline_on and m.pk != each.pk]
    return _last(before) if before and each.measured_on > baseline_on else None


def _stated(each: Measurement, month: int, thresholds: Thresholds) -> DensityChange:
    middle = each.value if each.value is not None else ((each.low or 0) + (each.high or 0)) / Decimal(2)
    judged = visibility.judge(
        middle, month=month, matched_spot=bool(each.is_same_spot), method=each.method, thresholds=thresholds
    )
    error = None if each.method == Method.CLINICIAN_VISUAL_ESTIMATE else judged.sdc_pct
    return DensityChange(each, each.value, each.low, each.high, error, judged.verdict, judged.sentence, judged.sources)


def _counted(
    each: Measurement, before: Measurement, month: int, thresholds: Thresholds, *, against: str
) -> DensityChange:
    change = percent_change(_reading(before), _reading(each))
    if change.value is None:
        why = f"Not comparable with {against}: " + ", ".join(change.reasons) + "."
        return DensityChange(each, None, None, None, None, None, why)
    judged = visibility.judge(
        change.value,
        month=month,
        matched_spot=bool(each.is_same_spot),
        method=each.method,
        change_per_cm2=(each.value or 0) - (before.value or 0),
        thresholds=thresholds,
    )
    return DensityChange(
        each, change.value, None, None, judged.sdc_pct, judged.verdict, judged.sentence, judged.sources
    )


def _reading(each: Measurement) -> Reading:
    return Reading(
        quantity=each.kind,
        value=each.value or Decimal(0),
        site=f"{each.site} {each.site_detail}".strip().casefold(),
        method=each.method,
        area_cm2=each.area_cm2,
        vellus_cutoff_um=None if each.vellus_cutoff_um is None else Decimal(each.vellus_cutoff_um),
        device=each.device,
    )
