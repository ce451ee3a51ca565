"""The row of dots: what was given, how far off the plan, what is due."""

import datetime

from treatments.courses.course_progress import Dot, GivenSession, row
from treatments.courses.intervals import Given
from treatments.courses.schedule import PlanFacts
from treatments.records.partial_dates import PartialDate, of_day

PLAN = PlanFacts(
    sessions_planned=3, interval_months=1, maintenance_from_month=6, maintenance_to_month=9, refresh_months=12
)
BASE = datetime.date(2025, 1, 31)


def given(*days: tuple[int, int]) -> list[GivenSession]:
    made = [datetime.date(2025, month, day) for month, day in days]
    return [GivenSession(number, Given("induction", of_day(day))) for number, day in enumerate(made, start=1)]


def drawn(sessions: list[GivenSession], today: datetime.date, *, closed: bool = False) -> list[Dot]:
    return row(PLAN, baseline=of_day(BASE), given=sessions, today=today, closed=closed)


def test_new_course_shows_the_whole_plan() -> None:
    """A new course shows the whole plan, its months clamped to the month's last day."""
    dots = drawn([], datetime.date(2025, 1, 31))
    assert [(d.kind, d.phase, d.window.first.text) for d in dots] == [
        ("due", "induction", "2025-01-31"),
        ("planned", "induction", "2025-02-28"),
        ("planned", "induction", "2025-03-28"),
        ("planned", "maintenance", "2025-07-31"),
        ("planned", "annual_refresh", "2026-07-31"),
    ]
    assert [d.number for d in dots] == [1, 2, 3, 4, 5]


def test_late_session_shifts_what_follows() -> None:
    """A late session is marked and shifts what follows."""
    dots = drawn(given((1, 31), (4, 1)), datetime.date(2025, 4, 2))
    assert [d.deviation for d in dots[:2]] == ["", "15 days late"]
    assert (dots[2].kind, dots[2].window.on) == ("due", datetime.date(2025, 5, 1))


def test_an_early_session_is_marked() -> None:
    assert drawn(given((1, 31), (2, 20)), datetime.date(2025, 2, 21))[1].deviation == "1 day early"


def test_rest_of_plan_counts_from_today() -> None:
    """What follows an overdue session is counted from today."""
    dots = drawn(given((1, 31), (2, 28)), datetime.date(2025, 6, 1))
    assert (dots[2].kind, dots[2].window.on) == ("overdue", datetime.date(2025, 3, 28))
    assert dots[3].kind == "planned"


def test_session_known_to_the_month_on_time() -> None:
    """A session known to the month is on time if any day of it would be."""
    month = GivenSession(1, Given("induction", PartialDate("2025-01")))
    assert drawn([month], datetime.date(2025, 2, 1))[0].deviation == ""


def test_closed_course_has_no_more_to_come() -> None:
    assert [d.kind for d in drawn(given((1, 31)), datetime.date(2025, 6, 1), closed=True)] == ["done"]


def test_sessions_are_numbered_by_date() -> None:
    """Sessions are numbered by date, whatever their order."""
    sessions = given((1, 31), (2, 28))[::-1]
    assert [(d.number, d.key) for d in drawn(sessions, datetime.date(2025, 3, 1))[:2]] == [(1, 1), (2, 2)]


def test_late_by_at_least_so_many_days() -> None:
    """Of a session known to its month no number of days is claimed that may be less."""
    sessions = [*given((1, 31)), GivenSession(2, Given("induction", PartialDate("2025-05")))]
    assert drawn(sessions, datetime.date(2025, 6, 1))[1].deviation == "at least 45 days late"
    assert drawn(sessions, datetime.date(2025, 6, 1))[1].text == "May 2025"


def test_follow_up_stands_among_the_dots() -> None:
    """The follow-up has its place and no number; once the patient was seen it is no dot, and a session is one."""
    plan = PlanFacts(3, 1, follow_up_from_month=6, follow_up_to_month=9, refresh_months=12)
    done, today = given((1, 31), (2, 28), (3, 31)), datetime.date(2025, 11, 2)
    dots = row(plan, baseline=of_day(BASE), given=done, today=today)
    assert [(dot.kind, dot.number, dot.phase_label, dot.text) for dot in dots[3:]] == [
        ("overdue", None, "Follow-up", "31 Jul to 31 Oct 2025"),
        ("planned", 4, "Yearly refresh", "31 Mar 2026"),
    ]
    seen = [of_day(datetime.date(2025, 9, 1))]
    after = row(plan, baseline=of_day(BASE), given=done, seen=seen, today=today)
    assert [(dot.kind, dot.number) for dot in after[3:]] == [("due", 4)]
