from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.courses.protocol import (
    allergy_problems,
    caution_problems,
    depth_problems,
    route_problems,
)
from treatments.courses.volumes import total_problems, volume_problems
from treatments.patients.allergies import Met
from treatments.records.regions import INJECTABLE

D = Decimal
VOLUMES = st.decimals("0.1", "3", places=2)


def codes(problems):
    return [p.code for p in problems]


@pytest.mark.parametrize(
    ("volumes", "total", "found"),
    [
        ({"vertex": D("3")}, "3", []),
        ({"crown": D("3")}, "3", []),
        ({"vertex": D("2"), "frontal": D("1")}, "3.05", []),
        ({"vertex": D("2"), "frontal": D("1")}, "2.95", []),
        ({"vertex": D("2"), "frontal": D("1")}, "3.06", ["sum"]),
        ({"vertex": D("2")}, "3", ["sum"]),
        ({}, "3", ["sum"]),
        ({"vertex": D("1.5"), "crown": D("1.5")}, "3", ["listed_twice"]),
        ([("vertex", D("1.5")), ("vertex", D("1.5"))], "3", ["listed_twice"]),
        ([("vertex", D("1.5")), ("vertex_upper_arc", D("1.5"))], "3", ["listed_twice"]),
        ({"vertex": D("3"), "frontal": D("0")}, "3", ["nothing_given"]),
        ({"vertex": D("4"), "frontal": D("-1")}, "3", ["nothing_given"]),
        ({"whole_scalp": D("3")}, "3", ["whole_scalp"]),
        ({"elbow": D("3")}, "3", ["unknown_region"]),
        ({"temple": D("3")}, "3", ["unknown_region"]),
    ],
)
def test_rule_18_regions_once_adding_up(volumes, total, found):
    """Each region is named once and the volumes add up to the total."""
    problems = volume_problems(volumes, D(total))
    assert codes(problems) == found
    assert all(p.is_error and p.rule == 18 for p in problems)


def test_crown_and_vertex_are_one_region():
    """Who enters crown and vertex reads that they are one region."""
    (problem,) = volume_problems({"Crown": D("1"), "vertex": D("2")}, D("3"))
    assert problem.sentence == "Crown and vertex are one region. Add the two volumes together."
    assert problem.field == "vertex"


@given(st.dictionaries(st.sampled_from(INJECTABLE), VOLUMES, min_size=1))
def test_volumes_that_add_up_raise_nothing(volumes):
    assert volume_problems({region.value: ml for region, ml in volumes.items()}, sum(volumes.values())) == []


@given(st.dictionaries(st.sampled_from(INJECTABLE), VOLUMES, min_size=1), st.decimals("0.06", "5", places=2))
def test_total_off_by_too_much_is_seen(volumes, off):
    """A total off by more than the tolerance is always seen."""
    given_ml = {region.value: ml for region, ml in volumes.items()}
    for total in (sum(given_ml.values()) + off, sum(given_ml.values()) - off):
        assert codes(volume_problems(given_ml, total)) == ["sum"]


@pytest.mark.parametrize(
    ("total", "points", "point_ml", "found"),
    [
        ("3", None, None, []),
        ("1", None, None, []),
        ("10", None, None, []),
        ("0", None, None, [("error", "total_none")]),
        ("-1", None, None, [("error", "total_none")]),
        ("20", None, None, [("warning", "total_unusual")]),
        ("20.01", None, None, [("error", "total_over_limit")]),
        ("0.99", None, None, [("warning", "total_unusual")]),
        ("10.01", None, None, [("warning", "total_unusual")]),
        ("3", 60, "0.05", []),
        ("3", 51, "0.05", []),
        ("3", 50, "0.05", [("warning", "points_differ")]),
        ("3", 69, "0.05", []),
        ("3", 70, "0.05", [("warning", "points_differ")]),
        ("3", 12, "0.25", [("warning", "point_unusual")]),
        ("3", None, "0.01", [("warning", "point_unusual")]),
    ],
)
def test_rule_19_total_and_points(total, points, point_ml, found):
    problems = total_problems(D(total), points=points, point_ml=D(point_ml) if point_ml else None)
    assert [(p.level, p.code) for p in problems] == found
    assert all(p.rule == 19 for p in problems)


@pytest.mark.parametrize(
    ("route", "label", "basis", "found"),
    [
        ("intradermal_injection", "injectable", "authorised_product", []),
        ("topical_only", "topical_only", "cosmetic_used_as_labelled", []),
        ("intradermal_injection", "topical_only", "authorised_product", ["route_against_label"]),
        ("microneedling_topical", "topical_only", "authorised_product", ["route_against_label"]),
        ("microneedling_topical", "not_stated", "cosmetic_used_as_labelled", ["route_against_basis"]),
        ("intradermal_injection", "injectable", "unknown", ["red_flag_basis"]),
        ("topical_only", "topical_only", "unregistered_other", ["red_flag_basis"]),
        (
            "mesotherapy_gun",
            "topical_only",
            "cosmetic_used_by_injection",
            ["route_against_label", "red_flag_basis"],
        ),
    ],
)
def test_rule_17_route_label_and_basis(route, label, basis, found):
    problems = route_problems(route, labelled_route=label, regulatory_basis=basis)
    assert codes(problems) == found
    assert all(p.rule == 17 and not p.is_error for p in problems)


@pytest.mark.parametrize(
    ("route", "depth", "needle", "found"),
    [
        ("intradermal_injection", "2", "13", []),
        ("intradermal_injection", None, "13", []),
        ("intradermal_injection", "0.4", None, ["depth_unusual"]),
        ("intradermal_injection", "4.5", None, ["depth_unusual"]),
        ("intradermal_injection", "5", None, ["depth_unusual"]),
        ("intradermal_injection", "5.1", None, ["depth_over_limit"]),
        ("intradermal_injection", "4", "3", ["deeper_than_needle"]),
        ("microneedling_topical", "0.5", None, []),
        ("microneedling_topical", "2.6", None, ["depth_unusual"]),
        ("subcutaneous_injection", "8", None, []),
    ],
)
def test_rule_21_depth_by_route_and_needle(route, depth, needle, found):
    problems = depth_problems(
        route, depth_mm=D(depth) if depth else None, needle_length_mm=D(needle) if needle else None
    )
    assert codes(problems) == found
    assert all(p.rule == 21 and not p.is_error for p in problems)


def test_rule_9_each_caution_by_itself():
    """Each caution is acknowledged on its own."""
    assert caution_problems() == []
    problems = caution_problems(
        scarring_sign=1,
        active_infection=1,
        pregnant=True,
        cautions=["Cancer, now or in the past"],
    )
    assert codes(problems) == ["scarring", "infection", "pregnancy", "caution"]
    assert not any(p.is_error for p in problems)


def test_rule_9_each_allergy_by_itself():
    """Each allergy that is met is acknowledged on its own, and says what met it."""
    met = [Met("eggs", "Vesicle N", "ovalbumin"), Met("roses", "Vesicle N", "rose")]
    problems = allergy_problems(met, field="lot")
    assert codes(problems) == ["allergy", "allergy"]
    assert problems[0].sentence == "Allergy to “eggs”: Vesicle N has “ovalbumin”. Write why you give it."
