from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.assessments.scales import basp
from treatments.assessments.scales.catalogue import (
    SCALES,
    Change,
    change_label,
    compare,
    compare_basp,
    normalise,
    offered_for,
    scale,
    stage,
    unusual_for,
)

DRAWINGS = Path(__file__).parents[2] / "static" / "drawings"

N = "norwood_1975"

gradings = st.sampled_from([(s.code, code) for s in SCALES.values() for code in s.by_code])


@pytest.mark.parametrize(
    ("code", "codes"),
    [
        (N, "I II IIa III IIIa III-vertex IV IVa V Va VI VII"),
        ("ludwig_1977", "I II III"),
        ("sinclair_2004", "1 2 3 4 5"),
        ("sinclair_modified_men", "1 2 3 4 5"),
        ("savin_1996", "I-1 I-2 I-3 I-4 II-1 II-2 III ADV"),
        ("olsen_1999", "1 2 3"),
    ],
)
def test_scales_have_their_published_stages(code, codes):
    """Each scale has its published stages in order."""
    chosen = scale(code)
    assert [s.code for s in chosen.stages] == codes.split()
    ranks = [s.rank for s in chosen.stages]
    assert ranks == sorted(ranks)
    assert all(s.definition.endswith(".") and s.label for s in chosen.stages)


def test_norwood_ranks_twelve_types():
    """Norwood ranks its twelve types from one to seven."""
    ranks = {s.code: s.rank for s in SCALES[N].stages}
    assert ranks == {
        "I": 1, "II": 2, "IIa": 2, "III": 3, "IIIa": 3, "III-vertex": 3,
        "IV": 4, "IVa": 4, "V": 5, "Va": 5, "VI": 6, "VII": 7,
    }  # fmt: skip
    assert stage(N, "III-vertex").label == "Type III vertex"


def test_every_drawing_named_is_there():
    stems = [stem for s in SCALES.values() for one in s.stages for stem in one.drawings]
    assert "norwood-III-vertex-top" in stems and "norwood-III-vertex-side" in stems
    missing = [stem for stem in stems if not (DRAWINGS / f"{stem}.svg").exists()]
    assert missing == []


def test_stage_without_a_drawing_names_none():
    assert stage("savin_1996", "I-1").drawings == ()


@pytest.mark.parametrize(
    ("scale_code", "code"),
    [
        ("ludwig_1977", "III-vertex"),
        (N, "iii"),
        (N, ""),
        (N, "I+FRONTAL"),
        ("savin_1996", "FRONTAL"),
        ("savin_1996", "I-1+"),
        ("basp_2007", "V1"),
        ("hamilton_1951", "III"),
    ],
)
def test_a_stage_of_another_scale_is_refused(scale_code, code):
    with pytest.raises(ValueError):
        stage(scale_code, code)


def test_savin_frontal_modifier_keeps_rank():
    """Savin's frontal accentuation is a modifier and keeps the rank."""
    plain, marked = stage("savin_1996", "II-1"), stage("savin_1996", "II-1+FRONTAL")
    assert (plain.rank, marked.code, marked.rank) == (5, "II-1+FRONTAL", 5)
    assert compare(("savin_1996", "II-1"), ("savin_1996", "II-1+FRONTAL")) is Change.PATTERN_CHANGED


