"""From a patient's facts to the drawing of the course."""

import datetime
import uuid
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from django.urls import reverse
from django.utils import timezone

from treatments.assessments.models import Assessment
from treatments.assessments.scales.catalogue import scale, stage
from treatments.courses.models import Course
from treatments.courses.vocabulary import CourseState
from treatments.photos.models import Photo
from treatments.photos.vocabulary import View
from treatments.records.fields import DatePrecision
from treatments.records.months import add_months
from treatments.safety.vocabulary import EventKind
from treatments.timeline.chart import types
from treatments.timeline.density import DensityChange
from treatments.timeline.facts import Facts
from treatments.timeline.month_photos import PhotoComparisons

LEAD_VIEW = "vertex"
SMALL_PX = 400
_ANY = uuid.UUID(int=0)
_EVENT_KINDS = {kind.value: str(kind.label) for kind in EventKind}
_VIEWS = {view.value: str(view.label) for view in View}
PLANNED = {"induction": "next session", "maintenance": "maintenance", "refresh": "yearly refresh"}


def chart_course(
    facts: Facts, density: Mapping[Any, DensityChange], pictures: PhotoComparisons, today: datetime.date
) -> types.ChartCourse | None:
    """The patient's whole record on one axis, or None while there is nothing to draw."""
    baseline = _baseline(facts)
    if baseline is None:
        return None
    end, end_word = _end(facts)
    graded = _graded(facts)
    return types.ChartCourse(
        baseline=baseline,
        today=today,
        end=end,
        end_word=end_word,
        stage_scale_label=scale(graded[-1].scale).short_name if graded else "",
        stages=tuple(map(_stage, graded)),
        density=(*_measured(facts, density), *_unmeasured(facts, density)),
        sessions=tuple(_sessions(facts)),
        planned=tuple(_planned(facts.course)),
        events=tuple(_events(facts)),
        asked_none=tuple(each.performed_on for each in facts.standing_sessions if each.reactions == "none"),
        photos=tuple(_photos(facts, pictures)),
        only_months=_only_months(facts),
    )


def _baseline(facts: Facts) -> datetime.date | None:
    """Month 0 of the first course; before a course, the day of the first grading."""
    begun = map(attrgetter("baseline_on"), facts.standing_courses)
    return min(begun, default=min(map(attrgetter("assessed_on"), facts.graded), default=None))


def _graded(facts: Facts) -> list[Assessment]:
    """The gradings on the scale that was used last; others cannot be compared with them."""
    return [assessment for assessment in facts.graded if assessment.scale == facts.graded[-1].scale]


def _end(facts: Facts) -> tuple[datetime.date | None, str]:
    """The day the course was stopped, finished with its last session, or ended with the patient's leaving."""
    course, archived = facts.course, facts.patient.archived_at
    if course and course.stopped_on:
        return course.stopped_on, "stopped"
    if course and course.state == CourseState.FINISHED and course.last_session_on:
        return course.last_session_on, "finished"
    return (timezone.localdate(archived), "archived") if archived else (None, "")


def _only_months(facts: Facts) -> frozenset[datetime.date]:
    """The days that stand for a month whose day was not recorded, unless something else is known to be of that day."""
    dated = chain(
        map(attrgetter("baseline_on", "baseline_precision"), facts.courses),
        map(attrgetter("performed_on", "performed_precision"), facts.sessions),
        map(attrgetter("assessed_on", "assessed_precision"), facts.assessments),
        map(attrgetter("measured_on", "measured_precision"), facts.measurements),
        map(attrgetter("taken_on", "taken_precision"), facts.photos),
    )
    days: dict[str, set[datetime.date]] = {DatePrecision.DAY: set(), DatePrecision.MONTH: set()}
    for day, precision in dated:
        days[precision].add(day)
    return frozenset(days[DatePrecision.MONTH] - days[DatePrecision.DAY])


