"""Sums that a database adds up give what the values themselves give."""

import math
import random

import pytest

from treatments.evidence.statistics.paired_change import (
    Sums,
    mean_change,
    mean_from_sums,
    percent_change,
    percent_from_sums,
)
from treatments.evidence.statistics.rates import ClusterSums, rate, rate_from_sums
from treatments.evidence.statistics.results import Estimate, Interval, NoAnswer


def numbers(told: Estimate | NoAnswer) -> list[float]:
    assert isinstance(told, Estimate)
    ends = [told.interval.low, told.interval.high] if isinstance(told.interval, Interval) else []
    return [told.value, *ends, told.n]


@pytest.mark.parametrize("n", [1, 2, 5, 40, 3_000])
def test_means_agree(n: int) -> None:
    chance = random.Random(n)
    values = [chance.gauss(18.6, 25.4) for _ in range(n)]
    pairs = [
        (before, before * math.exp(chance.gauss(0.1, 0.2))) for before in (chance.uniform(80, 200) for _ in values)
    ]
    logs = [math.log(after / before) for before, after in pairs]

    assert numbers(mean_from_sums(Sums.of(values))) == pytest.approx(numbers(mean_change(values)))
    assert numbers(percent_from_sums(Sums.of(logs))) == pytest.approx(numbers(percent_change(pairs)))


@pytest.mark.parametrize("values", [[], [3.0], [7.1] * 9, [0.1] * 3])
def test_no_answer_is_the_same(values: list[float]) -> None:
    one, other = mean_from_sums(Sums.of(values)), mean_change(values)
    if isinstance(other, NoAnswer):
        assert one == other
    else:
        assert isinstance(one, Estimate)
        assert one.interval == other.interval


@pytest.mark.parametrize("patients", [1, 12, 60])
def test_rates_agree(patients: int) -> None:
    chance = random.Random(patients)
    sessions = [chance.randint(1, 8) for _ in range(patients)]
    events = [chance.choice((0, 0, 0, 1, 2)) for _ in sessions]

    assert rate_from_sums(ClusterSums.of(events, sessions)) == rate(events, sessions)


def test_deviation_of_sums() -> None:
    assert Sums.of([1.0, 2.0, 3.0, 4.0]).deviation == pytest.approx(1.2909944487358056)
    assert Sums.of([4.0]).deviation is None
