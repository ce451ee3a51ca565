from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.courses.intervals import Given
from treatments.courses.schedule import (
    DueState,
    PlanFacts,
    Timing,
    Window,
    follow_up_window,
    next_due,
    next_visit,
    state_after,
    timing,
)
from treatments.courses.vocabulary import Phase
from treatments.records.months import add_months
from treatments.records.partial_dates import PartialDate, of_day

BASE = date(2025, 1, 14)
START = of_day(BASE)
# The published plan: five monthly, one between Month 6 and Month 9, then one a year.
PLAN = PlanFacts(5, 1, maintenance_from_month=6, maintenance_to_month=9, refresh_months=12)


def run(*phases_and_days):
    return [Given(phase, of_day(day)) for phase, day in phases_and_days]


FIVE = [Given("induction", of_day(add_months(BASE, n))) for n in range(5)]


def test_first_session_is_due_on_baseline():
    """The first session is due on the baseline day."""
    due = next_due(PLAN, baseline=START, given=[])
    assert (due.phase, due.number, due.on, due.until) == (Phase.INDUCTION, 1, BASE, BASE)


def test_next_is_a_month_after_the_last():
    """The next session is due a month after the last one given, whatever the plan's day was."""
    late = run(("induction", BASE), ("induction", date(2025, 2, 24)))
    due = next_due(PLAN, baseline=START, given=late)
    assert (due.number, due.on) == (3, date(2025, 3, 24))
    assert (due.earliest, due.latest) == (date(2025, 3, 17), date(2025, 4, 10))


def test_month_from_the_31st():
    """A month from the 31st is the month's last day."""
    due = next_due(PLAN, baseline=of_day(date(2025, 1, 31)), given=run(("induction", date(2025, 1, 31))))
    assert due.on == date(2025, 2, 28)


def test_maintenance_counts_from_baseline():
    """After induction the maintenance window counts from the baseline."""
    due = next_due(PLAN, baseline=START, given=FIVE)
    assert (due.phase, due.number) == (Phase.MAINTENANCE, 1)
    assert (due.on, due.until) == (date(2025, 7, 14), date(2025, 10, 14))


def test_yearly_refresh_after_maintenance():
    """After maintenance comes a refresh a year later, and every year."""
    kept = FIVE + run(("maintenance", date(2025, 8, 20)))
    due = next_due(PLAN, baseline=START, given=kept)
    assert (due.phase, due.number, due.on) == (Phase.ANNUAL_REFRESH, 1, date(2026, 8, 20))
    kept += run(("annual_refresh", date(2026, 9, 1)))
    again = next_due(PLAN, baseline=START, given=kept)
    assert (again.phase, again.number, again.on) == (Phase.ANNUAL_REFRESH, 2, date(2027, 9, 1))


def test_maintenance_repeats_in_its_window():
    """Maintenance repeats within its window and then gives way."""
    plan = PlanFacts(1, 1, 6, 12, maintenance_interval_months=3, refresh_months=12)
    kept = run(("induction", BASE))
    seen = []
    for _ in range(4):
        due = next_due(plan, baseline=START, given=kept)
        seen.append((due.phase.value, due.on))
        kept.append(Given(due.phase, due.window.first))
    assert seen == [
        ("maintenance", date(2025, 7, 14)),
        ("maintenance", date(2025, 10, 14)),
        ("maintenance", date(2026, 1, 14)),
        ("annual_refresh", date(2027, 1, 14)),
    ]


def test_maintenance_without_a_window():
    """Maintenance without a window follows the last session."""
    plan = PlanFacts(1, 1, maintenance_interval_months=4)
    due = next_due(plan, baseline=START, given=run(("induction", date(2025, 1, 20))))
    assert (due.phase, due.on) == (Phase.MAINTENANCE, date(2025, 5, 20))


def test_plan_ends_after_induction():
    """A plan with nothing after induction is finished."""
    plan = PlanFacts(5)
    assert next_due(plan, baseline=START, given=FIVE) is None
    assert state_after(plan, baseline=START, given=FIVE) == "finished"


