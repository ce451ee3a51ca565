"""From a patient's facts to the drawing of the course."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.urls import reverse
from django.utils import timezone

from treatments.assessments.measurements.density import COUNT
from treatments.assessments.models import Assessment
from treatments.assessments.scales.catalogue import scale, stage
from treatments.courses.models import Course
from treatments.patients.other_treatments import OtherTreatment
from treatments.photos.models import Photo
from treatments.photos.vocabulary import View
from treatments.records.partial_dates import PartialDate
from treatments.safety.vocabulary import EventKind
from treatments.timeline.chart import types
from treatments.timeline.density import DensityChange
from treatments.timeline.facts import Facts, known
from treatments.timeline.month_photos import PhotoComparisons

LEAD_VIEW = "vertex"
SMALL_PX = 400
_ANY = uuid.UUID(int=0)
_EVENT_KINDS = {kind.value: str(kind.label) for kind in EventKind}
_VIEWS = {view.value: str(view.label) for view in View}
PLANNED = {
    "induction": "next session", "maintenance": "maintenance", "follow_up": "follow-up", "refresh": "yearly refresh",
}  # fmt: skip


def chart_course(
    facts: Facts, density: Mapping[Any, DensityChange], pictures: PhotoComparisons, today: datetime.date
) -> types.ChartCourse | None:
    """What belongs to the page's course on one axis, or None while there is nothing to draw.

    Without a course it is what belongs to none, from the first grading on.
    """
    course = facts.course
    own = _Own(facts, course)
    if course is not None:
        month_0: types.When = known(course)
    elif own.graded:
        month_0 = known(own.graded[0])
    else:
        return None
    end, end_word = _end(facts, course)
    last_session = course.last_session if course and end_word == "finished" else None
    main, *others = _scales(own.graded) or [types.GradedScale("", ())]
    return types.ChartCourse(
        baseline=types.middle(month_0),
        month_0=month_0 if isinstance(month_0, PartialDate) else None,
        today=today,
        end=end,
        end_word=end_word,
        known_end=last_session if last_session and not last_session.is_exact else None,
        stage_scale_label=main.label,
        stages=main.stages,
        other_scales=tuple(others),
        density=(*_measured(own, density), *_unmeasured(own, density)),
        sessions=tuple(_sessions(own)),
        planned=tuple(_planned(course)),
        events=tuple(_events(own)),
        asked_none=tuple(_asked_none(own)),
        photos=tuple(_photos(own, pictures)),
        therapies=tuple(map(_therapy, facts.other_treatments)),
        is_counted=any(each.kind == COUNT for each in own.measurements),
    )


class _Own:
    """What stands of one course; with None, of none."""

    def __init__(self, facts: Facts, course: Course | None) -> None:
        self.facts = facts
        self.sessions = facts.sessions_of(course)
        self.assessments = [each for each in facts.standing_assessments if facts.is_of(course, each)]
        self.measurements = [each for each in facts.standing_measurements if facts.is_of(course, each)]
        self.events = [each for each in facts.standing_events if facts.is_of(course, each)]
        self.photos = [each for each in facts.standing_photos if facts.is_of(course, each)]
        self.graded = [each for each in self.assessments if each.stage]
        baseline = facts.baseline_grading(course, self.graded)
        if baseline is not None and baseline[0] not in self.graded:
            self.graded = sorted([baseline[0], *self.graded], key=attrgetter("assessed_on", "pk"))


def _scales(graded: Sequence[Assessment]) -> list[types.GradedScale]:
    """The gradings by scale, that of the last first."""
    by_scale: dict[str, list[types.StagePoint]] = {}
    for assessment in reversed(graded):
        by_scale.setdefault(assessment.scale, []).insert(0, _stage(assessment))
    return [types.GradedScale(scale(code).short_name, tuple(stages)) for code, stages in by_scale.items()]


def _end(facts: Facts, course: Course | None) -> tuple[datetime.date | None, str]:
    """The day the course was stopped, finished with its last session, or ended with the patient's leaving."""
    archived = facts.patient.archived_at
    if course and course.ended_on:
        return course.ended_on, "stopped" if course.stopped_on else "finished"
    return (timezone.localdate(archived), "archived") if archived else (None, "")


def _stage(assessment: Assessment) -> types.StagePoint:
    graded = stage(assessment.scale, assessment.stage)
    word = graded.label.removeprefix("Type ").removeprefix(f"{scale(assessment.scale).short_name} ")
    return types.StagePoint(known(assessment), graded.code, word, graded.rank)


