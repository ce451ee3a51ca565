import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from treatments.assessments import actions
from treatments.models import Assessment, Correction, Measurement, PassedWarning
from treatments.records.actions import AlreadySaved, Conflict, Passed, strike_out

DAY = datetime.date(2025, 1, 14)


def visit(cast: Cast, **fields: object) -> Assessment:
    values = {"assessed_on": DAY, "scale": "norwood_1975", "stage": "III-vertex", "submission": "a", **fields}
    return Assessment(clinic=cast.clinic, patient=cast.patient, **values)


def density(cast: Cast, **fields: object) -> Measurement:
    values = {"measured_on": DAY, "kind": "density_change_pct", "low": 20, "high": 25, "site": "vertex", **fields}
    method = "clinician_visual_estimate"
    return Measurement(**{"clinic": cast.clinic, "patient": cast.patient, "method": method, **values})


def test_visit_is_written_with_all_its_parts(cast: Cast) -> None:
    """A visit, its measurement, its trail and the patient's stage are written together."""
    assessment = actions.record_assessment(visit(cast), measurements=[density(cast)], by=cast.clinician)

    assert assessment.measurements.get().shown == "+20–25 %"
    cast.patient.refresh_from_db()
    assert cast.patient.latest_stage == "Norwood III vertex"
    events = AuditEvent.objects.filter(patient_id=cast.patient.pk).values_list("action", flat=True)
    assert sorted(events) == ["recorded_assessment", "recorded_measurement"]


def test_failing_measurement_writes_nothing(cast: Cast) -> None:
    """Nothing is written when the measurement cannot be."""
    somebody_else = factories.patient(cast.clinic)
    with pytest.raises(ValidationError):
        actions.record_assessment(visit(cast), measurements=[density(cast, patient=somebody_else)], by=cast.clinician)
    with pytest.raises(ValidationError):
        actions.record_assessment(visit(cast), measurements=[density(cast, low=None)], by=cast.clinician)
    assert not Assessment.objects.exists()
    cast.patient.refresh_from_db()
    assert cast.patient.latest_stage == ""
    assert not AuditEvent.objects.filter(action__startswith="recorded").exists()


def test_passed_warnings_stay_with_the_visit(cast: Cast) -> None:
    """Warnings that were passed are stored with the visit."""
    passed = [Passed("6", "The stage improved early.", "two photos compared")]
    assessment = actions.record_assessment(visit(cast), passed=passed, by=cast.clinician)
    assert PassedWarning.objects.get(record_id=assessment.pk).reason == "two photos compared"


def test_same_submit_twice_is_one_visit(cast: Cast) -> None:
    """The same submit twice is one visit, and other content is refused."""
    first = actions.record_assessment(visit(cast), measurements=[density(cast)], by=cast.clinician)
    again = actions.record_assessment(visit(cast, id=first.pk), measurements=[density(cast)], by=cast.clinician)
    assert again.pk == first.pk
    assert Assessment.objects.count() == Measurement.objects.count() == 1
    with pytest.raises(AlreadySaved):
        actions.record_assessment(visit(cast, id=first.pk, submission="b", stage="IV"), by=cast.clinician)
    assert Assessment.objects.get().stage == "III-vertex"


def test_visit_without_a_grade_leaves_stage(cast: Cast) -> None:
    """A visit without a grade leaves the last stage in the lists."""
    actions.record_assessment(visit(cast), by=cast.clinician)
    later = visit(cast, assessed_on=DAY + datetime.timedelta(days=90), scale="", stage="")
    assessment = actions.record_assessment(later, by=cast.clinician)
    cast.patient.refresh_from_db()
    assert (assessment.stage, assessment.stage_text, cast.patient.latest_stage) == ("", "", "Norwood III vertex")


def test_late_entry_is_not_the_latest_stage(cast: Cast) -> None:
    """An older visit entered later does not become the latest stage."""
    actions.record_assessment(visit(cast), by=cast.clinician)
    older = visit(cast, assessed_on=DAY - datetime.timedelta(days=400), stage="II")
    actions.record_assessment(older, by=cast.clinician)
    cast.patient.refresh_from_db()
    assert cast.patient.latest_stage == "Norwood III vertex"