@pytest.mark.parametrize(
    ("earlier", "later", "change"),
    [
        ((N, "III"), (N, "III"), Change.UNCHANGED),
        ((N, "IV"), (N, "III-vertex"), Change.IMPROVED),
        ((N, "III-vertex"), (N, "IV"), Change.WORSENED),
        ((N, "III"), (N, "III-vertex"), Change.PATTERN_CHANGED),
        ((N, "II"), (N, "IIa"), Change.PATTERN_CHANGED),
        ((N, "IVa"), (N, "IV"), Change.PATTERN_CHANGED),
        ((N, "V"), (N, "Va"), Change.PATTERN_CHANGED),
        ((N, "VI"), (N, "VII"), Change.WORSENED),
        ((N, "III"), ("ludwig_1977", "III"), Change.NOT_COMPARABLE),
        (("sinclair_2004", "3"), ("sinclair_modified_men", "3"), Change.NOT_COMPARABLE),
        (("ludwig_1977", "II"), ("ludwig_1977", "I"), Change.IMPROVED),
        (("savin_1996", "I-4"), ("savin_1996", "II-1"), Change.WORSENED),
        (("basp_2007", "M2V1"), ("basp_2007", "v1 m2"), None),
        (("basp_2007", "M2F1V1"), ("basp_2007", "M2V1F1"), Change.UNCHANGED),
        (("basp_2007", "M2V2"), ("basp_2007", "M2V1"), Change.IMPROVED),
        (("basp_2007", "M2V1"), ("basp_2007", "M2V1F1"), Change.WORSENED),
        (("basp_2007", "M2V2"), ("basp_2007", "M3V1"), Change.PATTERN_CHANGED),
        (("basp_2007", "M2"), ("basp_2007", "C2"), Change.PATTERN_CHANGED),
    ],
)
def test_what_changed_between_two_gradings(earlier, later, change):
    if change is None:
        with pytest.raises(ValueError):
            compare(earlier, later)
    else:
        assert compare(earlier, later) is change


@given(gradings, gradings)
def test_there_and_back_is_the_opposite(a, b):
    opposite = {Change.IMPROVED: Change.WORSENED, Change.WORSENED: Change.IMPROVED}
    change = compare(a, b)
    assert compare(b, a) is opposite.get(change, change)
    assert (change is Change.UNCHANGED) is (a == b)
    assert change_label(change)


def test_basp_parts_are_compared_separately():
    """BASP parts are compared each for itself."""
    assert compare_basp("M2V1F2", "M1V2F2") == {
        "basic": Change.IMPROVED,
        "vertex": Change.WORSENED,
        "frontal": Change.UNCHANGED,
    }
    assert compare_basp("M1", "C2")["basic"] is Change.PATTERN_CHANGED


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("L", "L"), ("m2f1v1", "M2V1F1"), (" M2 V1 F1 ", "M2V1F1"), ("C0F3", "C0F3"), ("U3V2", "U3V2")],
)
def test_basp_is_read_in_either_order(typed, stored):
    """BASP is read in either order and stored in one."""
    assert basp.normalise(typed) == normalise("basp_2007", typed) == stored


@pytest.mark.parametrize("typed", ["", "M", "M4", "U0", "L1", "V1", "M2V1V2", "M2F1F1", "M2V4", "M2X", "M2V1F1V1"])
def test_no_basp_grade_is_refused(typed):
    """What is no BASP grade is refused with an example."""
    with pytest.raises(ValueError, match="M2V1F1"):
        basp.parse(typed)


def test_a_basp_grade_is_spelled_out():
    grade = stage("basp_2007", "M2F1V1")
    assert (grade.code, grade.rank) == ("M2V1F1", None)
    assert grade.definition.count(";") == 2


@pytest.mark.parametrize(
    ("sex", "first", "also"),
    [
        ("male", {N}, {"basp_2007", "sinclair_modified_men"}),
        ("female", {"sinclair_2004", "ludwig_1977"}, {"savin_1996", "olsen_1999", "basp_2007", N}),
        ("other", {"basp_2007"}, set(SCALES) - {"basp_2007"}),
        ("unknown", {"basp_2007"}, set(SCALES) - {"basp_2007"}),
    ],
)
def test_scales_are_offered_by_recorded_sex(sex, first, also):
    got_first, got_also = offered_for(sex)
    assert ({s.code for s in got_first}, {s.code for s in got_also}) == (first, also)
    assert not any(unusual_for(code, sex) for code in first)


@pytest.mark.parametrize(
    ("code", "sex", "unusual"),
    [
        (N, "male", False),
        (N, "female", True),
        (N, "other", False),
        ("ludwig_1977", "male", True),
        ("ludwig_1977", "unknown", False),
        ("sinclair_modified_men", "male", False),
        ("basp_2007", "female", False),
    ],
)
def test_scale_of_the_other_sex_is_unusual(code, sex, unusual):
    """A scale made for the other sex is unusual."""
    assert unusual_for(code, sex) is unusual
