"""An examination, with what the desk learns of it: whoever was booked for that day came."""

from typing import Any, Unpack

from django.db import transaction

from clinic.staff.models import User
from treatments.appointments import attendance
from treatments.assessments import actions
from treatments.assessments.models import Assessment
from treatments.courses.computed_columns import bring_in_line
from treatments.records.actions import CorrectionArguments


def record_assessment(assessment: Assessment, *, by: User, **more: Any) -> Assessment:
    """As `assessments.actions` does."""
    with transaction.atomic():
        saved = actions.record_assessment(assessment, by=by, **more)
        bring_in_line(attendance.settle, saved.patient_id, by=by)
    return saved


def correct_assessment(assessment: Assessment, **correction: Unpack[CorrectionArguments]) -> Assessment:
    """As `assessments.actions` does; with its day the booking that it keeps is another one."""
    with transaction.atomic():
        corrected = actions.correct_assessment(assessment, **correction)
        attendance.settle(corrected.patient_id, by=correction["by"])
    return corrected


def strike_out_assessment(assessment: Assessment, *, reason: str, expected_version: int, by: User) -> Assessment:
    """As `assessments.actions` does; the booking of that day is open again."""
    with transaction.atomic():
        struck_out = actions.strike_out_assessment(assessment, reason=reason, expected_version=expected_version, by=by)
        attendance.settle(struck_out.patient_id, by=by)
    return struck_out
