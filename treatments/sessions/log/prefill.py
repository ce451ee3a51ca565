"""What a new session is filled in with: the last session of the course, else the plan. Never free text."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from treatments.courses.models import Course, ExosomeSession
from treatments.courses.schedule import Due, Given, next_due
from treatments.courses.vocabulary import Phase
from treatments.courses.volumes import volumes_of
from treatments.records.models import partial
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
    product_id: Any
    last: ExosomeSession | None
    due: Due | None
    given: list[PartialDate] = field(default_factory=list)

    @property
    def number(self) -> int:
        """The place of a session given after all others."""
        return len(self.given) + 1

    @property
    def phase(self) -> str:
        if self.due is not None:
            return self.due.phase
        return self.last.phase if self.last is not None and self.last.phase != Phase.INDUCTION else Phase.MAINTENANCE


def prefill(course: Course) -> Prefill:
    """What the next session of a course begins with. Three queries, however long the course."""
    rows = list(
        ExosomeSession.objects.standing()
        .filter(course=course)
        .in_order()
        .values_list("phase", "performed_on", "performed_precision")
    )
    last = ExosomeSession.objects.standing().filter(course=course).as_read().order_by("-performed_on", "-id").first()
    due = next_due(course.facts, baseline_on=course.baseline_on, given=[Given(phase, on) for phase, on, _ in rows])
    given = [partial(on, precision) for _, on, precision in rows]
    if last is None:
        values = {"route": course.route} if course.route else {}
        return Prefill("planned", values, course.volumes_ml, course.product_id, None, due, given)
    values = {name: getattr(last, name) for name in CARRIED_COLUMNS if getattr(last, name) not in (None, "")}
    volumes, _ = volumes_of(last.region_volumes.all())
    return Prefill("carried", values, volumes, last.product_id or course.product_id, last, due, given)