def test_rescue_session_fills_no_place():
    """A rescue session fills no place of the plan."""
    kept = FIVE[:2] + run(("rescue", date(2025, 2, 20)))
    due = next_due(PLAN, baseline=START, given=kept)
    assert (due.number, due.on) == (3, date(2025, 3, 14))


@pytest.mark.parametrize(
    ("kept", "state"),
    [
        ([], "induction"),
        (FIVE[:4], "induction"),
        (FIVE, "maintenance"),
        ([*FIVE, Given("maintenance", of_day(date(2025, 8, 1)))], "refresh"),
        ([*FIVE, Given("annual_refresh", of_day(date(2026, 8, 1)))], "refresh"),
    ],
)
def test_course_state_follows_its_sessions(kept, state):
    """The state of a course follows from its sessions."""
    assert state_after(PLAN, baseline=START, given=kept) == state
    assert state_after(PLAN, baseline=START, given=kept, stopped=True) == "stopped"


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
    due = next_due(PLAN, baseline=START, given=run(("induction", BASE)))
    assert timing(due, of_day(day)) == (word, days)


def test_overdue_from_plan_day_or_window_end():
    """Overdue counts from the planned day or the window's end."""
    monthly = next_due(PLAN, baseline=START, given=run(("induction", date(2025, 3, 25))))
    assert monthly.window.days_overdue(date(2025, 5, 14)) == 19
    assert monthly.window.days_overdue(date(2025, 4, 25)) == 0
    window = next_due(PLAN, baseline=START, given=FIVE)
    assert window.window.days_overdue(date(2025, 9, 1)) == 0
    assert window.window.days_overdue(date(2025, 10, 16)) == 2


plans = st.builds(
    PlanFacts,
    sessions_planned=st.integers(1, 6),
    interval_months=st.integers(1, 3),
    maintenance_from_month=st.none() | st.integers(3, 12),
    maintenance_to_month=st.none() | st.integers(12, 24),
    maintenance_interval_months=st.none() | st.integers(1, 6),
    refresh_months=st.none() | st.integers(6, 24),
    follow_up_from_month=st.none() | st.integers(3, 12),
    follow_up_to_month=st.none() | st.integers(12, 24),
)


@given(plans, st.dates(date(2000, 1, 1), date(2050, 1, 1)).map(of_day), st.lists(st.integers(-9, 15), max_size=12))
def test_any_plan_walks_through_its_phases(plan, baseline, delays):
    """Any plan followed within tolerance walks forward through its phases."""
    order = [Phase.INDUCTION, Phase.MAINTENANCE, Phase.ANNUAL_REFRESH]
    kept: list[Given] = []
    reached = 0
    for delay in delays:
        due = next_due(plan, baseline=baseline, given=kept)
        if due is None:
            assert len(kept) >= plan.sessions_planned
            break
        assert due.earliest <= due.on <= due.until <= due.latest
        assert order.index(due.phase) >= reached
        assert due.number == 1 + sum(g.phase == due.phase for g in kept)
        reached = order.index(due.phase)
        before = kept[-1].when.earliest + timedelta(days=1) if kept else baseline.earliest
        kept.append(Given(due.phase, of_day(max(due.on + timedelta(days=delay), before))))


# ── Dates that are spans ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("baseline", "today", "standing"),
    [
        ("2026-01", date(2025, 12, 31), "due in Jan 2026"),
        ("2026-01", date(2026, 1, 20), "due in Jan 2026"),
        ("2026-01", date(2026, 1, 31), "due in Jan 2026"),
        ("2026-01", date(2026, 2, 3), "at least 3 days overdue"),
        ("2026-01-14", date(2026, 1, 13), "due 14 Jan 2026"),
        ("2026-01-14", date(2026, 1, 14), "due today"),
        ("2026-01-14", date(2026, 1, 15), "1 day overdue"),
    ],
)
def test_overdue_only_after_the_last_day(baseline, today, standing):
    """What is planned for a month is overdue when the month is over, and not before."""
    due = next_due(PLAN, baseline=PartialDate(baseline), given=[])
    assert due.window.standing(today) == standing


