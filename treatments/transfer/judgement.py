"""What an import would do: each record of a file against the clinic's own, by the rules of the pages.

Nothing is written here. The rules are those that the forms ask (`rules` of each domain); what they refuse refuses the
row, what they ask about is gathered and passed with the reason that is typed for the import. The rows are compared in
the order of their days, as they would have been entered, with what was read of the clinic in a fixed number of queries.
"""

import hashlib
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, Final

from clinic.staff.access import Can, people_who_may
from clinic.staff.models import Clinic, User
from treatments.assessments.measurement_kinds import Method, Reading, check_together, quantity
from treatments.assessments.models import Assessment, Measurement
from treatments.assessments.rules import (
    baseline_photo_problems,
    change_problems,
    improvement_problems,
    jump_problems,
    measurement_problems,
    scale_problems,
    stage_problems,
)
from treatments.assessments.scales.catalogue import Grading
from treatments.courses.intervals import Given, baseline_problems, interval_problems
from treatments.courses.membership import by_date
from treatments.courses.models import Application, Course, ExosomeSession, Protocol
from treatments.courses.protocol import depth_problems, route_problems, technique_problems
from treatments.courses.schedule import PlanFacts, next_due
from treatments.courses.vocabulary import Phase, SessionOutcome
from treatments.courses.volumes import shown_volumes, total, total_problems, volume_problems, volumes_of
from treatments.examination.baseline_photos import views_with_baseline
from treatments.patients import likely_doubles
from treatments.patients.likely_doubles import Person
from treatments.patients.models import MAX_WORDS, Patient
from treatments.patients.rules import birth_problems, event_date_problems, treatment_day_problems
from treatments.patients.vocabulary import Sex
from treatments.products.gs1 import normalise_lot, number_key
from treatments.products.models import Lot, Product
from treatments.products.rules import handling_problems, lot_problems, untraceable_problems
from treatments.records.actions import display_value
from treatments.records.fields import DatePrecision
from treatments.records.formatting import day, ml
from treatments.records.partial_dates import PartialDate
from treatments.records.problems import Problem, warning
from treatments.records.text.text_folding import fold
from treatments.records.vocabulary import Asked
from treatments.safety.grading import lot_problems as signal_problems
from treatments.safety.models import AdverseEvent
from treatments.safety.vocabulary import Outcome
from treatments.sessions.log import lot_choice, pre_session_checks
from treatments.sessions.log.pre_session_checks import EarlierEvent, PreSessionChecks, day_reached
from treatments.transfer import given_beside
from treatments.transfer.reading import reaction_words
from treatments.transfer.reading.drafts import Draft, Place, with_numbers
from treatments.transfer.reading.drafts import Reading as FileReading
from treatments.transfer.reading.targets import MEASUREMENT, PATIENT, SESSION, STAGE, TARGETS

NEW, SAME, CHANGED, REFUSED = "new", "same", "changed", "refused"
STATES: Final = (NEW, CHANGED, REFUSED, SAME)
ANOTHER, LEAVE_OUT = "another", "leave"
_AT_ONCE: Final = 400
_NEIGHBOURS: Final = 60
"""Sessions of one course that a gap is looked for among; a course has no more, a wrong file has thousands."""
_KINDS: Final = {PATIENT: 0, SESSION: 1, STAGE: 2, MEASUREMENT: 3}
MAX_PLANNED: Final = 24
MAX_NOTE: Final = 4000
_LOT_WORDS: Final = re.compile(r"[^\s,;/+&():]{3,}")
"""The parts of a cell that may be the number of a lot."""


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
        return {kind: kinds[kind] for kind in _KINDS if kinds[kind]}

    @property
    def new_reactions(self) -> int:
        return sum(len(each.events) for each in self.planned if each.state == NEW)

    def in_state(self, state: str) -> list[PlannedRecord]:
        return [each for each in self.planned if each.state == state]

    @cached_property
    def warnings(self) -> list["WarningGroup"]:
        """The warnings by the rule and what it objects to, the most frequent first."""
        groups: dict[tuple[str, str], WarningGroup] = {}
        for each in self.planned:
            if each.state != NEW:
                continue
            for problem in each.warnings:
                group = groups.setdefault((str(problem.rule), problem.code), WarningGroup(problem.sentence))
                group.places += each.draft.places[:1]
        return sorted(groups.values(), key=lambda group: -len(group.places))

    @cached_property
    def digest(self) -> str:
        """What a person was shown, so that nothing else is imported."""
        told = hashlib.sha256()
        for each in self.planned:
            further = [other.text for other in each.further]
            asked = sorted(problem.sentence for problem in each.warnings)
            told.update(repr((each.kind, str(each.id), each.state, asked, further)).encode())
        told.update(repr(sorted(self.refused)).encode())
        return told.hexdigest()


@dataclass
class WarningGroup:
    """One objection with a sentence as an example and the rows that it is about."""

    sentence: str
    places: list[Place] = field(default_factory=list)

    @property
    def rows(self) -> list[int]:
        return sorted({number for _, number in self.places})


def record_id(clinic: Clinic, *key: object) -> uuid.UUID:
    """The same for the same record of the same clinic, however often a file is sent."""
    return uuid.uuid5(_namespace(clinic.pk), "\x1f".join(map(str, key)))


