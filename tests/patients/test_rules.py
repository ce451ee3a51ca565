from datetime import date

import pytest

from treatments.patients.rules import birth_problems, event_date_problems, onset_problems
from treatments.records.partial_dates import PartialDate

TODAY = date(2025, 1, 14)


def levels(problems):
    return [(p.rule, p.level, p.code) for p in problems]


def on(text):
    return PartialDate(text) if text else None


@pytest.mark.parametrize(
    ("birth", "expected"),
    [
        ("1965", []),
        ("2025-01-14", []),
        ("2025", []),
        ("2025-01-15", [(1, "error", "birth_in_future")]),
        ("2026", [(1, "error", "birth_in_future")]),
        ("1905-01-14", []),
        ("1904-01-15", []),
        ("1904-01-14", [(1, "error", "birth_too_long_ago")]),
        ("1904", []),
        ("1903", [(1, "error", "birth_too_long_ago")]),
        ("1903~", []),
    ],
)
def test_rule_1_birth_within_a_life(birth, expected):
    assert levels(birth_problems(PartialDate(birth), today=TODAY)) == expected


@pytest.mark.parametrize(
    ("day", "birth", "planned", "expected"),
    [
        (date(2025, 1, 14), "1965", False, []),
        (date(2025, 1, 15), "1965", False, [(2, "error", "future")]),
        (date(2025, 1, 15), "1965", True, []),
        (PartialDate("2025"), "1965", False, []),
        (date(1964, 12, 31), "1965", False, [(1, "error", "before_birth")]),
        (date(1964, 12, 31), "1965~", False, []),
        (date(1900, 1, 1), None, False, []),
    ],
)
def test_rules_1_and_2_between_birth_and_now(day, birth, planned, expected):
    """Nothing happens before birth or tomorrow."""
    problems = event_date_problems(day, field="taken_on", what="photo", today=TODAY, birth=on(birth), planned=planned)
    assert levels(problems) == expected
    assert all("photo" in p.sentence and p.field == "taken_on" for p in problems)


@pytest.mark.parametrize(
    ("onset", "birth", "baseline", "expected"),
    [
        ("2020~", "1965", date(2025, 1, 14), []),
        ("1964", "1965", None, [(3, "error", "onset_before_birth")]),
        ("1965", "1965-06-01", None, [(3, "warning", "onset_in_childhood")]),
        ("1974-12", "1965-06-01", None, [(3, "warning", "onset_in_childhood")]),
        ("1975", "1965-06-01", None, []),
        ("2025", None, date(2025, 1, 14), []),
        ("2025-02", None, date(2025, 1, 14), [(3, "warning", "onset_after_baseline")]),
        ("1950", None, None, []),
    ],
)
def test_rule_3_onset_before_the_baseline(onset, birth, baseline, expected):
    """Onset lies within the life and before the baseline."""
    assert levels(onset_problems(PartialDate(onset), birth=on(birth), baseline_on=baseline)) == expected
