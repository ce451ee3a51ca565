"""On which step of the ladder a course stands at a Month, and which count is taken."""

import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.people import Cast
from treatments.assessments.measurements import visibility
from treatments.assessments.outcomes import rules
from treatments.assessments.outcomes.computing import store
from treatments.models import CourseOutcome, Therapy
from treatments.records.partial_dates import PartialDate

BEGUN = datetime.date(2025, 1, 31)
MONTH_3 = datetime.date(2025, 4, 30)


@pytest.fixture
def course(cast: Cast) -> Any:
    course = factories.course(cast.patient, baseline_on=BEGUN)
    factories.exosome_session(course, reactions="none")
    return course


def counted(course: Any, day: datetime.date, value: int, **more: Any) -> Any:
    told = {"area_cm2": Decimal(1), "is_same_spot": True, **more}
    return factories.measurement(course.patient, course=course, measured_on=day, value=Decimal(value), **told)


def at(course: Any, month: int = 3) -> CourseOutcome:
    store([course.patient_id])
    return CourseOutcome.objects.get(course=course, month=month)


@pytest.mark.parametrize(("day", "rung"), [(20, "analysed"), (19, "outside"), (30, "analysed")])
def test_the_window_has_ten_days(course: Any, day: int, rung: str) -> None:
    """From 31 January, Month 3 is 30 April."""
    counted(course, BEGUN, 100)
    counted(course, datetime.date(2025, 4, day), 120)

    row = at(course)

    assert row.rung == rung
    assert (row.window_from, row.window_until) == (datetime.date(2025, 4, 20), datetime.date(2025, 5, 10))


def test_a_visit_known_to_a_month_is_unsure(course: Any) -> None:
    factories.assessment(course.patient, course=course, assessed_on="2025-04-01", assessed_precision="month")

    assert at(course).rung == "unsure"


def test_nobody_seen(course: Any) -> None:
    assert [at(course, month).rung for month in (0, 3, 6, 12)] == ["course", "not_seen", "not_seen", "not_seen"]


def test_assessed_without_a_count(course: Any) -> None:
    factories.assessment(course.patient, course=course, assessed_on=BEGUN, stage="IV")
    factories.assessment(course.patient, course=course, assessed_on=MONTH_3, stage="III", patient_change=1)

    row = at(course)

    assert (row.rung, row.baseline_stage, row.stage, row.patient_change) == ("not_measured", "IV", "III", 1)


def test_an_estimate_is_no_figure(course: Any) -> None:
    counted(course, BEGUN, 100)
    told = {"kind": "density_change_pct", "low": Decimal(20), "high": Decimal(25)}
    method = "clinician_visual_estimate"
    factories.measurement(course.patient, course=course, measured_on=MONTH_3, method=method, **told)

    row = at(course)

    assert (row.rung, row.before, row.log_ratio) == ("estimate", None, None)


def test_why_counts_are_not_comparable(course: Any) -> None:
    counted(course, BEGUN, 100, device="One")
    counted(course, MONTH_3, 120, device="Another")

    row = at(course)

    assert (row.rung, row.reason) == ("not_comparable", "device differs")


def test_a_count_without_baseline(course: Any) -> None:
    counted(course, MONTH_3, 120)

    assert (at(course).rung, at(course).reason) == ("not_comparable", rules.NO_BASELINE)


def test_the_matched_spot_is_taken(course: Any) -> None:
    counted(course, BEGUN, 100, site="vertex")
    counted(course, BEGUN, 100, site="frontal")
    counted(course, MONTH_3, 150, site="frontal", is_same_spot=None)
    counted(course, MONTH_3 + datetime.timedelta(days=4), 120, site="vertex")

    row = at(course)

    assert (row.site, row.after, row.further_counts, row.is_matched_spot) == ("vertex", 120, 1, True)


def test_another_treatment_beside(course: Any, cast: Cast) -> None:
    counted(course, BEGUN, 100)
    counted(course, MONTH_3, 120)
    base = {"clinic": cast.clinic, "created_by": cast.clinician, "patient": course.patient}
    Therapy.objects.create(kind="finasteride_oral", started=PartialDate("2025-02"), **base)

    assert at(course).other_treatment == "certain"


def test_a_course_struck_out_has_one_row(course: Any, cast: Cast) -> None:
    told = {"struck_out_at": "2025-06-01T10:00Z", "struck_out_by": cast.manager, "struck_out_reason": "Twice"}
    type(course).objects.filter(pk=course.pk).update(**told)
    store([course.patient_id])

    assert list(CourseOutcome.objects.values_list("month", "is_struck_out", "place")) == [(0, True, None)]


def test_places_of_two_courses(course: Any, cast: Cast) -> None:
    later = factories.course(cast.patient, baseline_on=datetime.date(2025, 9, 1))
    factories.exosome_session(later)
    factories.course(cast.patient, baseline_on=datetime.date(2025, 12, 1))
    store([cast.patient.pk])

    rows = CourseOutcome.objects.filter(month=0).order_by("course__baseline_on")
    assert list(rows.values_list("place", flat=True)) == [1, 2, None]


def test_errors_of_small_counts_agree() -> None:
    """The rule stands below the one that judges a patient: the two must say the same."""
    assert (rules.REFERENCE_HAIRS, rules.FEWEST_HAIRS) == (visibility.REFERENCE_HAIRS, visibility.FEWEST_HAIRS)
    for before, after in ((None, None), (40.0, 60.0), (150.0, 20.0), (None, 30.0)):
        assert rules.chance_variance(before, after) == visibility.Counted(before, after).chance_variance
    assert rules.chance_variance(9.0, 100.0) is None
    assert visibility.Counted(9.0, 100.0).why_no_interval
