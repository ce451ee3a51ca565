import datetime
from typing import Any

import pytest
from django.db.utils import IntegrityError
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.people import Cast
from treatments.assessments import previous_visits
from treatments.assessments.measurements.forms import MeasurementForm
from treatments.examination.forms import AssessmentForm
from treatments.models import Assessment, Measurement
from treatments.records.ids import new_id
from treatments.records.partial_dates import PartialDate


def posted(**fields: Any) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in fields.items():
        data.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    return data


def assess(cast: Cast, instance: Assessment | None = None, **fields: Any) -> AssessmentForm:
    data = {"when": "14 Jan 2025", "grade": "none", **fields}
    people = {"patient": cast.patient, "clinic": cast.clinic, "by": cast.clinician}
    form = AssessmentForm(posted(**data), instance=instance, **people)
    form.full_clean()
    return form


def measure(cast: Cast, **fields: Any) -> MeasurementForm:
    data = {"when": "14 Jan 2025", "kind": "hair_density", "value": "146", "site": "vertex"}
    data |= {"method": "manual_trichoscopy_count", **fields}
    form = MeasurementForm(posted(**data), patient=cast.patient, clinic=cast.clinic, by=cast.clinician)
    form.full_clean()
    return form


def rules(form: Any) -> list[str]:
    return [warning.rule for warning in form.unpassed]


def test_stage_or_not_graded_is_required(cast: Cast) -> None:
    """A stage, or the statement that nobody graded, is asked for."""
    assert "grade" in assess(cast, grade="").errors
    assert assess(cast, grade="none").is_valid()


@pytest.mark.parametrize(
    ("grade", "more", "scale", "stage"),
    [
        ("norwood_1975:III-vertex", {}, "norwood_1975", "III-vertex"),
        ("basp_2007:M2", {"basp_vertex": "V1", "basp_frontal": "F3"}, "basp_2007", "M2V1F3"),
        ("basp_2007:L", {}, "basp_2007", "L"),
        ("savin_1996:II-1", {"savin_frontal": "on"}, "savin_1996", "II-1+FRONTAL"),
        ("none", {"basp_vertex": "V1", "savin_frontal": "on"}, "", ""),
    ],
)
def test_one_pick_gives_scale_and_stage(cast: Cast, grade: str, more: dict[str, str], scale: str, stage: str) -> None:
    """One pick gives the scale and its stage."""
    form = assess(cast, grade=grade, **more)
    assert "grade" not in form.errors
    assert (form.values()["scale"], form.values()["stage"]) == (scale, stage)


def test_a_stage_of_another_scale_is_refused(cast: Cast) -> None:
    assert "grade" in assess(cast, grade="ludwig_1977:III-vertex").errors


def test_correction_shows_stage_and_findings(cast: Cast) -> None:
    """A correction shows the stage and findings as they are."""
    assessment = factories.assessment(cast.patient, scale="basp_2007", stage="M2V1", findings={"erythema": 0})
    people = {"patient": cast.patient, "clinic": cast.clinic, "by": cast.clinician}
    form = AssessmentForm(None, instance=assessment, **people)
    shown = [form[name].value() for name in ("grade", "basp_vertex", "finding_erythema", "finding_scaling")]
    assert shown == ["basp_2007:M2", "V1", "0", None]


def test_scale_of_the_other_sex_may_pass(cast: Cast) -> None:
    """A scale of the other sex is asked about and may be passed."""
    form = assess(cast, grade="ludwig_1977:II")
    assert not form.is_valid()
    assert rules(form) == ["5"]
    key = form.unpassed[0].input_name.replace("-", "__")
    assert assess(cast, grade="ludwig_1977:II", **{key: "diffuse pattern of the female type"}).is_valid()


