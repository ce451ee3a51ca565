"""The changes in density that the timeline and its chart show: each against the baseline of its course and its spot."""

import uuid

from treatments.assessments.baseline import CourseStart
from treatments.assessments.measurements import density
from treatments.assessments.measurements.density import DensityChange
from treatments.assessments.measurements.visibility import Thresholds
from treatments.assessments.models import Measurement
from treatments.courses.membership import Courses
from treatments.timeline.facts import Facts

__all__ = ["DensityChange", "changes"]


def changes(facts: Facts, thresholds: Thresholds) -> dict[uuid.UUID, DensityChange]:
    """Each density measurement's change against its baseline, by the measurement's id."""
    courses = Courses(facts.courses)
    starts = {course.pk: CourseStart.of(course.when, facts.sessions_of(course)) for course in courses.standing}
    visits = {assessment.pk: assessment.course_id for assessment in facts.assessments}

    def start_of(measurement: Measurement) -> CourseStart | None:
        visit = visits[measurement.assessment_id] if measurement.assessment_id else None
        course = courses.of(measurement.course_id, visit, when=measurement.when).course
        return starts[course.pk] if course else None

    return density.changes(facts.standing_measurements, start_of, thresholds)
