"""The rows behind a figure: which courses stand at a step of the ladder, a page at a time."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q

from treatments.assessments.outcomes.models import OutcomeQuerySet
from treatments.assessments.outcomes.vocabulary import MONTHS, Rung
from treatments.evidence.outcomes.cohort import Cohort
from treatments.evidence.outcomes.ladder import rung_filter
from treatments.evidence.outcomes.responders import rows_of
from treatments.safety.models import AdverseEvent

PAGE_SIZE: Final = 50
STEPS: Final = {
    "begun": "Begun",
    "not_due": "Not yet due",
    "due": "Due",
    "missing": "Missing",
    "assessed": "Assessed",
    **{rung.value: str(rung.label) for rung in Rung if rung != Rung.COURSE},
    "others": "Analysed, with another treatment",
    "other_scale": "Graded on another scale than at baseline",
    "known": "Due, and known whether a responder",
    "responders": "Responders",
    "unknown": "Due, and not known whether a responder",
}
OF_COURSES: Final = {
    "courses": "Courses begun",
    "later": "Later courses of the same patients",
    "archived": "Patients archived since",
    "struck_out": "Courses entered in error",
    "several": "Courses with more than one product",
    "events": "Courses with an adverse event",
    "not_asked": "Courses with a session where nobody asked",
}
"""What is counted of whole courses, and not at a Month."""
OF_RESPONDERS: Final = ("known", "responders", "unknown")


@dataclass(frozen=True)
class Rows:
    """Which rows are asked for: a cohort, a Month, a step."""

    cohort: Cohort
    month: int
    step: str

    @classmethod
    def read(cls, cohort: Cohort, month: str, step: str) -> "Rows":
        step = step.replace("\x00", "")  # PostgreSQL refuses to look for a NUL
        asked = int(month) if month.isdecimal() and int(month) in MONTHS else MONTHS[0]
        is_known = step in STEPS or step in OF_COURSES or rung_filter(step) is not None
        return cls(cohort, asked, step[:240] if is_known else "missing")

    @property
    def found(self) -> OutcomeQuerySet:
        """In the order in which they were begun."""
        if self.is_of_courses:
            return self._of_courses.select_related("patient", "course").order_by("begun_on", "course_id")
        month, condition = self.month, rung_filter(self.step) or Q()
        if self.step in OF_RESPONDERS:
            month, condition = rows_of(self.cohort.clinic, self.step)
        rows = self.cohort.at(month)
        rows = rows.due() if self.step in OF_RESPONDERS else rows
        return rows.filter(condition).select_related("patient", "course").order_by("begun_on", "course_id")

    @property
    def is_of_courses(self) -> bool:
        return self.step in OF_COURSES

    @property
    def _of_courses(self) -> OutcomeQuerySet:
        courses = self.cohort.courses()
        first = self.cohort.first_of_patient(courses)
        of_a_course = Q(course=OuterRef("course"), exosome_session=None)
        of_a_course |= Q(exosome_session__course=OuterRef("course"))
        events = AdverseEvent.objects.of(self.cohort.clinic).standing().filter(of_a_course).order_by()
        found: dict[str, OutcomeQuerySet] = {
            "courses": courses,
            "later": courses.exclude(pk__in=first.values("pk")),
            "archived": first.filter(patient__archived_at__isnull=False),
            "struck_out": self.cohort.struck_out(),
            "several": courses.filter(has_several_products=True),
            "events": courses.filter(Exists(events)),
            "not_asked": courses.filter(sessions__gt=F("sessions_asked")),
        }
        return found[self.step]

    @property
    def name(self) -> str:
        """ "not seen about that month"; of a reason and of a move of stages what they are."""
        kind, _, told = self.step.partition(":")
        if kind == "reason":
            return f"not comparable, {told}"
        if kind == "stage":
            _, before, after = told.split("|")
            return f"stage {before} at baseline, {after} then"
        return (OF_COURSES.get(self.step) or STEPS[self.step]).lower()

    @property
    def title(self) -> str:
        if self.is_of_courses:
            return self.name.capitalize()
        return self.name.capitalize() if self.step in OF_RESPONDERS else f"Month {self.month}: {self.name}"

    @property
    def query(self) -> str:
        return self.query_of(self.month, self.step)

    def query_of(self, month: int, step: str) -> str:
        own = urlencode({"month": month, "step": step})
        return f"{own}&{self.cohort.query}" if self.cohort.query else own

    @property
    def step_choices(self) -> list[tuple[str, str, bool]]:
        """Each step with its code, and whether it is this one."""
        told = [(name, code, code == self.step) for code, name in STEPS.items()]
        return told if self.step in STEPS else [*told, (self.name.capitalize(), self.step, True)]

    @property
    def months(self) -> list[tuple[int, str, bool]]:
        return [(month, self.query_of(month, self.step), month == self.month) for month in MONTHS]
