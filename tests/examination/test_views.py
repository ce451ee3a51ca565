import datetime
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.audit.models import AuditEvent
from tests import factories
from tests.html_forms import reasons_asked_for
from tests.people import Cast
from treatments.models import Assessment, Correction, Measurement, PassedWarning
from treatments.records.ids import new_id

pytestmark = pytest.mark.any_database


def page(name: str, cast: Cast, *ids: Any) -> str:
    return reverse(
        f"{'assessments' if name.startswith('measure') else 'examination'}:{name}", args=[cast.patient.pk, *ids]
    )


def posted(**fields: Any) -> dict[str, Any]:
    return {"id": str(new_id()), "when": "14 Jan 2025", "grade": "norwood_1975:III-vertex", "_sentinel": "1", **fields}


def save(cast: Cast, **fields: Any) -> Assessment:
    answer = cast.client(cast.clinician).post(page("record", cast), posted(**fields))
    assert answer.status_code == 302, answer.content.decode()
    assessment: Assessment = Assessment.objects.latest("created_at")
    return assessment


@pytest.fixture
def published_course(cast: Cast) -> Cast:
    factories.course(cast.patient, baseline_on=datetime.date(2025, 1, 1), baseline_precision="month")
    return cast


def test_published_case_can_be_entered(published_course: Cast) -> None:
    """The published case can be entered as it was published."""
    cast = published_course
    first = save(
        cast,
        when="January 2025",
        regions=["vertex", "temporal_left", "temporal_right"],
        examination="Thinning at the crown and vertex, recession at the temples. Scalp visible through the crown.",
        lighting="bright_overhead",
        finding_erythema="0",
        pull_result="negative",
        fitzpatrick="III",
        diagnosis="male_pattern",
        diagnosis_note="Clinical; no laboratory tests or histopathology.",
    )
    third = save(cast, when="April 2025", grade="none", change_seen="Noticeable thickening at the crown and vertex.")
    fifth = save(
        cast,
        when="June 2025",
        grade="none",
        change_seen="Scalp less visible than at the baseline.",
        lighting="standard_room",
        patient_words="He has more hair, happy with the improvements.",
        safety_negatives=["allergic_reaction", "severe_systemic", "long_term_effect"],
        **{"m-kind": "density_change_pct", "m-low": "20", "m-high": "25", "m-site": "vertex"},
        **{"m-method": "clinician_visual_estimate"},
    )
    assert first.stage_text == "Norwood III vertex"
    assert first.assessed.label() == "Jan 2025"
    assert first.course is not None
    assert first.finding_sentences == [
        "Thin at left temple, right temple and vertex",
        "No redness",
        "Pull test negative",
        "Fitzpatrick III",
    ]
    assert (first.pull_grasped, first.global_change, first.satisfaction) == (None, None, None)
    assert third.stage == fifth.stage == ""
    assert fifth.measurements.get().shown == "+20–25 %"
    assert fifth.negatives[0] == "No allergic reaction"
    assert not PassedWarning.objects.exists()
    cast.patient.refresh_from_db()
    assert cast.patient.latest_stage == "Norwood III vertex"


def test_drawings_for_this_sex_come_first(cast: Cast) -> None:
    """Drawings of the scale for this sex come first."""
    client = cast.client(cast.clinician)
    body = client.get(page("record", cast)).content.decode()
    assert "drawings/norwood-III-vertex-top.svg" in body
    assert body.index("Hamilton-Norwood") < body.index("Another scale") < body.index("Sinclair, modified for men")
    cast.patient.sex = "female"
    cast.patient.save()
    body = client.get(page("record", cast)).content.decode()
    assert body.index("drawings/sinclair-1.svg") < body.index("Another scale") < body.index("Hamilton-Norwood")


def test_nothing_is_chosen_beforehand(cast: Cast) -> None:
    """Nothing is chosen beforehand: last time's stage is offered to be confirmed, and never taken over."""
    factories.assessment(cast.patient, stage="IV")
    body = cast.client(cast.clinician).get(page("record", cast)).content.decode()
    assert re.search(r"<input[^>]*name=\"grade\"[^>]*checked", body) is None
    assert "Same as last time: Norwood IV" in body


def test_last_stage_before_the_typed_day(cast: Cast) -> None:
    """Last time's stage is the one before the day that was typed."""
    factories.assessment(cast.patient, stage="V", assessed_on=datetime.date(2025, 6, 1))
    factories.assessment(cast.patient, stage="IV", assessed_on=datetime.date(2024, 6, 1))
    answer = cast.client(cast.clinician).post(page("record", cast), posted(grade=""))
    assert answer.status_code == 422
    assert "Norwood IV<" in answer.content.decode()
    assert "Norwood V<" not in answer.content.decode()