@lru_cache
def _namespace(clinic_id: object) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"anagen:clinic:{clinic_id}:import")


def judge(
    clinic: Clinic,
    found: FileReading,
    *,
    today: date,
    protocol: Protocol | None = None,
    answers: Mapping[str, str] | None = None,
) -> Judgement:
    """Compare what a file describes with what the clinic has. `answers` say of possible doubles, by the key of the
    patient, that it is another person, or that their rows are left out; "*" is the answer for all others."""
    return _Judge(clinic, found, today=today, protocol=protocol, answers=answers or {}).judgement()


class _Judge:
    def __init__(
        self, clinic: Clinic, found: FileReading, *, today: date, protocol: Protocol | None, answers: Mapping[str, str]
    ) -> None:
        self.clinic, self.found, self.today = clinic, found, today
        self.protocol, self.answers = protocol, answers
        self.known = _Known(clinic, found)
        self.result = Judgement(rows=found.rows, names=found.names)
        self.result.refused = {place: list(sentences) for place, sentences in found.refused.items()}
        self.patients: dict[str, PlannedRecord] = {}
        self.patient_refused: dict[str, str] = {}
        self.left_out: set[str] = set()
        self.stock = {lot.pk: lot.balance.available(is_finished=lot.is_finished) for lot in self.known.lots}

    def judgement(self) -> Judgement:
        for key, draft in self.found.patients.items():
            self._judge_patient(key, draft)
        self._find_doubles()
        by_patient: dict[str, list[Draft]] = {}
        for draft in self.found.records:
            by_patient.setdefault(draft.patient_key, []).append(draft)
        for key, drafts in by_patient.items():
            self._judge_records(key, drafts)
        self._refuse_rest()
        self.result.planned.sort(key=lambda each: (_KINDS[each.kind], each.draft.places[0]))
        for each in self.result.planned:
            if each.state in {NEW, CHANGED}:
                self.result.doubts += [(each.draft.places[0], sentence) for sentence in each.draft.doubts]
        self.result.doubts = list(dict.fromkeys(self.result.doubts))
        return self.result

    def _refuse(self, draft: Draft, sentences: Iterable[str]) -> None:
        for place in draft.places:
            kept = self.result.refused.setdefault(place, [])
            kept += [sentence for sentence in sentences if sentence not in kept]

    def _refuse_rest(self) -> None:
        """A row is imported whole or not at all: what else it describes goes with what is refused."""
        standing = []
        for each in self.result.planned:
            is_out = each.kind != PATIENT and any(place in self.result.refused for place in each.draft.places)
            if not is_out:
                standing.append(each)
        self.result.planned = standing

    # ── Patients ───────────────────────────────────────────────────────────────────────────────

    def _judge_patient(self, key: str, draft: Draft) -> None:
        existing = self.known.patients.get(key)
        values = dict(draft.values)
        errors = [
            each.sentence for each in (birth_problems(values["birth"], today=self.today) if "birth" in values else ())
        ]
        if existing is not None:
            self._compare_patient(key, draft, existing, values, errors)
            return
        if "name" not in values:
            self.patient_refused[key] = f"No patient has the record number {draft.number}, and the row names nobody."
            return
        if len(draft.number) > TARGETS["record_number"].most:
            errors.append(f"The record number {draft.number} is too long.")
        values.setdefault("sex", Sex.UNKNOWN.value)
        planned = PlannedRecord(draft, NEW, record_id(self.clinic, "patient", key), values, errors=errors)
        if errors:
            self._refuse(draft, errors)
            self.patient_refused[key] = "The row that names the patient is refused."
            return
        self.patients[key] = planned
        self.result.planned.append(planned)

    def _compare_patient(
        self, key: str, draft: Draft, existing: Patient, values: dict[str, Any], errors: list[str]
    ) -> None:
        """A record number that belongs to somebody else here refuses all its rows: nobody gets another's sessions."""
        name = values.get("name", existing.name)
        words, theirs = fold(name).split()[:MAX_WORDS], fold(existing.name).split()[:MAX_WORDS]
        if words != theirs and not likely_doubles.nearly_the_same(words, theirs):
            errors.append(
                f"The record number {draft.number} belongs to {existing.name} here, and the file says {name}."
            )
        planned = PlannedRecord(draft, SAME, existing.pk, values, existing, errors=errors)
        if errors:
            self._refuse(draft, errors)
            self.patient_refused[key] = f"The rows of {draft.number} are refused: {errors[0]}"
            return
        names = [each for each in values if each not in {"record_number", "birth_as_told"}]
        planned.differences = _differences(existing, {each: values[each] for each in names})
        planned.state = CHANGED if planned.differences else SAME
        self.patients[key] = planned
        if draft.places:
            self.result.planned.append(planned)

    def _find_doubles(self) -> None:
        """A question for a person, never a merge: answered for each, or for all."""
        index = _PeopleIndex()
        new = {key: each for key, each in self.patients.items() if each.state == NEW}
        if not new:
            return
        index.add_clinic(self.clinic)
        for key, planned in new.items():
            person = _person(planned.values)
            double = index.double_of(person)
            index.add(person, key, planned)
            if double is None:
                continue
            other, why, patient = double
            place = planned.draft.places[0]
            self.result.doubles.append(
                PossibleDouble(key, place, f"{person.name} {planned.draft.number}", other, why, patient)
            )
            answer = self.answers.get(key) or self.answers.get("*", "")
            if answer == ANOTHER:
                sentence = f"This patient may already be registered: {other} ({why})."
                planned.warnings.append(warning("same-person", "", sentence, "likely"))
            elif answer == LEAVE_OUT:
                self.left_out.add(key)
        for key in self.left_out:
            planned = self.patients.pop(key)
            self.result.planned.remove(planned)
            self._refuse(planned.draft, ["Left out: this is a patient of the clinic already. Use their record number."])
            self.patient_refused[key] = "Left out: this is a patient of the clinic already. Use their record number."

    # ── What happened to them ──────────────────────────────────────────────────────────────────

    def _judge_records(self, key: str, drafts: list[Draft]) -> None:
        planned = self.patients.get(key)
        if planned is None:
            reason = self.patient_refused.get(key, "The row that names the patient is refused.")
            for draft in drafts:
                self._refuse(draft, [reason])
            return
        about = _About(planned, self.known, self)
        order = sorted(drafts, key=lambda draft: (_KINDS[draft.kind], draft.extra["when"].earliest, draft.places[0]))
        sessions = [draft for draft in order if draft.kind == SESSION]
        about.plan_course(sessions)
        for draft in order:
            judged = {SESSION: about.session, STAGE: about.stage, MEASUREMENT: about.measurement}[draft.kind](draft)
            if judged.errors:
                self._refuse(draft, judged.errors)
            else:
                self.result.planned.append(judged)
        if about.new_course is not None and about.uses_new_course:
            self.result.courses.append(about.new_course)

    def lot_signals(self, lot: Lot, on: date) -> list[Problem]:
        """A session from paper knew of no event that came after it."""
        since = self.known.lots_doubted_since.get(lot.pk)
        return signal_problems(lot.number, 0, open_serious=int(since is not None and since <= on))


