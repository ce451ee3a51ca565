from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.courses.schedule import (
    Given,
    PlanFacts,
    Timing,
    days_overdue,
    next_due,
    session_number,
    state_after,
    timing,
)
from treatments.courses.vocabulary import Phase
from treatments.records.months import add_months

BASE = date(2025, 1, 14)
# The published plan: five monthly, one between Month 6 and Month 9, then one a year.
PLAN = PlanFacts(5, 1, maintenance_from_month=6, maintenance_to_month=9, refresh_months=12)


def run(*phases_and_days):
    return [Given(phase, day) for phase, day in phases_and_days]


FIVE = [Given("induction", add_months(BASE, n)) for n in range(5)]


def test_first_session_is_due_on_baseline():
    """The first session is due on the baseline day."""
    due = next_due(PLAN, baseline_on=BASE, given=[])
    assert (due.phase, due.number, due.on, due.until) == (Phase.INDUCTION, 1, BASE, BASE)


def test_next_is_a_month_after_the_last():
    """The next session is due a month after the last one given, whatever the plan's day was."""
    late = run(("induction", BASE), ("induction", date(2025, 2, 24)))
    due = next_due(PLAN, baseline_on=BASE, given=late)
    assert (due.number, due.on) == (3, date(2025, 3, 24))
    assert (due.earliest, due.latest) == (date(2025, 3, 17), date(2025, 4, 10))


def test_month_from_the_31st():
    """A month from the 31st is the month's last day."""
    due = next_due(PLAN, baseline_on=date(2025, 1, 31), given=run(("induction", date(2025, 1, 31))))
    assert due.on == date(2025, 2, 28)


def test_maintenance_counts_from_baseline():
    """After induction the maintenance window counts from the baseline."""
    due = next_due(PLAN, baseline_on=BASE, given=FIVE)
    assert (due.phase, due.number) == (Phase.MAINTENANCE, 1)
    assert (due.on, due.until) == (date(2025, 7, 14), date(2025, 10, 14))


def test_yearly_refresh_after_maintenance():
    """After maintenance comes a refresh a year later, and every year."""
    kept = FIVE + run(("maintenance", date(2025, 8, 20)))
    due = next_due(PLAN, baseline_on=BASE, given=kept)
    assert (due.phase, due.number, due.on) == (Phase.ANNUAL_REFRESH, 1, date(2026, 8, 20))
    kept += run(("annual_refresh", date(2026, 9, 1)))
    again = next_due(PLAN, baseline_on=BASE, given=kept)
    assert (again.phase, again.number, again.on) == (Phase.ANNUAL_REFRESH, 2, date(2027, 9, 1))


def test_maintenance_repeats_in_its_window():
    """Maintenance repeats within its window and then gives way."""
    plan = PlanFacts(1, 1, 6, 12, maintenance_interval_months=3, refresh_months=12)
    kept = run(("induction", BASE))
    seen = []
    for _ in range(4):
        due = next_due(plan, baseline_on=BASE, given=kept)
        seen.append((due.phase.value, due.on))
        kept.append(Given(due.phase, due.on))
    assert seen == [
        ("maintenance", date(2025, 7, 14)),
        ("maintenance", date(2025, 10, 14)),
        ("maintenance", date(2026, 1, 14)),
        ("annual_refresh", date(2027, 1, 14)),
    ]


def test_maintenance_without_a_window():
    """Maintenance without a window follows the last session."""
    plan = PlanFacts(1, 1, maintenance_interval_months=4)
    due = next_due(plan, baseline_on=BASE, given=run(("induction", date(2025, 1, 20))))
    assert (due.phase, due.on) == (Phase.MAINTENANCE, date(2025, 5, 20))


def test_plan_ends_after_induction():
    """A plan with nothing after induction is finished."""
    plan = PlanFacts(5)
    assert next_due(plan, baseline_on=BASE, given=FIVE) is None
    assert state_after(plan, baseline_on=BASE, given=FIVE) == "finished"


def test_rescue_session_fills_no_place():
    """A rescue session fills no place of the plan."""
    kept = FIVE[:2] + run(("rescue", date(2025, 2, 20)))
    due = next_due(PLAN, baseline_on=BASE, given=kept)
    assert (due.number, due.on) == (3, date(2025, 3, 14))


@pytest.mark.parametrize(
    ("kept", "state"),
    [
        ([], "induction"),
        (FIVE[:4], "induction"),
        (FIVE, "maintenance"),
        ([*FIVE, Given("maintenance", date(2025, 8, 1))], "refresh"),
        ([*FIVE, Given("annual_refresh", date(2026, 8, 1))], "refresh"),
    ],
)
def test_course_state_follows_its_sessions(kept, state):
    """The state of a course follows from its sessions."""
    assert state_after(PLAN, baseline_on=BASE, given=kept) == state
    assert state_after(PLAN, baseline_on=BASE, given=kept, stopped=True) == "stopped"


@pytest.mark.parametrize(
    ("day", "word", "days"),
    [
        (date(2025, 2, 3), Timing.EARLY, -1),
        (date(2025, 2, 4), Timing.ON_TIME, 0),
        (date(2025, 2, 14), Timing.ON_TIME, 0),
        (date(2025, 2, 28), Timing.ON_TIME, 0),
        (date(2025, 3, 3), Timing.LATE, 3),
    ],
)
def test_early_on_time_or_late(day, word, days):
    due = next_due(PLAN, baseline_on=BASE, given=run(("induction", BASE)))
    assert timing(due, day) == (word, days)


def test_overdue_from_plan_day_or_window_end():
    """Overdue counts from the planned day or the window's end."""
    monthly = next_due(PLAN, baseline_on=BASE, given=run(("induction", date(2025, 3, 25))))
    assert days_overdue(monthly, date(2025, 5, 14)) == 19
    assert days_overdue(monthly, date(2025, 4, 25)) == 0
    window = next_due(PLAN, baseline_on=BASE, given=FIVE)
    assert days_overdue(window, date(2025, 9, 1)) == 0
    assert days_overdue(window, date(2025, 10, 16)) == 2


def test_a_session_is_numbered_by_its_day():
    days = [date(2025, 3, 14), BASE, date(2025, 2, 14)]
    assert [session_number(day, days) for day in sorted(days)] == [1, 2, 3]


plans = st.builds(
    PlanFacts,
    sessions_planned=st.integers(1, 6),
    interval_months=st.integers(1, 3),
    maintenance_from_month=st.none() | st.integers(3, 12),
    maintenance_to_month=st.none() | st.integers(12, 24),
    maintenance_interval_months=st.none() | st.integers(1, 6),
    refresh_months=st.none() | st.integers(6, 24),
)


@given(plans, st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.lists(st.integers(-9, 15), max_size=12))
def test_any_plan_walks_through_its_phases(plan, baseline, delays):
    """Any plan followed within tolerance walks forward through its phases."""
    order = [Phase.INDUCTION, Phase.MAINTENANCE, Phase.ANNUAL_REFRESH]
    kept: list[Given] = []
    reached = 0
    for delay in delays:
        due = next_due(plan, baseline_on=baseline, given=kept)
        if due is None:
            assert len(kept) >= plan.sessions_planned
            break
        assert due.earliest <= due.on <= due.until <= due.latest
        assert order.index(due.phase) >= reached
        assert due.number == 1 + sum(g.phase == due.phase for g in kept)
        reached = order.index(due.phase)
        day = max(due.on + timedelta(days=delay), kept[-1].on + timedelta(days=1) if kept else baseline)
        kept.append(Given(due.phase, day))
