from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.assessments.measurement_kinds import (
    QUANTITIES,
    QUANTITY_CHOICES,
    Reading,
    check,
    check_together,
    compare_readings,
    percent_change,
    quantity,
    shown,
)

D = Decimal


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("hair_density", "-0.1", "hard"),
        ("hair_density", "0", "soft"),
        ("hair_density", "39.9", "soft"),
        ("hair_density", "40", None),
        ("hair_density", "320", None),
        ("hair_density", "320.1", "soft"),
        ("hair_density", "600", "soft"),
        ("hair_density", "600.1", "hard"),
        ("terminal_density", "9", "soft"),
        ("vellus_density", "151", "soft"),
        ("fu_density", "201", "hard"),
        ("fu_density", "131", "soft"),
        ("hairs_per_fu", "0.9", "hard"),
        ("hairs_per_fu", "4.5", "soft"),
        ("shaft_diameter_mean", "4", "hard"),
        ("shaft_diameter_mean", "61", None),
        ("thin_hair_pct", "100.1", "hard"),
        ("terminal_vellus_ratio", "0", None),
        ("terminal_vellus_ratio", "5000", None),
        ("anagen_pct", "49", "soft"),
        ("telogen_pct", "1", None),
        ("anagen_telogen_ratio", "0", "hard"),
        ("anagen_telogen_ratio", "0.5", "soft"),
        ("anagen_telogen_ratio", "9", None),
        ("growth_rate", "1.1", "hard"),
        ("growth_rate", "0.35", None),
        ("shed_count_day", "301", "soft"),
        ("wash_test_count", "2001", "hard"),
        ("part_width", "61", "hard"),
        ("density_change_pct", "-101", "hard"),
        ("density_change_pct", "25", None),
        ("density_change_pct", "101", "soft"),
        ("hair_density", "NaN", "not_a_number"),
        ("hair_density", "Infinity", "not_a_number"),
    ],
)
def test_hard_limits_refuse_soft_limits_ask(code, value, expected):
    problems = check(code, D(value))
    assert [p.code for p in problems] == ([expected] if expected else [])
    assert all(p.rule == 10 and p.is_error is (expected != "soft") for p in problems)


def test_limits_are_in_the_quantitys_unit():
    """Limits are written in the unit of the quantity."""
    (problem,) = check("hair_density", D("700.000"), field="low")
    assert problem.field == "low"
    assert problem.sentence == "Hair density: 700 hairs/cm² is not possible. Write a value from 0 to 600 hairs/cm²."


@pytest.mark.parametrize("known", QUANTITIES.values(), ids=lambda q: q.code)
def test_soft_limits_lie_inside_hard_ones(known):
    for soft, hard, outward in ((known.soft[0], known.hard[0], 1), (known.soft[1], known.hard[1], -1)):
        if soft is not None and hard is not None:
            assert (soft - hard) * outward >= 0


def test_derived_quantity_is_not_typed():
    """A derived quantity is not offered for typing."""
    assert "anagen_telogen_ratio" not in dict(QUANTITY_CHOICES)
    assert len(QUANTITY_CHOICES) == len(QUANTITIES) - 1


def test_an_unknown_quantity_is_refused():
    with pytest.raises(ValueError, match="no measurement"):
        quantity("hair_colour")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"hair_density": "100", "terminal_density": "80", "vellus_density": "20"}, None),
        ({"hair_density": "100", "terminal_density": "80", "vellus_density": "20.1"}, "parts_over_total"),
        ({"hair_density": "100", "terminal_density": "101"}, "parts_over_total"),
        ({"terminal_density": "80", "vellus_density": "20"}, None),
        ({"anagen_pct": "85", "telogen_pct": "15"}, None),
        ({"anagen_pct": "85", "telogen_pct": "15.1"}, "phases_over_100"),
        ({"hair_density": "120", "fu_density": "60", "hairs_per_fu": "2.2"}, None),
        ({"hair_density": "120", "fu_density": "60", "hairs_per_fu": "2.3"}, "hairs_per_fu"),
        ({"hair_density": "0", "fu_density": "0", "hairs_per_fu": "1"}, None),
    ],
)
def test_parts_agree_with_their_whole(values, expected):
    problems = check_together({code: D(value) for code, value in values.items()})
    assert [p.code for p in problems] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("kwargs", "printed"),
    [
        ({"code": "hair_density", "value": D("146.000")}, "146 hairs/cm²"),
        ({"code": "shaft_diameter_mean", "value": D("47.50")}, "47.5 µm"),
        ({"code": "hair_density", "low": D("140"), "high": D("150")}, "140–150 hairs/cm²"),
        ({"code": "density_change_pct", "value": D("22")}, "+22 %"),
        ({"code": "density_change_pct", "value": D("-5")}, "−5 %"),
        ({"code": "density_change_pct", "value": D("0")}, "0 %"),
        ({"code": "density_change_pct", "low": D("20.000"), "high": D("25.000")}, "+20–25 %"),
        ({"code": "density_change_pct", "low": D("-5"), "high": D("5")}, "−5 to +5 %"),
        ({"code": "density_change_pct", "low": D("-10"), "high": D("-5")}, "−10 to −5 %"),
        ({"code": "hair_density"}, ""),
    ],
)
def test_number_has_its_sign_and_unit(kwargs, printed):
    """A number is printed with its sign and unit."""
    code = kwargs.pop("code")
    assert shown(code, **{"value": None, "low": None, "high": None} | kwargs) == printed


