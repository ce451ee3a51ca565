"""The error of counting from repeat pairs: the figures of the published cases, and no answer where there is none."""

import json
import math
from pathlib import Path

import pytest

from treatments.evidence.repeats.counting_error import Agreement, CountingError, Pair, counting_error
from treatments.evidence.statistics.results import Estimate, NoAnswer

VECTORS = json.loads((Path(__file__).parents[1] / "statistics" / "vectors.json").read_text())


def alike(spread: float, number: int) -> list[Pair]:
    """Pairs whose logarithms differ by the spread times the root of two, upwards and downwards in turn: s_w is it."""
    step = math.exp(spread * math.sqrt(2))
    return [Pair(100 + n, (100 + n) * (step if n % 2 else 1 / step), n % 3 == 0) for n in range(number)]


def error_of(pairs: list[Pair]) -> CountingError:
    found = counting_error(pairs)
    assert isinstance(found, CountingError)
    return found


def test_published_error_comes_out() -> None:
    """A spread of 6 % gives the published limit, and the rise and fall that differ."""
    error = error_of(alike(0.06, 10))

    assert error.smallest_change.value == pytest.approx(16.63, abs=0.01)
    assert error.rounded_pct == 16.6
    assert (error.rise.value, error.fall.value) == (pytest.approx(18.1, abs=0.05), pytest.approx(-15.3, abs=0.05))
    assert error_of(alike(0.10, 10)).rise.value == pytest.approx(31.9, abs=0.1)
    assert error_of(alike(0.10, 10)).fall.value == pytest.approx(-24.2, abs=0.1)


@pytest.mark.parametrize(
    ("pairs", "low", "high"), [(10, 0.70, 1.75), (20, 0.77, 1.44), (50, 0.84, 1.24)], ids=("10", "20", "50")
)
def test_interval_by_number_of_pairs(pairs: int, low: float, high: float) -> None:
    """By chi squared, as multiples of the figure."""
    error = error_of(alike(0.06, pairs))
    figure = error.smallest_change.value

    assert (error.interval.low / figure, error.interval.high / figure) == (
        pytest.approx(low, abs=0.006),
        pytest.approx(high, abs=0.006),
    )


def test_the_sentence_tells_the_interval() -> None:
    spread = 17 / 100 / 1.96 / math.sqrt(2)
    assert (
        error_of(alike(spread, 10)).sentence == "17 % from 10 pairs: the true one is likely to lie between 12 and 30 %."
    )


def test_no_error_from_nine_pairs() -> None:
    found = counting_error(alike(0.06, 9))

    assert isinstance(found, NoAnswer)
    assert str(found).startswith("There are 9 pairs. At least 10 are needed")
    assert str(counting_error([])).startswith("There is no pair yet.")
    assert str(counting_error(alike(0.06, 1))).startswith("There is 1 pair.")


def test_copied_counts_give_no_error() -> None:
    """Second counts that are all equal to the first tell nothing of the error: no zero."""
    found = counting_error([Pair(100 + n, 100 + n) for n in range(12)])

    assert isinstance(found, NoAnswer)
    assert "both counts are equal" in str(found)
    assert error_of([*alike(0.06, 10), Pair(90, 90)]).identical == 1


def test_published_pairs_of_bland_and_altman() -> None:
    """Wright's meter on logarithms, against another computation of the same 17 pairs."""
    [case] = [each for each in VECTORS if each["id"] == "rep-wright"]
    pairs = [Pair(*pair) for pair in zip(*case["input"], strict=True)]
    within = math.sqrt(sum(math.log(p.second / p.first) ** 2 for p in pairs) / (2 * len(pairs)))

    error = error_of(pairs)

    assert error.spread.value == pytest.approx(100 * within)
    assert isinstance(error.correlation, Estimate) and error.correlation.value > 0.9
    assert isinstance(error.agreement, Agreement)
    assert error.agreement.limits.low < error.agreement.bias.value < error.agreement.limits.high


def test_a_higher_second_count_is_a_bias() -> None:
    """Where all second counts are higher, the mean says by how much; an error that cannot be a limit is refused."""
    error = error_of([Pair(100 + n, (100 + n) * 1.1) for n in range(10)])

    assert isinstance(error.agreement, Agreement)
    assert error.agreement.bias.value == pytest.approx(10)
    assert error.refusal == ""
    assert "between 1 and 100 %" in error_of(alike(0.6, 10)).refusal


def test_unmatched_spot_adds_neighbours() -> None:
    """Published: 6 % and 7 % in quadrature give 25.6 %."""
    assert error_of(alike(0.06, 10)).unmatched_pct == 25.6
