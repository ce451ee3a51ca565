"""What the migration that filled the course of old rows takes for certain, and what it leaves open."""

import datetime
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

filling: Any = import_module("treatments.migrations.0012_facts_take_their_course")


def course(on: str, *, stopped: str = "", state: str = "induction", last: str = "") -> SimpleNamespace:
    def day(text: str) -> datetime.date | None:
        return datetime.date.fromisoformat(text) if text else None

    return SimpleNamespace(
        baseline_on=day(on), baseline_precision="day", stopped_on=day(stopped), state=state, last_session_on=day(last)
    )


ENDED, SECOND = course("2024-01-10", state="finished", last="2024-05-10"), course("2026-03-05")
GOING_ON = course("2024-01-10")


@pytest.mark.parametrize(
    ("courses", "day", "known_to", "own"),
    [
        ([ENDED, SECOND], "2023-12-28", "day", ENDED),
        ([ENDED, SECOND], "2010-01-01", "day", ENDED),
        ([ENDED, SECOND], "2025-06-01", "day", ENDED),
        ([ENDED, SECOND], "2026-05-01", "day", SECOND),
        ([ENDED, SECOND], "2026-02-20", "day", None),
        ([ENDED, SECOND], "2026-03-01", "month", None),
        ([GOING_ON, SECOND], "2026-05-01", "day", None),
        ([ENDED, SECOND], "2026-01-01", "2026", None),
        ([ENDED, SECOND], "2024-06-01", "2024-06", ENDED),
        ([ENDED, SECOND], "2026-05-01", "", SECOND),
    ],
)
def test_only_a_certain_course_is_filled(
    courses: list[SimpleNamespace], day: str, known_to: str, own: SimpleNamespace | None
) -> None:
    span = filling.span(datetime.date.fromisoformat(day), known_to)
    assert filling.the_only_one_meant(courses, *span) is own
