"""Rows that could single somebody out, and counts that could."""

import itertools
from collections import Counter

import pytest

from treatments.evidence.series.anonymity import NOT_TOLD, K, Sum, age_band, held_back, told_counts

pytestmark = pytest.mark.any_database


def test_rows_fewer_than_five_share_stay() -> None:
    """Four alike are held back, five are not; the others' order stays."""
    rows = ["a"] * 4 + ["b"] * 5 + ["c"] + ["d"] * 6

    assert held_back(rows, lambda row: row) == (["b"] * 5 + ["d"] * 6, 5)
    assert K == 5 and held_back([], lambda row: row) == ([], 0)


def test_ages_are_told_in_bands() -> None:
    assert [age_band(age) for age in (0, 44, 45, 49, 89, 90, 103, None)] == [
        *("0 to 4", "40 to 44", "45 to 49", "45 to 49", "85 to 89", "90 or more", "90 or more", "unknown")
    ]


def test_few_left_out_stay_apart() -> None:
    """One or two who are in no row follow from the sums beside the rows: then others are left out with them."""
    rows = ["a"] * 7 + ["b"] * 5

    assert held_back(rows, lambda row: row) == (rows, 0), "nobody is left out"
    assert held_back([*rows, "c"], lambda row: row) == (["a"] * 5 + ["b"] * 5, 3)
    assert held_back(rows, lambda row: row, beside=2) == (["a"] * 6 + ["b"] * 5, 1)
    assert held_back(rows, lambda row: row, beside=3) == (rows, 0)
    assert held_back(["a"] * 5 + ["c"], lambda row: row) == ([], 6), "no row can be spared"


def test_few_of_one_sum_stay_apart() -> None:
    """Of twelve rows ten have a mean, and one more has it who is in no row: two of the ten stay with that one, and no
    other row. Where nobody of a sum is in a row, nothing is subtracted from it."""
    rows = [f"a{number}" for number in range(7)] + [f"b{number}" for number in range(5)]
    kept, out = held_back(rows, lambda row: row[0], beside=9, sums=[Sum(lambda row: row != "a0" and row != "b0", 1)])

    assert (kept, out) == (["a0", "a3", "a4", "a5", "a6", *rows[7:]], 2)
    assert held_back(rows, lambda row: row[0], beside=9, sums=[Sum(lambda row: False, 2)]) == (rows, 0)
    assert held_back(rows, lambda row: row[0], beside=9, sums=[Sum(lambda row: row[0] == "b", 1)]) == (rows[:7], 5)


def possible(told: list[tuple[str, str]], total: int, listed: Counter[str]) -> dict[str, set[int]]:
    """What each value could be for a reader who knows the sum, who is listed, and that each that is named is there."""
    ranges = [range(max(1, listed[name]), total + 1) if text == NOT_TOLD else [int(text)] for name, text in told]
    fitting = [each for each in itertools.product(*ranges) if sum(each) == total]
    return {name: {each[place] for each in fitting} for place, (name, _) in enumerate(told)}


@pytest.mark.parametrize("values", [2, 3])
def test_small_count_follows_from_nothing(values: int) -> None:
    """Every cohort of up to 14 by two or three values, with any of them listed: none from 1 to 4 can be worked out."""
    names = "abc"[:values]
    for numbers in itertools.product(range(1, 13), repeat=values):
        if sum(numbers) > 14:
            continue
        counts = dict(zip(names, numbers, strict=True))
        for seen in {0, *(n for n in (max(numbers) - 1, max(numbers)) if n >= K)}:
            listed = Counter({max(counts, key=lambda name: counts[name]): seen})
            told = told_counts(counts, listed=listed)
            if told:
                found = possible(told, sum(numbers), listed)
                assert all(len(found[name]) > 1 for name, number in counts.items() if number < K), (counts, listed)


def test_small_count_is_not_told() -> None:
    """A true 0 stays; others go with what would follow from them, and no more than are needed."""
    assert told_counts({"a": 0, "b": 3, "c": 2, "d": 9}) == [("a", "0"), ("b", NOT_TOLD), ("c", NOT_TOLD), ("d", "9")]
    assert told_counts({"a": 7, "b": 3, "c": 12}) == [("a", NOT_TOLD), ("b", NOT_TOLD), ("c", "12")]
    assert told_counts({"a": 1, "b": 1, "c": 9}) == [(name, NOT_TOLD) for name in "abc"], "else each is 1"
    assert told_counts({"a": 7, "b": 12}) == [("a", "7"), ("b", "12")]
    assert told_counts({"a": 2}) == told_counts({"a": 1, "b": 1}) == [], "no name may stand there"