def test_other_scale_in_a_course_is_asked(cast: Cast) -> None:
    """Another scale in the same course is asked about."""
    course = factories.course(cast.patient, baseline_on=datetime.date(2025, 1, 1))
    factories.assessment(cast.patient, course=course, assessed_on=datetime.date(2025, 1, 2))
    form = assess(cast, grade="basp_2007:M2", when="14 Jun 2025")
    assert rules(form) == ["5"]
    assert "so far" in form.unpassed[0].sentence


def test_other_scale_in_new_course_is_fine(cast: Cast) -> None:
    """Another scale in a new course is no switch."""
    first = factories.course(cast.patient, baseline_on=datetime.date(2024, 1, 1))
    factories.assessment(cast.patient, course=first, assessed_on=datetime.date(2024, 1, 2))
    factories.course(cast.patient, baseline_on=datetime.date(2025, 1, 1))
    assert assess(cast, grade="basp_2007:M2", when="14 Jan 2025").is_valid()


def test_jump_and_early_gain_are_asked_about(cast: Cast) -> None:
    """A jump of two stages and an early improvement are asked about."""
    factories.assessment(cast.patient, stage="IV", assessed_on=datetime.date(2025, 1, 1))
    assert rules(assess(cast, grade="norwood_1975:VI", when="14 Jun 2025")) == ["6"]
    assert rules(assess(cast, grade="norwood_1975:III", when="14 Feb 2025")) == ["6"]
    assert assess(cast, grade="norwood_1975:III", when="14 Jun 2025").is_valid()


def test_late_entry_is_checked_both_ways(cast: Cast) -> None:
    """A visit entered late is also compared with the one after it."""
    factories.assessment(cast.patient, stage="IV", assessed_on=datetime.date(2025, 6, 1))
    assert rules(assess(cast, grade="norwood_1975:VI", when="14 May 2025")) == ["6", "6"]


def test_same_rank_in_another_pattern(cast: Cast) -> None:
    """The same rank in another pattern is no jump."""
    factories.assessment(cast.patient, stage="III", assessed_on=datetime.date(2025, 1, 1))
    assert assess(cast, grade="norwood_1975:III-vertex", when="14 Jan 2025").is_valid()


def test_visit_between_birth_and_today(cast: Cast) -> None:
    """A visit lies neither before birth nor in the future."""
    cast.patient.birth = PartialDate("2000-05")
    assert "when" in assess(cast, when="April 2000").errors
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    assert len(assess(cast, when=f"{tomorrow:%d %b %Y}").errors["when"]) == 1
    assert assess(cast, when="Jan 2025").values()["assessed_precision"] == "month"


def test_only_examined_findings_are_stored(cast: Cast) -> None:
    """Only what was examined is stored."""
    form = assess(cast, finding_erythema="0", finding_scaling="2", sign_yellow_dots="absent")
    assert form.is_valid()
    assert form.values()["findings"] == {"erythema": 0, "scaling": 2}
    assert form.values()["trichoscopy"] == {"yellow_dots": "absent"}


def test_one_tick_marks_the_rest_as_none(cast: Cast) -> None:
    """One tick says that all others were examined and none seen."""
    form = assess(cast, finding_scaling="1", scalp_rest_none="on")
    assert form.is_valid()
    findings = form.values()["findings"]
    assert len(findings) == 9
    assert findings["scaling"] == 1
    assert sum(findings.values()) == 1


def test_scarring_signs_are_asked_about(cast: Cast) -> None:
    """Signs of scarring are asked about, and none are not."""
    assert rules(assess(cast, finding_scarring_sign="1")) == ["9"]
    assert assess(cast, finding_scarring_sign="0").is_valid()


def test_pull_test_follows_counts_and_rule(cast: Cast) -> None:
    """The pull test follows from its counts and its rule."""
    counts = {"pull_grasped": "60", "pull_extracted": "4"}
    assert "pull_rule" in assess(cast, **counts).errors
    by_hairs, by_share = (assess(cast, pull_rule=rule, **counts) for rule in ("gt_2_hairs", "pct_gt_10"))
    assert by_hairs.is_valid() and by_share.is_valid()
    assert by_hairs.values()["pull_result"] == "positive"
    assert by_share.values()["pull_result"] == "negative"


