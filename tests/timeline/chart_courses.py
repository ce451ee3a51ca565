"""Courses to draw: the published case, a course just begun, one with an odd beginning, a year, ten years."""

import random
import uuid
from datetime import date, timedelta

from treatments.records.months import add_months
from treatments.timeline.chart.types import (
    ChartCourse,
    DensityPoint,
    EventMark,
    PhotoMark,
    PlannedWindow,
    SessionTick,
    StagePoint,
)

chance = random.Random(20250114)


def url(kind: str) -> str:
    """As long as an address of the application."""
    return f"/{kind}/{uuid.UUID(int=chance.getrandbits(128))}/"


def grading(day: date, label: str, rank: int | None) -> StagePoint:
    return StagePoint(day, label.replace(" ", "-"), label, rank)


def measured(day: date, value: float, error: float | None, verdict: str = "", code: str = "") -> DensityPoint:
    interval = None if error is None else (value - error, value + error)
    return DensityPoint(day, None, None, value, interval, "Marked count", False, code, verdict)


def estimated(day: date, low: float, high: float) -> DensityPoint:
    words = "Visual estimate: not a measurement"
    return DensityPoint(day, low, high, None, None, "Visual estimate", True, "estimate", words)


def noted(day: date, words: str) -> DensityPoint:
    return DensityPoint(day, None, None, None, None, "", False, "", "", words)


def event(day: date, label: str, grade: int = 1, serious: bool = False, is_open: bool = False) -> EventMark:
    return EventMark(day, day, label, grade, serious, is_open, url("events"))


def session(day: date, number: int, total_ml: float | None = 3.0, phase: str = "induction") -> SessionTick:
    return SessionTick(day, number, total_ml, url("sessions"), phase)


def photos(day: date, label: str = "4 views") -> PhotoMark:
    return PhotoMark(day, url("photos"), label, url("sheet"))


def published() -> ChartCourse:
    """Stage III vertex at Month 0 and never again; thicker at Month 3; 20 to 25 % by eye at Month 5."""
    start = date(2025, 1, 14)
    month = [add_months(start, number) for number in range(6)]
    return ChartCourse(
        baseline=start,
        today=date(2025, 6, 16),
        end=None,
        stage_scale_label="Norwood",
        stages=(grading(start, "III vertex", 3),),
        density=(noted(month[3], "noticeably thicker, no figure recorded"), estimated(date(2025, 6, 16), 20, 25)),
        sessions=tuple(session(month[number], number + 1) for number in range(5)),
        planned=(PlannedWindow(date(2025, 7, 14), date(2025, 10, 14), "maintenance due"),),
        events=(
            event(month[0], "Redness"),
            event(month[1], "Redness"),
            event(month[1], "Swelling"),
            event(month[2], "Irritation"),
            event(month[2], "Headache"),
            event(month[4], "Redness"),
        ),
        asked_none=(month[3],),
        photos=(photos(month[0]), photos(month[3]), photos(date(2025, 6, 16))),
    )


def begun() -> ChartCourse:
    day = date(2026, 1, 31)
    return ChartCourse(day, day, None, "Norwood", sessions=(session(day, 1, None),))


def late_graded() -> ChartCourse:
    """Photos long before, no grading at the baseline, a serious event, and one of unknown onset."""
    start = date(2025, 8, 31)
    return ChartCourse(
        baseline=start,
        today=date(2026, 2, 10),
        end=None,
        stage_scale_label="Ludwig",
        stages=(grading(date(2025, 11, 30), "Ludwig II", 2), grading(date(2026, 2, 1), "Ludwig I", 1)),
        density=(measured(date(2025, 11, 30), -6, 26, "Within measurement error", "within_error"),),
        sessions=tuple(session(add_months(start, n), n + 1, 2.5 + n / 2) for n in range(5)),
        events=(
            event(date(2025, 9, 3), "Periorbital cellulitis", 3, serious=True, is_open=True),
            EventMark(None, date(2025, 12, 5), "Headache", 2, False, False, url("events")),
        ),
        asked_none=(date(2025, 10, 31), date(2025, 11, 30)),
        photos=(photos(date(2025, 2, 1)), photos(date(2025, 8, 20)), PhotoMark(date(2026, 2, 1), "", "1 view", "/p/")),
    )


def year() -> ChartCourse:
    """Real stage steps, a change of pattern, measured points, maintenance and a yearly refresh."""
    start = date(2025, 3, 10)
    later = [date(2025, 6, 12), date(2025, 9, 10), date(2025, 12, 9), date(2026, 3, 11)]
    return ChartCourse(
        baseline=start,
        today=date(2026, 4, 2),
        end=None,
        stage_scale_label="Norwood",
        stages=(
            grading(start, "IV", 4),
            grading(later[0], "IV", 4),
            grading(later[1], "III vertex", 3),
            grading(later[2], "III", 3),
            grading(later[3], "II", 2),
        ),
        density=(
            measured(later[0], 6, 26, "Within measurement error", "within_error"),
            measured(later[1], 15, 18, "Within measurement error", "within_error"),
            measured(later[2], 24, 17, "Above error, not yet visible", "above_error"),
            estimated(date(2026, 1, 20), 20, 30),
            measured(later[3], 31, 17, "Likely visible", "likely_visible"),
        ),
        sessions=(
            *(session(add_months(start, n), n + 1) for n in range(5)),
            session(date(2025, 11, 12), 6, 3.0, "maintenance"),
            session(date(2026, 3, 11), 7, 4.0, "annual_refresh"),
        ),
        planned=(PlannedWindow(date(2026, 9, 10), date(2026, 12, 10), "maintenance due"),),
        events=(
            event(start, "Redness"),
            event(date(2025, 4, 11), "Swelling"),
            event(date(2025, 5, 10), "Headache", 2),
            event(date(2025, 5, 12), "Itching"),
            event(date(2025, 7, 13), "Anaphylactic reaction", 4, serious=True),
            event(date(2026, 3, 12), "Folliculitis", 2, is_open=True),
        ),
        asked_none=(add_months(start, 3), date(2025, 9, 10), date(2025, 11, 12)),
        photos=tuple(photos(day, "6 views") for day in (start, *later)),
    )


