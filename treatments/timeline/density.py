"""What may be said of a change in density: the figure against the baseline, with its error and its verdict."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from treatments.assessments import visibility
from treatments.assessments.models import Measurement
from treatments.assessments.quantities import Method, Reading, percent_change
from treatments.assessments.visibility import Thresholds, Verdict
from treatments.records.months import month_number
from treatments.sessions.models import Course

CHANGE = "density_change_pct"
COUNT = "hair_density"


@dataclass(frozen=True)
class DensityChange:
    """One change against Month 0. `value` or `low` and `high` are per cent; none of them when not comparable."""

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
    def is_estimate(self) -> bool:
        return bool(self.measurement.method == Method.CLINICIAN_VISUAL_ESTIMATE)


def thresholds_of(clinic: Any) -> Thresholds:
    """The clinic's own thresholds where it has set some with a reason, else the published ones."""
    return Thresholds(**clinic.thresholds) if clinic.thresholds else visibility.DEFAULT


def changes(measurements: list[Measurement], course: Course | None, thresholds: Thresholds) -> dict[Any, DensityChange]:
    """Each density measurement's change against the course's baseline, by the measurement's id."""
    if course is None:
        return {}
    told = {}
    counts = [m for m in measurements if m.kind == COUNT and m.value is not None]
    for each in measurements:
        if each.kind == CHANGE:
            told[each.pk] = _stated(each, course, thresholds)
        elif each in counts and (baseline := _baseline(each, counts, course)) is not None:
            told[each.pk] = _counted(each, baseline, course, thresholds)
    return told


def _stated(each: Measurement, course: Course, thresholds: Thresholds) -> DensityChange:
    month = month_number(course.baseline_on, each.measured_on)
    middle = each.value if each.value is not None else ((each.low or 0) + (each.high or 0)) / Decimal(2)
    judged = visibility.judge(
        middle, month=month, matched_spot=bool(each.is_same_spot), method=each.method, thresholds=thresholds
    )
    error = None if each.method == Method.CLINICIAN_VISUAL_ESTIMATE else judged.sdc_pct
    return DensityChange(each, each.value, each.low, each.high, error, judged.verdict, judged.sentence, judged.sources)


def _baseline(each: Measurement, counts: list[Measurement], course: Course) -> Measurement | None:
    """The last count at that site on or before the first day of the course; never the count itself."""
    before = [m for m in counts if m.site == each.site and m.measured_on <= course.baseline_on and m.pk != each.pk]
    if each.measured_on <= course.baseline_on:
        return None
    return max(before, key=lambda m: m.measured_on, default=None)


def _counted(each: Measurement, baseline: Measurement, course: Course, thresholds: Thresholds) -> DensityChange:
    change = percent_change(_reading(baseline), _reading(each))
    if change.value is None:
        why = "Not comparable with Month 0: " + ", ".join(change.reasons) + "."
        return DensityChange(each, None, None, None, None, None, why)
    judged = visibility.judge(
        change.value,
        month=month_number(course.baseline_on, each.measured_on),
        matched_spot=bool(each.is_same_spot),
        method=each.method,
        change_per_cm2=(each.value or 0) - (baseline.value or 0),
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
