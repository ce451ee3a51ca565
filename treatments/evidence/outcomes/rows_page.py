"""The rows behind a figure: which courses stand at a step of the ladder, a page at a time."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from treatments.assessments.outcomes.models import OutcomeQuerySet
from treatments.assessments.outcomes.vocabulary import MONTHS, Rung
from treatments.evidence.outcomes.cohort import Cohort
from treatments.evidence.outcomes.ladder import rung_filter

PAGE_SIZE: Final = 50
STEPS: Final = {
    "begun": "Begun",
    "not_due": "Not yet due",
    "due": "Due",
    "missing": "Missing",
    "assessed": "Assessed",
    **{rung.value: str(rung.label) for rung in Rung if rung != Rung.COURSE},
    "others": "Analysed, with another treatment",
}


@dataclass(frozen=True)
class Rows:
    """Which rows are asked for: a cohort, a Month, a step."""

    cohort: Cohort
    month: int
    step: str

    @classmethod
    def read(cls, cohort: Cohort, month: str, step: str) -> "Rows":
        asked = int(month) if month.isdecimal() and int(month) in MONTHS else MONTHS[0]
        return cls(cohort, asked, step if step in STEPS else "missing")

    @property
    def found(self) -> OutcomeQuerySet:
        """In the order in which they were begun."""
        condition = rung_filter(self.step)
        rows = self.cohort.at(self.month).select_related("patient", "course")
        return (rows if condition is None else rows.filter(condition)).order_by("begun_on", "course_id")

    @property
    def title(self) -> str:
        return f"Month {self.month}: {STEPS[self.step].lower()}"

    @property
    def query(self) -> str:
        return self.query_of(self.month, self.step)

    def query_of(self, month: int, step: str) -> str:
        own = urlencode({"month": month, "step": step})
        return f"{own}&{self.cohort.query}" if self.cohort.query else own

    @property
    def step_choices(self) -> list[tuple[str, str, bool]]:
        """Each step with its code, and whether it is this one."""
        return [(name, code, code == self.step) for code, name in STEPS.items()]

    @property
    def months(self) -> list[tuple[int, str, bool]]:
        return [(month, self.query_of(month, self.step), month == self.month) for month in MONTHS]
