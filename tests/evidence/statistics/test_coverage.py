"""How often a 95 % interval holds the true value, in the cases in which the methods give one: 93 to 97 times in 100.

All is drawn from one seed in each test, so a figure is the same each time. The intervals of a median and of a few
events are exact, and may hold more often.
"""

import math
import random
from collections.abc import Callable, Iterator

import pytest

from treatments.evidence.statistics.agreement import (
    FEWEST_FOR_NORMAL,
    Agreement,
    Weights,
    gwet_ac2,
    kappa,
    krippendorff_alpha,
    table_of,
)
from treatments.evidence.statistics.paired_change import mean_change, median_change, percent_change
from treatments.evidence.statistics.proportions import wilson
from treatments.evidence.statistics.rates import FEWEST_EVENTS, FEWEST_PATIENTS, rate
from treatments.evidence.statistics.repeatability import relative_repeatability, repeatability
from treatments.evidence.statistics.results import Estimate, Interval, NoAnswer

REPEATS = 2000
LEAST, MOST = 0.93, 0.97
ANSWERS = list(range(-3, 4))


def coverage(true: float, estimates: Iterator[Estimate | NoAnswer]) -> float:
    """Of the intervals that were given, the share that holds the true value."""
    intervals = [each.interval for each in estimates if isinstance(each, Estimate)]
    given = [interval for interval in intervals if isinstance(interval, Interval)]
    assert len(given) > REPEATS / 10, "hardly ever an interval"
    return sum(interval.low <= true <= interval.high for interval in given) / len(given)


def repeated(
    draw: Callable[[random.Random], Estimate | NoAnswer], times: int = REPEATS
) -> Iterator[Estimate | NoAnswer]:
    chance = random.Random(1908)
    return (draw(chance) for _ in range(times))


@pytest.mark.parametrize("n", [5, 8, 12, 30, 100])
def test_mean_change(n: int) -> None:
    found = coverage(18.6, repeated(lambda chance: mean_change([chance.gauss(18.6, 25.4) for _ in range(n)])))
    assert LEAST <= found <= MOST


@pytest.mark.parametrize("n", [5, 12, 30])
def test_percent_change(n: int) -> None:
    def draw(chance: random.Random) -> Estimate | NoAnswer:
        before = [chance.uniform(80, 220) for _ in range(n)]
        return percent_change([(each, each * math.exp(chance.gauss(math.log(1.12), 0.15))) for each in before])

    assert LEAST <= coverage(12, repeated(draw)) <= MOST


@pytest.mark.parametrize("n", [6, 8, 12, 30])
def test_median_change(n: int) -> None:
    """Exact for any symmetric distribution: this one has far values."""

    def draw(chance: random.Random) -> Estimate | NoAnswer:
        return median_change([10 + chance.gauss(0, 5) / math.sqrt(chance.random()) for _ in range(n)])

    given = median_change(list(range(n)))
    assert isinstance(given, Estimate) and isinstance(given.interval, Interval)
    assert coverage(10, repeated(draw)) == pytest.approx(given.interval.level, abs=0.02)


@pytest.mark.parametrize("n", [10, 30, 100])
def test_share(n: int) -> None:
    """On the average of the shares that a clinic may have: one by one they jump with n, for any method."""
    chance = random.Random(1908)
    held = 0
    for _ in range(REPEATS):
        true = chance.uniform(0.1, 0.9)
        found = wilson(sum(chance.random() < true for _ in range(n)), n)
        assert isinstance(found, Estimate) and isinstance(found.interval, Interval)
        held += found.interval.low <= true <= found.interval.high
    assert LEAST <= held / REPEATS <= MOST


def events_of(chance: random.Random, expected: float) -> int:
    """A number of events drawn from the Poisson distribution."""
    limit, events, product = math.exp(-expected), 0, chance.random()
    while product > limit:
        events, product = events + 1, product * chance.random()
    return events