def long_course(entries: int, years: int) -> ChartCourse:
    """`entries` records of every kind over so many years, the stage wandering, two events serious."""
    start = date(2015, 2, 3)
    days = int(365.25 * years)
    today = start + timedelta(days=days)
    tenth, quarter = entries // 10, int(entries * 0.24)

    def spaced(number: int) -> list[date]:
        return [start + timedelta(days=k * days // number) for k in range(number)]

    def any_day() -> date:
        return start + timedelta(days=chance.randrange(days))

    rank, stages = 4, []
    for number, day in enumerate(spaced(tenth)):
        if chance.random() < 0.15:
            rank = max(2, min(5, rank + chance.choice([-1, -1, 1])))
        label = {2: "II", 3: "III vertex" if number % 2 else "III", 4: "IV", 5: "V"}[rank]
        stages.append(grading(day, label, rank))
    verdict = ("Within measurement error", "within_error")
    phases = ["induction"] * 5 + ["maintenance", "maintenance", "annual_refresh"] * quarter
    words = ["Redness", "Swelling", "Headache", "Itching", "Pain at the injection site"]
    return ChartCourse(
        baseline=start,
        today=today,
        end=None,
        stage_scale_label="Norwood",
        stages=tuple(stages),
        density=tuple(
            measured(day, round(chance.uniform(-9, 30), 1), chance.choice([17, 18, 26]), *verdict)
            for day in spaced(tenth)[1:]
        ),
        sessions=tuple(session(day, n + 1, 3.0, phases[n]) for n, day in enumerate(spaced(quarter))),
        planned=(PlannedWindow(today + timedelta(days=60), today + timedelta(days=150), "maintenance due"),),
        events=tuple(
            event(any_day(), chance.choice(words), chance.choice([1, 1, 2]), serious=n in (4, 9), is_open=n == 5)
            for n in range(quarter)
        ),
        asked_none=tuple(any_day() for _ in range(quarter)),
        photos=tuple(photos(day, "6 views") for day in spaced(tenth)),
    )


def counted(changes: list[float], apart: int) -> ChartCourse:
    """A density `apart` days after the other, the first of them at Month 0; today is the day of the last."""
    start = date(2025, 1, 14)
    days = [start + timedelta(days=apart * number) for number in range(len(changes))]
    verdict = ("Likely visible", "likely_visible")
    points = [measured(day, change, 17, *verdict) for day, change in zip(days, changes, strict=True)]
    sessions = tuple(session(add_months(start, n), n + 1) for n in range(3))
    return ChartCourse(start, max(days[-1], start), None, "Norwood", density=tuple(points), sessions=sessions)


def wave(number: int, height: float = 30) -> list[float]:
    """Changes that go up, fall below zero, and return."""
    return [round(height * ((n * 7 % 11) - 4) / 6, 1) for n in range(number)]


def estimates() -> ChartCourse:
    """Ranges estimated by eye, one of them over a day without a figure, one that holds zero."""
    start = date(2025, 1, 14)
    told = [estimated(add_months(start, n), low, high) for n, low, high in ((2, -10, 5), (3, 10, 15), (5, 20, 25))]
    notes = [noted(add_months(start, n), "Thicker at the crown, thinner at the temples") for n in (1, 4, 5)]
    return ChartCourse(start, add_months(start, 6), None, "Norwood", density=(*told, *notes))


def on_the_day() -> ChartCourse:
    """A stage, a session, a serious event, "asked, none", photos and a window: everything today, at Month 4."""
    start = date(2025, 1, 14)
    day = add_months(start, 4)
    return ChartCourse(
        baseline=start,
        today=day,
        end=None,
        stage_scale_label="Norwood",
        stages=(grading(start, "IV", 4), grading(day, "III vertex", 3)),
        density=(measured(day, 22.7, 26, "Above error, not yet visible", "above_error"),),
        sessions=tuple(session(add_months(start, n), n + 1) for n in range(5)),
        planned=(PlannedWindow(day, add_months(day, 1), "next session"),),
        events=(event(day, "Anaphylactic reaction", 4, serious=True, is_open=True), event(day, "Redness")),
        asked_none=(add_months(start, 3), day - timedelta(days=2)),
        photos=(photos(start), photos(day)),
    )


def stopped() -> ChartCourse:
    """Stopped after two sessions; years ago by now."""
    start = date(2021, 1, 14)
    month = [add_months(start, n) for n in range(4)]
    return ChartCourse(
        start,
        date(2026, 1, 1),
        month[3],
        "Norwood",
        stages=(grading(start, "V", 5), grading(month[3], "VI", 6)),
        density=(measured(month[3], -12.5, 17, "Too early", "too_early"),),
        sessions=(session(start, 1), session(month[1], 2)),
        photos=(photos(start), photos(month[3])),
    )


CROWDS = [counted(wave(many), apart) for many in (1, 2, 5, 8, 12, 40) for apart in (2, 30, 92)]
