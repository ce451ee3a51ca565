"""The word for a change, and the interval around it."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.assessments.measurements.visibility import (
    DEFAULT,
    REFERENCE_HAIRS,
    Change,
    Counted,
    RepeatSource,
    Thresholds,
    Verdict,
    interval,
    judge,
    log_error,
)

EARLY, ERROR, ABOVE, VISIBLE, ESTIMATE, UNCLEAR = (
    Verdict.TOO_EARLY,
    Verdict.WITHIN_ERROR,
    Verdict.ABOVE_ERROR,
    Verdict.LIKELY_VISIBLE,
    Verdict.ESTIMATE,
    Verdict.NO_CLEAR_CHANGE,
)


def change(low, high=None, *, months=6, matched=True, method="trichoscan", **more):
    return Change(low, low if high is None else high, months, matched, method, **more)


@pytest.mark.parametrize(
    ("per_cent", "months", "matched", "word"),
    [
        (30, 5, True, EARLY),
        (30, 0, False, EARLY),
        (0, 6, True, ERROR),
        (18, 6, True, ERROR),
        (18.1, 6, True, ABOVE),
        (22.6, 12, True, ABOVE),
        (22.7, 6, True, VISIBLE),
        (-15, 6, True, ERROR),
        (-15.4, 6, True, ABOVE),
        (-30, 6, True, VISIBLE),
        (22.7, 6, False, ERROR),
        (29, 6, False, ERROR),
        (29.2, 6, False, VISIBLE),
    ],
)
def test_the_word_for_a_measured_change(per_cent, months, matched, word):
    assert judge(change(per_cent, months=months, matched=matched)).verdict is word


@pytest.mark.parametrize(
    ("per_cent", "count", "word"), [(19, 43, VISIBLE), (19, 42.9, ABOVE), (10, 60, ERROR), (-18, -43, VISIBLE)]
)
def test_large_count_is_visible_beyond_error(per_cent, count, word):
    """A large count is visible too, but not inside the error."""
    assert judge(change(per_cent, per_cm2=count)).verdict is word


@pytest.mark.parametrize("months", [0, 6, 12])
def test_estimate_by_eye_is_no_measurement(months):
    """An estimate by eye is never judged as a measurement."""
    judged = judge(change(25, months=months, method="clinician_visual_estimate"))
    assert (judged.verdict, judged.interval) == (ESTIMATE, None)
    assert "not a measurement" in judged.sentence


def test_clinics_own_error_replaces_default():
    """The clinic's own error replaces the default."""
    own = Thresholds(sdc_matched_pct=10.0)
    assert judge(change(12), own).verdict is ABOVE
    assert judge(change(12)).verdict is ERROR


@pytest.mark.parametrize(
    ("per_cent", "months", "matched", "text"),
    [
        (30, 3, True, "wait until 6 months after the first session"),
        (12, 7, True, "No change detectable: +12 %, with the error of two counts at the same spot −5 to +32 %"),
        (-12, 7, False, "a spot that was not matched −32 to +14 %"),
        (20, 7, True, "less than the 22.7 %"),
        (25, 7, True, "an eye is likely to see it"),
    ],
)
def test_sentence_names_change_and_error(per_cent, months, matched, text):
    """The sentence names the change and its interval."""
    judged = judge(change(per_cent, months=months, matched=matched))
    assert text in judged.sentence
    assert judged.sources


@pytest.mark.parametrize("ends", [(math.nan,), (math.inf,), (20, 10)])
def test_change_that_is_no_number_is_refused(ends):
    """Neither is a range that runs backwards."""
    with pytest.raises(ValueError):
        change(*ends)


@given(st.floats(-99, 1000), st.integers(6, 60))
def test_unmatched_spot_says_no_more(per_cent, months):
    """An unmatched spot never says more than a matched one."""
    verdicts = [ERROR, ABOVE, VISIBLE]
    matched, unmatched = (
        verdicts.index(judge(change(per_cent, months=months, matched=spot)).verdict) for spot in (True, False)
    )
    assert unmatched <= matched


# Intervals


