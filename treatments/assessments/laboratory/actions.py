"""How laboratory reports get into the record, what becomes of them there, and which tests a clinic lists."""

from collections.abc import Iterable, Sequence
from typing import Unpack

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.audit import log
from clinic.staff.models import User
from treatments.assessments.laboratory.models import LaboratoryReport, LaboratoryResult, LaboratoryTest
from treatments.courses.models import Course
from treatments.patients.actions import wait_for
from treatments.records.actions import CorrectionArguments, Passed, correct, insert, strike_out
from treatments.records.formatting import listed

LISTED_ALREADY = "A test with this name is already listed. Use that one, or give this one a different name."


def record_report(
    report: LaboratoryReport, *, results: Sequence[LaboratoryResult], passed: Iterable[Passed] = (), by: User
) -> LaboratoryReport:
    """Write a report with all of its values, all or nothing. Without a course it gets the one in whose time it falls.

    Raises AlreadySaved for a used id; ValidationError for a report without a value, and when the course or a test is
    somebody else's.
    """
    if not results:
        raise ValidationError("Write at least one value.")
    if report.course is None:
        report.course = Course.objects.on(report.patient, report.sampled)
    _require_own(report, results)

    def write_results(saved: LaboratoryReport) -> None:
        for result in results:
            result.report, result.clinic, result.patient = saved, saved.clinic, saved.patient
            result.created_by, result.created_at = by, saved.created_at
        LaboratoryResult.objects.bulk_create(results)

    return insert(
        report, event="recorded_laboratory", passed=passed, by=by, then=write_results, detail={"values": len(results)}
    )


def add_results(
    report: LaboratoryReport, *, results: Sequence[LaboratoryResult], passed: Iterable[Passed] = (), by: User
) -> LaboratoryResult:
    """Write values that arrived after their report was saved, all or nothing; each keeps who added it, and when.

    The first one's id tells a repeated submit. Raises AlreadySaved for a used id; ValidationError when the report was
    struck out or moved since, has a value of one of these tests, or a test is another clinic's.
    """
    if not results:
        raise ValidationError("Write at least one value.")
    _require_own(report, results)
    first, *others = results

    def write_others(saved: LaboratoryResult) -> None:
        for each in others:
            each.report, each.clinic, each.patient = report, report.clinic, report.patient
            each.created_by, each.created_at = by, saved.created_at
        LaboratoryResult.objects.bulk_create(others)

    with transaction.atomic():
        wait_for(report.patient_id)
        if not LaboratoryResult.objects.filter(pk=first.pk).exists():
            _refuse_value_twice(report, results)
        detail = {"values": len(results), "report": str(report.pk)}
        return insert(first, event="added_laboratory_values", passed=passed, by=by, then=write_others, detail=detail)


def _refuse_value_twice(report: LaboratoryReport, results: Sequence[LaboratoryResult]) -> None:
    """Looked at once nobody else can write to the record."""
    current = LaboratoryReport.objects.get(pk=report.pk)
    if current.is_struck_out or current.patient_id != report.patient_id:
        raise ValidationError("This report was struck out or moved to another patient since. Open the record again.")
    there = {each.of: each for each in current.results.standing().select_related("test", "report")}
    if twice := [there[each.of] for each in results if each.of in there]:
        raise ValidationError(f"{listed([str(each) for each in twice])} is on this report already. Correct it there.")


def correct_report(report: LaboratoryReport, **correction: Unpack[CorrectionArguments]) -> LaboratoryReport:
    """Change date, laboratory, note or course of a report; its values follow. Raises Conflict, ValidationError."""
    course: Course | None = correction["changes"].get("course")
    if course is not None and course.patient_id != report.patient_id:
        raise ValidationError("This course is another patient’s. Choose again.")
    return correct(report, **correction)


def strike_out_report(report: LaboratoryReport, *, reason: str, expected_version: int, by: User) -> LaboratoryReport:
    """Mark a report as entered in error, and its values with it."""

    def strike_out_results(struck_out: LaboratoryReport) -> None:
        for result in struck_out.results.standing().order_by("id"):
            strike_out(result, reason=reason, expected_version=result.version, by=by)

    return strike_out(report, reason=reason, expected_version=expected_version, by=by, then=strike_out_results)


def list_test(test: LaboratoryTest, *, passed: Iterable[Passed] = (), by: User) -> LaboratoryTest:
    """Add a test to the clinic's list. Raises ValidationError for a name in use, AlreadySaved for a used id."""
    try:
        return insert(test, event="listed_laboratory_test", passed=passed, by=by)
    except (IntegrityError, ValidationError) as error:
        _refuse_name_in_use(test, test.name, error)
        raise


def correct_test(test: LaboratoryTest, **correction: Unpack[CorrectionArguments]) -> LaboratoryTest:
    """Change a test's name, or its unit as long as nothing was measured in it. Raises Conflict, ValidationError."""
    unit = correction["changes"].get("unit", test.unit)
    if unit != test.unit and test.results.exists():
        raise ValidationError({"unit": "Values are recorded in this unit. Add a second test for the other unit."})
    try:
        return correct(test, **correction)
    except (IntegrityError, ValidationError) as error:
        _refuse_name_in_use(test, correction["changes"].get("name", test.name), error)
        raise


def offer_test(test: LaboratoryTest, *, offered: bool, by: User) -> LaboratoryTest:
    """Offer a test for new reports, or no more; what was measured stays. Asked for what is so already, nothing is
    written."""
    if (test.archived_at is None) == offered:
        return test
    with transaction.atomic():
        LaboratoryTest.objects.filter(pk=test.pk).update(archived_at=None if offered else timezone.now())
        log.record("restored" if offered else "archived", by=by, clinic=test.clinic, target=test)
    test.refresh_from_db()
    return test


def _refuse_name_in_use(test: LaboratoryTest, name: str, error: Exception) -> None:
    if LaboratoryTest.objects.of(test.clinic).filter(name=name).exclude(pk=test.pk).exists():
        raise ValidationError({"name": LISTED_ALREADY}) from error


def _require_own(report: LaboratoryReport, results: Sequence[LaboratoryResult]) -> None:
    if report.course is not None and report.course.patient_id != report.patient_id:
        raise ValidationError("This course is another patient’s. Choose again.")
    if any(result.test is not None and result.test.clinic_id != report.clinic_id for result in results):
        raise ValidationError("One of the tests is another clinic’s. Open the form again.")