def test_impossible_and_unusual_pull_counts(cast: Cast) -> None:
    """Pull test counts that cannot be, and that are unusual."""
    assert "pull_extracted" in assess(cast, pull_grasped="60", pull_extracted="61", pull_rule="pct_gt_10").errors
    assert "pull_grasped" in assess(cast, pull_extracted="2", pull_rule="pct_gt_10").errors
    assert "pull_result" in assess(cast, pull_result="not_done", pull_grasped="60", pull_extracted="1").errors
    data = {"pull_grasped": "60", "pull_extracted": "20", "pull_rule": "pct_gt_10", "pull_result": "negative"}
    assert rules(assess(cast, **data)) == ["8"]
    assert rules(assess(cast, pull_grasped="12", pull_extracted="0", pull_rule="pct_gt_10")) == ["8"]


def test_pull_test_without_counts(cast: Cast) -> None:
    """A pull test without counts stays as the paper has it."""
    form = assess(cast, pull_result="negative")
    assert form.is_valid()
    assert form.values()["pull_grasped"] is None


@pytest.mark.parametrize(("name", "value"), [("dlqi", "31"), ("global_change", "4"), ("patient_change", "-4")])
def test_score_outside_its_scale_is_refused(cast: Cast, name: str, value: str) -> None:
    """A score outside its instrument is refused."""
    assert name in assess(cast, **{name: value}).errors


def test_change_without_a_baseline_photo(cast: Cast) -> None:
    """A change without a baseline photo is asked about."""
    course = factories.course(cast.patient, baseline_on=datetime.date(2025, 1, 1))
    factories.photo(cast.patient, taken_on=datetime.date(2025, 3, 1))
    assert rules(assess(cast, global_change="2", when="14 Jun 2025")) == ["13"]
    factories.photo(cast.patient, course=course, taken_on=datetime.date(2025, 1, 1))
    assert assess(cast, global_change="2", when="14 Jun 2025").is_valid()


def test_photo_of_first_session_is_baseline(cast: Cast) -> None:
    """A photo of the first session's day is a baseline."""
    course = factories.course(cast.patient, baseline_on=datetime.date(2025, 1, 1))
    factories.exosome_session(course, performed_on=datetime.date(2025, 1, 9))
    factories.photo(cast.patient, taken_on=datetime.date(2025, 1, 9))
    assert assess(cast, global_change="1", when="14 Jun 2025").is_valid()


def test_empty_measurement_is_left_out(cast: Cast) -> None:
    """The measurement is left out unless something was typed."""
    untouched = assess(cast, m__kind="density_change_pct", m__method="clinician_visual_estimate", m__site="vertex")
    assert untouched.is_valid()
    assert untouched.rows_made == []


def test_clipped_alone_begins_a_measurement(cast: Cast) -> None:
    """An answer about the hair is not dropped in silence where the figure is missing."""
    form = assess(cast, m__kind="hair_density", m__method="phototrichogram", m__site="vertex", m__is_clipped="true")
    assert len(form.rows_made) == 1
    assert not form.is_valid()


@pytest.mark.any_database
def test_filled_part_of_the_page_is_open(cast: Cast) -> None:
    """A part that holds an answer is open and says how many; a 0 and an error are no emptiness."""
    kept = factories.assessment(
        cast.patient, dlqi=0, global_change=0, trichoscopy={"yellow_dots": "absent"}, findings={"scarring_sign": 0}
    )
    form = AssessmentForm(instance=kept, patient=cast.patient, clinic=cast.clinic, by=cast.clinician)
    parts = form.folds
    held = {name for name, part in parts.items() if part.is_open}
    assert held == {"opinion", "change", "signs", "rare_findings"}
    assert {parts[name].recorded for name in held} == {1}
    wrong = assess(cast, pull_grasped="60", pull_extracted="4").folds
    assert (wrong["pull"].recorded, wrong["pull"].is_open, wrong["signs"].is_open) == (2, True, False)


