from datetime import UTC, date, datetime, timedelta

import pytest

from treatments.records.partial_dates import PartialDate
from treatments.safety.grading import (
    EventFacts,
    agreement_problems,
    date_problems,
    decision_problems,
    grade_limits,
    grade_meaning,
    lot_problems,
    next_session_problems,
    report_due_on,
    seriousness_problems,
    suggested_action,
)
from treatments.safety.vocabulary import EventKind


def codes(problems):
    return [p.code for p in problems]


def on(text):
    return PartialDate(text) if text else None


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_possible_grade_has_a_meaning(kind):
    """Every grade that a kind can have has a meaning."""
    low, high = grade_limits(kind.value)
    assert 1 <= low <= high <= 5
    assert all(grade_meaning(kind.value, grade) for grade in range(low, high + 1))


def test_grades_mean_what_ctcae_says():
    """Grades mean what CTCAE says of the kind."""
    assert "wig" in grade_meaning("shedding_te", 2)
    assert "necrosis" in grade_meaning("injection_site_pain", 3)
    assert grade_meaning("headache", 4).startswith("Life-threatening")


@pytest.mark.parametrize(
    ("onset", "ended", "outcome", "session_on", "expected"),
    [
        ("2025-05-14", "2025-05-15", "1", date(2025, 5, 14), []),
        ("2025-05-14", "2025-05-14", "1", date(2025, 5, 14), []),
        ("2025-05-14", "2025-05-13", "1", None, [("error", "ended_before_onset")]),
        ("2025-05", "2025-05-02", "1", None, []),
        ("2025-05", "2025-04", "1", None, [("error", "ended_before_onset")]),
        ("2025-05~", "2025-04", "1", None, [("warning", "ended_before_onset")]),
        ("2025-05-13", None, "3", date(2025, 5, 14), [("error", "onset_before_session")]),
        ("2025-05", None, "3", date(2025, 5, 14), []),
        ("2025-05-13~", None, "3", date(2025, 5, 14), [("warning", "onset_before_session")]),
        ("2025-05-14", "2025-05-16", "3", None, [("error", "ongoing_with_end")]),
        ("2025-05-14", None, "1", None, [("warning", "recovered_without_date")]),
        ("2025-05-14", None, "4", None, [("warning", "recovered_without_date")]),
        ("2025-05-14", None, "2", None, []),
        (None, None, "3", date(2025, 5, 14), []),
        (None, "2025-05-16", "3", None, [("error", "ongoing_with_end")]),
    ],
)
def test_rule_22_dates_and_outcome_in_order(onset, ended, outcome, session_on, expected):
    """Onset, end, session and outcome are in order."""
    problems = date_problems(onset=on(onset), ended=on(ended), outcome=outcome, session_on=session_on)
    assert [(p.level, p.code) for p in problems] == expected
    assert all(p.rule == 22 for p in problems)


@pytest.mark.parametrize(
    ("kind", "grade", "serious", "criteria", "outcome", "expected"),
    [
        ("headache", 1, False, [], "1", []),
        ("headache", 3, False, [], "1", []),
        ("headache", 2, True, ["medically_important"], "1", []),
        ("anaphylaxis", 4, True, ["life_threatening"], "1", []),
        ("anaphylaxis", 5, True, ["death"], "5", []),
        ("anaphylaxis", 4, False, [], "1", ["grave_but_not_serious"]),
        ("anaphylaxis", 5, True, ["life_threatening"], "5", ["death_disagrees"]),
        ("anaphylaxis", 4, True, ["death"], "5", ["death_disagrees"]),
        ("anaphylaxis", 5, True, ["death"], "3", ["death_disagrees"]),
        ("headache", 1, False, [], "5", ["death_disagrees"]),
        ("headache", 2, True, [], "1", ["serious_without_criterion"]),
        ("headache", 2, False, ["disability"], "1", ["criterion_but_not_serious"]),
        ("shedding_te", 2, False, [], "1", []),
        ("shedding_te", 3, False, [], "1", ["grade_over_limit"]),
        ("pruritus", 4, True, ["medically_important"], "1", ["grade_over_limit"]),
        ("headache", 0, False, [], "1", ["no_such_grade"]),
        ("headache", 6, True, ["death"], "5", ["no_such_grade"]),
    ],
)
def test_rule_23_grade_seriousness_outcome(kind, grade, serious, criteria, outcome, expected):
    """Grade, seriousness and outcome agree."""
    problems = agreement_problems(kind=kind, grade=grade, serious=serious, criteria=criteria, outcome=outcome)
    assert codes(problems) == expected
    assert all(p.is_error and p.rule == 23 for p in problems)


