"""Who may be the same person as somebody about to be registered, found through indexes at any size of the clinic.

Likely is a patient with the same last eight digits in the telephone number, or with an overlapping date of birth and
nearly the same name: the words in any order, accents folded, a letter wrong in a word, or one word more or less.
"""

import itertools
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q

from clinic.staff.models import Clinic
from treatments.patients import search_index
from treatments.patients.models import LOCAL_DIGITS, MAX_WORDS, Patient, PatientQuerySet
from treatments.records.partial_dates import PartialDate
from treatments.records.text.text_folding import digits, fold, fold_with_hyphens

MAX_DOUBLES = 5
_PIECE = 3
_SPELLED_NEARLY = 4
"""Words of fewer letters are only equal or not: Li and Lu are two names."""


@dataclass(frozen=True)
class Person:
    """What is known of the person who is to be registered."""

    name: str
    birth: PartialDate | None = None
    phone: str = ""
    sex: str = ""

    @property
    def words(self) -> list[str]:
        return fold(self.name).split()[:MAX_WORDS]

    @property
    def last_digits(self) -> str:
        number = digits(self.phone)
        return number[-LOCAL_DIGITS:] if len(number) >= LOCAL_DIGITS else ""


@dataclass(frozen=True)
class LikelyDouble:
    """A patient who may be the same person, and why. `is_exact`: name, sex, birth and telephone are all the same."""

    patient: Patient
    why: str
    is_exact: bool


def find(clinic: Clinic, person: Person, *, but: uuid.UUID | None = None) -> list[LikelyDouble]:
    """At most five, exact ones first. `but` is the id of a patient who is not compared: the person's own row."""
    people = Patient.objects.of(clinic).filter(merged_into=None)
    people = people.exclude(pk=but) if but is not None else people
    rows = {patient.pk: patient for patient in _candidates(people, person)}
    doubles = [double for patient in rows.values() if (double := compared(patient, person))]
    return sorted(doubles, key=lambda each: (not each.is_exact, each.why, each.patient.search_text))[:MAX_DOUBLES]


def _candidates(people: PatientQuerySet, person: Person) -> Iterator[Patient]:
    if person.last_digits:
        yield from people.matching(person.last_digits, all_of_many=False)[: search_index.MAX_MATCHES]
    if not person.words:
        return
    if person.birth is not None and person.birth.precision == "day":
        day = person.birth.earliest.isoformat()
        yield from people.filter(birth__in=[day, f"{day}~"])
    born = people.filter(_born_about(person.birth)) if person.birth is not None else people
    for words in _name_searches(person.words):
        found = search_index.find(born, [_pieces(word) for word in words])
        yield from people.filter(pk__in=found.ids)


def _name_searches(words: Sequence[str]) -> list[Sequence[str]]:
    """All of the words together, and each time all but one."""
    if len(words) < 3:
        return [words]
    return [words, *itertools.combinations(words, len(words) - 1)]


def _pieces(word: str) -> list[str]:
    """Parts of a word of which a wrong letter leaves one whole."""
    if len(word) < 2 * _PIECE:
        return [word] if len(word) < _SPELLED_NEARLY else [word[:_PIECE], word[-_PIECE:]]
    size = max(_PIECE, (len(word) - 2) // 2)
    return [word[:size], word[-size:]]


def _born_about(birth: PartialDate) -> Q:
    """Births that may overlap: those of the same years, to a year about them, and those that are not known."""
    low, high = birth.bounds()
    years = range(low.year, high.year + 1)
    condition = Q(birth="")
    for year in years:
        condition |= Q(birth__startswith=f"{year:04d}")
    for year in (low.year - 1, high.year + 1):
        condition |= Q(birth__startswith=f"{year:04d}", birth__endswith="~")
    return condition


def compared(patient: Patient, person: Person) -> LikelyDouble | None:
    """Whether the two are likely one person, and why; None where they are not."""
    same_phone = bool(person.last_digits) and digits(patient.phone).endswith(person.last_digits)
    words, theirs = person.words, fold(patient.name).split()
    same_name = sorted(words) == sorted(theirs)
    birth, born = person.birth, patient.birth or None
    may_be_same_birth = not (birth and born and (birth.certainly_before(born) or birth.certainly_after(born)))
    is_exact = (
        same_name and birth == born and patient.sex == person.sex and digits(patient.phone) == digits(person.phone)
    )
    if is_exact:
        return LikelyDouble(patient, "the same name, sex, birth and telephone", is_exact=True)
    if same_phone:
        return LikelyDouble(patient, "the same telephone", is_exact=False)
    is_known_birth = birth is not None and born is not None
    one_word = fold_with_hyphens(person.name).split()[:MAX_WORDS], fold_with_hyphens(patient.name).split()
    is_near = is_known_birth and (nearly_the_same(words, theirs) or nearly_the_same(*one_word))
    if may_be_same_birth and (same_name or is_near):
        why = "name and birth" if is_known_birth else "the same name, and a birth that is not recorded"
        return LikelyDouble(patient, why, is_exact=False)
    return None


def nearly_the_same(words: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether each word of the shorter name has one of its own in the other, which has one word more at most."""
    shorter, longer = sorted((list(words), list(theirs)), key=len)
    if len(longer) - len(shorter) > 1 or (len(longer) > len(shorter) and len(shorter) < 2):
        return False
    return any(
        all(is_spelled_nearly(word, other) for word, other in zip(shorter, chosen, strict=True))
        for chosen in itertools.permutations(longer[:MAX_WORDS], len(shorter))
    )


def is_spelled_nearly(word: str, other: str) -> bool:
    """Whether one letter is wrong, missing, too many, or two neighbours are changed about."""
    if word == other:
        return True
    if min(len(word), len(other)) < _SPELLED_NEARLY or abs(len(word) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    a, b = word[start:], other[start:]
    changed_about = len(a) >= 2 and len(b) >= 2 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or changed_about