def test_refusal_leaves_everything_typed(cast: Cast) -> None:
    """A refusal keeps everything typed and names what to do."""
    fields = posted(grade="", examination="Thinning at the crown", finding_scaling="2")
    fields |= {"m-low": "20", "m-kind": "density_change_pct", "m-site": "vertex", "m-method": "phototrichogram"}
    answer = cast.client(cast.clinician).post(page("record", cast), fields)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert not Assessment.objects.exists()
    assert "Choose a stage, or “Not graded this time”" in body
    assert "Measurement, to: A range needs both numbers." in body
    assert "Thinning at the crown" in body
    assert re.search(r"name=\"finding_scaling\" value=\"2\"[^>]*checked", body)
    assert 'name="m-low" value="20"' in body


def test_unused_measurement_lacks_nothing(cast: Cast) -> None:
    """Where the visit itself is refused, only the rows that were typed into say what they lack."""
    client, where = cast.client(cast.clinician), page("record", cast)
    body = client.post(where, posted(grade="")).content.decode()
    assert "Choose a stage" in body and "Choose what was measured" not in body and "Choose how" not in body
    rows = client.post(where, posted(grade="", **{"m-value": "120"})).context["form"].rows
    assert "kind" in rows[0].errors and not any(row.errors for row in rows[1:])


def test_saving_twice_is_one_visit(cast: Cast) -> None:
    """Saving twice keeps one visit, and other content under its id is shown."""
    client, fields = cast.client(cast.clinician), posted(examination="Thinning at the crown")
    first, again = (client.post(page("record", cast), fields) for _ in range(2))
    assert first.url == again.url
    assert Assessment.objects.count() == 1
    other = client.post(page("record", cast), {**fields, "examination": "Recession at the temples"})
    assert other.status_code == 409
    assert "Thinning at the crown" in other.content.decode()
    assert "Recession at the temples" in other.content.decode()
    assert Assessment.objects.get().examination == "Thinning at the crown"


def test_a_warning_is_passed_with_its_reason(cast: Cast) -> None:
    fields = posted(grade="ludwig_1977:II")
    client = cast.client(cast.clinician)
    asked = client.post(page("record", cast), fields)
    assert asked.status_code == 422
    reasons = reasons_asked_for(asked.content.decode(), "female pattern")
    assert [name.rsplit("-", 1)[0] for name in reasons] == ["pass-5-unusual_scale"]
    assert client.post(page("record", cast), {**fields, **reasons}).status_code == 302
    assert PassedWarning.objects.get().reason == "female pattern"


def test_visit_beside_the_one_before(cast: Cast) -> None:
    """The page of a visit shows it beside the one before."""
    factories.assessment(cast.patient, stage="III", assessed_on=datetime.date(2024, 6, 1))
    assessment = save(cast, patient_words="More hair", pull_result="negative")
    body = cast.client(cast.reader).get(page("detail", cast, assessment.pk)).content.decode()
    assert "Pattern changed, neither better nor worse; before, Norwood III" in body
    assert "More hair" in body
    assert "Add a measurement" not in body
    looked = AuditEvent.objects.filter(action="viewed", actor=cast.reader, patient_id=cast.patient.pk)
    assert looked.get().detail == {"page": "examination:detail"}


def test_visit_without_a_grade(cast: Cast) -> None:
    """A visit without a grade says so and names the last."""
    factories.assessment(cast.patient, stage="III", assessed_on=datetime.date(2024, 6, 1))
    assessment = save(cast, grade="none")
    body = cast.client(cast.clinician).get(page("detail", cast, assessment.pk)).content.decode()
    assert "Not graded" in body
    assert "Last graded Norwood III" in body


def test_correction_asks_why(cast: Cast) -> None:
    """A correction asks why and keeps what was there before."""
    assessment = save(cast, finding_scaling="1")
    client, address = cast.client(cast.nurse), page("correct", cast, assessment.pk)
    fields = posted(version="1", finding_scaling="2")
    assert client.post(address, fields).status_code == 422
    answer = client.post(address, {**fields, "correction_reason": "read the wrong line"})
    assert answer.status_code == 302
    change = Correction.objects.get().changes
    assert [c["field"] for c in change] == ["findings"]
    body = client.get(page("corrections", cast, assessment.pk)).content.decode()
    assert "read the wrong line" in body
    assert "scaling 1" in body


def test_moved_visit_changes_its_course(cast: Cast) -> None:
    """A visit moved to another day belongs to the course of that day."""
    first = factories.course(cast.patient, baseline_on=datetime.date(2024, 1, 1))
    second = factories.course(cast.patient, baseline_on=datetime.date(2025, 1, 1))
    assessment = save(cast)
    assert assessment.course == second
    fields = posted(version="1", when="14 Jan 2024", correction_reason="a year off")
    assert cast.client(cast.nurse).post(page("correct", cast, assessment.pk), fields).status_code == 302
    assessment.refresh_from_db()
    assert (assessment.course, assessment.assessed_on) == (first, datetime.date(2024, 1, 14))


