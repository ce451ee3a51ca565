"""Several past sessions get into the record at once, from a paper file: all of them or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic.staff.models import User
from treatments.courses.models import Course, ExosomeSession
from treatments.records.actions import AlreadySaved, Passed
from treatments.sessions.log.actions import log_session
from treatments.sessions.plan.actions import plan_course


@dataclass(frozen=True)
class PastSession:
    """An unsaved session with its mL by region, the words used for a region, and the warnings that were passed."""

    session: ExosomeSession
    volumes: Mapping[str, Decimal]
    region_labels: Mapping[str, str] = field(default_factory=dict)
    passed: Sequence[Passed] = ()


class RowRefused(Exception):
    """One of the sessions was refused, and so none was written. `number` is its place among those given, from 0."""

    def __init__(self, number: int, refusal: Exception) -> None:
        super().__init__(str(refusal))
        self.number = number
        self.sentences = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]


def log_sessions(
    sessions: Sequence[PastSession], *, new_course: Course | None = None, by: User
) -> list[ExosomeSession]:
    """Log each session by the rules of one that is logged alone, the earliest first, in one transaction; plan the
    course that they belong to before, where it is new.

    The same sessions sent twice are written once. Raises RowRefused for the first that is refused, and ValidationError
    for a course that is.
    """
    order = sorted(range(len(sessions)), key=lambda number: (sessions[number].session.performed_on, number))
    written: dict[int, ExosomeSession] = {}
    with transaction.atomic():
        if new_course is not None:
            course = plan_course(new_course, by=by)
            for each in sessions:
                each.session.course = course
        for number in order:
            each = sessions[number]
            try:
                written[number] = log_session(
                    each.session, volumes=each.volumes, region_labels=each.region_labels, passed=each.passed, by=by
                )
            except (AlreadySaved, ValidationError) as refusal:
                raise RowRefused(number, refusal) from refusal
    return [written[number] for number in range(len(sessions))]
