from datetime import date
from decimal import Decimal

import pytest

from treatments.assessments.measurement_kinds import Reading
from treatments.assessments.rules import (
    baseline_photo_problems,
    change_problems,
    claim_problems,
    jump_problems,
    measurement_problems,
    pull_test_problems,
    pull_test_result,
    scale_problems,
    score_problems,
    stage_problems,
)
from treatments.records.partial_dates import PartialDate

N = "norwood_1975"
D = Decimal


def codes(problems):
    return [p.code for p in problems]


@pytest.mark.parametrize(
    ("scale", "stage", "expected"),
    [
        (N, "III-vertex", []),
        (N, "", []),
        ("", "", []),
        ("ludwig_1977", "III-vertex", ["not_of_this_scale"]),
        ("", "III", ["scale_missing"]),
    ],
)
def test_rule_4_a_stage_belongs_to_its_scale(scale, stage, expected):
    problems = stage_problems(scale, stage)
    assert codes(problems) == expected
    assert all(p.is_error and p.rule == 4 for p in problems)


@pytest.mark.parametrize(
    ("scale", "sex", "before", "expected"),
    [
        (N, "male", "", []),
        (N, "male", N, []),
        (N, "female", "", ["unusual_scale"]),
        (N, "male", "basp_2007", ["scale_switched"]),
        ("ludwig_1977", "male", N, ["unusual_scale", "scale_switched"]),
    ],
)
def test_rule_5_unusual_or_new_scale(scale, sex, before, expected):
    """An unusual or new scale is questioned."""
    problems = scale_problems(scale, sex=sex, scale_before=before)
    assert codes(problems) == expected
    assert not any(p.is_error for p in problems)


@pytest.mark.parametrize(
    ("earlier", "later", "later_on", "expected"),
    [
        ("IV", "III", date(2025, 4, 14), []),
        ("IV", "III", date(2025, 4, 13), ["early_improvement"]),
        ("III", "IV", date(2025, 2, 1), []),
        ("V", "III", date(2026, 1, 14), ["jump"]),
        ("V", "III", date(2025, 2, 14), ["jump", "early_improvement"]),
        ("III", "V", date(2026, 1, 14), ["jump"]),
        ("III", "III-vertex", date(2025, 2, 14), []),
    ],
)
def test_rule_6_leap_or_early_gain(earlier, later, later_on, expected):
    """A leap or an early gain is questioned."""
    problems = jump_problems((N, earlier), date(2025, 1, 14), (N, later), later_on)
    assert codes(problems) == expected
    assert all(p.rule == 6 and not p.is_error for p in problems)


@pytest.mark.parametrize(
    ("earlier", "later", "claim", "note", "refused"),
    [
        ((N, "III"), (N, "III-vertex"), "improved", "", True),
        ((N, "III"), (N, "III-vertex"), "worsened", " ", True),
        ((N, "III"), (N, "III-vertex"), "improved", "Temples filled in on the photos", False),
        ((N, "III"), (N, "III-vertex"), "pattern_changed", "", False),
        ((N, "IV"), (N, "III"), "improved", "", False),
        ((N, "IV"), (N, "III"), "worsened", "a note", True),
        ((N, "IV"), (N, "IV"), "improved", "", True),
        ((N, "III"), ("ludwig_1977", "I"), "improved", "", True),
    ],
)
def test_rule_7_change_of_pattern_is_no_gain(earlier, later, claim, note, refused):
    """A change of pattern is not a gain."""
    problems = claim_problems(earlier, later, claim, note=note)
    assert bool(problems) is refused
    assert all(p.rule == 7 and p.is_error for p in problems)


@pytest.mark.parametrize(
    ("grasped", "extracted", "rule", "result"),
    [
        (60, 6, "pct_gt_10", "negative"),
        (60, 7, "pct_gt_10", "positive"),
        (50, 2, "gt_2_hairs", "negative"),
        (60, 3, "gt_2_hairs", "positive"),
        (60, 4, "pct_gt_10", "negative"),
    ],
)
def test_the_pull_test_depends_on_its_rule(grasped, extracted, rule, result):
    assert pull_test_result(grasped, extracted, rule) == result