def _person(values: Mapping[str, Any]) -> Person:
    return Person(values["name"], values.get("birth"), values.get("phone", ""), values.get("sex", ""))


class _PeopleIndex:
    """Everybody of the clinic, and of the file so far, by what two records of one person share."""

    def __init__(self) -> None:
        self._by_words: dict[tuple[str, ...], list[Any]] = {}
        self._by_digits: dict[str, list[Any]] = {}
        self._by_birth: dict[str, list[Any]] = {}

    def add_clinic(self, clinic: Clinic) -> None:
        columns = ("pk", "name", "record_number", "birth", "phone", "sex")
        rows = Patient.objects.of(clinic).filter(merged_into=None).values_list(*columns)
        for pk, name, number, birth, phone, sex in rows.iterator(chunk_size=5_000):
            self._put(Person(name, birth or None, phone, sex), (pk, number))

    def add(self, person: Person, key: str, planned: PlannedRecord) -> None:
        self._put(person, (None, f"row {planned.draft.places[0][1]}" if planned.draft.places else key))

    def _put(self, person: Person, label: tuple[Any, str]) -> None:
        words = person.words
        entry = (person, words, label)
        self._by_words.setdefault(tuple(sorted(words)), []).append(entry)
        if person.last_digits:
            self._by_digits.setdefault(person.last_digits, []).append(entry)
        if person.birth is not None and person.birth.precision == "day":
            self._by_birth.setdefault(person.birth.earliest.isoformat(), []).append(entry)

    def double_of(self, person: Person) -> tuple[str, str, Patient | None] | None:
        words = person.words
        near = [*self._by_words.get(tuple(sorted(words)), [])]
        near += self._by_digits.get(person.last_digits, []) if person.last_digits else []
        if person.birth is not None and person.birth.precision == "day":
            of_the_day = self._by_birth.get(person.birth.earliest.isoformat(), [])
            near += [
                each
                for each in of_the_day
                if "-" in person.name + each[0].name or likely_doubles.nearly_the_same(words, each[1])
            ]
        for other, _, (pk, number) in near:
            stands_for = Patient(name=other.name, birth=other.birth or "", phone=other.phone, sex=other.sex)
            stands_for.birth = other.birth
            if (double := likely_doubles.compared(stands_for, person)) is not None:
                patient = Patient.objects.get(pk=pk) if pk is not None else None
                return f"{other.name} {number}", double.why, patient
        return None


