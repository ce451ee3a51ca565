"""Reactions as clinics write them: "mild redness" and "Rötung, leicht" are a kind and a grade. No Django here.

Only what the page of a session records with one tap is among them: anything graver takes the full report of an event.
A word without a grade ("redness") is not read: what it means is asked once, and remembered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from treatments.records.vocabulary import Asked
from treatments.safety.grading import GRADE_WORDS, grade_limits
from treatments.safety.vocabulary import REACTIONS_TODAY, EventKind, Outcome

WORDS_ONLY: Final = "words"
"""Of a part of a cell that is no reaction by itself ("settled after an hour"): it is kept in the words of the event."""

SETTLED, STILL_THERE, NOT_RECORDED = "settled", "still_there", "not_recorded"
OUTCOMES: Final = {
    SETTLED: Outcome.RECOVERED,
    STILL_THERE: Outcome.ONGOING,
    NOT_RECORDED: Outcome.UNKNOWN,
}
LEFT: Final = (
    (SETTLED, "Gone before leaving"),
    (STILL_THERE, "Still there on leaving: each is followed up"),
    (NOT_RECORDED, "Not recorded: each is not resolved until somebody says how it ended"),
)
_WORST: Final = 3
"""A worse one is serious, and its report asks why."""

_KINDS: Final[dict[EventKind, tuple[str, ...]]] = {
    EventKind.INJECTION_SITE_PAIN: ("pain", "soreness", "tenderness", "schmerz", "schmerzen", "douleur", "dolor"),
    EventKind.INJECTION_SITE_ERYTHEMA: ("redness", "erythema", "rötung", "erythem", "rougeur", "eritema"),
    EventKind.INJECTION_SITE_OEDEMA: ("swelling", "oedema", "edema", "schwellung", "ödem", "gonflement"),
    EventKind.INJECTION_SITE_IRRITATION: ("irritation", "reizung"),
    EventKind.PRURITUS: ("itching", "itch", "pruritus", "juckreiz", "démangeaison"),
    EventKind.HEADACHE: ("headache", "kopfschmerz", "kopfschmerzen", "céphalée"),
    EventKind.HAEMORRHAGE: ("bleeding", "blutung", "saignement"),
    EventKind.BRUISING: ("bruising", "bruise", "haematoma", "hematoma", "hämatom", "bluterguss"),
    EventKind.DIZZINESS: ("dizziness", "schwindel"),
    EventKind.NAUSEA: ("nausea", "übelkeit"),
    EventKind.VASOVAGAL: ("fainting", "syncope", "vasovagal", "ohnmacht"),
}
_GRADES: Final[dict[int, tuple[str, ...]]] = {
    1: ("mild", "slight", "leicht", "leichte", "leichter", "leichtes", "léger", "légère", "leve"),
    2: ("moderate", "mäßig", "mäßige", "mäßiger", "mäßiges", "mässige", "modéré", "modérée"),
    3: ("severe", "stark", "starke", "starker", "starkes", "sévère"),
}
_NONE: Final = (
    "no reaction", "no reactions", "none seen", "asked none", "no side effects", "no ae", "uneventful", "keine",
    "keine reaktion", "keine reaktionen", "aucune", "ninguna",
)  # fmt: skip
_NOT_ASKED: Final = ("not asked", "not recorded", "n/a", "nicht gefragt", "nicht erfragt")
_JOINTS: Final = re.compile(r"\s*(?:[,;/+&\n]|\band\b|\bund\b)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Reactions:
    """What a cell says of a question after harm: the answer, the reactions as kind and CTCAE grade, and its `words`
    where they say more than the answer does."""

    answer: str
    seen: tuple[tuple[str, int], ...] = ()
    words: str = ""


def code(kind: EventKind, grade: int) -> str:
    return f"{kind.value}/{grade}"


def _graded() -> Iterable[tuple[EventKind, int]]:
    for kind in (*REACTIONS_TODAY, EventKind.OTHER):
        for grade in range(1, min(_WORST, grade_limits(kind)[1]) + 1):
            yield kind, grade


CHOICES: Final[tuple[tuple[str, str], ...]] = (
    (Asked.NONE.value, "Asked, none"),
    (Asked.NOT_ASKED.value, "Not asked"),
    *((code(kind, grade), f"{kind.label}, grade {grade} ({GRADE_WORDS[grade].lower()})") for kind, grade in _graded()),
    (WORDS_ONLY, "No reaction by itself: kept with the words of the others"),
    (Asked.YES.value, "Something graver, or not known what: to be reported as an adverse event afterwards"),
)
"""What a word of a column of reactions may be said to mean."""


def _spellings() -> Iterable[tuple[str, str]]:
    for kind, nouns in _KINDS.items():
        for grade, adjectives in _GRADES.items():
            if grade > grade_limits(kind)[1]:
                continue
            for noun in nouns:
                numbered = (f"{noun} grade {grade}", f"grade {grade} {noun}", f"{noun} {grade}")
                for words in (*numbered, *(f"{each} {noun}" for each in adjectives)):
                    yield words, code(kind, grade)


SPELLINGS: Final[tuple[tuple[str, str], ...]] = (
    *_spellings(),
    *((word, Asked.NONE.value) for word in _NONE),
    *((word, Asked.NOT_ASKED.value) for word in _NOT_ASKED),
)


def parts(text: str) -> list[str]:
    """ "Mild redness, moderate pain" names two."""
    return [part for part in _JOINTS.split(text) if part]


def answer_of(codes: Sequence[str], *, words: str) -> Reactions:
    """What the parts of a cell say together. Raises ValueError with a sentence where they contradict each other."""
    seen = tuple((kind, int(grade)) for kind, slash, grade in (each.partition("/") for each in codes) if slash)
    unique = tuple(dict.fromkeys(seen))
    kinds = [kind for kind, _ in unique]
    if len(kinds) > len(set(kinds)):
        raise ValueError(f"“{words}” names one reaction with two grades. Write the worse one.")
    answers = {each for each in codes if each in Asked.values}
    if len(answers) > 1 or (unique and answers - {Asked.YES.value}):
        raise ValueError(f"“{words}” says that there was none, and a reaction. Write which is right.")
    if unique or Asked.YES.value in answers:
        return Reactions(Asked.YES.value, unique, words)
    if not answers:
        raise ValueError(f"“{words}” names no reaction. Write which it was, or that there was none.")
    return Reactions(answers.pop(), (), words if WORDS_ONLY in codes else "")


def text(seen: Iterable[tuple[str, int]]) -> str:
    """ "redness grade 1, pain grade 2"."""
    return ", ".join(f"{str(EventKind(kind).label).lower()} grade {grade}" for kind, grade in seen)