def test_after_a_month_comes_a_month():
    """After a session known to its month the next is due in a month, though Month 0 is known to the day."""
    due = next_due(PLAN, baseline=START, given=[Given("induction", PartialDate("2025-01"))])
    assert due.window.label() == "Feb 2025"
    assert (due.on, due.until) == (date(2025, 2, 1), date(2025, 2, 28))
    assert (due.earliest, due.latest) == (date(2025, 1, 22), date(2025, 3, 17))


def test_about_stays_about():
    due = next_due(PLAN, baseline=START, given=[Given("induction", PartialDate("2025-01-14~"))])
    assert due.window.label() == "about 14 Feb 2025"
    assert due.window.until == date(2025, 2, 15)


@pytest.mark.parametrize(
    ("today", "state", "words"),
    [
        (date(2025, 7, 13), DueState.LATER, "due 14 Jul to 14 Oct 2025"),
        (date(2025, 7, 14), DueState.OPEN, "due now, until 14 Oct 2025"),
        (date(2025, 10, 14), DueState.OPEN, "due now, until 14 Oct 2025"),
        (date(2025, 10, 15), DueState.OVERDUE, "1 day overdue"),
    ],
)
def test_a_window_is_open_and_not_due(today, state, words):
    """A window is open as long as it lasts, and then overdue."""
    window = next_due(PLAN, baseline=START, given=FIVE).window
    assert (window.state(today), window.standing(today)) == (state, words)
    assert Window.read(window.text) == window


# ── The parts of a plan, one after the other ───────────────────────────────────────────────────


def test_maintenance_waits_for_the_run():
    """Maintenance is not due before the opening run has ended, however late that was."""
    plan = PlanFacts(5, 1, maintenance_from_month=3, maintenance_to_month=9)
    due = next_due(plan, baseline=START, given=FIVE)
    assert (due.on, due.until) == (date(2025, 6, 14), date(2025, 10, 14))
    late = [*FIVE[:4], Given("induction", of_day(date(2025, 12, 1)))]
    due = next_due(plan, baseline=START, given=late)
    assert (due.on, due.until) == (date(2026, 1, 1), date(2026, 1, 1))


@given(plans, st.integers(0, 40))
def test_maintenance_never_overtakes_the_run(plan, delay):
    """Whatever the plan says, maintenance comes an interval after the last session of the run at the least."""
    kept = [Given("induction", of_day(add_months(BASE, n * 2))) for n in range(plan.sessions_planned)]
    due = next_due(plan, baseline=START, given=kept)
    if due is not None and due.phase == Phase.MAINTENANCE:
        rest = plan.maintenance_interval_months or plan.interval_months
        assert due.on >= add_months(kept[-1].when.earliest, rest)


def test_a_broken_off_session_fills_no_place():
    """After 0.2 mL of session 3 it is still the third that is due, on its day; one given in part has filled it."""
    day = of_day(date(2025, 3, 14))
    broken_off = next_due(PLAN, baseline=START, given=[*FIVE[:2], Given("induction", day, "aborted")])
    assert (broken_off.number, broken_off.on) == (3, date(2025, 3, 14))
    in_part = next_due(PLAN, baseline=START, given=[*FIVE[:2], Given("induction", day, "partial")])
    assert (in_part.number, in_part.on) == (4, date(2025, 4, 14))


# ── The follow-up, a visit at which nothing need be given ──────────────────────────────────────

# The published plan as it was meant: five monthly, a follow-up between Month 6 and Month 9, then a session a year.
SEEN_AGAIN = PlanFacts(5, 1, follow_up_from_month=6, follow_up_to_month=9, refresh_months=12)


def visit_after(given, seen=(), plan=SEEN_AGAIN):
    """The kind of the next visit, its first and last day, and the state of the course."""
    facts = {"baseline": START, "given": given, "seen": [of_day(day) for day in seen]}
    visit = next_visit(plan, **facts)
    state = state_after(plan, **facts)
    return (visit.kind, visit.window.on, visit.window.until, state) if visit else (None, None, None, state)