def test_two_correcting_see_both_versions(cast: Cast) -> None:
    """Two people correcting one visit see both versions."""
    assessment = save(cast, examination="Thinning at the crown")
    address = page("correct", cast, assessment.pk)
    first = posted(version="1", examination="Thinning at the vertex", correction_reason="one word for it")
    assert cast.client(cast.nurse).post(address, first).status_code == 302
    second = posted(
        version="1", grade="norwood_1975:IV", examination="Bare at the crown", correction_reason="looked again"
    )
    answer = cast.client(cast.clinician).post(address, second)
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "Thinning at the vertex" in body
    assert "Bare at the crown" in body
    assert "III-vertex" in body
    assert Assessment.objects.get().stage == "III-vertex"
    version = re.search(r"name=\"version\" value=\"(\d+)\"", body)
    assert version is not None
    again = {**second, "version": version.group(1)}
    asked = cast.client(cast.clinician).post(address, again)
    again |= reasons_asked_for(asked.content.decode(), "photos compared")
    assert cast.client(cast.clinician).post(address, again).status_code == 302
    assert Assessment.objects.get().stage == "IV"


def test_striking_out_leaves_it_readable(cast: Cast) -> None:
    assessment = save(cast, examination="Of somebody else")
    client = cast.client(cast.clinician)
    fields = {"version": "1", "reason": "wrong patient", "_sentinel": "1"}
    assert client.post(page("strike-out", cast, assessment.pk), fields).status_code == 302
    body = client.get(page("detail", cast, assessment.pk)).content.decode()
    assert "wrong patient" in body
    assert "Of somebody else" in body
    assert page("correct", cast, assessment.pk) not in body


def test_further_measurement_joins_its_visit(cast: Cast) -> None:
    """A further measurement belongs to the visit that it is added from."""
    assessment = save(cast)
    address = f"{page('measure', cast)}?assessment={assessment.pk}"
    client = cast.client(cast.nurse)
    assert 'value="14 Jan 2025"' in client.get(address).content.decode()
    fields = posted(kind="hair_density", value="146", site="vertex", method="phototrichogram")
    answer = client.post(address, fields)
    assert answer.url == assessment.get_absolute_url()
    made = assessment.measurements.get()
    assert (made.shown, made.created_by) == ("146 hairs/cm²", cast.nurse)
    assert client.post(address, fields).status_code == 302
    assert Measurement.objects.count() == 1


def test_measurement_page_and_correction(cast: Cast) -> None:
    """A measurement on its own has a page, a correction and an end."""
    client = cast.client(cast.clinician)
    fields = posted(kind="hair_density", value="146", site="vertex", method="phototrichogram")
    answer = client.post(page("measure", cast), fields)
    made = Measurement.objects.get()
    assert answer.url == made.get_absolute_url()
    assert made.assessment is None
    assert "146 hairs/cm²" in client.get(answer.url).content.decode()
    corrected = {**fields, "version": "1", "value": "164", "correction_reason": "figures exchanged"}
    assert client.post(page("measurement-correct", cast, made.pk), corrected).status_code == 302
    assert "164 hairs/cm²" in client.get(answer.url).content.decode()
    assert "figures exchanged" in client.get(page("measurement-corrections", cast, made.pk)).content.decode()
    struck = {"version": "2", "reason": "another patient's", "_sentinel": "1"}
    assert client.post(page("measurement-strike-out", cast, made.pk), struck).status_code == 302
    assert "Entered in error" in client.get(answer.url).content.decode()


@pytest.mark.parametrize("wanted", ["nonsense", "00000000-0000-0000-0000-000000000000", ""])
def test_measurement_without_its_visit(cast: Cast, wanted: str) -> None:
    """A measurement of a visit that is not there belongs to none."""
    assert cast.client(cast.clinician).get(page("measure", cast), {"assessment": wanted}).status_code == 200


def everything(cast: Cast) -> list[str]:
    visit = factories.assessment(cast.patient)
    made = factories.measurement(cast.patient)
    whole = [page("record", cast), page("measure", cast)]
    of_visit = [page(name, cast, visit.pk) for name in ("detail", "correct", "strike-out", "corrections")]
    names = ("measurement", "measurement-correct", "measurement-strike-out", "measurement-corrections")
    return [*whole, *of_visit, *(page(name, cast, made.pk) for name in names)]


def test_reception_and_strangers_see_nothing(cast: Cast) -> None:
    """Reception and strangers see none of it."""
    reception, stranger = cast.client(cast.reception), cast.client(cast.stranger)
    for address in everything(cast):
        assert reception.get(address).status_code == 403, address
        assert stranger.get(address).status_code == 404, address
        assert Client().get(address).status_code == 302, address


def test_a_reader_reads_and_writes_nothing(cast: Cast) -> None:
    reader = cast.client(cast.reader)
    answers = {address.rsplit("/", 2)[-2]: reader.get(address).status_code for address in everything(cast)}
    assert {word for word, status in answers.items() if status == 403} >= {"assess", "add", "correct", "strike-out"}
    assert answers["corrections"] == 200
    assert reader.post(page("record", cast), posted()).status_code == 403
    assert Assessment.objects.count() == 1


def test_visit_under_its_own_patient_only(cast: Cast) -> None:
    """A visit is found only under its own patient."""
    other = factories.assessment(factories.patient(cast.clinic))
    client = cast.client(cast.clinician)
    for name in ("detail", "correct", "strike-out", "corrections"):
        assert client.get(page(name, cast, other.pk)).status_code == 404