def _stage(assessment: Assessment) -> types.StagePoint:
    graded = stage(assessment.scale, assessment.stage)
    return types.StagePoint(assessment.assessed_on, graded.code, graded.label.removeprefix("Type "), graded.rank)


def _measured(facts: Facts, density: Mapping[Any, DensityChange]) -> Iterator[types.DensityPoint]:
    for measurement in facts.standing_measurements:
        if change := density.get(measurement.pk):
            low, high, value = map(_float, (change.low, change.high, change.value))
            code, label = (change.verdict.value, str(change.verdict.label)) if change.verdict else ("", "No interval")
            if not change.is_figure:
                code, label = "not_comparable", "Not comparable"
            yield types.DensityPoint(
                day=measurement.measured_on,
                low=low,
                high=high,
                value=value,
                interval=(change.interval.low, change.interval.high) if change.interval else None,
                method_label=measurement.get_method_display(),
                is_estimate=change.is_estimate,
                verdict_code=code,
                verdict_label=label,
                note="" if change.is_figure else f"{change.figure}, not comparable",
                series=change.series,
            )


def _unmeasured(facts: Facts, density: Mapping[Any, DensityChange]) -> Iterator[types.DensityPoint]:
    """What was noted of a change on days without a figure."""
    measured = {change.measurement.measured_on for change in density.values()}
    for assessment in facts.standing_assessments:
        if assessment.change_seen and assessment.assessed_on not in measured:
            note = " ".join(assessment.change_seen.split()).rstrip(".")
            yield types.DensityPoint(assessment.assessed_on, None, None, None, None, "", False, "", "", note)


def _float(value: Decimal | float | None) -> float | None:
    return None if value is None else float(value)


def _addresses(page: str, facts: Facts, *more: object) -> Callable[[uuid.UUID], str]:
    """The address of such a page for any record of the patient, resolved once: a long course has hundreds."""
    address = reverse(page, args=[facts.patient.pk, _ANY, *more])
    return lambda pk: address.replace(str(_ANY), str(pk))


def _sessions(facts: Facts) -> Iterator[types.SessionTick]:
    url = _addresses("sessions:detail", facts)
    for session in facts.standing_sessions:
        number, total_ml = facts.numbers[session.pk], float(session.total_ml)
        yield types.SessionTick(session.performed_on, number, total_ml, url(session.pk), session.phase)


def _planned(course: Course | None) -> Iterator[types.PlannedWindow]:
    if course and course.is_open and course.next_due_on:
        due, until = course.next_due_on, course.next_due_until or course.next_due_on
        if until <= due:
            until = min(add_months(due, 1), due + datetime.timedelta(days=10))
        yield types.PlannedWindow(due, until, PLANNED[course.state])


def _events(facts: Facts) -> Iterator[types.EventMark]:
    url = _addresses("safety:event", facts)
    for event in facts.standing_events:
        yield types.EventMark(
            onset=event.onset.earliest if event.onset and event.onset.precision != "year" else None,
            day=event.happened,
            label=_EVENT_KINDS.get(event.kind, event.kind),
            grade=event.grade,
            serious=event.is_serious,
            is_open=event.is_open,
            url=url(event.pk),
        )


def _photos(facts: Facts, pictures: PhotoComparisons) -> Iterator[types.PhotoMark]:
    """One mark for each day, with the photograph of the vertex if there is one."""
    sheet = reverse("photos:sheet", args=[facts.patient.pk])
    picture = _addresses("photos:file", facts, SMALL_PX)
    for day, group in groupby(facts.standing_photos, key=attrgetter("taken_on")):
        photos: list[Photo] = list(group)
        lead = next((photo for photo in photos if photo.view == LEAD_VIEW), photos[0])
        views = ", ".join(sorted({_VIEWS.get(photo.view, photo.view) for photo in photos}))
        comparison = pictures.with_baseline(lead)
        word = comparison.word if comparison else ""
        yield types.PhotoMark(day, picture(lead.pk), f"Photos: {views}", sheet, word)
