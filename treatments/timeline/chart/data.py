"""From a patient's facts to the drawing of the course."""

import datetime
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils import timezone

from treatments.assessments.scales.catalogue import scale, stage
from treatments.courses.models import Course
from treatments.courses.vocabulary import CourseState
from treatments.records.fields import DatePrecision
from treatments.records.months import add_months
from treatments.timeline.chart.drawing import (
    ChartCourse,
    DensityPoint,
    EventMark,
    PhotoMark,
    PlannedWindow,
    SessionTick,
    StagePoint,
)
from treatments.timeline.density import DensityChange
from treatments.timeline.facts import Facts
from treatments.timeline.month_photos import Pictures

LEAD_VIEW = "vertex"


def chart_course(
    facts: Facts, density: dict[Any, DensityChange], pictures: Pictures, today: datetime.date
) -> ChartCourse | None:
    """The patient's whole record on one axis, or None while there is nothing to draw."""
    course = facts.course
    first = min((c.baseline_on for c in facts.courses if not c.is_struck_out), default=None)
    graded = facts.graded
    baseline = first or (graded[0].assessed_on if graded else None)
    if baseline is None:
        return None
    end = _end(facts)
    shown_scale = graded[-1].scale if graded else ""
    return ChartCourse(
        baseline=baseline,
        today=today,
        end=end[0] if end else None,
        end_word=end[1] if end else "",
        stage_scale_label=scale(shown_scale).short_name if shown_scale else "",
        stages=tuple(_stage(a) for a in graded if a.scale == shown_scale),
        density=tuple(_density(facts, density)),
        sessions=tuple(_session(facts, s) for s in facts.sessions if not s.is_struck_out),
        planned=tuple(_planned(course)) if course else (),
        events=tuple(_event(e) for e in facts.standing_events),
        asked_none=tuple(s.performed_on for s in facts.sessions if not s.is_struck_out and s.reactions == "none"),
        photos=tuple(_photos(facts, pictures)),
        only_months=frozenset(_only_months(facts)),
    )


def _end(facts: Facts) -> tuple[datetime.date, str] | None:
    """The day the course was stopped, finished with its last session, or ended with the patient's leaving."""
    course, archived = facts.course, facts.patient.archived_at
    if course and course.stopped_on:
        return course.stopped_on, "stopped"
    if course and course.state == CourseState.FINISHED and course.last_session_on:
        return course.last_session_on, "finished"
    return (timezone.localdate(archived), "archived") if archived else None


def _only_months(facts: Facts) -> Iterator[datetime.date]:
    rows: list[tuple[datetime.date, str]] = [
        *((c.baseline_on, c.baseline_precision) for c in facts.courses),
        *((s.performed_on, s.performed_precision) for s in facts.sessions),
        *((a.assessed_on, a.assessed_precision) for a in facts.assessments),
        *((m.measured_on, m.measured_precision) for m in facts.measurements),
        *((p.taken_on, p.taken_precision) for p in facts.photos),
    ]
    exact = {day for day, precision in rows if precision == DatePrecision.DAY}
    return (day for day, precision in rows if precision == DatePrecision.MONTH and day not in exact)


def _stage(assessment: Any) -> StagePoint:
    found = stage(assessment.scale, assessment.stage)
    return StagePoint(assessment.assessed_on, found.code, found.label.removeprefix("Type "), found.rank, found.pattern)


def _density(facts: Facts, density: dict[Any, DensityChange]) -> list[DensityPoint]:
    points = []
    for measurement in facts.standing_measurements:
        change = density.get(measurement.pk)
        if change is None:
            continue
        points.append(
            DensityPoint(
                day=measurement.measured_on,
                low=_float(change.low),
                high=_float(change.high),
                value=_float(change.value),
                error_pct=change.error_pct,
                method_label=measurement.get_method_display(),
                is_estimate=change.is_estimate,
                verdict_code=str(change.verdict.value) if change.verdict else "not_comparable",
                verdict_label=str(change.verdict.label) if change.verdict else "Not comparable",
                note="" if change.verdict else f"{measurement.shown}, not comparable with Month 0",
            )
        )
    measured = {point.day for point in points}
    for assessment in facts.standing_assessments:
        if assessment.change_seen and assessment.assessed_on not in measured:
            points.append(_unmeasured(assessment))
    return sorted(points, key=lambda point: point.day)


def _unmeasured(assessment: Any) -> DensityPoint:
    words = assessment.change_seen.strip().rstrip(".")
    return DensityPoint(assessment.assessed_on, None, None, None, None, "", False, "", "", note=words)


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _session(facts: Facts, each: Any) -> SessionTick:
    return SessionTick(
        each.performed_on, facts.numbers[each.pk], float(each.total_ml), each.get_absolute_url(), each.phase
    )


def _planned(course: Course) -> list[PlannedWindow]:
    if not course.is_open or course.next_due_on is None:
        return []
    words = {"induction": "next session", "maintenance": "maintenance", "refresh": "yearly refresh"}
    until = course.next_due_until or course.next_due_on
    if until <= course.next_due_on:
        until = min(add_months(course.next_due_on, 1), course.next_due_on + datetime.timedelta(days=10))
    return [PlannedWindow(course.next_due_on, until, words[course.state])]


def _event(event: Any) -> EventMark:
    onset = event.onset.earliest if event.onset and event.onset.precision != "year" else None
    return EventMark(
        onset=onset,
        day=event.happened,
        label=event.get_kind_display(),
        grade=event.grade,
        serious=event.is_serious,
        is_open=event.is_open,
        url=event.get_absolute_url(),
    )


def _photos(facts: Facts, pictures: Pictures) -> list[PhotoMark]:
    marks = []
    sheet = reverse("photos:sheet", args=[facts.patient.pk])
    for day, group in groupby(facts.standing_photos, key=lambda photo: photo.taken_on):
        taken = list(group)
        lead = next((photo for photo in taken if photo.view == LEAD_VIEW), taken[0])
        views = sorted({str(photo.get_view_display()) for photo in taken})
        against = pictures.against(lead)
        word = against.word if against else ""
        marks.append(PhotoMark(day, lead.small_url, f"Photos: {', '.join(views)}", sheet, word))
    return marks
