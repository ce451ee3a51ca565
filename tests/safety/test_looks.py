"""How an event stands: the same over any order of entry, and never milder for a further look."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.records.partial_dates import PartialDate, of_day
from treatments.safety.deadline import computed_deadline, computed_due_on, deadline_by_hand, effective_due_on
from treatments.safety.looks import (
    Look,
    end_problems,
    falls_with_session,
    look_problems,
    report_problems,
    standing,
    what_each_added,
)
from treatments.safety.vocabulary import Seriousness

DAY = datetime.date(2026, 3, 1)


def on(day: int) -> datetime.date:
    return DAY + datetime.timedelta(days=day)


def look(day: int, outcome: str = "3", grade: int | None = None, *criteria: str, **more: Any) -> Look:
    return Look(on(day), outcome, grade, criteria, **more)


def report(day: int = 0, outcome: str = "3", grade: int = 1, *criteria: str, **more: Any) -> Look:
    return look(day, outcome, grade, *criteria, is_report=True, **more)


LOOKS = st.builds(
    look,
    st.integers(0, 40),
    st.sampled_from("012345"),
    st.none() | st.integers(1, 5),
    learnt_on=st.none() | st.dates(on(40), on(60)),
)
SERIOUS = st.builds(look, st.integers(0, 40), st.just("3"), st.none(), st.sampled_from(Seriousness.values))
REPORTS = st.builds(report, st.integers(0, 40), st.sampled_from("012345"), st.integers(1, 5))
SETS = st.lists(LOOKS | SERIOUS, max_size=6, unique_by=lambda each: each.on)


@given(REPORTS, SETS, st.randoms())
def test_order_of_entry_changes_nothing(first: Look, later: list[Look], random: Any) -> None:
    """The same looks, entered in any order, leave the event the same."""
    shuffled = [first, *later]
    random.shuffle(shuffled)

    assert standing(shuffled) == standing([first, *later])


@given(REPORTS, SETS, LOOKS | SERIOUS)
def test_a_look_never_makes_it_milder(first: Look, later: list[Look], one_more: Look) -> None:
    before, after = standing([first, *later]), standing([first, *later, one_more])

    assert after.grade >= before.grade
    assert set(after.criteria) >= set(before.criteria)
    assert after.is_serious >= before.is_serious
    assert before.serious_since is None or (after.serious_since and after.serious_since <= before.serious_since)


@given(REPORTS, SETS)
def test_what_the_database_asks_always_holds(first: Look, later: list[Look]) -> None:
    """Whatever is struck out, the rest can be written: no constraint of the event can be broken."""
    stands = standing([first, *later])

    assert stands.is_serious or not (stands.criteria or stands.grade >= 4)
    assert (stands.grade == 5) == (stands.outcome == "5")
    assert stands.ended is None or stands.outcome != "3"
    assert (stands.serious_since is not None) == stands.is_serious


def test_letter_of_ten_days_ago_raises_it() -> None:
    """Today "gone", then the discharge letter of ten days ago: grade 3, hospital. At worst by that, now by today."""
    stands = standing([report(), look(20, "1"), look(10, "2", 3, "hospitalisation")])

    assert (stands.grade, stands.criteria, stands.outcome) == (3, ("hospitalisation",), "1")
    assert stands.serious_since == on(10)


def test_looks_of_one_day_in_order_entered() -> None:
    assert standing([report(), look(5, "3"), look(5, "1")]).outcome == "1"
    assert standing([look(0, "1"), report(0, "3")]).outcome == "1"


def test_report_told_after_a_look_is_later() -> None:
    """A report of today, and a look of last week entered after it: it stands as the report says."""
    assert standing([report(7, "3"), look(0, "1")]).outcome == "3"


@pytest.mark.parametrize(
    ("later", "ended"),
    [
        ([look(9, "1", ended=PartialDate("2026-03-08"))], "2026-03-08"),
        ([look(9, "1", ended=PartialDate("2026-03-08")), look(12, "3")], None),
        ([look(9, "1", ended=PartialDate("2026-03-08")), look(12, "3"), look(15, "1")], None),
        ([look(9, "1", ended=PartialDate("2026-03-08")), look(15, "4")], "2026-03-08"),
        ([look(9, "1", ended=PartialDate("2026-03-08")), look(12, "0")], None),
    ],
)
def test_end_is_that_told_since_last_open(later: list[Look], ended: str | None) -> None:
    stands = standing([report(), *later])

    assert stands.ended == (PartialDate(ended) if ended else None)


def test_each_look_says_what_it_added() -> None:
    steps = what_each_added([report(), look(9, "1", 2), look(3, "3", 3, "hospitalisation"), look(20, "2", 3)])

    told = [(step.look.on, step.grade, step.criteria, step.is_first_serious) for step in steps]
    assert told == [
        (on(0), 1, (), False),
        (on(3), 3, ("hospitalisation",), True),
        (on(9), None, (), False),
        (on(20), None, (), False),
    ]
    assert [step.is_latest for step in steps] == [False, False, False, True]


# ── The clock of the report ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "looks", "due"),
    [
        ("infection", [report()], None),
        ("infection", [report(0, "3", 2, "hospitalisation")], 15),
        ("infection", [report(), look(20, "3", 3, "hospitalisation")], 35),  # the clock starts with the seriousness
        ("infection", [report(), look(20, "3", 3, "hospitalisation", learnt_on=on(30))], 45),
        ("anaphylaxis", [report(0, "3", 3, "medically_important")], 0),
        ("anaphylaxis", [report(0, "3", 3), look(4, "3", None, "medically_important")], 4),
        ("infection", [report(0, "3", 3, "hospitalisation"), look(5, "5", 5, "death")], 5),
        ("infection", [report(0, "3", 3, "hospitalisation"), look(25, "5", 5, "death")], 15),
        ("infection", [report(0, "5", 5, "death")], 0),
    ],
)
def test_clock_starts_when_it_was_learnt(kind: str, looks: list[Look], due: int | None) -> None:
    """The day is counted from the day on which the clinic learnt that the event is serious."""
    assert computed_due_on(kind, standing(looks)) == (None if due is None else on(due))


def test_a_deadline_says_whose_rule_it_is() -> None:
    stands = standing([report(0, "3", 2, "hospitalisation")])
    computed = computed_deadline("infection", stands)
    assert computed
    assert "15 days after the clinic learnt on 1 Mar 2026 that it is serious" in computed.rule
    assert "not a legal term" in computed.rule and not computed.is_by_hand

    set_by = deadline_by_hand(on(30), by="Dr Invented", at=on(1), computed=computed)

    assert set_by.rule == "Set by Dr Invented on 2 Mar 2026. The clinic’s default would be 16 Mar 2026."
    assert set_by.is_by_hand


@pytest.mark.parametrize(
    ("is_serious", "is_required", "by_hand", "computed", "due"),
    [
        (True, False, None, 15, 15),
        (True, False, 9, 15, 9),
        (False, False, 9, None, None),  # not serious any more: nothing is due
        (False, True, 9, None, 9),  # a person decided that it is to be reported, and by when
        (False, True, None, None, None),
    ],
)
def test_which_deadline_counts(
    is_serious: bool, is_required: bool, by_hand: int | None, computed: int | None, due: int | None
) -> None:
    days = {name: None if day is None else on(day) for name, day in {"by_hand": by_hand, "computed": computed}.items()}

    assert effective_due_on(is_serious=is_serious, is_required=is_required, **days) == (
        None if due is None else on(due)
    )


# ── Orders of days that cannot be ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("one", "others", "more", "expected"),
    [
        (look(5), [report()], {"onset": PartialDate("2026-03-10")}, [("error", "look_before_onset")]),
        (look(5), [report()], {"onset": PartialDate("2026-03")}, []),
        (look(5), [report()], {"onset": PartialDate("2026-03-10~")}, [("error", "look_before_onset")]),
        (look(5), [report()], {"onset": PartialDate("2026-03-07~")}, [("warning", "look_before_onset")]),
        (look(5), [report()], {"session": PartialDate("2026-04")}, [("error", "look_before_session")]),
        (look(5), [report()], {"session": PartialDate("2026-03")}, []),
        (look(5, "1", ended=PartialDate("2026-03-09")), [report()], {}, [("error", "ended_after_look")]),
        (look(5, "1", ended=PartialDate("2026-03")), [report()], {}, []),
        (look(9, learnt_on=on(5)), [report()], {}, [("error", "learnt_before_look")]),
        (look(9), [report(), look(5, "5", 5, "death")], {}, [("error", "look_after_death")]),
        (look(9, "5", 5, "death"), [report(), look(5, "5", 5, "death")], {}, []),
        (look(5, "5", 5, "death"), [report(), look(9, "2")], {}, [("error", "death_before_look")]),
        (
            look(20, "1", ended=PartialDate("2026-03-05")),
            [report(), look(9, "3")],
            {},
            [("error", "ended_before_look")],
        ),
        (look(9, "3"), [report(), look(20, "1", ended=of_day(on(4)))], {}, [("warning", "not_over_after_end")]),
    ],
)
def test_rule_22_a_look_among_the_others(
    one: Look, others: list[Look], more: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    """A look is neither before the event nor after a death, and an end does not contradict another look."""
    assert [(p.level, p.code) for p in look_problems(one, others, **more)] == expected


def test_end_of_the_report_is_not_a_look() -> None:
    assert end_problems(of_day(on(3)), [report(9, "3")]) == []


@pytest.mark.parametrize(
    ("onset", "session", "limit", "expected"),
    [
        ("2026-03-04", None, 5, []),
        ("2026-03-09", None, 5, ["onset_after_look"]),
        ("2026-03", None, 5, []),
        (None, "2026-03-09", 5, ["session_after_look"]),
        (None, None, 2, ["follow_up_over_limit"]),
    ],
)
def test_corrected_report_fits_its_looks(
    onset: str | None, session: str | None, limit: int, expected: list[str]
) -> None:
    problems = report_problems(
        onset=PartialDate(onset) if onset else None,
        session=PartialDate(session) if session else None,
        grade_limit=limit,
        follow_ups=[look(20, "1"), look(5, "3", 3)],
    )

    assert [problem.code for problem in problems] == expected


@pytest.mark.parametrize(
    ("event", "falls"),
    [
        ({}, True),
        ({"onset": PartialDate("2026-03-01")}, True),
        ({"onset": PartialDate("2026-03")}, True),
        ({"onset": PartialDate("2026-03-02")}, False),
        ({"told_on": on(0)}, True),
        ({"told_on": on(3)}, False),
        ({"is_serious": True}, False),
    ],
)
def test_what_falls_with_a_session(event: dict[str, Any], falls: bool) -> None:
    """A reaction of the day falls with it; what came later, or is serious, waits for a person."""
    told = {"is_serious": False, "onset": None, "told_on": None, **event}

    assert falls_with_session(session=of_day(DAY), **told) is falls