@pytest.mark.parametrize(
    ("kind", "grade", "criteria", "expected"),
    [
        ("headache", 3, [], []),
        ("anaphylaxis", 3, [], [("warning", "anaphylaxis_not_serious")]),
        ("anaphylaxis", 3, ["medically_important"], []),
        ("anaphylaxis", 4, [], [("error", "grave_but_not_serious")]),
        ("headache", 4, [], [("error", "grave_but_not_serious")]),
    ],
)
def test_rule_23_one_question_of_seriousness(kind, grade, criteria, expected):
    """Whoever takes an event asks the same: is it serious, by its kind and its grade?"""
    problems = seriousness_problems(kind=kind, grade=grade, criteria=criteria, outcome="3")
    assert [(p.level, p.code) for p in problems] == expected


@pytest.mark.parametrize(
    ("serious", "hours", "given", "expected"),
    [
        (True, 24, {}, []),
        (True, 25, {}, ["no_causality", "no_action", "no_report_decision"]),
        (True, 25, {"causality": "possible", "action_taken": "0"}, ["no_report_decision"]),
        (True, 25, {"causality": "possible", "action_taken": "4", "report_decided": True}, []),
        (False, 100, {}, []),
    ],
)
def test_rule_24_serious_is_judged_in_a_day(serious, hours, given, expected):
    """A serious event is judged within a day."""
    aware = datetime(2025, 5, 14, 9, tzinfo=UTC)
    facts = {"causality": "", "action_taken": "", "report_decided": False} | given
    problems = decision_problems(serious=serious, aware_at=aware, now=aware + timedelta(hours=hours), **facts)
    assert codes(problems) == expected


@pytest.mark.parametrize(
    ("kind", "grade", "outcome", "expected"),
    [
        ("injection_site_pain", 3, "3", ["open_grade_3"]),
        ("injection_site_pain", 3, "1", []),
        ("injection_site_pain", 2, "3", []),
        ("granuloma", 1, "2", ["open_lump"]),
        ("nodule_mass", 1, "0", ["open_lump"]),
        ("granuloma", 3, "3", ["open_grade_3"]),
        ("granuloma", 2, "1", []),
    ],
)
def test_rule_24_open_before_next_session(kind, grade, outcome, expected):
    """Open events are shown before the next session."""
    assert codes(next_session_problems([EventFacts(kind, grade, outcome)])) == expected


@pytest.mark.parametrize(("events", "expected"), [(2, []), (3, ["lot_signal"])])
def test_rule_24_three_events_are_a_signal(events, expected):
    """Three events on a lot are a signal."""
    assert codes(lot_problems("EX-2503", events)) == expected


@pytest.mark.parametrize(
    ("kind", "criteria", "due"),
    [
        ("headache", [], None),
        ("infection", ["hospitalisation"], date(2025, 5, 29)),
        ("anaphylaxis", ["medically_important"], date(2025, 5, 14)),
        ("infection", ["death"], date(2025, 5, 14)),
    ],
)
def test_when_a_report_is_due(kind, criteria, due):
    assert report_due_on(date(2025, 5, 14), kind=kind, criteria=criteria) == due


@pytest.mark.parametrize(
    ("actions", "reduced", "over", "code"),
    [
        (["course_stopped"], True, True, "1"),
        (["analgesic"], True, False, "2"),
        (["analgesic"], False, True, "9"),
        (["analgesic"], False, False, None),
    ],
)
def test_ich_action_follows_what_was_done(actions, reduced, over, code):
    """The ICH action follows from what was done."""
    assert suggested_action(actions, volume_reduced=reduced, only_session_over=over) == code
