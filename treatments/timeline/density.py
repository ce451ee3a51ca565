"""The changes in density that the timeline and its chart show: those against the course's baseline."""

import uuid

from treatments.assessments.measurements import density
from treatments.assessments.measurements.density import DensityChange
from treatments.assessments.measurements.visibility import Thresholds
from treatments.assessments.models import Measurement
from treatments.courses.models import Course

__all__ = ["DensityChange", "changes"]


def changes(
    measurements: list[Measurement], course: Course | None, thresholds: Thresholds
) -> dict[uuid.UUID, DensityChange]:
    """Each density measurement's change against the course's baseline, by the measurement's id."""
    if course is None:
        return {}
    return density.changes(measurements, baseline_on=course.baseline_on, thresholds=thresholds)