def reading(value, **other):
    usual = {
        "quantity": "terminal_density",
        "region": "vertex",
        "method": "trichoscan",
        "spot": "Tattoo",
        "area_cm2": D("1"),
        "vellus_cutoff_um": D("30"),
        "device": "FotoFinder 3.1",
        "magnification": 20,
        "is_clipped": True,
        "is_dyed": False,
    }
    return Reading(value=D(value), **(usual | other))


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("100", "122", "22.0"),
        ("100", "109.9", "9.9"),
        ("100", "90.1", "-9.9"),
        ("120", "100", "-16.7"),
        ("120", "120", "0.0"),
        ("8", "8.05", "0.6"),
    ],
)
def test_change_is_in_per_cent_of_baseline(before, after, change):
    assert str(percent_change(reading(before), reading(after)).value) == change


@pytest.mark.parametrize(
    ("differs", "reason"),
    [
        ({"region": "frontal"}, "site differs"),
        ({"spot": "18 cm behind the glabella"}, "spot differs (Tattoo against 18 cm behind the glabella)"),
        ({"method": "phototrichogram"}, "method differs (TrichoScan against phototrichogram)"),
        ({"area_cm2": D("0.5")}, "counted area differs (1 cm² against 0.5 cm²)"),
        ({"area_cm2": None}, "counted area recorded for one of the two only (1 cm²)"),
        ({"vellus_cutoff_um": D("40")}, "vellus cut-off differs (30 µm against 40 µm)"),
        ({"device": "FotoFinder 4.0"}, "device differs (FotoFinder 3.1 against FotoFinder 4.0)"),
        ({"device": ""}, "device recorded for one of the two only (FotoFinder 3.1)"),
        ({"magnification": 70}, "magnification differs (×20 against ×70)"),
        ({"is_clipped": False}, "hair clipped differs (yes against no)"),
        ({"is_clipped": None}, "hair clipped recorded for one of the two only (yes)"),
        ({"is_dyed": True}, "hair dyed differs (no against yes)"),
        ({"quantity": "vellus_density"}, "not the same quantity (terminal hair density before)"),
    ],
)
def test_what_differs_leaves_no_figure(differs, reason):
    got = percent_change(reading("100"), reading("122", **differs))
    assert (got.value, got.comparable, got.reasons) == (None, False, (reason,))


@pytest.mark.parametrize("spot", ["tattoo.", " TATTOO ", ""])
def test_spelling_makes_no_other_spot(spot):
    """A spot written otherwise is the same; one that was not written down may be."""
    assert percent_change(reading("100"), reading("122", spot=spot)).comparable


def test_a_decimal_sign_makes_another_spot():
    """1.2 cm and 12 cm behind the hairline are two spots, 1.2 cm and 1,2 cm one."""
    before = reading("100", spot="1.2 cm behind the hairline")
    assert percent_change(before, reading("122", spot="1,2cm behind the hairline.")).comparable
    assert not percent_change(before, reading("122", spot="12 cm behind the hairline")).comparable


def test_what_neither_has_recorded_is_named():
    """It is not taken for alike in silence."""
    nothing = dict.fromkeys(["area_cm2", "magnification", "is_clipped", "is_dyed"]) | {"device": ""}
    got = compare_readings(reading("100", **nothing), reading("122", **nothing))
    assert got.is_comparable
    assert set(got.unrecorded) == {"counted area", "device", "magnification", "hair clipped", "hair dyed"}


@pytest.mark.parametrize(
    ("earlier", "later", "is_matched"),
    [
        ({}, {"is_same_spot": True}, True),
        ({"spot": ""}, {"is_same_spot": True}, True),
        ({}, {}, False),
        ({"spot": "behind the hairline"}, {"is_same_spot": True}, False),
    ],
)
def test_a_matched_spot_is_said_to_be_one(earlier, later, is_matched):
    assert compare_readings(reading("100", **earlier), reading("120", **later)).is_matched_spot is is_matched


def test_cut_off_matters_where_hairs_split():
    """The cut-off matters only where hairs are split."""
    total = {"quantity": "hair_density"}
    got = percent_change(reading("100", **total), reading("122", vellus_cutoff_um=D("40"), **total))
    assert got.value == D("22.0")


def test_no_or_zero_baseline_gives_no_figure():
    """No baseline, or a baseline of nothing, gives no figure."""
    assert percent_change(None, reading("100")).reasons == ("there is no baseline measurement",)
    assert percent_change(reading("0"), reading("100")).reasons == ("the baseline is 0",)


@given(st.decimals("0.1", "600", places=1), st.decimals("0", "600", places=1))
def test_figure_is_as_near_as_its_rounding(before, after):
    """The figure is never further off than its rounding."""
    got = percent_change(reading(before), reading(after))
    assert abs(got.value - (after - before) / before * 100) <= D("0.05")
