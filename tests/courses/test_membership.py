"""To which course a fact belongs: its link first, else its date; what is not sure is said."""

import datetime
from dataclasses import dataclass

import pytest

from treatments.courses.membership import Courses, Told, by_date, is_unambiguous
from treatments.records.partial_dates import PartialDate


@dataclass(frozen=True)
class Planned:
    pk: str
    baseline: PartialDate
    ended_on: datetime.date | None = None
    is_struck_out: bool = False


def planned(pk: str, baseline: str, ended: str = "", **more: bool) -> Planned:
    return Planned(pk, PartialDate(baseline), datetime.date.fromisoformat(ended) if ended else None, **more)


FIRST = planned("first", "2024-01-10", ended="2024-06-10")
SECOND = planned("second", "2026-03-05")


@pytest.mark.parametrize(
    ("when", "own"),
    [
        ("2019", "first"),
        ("2024-01-09", "first"),
        ("2024-01-10", "first"),
        ("2026-03-04", "first"),
        ("2026-03-05", "second"),
        ("2026-03", "second"),
        ("2026-11-28", "second"),
    ],
)
def test_a_date_tells_its_course(when: str, own: str) -> None:
    course = by_date([FIRST, SECOND], PartialDate(when))
    assert course is not None
    assert course.pk == own


@pytest.mark.parametrize(
    ("when", "sure"),
    [
        ("2023-01-01", True),  # long before either: the first
        ("2025-06-01", True),  # follow-up of the first, after its end
        ("2026-02-20", False),  # late follow-up, or the screening of the second
        ("2026-03-05", True),
        ("2026-03", False),
        ("2026", False),
    ],
)
def test_what_two_courses_may_claim(when: str, sure: bool) -> None:
    assert is_unambiguous([FIRST, SECOND], PartialDate(when)) is sure


def test_two_courses_at_once_are_unsure() -> None:
    going_on = planned("first", "2024-01-10")
    told = Courses([going_on, SECOND]).of(None, when=datetime.date(2026, 5, 1))
    assert (told.course, told.told, told.is_open) == (SECOND, Told.UNSURE, True)


def test_a_link_comes_before_the_date() -> None:
    courses = Courses([FIRST, SECOND])
    assert courses.of("first", None, when=datetime.date(2026, 5, 1)).course is FIRST
    assert courses.of(None, "first", when=datetime.date(2026, 5, 1)).course is FIRST
    assert courses.of(None, None, when=datetime.date(2026, 5, 1)).told is Told.BY_DATE


def test_a_struck_course_hands_on_nothing() -> None:
    struck = planned("struck", "2025-01-01", is_struck_out=True)
    told = Courses([FIRST, struck]).of("struck", when=datetime.date(2025, 2, 1))
    assert (told.course, told.struck_out, told.is_open) == (None, struck, True)


def test_without_a_course_there_is_none() -> None:
    assert Courses([]).of(None, when=datetime.date(2025, 2, 1)).told is Told.NO_COURSE