WINDOW = (date(2025, 7, 14), date(2025, 10, 14))
RESCUE = Given("rescue", of_day(date(2025, 9, 1)))
REFRESH = ("session", date(2026, 5, 14), date(2026, 5, 14), "refresh")


@pytest.mark.parametrize(
    ("given", "seen", "expected"),
    [
        ([], [], ("session", BASE, BASE, "induction")),
        (FIVE[:4], [], ("session", date(2025, 5, 14), date(2025, 5, 14), "induction")),
        (FIVE, [], ("follow_up", *WINDOW, "follow_up")),
        # The visit of Month 5 is not the follow-up; one that comes half a month early is.
        (FIVE, [date(2025, 6, 14)], ("follow_up", *WINDOW, "follow_up")),
        (FIVE, [date(2025, 6, 28)], ("follow_up", *WINDOW, "follow_up")),
        (FIVE, [date(2025, 6, 29)], REFRESH),
        (FIVE, [date(2025, 9, 1)], REFRESH),
        # However late it is, the patient was seen.
        (FIVE, [date(2026, 1, 5)], REFRESH),
        # Any session clears it, also one that fills no place and one that was broken off.
        ([*FIVE, RESCUE], [], ("session", date(2026, 9, 1), date(2026, 9, 1), "refresh")),
        ([*FIVE, RESCUE._replace(outcome="aborted")], [], REFRESH),
    ],
)  # fmt: skip
def test_follow_up_waits_for_a_visit(given, seen, expected):
    """It comes after the run, and any visit from half a month before its window on is it."""
    assert visit_after(given, seen) == expected


def test_follow_up_before_the_end():
    """A course that plans nothing after its follow-up is open until then, and finished by it."""
    plan = PlanFacts(5, 1, follow_up_from_month=6)
    assert visit_after(FIVE, plan=plan) == ("follow_up", WINDOW[0], WINDOW[0], "follow_up")
    assert visit_after(FIVE, [date(2025, 7, 20)], plan) == (None, None, None, "finished")


def test_follow_up_and_maintenance():
    """What begins first is next, the follow-up where both begin at once; the state is that of the session."""
    both = PlanFacts(5, 1, maintenance_from_month=6, follow_up_from_month=6, follow_up_to_month=9)
    assert visit_after(FIVE, plan=both) == ("follow_up", *WINDOW, "maintenance")
    first = PlanFacts(5, 1, maintenance_from_month=5, follow_up_from_month=6, follow_up_to_month=9)
    assert visit_after(FIVE, plan=first)[0] == "session"


def test_follow_up_waits_for_a_late_run():
    """It is not before an interval has passed since the last session of the run."""
    late = [*FIVE[:4], Given("induction", of_day(date(2025, 9, 20)))]
    assert visit_after(late)[:3] == ("follow_up", date(2025, 10, 20), date(2025, 10, 20))


@given(plans, st.lists(st.integers(0, 500), max_size=8), st.lists(st.integers(0, 900), max_size=4))
def test_follow_up_never_blocks(plan, days, seen):
    """Of any course: the next visit is a session as if no follow-up were planned, or the follow-up that begins first;
    and a session on that day or later makes way."""
    given = [Given("induction", of_day(BASE + timedelta(days=day))) for day in sorted(set(days))]
    facts = {"baseline": START, "given": given, "seen": [of_day(BASE + timedelta(days=day)) for day in seen]}
    due, visit = next_due(plan, baseline=START, given=given), next_visit(plan, **facts)
    if visit is None or visit.kind == "session":
        assert (visit and (visit.window, visit.number)) == (due and (due.window, due.number))
        return
    assert due is None or visit.window.on <= due.on
    assert len(given) >= plan.sessions_planned
    assert follow_up_window(plan, **facts) == visit.window
    after = [*given, Given("rescue", of_day(visit.window.on))]
    assert follow_up_window(plan, **facts | {"given": after}) is None