def _asked_none(own: _Own) -> Iterator[types.When]:
    """The sessions at which there was no reaction, and the follow-ups at which nothing was told."""
    yield from (known(each) for each in own.sessions if each.reactions == "none")
    yield from (known(each) for each in own.assessments if each.since_last == "none")


def _measured(own: _Own, density: Mapping[Any, DensityChange]) -> Iterator[types.DensityPoint]:
    for measurement in own.measurements:
        if change := density.get(measurement.pk):
            low, high, value = map(_float, (change.low, change.high, change.value))
            code, label = (change.verdict.value, str(change.verdict.label)) if change.verdict else ("", "No interval")
            if not change.is_figure:
                code, label = "not_comparable", "Not comparable"
            yield types.DensityPoint(
                day=known(measurement),
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


def _unmeasured(own: _Own, density: Mapping[Any, DensityChange]) -> Iterator[types.DensityPoint]:
    """What was noted of a change on days without a figure."""
    measured = {known(each) for each in own.measurements if each.pk in density}
    for assessment in own.assessments:
        if assessment.change_seen and known(assessment) not in measured:
            note = " ".join(assessment.change_seen.split()).rstrip(".")
            yield types.DensityPoint(known(assessment), None, None, None, None, "", False, "", "", note)


def _float(value: Decimal | float | None) -> float | None:
    return None if value is None else float(value)


def _addresses(page: str, facts: Facts, *more: object) -> Callable[[uuid.UUID], str]:
    """The address of such a page for any record of the patient, resolved once: a long course has hundreds."""
    address = reverse(page, args=[facts.patient.pk, _ANY, *more])
    return lambda pk: address.replace(str(_ANY), str(pk))


def _sessions(own: _Own) -> Iterator[types.SessionTick]:
    url = _addresses("sessions:detail", own.facts)
    for session in own.sessions:
        number, total_ml = own.facts.numbers[session.pk], float(session.total_ml)
        yield types.SessionTick(known(session), number, total_ml, url(session.pk), session.phase)


def _planned(course: Course | None) -> Iterator[types.PlannedWindow]:
    """When the next session is planned: a day, a month or a window."""
    if course and course.is_open and (due := course.due):
        name = PLANNED["follow_up" if course.awaits_follow_up else course.state]
        yield types.PlannedWindow(_day_if_exact(due.first), _day_if_exact(due.last), name)


def _therapy(treatment: OtherTreatment) -> types.TherapyBar:
    return types.TherapyBar(
        name=treatment.name,
        dose=treatment.dose,
        began=treatment.began and _day_if_exact(treatment.began),
        ended=treatment.ended and _day_if_exact(treatment.ended),
        recorded=treatment.recorded,
        is_over=treatment.is_over,
        is_asked=treatment.is_asked,
        is_occasion=treatment.is_occasion,
        changes=tuple((_day_if_exact(change.when), change.dose) for change in treatment.changes),
    )


def _day_if_exact(when: types.When) -> types.When:
    return when.earliest if isinstance(when, PartialDate) and when.is_exact else when


def _events(own: _Own) -> Iterator[types.EventMark]:
    url = _addresses("safety:event", own.facts)
    for event in own.events:
        filed = own.facts.filed_under(event)
        yield types.EventMark(
            onset=filed if event.onset else None,
            day=filed,
            label=_EVENT_KINDS.get(event.kind, event.kind),
            grade=event.grade,
            serious=event.is_serious,
            is_open=event.is_open,
            url=url(event.pk),
            follows_session=event.exosome_session_id is not None,
        )


def _photos(own: _Own, pictures: PhotoComparisons) -> Iterator[types.PhotoMark]:
    """One mark for each date, with the photograph of the vertex if there is one."""
    sheet = reverse("photos:sheet", args=[own.facts.patient.pk])
    picture = _addresses("photos:file", own.facts, SMALL_PX)
    taken: dict[types.When, list[Photo]] = defaultdict(list)
    for photo in own.photos:
        taken[known(photo)].append(photo)
    for when, photos in taken.items():
        lead = next((photo for photo in photos if photo.view == LEAD_VIEW), photos[0])
        views = ", ".join(sorted({_VIEWS.get(photo.view, photo.view) for photo in photos}))
        comparison = pictures.with_baseline(lead)
        word = comparison.word if comparison else ""
        yield types.PhotoMark(when, picture(lead.pk), f"Photos: {views}", sheet, word)