def test_range_by_eye_has_two_figures(cast: Cast) -> None:
    """A range by eye is typed in two figures."""
    how = {"m__kind": "density_change_pct", "m__method": "clinician_visual_estimate", "m__site": "vertex"}
    form = assess(cast, m__low="20", m__high="25", **how)
    assert form.is_valid()
    visit = form.new_record(clinic=cast.clinic, patient=cast.patient)
    made = form.rows_made[0].made_at(visit)
    assert (made.shown, made.measured_on) == ("+20–25 %", visit.assessed_on)


def test_bad_measurement_stops_the_visit(cast: Cast) -> None:
    """What is wrong with the measurement stops the visit and is shown."""
    form = assess(cast, m__kind="hair_density", m__site="vertex", m__method="phototrichogram", m__value="900")
    assert not form.is_valid()
    assert "is not possible" in str(form.rows_made[0].errors)
    unusual = assess(cast, m__kind="hair_density", m__site="vertex", m__method="phototrichogram", m__value="400")
    assert not unusual.is_valid()
    assert rules(unusual) == ["10"]


def test_draft_reads_the_same_every_time(cast: Cast) -> None:
    """A draft of one form says the same whenever it is opened."""
    assert assess(cast, m__low="20").digest() == assess(cast, m__low="20").digest()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"value": ""}, "value"),
        ({"low": "20"}, "value"),
        ({"value": "", "low": "20"}, "high"),
        ({"value": "", "low": "25", "high": "20"}, "low"),
        ({"value": "601"}, "value"),
        ({"kind": "terminal_density", "value": "100"}, "vellus_cutoff_um"),
        ({"kind": "anagen_telogen_ratio", "value": "9"}, "kind"),
        ({"site": ""}, "site"),
        ({"method": ""}, "method"),
    ],
)
def test_impossible_measurement_is_refused(cast: Cast, fields: dict[str, str], wrong: str) -> None:
    """A measurement that cannot be is refused beside its field."""
    assert wrong in measure(cast, **fields).errors


def test_parts_are_checked_against_the_whole(cast: Cast) -> None:
    """Parts are compared with the whole measured that day."""
    day = datetime.date(2025, 1, 14)
    factories.measurement(cast.patient, measured_on=day, value="120")
    terminal = {"kind": "terminal_density", "value": "130", "vellus_cutoff_um": "30"}
    assert "value" in measure(cast, **terminal).errors
    assert measure(cast, **terminal, method="phototrichogram").is_valid()
    assert measure(cast, **terminal, when="15 Jan 2025").is_valid()


def test_change_in_per_cent_needs_a_count(cast: Cast) -> None:
    """A counted change in per cent needs a count to start from."""
    change = {"kind": "density_change_pct", "value": "22", "when": "14 Jun 2025"}
    form = measure(cast, **change)
    assert "no baseline measurement" in str(form.errors["value"])
    assert measure(cast, **change, method="clinician_visual_estimate").is_valid()
    factories.measurement(cast.patient, measured_on=datetime.date(2025, 1, 14))
    assert measure(cast, **change).is_valid()


def test_other_spot_is_no_part_of_the_whole(cast: Cast) -> None:
    """Spot B's terminal count is not refused because of spot A's total, nor that of another device."""
    day = datetime.date(2025, 1, 14)
    factories.measurement(cast.patient, measured_on=day, value="80", site_detail="Spot A", device="X")
    terminal = {"kind": "terminal_density", "value": "130", "vellus_cutoff_um": "30", "device": "X"}
    assert "value" in measure(cast, **terminal, site_detail="spot a.").errors
    assert measure(cast, **terminal, site_detail="Spot B").is_valid()
    assert measure(cast, **terminal | {"device": "Y"}, site_detail="Spot A").is_valid()


