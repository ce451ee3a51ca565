"""What was recorded before (and after) a visit, for the rules and the hints of its form."""

import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from treatments.assessments.baseline import CourseStart, stage_baseline
from treatments.assessments.measurement_kinds import is_same_or_unknown_spot, is_same_spot
from treatments.assessments.models import Assessment, Measurement
from treatments.assessments.scales.catalogue import Grading
from treatments.courses.membership import Courses
from treatments.courses.models import Course, ExosomeSession
from treatments.patients.models import Patient
from treatments.records.partial_dates import PartialDate
from treatments.records.regions import Region
from treatments.records.text.text_folding import fold


def course_start(course: Course | None) -> CourseStart:
    """Where a course begins, for what counts as its baseline; without a course nothing does."""
    if course is None:
        return CourseStart()
    return CourseStart.of(course.when, ExosomeSession.objects.standing().filter(course=course).in_order())


def course_of(record: Assessment | Measurement) -> Course | None:
    """The course that a record belongs to: by its own link or that of its visit, else by its date."""
    courses = Courses(Course.objects.filter(patient_id=record.patient_id).order_by("baseline_on", "id"))
    visit = record.assessment.course_id if isinstance(record, Measurement) and record.assessment else None
    course: Course | None = courses.of(record.course_id, visit, when=record.when).course
    return course


def baseline_grading(
    patient: Patient, course: Course | None, *, scale: str, leaving_out: uuid.UUID
) -> Assessment | None:
    """The baseline stage of a course on a scale."""
    graded = Assessment.objects.standing().filter(patient=patient, scale=scale).exclude(stage="")
    return stage_baseline(graded.exclude(pk=leaving_out), course_start(course), scale=scale)


def graded_before(patient: Patient, when: PartialDate, *, pk: uuid.UUID) -> Assessment | None:
    """The last visit graded before this one; of one day the order is that of entry, as everywhere."""
    before = [each for each in _graded(patient, pk) if _place(each) < (when.earliest, pk)]
    return next(reversed(before), None)


def graded_after(patient: Patient, when: PartialDate, *, pk: uuid.UUID) -> Assessment | None:
    """The first visit graded after this one."""
    return next((each for each in _graded(patient, pk) if _place(each) > (when.earliest, pk)), None)


def _graded(patient: Patient, pk: uuid.UUID) -> Iterable[Assessment]:
    graded: Iterable[Assessment] = Assessment.objects.standing().filter(patient=patient).exclude(stage="").in_order()
    return [each for each in graded if each.pk != pk]


def _place(assessment: Assessment) -> tuple[object, uuid.UUID]:
    return assessment.assessed_on, assessment.pk


def grading(assessment: Assessment) -> Grading:
    return Grading(assessment.scale, assessment.stage)


def last_with(patient: Patient, column: str) -> Assessment | None:
    """The newest visit at which this column was filled in."""
    blank = [] if column == "regions" else ""
    visits = Assessment.objects.standing().filter(patient=patient).exclude(**{column: blank})
    newest: Assessment | None = visits.in_order().last()
    return newest


def last_measurement(patient: Patient) -> Measurement | None:
    """The newest measurement: where, how and with what the next one is likely to be made."""
    newest: Measurement | None = patient.measurements.standing().order_by("measured_on", "id").last()
    return newest


def measured_with(last: Measurement, *, most: int = 4) -> list[Measurement]:
    """What was measured on the day of a measurement, each quantity and place once, in the order of entry."""
    same_day = Measurement.objects.standing().filter(patient=last.patient_id, measured_on=last.measured_on)
    rows = {(each.kind, each.site, each.site_detail, each.method): each for each in same_day.order_by("id")}
    return [each for each in rows.values() if each.kind != "density_change_pct"][:most]


def usual_site(patient: Patient, last: Measurement | None) -> str:
    """Where the last measurement was made; else the region that is treated most; else where the hair is thin."""
    if last is not None:
        return str(last.site)
    newest = Course.objects.standing().filter(patient=patient).newest_first().first()
    volumes = newest.volumes_ml if newest else {}
    if volumes:
        return max(volumes, key=lambda region: (volumes[region], region == Region.VERTEX))
    thin = last_with(patient, "regions")
    regions = [str(region) for region in thin.regions] if thin else []
    return Region.VERTEX.value if Region.VERTEX in regions or not regions else regions[0]


def densities(patient: Patient) -> list[Measurement]:
    """Every hair count that stands, by date."""
    counts = Measurement.objects.standing().filter(patient=patient, kind="hair_density")
    return list(counts.order_by("measured_on", "id"))


_WHOLES = {"hair_density", "fu_density", "hairs_per_fu"}


def values_alike(
    patient: Patient, when: PartialDate, *, site: str, spot: str, method: str, device: str, leaving_out: uuid.UUID
) -> dict[str, Decimal]:
    """Single values measured that day in the same way at the same spot, by quantity: parts against their whole.

    Of values measured twice that day, the pair that contradicts least: the largest whole and the smallest part.
    """
    alike: Iterable[Any] = (
        Measurement.objects.standing()
        .filter(patient=patient, measured_on=when.earliest, site=site, method=method, value__isnull=False)
        .exclude(pk=leaving_out)
    )
    values: dict[str, Decimal] = {}
    for each in alike:
        if each.when == when and is_same_spot(each.site_detail, spot) and fold(each.device) == fold(device):
            value: Decimal = each.value
            most = max if each.kind in _WHOLES else min
            values[each.kind] = most(values.get(each.kind, value), value)
    return values


def was_counted_before(patient: Patient, when: PartialDate, *, site: str, spot: str, method: str) -> bool:
    """Whether hairs were counted by that method at that spot before a date: a change can then be computed."""
    counts = Measurement.objects.standing().filter(
        patient=patient, kind="hair_density", site=site, method=method, value__isnull=False
    )
    return any(each.when.possibly_before(when) and is_same_or_unknown_spot(each.site_detail, spot) for each in counts)
