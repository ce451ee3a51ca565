import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.assessments.measurements.visibility import Thresholds, Verdict, judge, sdc_from_repeats, verdict

EARLY, ERROR, ABOVE, VISIBLE, ESTIMATE = (
    Verdict.TOO_EARLY,
    Verdict.WITHIN_ERROR,
    Verdict.ABOVE_ERROR,
    Verdict.LIKELY_VISIBLE,
    Verdict.ESTIMATE,
)


@pytest.mark.parametrize(
    ("change", "month", "matched", "word"),
    [
        (30, 5, True, EARLY),
        (30, 0, False, EARLY),
        (0, 6, True, ERROR),
        (17, 6, True, ERROR),
        (17.1, 6, True, ABOVE),
        (22.6, 12, True, ABOVE),
        (22.7, 6, True, VISIBLE),
        (-17, 6, True, ERROR),
        (-20, 6, True, ABOVE),
        (-30, 6, True, VISIBLE),
        (22.7, 6, False, ERROR),
        (26, 6, False, ERROR),
        (26.1, 6, False, VISIBLE),
    ],
)
def test_the_word_for_a_measured_change(change, month, matched, word):
    assert verdict(change, month=month, matched_spot=matched, method="trichoscan") is word


@pytest.mark.parametrize(
    ("change", "count", "word"), [(18, 43, VISIBLE), (18, 42.9, ABOVE), (10, 60, ERROR), (-18, -43, VISIBLE)]
)
def test_large_count_is_visible_beyond_error(change, count, word):
    """A large count is visible too, but not inside the error."""
    got = verdict(change, month=6, matched_spot=True, method="trichoscan", change_per_cm2=count)
    assert got is word


@pytest.mark.parametrize("month", [0, 6, 12])
def test_estimate_by_eye_is_no_measurement(month):
    """An estimate by eye is never judged as a measurement."""
    judged = judge(25, month=month, matched_spot=True, method="clinician_visual_estimate")
    assert (judged.verdict, judged.sdc_pct) == (ESTIMATE, None)
    assert "not a measurement" in judged.sentence


def test_clinics_own_error_replaces_default():
    """The clinic's own error replaces the default."""
    own = Thresholds(sdc_matched_pct=10.0)
    assert verdict(12, month=6, matched_spot=True, method="trichoscan", thresholds=own) is ABOVE
    assert verdict(12, month=6, matched_spot=True, method="trichoscan") is ERROR


@pytest.mark.parametrize(
    ("change", "month", "matched", "text"),
    [
        (30, 3, True, "wait for Month 6"),
        (12, 7, True, "No change detectable: +12.0 % is within 17 %"),
        (-12, 7, False, "−12.0 % is within 26 %"),
        (20, 7, True, "less than the 22.7 %"),
        (25, 7, True, "an eye is likely to see it"),
    ],
)
def test_sentence_names_change_and_error(change, month, matched, text):
    """The sentence names the change and its error."""
    judged = judge(change, month=month, matched_spot=matched, method="trichoscan")
    assert text in judged.sentence
    assert judged.sources


@pytest.mark.parametrize("change", [math.nan, math.inf])
def test_change_that_is_no_number_is_refused(change):
    with pytest.raises(ValueError):
        verdict(change, month=6, matched_spot=True, method="trichoscan")


@given(st.floats(-100, 1000), st.integers(6, 60))
def test_unmatched_spot_says_no_more(change, month):
    """An unmatched spot never says more than a matched one."""
    verdicts = [ERROR, ABOVE, VISIBLE]
    matched, unmatched = (
        verdicts.index(verdict(change, month=month, matched_spot=spot, method="trichoscan")) for spot in (True, False)
    )
    assert unmatched <= matched


def test_error_from_repeat_counts():
    step = 0.06 * math.sqrt(2)
    pairs = [(100.0, 100.0 * math.exp(step if n % 2 else -step)) for n in range(10)]
    assert sdc_from_repeats(pairs) == pytest.approx(1.96 * math.sqrt(2) * 6)


@pytest.mark.parametrize("pairs", [[(100.0, 101.0)] * 9, [(100.0, 0.0)] * 10])
def test_too_few_repeats_are_refused(pairs):
    """Too few or impossible repeats are refused."""
    with pytest.raises(ValueError):
        sdc_from_repeats(pairs)