def test_whole_measured_twice_refuses_least(cast: Cast) -> None:
    """Of two totals of one day a part must not be more than the larger."""
    for total in ("100", "140", "110"):
        factories.measurement(cast.patient, measured_on=datetime.date(2025, 1, 14), value=total)
    terminal = {"kind": "terminal_density", "vellus_cutoff_um": "30"}
    assert measure(cast, **terminal, value="130").is_valid()
    assert "value" in measure(cast, **terminal, value="141").errors


def test_stated_change_needs_its_own_spot(cast: Cast) -> None:
    """A counted change in per cent rests on a count of that spot, not of another."""
    factories.measurement(cast.patient, measured_on=datetime.date(2025, 1, 14), site_detail="Spot A")
    change = {"kind": "density_change_pct", "value": "22", "when": "14 Jun 2025"}
    assert measure(cast, **change, site_detail="Spot A").is_valid()
    assert "no baseline measurement" in str(measure(cast, **change, site_detail="Spot B").errors["value"])


@pytest.mark.parametrize("typed", ["~40", "about 40", "40 %"])
def test_about_is_written_as_a_range(cast: Cast, typed: str) -> None:
    """A figure that is only about right is refused with what to write instead."""
    assert "write a range" in str(measure(cast, value=typed).errors["value"])


def proposed(cast: Cast) -> dict[str, Any]:
    people = {"patient": cast.patient, "clinic": cast.clinic, "by": cast.clinician}
    return AssessmentForm(None, **people).rows[0].initial


def test_usual_site_is_the_treated_region(cast: Cast) -> None:
    """Not the first that was ticked: the vertex where it was ticked too, and the region that is treated most."""
    factories.assessment(cast.patient, regions=["temporal_left", "vertex"])
    assert proposed(cast)["site"] == "vertex"
    factories.course(cast.patient, volumes={"vertex": "1.00", "frontal": "2.00"})
    assert proposed(cast)["site"] == "frontal"


def test_last_measured_is_measured_again(cast: Cast) -> None:
    """A new measurement proposes the site, quantity and method of the last."""
    factories.assessment(cast.patient, regions=["temporal_left", "vertex"])
    factories.measurement(cast.patient, site="mid_scalp", method="phototrichogram")
    told = proposed(cast)
    assert (told["site"], told["kind"], told["method"]) == ("mid_scalp", "hair_density", "phototrichogram")


def test_two_gradings_of_a_day_are_in_order(cast: Cast) -> None:
    """The first does not name the second as the one before."""
    ids = sorted(new_id() for _ in range(2))  # those of one millisecond have no order
    first, second = (factories.assessment(cast.patient, pk=pk, assessed_on=datetime.date(2025, 1, 14)) for pk in ids)
    assert previous_visits.graded_before(cast.patient, first.when, pk=first.pk) is None
    assert previous_visits.graded_before(cast.patient, second.when, pk=second.pk) == first
    assert previous_visits.graded_after(cast.patient, first.when, pk=first.pk) == second


def test_two_stages_better_since_baseline(cast: Cast) -> None:
    """Each step was small and slow; two ranks in under a year are asked about all the same."""
    course = factories.course(cast.patient, baseline_on=datetime.date(2025, 1, 14))
    factories.exosome_session(course, performed_on=datetime.date(2025, 1, 20))
    factories.assessment(cast.patient, assessed_on=datetime.date(2025, 1, 18), stage="V", course=course)
    factories.assessment(cast.patient, assessed_on=datetime.date(2025, 6, 14), stage="IV", course=course)
    form = assess(cast, when="14 Nov 2025", grade="norwood_1975:III")
    assert rules(form) == ["6"]
    assert "From Type V at the baseline, 18 Jan 2025" in form.unpassed[0].sentence
    assert assess(cast, when="14 Feb 2026", grade="norwood_1975:III").is_valid()


