"""What a new session is filled in with: the last session of the course, else the plan. Never free text."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from treatments.courses.intervals import Given
from treatments.courses.models import Application, Course, ExosomeSession
from treatments.courses.schedule import Due, next_due
from treatments.courses.vocabulary import Phase, SessionOutcome
from treatments.courses.volumes import volumes_of
from treatments.records.problems import Problem

CARRIED_COLUMNS = (
    "route",
    "route_confirmed",
    "needle_gauge",
    "needle_length_mm",
    "depth_mm",
    "points",
    "point_ml",
    "skin_prep",
    "anaesthesia",
)
"""Columns taken over from the last session: settings and choices. Notes, names and agents are asked anew."""


@dataclass(frozen=True)
class Prefill:
    """Values a log form begins with, and where they come from: `mark`, and of the volumes `volumes_mark`, is "carried"
    or "planned"."""

    mark: str
    values: dict[str, Any]
    volumes: dict[str, Decimal]
    product_id: uuid.UUID | None
    last: ExosomeSession | None
    due: Due | None
    given: list[Given] = field(default_factory=list)
    volumes_mark: str = "planned"
    # What was given beside the first product last time.
    further: list[Application] = field(default_factory=list)
    # What was not filled in because it would carry a warning: a sentence for each.
    left_open: tuple[str, ...] = ()

    @property
    def phase(self) -> str:
        if self.due is not None:
            return self.due.phase
        return self.last.phase if self.last is not None and self.last.phase != Phase.INDUCTION else Phase.MAINTENANCE


def prefill(course: Course) -> Prefill:
    """What the next session of a course begins with. Three queries, however long the course."""
    sessions = list(ExosomeSession.objects.standing().filter(course=course).in_order().select_related("lot"))
    given = [session.given for session in sessions]
    due = next_due(course.facts, baseline=course.baseline, given=given)
    if not sessions:
        values = {"route": course.route} if course.route else {}
        return Prefill("planned", values, course.volumes_ml, course.product_id, None, due, given)
    last = sessions[-1]
    values = {name: value for name in CARRIED_COLUMNS if (value := getattr(last, name)) not in (None, "")}
    volumes, volumes_mark = _volumes(course, sessions)
    product_id = last.given_product_id or course.product_id
    further = list(last.applications.select_related("product", "lot__product"))
    return Prefill("carried", values, volumes, product_id, last, due, given, volumes_mark, further)


def _volumes(course: Course, sessions: list[ExosomeSession]) -> tuple[dict[str, Decimal], str]:
    """Those of the last session, if it was completed: what was given in part is not what is meant to be given. Else
    those of the plan, or where it names none, those of the last that was completed."""
    completed = [session for session in sessions if session.outcome == SessionOutcome.COMPLETED]
    if completed[-1:] == sessions[-1:] or (completed and not course.volumes):
        return volumes_of(completed[-1].region_volumes.all())[0], "carried"
    return course.volumes_ml, "planned"


_GO_TOGETHER = {
    "route": ("route", "route_confirmed"),
    "points": ("points", "point_ml"),
    "point_ml": ("points", "point_ml"),
}


def doubtful_left_open(begin: Prefill, problems: Iterable[Problem]) -> Prefill:
    """Without the values that a rule warns of: nothing is proposed that a person would have to pass with a reason."""
    values, volumes, left_open = dict(begin.values), begin.volumes, list(begin.left_open)
    for problem in problems:
        columns = [name for name in _GO_TOGETHER.get(problem.field, (problem.field,)) if name in values]
        is_volume = problem.field in {"total_ml", "volumes"} and volumes
        if columns or is_volume:
            left_open.append(problem.sentence.partition(" Say why")[0])
        for name in columns:
            del values[name]
        volumes = {} if is_volume else volumes
    return replace(begin, values=values, volumes=volumes, left_open=tuple(dict.fromkeys(left_open)))
