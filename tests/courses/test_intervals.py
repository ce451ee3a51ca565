"""Rule 20: how far apart two sessions of a course lie, where some are known to their month only."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.courses.intervals import Given, interval_problems
from treatments.records.partial_dates import PartialDate


def sessions(*days, phase="induction"):
    return [Given(phase, PartialDate(day)) for day in days]


def found(when, others, **more):
    was = more.pop("was", None)
    problems = interval_problems(PartialDate(when), others, was=PartialDate(was) if was else None, **more)
    assert all(problem.rule == 20 for problem in problems)
    return [problem.code for problem in problems], [problem.sentence for problem in problems]


@pytest.mark.parametrize(
    ("when", "others", "more", "codes"),
    [
        ("2025-02-14", ["2025-01-14"], {}, []),
        ("2025-02-03", ["2025-01-14"], {}, ["too_soon"]),
        ("2025-03-01", ["2025-01-14"], {}, ["too_late"]),
        ("2025-03-14", ["2025-01-14"], {"interval_months": 2}, []),
        ("2025-02-14", ["2025-01-14"], {"interval_months": 2}, ["too_soon"]),
        ("2025-09-14", ["2025-05-14"], {"phase": "maintenance"}, []),
        ("2025-01-14", [], {}, []),
        ("2025-01-14", ["2025-01-14"], {}, ["same_day"]),
        ("2025-02-14", ["2025-03-14", "2025-01-14"], {}, ["out_of_order"]),
        ("2025-03-10", ["2025-03-14", "2025-01-14"], {}, ["too_late", "next_too_soon", "out_of_order"]),
        ("2024-12-14", ["2025-01-14"], {}, ["out_of_order"]),
        # Known to the month: only what is certain is objected to.
        ("2025-02", ["2025-01"], {}, []),
        ("2025-02", ["2025-01-30"], {}, []),
        ("2025-05", ["2025-01"], {}, ["too_late"]),
        ("2025-03", ["2025-03-01"], {}, ["perhaps_same"]),
        ("2025-03-01", ["2025-03"], {}, ["perhaps_same"]),
        ("2025-03", ["2025-03"], {}, ["perhaps_same"]),
        ("1990-03", ["2025-03-01"], {}, ["next_too_late", "out_of_order"]),
    ],
)
def test_rule_20(when, others, more, codes):
    assert found(when, sessions(*others), **more)[0] == codes


def test_next_session_is_saved_with_it():
    """Of sessions that are entered together before one that stands in the record, the last alone is next to it."""
    recorded = sessions("2025-08-14")
    later = [PartialDate(each) for each in ("2025-04-14", "2025-05-14")]
    assert found("2025-03-14", recorded, saved_with=later)[0] == ["out_of_order"]
    assert found("2025-05-14", recorded)[0] == ["next_too_late", "out_of_order"]
    # What is saved with it and lies after the recorded one is not between the two.
    assert found("2025-05-14", recorded, saved_with=[PartialDate("2025-09-14")])[0] == ["next_too_late", "out_of_order"]


def test_a_gap_of_spans_says_its_range():
    _, sentences = found("2025-05", sessions("2025-01"))
    assert sentences == ["90 to 150 days after the last session. The plan says 21 to 45 days."]


def test_an_unmoved_session_is_asked_nothing():
    """A correction of a session but the last, of something else than its day, meets no warning that is not true."""
    others = sessions("2025-01-14", "2025-03-14", "2025-04-14")
    assert found("2025-02-15", others, was="2025-02-14")[0] == []


def test_a_moved_session_says_where_it_goes():
    others = sessions("2025-01-14", "2025-03-14", "2025-04-14")
    codes, sentences = found("2025-05-16", others, was="2025-02-14")
    assert codes == ["order_changes"]
    moved = "This session was number 2 of the course and becomes number 4. The numbers between change too."
    assert sentences == [moved]


def test_both_gaps_are_judged():
    """The gap to the session before and the gap to the one after."""
    codes, sentences = found("2025-03-10", sessions("2025-01-14", "2025-03-14"), was="2025-02-14")
    assert codes == ["too_late", "next_too_soon"]
    assert sentences[1] == "4 days before the next session, 14 Mar 2025. The plan says 21 to 45 days."


def test_a_rescue_session_is_not_too_soon():
    """The planned interval is that of the opening run."""
    assert found("2025-02-14", [*sessions("2025-01-14"), *sessions("2025-02-20", phase="rescue")])[0] == [
        "out_of_order"
    ]


days = st.dates(date(1990, 1, 1), date(1992, 12, 31))
spans = st.builds(lambda day, length: PartialDate(day.isoformat()[:length]), days, st.sampled_from((7, 10)))


@given(spans, spans, st.data())
def test_no_gap_warning_that_may_be_untrue(when, other, data):
    """What is said of two spans is true of any two days in them."""
    codes = set(found(when.text, [Given("induction", other)])[0]) - {"perhaps_same", "same_day", "out_of_order"}
    one, two = (PartialDate(data.draw(st.dates(d.earliest, d.latest)).isoformat()) for d in (when, other))
    assert codes <= set(found(one.text, [Given("induction", two)])[0])
