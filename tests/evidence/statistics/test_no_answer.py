"""Where a method has no answer it says so in a sentence; never 0, NaN, an infinity or an interval without width."""

import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from treatments.evidence.statistics.agreement import (
    Agreement,
    Weights,
    gwet_ac2,
    kappa,
    krippendorff_alpha,
    share_within,
    table_of,
)
from treatments.evidence.statistics.paired_change import mean_change, median_change, percent_change
from treatments.evidence.statistics.proportions import (
    MissingBounds,
    clopper_pearson,
    highest_share_of_none,
    missing_bounds,
    wilson,
)
from treatments.evidence.statistics.quantiles import beta
from treatments.evidence.statistics.rates import rate, rate_clustered, rate_exact
from treatments.evidence.statistics.repeatability import (
    bland_altman,
    intraclass_correlation,
    relative_repeatability,
    repeatability,
)
from treatments.evidence.statistics.results import Estimate, Interval, NoAnswer

SEVEN = list(range(-3, 4))
ALL_GAINED = table_of([(1, 1)] * 40, SEVEN)


def numbers(found: Any) -> Iterator[float]:
    if isinstance(found, float):
        yield found
    elif is_dataclass(found):
        for each in fields(found):
            yield from numbers(getattr(found, each.name))


NONE = {
    "mean of nobody": mean_change([]),
    "median of nobody": median_change([]),
    "per cent of nobody": percent_change([]),
    "per cent of a count of 0": percent_change([(0, 12), (100, 110)]),
    "per cent down to 0": percent_change([(12, 0), (100, 110)]),
    "median of too many": median_change([float(n) for n in range(201)]),
    "share of nobody": wilson(0, 0),
    "exact share of nobody": clopper_pearson(0, 0),
    "none of nobody": highest_share_of_none(0),
    "bounds of nobody": missing_bounds(0, 0, 0),
    "no session asked": rate([0, 0], [0, 0]),
    "no patient": rate([], []),
    "kappa of nothing": kappa(table_of([], SEVEN)),
    "kappa of one pair": kappa(table_of([(1, 2)], SEVEN)),
    "kappa, one category": kappa(ALL_GAINED, Weights.LINEAR),
    "AC2 of one pair": gwet_ac2(table_of([(1, 2)], SEVEN)),
    "alpha of one pair": krippendorff_alpha([(1, 2, 1)]),
    "alpha of one reader": krippendorff_alpha([(1, None), (None, 2), (3, None)]),
    "alpha, one category": krippendorff_alpha([(1, 1)] * 40),
    "nothing measured twice": repeatability([(140,), (150,)]),
    "repeats all equal": repeatability([(140, 140), (150, 150)]),
    "repeats equal but for rounding": relative_repeatability([(0.1 + 0.2, 0.3), (150, 150)]),
    "repeats of 0 in per cent": relative_repeatability([(0, 3), (5, 6)]),
    "limits of nothing": bland_altman([], []),
    "limits of one pair": bland_altman([1], [2]),
    "correlation of one subject": intraclass_correlation([(1, 2, 3)]),
    "correlation of one reader": intraclass_correlation([(1,), (2,)]),
    "correlation, one category": intraclass_correlation([(1, 1), (1, 1), (1, 1)]),
    "subjects do not differ": intraclass_correlation([(1, 2), (1, 2), (2, 1)]),
}


@pytest.mark.parametrize("case", NONE)
def test_no_answer(case: str) -> None:
    found = NONE[case]
    assert isinstance(found, NoAnswer)
    assert str(found).endswith(".") and str(found)[0].isupper()


VALUE_ALONE = {
    "mean of one": mean_change([12.0]),
    "mean of equals": mean_change([12.1, 12.1, 12.1]),
    "per cent of one": percent_change([(100, 120)]),
    "per cent of equals": percent_change([(100, 120), (50, 60), (200, 240)]),
    "median of five": median_change([1, 2, 3, 4, 5]),
    "events of one patient, clustered": rate_clustered([6], [20]),
    "no event, clustered": rate_clustered([0, 0], [5, 5]),
    "equal rates": rate_clustered([1, 1, 1], [5, 5, 5]),
    "many events in few patients": rate([4, 3], [5, 5]),
    "alpha of few pairs": krippendorff_alpha([(1, 2), (2, 2), (0, -1)]),
}


@pytest.mark.parametrize("case", VALUE_ALONE)
def test_value_without_interval(case: str) -> None:
    found = VALUE_ALONE[case]
    assert isinstance(found, Estimate) and isinstance(found.interval, NoAnswer)
    assert math.isfinite(found.value)


def of_agreement(found: Agreement | NoAnswer) -> Estimate:
    assert isinstance(found, Agreement)
    return found.estimate


