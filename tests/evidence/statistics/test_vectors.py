"""Published values, and values of other programs, to the digits that they were printed with."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from treatments.evidence.statistics.agreement import Scale, Weights, gwet_ac2, kappa, krippendorff_alpha
from treatments.evidence.statistics.paired_change import mean_change, median_change
from treatments.evidence.statistics.proportions import clopper_pearson, highest_share_of_none, wilson
from treatments.evidence.statistics.rates import poisson_exact, rate_clustered, standard_error
from treatments.evidence.statistics.repeatability import bland_altman, intraclass_correlation, repeatability
from treatments.evidence.statistics.results import Estimate, Interval, NoAnswer

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
Found = dict[str, Any] | float


def told(estimate: Estimate | NoAnswer, name: str = "value") -> dict[str, Any]:
    assert isinstance(estimate, Estimate), estimate
    interval = estimate.interval
    found = {name: estimate.value}
    if isinstance(interval, Interval):
        found |= {"lo": interval.low, "hi": interval.high, "achieved": interval.level}
    return found


def of_kappa(table: Any, weights: str) -> Found:
    found = kappa(table, Weights(weights))
    assert not isinstance(found, NoAnswer)
    return {"se": found.standard_error, **told(found.estimate, "kappa")}


def of_costs(table: Any, costs: list[list[float]]) -> Found:
    """Cohen's example prints what each disagreement costs; agreement is what is left of the dearest."""
    dearest = max(map(max, costs))
    weighted = kappa(table, [[1 - cost / dearest for cost in row] for row in costs])
    plain = kappa(table)
    assert not isinstance(weighted, NoAnswer) and not isinstance(plain, NoAnswer)
    return {"weighted": weighted.estimate.value, "unweighted": plain.estimate.value}


def of_ac1(*rows: Any) -> Found:
    cohen, gwet = kappa(rows), gwet_ac2(rows, Weights.NONE)
    assert not isinstance(cohen, NoAnswer) and not isinstance(gwet, NoAnswer)
    return {"kappa": cohen.estimate.value, "ac1": gwet.estimate.value}


def of_ac2(table: Any, weights: str) -> Found:
    found = gwet_ac2(table, Weights(weights))
    assert not isinstance(found, NoAnswer)
    return {"ac": found.estimate.value, "pe": found.expected}


def of_alpha(readers: Any, scale: str) -> Found:
    found = krippendorff_alpha(list(zip(*readers, strict=True)), Scale(scale))
    assert isinstance(found, Estimate)
    return found.value


def of_icc(*subjects: Any) -> Found:
    found = intraclass_correlation(subjects)
    assert not isinstance(found, NoAnswer)
    absolute, consistent = found.absolute.interval, found.consistent.interval
    assert isinstance(absolute, Interval) and isinstance(consistent, Interval)
    return {
        "icc11": found.one_way,
        "icc21": found.absolute.value,
        "icc31": found.consistent.value,
        "icc1k": found.one_way_mean,
        "icc2k": found.absolute_mean,
        "icc3k": found.consistent_mean,
        "icc21_ci": [absolute.low, absolute.high],
        "icc31_ci": [consistent.low, consistent.high],
    }


def of_two_methods(first: Any, second: Any) -> Found:
    found = bland_altman(first, second)
    assert not isinstance(found, NoAnswer) and isinstance(found.bias.interval, Interval)
    bias, spread = found.bias.value, found.spread
    return {
        "bias": bias,
        "sd": spread,
        "loa_1_96": [found.limits.low, found.limits.high],
        "loa_2sd": [bias - 2 * spread, bias + 2 * spread],
        "bias_ci": [found.bias.interval.low, found.bias.interval.high],
    }


def of_repeats(first: Any, second: Any) -> Found:
    found = repeatability(list(zip(first, second, strict=True)))
    assert not isinstance(found, NoAnswer) and isinstance(found.within.interval, Interval)
    interval = found.within.interval
    return {
        "sw": found.within.value,
        "sdc95": found.smallest_change.value,
        "sw_ci": [interval.low, interval.high],
    }


def of_rate(events: Any, sessions: Any) -> Found:
    found = told(rate_clustered(events, sessions), "rate100")
    return {**found, "lo100": found["lo"], "hi100": found["hi"], "se": standard_error(events, sessions)}


def of_none(n: int) -> Found:
    exact = highest_share_of_none(n)
    return {"exact": exact, "three_over_n": 3 / n}


def of_poisson(events: int) -> Found:
    interval = poisson_exact(events)
    return {"lo": interval.low, "hi": interval.high}


FUNCTIONS: dict[str, Callable[..., Found]] = {
    "mean_ci_t": lambda *values: told(mean_change(values), "mean"),
    "hodges_lehmann": lambda *values: told(median_change(values), "est"),
    "wilson": lambda k, n: told(wilson(k, n)),
    "clopper_pearson": lambda k, n: told(clopper_pearson(k, n)),
    "poisson_exact": of_poisson,
    "upper_one_sided_zero": of_none,
    "kappa": of_kappa,
    "kappa_custom": of_costs,
    "kappa_ac1": of_ac1,
    "ac2": of_ac2,
    "krippendorff": of_alpha,
    "icc": of_icc,
    "bland_altman": of_two_methods,
    "repeatability": of_repeats,
    "rate_log_t": of_rate,
}
# The standard error under the hypothesis of no agreement, which tests one; Anagen tests none.
NOT_COMPUTED = {"se0"}


def test_there_are_39() -> None:
    assert len({vector["id"] for vector in VECTORS}) == 39


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_vector(vector: dict[str, Any]) -> None:
    given = vector["input"]
    found = FUNCTIONS[vector["function"]](*(given if isinstance(given, list) else [given]))
    expected = vector["expected"]
    if isinstance(expected, dict):
        assert isinstance(found, dict)
        compared = {key: found[key] for key in expected if key not in NOT_COMPUTED}
        assert compared
        for key, value in compared.items():
            assert value == pytest.approx(expected[key], abs=vector["tolerance"]), key
    else:
        assert found == pytest.approx(expected, abs=vector["tolerance"])
