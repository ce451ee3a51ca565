"""What a case report says of its patient, in words: filled from the rows of a record, or from a paper that is judged.

"" stands for what is not known: nobody asked, nothing was found out, or it is not said. No Django here.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from treatments.evidence.reports.sentences.words import says, words

FEWEST_WORDS: Final = 3
"""Different ones, of a text that an author wrote: what has fewer says nothing."""
MOST_BOXES: Final = 2
"""In which one text may stand: what is new may be the lesson too; a text in more of them answers none."""
BOXES: Final = (
    "what_is_new", "main_lesson", "introduction", "challenges", "changes_why", "limits", "literature", "rationale",
    "take_away",
)  # fmt: skip
_NONE: Final = re.compile(
    r"\W*(?:none|no|nothing|nil|there (?:were|was) none|no (?:changes?|difficult(?:y|ies)|deviations?))\W*",
    re.IGNORECASE,
)
_OF_THE_CASE: Final = re.compile(
    r"\b(?:this|our|the) (?:case|patient|man|woman)\b|\bwe (?:report|describe|present)\b", re.I
)
_FIRST_PERSON: Final = re.compile(r"\b(?:I|I’m|I'm|my|me|mine|we|our)\b")
_THIRD_PERSON: Final = re.compile(r"\b(?:patient|he|she|his|her|they)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Case:
    """One attribute for each thing that the checklist asks for. `harms` are the lists of adverse events, one for each
    place that gives one; `contradicted` names the parts that say what no row of the record holds."""

    title: str = ""
    keywords: tuple[str, ...] = ()
    what_is_new: str = ""
    main_lesson: str = ""
    abstract_findings: str = ""
    abstract_course: str = ""
    introduction: str = ""
    references: tuple[str, ...] = ()
    age: str = ""
    sex: str = ""
    complaint: str = ""
    since: str = ""
    medical: str = ""
    family: str = ""
    psychosocial: str = ""
    earlier: str = ""
    earlier_outcome: str = ""
    scalp: str = ""
    tests: str = ""
    months: tuple[str, ...] = ()
    examined: str = ""
    pictured: str = ""
    challenges: str = ""
    diagnosis_basis: str = ""
    differentials: str = ""
    stage: str = ""
    intervention: str = ""
    route: str = ""
    volume: str = ""
    interval: str = ""
    strength: str = ""
    technique: str = ""
    changes_why: str = ""
    outcome: str = ""
    outcome_clinician: str = ""
    outcome_patient: str = ""
    follow_up_tests: str = ""
    given: str = ""
    tolerated: str = ""
    harms: tuple[frozenset[str], ...] = ()
    harms_denied: str = ""
    limits: str = ""
    literature: str = ""
    rationale: str = ""
    take_away: str = ""
    contradicted: frozenset[str] = frozenset()
    patient_words: str = ""
    consent: str = ""


def is_said(text: str) -> bool:
    """Whether an author wrote something that can be read: not a dash, not a word, not the filler of a form."""
    told = [word.lower() for word in words(says(text))]
    is_spelled = len(told) >= FEWEST_WORDS and (max(map(len, told)) > 1 or not text.isascii())
    return is_spelled and len(set(told)) >= FEWEST_WORDS


def is_answered(text: str) -> bool:
    """The same where "None" is an answer too."""
    return is_said(text) or _NONE.fullmatch(text) is not None


def is_of_the_case(text: str) -> bool:
    """Whether a text speaks of the one case: "this patient", "our case", "we report"."""
    return is_said(text) and _OF_THE_CASE.search(text) is not None


def is_own_words(text: str) -> bool:
    """Whether words may be the patient's own: not in the third person alone, as of somebody who tells of another."""
    return bool(says(text)) and (_FIRST_PERSON.search(text) is not None or _THIRD_PERSON.search(text) is None)


def repeated(case: Case) -> frozenset[str]:
    """The boxes whose text stands in too many of them to be the answer to any; "none" may."""
    told = {name: " ".join(words(getattr(case, name))).lower() for name in BOXES if is_said(getattr(case, name))}
    times = Counter(told.values())
    return frozenset(name for name, text in told.items() if times[text] > MOST_BOXES)
