"""What the desk holds in a clinic of any size: of every hundred patients five are booked and twenty were telephoned.

The five of the first hundred are booked today, as many in every clinic; the others lie two months around. Four of the
first hundred postponed, and four do not want to come; of the others some postponed to a day that has passed, so that
each list is as long in every clinic.
"""

import datetime
from collections.abc import Iterable, Iterator
from typing import Any

from scripts.benching.filling import Pattern, insert
from treatments.models import Appointment, Call

BOOKED = range(30, 35)
CALLED = range(35, 55)
DAY = datetime.timedelta(days=1)
AHEAD, PASSED = 20 * DAY, -5 * DAY


def booked_on(place: int, today: datetime.date) -> datetime.date | None:
    """The day for which the `place`-th patient is booked; None for most."""
    kind = place % 100
    if kind not in BOOKED:
        return None
    return today if place < 100 else today + (kind - BOOKED[2]) * 10 * DAY + (place // 100 % 9 + 1) * DAY


def outcome(place: int) -> str:
    """What came of the call; "" where none was made."""
    kind = place % 100
    if kind not in CALLED:
        return ""
    if kind % 5 == 0:
        return "postponed"
    return "does_not_want" if kind % 5 == 1 and place < 100 else "not_reached"


def columns_of_course(place: int, today: datetime.date) -> tuple[str | None, str | None, bool]:
    """`booked_until`, `postponed_to` and `does_not_want`, as `appointments.calling` computes them."""
    on, said = booked_on(place, today), outcome(place)
    postponed = (today + (AHEAD if place < 100 else PASSED)).isoformat() if said == "postponed" else None
    return on.isoformat() if on else None, postponed, said == "does_not_want"


def fill(
    base: dict[str, Any],
    people: Iterable[tuple[int, str, str, str]],
    *,
    today: datetime.date,
    new_id: Any,
) -> None:
    """Write bookings and calls. `people` are place, id of the patient, id of the course, and for what it waits."""
    rows = list(people)
    instance = Appointment(day=today, time=datetime.time(9), room="Room 1", kind="session", **base)
    booking = Pattern(instance, "id", "calendar_id", "patient_id", "course_id", "day", "time")

    def bookings() -> Iterator[list[Any]]:
        for place, patient, course, _ in rows:
            on = booked_on(place, today)
            if on is not None:
                time = datetime.time(8 + place // 100 % 10, place % 6 * 10).isoformat()
                yield booking.row(new_id(), new_id(), patient, course, on.isoformat(), time)

    insert(booking, bookings())
    call = Pattern(Call(outcome="reached", **base), "id", "patient_id", "course_id", "outcome", "until", "about_due")

    def calls() -> Iterator[list[Any]]:
        for place, patient, course, due in rows:
            if said := outcome(place):
                until = columns_of_course(place, today)[1]
                yield call.row(new_id(), patient, course, said, until, due)

    insert(call, calls())