def test_grader_works_at_the_clinic(cast: Cast) -> None:
    """Only people of the clinic can have graded or measured."""
    assert "assessor" in assess(cast, assessor=str(cast.stranger.pk)).errors
    assert "operator" in measure(cast, operator=str(cast.stranger.pk)).errors
    assert measure(cast, operator=str(cast.nurse.pk)).is_valid()


def test_a_measurement_keeps_its_own_id(cast: Cast) -> None:
    form = measure(cast, id="01900000-0000-7000-8000-000000000001")
    assert form.is_valid()
    made: Measurement = form.new_record(clinic=cast.clinic, patient=cast.patient)
    assert str(made.pk) == "01900000-0000-7000-8000-000000000001"


def test_rows_take_over_from_above(cast: Cast) -> None:
    """Where, how and with what is taken from the row above, as long as that is the same."""
    how = {"m__site": "vertex", "m__method": "phototrichogram", "m__device": "Scope", "m__area_cm2": "1"}
    form = assess(
        cast, m__kind="hair_density", m__value="120", **how, m__site_detail="whorl",
        m1__kind="shaft_diameter_mean", m1__value="55",
        m2__kind="hair_density", m2__value="150", m2__site="occipital",
    )  # fmt: skip
    assert form.is_valid(), form.errors
    visit = form.new_record(clinic=cast.clinic, patient=cast.patient)
    made = [row.made_at(visit) for row in form.rows_made]
    assert [(m.kind, m.site, m.site_detail, m.method, m.device, m.area_cm2) for m in made] == [
        ("hair_density", "vertex", "whorl", "phototrichogram", "Scope", 1),
        ("shaft_diameter_mean", "vertex", "whorl", "phototrichogram", "Scope", 1),
        ("hair_density", "occipital", "", "phototrichogram", "Scope", 1),
    ]


def test_rows_are_judged_together(cast: Cast) -> None:
    """Parts that come to more than their whole refuse the visit, though each row by itself is fine."""
    split = {"m1__kind": "terminal_density", "m1__vellus_cutoff_um": "30", "m2__kind": "vellus_density"}
    whole = {"m__kind": "hair_density", "m__value": "120", "m__site": "vertex", "m__method": "phototrichogram"}
    form = assess(cast, **whole, **split, m1__value="100", m2__value="40")
    assert not form.is_valid()
    assert "more than all hairs" in str(form.rows_made[2].errors)
    assert not form.rows_made[1].errors
    assert assess(cast, **whole, **split, m1__value="100", m2__value="20").is_valid()
    elsewhere = assess(cast, **whole, **split, m1__value="100", m2__value="40", m2__site="occipital")
    assert elsewhere.is_valid()


def test_a_row_without_its_quantity(cast: Cast) -> None:
    """A figure in a further row asks what it is of."""
    whole = {"m__kind": "hair_density", "m__value": "120", "m__site": "vertex", "m__method": "phototrichogram"}
    form = assess(cast, **whole, m1__value="55")
    assert not form.is_valid()
    assert "Choose what was measured." in str(form.rows_made[1].errors)


def test_same_stage_is_confirmed(cast: Cast) -> None:
    """The stage of last time is kept by one choice, which says that somebody looked."""
    before = factories.assessment(cast.patient, stage="IV", assessed_on=datetime.date(2024, 6, 1))
    assert assess(cast, grade="").errors["grade"]
    form = assess(cast, grade=f"same:{before.pk}")
    assert form.is_valid(), form.errors
    values = form.values()
    assert (values["scale"], values["stage"], values["stage_how"]) == ("norwood_1975", "IV", "confirmed")
    picked = assess(cast, grade="norwood_1975:IV")
    assert picked.is_valid() and picked.values()["stage_how"] == "picked"