@pytest.mark.parametrize("mixing", [0.5, 2.0], ids=["strong mixing", "mild mixing"])
@pytest.mark.parametrize("patients", [FEWEST_PATIENTS, 60])
def test_rate(patients: int, mixing: float) -> None:
    """Ten events per 100 sessions on the average, each patient with a rate of their own."""

    def draw(chance: random.Random) -> Estimate | NoAnswer:
        rates = [chance.gammavariate(mixing, 0.1 / mixing) for _ in range(patients)]
        return rate([events_of(chance, 5 * each) for each in rates], [5] * patients)

    assert LEAST <= coverage(10, repeated(draw)) <= MOST


def test_rate_of_few_events() -> None:
    def draw(chance: random.Random) -> Estimate | NoAnswer:
        events = [events_of(chance, 5 * 0.02) for _ in range(12)]
        return rate(events, [5] * 12) if sum(events) < FEWEST_EVENTS else NoAnswer("Not among those tried here.")

    assert coverage(2, repeated(draw)) >= LEAST


@pytest.mark.parametrize("n", [5, 10, 20])
def test_smallest_detectable_change(n: int) -> None:
    true = 1.959964 * math.sqrt(2) * 6

    def draw(chance: random.Random) -> Estimate | NoAnswer:
        spots = [chance.uniform(90, 200) for _ in range(n)]
        found = repeatability([[chance.gauss(spot, 6), chance.gauss(spot, 6)] for spot in spots])
        return found if isinstance(found, NoAnswer) else found.smallest_change

    assert LEAST <= coverage(true, repeated(draw)) <= MOST


def test_smallest_detectable_fall() -> None:
    true = 100 * math.expm1(-1.959964 * math.sqrt(2) * 0.06)

    def draw(chance: random.Random) -> Estimate | NoAnswer:
        spots = [chance.uniform(90, 200) for _ in range(12)]
        found = relative_repeatability([[spot * math.exp(chance.gauss(0, 0.06)) for _ in range(2)] for spot in spots])
        return found if isinstance(found, NoAnswer) else found.fall

    assert LEAST <= coverage(true, repeated(draw)) <= MOST


def readings(chance: random.Random, pairs: int, readers: int) -> list[tuple[int, ...]]:
    """Of pairs with a gain of nearly 1 on the average, by readers who err by nearly 1."""
    truths = [chance.gauss(0.8, 1.1) for _ in range(pairs)]
    return [tuple(max(-3, min(3, round(chance.gauss(truth, 0.8)))) for _ in range(readers)) for truth in truths]


def estimate_of(found: Agreement | NoAnswer) -> Estimate | NoAnswer:
    return found if isinstance(found, NoAnswer) else found.estimate


METHODS: dict[str, Callable[[list[tuple[int, ...]]], Estimate | NoAnswer]] = {
    "kappa": lambda pairs: estimate_of(kappa(table_of(pairs, ANSWERS), Weights.LINEAR)),
    "ac2": lambda pairs: estimate_of(gwet_ac2(table_of(pairs, ANSWERS), Weights.LINEAR)),
    "ac2 quadratic": lambda pairs: estimate_of(gwet_ac2(table_of(pairs, ANSWERS), Weights.QUADRATIC)),
    "alpha": krippendorff_alpha,
}


@pytest.mark.parametrize(
    ("method", "readers", "pairs", "times"),
    [
        ("kappa", 2, FEWEST_FOR_NORMAL, REPEATS),
        ("ac2", 2, 20, REPEATS),
        ("ac2", 2, 50, REPEATS),
        ("ac2 quadratic", 2, FEWEST_FOR_NORMAL, REPEATS),
        ("alpha", 2, 30, 800),
        ("alpha", 3, 20, 800),
        ("alpha", 3, 50, 400),
    ],
)
def test_agreement(method: str, readers: int, pairs: int, times: int) -> None:
    of = METHODS[method]
    many = of(readings(random.Random(5), 2000 if method == "alpha" else 100_000, readers))
    assert isinstance(many, Estimate)
    found = coverage(many.value, repeated(lambda chance: of(readings(chance, pairs, readers)), times))
    assert LEAST <= found <= MOST