def test_struck_out_grade_gives_the_former(cast: Cast) -> None:
    """Striking out the latest grade gives the lists the one before."""
    actions.record_assessment(visit(cast, stage="II"), by=cast.clinician)
    later = visit(cast, assessed_on=DAY + datetime.timedelta(days=90), stage="IV")
    assessment = actions.record_assessment(later, measurements=[density(cast)], by=cast.clinician)
    actions.strike_out_assessment(assessment, reason="wrong patient", expected_version=1, by=cast.clinician)

    cast.patient.refresh_from_db()
    assert cast.patient.latest_stage == "Norwood II"
    measurement = Measurement.objects.get()
    assert measurement.is_struck_out
    assert measurement.struck_out_reason == "wrong patient"


def test_struck_out_only_grade_leaves_none(cast: Cast) -> None:
    """Striking out the only grade leaves no stage."""
    assessment = actions.record_assessment(visit(cast), by=cast.clinician)
    actions.strike_out_assessment(assessment, reason="never happened", expected_version=1, by=cast.clinician)
    cast.patient.refresh_from_db()
    assert cast.patient.latest_stage == ""


def test_correction_moves_the_listed_stage(cast: Cast) -> None:
    """A correction keeps the value before and moves the stage in the lists."""
    assessment = actions.record_assessment(visit(cast), by=cast.clinician)
    actions.correct_assessment(
        assessment, changes={"stage": "IV"}, reason="misread the drawing", expected_version=1, by=cast.clinician
    )
    change = Correction.objects.get().changes[0]
    assert (change["before"], change["after"]) == ("III-vertex", "IV")
    cast.patient.refresh_from_db()
    assert cast.patient.latest_stage == "Norwood IV"


def test_measurements_follow_the_visits_date(cast: Cast) -> None:
    """Measurements of a visit follow its corrected date, and others stay."""
    assessment = actions.record_assessment(visit(cast), measurements=[density(cast)], by=cast.clinician)
    week_later = DAY + datetime.timedelta(days=7)
    later = actions.record_measurement(density(cast, assessment=assessment, measured_on=week_later), by=cast.clinician)
    new_day = DAY + datetime.timedelta(days=1)
    actions.correct_assessment(
        assessment, changes={"assessed_on": new_day}, reason="a day off", expected_version=1, by=cast.clinician
    )
    assert set(Measurement.objects.values_list("measured_on", flat=True)) == {new_day, week_later}
    assert Correction.objects.filter(record_type="measurement").count() == 1
    assert Measurement.objects.get(pk=later.pk).version == 1


def test_second_correction_changes_nothing(cast: Cast) -> None:
    """Who corrects second is refused with a sentence and changes nothing."""
    assessment = actions.record_assessment(visit(cast), by=cast.clinician)
    why = {"reason": "misread", "expected_version": 1}
    actions.correct_assessment(assessment, changes={"stage": "IV"}, by=cast.clinician, **why)
    stale = Assessment.objects.get(pk=assessment.pk)
    with pytest.raises(Conflict):
        actions.correct_assessment(stale, changes={"stage": "V"}, by=cast.nurse, **why)
    assert Assessment.objects.get().stage == "IV"


def test_struck_out_visit_is_not_corrected(cast: Cast) -> None:
    """What was struck out is not corrected any more."""
    assessment = actions.record_assessment(visit(cast), measurements=[density(cast)], by=cast.clinician)
    actions.strike_out_assessment(assessment, reason="wrong patient", expected_version=1, by=cast.clinician)
    why = {"reason": "misread", "expected_version": 2, "by": cast.clinician}
    with pytest.raises(ValidationError):
        actions.correct_assessment(assessment, changes={"stage": "IV"}, **why)
    with pytest.raises(ValidationError):
        actions.correct_measurement(Measurement.objects.get(), changes={"low": Decimal(10)}, **why)


def test_measurement_is_corrected_alone(cast: Cast) -> None:
    """A measurement is corrected and struck out on its own."""
    measurement = actions.record_measurement(density(cast), by=cast.nurse)
    actions.correct_measurement(
        measurement, changes={"low": Decimal(15)}, reason="typed wrongly", expected_version=1, by=cast.nurse
    )
    assert Measurement.objects.get().shown == "+15–25 %"
    strike_out(measurement, reason="another patient's", expected_version=2, by=cast.nurse)
    assert Measurement.objects.get().is_struck_out