@pytest.mark.parametrize(
    ("kwargs", "expected"),
    [
        ({"result": "negative", "grasped": 60, "extracted": 2, "rule": "pct_gt_10"}, []),
        ({"result": "negative", "grasped": None, "extracted": None}, []),
        ({"result": "negative", "grasped": None, "extracted": 3}, ["grasped_missing"]),
        ({"result": "positive", "grasped": 60, "extracted": 61}, ["extracted_over_grasped"]),
        ({"result": "negative", "grasped": 19, "extracted": 0}, ["unusual_grasp"]),
        ({"result": "negative", "grasped": 101, "extracted": 0}, ["unusual_grasp"]),
        ({"result": "negative", "grasped": 100, "extracted": 0}, []),
        ({"result": "negative", "grasped": 60, "extracted": 4, "rule": "gt_2_hairs"}, ["result_against_counts"]),
        ({"result": "positive", "grasped": 60, "extracted": 4, "rule": "pct_gt_10"}, ["result_against_counts"]),
        ({"result": "equivocal", "grasped": 60, "extracted": 30, "rule": "pct_gt_10"}, []),
    ],
)
def test_rule_8_pull_test_counts_and_result(kwargs, expected):
    """Counts and result of a pull test agree."""
    problems = pull_test_problems(**kwargs)
    assert codes(problems) == expected
    assert all(p.is_error is (p.code in {"extracted_over_grasped", "grasped_missing"}) for p in problems)


@pytest.mark.parametrize(
    ("kwargs", "rule", "expected"),
    [
        ({"value": D("146")}, None, []),
        ({"value": D("700")}, 10, ["hard"]),
        ({"low": D("140"), "high": D("150")}, None, []),
        ({"low": D("140"), "high": D("140")}, None, []),
        ({"low": D("150"), "high": D("140")}, 12, ["range"]),
        ({"low": D("150")}, 12, ["half_range"]),
        ({"low": D("10"), "high": D("700")}, 10, ["soft", "hard"]),
        ({"value": D("1"), "low": D("1"), "high": D("2")}, 12, ["value_and_range"]),
        ({}, 12, ["nothing"]),
    ],
)
def test_rules_10_and_12_value_or_range(kwargs, rule, expected):
    """A measurement is a value or a range."""
    problems = measurement_problems("hair_density", **kwargs)
    assert codes(problems) == expected
    assert {p.rule for p in problems} <= {rule}


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        ("2025-01", "2025-03", ["early_improvement"]),
        ("2025-01", "2025-04", []),
        ("2025-01-31", "2025-04", []),
        ("2025-01-14", "2025-04-12~", ["early_improvement"]),
        ("2025-01-14", "2025-04-13~", []),
    ],
)
def test_rule_6_of_months_is_certain(earlier, later, expected):
    """Of dates known to a month only what is certainly under three months is called so."""
    problems = jump_problems((N, "IV"), PartialDate(earlier), (N, "III"), PartialDate(later))
    assert codes(problems) == expected


def test_rule_11_figure_needs_a_baseline():
    """No figure without a comparable baseline."""
    before = Reading("hair_density", D("100"), "vertex", "trichoscan")
    assert change_problems(before, Reading("hair_density", D("120"), "vertex", "trichoscan")) == []
    (problem,) = change_problems(before, Reading("hair_density", D("120"), "frontal", "trichoscan"))
    assert problem.is_error and problem.rule == 11 and "site differs" in problem.sentence


@pytest.mark.parametrize(
    ("instrument", "score", "fine"),
    [
        ("global_change", -3, True),
        ("global_change", 3, True),
        ("global_change", 4, False),
        ("global_change", 1.0, False),
        ("global_change", None, True),
        ("pain", 0, True),
        ("pain", 10, True),
        ("pain", 11, False),
        ("pain", -1, False),
        ("pain", "3", False),
        ("pain", True, False),
        ("dlqi", 30, True),
        ("dlqi", 31, False),
        ("satisfaction", 0, False),
    ],
)
def test_rule_12_scores_inside_their_limits(instrument, score, fine):
    """Scores are whole and inside their limits."""
    problems = score_problems(instrument, score)
    assert (problems == []) is fine
    assert all(p.is_error and p.rule == 12 and p.field == instrument for p in problems)


@pytest.mark.parametrize(
    ("views", "view", "fine"),
    [
        (["vertex"], "vertex", True),
        (["vertex"], "frontal", False),
        (["vertex"], "", True),
        ([], "", False),
        ([], "vertex", False),
    ],
)
def test_rule_13_opinion_needs_a_photo(views, view, fine):
    """An opinion needs a baseline photo."""
    problems = baseline_photo_problems(views, view=view)
    assert (problems == []) is fine
    assert not any(p.is_error for p in problems)
