"""The changes in density that the timeline and its chart show: each against the baseline of its course and its spot."""

import uuid

from treatments.assessments.baseline import CourseStart
from treatments.assessments.measurements import density
from treatments.assessments.measurements.density import DensityChange
from treatments.assessments.measurements.visibility import Thresholds
from treatments.assessments.models import Measurement
from treatments.timeline.facts import Facts

__all__ = ["DensityChange", "changes"]


def changes(facts: Facts, thresholds: Thresholds) -> dict[uuid.UUID, DensityChange]:
    """Each density measurement's change against its baseline, by the measurement's id."""
    starts = {course.pk: facts.start_of(course) for course in facts.standing_courses}

    def start_of(measurement: Measurement) -> CourseStart | None:
        course = facts.membership(measurement).course
        return starts[course.pk] if course else None

    by_id = density.changes(facts.standing_measurements, start_of, thresholds)
    if not facts.other_treatments:
        return by_id
    return {pk: _with_others(facts, change) for pk, change in by_id.items()}


def _with_others(facts: Facts, change: DensityChange) -> DensityChange:
    course = facts.membership(change.measurement).course
    return change.with_others(facts.other_treatments, since=course.when if course else None)
