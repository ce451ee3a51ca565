"""What an import would do: each record of a file against the clinic's own, by the rules of the pages.

Nothing is written here. The rules are those that the forms ask (`rules` of each domain); what they refuse refuses the
row, what they ask about is gathered and passed with the reason that is typed for the import. The rows are compared in
the order of their days, as they would have been entered, with what was read of the clinic in a fixed number of queries.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from clinic.staff.models import Clinic
from treatments.courses.models import Protocol
from treatments.patients import likely_doubles
from treatments.patients.models import MAX_WORDS, Patient
from treatments.patients.rules import birth_problems
from treatments.patients.vocabulary import Sex
from treatments.records.problems import warning
from treatments.records.text.text_folding import fold
from treatments.transfer.judging.differences import differences_from
from treatments.transfer.judging.doubles import PeopleIndex, person_of
from treatments.transfer.judging.known import Known
from treatments.transfer.judging.planned import (
    CHANGED,
    KINDS,
    NEW,
    SAME,
    Judgement,
    PlannedRecord,
    PossibleDouble,
    record_id,
)
from treatments.transfer.judging.visits import Visits
from treatments.transfer.reading.drafts import Draft
from treatments.transfer.reading.drafts import Reading as FileReading
from treatments.transfer.reading.targets import MEASUREMENT, SESSION, STAGE, TARGETS

ANOTHER, LEAVE_OUT = "another", "leave"
_NAMED_BY_REFUSED = "The row that names the patient is refused."


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
        self.known = Known(clinic, found)
        self.result = Judgement(rows=found.rows, names=found.names)
        self.result.refused = {place: list(sentences) for place, sentences in found.refused.items()}
        self.patients: dict[str, PlannedRecord] = {}
        self.patient_refused: dict[str, str] = {}
        self.left_out: set[str] = set()

    def judgement(self) -> Judgement:
        for key, draft in self.found.patients.items():
            self._judge_patient(key, draft)
        self._find_doubles()
        by_patient: dict[str, list[Draft]] = {}
        for draft in self.found.records:
            by_patient.setdefault(draft.patient_key, []).append(draft)
        for key, drafts in by_patient.items():
            self._judge_records(key, drafts)
        self.result.doubles = [each for each in self.result.doubles if each.key not in self.patient_refused]
        self.result.planned.sort(key=lambda each: (KINDS[each.kind], each.draft.places[0]))
        for each in self.result.planned:
            if each.state in {NEW, CHANGED}:
                self.result.doubts += [(each.draft.places[0], sentence) for sentence in each.draft.doubts]
        self.result.doubts = list(dict.fromkeys(self.result.doubts))
        return self.result

    def _refuse(self, draft: Draft, sentences: Iterable[str]) -> None:
        for place in draft.places:
            kept = self.result.refused.setdefault(place, [])
            kept += [sentence for sentence in sentences if sentence not in kept]

    # ── Patients ───────────────────────────────────────────────────────────────────────────────

    def _judge_patient(self, key: str, draft: Draft) -> None:
        existing = self.known.patients.get(key)
        values = dict(draft.values)
        if existing is None and "name" in values and not self._keep_what_stands(draft, values):
            self.patient_refused[key] = _NAMED_BY_REFUSED
            return
        errors = [
            each.sentence for each in (birth_problems(values["birth"], today=self.today) if "birth" in values else ())
        ]
        if existing is not None:
            self._compare_patient(key, draft, existing, values, errors)
            return
        if "name" not in values and key in self.found.contested:
            self.patient_refused[key] = _NAMED_BY_REFUSED
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
            self.patient_refused[key] = _NAMED_BY_REFUSED
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
        planned.differences = differences_from(existing, {each: values[each] for each in names})
        planned.state = CHANGED if planned.differences else SAME
        self.patients[key] = planned
        if draft.places:
            self.result.planned.append(planned)

    def _find_doubles(self) -> None:
        """A question for a person, never a merge: answered for each, or for all."""
        index = PeopleIndex()
        new = {key: each for key, each in self.patients.items() if each.state == NEW}
        if not new:
            return
        index.add_clinic(self.clinic)
        for key, planned in new.items():
            person = person_of(planned.values)
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
            self._refuse_all(drafts, self.patient_refused.get(key, _NAMED_BY_REFUSED))
            return
        order = sorted(drafts, key=lambda draft: (KINDS[draft.kind], draft.extra["when"].earliest, draft.places[0]))
        about, judged = self._judged(planned, order)
        # A row is imported whole or not at all. What stands is judged again without the rows that are refused: Month 0,
        # the parts of the plan, the gaps and the stock are those of what is imported.
        while len(standing := [draft for draft in order if not self._is_refused(draft)]) < len(order):
            order = standing
            if planned.state == NEW and not self._keep_what_stands(planned.draft, planned.values):
                self.patients.pop(key)
                self.result.planned.remove(planned)
                self.patient_refused[key] = _NAMED_BY_REFUSED
                self._refuse_all(order, _NAMED_BY_REFUSED)
                return
            about, judged = self._judged(planned, order)
        self.known.stock = about.stock
        self.result.planned += judged
        if about.new_course is not None and about.uses_new_course:
            self.result.courses.append(about.new_course)

    def _judged(self, planned: PlannedRecord, order: list[Draft]) -> tuple[Visits, list[PlannedRecord]]:
        """The records of one patient, without those that are refused."""
        about = Visits(planned, self.known, clinic=self.clinic, today=self.today, protocol=self.protocol)
        about.plan_course([draft for draft in order if draft.kind == SESSION])
        judge_one = {SESSION: about.session, STAGE: about.stage, MEASUREMENT: about.measurement}
        standing = []
        for draft in order:
            judged = judge_one[draft.kind](draft)
            if judged.errors:
                self._refuse(draft, judged.errors)
            else:
                standing.append(judged)
        return about, standing

    def _is_refused(self, draft: Draft) -> bool:
        return any(place in self.result.refused for place in draft.places)

    def _keep_what_stands(self, draft: Draft, values: dict[str, Any]) -> bool:
        """Leave of the values of a new patient what rows say that are not refused; whether one of these names them."""
        for name, places in draft.extra["told"].items():
            if all(place in self.result.refused for place in places):
                values.pop(name, None)
        values.setdefault("sex", Sex.UNKNOWN.value)
        return "name" in values

    def _refuse_all(self, drafts: Iterable[Draft], reason: str) -> None:
        for draft in drafts:
            self._refuse(draft, [reason])