def test_same_stage_of_another_visit(cast: Cast) -> None:
    """Where another visit lies between, or the visit is somebody else's, the choice is refused."""
    before = factories.assessment(cast.patient, stage="IV", assessed_on=datetime.date(2024, 6, 1))
    factories.assessment(cast.patient, stage="III", assessed_on=datetime.date(2024, 12, 1))
    other = factories.assessment(factories.patient(cast.clinic), assessed_on=datetime.date(2024, 6, 1))
    assert "Before this day it was Norwood III" in str(assess(cast, grade=f"same:{before.pk}").errors["grade"])
    assert assess(cast, grade=f"same:{other.pk}").errors["grade"]


def test_first_visit_asks_nothing_of_before(cast: Cast) -> None:
    """No change, no opinion on it and no satisfaction where there is no earlier visit; a session is one."""
    people = {"patient": cast.patient, "clinic": cast.clinic, "by": cast.clinician}
    since = {"change_seen", "global_change", "patient_change", "satisfaction"}
    first = AssessmentForm(None, **people)
    assert not since & set(first.fields) and "dlqi" in first.fields
    assert [part.code for part in first.asked_parts][:1] == ["measurements"]
    assert "change" not in [part.code for part in first.parts]
    factories.exosome_session(factories.course(cast.patient))
    assert since < set(AssessmentForm(None, **people).fields)


def test_plan_says_what_stands_open(cast: Cast) -> None:
    """What the plan of the course asks stands open, the rest is folded."""
    factories.assessment(cast.patient, diagnosis="male_pattern")
    people = {"patient": cast.patient, "clinic": cast.clinic, "by": cast.clinician}
    usual = AssessmentForm(None, **people)
    assert [part.code for part in usual.asked_parts] == ["measurements", "change", "patient"]
    factories.course(cast.patient, assessment_parts=["pull_test"])
    asked = AssessmentForm(None, **people)
    assert [part.code for part in asked.asked_parts] == ["pull_test"]
    assert not any(part.is_open for part in asked.other_parts)


def test_graded_by_one_without_account(cast: Cast) -> None:
    """A name that is typed takes the place of who enters it, and of who measured where the row names nobody."""
    row = {"m__kind": "hair_density", "m__value": "146", "m__site": "vertex", "m__method": "manual_trichoscopy_count"}
    form = assess(cast, assessor=str(cast.clinician.pk), assessor_name="Dr Oak", **row)
    assert form.is_valid(), form.errors
    assert (form.values()["assessor"], form.values()["assessor_name"]) == (None, "Dr Oak")
    assert (form.rows_made[0].values()["operator"], form.rows_made[0].values()["operator_name"]) == (None, "Dr Oak")
    named = assess(cast, assessor_name="Dr Oak", **row, m__operator=str(cast.nurse.pk))
    assert named.is_valid() and named.rows_made[0].values()["operator"] == cast.nurse
    chosen = assess(cast, assessor=str(cast.nurse.pk), assessor_name="Dr Oak")
    assert "Clear one of the two" in str(chosen.errors["assessor_name"])


def test_measured_by_one_without_account(cast: Cast) -> None:
    """The database holds one of the two; the page of the measurement and the timeline name who measured."""
    told = {"id": str(new_id()), "when": "14 Jan 2025", "kind": "hair_density", "value": "146", "site": "vertex"}
    told |= {"method": "manual_trichoscopy_count", "operator": str(cast.nurse.pk), "operator_name": "Dr Oak"}
    told |= {"m1-kind": "hair_density", "m1-value": "150", "m1-site": "frontal", "_sentinel": "1"}
    client = cast.client(cast.nurse)
    answer = client.post(reverse("assessments:measure", args=[cast.patient.pk]), told)
    assert answer.status_code == 302, answer.context["form"].errors
    assert set(Measurement.objects.values_list("operator", "operator_name")) == {(None, "Dr Oak")}
    first = Measurement.objects.first()
    assert "Dr Oak" in client.get(first.get_absolute_url()).content.decode()
    assert "Dr Oak; entered by" in client.get(cast.patient.get_absolute_url()).content.decode()
    with pytest.raises(IntegrityError):
        Measurement.objects.update(operator=cast.nurse)
