import pytest

from treatments.assessments import finding_text
from treatments.assessments.scales.catalogue import SCALES


@pytest.mark.parametrize(
    ("scale", "stage", "text"),
    [
        ("norwood_1975", "III-vertex", "Norwood III vertex"),
        ("ludwig_1977", "II", "Ludwig II"),
        ("sinclair_2004", "3", "Sinclair 3"),
        ("sinclair_modified_men", "3", "Sinclair (men) 3"),
        ("savin_1996", "II-1+FRONTAL", "Savin II-1, frontal accentuation"),
        ("basp_2007", "M2V1F1", "BASP M2V1F1"),
        ("", "", ""),
    ],
)
def test_stage_is_named_with_its_scale_once(scale: str, stage: str, text: str) -> None:
    assert finding_text.stage_text(scale, stage) == text


def test_every_stage_fits_the_patients_list() -> None:
    texts = [finding_text.stage_text(s.code, stage.code) for s in SCALES.values() for stage in s.stages]
    longest = finding_text.stage_text("savin_1996", "ADV+FRONTAL")
    assert max(map(len, [*texts, longest])) <= 40


def test_graded_none_differs_from_unexamined() -> None:
    """What was graded none is written, and what was not examined is not."""
    assert finding_text.scalp({"erythema": 0}) == ["No redness"]
    assert finding_text.scalp({"scaling": 2, "erythema": 0, "pruritus": 0}) == [
        "Moderate scaling",
        "No redness or itching",
    ]
    assert finding_text.scalp({}) == []


def test_pull_test_shows_counts_and_rule() -> None:
    """The pull test shows its counts and its rule where there are any."""
    assert finding_text.pull_test("negative") == "Pull test negative"
    counted = finding_text.pull_test("negative", site="vertex", grasped=60, extracted=2, rule="pct_gt_10")
    assert counted == "Pull test negative (2 of 60 hairs, at vertex, positive over 10 %)"
    assert finding_text.pull_test("") == ""


def test_regions_and_signs_read_as_sentence() -> None:
    """Regions and signs read as a sentence."""
    assert finding_text.thin_at(["vertex", "temporal_right", "temporal_left"]) == (
        "Thin at left temple, right temple and vertex"
    )
    assert finding_text.trichoscopy({"yellow_dots": "present", "black_dots": "absent"}) == [
        "Trichoscopy: yellow dots; no black dots"
    ]
    assert finding_text.negatives(["infection", "gone from the list"]) == ["No infection"]
