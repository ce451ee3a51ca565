"""What a course came to at a Month, from facts that were loaded already. Nothing here reads or writes the database.

A fact counts for Month N where it certainly lies within ten days of that Month's day (`months.in_window`). The change
of a count is one against the baseline of its own course and spot, as everywhere (`assessments.baseline`); where several
counts of a Month may be compared, one is taken: first at a spot that was matched, then nearest to the Month's day.
"""

import datetime
import math
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from treatments.assessments.baseline import BaselineCounts, Compared, CourseStart, baseline_of, in_order
from treatments.assessments.models import Assessment, Measurement
from treatments.assessments.outcomes.vocabulary import MONTHS, Beside, Rung
from treatments.courses.membership import Courses
from treatments.courses.models import Course, ExosomeSession
from treatments.patients.other_treatments import OtherTreatment, certainty
from treatments.records.months import ANALYSIS_WINDOW_DAYS, label, shifted
from treatments.records.partial_dates import PartialDate

COUNT: Final = "hair_density"
CHANGE: Final = "density_change_pct"
REFERENCE_HAIRS: Final = 100
FEWEST_HAIRS: Final = 10
"""As `measurements.visibility` has them, which stands above; a test holds the two together."""
NO_BASELINE: Final = "no count before the first session"
BEFORE_TREATMENT: Final = "counted before the first session"
A_RANGE: Final = "a range was recorded, not a count"
NONE_LEFT: Final = "no hair was counted"
_DRAWS: Final = 10_000
_DETAIL = re.compile(r" \([^()]*\)")

Window = datetime.timedelta(days=ANALYSIS_WINDOW_DAYS)


@dataclass
class Facts:
    """What the record holds of one patient, struck-out courses too; of all else what stands."""

    clinic_id: Any
    patient_id: uuid.UUID
    sex: str
    courses: Sequence[Course]
    sessions: Sequence[ExosomeSession] = ()
    visits: Sequence[Assessment] = ()
    measurements: Sequence[Measurement] = ()
    treatments: Sequence[OtherTreatment] = ()
    products: dict[uuid.UUID, set[uuid.UUID | None]] = field(default_factory=dict)
    """Of each session what was given; None where it is not known."""

    @cached_property
    def _membership(self) -> Courses[Course]:
        return Courses(sorted(self.courses, key=lambda course: (course.baseline_on, course.pk)))

    @cached_property
    def _course_of_visit(self) -> dict[uuid.UUID, uuid.UUID | None]:
        return {visit.pk: visit.course_id for visit in self.visits}

    def sessions_of(self, course: Course) -> list[ExosomeSession]:
        return in_order(session for session in self.sessions if session.course_id == course.pk)

    def visits_of(self, course: Course) -> list[Assessment]:
        return [each for each in self.visits if self._membership.of(each.course_id, when=each.when).course is course]

    def measurements_of(self, course: Course) -> list[Measurement]:
        return [each for each in self.measurements if self._course_of(each) is course]

    def _course_of(self, measurement: Measurement) -> Course | None:
        of_visit = self._course_of_visit.get(measurement.assessment_id) if measurement.assessment_id else None
        return self._membership.of(measurement.course_id, of_visit, when=measurement.when).course


def rows(facts: Facts) -> list[dict[str, Any]]:
    """The columns of every row of a patient: one for each course, and one for each Month of a course that has begun."""
    sessions = {course.pk: facts.sessions_of(course) for course in facts.courses}
    begun = [course for course in facts.courses if not course.is_struck_out and sessions[course.pk]]
    begun.sort(key=lambda course: (sessions[course.pk][0].when.earliest, course.pk))
    places = {course.pk: place for place, course in enumerate(begun, 1)}
    found = []
    for course in facts.courses:
        of_course = _Course(facts, course, sessions[course.pk])
        shared = of_course.columns | {"place": places.get(course.pk)}
        found.append(shared | {"month": 0})
        if course.pk in places:
            found += [shared | of_course.at(month) for month in MONTHS]
    return found


