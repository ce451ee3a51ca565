"""What an import would make of a file: each record with its state, and what a person is asked before."""

import hashlib
import re
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, Final

from django.db.models import Model

from clinic.staff.models import Clinic
from treatments.courses.models import Application
from treatments.courses.schedule import PlanFacts
from treatments.patients.models import Patient
from treatments.records.partial_dates import PartialDate
from treatments.records.problems import Problem
from treatments.safety.models import AdverseEvent
from treatments.transfer.reading.drafts import Draft, Place
from treatments.transfer.reading.targets import MEASUREMENT, PATIENT, SESSION, STAGE

NEW, SAME, CHANGED, REFUSED = "new", "same", "changed", "refused"
STATES: Final = (NEW, CHANGED, REFUSED, SAME)
KINDS: Final = {PATIENT: 0, SESSION: 1, STAGE: 2, MEASUREMENT: 3}


@dataclass
class PlannedRecord:
    """One draft with what would become of it. `values` are the columns of its model; `differences` are (what, as
    recorded, as in the file) of a record that is there; `warnings` are to be passed with a reason. `further` is what a
    session was given beside its first product, `events` the reactions seen in it: rows that are not saved."""

    draft: Draft
    state: str
    id: uuid.UUID
    values: dict[str, Any] = field(default_factory=dict)
    existing: Any = None
    differences: list[tuple[str, str, str]] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    note: str = ""
    course: Any = None
    visit_id: uuid.UUID | None = None
    further: list[Application] = field(default_factory=list)
    events: list[AdverseEvent] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.draft.kind


@dataclass
class PlannedCourse:
    """The course that the import makes for a patient who has none, Month 0 their first session."""

    id: uuid.UUID
    patient_key: str
    facts: PlanFacts
    baseline: PartialDate
    interval_months: int
    stopped_on: date | None = None
    name: str = ""

    @property
    def pk(self) -> uuid.UUID:
        return self.id

    @property
    def ended_on(self) -> date | None:
        return None

    @property
    def is_struck_out(self) -> bool:
        return False


@dataclass(frozen=True)
class PossibleDouble:
    """A person in the file who may be a patient already, or be twice in the file. `patient` is None for the latter."""

    key: str
    place: Place
    who: str
    other: str
    why: str
    patient: Patient | None = None


@dataclass
class Judgement:
    """What an import would do, whole."""

    planned: list[PlannedRecord] = field(default_factory=list)
    courses: list[PlannedCourse] = field(default_factory=list)
    doubles: list[PossibleDouble] = field(default_factory=list)
    refused: dict[Place, list[str]] = field(default_factory=dict)
    names: dict[Place, str] = field(default_factory=dict)
    doubts: list[tuple[Place, str]] = field(default_factory=list)
    rows: int = 0

    @cached_property
    def counts(self) -> dict[str, int]:
        """By state; of the refused it is the rows that are counted, of the others the records."""
        states = Counter(each.state for each in self.planned)
        return {state: states[state] for state in (NEW, SAME, CHANGED)} | {REFUSED: len(self.refused)}

    @cached_property
    def new_by_kind(self) -> dict[str, int]:
        kinds = Counter(each.kind for each in self.planned if each.state == NEW)
        return {kind: kinds[kind] for kind in KINDS if kinds[kind]}

    @property
    def new_reactions(self) -> int:
        return sum(len(each.events) for each in self.planned if each.state == NEW)

    def in_state(self, state: str) -> list[PlannedRecord]:
        return [each for each in self.planned if each.state == state]

    @cached_property
    def warnings(self) -> list["WarningGroup"]:
        """The warnings by the rule, what it objects to and how it says so, the most frequent first: a consent that
        was never given is not told as one that was signed too late."""
        groups: dict[tuple[str, str, str], WarningGroup] = {}
        for each in self.planned:
            if each.state != NEW:
                continue
            for problem in each.warnings:
                key = str(problem.rule), problem.code, re.split(r"[\d:]", problem.sentence)[0]
                group = groups.setdefault(key, WarningGroup(problem.sentence))
                group.places += each.draft.places[:1]
                if problem.sentence != group.sentence:
                    group.unlike += each.draft.places[:1]
        return sorted(groups.values(), key=lambda group: -len(group.places))

    @cached_property
    def digest(self) -> str:
        """What a person was shown, so that nothing else is imported."""
        told = hashlib.sha256()
        for each in self.planned:
            further = [other.text for other in each.further]
            reactions = [(event.kind, event.grade, event.outcome) for event in each.events]
            asked = sorted(problem.sentence for problem in each.warnings)
            values = sorted((name, _told(value)) for name, value in each.values.items())
            given = sorted((region, str(ml)) for region, ml in each.draft.extra.get("volumes", {}).items())
            told.update(repr((each.kind, str(each.id), each.state, asked, further, reactions, values, given)).encode())
        for course in self.courses:
            told.update(repr((str(course.id), course.baseline.text, course.facts)).encode())
        told.update(repr(sorted(self.refused)).encode())
        return told.hexdigest()


def _told(value: Any) -> str:
    return str(value.pk) if isinstance(value, Model) else str(value)


@dataclass
class WarningGroup:
    """One objection with the sentence of its first row and the rows that it is about. For those that are `unlike`, the
    sentence has another day, figure or name."""

    sentence: str
    places: list[Place] = field(default_factory=list)
    unlike: list[Place] = field(default_factory=list)

    @property
    def rows(self) -> list[int]:
        """Those of which the sentence is true as it stands."""
        return sorted({number for _, number in set(self.places) - set(self.unlike)})

    @property
    def unlike_rows(self) -> list[int]:
        return sorted({number for _, number in self.unlike})


def record_id(clinic: Clinic, *key: object) -> uuid.UUID:
    """The same for the same record of the same clinic, however often a file is sent."""
    return uuid.uuid5(_namespace(clinic.pk), "\x1f".join(map(str, key)))


@lru_cache
def _namespace(clinic_id: object) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"anagen:clinic:{clinic_id}:import")
