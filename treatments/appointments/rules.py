"""What stands against a day and a time: the past, an hour that the clocks skip, the plan, another visit.

No Django here.

Two visits overlap by half-open intervals: one that ends at 10:30 leaves the room to one that begins at 10:30.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from treatments.records.formatting import count, day, listed
from treatments.records.problems import Problem, error, warning

AT_MOST_AHEAD = datetime.timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Slot:
    """A time of a day on the clinic's clock. `room` is "" where none is named, `who` the patient's id as text."""

    day: datetime.date
    time: datetime.time
    minutes: int
    room: str = ""
    who: str = ""
    name: str = ""

    def begins(self, zone: datetime.tzinfo) -> datetime.datetime:
        """The instant; of an hour that the clocks pass twice, the first."""
        return datetime.datetime.combine(self.day, self.time, zone).astimezone(datetime.UTC)

    def ends(self, zone: datetime.tzinfo) -> datetime.datetime:
        return self.begins(zone) + datetime.timedelta(minutes=self.minutes)

    def overlaps(self, other: Slot, zone: datetime.tzinfo) -> bool:
        return self.begins(zone) < other.ends(zone) and other.begins(zone) < self.ends(zone)

    def clashes(self, other: Slot, zone: datetime.tzinfo) -> bool:
        """Whether both need one room, or one patient, at one time."""
        shares_room = bool(self.room) and room_key(self.room) == room_key(other.room)
        return (shares_room or self.who == other.who) and self.overlaps(other, zone)

    @property
    def span(self) -> str:
        """ "10:00 to 10:30"; the time that the clock shows, whatever it does meanwhile."""
        end = datetime.datetime.combine(self.day, self.time) + datetime.timedelta(minutes=self.minutes)
        return f"{self.time:%H:%M} to {end:%H:%M}"


def room_key(room: str) -> str:
    """One room in any spelling: "Room 2", "room  2"."""
    return " ".join(room.casefold().split())


def day_problems(on: datetime.date, *, today: datetime.date) -> list[Problem]:
    """A visit is booked for today or later."""
    if on < today:
        sentence = f"{day(on)} has passed. Choose today or a later day."
        return [error("booking", "day", sentence, "past")]
    if on > today + AT_MOST_AHEAD:
        sentence = f"{day(on)} is more than three years ahead. Check the year."
        return [error("booking", "day", sentence, "far")]
    return []


def postponing_problems(until: datetime.date | None, *, today: datetime.date) -> list[Problem]:
    """Whoever postpones is called again after today, and not so late that a year was mistyped and nobody would."""
    if until is None:
        return []
    if until <= today:
        return [error("call", "until", "Choose a day after today.", "past")]
    if until > today + AT_MOST_AHEAD:
        return [error("call", "until", f"{day(until)} is more than three years ahead. Check the year.", "far")]
    return []


def clock_problems(on: datetime.date, time: datetime.time, zone: datetime.tzinfo) -> list[Problem]:
    """The hour that is skipped when the clocks go forward is no time of that day."""
    local = datetime.datetime.combine(on, time, zone)
    shown = local.astimezone(datetime.UTC).astimezone(zone)
    if shown.replace(tzinfo=None) != local.replace(tzinfo=None):
        sentence = (
            f"There is no {time:%H:%M} on {day(on)}: the clocks go forward, and it is {shown:%H:%M} then. "
            "Choose another time."
        )
        return [error("booking", "time", sentence, "clocks_go_forward")]
    return []


def plan_problems(
    on: datetime.date, span: tuple[datetime.date, datetime.date] | None, *, today: datetime.date
) -> list[Problem]:
    """A day before the days in which the plan wants the visit, or after them while one of them could be had."""
    if span is None or span[1] < today or span[0] <= on <= span[1]:
        return []
    side, days = ("before", span[0] - on) if on < span[0] else ("after", on - span[1])
    wanted = f"{day(span[0])} to {day(span[1])}" if span[0] != span[1] else day(span[0])
    sentence = (
        f"That is {count(days.days, 'day')} {side} the time in which the plan wants this visit ({wanted}). "
        "Choose another day, or write why."
    )
    return [warning("booking", "day", sentence, f"outside_plan_{side}")]


def clash_problems(slot: Slot, others: Iterable[Slot], zone: datetime.tzinfo) -> list[Problem]:
    """Two visits of one room, or of one patient, at one time."""
    at_once = [other for other in others if slot.overlaps(other, zone)]
    own = [other for other in at_once if other.who == slot.who]
    in_room = [
        other for other in at_once if other not in own and slot.room and room_key(other.room) == room_key(slot.room)
    ]
    problems = []
    if own:
        times = listed([other.span for other in own])
        sentence = f"The patient is booked already on that day, {times}."
        problems.append(warning("booking", "time", sentence, "same_patient"))
    if in_room:
        taken = listed([f"{other.name} ({other.span})" for other in in_room])
        sentence = f"{slot.room} is taken at that time: {taken}. Choose another time or room, or write why both fit."
        problems.append(warning("booking", "room", sentence, "same_room"))
    return problems