class _About:
    """One patient while their records are judged in the order of their days."""

    def __init__(self, planned: PlannedRecord, known: "_Known", judge: _Judge) -> None:
        self.planned, self.known, self.judge = planned, known, judge
        self.today, self.clinic = judge.today, judge.clinic
        self.patient: Patient | None = planned.existing
        if self.patient is not None and self.patient.merged_into_id is not None:
            self.patient = known.merged.get(self.patient.merged_into_id, self.patient)
        self.pk = self.patient.pk if self.patient is not None else planned.id
        self.birth: PartialDate | None = planned.values.get("birth") or (self.patient.birth if self.patient else None)
        self.sex = self.patient.sex if self.patient is not None else planned.values.get("sex", "")
        self.died: PartialDate | None = (self.patient.died or None) if self.patient is not None else None
        self.courses: list[Any] = list(known.courses.get(self.pk, ()))
        self.new_course: PlannedCourse | None = None
        self.uses_new_course = False
        self.given: dict[Any, list[Given]] = {}
        for session in known.sessions.get(self.pk, ()):
            if session.struck_out_at is None:
                self.given.setdefault(session.course_id, []).append(session.given)
        self.graded: list[tuple[PartialDate, Grading]] = sorted(
            (
                (each.when, Grading(each.scale, each.stage))
                for each in known.assessments.get(self.pk, ())
                if each.stage and each.struck_out_at is None
            ),
            key=lambda one: one[0].earliest,
        )
        self.measured: list[tuple[PartialDate, dict[str, Any]]] = [
            (
                each.when,
                {name: getattr(each, name) for name in ("kind", "value", "site", "method", "site_detail", "device")},
            )
            for each in known.measurements.get(self.pk, ())
            if each.struck_out_at is None
        ]
        self.visits: dict[str, tuple[uuid.UUID, list[Place]]] = {}

    @cached_property
    def checks(self) -> PreSessionChecks:
        return pre_session_checks.load(self.patient) if self.patient is not None else PreSessionChecks()

    def plan_course(self, sessions: Sequence[Draft]) -> None:
        """A patient without a course gets one; sessions before the Month 0 of another stay with that one."""
        if self.courses or not sessions:
            return
        plan = self.judge.protocol
        count = min(max(len(sessions), 1), MAX_PLANNED)
        facts = plan.facts if plan is not None else PlanFacts(sessions_planned=count, interval_months=1)
        when: PartialDate = sessions[0].extra["when"]
        baseline = PartialDate(when.text.rstrip("~"))
        self.new_course = PlannedCourse(
            record_id(self.clinic, "course", self.pk),
            self.planned.draft.patient_key,
            facts,
            baseline,
            facts.interval_months,
        )
        self.courses = [self.new_course]

    # ── Sessions ───────────────────────────────────────────────────────────────────────────────

    def session(self, draft: Draft) -> PlannedRecord:
        when: PartialDate = draft.extra["when"]
        volumes: dict[str, Decimal] = draft.extra["volumes"]
        values = with_numbers(draft.values)
        try:
            lot, product, notes = self._what_was_given(draft.extra["lot"], draft.extra["product"])
            further = [self._given_beside(told) for told in draft.extra["beside"]]
        except ValueError as refusal:
            return PlannedRecord(draft, NEW, self.pk, errors=[str(refusal)])
        if notes:
            values["note"] = "\n".join(filter(None, (values.get("note", ""), *notes)))
        values |= self._done_by(draft.extra["operator"])
        is_own_blood = product is not None and product.is_own_blood
        if draft.extra["lot"] and lot is None:
            values["lot_is_unknown"] = not is_own_blood
        if lot is not None:
            values["lot"] = lot
        if product is not None:
            values["product"] = product
        values |= {"performed_on": when.earliest, "performed_precision": str(DatePrecision.of(when))}
        existing = self._session_there(draft, when, values, further)
        if existing is not None:
            return self._compare_session(draft, existing, values, further)
        named = [each for each in self.courses if fold(each.name) == fold(draft.extra["course"])]
        course: Any = by_date(named or self.courses, when)
        given = self.given.get(course.pk, []) if course is not None else []
        values.setdefault("phase", self._phase(course, given))
        values.setdefault("outcome", SessionOutcome.COMPLETED.value)
        if lot is None and not draft.extra["lot"]:
            values["lot_is_unknown"] = not is_own_blood
        own_id = record_id(self.clinic, "session", self.pk, course.pk if course else "", when.text)
        planned = PlannedRecord(draft, NEW, own_id, values, course=course, further=further)
        if own_id in self.known.struck_out:
            planned.state, planned.note = SAME, "It was imported before, and struck out since."
            return planned
        is_reported = bool(draft.extra["reactions"] and draft.extra["reactions"].seen)
        problems = [
            *self._session_problems(when, values, volumes, course, given, lot, product, is_reported),
            *self._further_problems(when, volumes, further, [(product, values.get("route", ""))]),
        ]
        planned.errors = list(dict.fromkeys(each.sentence for each in problems if each.is_error))
        planned.warnings = list({each.sentence: each for each in problems if not each.is_error}.values())
        planned.errors = planned.errors or self._take(lot, total(volumes), further, when)
        if not planned.errors:
            planned.events = self._reactions(draft, when, own_id)
            beside = tuple((each.lot, each.given_product) for each in further)
            self.checks.events.extend(EarlierEvent(event, lot, product, beside) for event in planned.events)
            self.given.setdefault(course.pk, []).append(Given(values["phase"], when, values["outcome"]))
            self.uses_new_course = self.uses_new_course or course is self.new_course
        return planned

    def _done_by(self, name: str) -> dict[str, Any]:
        """Somebody who may treat and measure here by their account, where one alone has this name; else the name."""
        if not name:
            return {}
        named = self.known.people.get(fold(name), [])
        return {"operator": named[0]} if len(named) == 1 else {"operator_name": name}

    def _given_beside(self, told: given_beside.GivenBeside) -> Application:
        """Raises ValueError as `_what_was_given`."""
        lot, product, notes = self._what_was_given(told.lot, told.product)
        return given_beside.application(told, lot, product, notes)

    def _reactions(self, draft: Draft, when: PartialDate, session_id: uuid.UUID) -> list[AdverseEvent]:
        """What the page of a session reports of a reaction that was ticked on it."""
        reactions = draft.extra["reactions"]
        outcome = reaction_words.OUTCOMES[draft.extra["left"]]
        is_settled = outcome == Outcome.RECOVERED
        return [
            AdverseEvent(
                pk=record_id(self.clinic, "reaction", session_id, kind),
                clinic=self.clinic,
                kind=kind,
                grade=grade,
                description=reactions.words,
                onset=when,
                ended=when if is_settled else None,
                outcome=outcome,
                duration_note="gone before leaving" if is_settled else "",
                happened=when.earliest,
                reported_on=when.earliest,
            )
            for kind, grade in (reactions.seen if reactions else ())
        ]

    def _what_was_given(self, number: str, name: str) -> tuple[Lot | None, Product | None, list[str]]:
        """The lot and the product of these names, and what to note of a name that the clinic does not have. Raises
        ValueError for a cell that holds several lots, or that several lots of the clinic answer to: a recall would miss
        the session."""
        notes: list[str] = []
        product = self.known.products.get(fold(name)) if name else None
        lots = self._lots(number)
        if number and not lots and any(map(self._lots, _LOT_WORDS.findall(number))):
            raise ValueError(
                f"“{number}” is more than the number of one lot. Write the number alone; a second lot has a column of "
                "its own (“Lot 2”), with its mL."
            )
        if product is not None:
            lots = [lot for lot in lots if lot.product_id == product.pk]
        if len(lots) > 1:
            those = " or ".join(f"{each} of {each.product}" for each in lots[:4])
            raise ValueError(f"Lot “{number}” may be {those} here. Write its number as it is here, and its product.")
        lot = lots[0] if lots else None
        if number and lot is None:
            notes.append(f"Lot (old record): {number}")
        if name and product is None and (lot is None or fold(lot.product.name) != fold(name)):
            notes.append(f"Product (old record): {name}")
        return lot, (lot.product if lot is not None else product), notes

    def _lots(self, number: str) -> list[Lot]:
        if not number:
            return []
        exactly = self.known.lots_by_number.get(number_key(number), [])
        return exactly or self.known.lots_folded.get(normalise_lot(number), [])

    def _phase(self, course: Any, given: list[Given]) -> str:
        """As the page begins with: that of what is due next."""
        if course is None:
            return Phase.INDUCTION.value
        facts = course.facts
        due = next_due(facts, baseline=course.baseline, given=given)
        if due is not None:
            return str(due.phase)
        last = given[-1].phase if given else Phase.INDUCTION.value
        return str(last) if last != Phase.INDUCTION else Phase.MAINTENANCE.value

    def _session_there(
        self, draft: Draft, when: PartialDate, values: Mapping[str, Any], further: Sequence[Application]
    ) -> Any:
        """The session of that day, of the course that is named; of several the one that the file describes best."""
        there = [
            each
            for each in self.known.sessions.get(self.pk, ())
            if each.struck_out_at is None and each.performed == when
        ]
        course = fold(draft.extra["course"])
        there = [each for each in there if fold(each.course.name) == course] or there if course else there
        return min(there, key=lambda each: len(self._session_differences(draft, each, values, further)), default=None)

    def _session_differences(
        self, draft: Draft, existing: ExosomeSession, values: Mapping[str, Any], further: Sequence[Application]
    ) -> list[tuple[str, str, str]]:
        volumes, given_by = draft.extra["volumes"], draft.extra["operator"]
        told = {name: value for name, value in values.items() if name not in _NOT_COMPARED}
        if existing.lot_id is not None:
            told.pop("lot_is_unknown", None)  # received since, and corrected
        differences = _differences(existing, told)
        theirs, labels = volumes_of(existing.region_volumes.all())
        if {region: Decimal(given) for region, given in theirs.items()} != dict(volumes):
            differences.append(("Volume by region", shown_volumes(theirs, labels), shown_volumes(volumes)))
        elif draft.extra["as_told"] and (words := draft.extra["labels"]) != labels:
            differences.append(("Volume by region", shown_volumes(theirs, labels), shown_volumes(volumes, words)))
        differences += _other_name("Given by", existing.given_by, given_by)
        differences += given_beside.differences(existing, further)
        seen = draft.extra["reactions"].seen if draft.extra["reactions"] else ()
        recorded = self.known.reactions.get(existing.pk, [])
        if set(seen) - set(recorded):
            as_recorded = reaction_words.text(recorded) or "none reported"
            differences.append(("Reactions", as_recorded, reaction_words.text(seen)))
        return differences

    def _compare_session(
        self, draft: Draft, existing: ExosomeSession, values: dict[str, Any], further: list[Application]
    ) -> PlannedRecord:
        differences = self._session_differences(draft, existing, values, further)
        state = CHANGED if differences else SAME
        return PlannedRecord(draft, state, existing.pk, values, existing, differences, further=further)

    def _session_problems(
        self,
        when: PartialDate,
        values: Mapping[str, Any],
        volumes: Mapping[str, Decimal],
        course: Any,
        given: list[Given],
        lot: Lot | None,
        product: Product | None,
        is_reported: bool,
    ) -> Iterator[Problem]:
        """What the form of a session asks, in its order. `is_reported`: the reactions become events of their own."""
        yield from event_date_problems(when, field="when", what="session", today=self.today, birth=self.birth)
        yield from self._patient_on(when)
        neighbours = given[-_NEIGHBOURS:]
        yield from interval_problems(
            when, neighbours, interval_months=course.interval_months, phase=str(values["phase"])
        )
        if course.stopped_on is not None and when.earliest > course.stopped_on:
            sentence = f"The course was stopped on {day(course.stopped_on)}. Take it up again, or plan a new one first."
            yield Problem("stopped", "error", "when", sentence, "stopped")
        yield from baseline_problems(when, course.baseline)
        yield from volume_problems(volumes, total(volumes))
        yield from total_problems(total(volumes), points=values.get("points"), point_ml=values.get("point_ml"))
        if values["outcome"] != SessionOutcome.COMPLETED and not values.get("outcome_reason"):
            yield Problem("outcome", "error", "outcome_reason", "Write why the session was not completed.", "reason")
        if values["outcome"] == SessionOutcome.COMPLETED and values.get("outcome_reason"):
            sentence = "The row says why the session was not completed, and not that it was not. Write which is right."
            yield Problem("outcome", "error", "outcome", sentence, "completed_with_reason")
        if len(values.get("note", "")) > MAX_NOTE:
            sentence = f"The note of the session has more than {MAX_NOTE} letters. Shorten it."
            yield Problem("note", "error", "note", sentence, "note_long")
        yield from self._product_problems(when, values, lot, product)
        on = day_reached(when, self.today)
        then = self.checks.as_of(on)
        for problem in self.checks.consent_problems(on=on, product=product):
            yield replace(problem, level="warning")
        yield from then.caution_problems()
        yield from self.checks.event_problems(on)
        if lot is not None or product is not None:
            yield from self.checks.reaction_problems(on, lot=lot, product=product)
        if then.allergies or then.cautions:
            yield from then.allergy_problems(
                product=product,
                anaesthesia=values.get("anaesthesia", ""),
                agent=values.get("anaesthesia_detail", ""),
                skin_prep=values.get("skin_prep", ""),
            )
        if values.get("since_last") == Asked.NONE:
            yield from self.checks.not_asked_problems(on, asked=())
        is_seen = values.get("reactions") == Asked.YES and not is_reported
        if is_seen or values.get("since_last") == Asked.YES:
            sentence = "The file says that something happened. Report it as an adverse event afterwards."
            yield warning(22, "reactions", sentence, "event_to_report")

    def _further_problems(
        self,
        when: PartialDate,
        volumes: Mapping[str, Decimal],
        further: Sequence[Application],
        first: Sequence[tuple[Product | None, str]],
    ) -> Iterator[Problem]:
        """What the form asks of each thing given beside the first product, and of all together. `first` is that product
        and its route."""
        on = day_reached(when, self.today)
        products = [*first, *((each.given_product, each.route) for each in further)]
        for each in further:
            for problem in given_beside.problems(each, when, on, self.checks):
                is_consent = problem.is_error and str(problem.rule) == "14"
                yield replace(problem, level="warning") if is_consent else problem
            if each.route and each.total_ml is None:
                yield from technique_problems(each.route, products)
            if each.lot is not None:
                yield from self.judge.lot_signals(each.lot, on)
        if any(each.total_ml for each in further):
            given = (each.total_ml for each in further if each.total_ml is not None)
            yield from total_problems(sum(given, total(volumes)))

    def _product_problems(
        self, when: PartialDate, values: Mapping[str, Any], lot: Lot | None, product: Product | None
    ) -> Iterator[Problem]:
        if lot is not None:
            yield from lot_choice.lot_use_problems(lot, when)
            yield from self.judge.lot_signals(lot, day_reached(when, self.today))
        elif product is not None and product.is_own_blood:
            pass
        elif product is not None:
            yield from lot_problems(lot_known=False, expiry=None, used_on=when)
        else:
            yield from untraceable_problems()
        if product is not None:
            yield from handling_problems(mixed_hours=values.get("mixed_hours"), in_use_hours=product.in_use_hours)
        route = values.get("route", "")
        if route:
            depth, needle = values.get("depth_mm"), values.get("needle_length_mm")
            yield from depth_problems(route, depth_mm=depth, needle_length_mm=needle)
            if product is not None:
                yield from route_problems(
                    route, labelled_route=product.labelled_route, regulatory_basis=product.regulatory_basis
                )

    def _patient_on(self, when: PartialDate) -> list[Problem]:
        if self.patient is None:
            return []
        return treatment_day_problems(
            when,
            field="when",
            what="session",
            archived_on=self.patient.archived_on,
            has_died=self.patient.has_died,
            death=self.patient.died or None,
        )

    def _take(self, lot: Lot | None, volume: Decimal, further: Sequence[Application], when: PartialDate) -> list[str]:
        """What `stock.take` would object to, with what the sessions before this one have taken. All that came from one
        lot is taken together, and nothing where one of them has too little."""
        drawn: dict[Lot, Decimal] = {}
        for each, taken in [(lot, volume), *((each.lot, each.total_ml) for each in further)]:
            if each is not None and taken is not None:
                drawn[each] = drawn.get(each, Decimal(0)) + taken
        refusals = [sentence for each, taken in drawn.items() for sentence in self._lacks(each, taken, when)]
        if not refusals:
            for each, taken in drawn.items():
                self.judge.stock[each.pk] -= taken
        return refusals

    def _lacks(self, lot: Lot, volume: Decimal, when: PartialDate) -> list[str]:
        if lot.is_finished and (lot.finished_on is None or when.certainly_after(lot.finished_on)):
            return [f"Lot {lot} is finished. Put it back in stock first, or check the lot in the file."]
        left = self.judge.stock[lot.pk]
        if volume > left:
            return [
                f"Only {ml(left)} of lot {lot} is left, and this session needs {ml(volume)}. Count the stock first."
            ]
        return []

    # ── Examinations ───────────────────────────────────────────────────────────────────────────

    def stage(self, draft: Draft) -> PlannedRecord:
        when: PartialDate = draft.extra["when"]
        values = with_numbers(draft.values)
        values |= {"assessed_on": when.earliest, "assessed_precision": str(DatePrecision.of(when))}
        there = [
            each for each in self.known.assessments.get(self.pk, ()) if each.struck_out_at is None and each.when == when
        ]
        own_id = record_id(self.clinic, "assessment", self.pk, when.text)
        if there:
            compared = {name: value for name, value in values.items() if name not in _NOT_COMPARED}
            best = min(there, key=lambda each: len(_differences(each, compared)))
            differences = _differences(best, compared)
            self.visits[when.text] = (best.pk, draft.places)
            return PlannedRecord(draft, CHANGED if differences else SAME, best.pk, values, best, differences)
        planned = PlannedRecord(draft, NEW, own_id, values)
        if own_id in self.known.struck_out:
            planned.state, planned.note = SAME, "It was imported before, and struck out since."
            return planned
        problems = list(self._stage_problems(when, values))
        planned.errors = [each.sentence for each in problems if each.is_error]
        planned.warnings = [each for each in problems if not each.is_error]
        if not planned.errors:
            self.visits[when.text] = (own_id, draft.places)
            if values.get("stage"):
                self.graded.append((when, Grading(values["scale"], values["stage"])))
                self.graded.sort(key=lambda one: one[0].earliest)
        return planned

    def _stage_problems(self, when: PartialDate, values: Mapping[str, Any]) -> Iterator[Problem]:
        yield from event_date_problems(
            when, field="when", what="visit", today=self.today, birth=self.birth, death=self.died
        )
        if values.get("global_change") is not None:
            course = by_date(self.courses, when)
            is_real = isinstance(course, Course)
            views = views_with_baseline(self.patient, course if is_real else None, when) if self.patient else set()
            yield from baseline_photo_problems(views)
        if not values.get("stage"):
            return
        grading = Grading(values["scale"], values["stage"])
        before = [each for each in self.graded if each[0].earliest < when.earliest]
        after = [each for each in self.graded if each[0].earliest > when.earliest]
        yield from stage_problems(grading.scale, grading.stage, field="grade")
        scale_before = before[-1][1].scale if before else ""
        yield from scale_problems(grading.scale, sex=self.sex, scale_before=scale_before, field="grade")
        if before:
            yield from jump_problems(before[-1][1], before[-1][0], grading, when, field="grade")
        if after:
            yield from jump_problems(grading, when, after[0][1], after[0][0], field="grade")
        if len(before) > 1 and before[0][1].scale == grading.scale:
            yield from improvement_problems(before[0][1], before[0][0], grading, when, field="grade")

    # ── Measurements ───────────────────────────────────────────────────────────────────────────

    def measurement(self, draft: Draft) -> PlannedRecord:
        when: PartialDate = draft.extra["when"]
        values = dict(draft.values)
        values |= self._done_by(draft.extra["operator"])
        values |= {"measured_on": when.earliest, "measured_precision": str(DatePrecision.of(when))}
        there = [
            each
            for each in self.known.measurements.get(self.pk, ())
            if each.struck_out_at is None
            and each.when == when
            and (each.kind, each.site, each.method) == (values["kind"], values["site"], values["method"])
            and fold(each.site_detail) == fold(values.get("site_detail", ""))
        ]
        own_id = record_id(self.clinic, "measurement", self.pk, *draft.extra["key"])
        if there:
            compared = {name: value for name, value in values.items() if name not in _NOT_COMPARED}
            best = min(there, key=lambda each: len(_differences(each, compared)))
            differences = _differences(best, compared)
            differences += _other_name("Measured by", best.measured_by, draft.extra["operator"])
            return PlannedRecord(draft, CHANGED if differences else SAME, best.pk, values, best, differences)
        planned = PlannedRecord(draft, NEW, own_id, values)
        if own_id in self.known.struck_out:
            planned.state, planned.note = SAME, "It was imported before, and struck out since."
            return planned
        visit = self.visits.get(when.text)
        if visit is not None and set(visit[1]) & set(draft.places):
            planned.visit_id = visit[0]
        problems = list(self._measurement_problems(when, values))
        planned.errors = [each.sentence for each in problems if each.is_error]
        planned.warnings = [each for each in problems if not each.is_error]
        if not planned.errors:
            self.measured.append((when, values))
        return planned

    def _measurement_problems(self, when: PartialDate, values: Mapping[str, Any]) -> Iterator[Problem]:
        yield from event_date_problems(
            when, field="when", what="measurement", today=self.today, birth=self.birth, death=self.died
        )
        kind, value = values["kind"], values["value"]
        yield from measurement_problems(kind, value=value, low=values["low"], high=values["high"])
        if quantity(kind).split and not values.get("vellus_cutoff_um"):
            sentence = "Below which diameter a hair counted as vellus is not said."
            yield Problem(10, "error", "vellus_cutoff_um", sentence, "cutoff")
        site, method, spot = values["site"], values["method"], values.get("site_detail", "")
        alike = {
            other["kind"]: other["value"]
            for day_of, other in self.measured
            if day_of == when and other["value"] is not None and (other["site"], other["method"]) == (site, method)
        }
        if value is not None:
            yield from check_together({**alike, kind: value})
        if kind == "density_change_pct" and method != Method.CLINICIAN_VISUAL_ESTIMATE:
            was_counted = any(
                (other["kind"], other["site"], other["method"]) == ("hair_density", site, method)
                and day_of.possibly_before(when)
                for day_of, other in self.measured
            )
            if not was_counted:
                yield from change_problems(None, Reading("hair_density", Decimal(30), site, method, spot))


