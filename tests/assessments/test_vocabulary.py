from treatments.assessments.vocabulary import (
    FITZPATRICK_NCIT,
    SUN_RESPONSE,
    Finding,
    Fitzpatrick,
    GlobalChange,
    Satisfaction,
)


def test_fitzpatrick_types_with_their_codes():
    """Fitzpatrick types run from I to VI with their codes."""
    assert [f.value for f in Fitzpatrick] == ["I", "II", "III", "IV", "V", "VI"]
    assert [FITZPATRICK_NCIT[f].code for f in Fitzpatrick] == [
        "C74569",
        "C74570",
        "C74571",
        "C74572",
        "C74573",
        "C74574",
    ]
    assert set(SUN_RESPONSE) == set(Fitzpatrick)


def test_global_scale_is_symmetrical():
    """The global scale is symmetrical about no change."""
    assert sorted(GlobalChange.values) == list(range(-3, 4))
    for step in (1, 2, 3):
        grown, lost = GlobalChange(step).label, GlobalChange(-step).label
        assert grown.replace("increased", "decreased") == lost


def test_satisfaction_rises_from_one_to_five():
    assert Satisfaction.values == [1, 2, 3, 4, 5]
    assert Satisfaction(5).label == "Very satisfied"


def test_nine_findings_of_the_examination():
    """The nine findings are those of the examination."""
    assert len(Finding) == 9 and "scarring_sign" in Finding.values