def test_perfect_agreement_has_no_interval() -> None:
    perfect = table_of([(answer, answer) for answer in SEVEN] * 20, SEVEN)
    for found in (kappa(perfect), kappa(perfect, Weights.QUADRATIC), gwet_ac2(perfect)):
        assert of_agreement(found).value == pytest.approx(1)
        assert isinstance(of_agreement(found).interval, NoAnswer)
    alpha = krippendorff_alpha([(answer, answer) for answer in SEVEN] * 20)
    assert isinstance(alpha, Estimate) and isinstance(alpha.interval, NoAnswer)


def test_few_pairs_have_no_interval() -> None:
    few = table_of([(0, 1), (1, 1), (2, 1), (0, 0)], SEVEN)
    assert isinstance(of_agreement(kappa(few)).interval, NoAnswer)
    assert isinstance(of_agreement(gwet_ac2(few)).interval, NoAnswer)


def test_one_category_has_ac2() -> None:
    """Where kappa has no answer: this is what AC2 is for."""
    assert of_agreement(gwet_ac2(ALL_GAINED)).value == 1


def test_every_number_is_finite() -> None:
    answers = [
        *NONE.values(),
        *VALUE_ALONE.values(),
        wilson(0, 1),
        wilson(1, 1),
        clopper_pearson(0, 1),
        clopper_pearson(1, 1),
        rate_exact(0, 1),
        rate([0], [5]),
        kappa(table_of([(0, 1), (1, 0)], SEVEN)),
        gwet_ac2(table_of([(-3, 3), (3, -3)], SEVEN)),
        krippendorff_alpha([(-3, 3), (3, -3)] * 30),
        intraclass_correlation([(1, 1), (2, 2), (3, 3)]),
        repeatability([(1, 2)]),
    ]
    found = [number for answer in answers for number in numbers(answer)]
    assert len(found) > 40 and all(math.isfinite(number) for number in found)


def test_median_says_its_level() -> None:
    six = median_change([3, -1, 4, 1.5, 9, 2])
    assert isinstance(six, Estimate) and isinstance(six.interval, Interval)
    assert six.interval.level == pytest.approx(1 - 2 / 64)
    assert (six.interval.low, six.interval.high) == (-1, 9)


def test_per_cent_is_of_the_ratio() -> None:
    """A doubling and a halving cancel out, and the interval is not symmetric."""
    undone = percent_change([(100, 200), (100, 50)])
    assert isinstance(undone, Estimate) and undone.value == pytest.approx(0)
    risen = percent_change([(100, 120), (100, 150), (100, 135)])
    assert isinstance(risen, Estimate) and isinstance(risen.interval, Interval)
    assert risen.interval.high - risen.value > risen.value - risen.interval.low


def test_bounds_of_the_missing() -> None:
    assert missing_bounds(6, 10, 16) == MissingBounds(6 / 16, 12 / 16)
    assert missing_bounds(0, 0, 8) == MissingBounds(0, 1)


def test_a_rise_is_undone_by_a_smaller_fall() -> None:
    """A clinic's error from ten pairs is known within a factor of 0.70 to 1.75."""
    found = relative_repeatability([(100 + n, (100 + n) * (1.09 if n % 2 else 1 / 1.09)) for n in range(10)])
    assert not isinstance(found, NoAnswer)
    assert (1 + found.rise.value / 100) * (1 + found.fall.value / 100) == pytest.approx(1)
    own, rise, fall = repeatability([(1.0, 1.0 + 0.1 * (-1) ** n) for n in range(10)]), found.rise, found.fall
    assert not isinstance(own, NoAnswer) and isinstance(own.within.interval, Interval)
    factors = (own.within.interval.low / own.within.value, own.within.interval.high / own.within.value)
    assert factors == pytest.approx((0.70, 1.75), abs=0.005)
    assert isinstance(rise.interval, Interval) and isinstance(fall.interval, Interval)
    assert rise.interval.low < rise.value < rise.interval.high
    assert fall.interval.low < fall.value < fall.interval.high < 0


def test_shares_of_agreement() -> None:
    table = table_of([(0, 0), (1, 2), (-3, 3), (2, 2)], SEVEN)
    exact, near = share_within(table), share_within(table, 1)
    assert isinstance(exact, Estimate) and isinstance(near, Estimate)
    assert (exact.value, near.value) == (0.5, 0.75)


@pytest.mark.parametrize(
    "act",
    [
        lambda: wilson(3, 2),
        lambda: wilson(-1, 2),
        lambda: clopper_pearson(5, 4),
        lambda: missing_bounds(1, 5, 4),
        lambda: rate_exact(-1, 5),
        lambda: rate([1], [5, 5]),
        lambda: kappa([[1, 2], [3]]),
        lambda: kappa([[1, -2], [3, 4]]),
        lambda: table_of([(1, 9)], SEVEN),
        lambda: intraclass_correlation([(1, 2), (1,)]),
        lambda: beta(0, 1, 1),
    ],
)
def test_impossible_numbers_are_refused(act: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        act()
