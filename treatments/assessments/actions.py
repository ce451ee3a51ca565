"""How an assessment and its measurements get into the record, and what becomes of them there."""

import datetime
import uuid
from collections.abc import Iterable, Sequence
from typing import Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic.staff.models import User
from treatments.assessments.models import Assessment, Measurement
from treatments.assessments.next_visit import lock, recompute_next, update_last_seen
from treatments.assessments.outcomes.computing import bring_outcomes_in_line
from treatments.courses.computed_columns import bring_in_line
from treatments.courses.models import Course
from treatments.patients.actions import wait_for
from treatments.patients.models import Patient
from treatments.records.actions import CorrectionArguments, Passed, correct, insert, strike_out
from treatments.records.models import ClinicalRecord


def record_assessment(
    assessment: Assessment, *, measurements: Sequence[Measurement] = (), passed: Iterable[Passed] = (), by: User
) -> Assessment:
    """Write one grading visit, with the measurements made at it, all or nothing.

    Without a course it gets the one in whose time it falls; the measurements have that of the visit. Raises
    AlreadySaved for a used id, ValidationError when a measurement or the course is another patient's.
    """
    if assessment.course is None:
        assessment.course = Course.objects.on(assessment.patient, assessment.assessed)
    _require_same_patient(assessment, *measurements, assessment.course)

    def write_measurements(saved: Assessment) -> None:
        for measurement in measurements:
            measurement.assessment, measurement.course = saved, saved.course
            insert(measurement, event="recorded_measurement", by=by, detail={"kind": measurement.kind})
        bring_in_line(update_latest_stage, saved.patient_id)
        bring_in_line(_recompute_next, saved.patient_id, (saved.course_id,))

    detail = {"graded": bool(assessment.stage), "scale": assessment.scale}
    with transaction.atomic():
        _lock(assessment.patient_id, [assessment.course_id])
        event = "recorded_follow_up" if assessment.is_follow_up else "recorded_assessment"
        return insert(assessment, event=event, passed=passed, by=by, detail=detail, then=write_measurements)


def correct_assessment(assessment: Assessment, **correction: Unpack[CorrectionArguments]) -> Assessment:
    """Change what is recorded of a visit, with the values before. Its measurements follow a corrected date or course.

    Raises Conflict when somebody else changed it first, ValidationError when it was struck out.
    """
    _refuse_struck_out(assessment)
    _require_same_patient(assessment, correction["changes"].get("course"))
    day_before = (assessment.assessed_on, assessment.assessed_precision)
    to = correction["changes"].get("course", assessment.course)
    courses = {assessment.course_id, to.pk if to else None}

    def move_measurements(corrected: Assessment) -> None:
        corrected.refresh_from_db()
        if (corrected.assessed_on, corrected.assessed_precision) != day_before:
            _move_measurements(corrected, *day_before, reason=correction["reason"], by=correction["by"])
        corrected.measurements.update(course=corrected.course_id)
        update_latest_stage(corrected.patient_id)
        _recompute_next(corrected.patient_id, courses)

    with transaction.atomic():
        _lock(assessment.patient_id, courses)
        return correct(assessment, then=move_measurements, **correction)


def strike_out_assessment(assessment: Assessment, *, reason: str, expected_version: int, by: User) -> Assessment:
    """Mark a visit as entered in error, and with it the measurements that were entered as part of it."""

    def strike_out_measurements(struck_out: Assessment) -> None:
        for measurement in struck_out.measurements.standing().order_by("id"):
            strike_out(measurement, reason=reason, expected_version=measurement.version, by=by)
        update_latest_stage(struck_out.patient_id)
        _recompute_next(struck_out.patient_id, [struck_out.course_id])

    with transaction.atomic():
        _lock(assessment.patient_id, [assessment.course_id])
        return strike_out(
            assessment, reason=reason, expected_version=expected_version, by=by, then=strike_out_measurements
        )