_NOT_COMPARED: Final = {
    "performed_on", "performed_precision", "assessed_on", "assessed_precision", "measured_on", "measured_precision",
    "lot_confirmed", "operator", "operator_name",
}  # fmt: skip


def _differences(existing: Any, values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What the file says otherwise: label, as recorded, as in the file. An empty cell says nothing."""
    rows = []
    for name, value in values.items():
        if value is None or value == "":
            continue
        column = existing._meta.get_field(name)
        theirs = existing.given_product if name == "product" else getattr(existing, name)
        if _is_same(theirs, value):
            continue
        rows.append((str(column.verbose_name), display_value(column, theirs), display_value(column, value)))
    return rows


def _other_name(what: str, recorded: str, told: str) -> list[tuple[str, str, str]]:
    """Somebody is compared by name: they may have an account since, or none any more."""
    return [(what, recorded or "not recorded", told)] if told and fold(told) != fold(recorded) else []


def _is_same(theirs: Any, mine: Any) -> bool:
    if isinstance(theirs, str) and isinstance(mine, str):
        return " ".join(theirs.split()) == " ".join(mine.split())
    if isinstance(theirs, Decimal) or isinstance(mine, Decimal):
        return theirs is not None and Decimal(theirs) == Decimal(mine)
    return bool(theirs == mine)


class _Known:
    """What the clinic has of the patients of a file, and what it gives. A fixed number of queries for each few hundred
    patients."""

    def __init__(self, clinic: Clinic, found: FileReading) -> None:
        keys = list(found.patients)
        rows: list[Patient] = []
        for some in _portions(keys):
            rows += Patient.objects.of(clinic).filter(record_key__in=some)
        self.patients = {str(patient.record_key): patient for patient in rows}
        into = [patient.merged_into_id for patient in rows if patient.merged_into_id is not None]
        self.merged = {patient.pk: patient for patient in Patient.objects.filter(pk__in=into)}
        ids = [*(patient.pk for patient in rows), *self.merged]
        self.courses = _by_patient(Course.objects.standing().order_by("baseline_on", "id"), ids)
        sessions = ExosomeSession.objects.in_order().select_related("course", "lot__product", "product", "operator")
        beside = ("region_volumes", "applications__product", "applications__lot__product")
        self.sessions = _by_patient(sessions.prefetch_related(*beside), ids)
        self.reactions = _reactions(ids)
        self.assessments = _by_patient(Assessment.objects.in_order(), ids)
        self.measurements = _by_patient(
            Measurement.objects.select_related("operator").order_by("measured_on", "id"), ids
        )
        self.struck_out = {
            each.pk
            for groups in (self.sessions, self.assessments, self.measurements)
            for each in (row for rows in groups.values() for row in rows)
            if each.struck_out_at is not None
        }
        self.lots = list(Lot.objects.of(clinic).select_related("product"))
        self.lots_by_number: dict[str, list[Lot]] = {}
        self.lots_folded: dict[str, list[Lot]] = {}
        for lot in self.lots:
            self.lots_by_number.setdefault(lot.number_key, []).append(lot)
            self.lots_folded.setdefault(lot.number_folded, []).append(lot)
        self.lots_doubted_since = AdverseEvent.objects.open_serious_since(self.lots)
        self.products = {fold(product.name): product for product in Product.objects.of(clinic)}
        self.people: dict[str, list[User]] = {}
        for user in people_who_may(Can.WRITE_RECORD, clinic=clinic):
            self.people.setdefault(fold(user.name), []).append(user)


def _portions(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def _reactions(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[tuple[str, int]]]:
    """By session, the kind and grade of what is reported of it."""
    found: dict[uuid.UUID, list[tuple[str, int]]] = {}
    for some in _portions(ids):
        tied = AdverseEvent.objects.standing().filter(patient__in=some, exosome_session__isnull=False)
        for session_id, kind, grade in tied.values_list("exosome_session", "kind", "reported_grade"):
            found.setdefault(session_id, []).append((kind, grade))
    return found


def _by_patient(rows: Any, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Any]]:
    found: dict[uuid.UUID, list[Any]] = {}
    for some in _portions(ids):
        for row in rows.filter(patient__in=some):
            found.setdefault(row.patient_id, []).append(row)
    return found