class _Course:
    def __init__(self, facts: Facts, course: Course, sessions: list[ExosomeSession]) -> None:
        self.facts, self.course, self.sessions = facts, course, sessions
        self.start = CourseStart.of(course.baseline, sessions)
        self.visits, self.measurements = facts.visits_of(course), facts.measurements_of(course)
        self.counts = [each for each in facts.measurements if each.kind == COUNT and each.value is not None]
        graded = baseline_of(facts.visits, self.start, alike=lambda visit: bool(visit.stage))
        self.scale, self.stage = (graded.scale, graded.stage) if graded and sessions else ("", "")

    @property
    def columns(self) -> dict[str, Any]:
        given = set().union(*(self.facts.products.get(each.pk, {None}) for each in self.sessions))
        known = given - {None}
        return {
            "clinic_id": self.facts.clinic_id,
            "patient_id": self.facts.patient_id,
            "course_id": self.course.pk,
            "protocol_id": self.course.protocol_id,
            "product_id": next(iter(known)) if len(given) == len(known) == 1 else None,
            "has_several_products": len(known) > 1,
            "sex": self.facts.sex,
            "is_struck_out": self.course.is_struck_out,
            "begun_on": self.sessions[0].when.earliest if self.sessions else None,
            "scale": self.scale,
            "baseline_stage": self.stage,
            "sessions": len(self.sessions),
            "sessions_asked": sum(each.was_asked for each in self.sessions),
            "draw": self.course.pk.int % _DRAWS,
        }

    def at(self, month: int) -> dict[str, Any]:
        day = shifted(self.course.baseline, month)
        first, last = day.bounds()
        visits = [each for each in self.visits if self._is_within(each.when, month)]
        measured = [each for each in self.measurements if self._is_within(each.when, month)]
        graded = [each for each in in_order(visits) if each.stage]
        same_scale = [each.stage for each in graded if self.scale and each.scale == self.scale]
        density = self._density(measured, month)
        since, until = density.pop("since", None), density.pop("until", None)
        rung = density.get("rung") or self._seen(visits, measured, month)
        return {
            "month": month,
            "window_from": first - Window,
            "window_until": last + Window,
            "stage": same_scale[-1] if same_scale else "",
            "has_other_scale": bool(graded) and bool(self.scale) and not same_scale,
            "global_change": _last(each.global_change for each in in_order(visits)),
            "patient_change": _last(each.patient_change for each in in_order(visits)),
            "other_treatment": self._beside(since or self.start.treatment_began or day, until or day),
            **density,
            "rung": rung,
        }

    def _is_within(self, when: PartialDate, month: int) -> bool:
        named = label(self.course.baseline, when)
        return named.number == month and named.in_window()

    def _seen(self, visits: Sequence[Any], measured: Sequence[Any], month: int) -> Rung:
        if visits or measured:
            return Rung.NOT_MEASURED
        named = [label(self.course.baseline, each.when) for each in (*self.visits, *self.measurements)]
        about = [each for each in named if each.first <= month <= each.last]
        if any(each.offset_days is None for each in about):
            return Rung.UNSURE
        return Rung.OUTSIDE if about else Rung.NOT_SEEN

    def _density(self, measured: Sequence[Measurement], month: int) -> dict[str, Any]:
        """The columns of the change in density; {} where none was measured."""
        counted, refused = [], []
        for each in in_order(measured):
            if each.kind == COUNT:
                compared = self._compared(each)
                if isinstance(compared, str):
                    refused.append((compared.count(";"), compared, each))
                else:
                    counted.append((each, compared))
        if counted:
            chosen, compared = min(counted, key=lambda pair: self._order(pair[0], pair[1], month))
            further = len({each.site + each.site_detail for each, _ in counted}) - 1
            return _analysed(chosen, compared) | {"further_counts": further}
        if refused:
            _, reason, chosen = min(refused, key=lambda it: it[0])
            return {"rung": Rung.NOT_COMPARABLE, "reason": reason[:200], **_source(chosen)}
        stated = [each for each in in_order(measured) if each.kind == CHANGE]
        return {"rung": Rung.ESTIMATE, **_source(stated[-1])} if stated else {}

    def _compared(self, count: Measurement) -> Compared[Measurement] | str:
        """The baseline of a count; why there is none that it may be compared with."""
        if count.value is None:
            return A_RANGE
        before = BaselineCounts.of([each for each in self.counts if each.site == count.site], self.start)
        if count.pk in before.pks:
            return BEFORE_TREATMENT
        compared = before.compared(count)
        if compared is None:
            return NO_BASELINE
        if not compared.comparison.is_comparable:
            return "; ".join(_DETAIL.sub("", reason) for reason in compared.comparison.reasons)
        return compared if count.value > 0 else NONE_LEFT

    def _order(self, count: Measurement, compared: Compared[Measurement], month: int) -> tuple[Any, ...]:
        offset = label(self.course.baseline, count.when).offset_days or 0
        return not compared.comparison.is_matched_spot, abs(offset), count.site, count.pk

    def _beside(self, first: PartialDate, last: PartialDate) -> str:
        return Beside(certainty(self.facts.treatments, first=first, last=last)).value


def _analysed(after: Measurement, compared: Compared[Measurement]) -> dict[str, Any]:
    before = compared.record
    values = float(before.value or 0), float(after.value or 0)
    return {
        "rung": Rung.ANALYSED,
        **_source(after),
        "before": values[0],
        "after": values[1],
        "log_ratio": math.log(values[1] / values[0]),
        "is_matched_spot": compared.comparison.is_matched_spot,
        "chance_variance": chance_variance(_counted(before), _counted(after)),
        "since": before.when,
        "until": after.when,
    }


def _source(measurement: Measurement) -> dict[str, Any]:
    return {"measurement": measurement.pk, "site": measurement.site, "method": measurement.method}


def _counted(measurement: Measurement) -> float | None:
    hairs = measurement.reading.counted if measurement.reading else None
    return None if hairs is None else float(hairs)


def chance_variance(*hairs: float | None) -> float | None:
    """What small counts vary more on the logarithmic scale; None where too few hairs were counted to tell an error."""
    known = [each for each in hairs if each is not None]
    if any(each < FEWEST_HAIRS for each in known):
        return None
    return sum(max(0.0, 1 / each - 1 / REFERENCE_HAIRS) for each in known)


def _last(values: Iterable[int | None]) -> int | None:
    return next((each for each in reversed(list(values)) if each is not None), None)