def record_measurement(
    measurement: Measurement, *, more: Sequence[Measurement] = (), passed: Iterable[Passed] = (), by: User
) -> Measurement:
    """Write a measurement, of an assessment or on its own, and `more` of the same visit, all or nothing.

    It belongs to the course of its assessment; on its own to the one given, else to the one in whose time it falls.
    Raises AlreadySaved, ValidationError as above.
    """
    if measurement.assessment is not None:
        measurement.course = measurement.assessment.course
    elif measurement.course is None:
        measurement.course = Course.objects.on(measurement.patient, measurement.measured)
    _require_same_patient(measurement, *more, measurement.assessment, measurement.course)

    def write_more(saved: Measurement) -> None:
        for each in more:
            each.assessment, each.course = saved.assessment, saved.course
            insert(each, event="recorded_measurement", by=by, detail={"kind": each.kind})
        bring_outcomes_in_line(saved.patient_id)

    detail = {"kind": measurement.kind}
    return insert(measurement, event="recorded_measurement", passed=passed, by=by, detail=detail, then=write_more)


def correct_measurement(measurement: Measurement, **correction: Unpack[CorrectionArguments]) -> Measurement:
    """Raises Conflict when somebody else changed it first, ValidationError when it was struck out."""
    _refuse_struck_out(measurement)
    _require_same_patient(measurement, correction["changes"].get("course"))
    return correct(measurement, then=_recompute_outcomes, **correction)


def strike_out_measurement(measurement: Measurement, *, reason: str, expected_version: int, by: User) -> Measurement:
    """Mark a measurement as entered in error; what rested on it is worked out anew. Raises Conflict."""
    return strike_out(measurement, reason=reason, expected_version=expected_version, by=by, then=_recompute_outcomes)


def _recompute_outcomes(measurement: Measurement) -> None:
    bring_outcomes_in_line(measurement.patient_id)


def _lock(patient_id: uuid.UUID, courses: Iterable[uuid.UUID | None]) -> None:
    """In the order of every writer of visits: the patient, then the courses by id."""
    wait_for(patient_id)
    for course_id in sorted(filter(None, courses)):
        lock(course_id)


def _recompute_next(patient_id: uuid.UUID, courses: Iterable[uuid.UUID | None]) -> None:
    """A visit is what a follow-up waits for. Of one without a course the outcomes may change all the same."""
    known = sorted(filter(None, courses))
    for course_id in known:
        recompute_next(course_id)
    if not known:
        bring_outcomes_in_line(patient_id)


def update_latest_stage(patient_id: uuid.UUID) -> None:
    """The patient's stage in the lists is that of the newest visit that was graded; and when they were seen last."""
    patient = Patient.objects.filter(pk=patient_id)
    # Two visits written at once must not leave the stage of the older one: the second waits for the first.
    patient.select_for_update(no_key=True).first()
    graded = Assessment.objects.standing().filter(patient_id=patient_id).exclude(stage="")
    newest = graded.in_order().last()
    patient.update(latest_stage=newest.stage_text if newest else "")
    update_last_seen(patient_id)


def _move_measurements(
    assessment: Assessment, day_before: datetime.date, precision_before: str, *, reason: str, by: User
) -> None:
    """Measurements entered under the visit's old date were made at the visit, so they move with it."""
    measurements = assessment.measurements.standing()
    made_then = measurements.filter(measured_on=day_before, measured_precision=precision_before)
    day = {"measured_on": assessment.assessed_on, "measured_precision": assessment.assessed_precision}
    for measurement in made_then.order_by("id"):
        correct(measurement, changes=day, reason=reason, expected_version=measurement.version, by=by)


def _refuse_struck_out(record: ClinicalRecord) -> None:
    if record.is_struck_out:
        raise ValidationError("This was struck out as entered in error and cannot be changed. Enter a new record.")


def _require_same_patient(record: Assessment | Measurement, *others: Assessment | Measurement | Course | None) -> None:
    patient_ids: set[uuid.UUID] = {other.patient_id for other in (record, *others) if other is not None}
    if len(patient_ids) > 1:
        raise ValidationError(
            "The parts of this entry belong to different patients. Go back to the patient’s page and begin again."
        )