@pytest.mark.parametrize(
    ("per_cent", "shown"),
    [(40, "+19 to +65"), (0, "−15 to +18"), (-30, "−41 to −17"), (20, "+2 to +42"), (100, "+69 to +136")],
)
def test_interval_is_that_of_the_logarithm(per_cent, shown):
    """(1 + c) x e^(+-0.166) - 1."""
    assert str(interval(per_cent, log_error(DEFAULT.sdc_matched_pct))) == shown


def test_default_error_is_that_of_its_source():
    """1.96 x sqrt 2 x 6 %, and with 7 % more in quadrature, in per cent of the logarithm."""
    assert pytest.approx(1.96 * math.sqrt(2) * 6, abs=0.05) == DEFAULT.sdc_matched_pct
    assert pytest.approx(1.96 * math.sqrt(2 * (36 + 49)), abs=0.05) == DEFAULT.sdc_unmatched_pct


@pytest.mark.parametrize(
    ("counted", "error"),
    [
        (Counted(REFERENCE_HAIRS, 140), 0.166),
        (Counted(400, 560), 0.166),
        (Counted(), 0.166),
        (Counted(50, 100), math.hypot(0.166, 1.96 * math.sqrt(1 / 50 - 1 / 100))),
        (Counted(10, 20), math.hypot(0.166, 1.96 * math.sqrt(1 / 10 + 1 / 20 - 2 / 100))),
    ],
)
def test_small_count_has_its_own_error(counted, error):
    """The chance error of a count is in the interval once: as far as the repeat counts did not hold it."""
    assert log_error(16.6, counted) == pytest.approx(error)


@given(st.floats(10, 1000), st.floats(10, 1000), st.floats(0, 500))
def test_fewer_hairs_never_tell_more(before, after, more):
    assert log_error(16.6, Counted(before, after)) >= log_error(16.6, Counted(before + more, after))


@pytest.mark.parametrize(
    ("counted", "said"),
    [
        (Counted(120, 0), "where no hair was counted"),
        (Counted(9, 14), "fewer than 10 hairs were counted"),
        (Counted(0.5, 0.7), "fewer than 10 hairs"),
    ],
)
def test_where_no_interval_can_be_given(counted, said):
    """It is said in words, and the change has none of the words of a measured one."""
    judged = judge(change(50, counted=counted))
    assert (judged.verdict, judged.interval) == (None, None)
    assert said in judged.sentence


def test_unknown_area_is_said():
    """Without the area nobody knows how many hairs were counted; that is said, and the SDC alone holds."""
    judged = judge(change(40, counted=Counted()))
    assert str(judged.interval) == "+19 to +65"
    assert "The counted area is not recorded" in judged.sentence
    assert "not recorded" not in judge(change(40, counted=Counted(100, 140))).sentence


# The truth lies in the interval

DRAWS = 4000


def reading(chance: random.Random, hairs: float, spread: float = 0.06) -> int:
    """Somebody counts a spot that holds `hairs`: repeat counts differ by 6 %. A frame that holds fewer than the
    reference sees each of the reference's hairs by chance."""
    if hairs < REFERENCE_HAIRS:
        share = hairs / REFERENCE_HAIRS
        hairs = sum(chance.random() < share for _ in range(REFERENCE_HAIRS))
    return round(hairs * math.exp(chance.gauss(0, spread)))


def coverage(hairs: int, true_pct: float, *, spread: float, sdc_pct: float) -> float:
    """How often the interval holds the true change, in per cent, of those pairs of counts that have an interval."""
    chance = random.Random(f"{hairs} {true_pct} {spread}")
    inside = told = 0
    for _ in range(DRAWS):
        before, after = (reading(chance, n, spread) for n in (hairs, hairs * (1 + true_pct / 100)))
        judged = judge(
            change((after / before - 1) * 100, counted=Counted(before, after)), Thresholds(sdc_matched_pct=sdc_pct)
        ) if before else None  # fmt: skip
        if judged and judged.interval:
            told += 1
            inside += judged.interval.low <= true_pct <= judged.interval.high
    return 100 * inside / told


TRUE = [-30, 0, 20, 40, 100]


