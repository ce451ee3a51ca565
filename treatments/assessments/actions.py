"""How an assessment and its measurements get into the record, and what becomes of them there."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from treatments.assessments.models import Assessment, Measurement
from treatments.patients.models import Patient
from treatments.records.actions import Passed, correct, insert, strike_out
from treatments.records.models import ClinicalRecord


def record_assessment(
    assessment: Assessment, *, measurement: Measurement | None = None, passed: Iterable[Passed] = (), by: Any
) -> Assessment:
    """Write one grading visit, with the measurement made at it, all or nothing.

    Raises AlreadySaved for a used id, ValidationError when the measurement or the course is another patient's.
    """
    _same_patient(assessment.patient_id, measurement, assessment.course)

    def write_what_belongs_to_it(kept: Assessment) -> None:
        if measurement is not None:
            measurement.assessment = kept
            insert(measurement, event="recorded_measurement", by=by, detail={"kind": measurement.kind})
        _keep_latest_stage(kept.patient_id)

    detail = {"graded": bool(assessment.stage), "scale": assessment.scale}
    return insert(
        assessment, event="recorded_assessment", passed=passed, by=by, detail=detail, then=write_what_belongs_to_it
    )


def correct_assessment(
    assessment: Assessment,
    *,
    changes: dict[str, Any],
    reason: str,
    expected_version: int,
    passed: Iterable[Passed] = (),
    by: Any,
) -> Assessment:
    """Change what is recorded of a visit, with the values before. Its measurements follow a corrected date.

    Raises Conflict when somebody else changed it first, ValidationError when it was struck out.
    """
    _standing(assessment)
    day = (assessment.assessed_on, assessment.assessed_precision)

    def follow(kept: Assessment) -> None:
        kept.refresh_from_db()
        if (kept.assessed_on, kept.assessed_precision) != day:
            _move_measurements(kept, day, reason=reason, by=by)
        _keep_latest_stage(kept.patient_id)

    return correct(
        assessment,
        changes=changes,
        reason=reason,
        expected_version=expected_version,
        passed=passed,
        by=by,
        then=follow,
    )


def strike_out_assessment(assessment: Assessment, *, reason: str, expected_version: int, by: Any) -> Assessment:
    """Mark a visit as entered in error, and with it the measurements that were entered as part of it."""

    def strike_measurements(kept: Assessment) -> None:
        for each in kept.measurements.standing().order_by("id"):
            strike_out(each, reason=reason, expected_version=each.version, by=by)
        _keep_latest_stage(kept.patient_id)

    return strike_out(assessment, reason=reason, expected_version=expected_version, by=by, then=strike_measurements)


def record_measurement(measurement: Measurement, *, passed: Iterable[Passed] = (), by: Any) -> Measurement:
    """Write a measurement, of an assessment or on its own. Raises AlreadySaved, ValidationError as above."""
    _same_patient(measurement.patient_id, measurement.assessment)
    return insert(measurement, event="recorded_measurement", passed=passed, by=by, detail={"kind": measurement.kind})


def correct_measurement(
    measurement: Measurement,
    *,
    changes: dict[str, Any],
    reason: str,
    expected_version: int,
    passed: Iterable[Passed] = (),
    by: Any,
) -> Measurement:
    """Raises Conflict when somebody else changed it first, ValidationError when it was struck out."""
    _standing(measurement)
    return correct(measurement, changes=changes, reason=reason, expected_version=expected_version, passed=passed, by=by)


def strike_out_measurement(measurement: Measurement, *, reason: str, expected_version: int, by: Any) -> Measurement:
    return strike_out(measurement, reason=reason, expected_version=expected_version, by=by)


def _keep_latest_stage(patient_id: Any) -> None:
    """The patient's stage in the lists is that of the newest visit that stands and was graded."""
    # Two visits written at once must not leave the stage of the older one: the second waits for the first.
    Patient.objects.select_for_update().filter(pk=patient_id).first()
    newest = Assessment.objects.standing().filter(patient_id=patient_id).exclude(stage="").in_order().last()
    Patient.objects.filter(pk=patient_id).update(latest_stage=newest.stage_text if newest else "")


def _move_measurements(assessment: Assessment, day_before: tuple[Any, str], *, reason: str, by: Any) -> None:
    """Measurements entered under the visit's old date were made at the visit, so they move with it."""
    made_then = assessment.measurements.standing().filter(measured_on=day_before[0], measured_precision=day_before[1])
    day = {"measured_on": assessment.assessed_on, "measured_precision": assessment.assessed_precision}
    for each in made_then.order_by("id"):
        correct(each, changes=day, reason=reason, expected_version=each.version, by=by)


def _standing(record: ClinicalRecord) -> None:
    if record.is_struck_out:
        raise ValidationError("This was struck out as entered in error, and is not changed any more. Record it anew.")


def _same_patient(patient_id: Any, *others: Any) -> None:
    if any(other is not None and other.patient_id != patient_id for other in others):
        raise ValidationError("The parts of this entry belong to different patients. Open the patient again.")
