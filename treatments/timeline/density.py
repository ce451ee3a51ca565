"""The changes in density that the timeline and its chart show: those against the course's baseline."""

from typing import Any

from treatments.assessments.measurements import density
from treatments.assessments.measurements.density import DensityChange
from treatments.assessments.measurements.visibility import Thresholds
from treatments.assessments.models import Measurement
from treatments.assessments.thresholds.clinic_thresholds import thresholds_of
from treatments.courses.models import Course

__all__ = ["DensityChange", "changes", "thresholds_of"]


def changes(measurements: list[Measurement], course: Course | None, thresholds: Thresholds) -> dict[Any, DensityChange]:
    """Each density measurement's change against the course's baseline, by the measurement's id."""
    if course is None:
        return {}
    return density.changes(measurements, baseline_on=course.baseline_on, thresholds=thresholds)
