"""Who in a file may be a patient of the clinic, or twice in the file."""

from collections.abc import Mapping
from typing import Any

from clinic.staff.models import Clinic
from treatments.patients import likely_doubles
from treatments.patients.likely_doubles import Person
from treatments.patients.models import Patient
from treatments.transfer.judging.planned import PlannedRecord


def person_of(values: Mapping[str, Any]) -> Person:
    return Person(values["name"], values.get("birth"), values.get("phone", ""), values.get("sex", ""))


class PeopleIndex:
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
