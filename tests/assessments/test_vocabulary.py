from treatments.assessments.vocabulary import (
    FITZPATRICK_NCIT,
    SUN_RESPONSE,
    Finding,
    Fitzpatrick,
    GlobalChange,
    Satisfaction,
)


def test_fitzpatrick_types_run_from_i_to_vi_with_their_codes():
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


def test_the_global_scale_is_symmetrical_about_no_change():
    assert sorted(GlobalChange.values) == list(range(-3, 4))
    for step in (1, 2, 3):
        grown, lost = GlobalChange(step).label, GlobalChange(-step).label
        assert grown.replace("increased", "decreased") == lost


def test_satisfaction_rises_from_one_to_five():
    assert Satisfaction.values == [1, 2, 3, 4, 5]
    assert Satisfaction(5).label == "Very satisfied"


def test_the_nine_findings_are_those_of_the_examination():
    assert len(Finding) == 9 and "scarring_sign" in Finding.values
