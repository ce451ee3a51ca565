"""What a new session is filled in with: the last session of the course, else the plan. Never free text."""

import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from treatments.courses.models import Course, ExosomeSession
from treatments.courses.schedule import Due, Given, next_due
from treatments.courses.vocabulary import Phase
from treatments.courses.volumes import volumes_of
from treatments.records.partial_dates import PartialDate

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
    """Values a log form begins with, and where they come from: `mark` is "carried" or "planned"."""

    mark: str
    values: dict[str, Any]
    volumes: dict[str, Decimal]
    product_id: uuid.UUID | None
    last: ExosomeSession | None
    due: Due | None
    given: list[PartialDate] = field(default_factory=list)

    @property
    def phase(self) -> str:
        if self.due is not None:
            return self.due.phase
        return self.last.phase if self.last is not None and self.last.phase != Phase.INDUCTION else Phase.MAINTENANCE


def prefill(course: Course) -> Prefill:
    """What the next session of a course begins with. Two queries, however long the course."""
    sessions = list(ExosomeSession.objects.standing().filter(course=course).in_order())
    given = [Given(session.phase, session.performed_on) for session in sessions]
    due = next_due(course.facts, baseline_on=course.baseline_on, given=given)
    days = [session.performed for session in sessions]
    if not sessions:
        values = {"route": course.route} if course.route else {}
        return Prefill("planned", values, course.volumes_ml, course.product_id, None, due, days)
    last = sessions[-1]
    values = {name: value for name in CARRIED_COLUMNS if (value := getattr(last, name)) not in (None, "")}
    volumes, _ = volumes_of(last.region_volumes.all())
    return Prefill("carried", values, volumes, last.product_id or course.product_id, last, due, days)