@pytest.mark.parametrize("true_pct", TRUE)
@pytest.mark.parametrize("hairs", [145, 250])
def test_interval_holds_the_truth(hairs, true_pct):
    """In 93 to 97 % at every change, for counts as of 1 cm2; c +- 17 did so at no change alone."""
    assert 93 <= coverage(hairs, true_pct, spread=0.06, sdc_pct=DEFAULT.sdc_matched_pct) <= 97


@pytest.mark.parametrize("true_pct", TRUE)
@pytest.mark.parametrize("hairs", [30, 60, 90])
def test_small_counts_hold_the_truth(hairs, true_pct):
    """So they do where few hairs were counted."""
    assert 93 <= coverage(hairs, true_pct, spread=0.06, sdc_pct=DEFAULT.sdc_matched_pct) <= 97


@pytest.mark.parametrize("true_pct", TRUE)
def test_unmatched_spots_hold_the_truth(true_pct):
    """A spot that was not matched differs by 7 % more."""
    spread = math.hypot(0.06, 0.07)
    assert 93 <= coverage(145, true_pct, spread=spread, sdc_pct=DEFAULT.sdc_unmatched_pct) <= 97


# Ranges


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (-10, 60, UNCLEAR),
        (0, 40, UNCLEAR),
        (-20, 0, UNCLEAR),
        (10, 60, ERROR),
        (20, 60, ABOVE),
        (25, 60, VISIBLE),
        (-60, -10, ERROR),
        (-60, -20, ABOVE),
        (-40, -25, VISIBLE),
    ],
)
def test_range_is_judged_by_its_nearest_end(low, high, word):
    """By the end nearest to no change; a range through no change is no clear change."""
    assert judge(change(low, high)).verdict is word


def test_range_by_eye_through_no_change():
    """A range by eye that runs through no change says so."""
    judged = judge(change(-10, 60, method="clinician_visual_estimate"))
    assert judged.verdict is ESTIMATE
    assert "no clear change" in judged.sentence
    assert "no clear change" not in judge(change(10, 60, method="clinician_visual_estimate")).sentence


@given(st.floats(-99, 300), st.floats(0, 300), st.floats(-99, 300))
def test_wider_range_never_says_more(low, width, end):
    """Widening a range on either side never gives a stronger word."""
    strength = [UNCLEAR, ERROR, ABOVE, VISIBLE]
    narrow = judge(change(low, low + width))
    wide = judge(change(min(low, end), max(low + width, end)))
    words = [strength.index(judged.verdict) for judged in (wide, narrow)]
    assert words[0] <= max(words[1], 1)


REPEATS = RepeatSource(pairs=24, on="2026-11-30", sdc_pct=17.0, low_pct=12.4, high_pct=29.8)


def test_sources_are_the_clinics_own():
    """A judgement by the clinic's own figures does not name the published source."""
    own = Thresholds(sdc_matched_pct=17.0, sdc_unmatched_pct=25.8, repeats=REPEATS)
    judged = judge(change(60), own)

    assert "the clinic’s own, from 24 repeat pairs (12 to 30 %)" in judged.sources[0]
    assert "the same spot (the clinic’s own, from 24 repeat pairs)" in judged.sentence
    assert "coefficient of variation" not in " ".join(judged.sources)
    assert judged.sources[1] == judge(change(60)).sources[1]  # visible: the published one
    assert "as it was typed" in judge(change(60), Thresholds(sdc_matched_pct=10.0)).sources[0]
    assert "coefficient of variation of 6 %" in judge(change(60)).sources[0]
    assert "from 30 % or 43" in judge(change(60), Thresholds(visible_pct=30.0)).sources[1]


def test_repeats_stand_behind_their_figure():
    """An error that was set without its repeat counts, by an earlier release, is not said to come from them."""
    kept = {"pairs": 24, "on": "2026-11-30", "sdc_pct": 17.0, "low_pct": 12.4, "high_pct": 29.8}
    figures = Thresholds(sdc_matched_pct=17.0).limits

    assert Thresholds.of(figures, kept).repeats == REPEATS
    assert Thresholds.of({**figures, "sdc_matched_pct": 12.0}, kept).repeats is None
    assert Thresholds.of(None, kept) == DEFAULT
