import datetime
from zoneinfo import ZoneInfo

import pytest

from treatments.appointments.clock_field import parse_time
from treatments.appointments.rules import Slot, clash_problems, clock_problems, day_problems, plan_problems

DAY = datetime.date(2026, 3, 29)
BERLIN, SINGAPORE = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Singapore")


def slot(time: str, minutes: int = 30, *, room: str = "Room 1", who: str = "a", day: datetime.date = DAY) -> Slot:
    return Slot(day, datetime.time.fromisoformat(time), minutes, room, who, f"Patient {who}")


@pytest.mark.parametrize(
    ("one", "other", "overlaps"),
    [
        (("10:00", 30), ("10:30", 30), False),
        (("10:00", 31), ("10:30", 30), True),
        (("10:30", 30), ("10:00", 30), False),
        (("10:00", 30), ("10:00", 30), True),
        (("10:00", 120), ("10:30", 15), True),
    ],
)
def test_intervals_are_half_open(one: tuple[str, int], other: tuple[str, int], overlaps: bool) -> None:
    assert slot(*one).overlaps(slot(*other), SINGAPORE) is overlaps


def test_room_in_any_spelling_is_one_room() -> None:
    (problem,) = clash_problems(slot("10:00", who="b"), [slot("10:15", room=" room  1 ")], SINGAPORE)

    assert problem.code == "same_room" and problem.level == "warning"
    assert "Patient a (10:15 to 10:45)" in problem.sentence


def test_no_room_is_shared_by_nobody() -> None:
    assert clash_problems(slot("10:00", who="b", room=""), [slot("10:00", room="")], SINGAPORE) == []


def test_one_patient_is_at_one_place() -> None:
    """Told once, as the patient's own booking, also where the room is the same."""
    (problem,) = clash_problems(slot("10:00"), [slot("10:20")], SINGAPORE)

    assert problem.code == "same_patient"


def test_hour_that_the_clocks_skip() -> None:
    """On the last Sunday of March 2026 there is no 02:30 in Berlin, and there is one in Singapore."""
    (problem,) = clock_problems(DAY, datetime.time(2, 30), BERLIN)

    assert problem.is_error and "it is 03:30 then" in problem.sentence
    assert clock_problems(DAY, datetime.time(2, 30), SINGAPORE) == []
    assert clock_problems(DAY, datetime.time(3, 0), BERLIN) == []
    assert clock_problems(datetime.date(2026, 10, 25), datetime.time(2, 30), BERLIN) == []


def test_clocks_go_back_within_a_visit() -> None:
    """On that night an hour of visit that begins at 02:00 is over before 03:00 is shown, for good."""
    night = datetime.date(2026, 10, 25)

    assert not slot("02:00", 60, day=night).overlaps(slot("03:00", 30, day=night), BERLIN)


def test_past_is_refused_and_today_is_not() -> None:
    assert [each.code for each in day_problems(DAY - datetime.timedelta(days=1), today=DAY)] == ["past"]
    assert day_problems(DAY, today=DAY) == []
    assert [each.code for each in day_problems(datetime.date(2062, 3, 29), today=DAY)] == ["far"]


def test_plan_speaks_where_it_can_be_kept() -> None:
    """Before the time, or after it while it lasts; nothing once the time is over, since no day could keep it."""
    span = (DAY, DAY + datetime.timedelta(days=10))

    def codes(days: int, today: int) -> list[str]:
        on, now = DAY + datetime.timedelta(days=days), DAY + datetime.timedelta(days=today)
        return [each.code for each in plan_problems(on, span, today=now)]

    assert codes(-1, -20) == ["outside_plan_before"]
    assert codes(0, -20) == codes(10, -20) == []
    assert codes(11, -20) == ["outside_plan_after"]
    assert codes(30, 11) == []
    assert plan_problems(DAY, None, today=DAY) == []


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("14:30", "14:30"), ("14.30", "14:30"), ("1430", "14:30"), ("9", "09:00"), ("9:05", "09:05"),
        ("2:30 pm", "14:30"), ("12 am", "00:00"), ("12 pm", "12:00"), ("8h30", "08:30"), ("14:30:00", "14:30"),
    ],
)  # fmt: skip
def test_time_in_any_spelling(text: str, time: str) -> None:
    assert parse_time(text) == datetime.time.fromisoformat(time)


@pytest.mark.parametrize("text", ["25:00", "10:75", "noon", "13 pm", "-9", "10:3"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Write the time as 14:30\."):
        parse_time(text)


def test_clocks_go_forward_within_a_visit() -> None:
    """An hour that begins at 01:30 in Berlin ends when the clock shows 03:30: it needs the room at 03:00, and leaves it
    to who comes at 03:30."""
    visit = slot("01:30", 60)

    assert visit.overlaps(slot("03:00"), BERLIN) and not visit.overlaps(slot("03:30"), BERLIN)
    assert not visit.overlaps(slot("03:00"), SINGAPORE)
