"""Rows that could single somebody out, and counts that could."""

import pytest

from treatments.evidence.series.anonymity import K, age_band, held_back, told_counts

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


def test_small_count_is_not_told() -> None:
    """A true 0 stays, and one hidden number is not given away by the sum of the others."""
    assert told_counts({"a": 0, "b": 3, "c": 2, "d": 9}) == [
        ("a", "0"),
        ("b", "fewer than 5"),
        ("c", "fewer than 5"),
        ("d", "9"),
    ]
    assert told_counts({"a": 7, "b": 3, "c": 12}) == [("a", "5 or more"), ("b", "fewer than 5"), ("c", "12")]
    assert told_counts({"a": 7, "b": 12}) == [("a", "7"), ("b", "12")]
    assert told_counts({"a": 2}) == [("a", "fewer than 5")]
