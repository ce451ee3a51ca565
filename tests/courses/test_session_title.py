"""What a session is called: its place by date, and which place of the plan it fills."""

import pytest

from treatments.courses.intervals import Given
from treatments.courses.models import Course
from treatments.courses.session_title import heading, title
from treatments.records.partial_dates import PartialDate

COURSE = Course(sessions_planned=5, baseline_on=PartialDate("2025-01-14").earliest)


@pytest.mark.parametrize(
    ("number", "place", "phase", "outcome", "words"),
    [
        (4, 4, "induction", "completed", "Session 4 of 5"),
        (5, 4, "induction", "completed", "Session 5, 4 of 5 planned"),
        (6, 6, "induction", "completed", "Session 6, extra"),
        (3, 3, "induction", "aborted", "Session 3, broken off"),
        (3, 3, "induction", "partial", "Session 3 of 5"),
        (6, 1, "rescue", "completed", "Session 6, rescue"),
        (6, 1, "maintenance", "completed", "Session 6, maintenance"),
    ],
)
def test_never_six_of_five(number, place, phase, outcome, words):
    assert title(COURSE, number, place, phase, outcome) == words


def test_heading_of_a_month_names_no_day():
    given = [Given("induction", PartialDate("2025-01"))]
    shown = heading(COURSE, given, when=PartialDate("2025-03"), phase="induction")
    assert (shown.title, shown.day) == ("Session 2 of 5", "March 2025")
    assert (shown.month, shown.before) == ("Month 2 to 3", "Session 1, Jan 2025")
