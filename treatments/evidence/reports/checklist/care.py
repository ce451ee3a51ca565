"""The CARE checklist in its form of 30 lines (2016 and later; explained in J Clin Epidemiol 2017, 89:218-235), and how
far a case meets it. No Django here.

Each line asks for one or more things. All known: met, 1 point. Some: partly met, half a point. None: not met. A blank
is not known and "not asked" is not known, so neither is ever credited. The marks of a text by its author are the least
that can be seen from outside: that it is there, that it speaks of this case, that the record does not contradict it.
Whether it is good, only a reader can say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

from treatments.evidence.reports.checklist.case import (
    Case,
    is_answered,
    is_of_the_case,
    is_own_words,
    is_said,
    repeated,
)
from treatments.evidence.reports.sentences.words import says

MET, PARTLY, NOT_MET = "Y", "P", "N"
POINTS: Final = {MET: Fraction(1), PARTLY: Fraction(1, 2), NOT_MET: Fraction(0)}
MARK_WORDS: Final = {MET: "Met", PARTLY: "Partly", NOT_MET: "Not met"}
FEWEST_KEYWORDS, MOST_KEYWORDS = 2, 5
_KIND: Final = re.compile(r"case report", re.IGNORECASE)
_CONDITION: Final = re.compile(r"alopecia|hair loss|baldness|thinning|effluvium", re.IGNORECASE)
_INTERVENTION: Final = re.compile(
    r"exosom|vesicle|secretome|conditioned medium|platelet|PRP|therapy|treat|inject", re.I
)


@dataclass(frozen=True)
class Need:
    """One thing that a line asks for. `question` is put where it is missing; `where` is the page that answers it:
    "text" for a box of the report, named in `box`, else a page of the record: "history", "details", "therapies",
    "examination", "baseline" for that before treatment, "session", "photos", "consent". `about` is what is missing."""

    is_known: Callable[[Case], bool]
    question: str
    where: str
    box: str = ""
    about: str = ""


@dataclass(frozen=True)
class Item:
    """A line of the checklist. `source` says what it is filled from."""

    number: str
    title: str
    source: str
    needs: tuple[Need, ...]


@dataclass(frozen=True)
class Marked:
    """A line with its mark and what is missing for it."""

    item: Item
    mark: str
    missing: tuple[Need, ...]

    @property
    def words(self) -> str:
        return MARK_WORDS[self.mark]


def _known(name: str, question: str, where: str) -> Need:
    return Need(lambda case: bool(getattr(case, name)), question, where, about=name)


def _said(box: str, question: str) -> Need:
    return Need(lambda case: is_said(getattr(case, box)), question, "text", box)


def _answered(box: str, question: str) -> Need:
    return Need(lambda case: is_answered(getattr(case, box)), question, "text", box)


def _of_case(box: str, question: str) -> Need:
    return Need(lambda case: is_of_the_case(getattr(case, box)), question, "text", box)


def _held(box: str, question: str) -> Need:
    return Need(lambda case: is_said(getattr(case, box)) and box not in case.contradicted, question, "text", box)


def _titled(pattern: re.Pattern[str], question: str) -> Need:
    return Need(lambda case: pattern.search(case.title) is not None, question, "text", "title")


def _few_keywords(case: Case) -> bool:
    return FEWEST_KEYWORDS <= len(case.keywords) <= MOST_KEYWORDS


def _harms_known(case: Case) -> bool:
    return any(case.harms) or bool(case.harms_denied)


def _harms_agree(case: Case) -> bool:
    return _harms_known(case) and len(set(case.harms)) <= 1


ITEMS: Final[tuple[Item, ...]] = (
    Item("1", "Title", "Diagnosis, treatment, “case report”", (
        _titled(_KIND, "Does the title say that it is a case report?"),
        _titled(_CONDITION, "Does the title name the diagnosis?"),
        _titled(_INTERVENTION, "Does the title name the treatment?"),
    )),
    Item("2", "Key words", "Author", (Need(_few_keywords, "Which two to five key words?", "text", "keywords"),)),
    Item("3a", "Abstract: what is new", "Author", (
        _said("what_is_new", "What is new about this case?"),
        _of_case("what_is_new", "Does it speak of this case, and not of the treatment in general?"),
    )),
    Item("3b", "Abstract: main symptoms and findings", "History, examination, stage", (
        _known("abstract_findings", "With what did the patient come, and what was found?", "history"),
    )),
    Item("3c", "Abstract: diagnosis, treatment, outcome", "Diagnosis, sessions, changes", (
        _known("abstract_course", "What was the diagnosis, what was given, and what became of it?", "examination"),
    )),
    Item("3d", "Abstract: the main lesson", "Author", (
        _said("main_lesson", "What is the main lesson?"),
        _of_case("main_lesson", "Does the lesson come from this case?"),
    )),
    Item("4", "Introduction", "Author, references", (
        _said("introduction", "What is known, and why is this case told?"),
        Need(lambda case: any(map(is_said, case.references)), "Which references support it?", "text", "references"),
    )),
    Item("5a", "The patient, not identifiable", "Age at Month 0, sex, ethnicity", (
        _known("age", "When was the patient born?", "details"),
        _known("sex", "Which sex is recorded?", "details"),
    )),
    Item("5b", "Main concern", "History", (
        _known("complaint", "What was the main complaint?", "history"),
        _known("since", "Since when?", "history"),
    )),
    Item("5c", "Medical, family and psychosocial history", "History", (
        _known("medical", "Which illnesses, medicines, allergies? Ask, and record “none” if so.", "history"),
        _known("family", "Hair loss in the family? Ask, and record “none” where there is none.", "history"),
        _known("psychosocial", "What does it mean to the patient? Does the patient smoke?", "history"),
    )),
    Item("5d", "Earlier treatment and its outcome", "History, other treatments", (
        _known("earlier", "Any treatment before? Ask, and record “none” where there was none.", "history"),
        _known("earlier_outcome", "How did each earlier treatment turn out?", "therapies"),
    )),
    Item("6", "Clinical findings", "Examination", (
        _known("scalp", "Where is the hair thin, and how does the scalp look?", "baseline"),
        _known("tests", "Which test was done: pull test, trichoscopy, redness and scaling?", "baseline"),
    )),
    Item("7", "Timeline", "Every dated entry", (
        Need(lambda case: len(case.months) > 1, "What happened after Month 0?", "examination"),
    )),
    Item("8a", "Diagnostic methods", "Examination, photos, measurements, laboratory", (
        _known("examined", "How was the patient examined?", "baseline"),
        _known("pictured", "Were photos taken, hairs counted, blood tested?", "photos"),
    )),
    Item("8b", "Diagnostic challenges", "Author", (
        _answered("challenges", "What was difficult in making the diagnosis? “None” is an answer."),
    )),
    Item("8c", "Diagnostic reasoning", "Diagnosis, what else was considered", (
        Need(lambda case: bool(case.diagnosis_basis), "How was the diagnosis made?", "baseline"),
        _known("differentials", "What else was considered?", "baseline"),
    )),
    Item("8d", "Stage or prognosis", "Scale and stage before treatment", (
        _known("stage", "Which stage was it before treatment?", "baseline"),
    )),
    Item("9a", "Kind of treatment", "Product, route", (
        _known("intervention", "What was given?", "session"),
        _known("route", "By which route?", "session"),
    )),
    Item("9b", "Dose, strength, duration", "Volumes, product, technique", (
        _known("volume", "How many mL?", "session"),
        _known("interval", "How often, and how far apart?", "session"),
        _known("strength", "Which product, and how strong? Record its source and particles.", "session"),
        _known("technique", "With which needle, how deep, at how many points?", "session"),
    )),
    Item("9c", "Changes of the plan, and why", "Plan and sessions, author", (
        _answered("changes_why", "Was the plan changed, or a session moved? Why? “None” is an answer."),
    )),
    Item("10a", "Outcome, by clinician and patient", "Changes, global assessment, blind readings, satisfaction", (
        _known("outcome", "What changed?", "examination"),
        _known("outcome_clinician", "What did a clinician measure, count or grade after treatment?", "examination"),
        _known("outcome_patient", "How does the patient rate the change, or the satisfaction?", "examination"),
    )),
    Item("10b", "Tests at follow-up", "Stage, counts, trichoscopy, laboratory, repeated later", (
        _known("follow_up_tests", "Which test was repeated later: the stage, a count, trichoscopy?", "examination"),
    )),
    Item("10c", "Adherence and tolerability", "Planned and given, pain, reactions asked", (
        _known("given", "How many of the planned sessions were given?", "session"),
        _known("tolerated", "How was it tolerated? Ask for pain and for reactions at each session.", "session"),
    )),
    Item("10d", "Adverse events", "Events; what was asked, and none", (
        Need(
            _harms_known,
            "Was the patient asked for harms? Record them, or that there were none.",
            "session",
            about="harms",
        ),
        Need(_harms_agree, "Is the list of harms the same everywhere?", "text", "take_away"),
    )),
    Item("11a", "Strengths and limits", "Drafted from the record, confirmed by the author", (
        _said("limits", "Which limits does the report have? A draft is written from the record."),
    )),
    Item("11b", "Literature", "Author", (_said("literature", "How does it compare with what is published?"),)),
    Item("11c", "Rationale of the conclusion", "Author", (
        _said("rationale", "Why do the findings support the conclusion?"),
        _held("rationale", "Does the record hold everything that the rationale says?"),
    )),
    Item("11d", "Conclusion", "Author", (
        _said("take_away", "What is the conclusion?"),
        _held("take_away", "Does the record hold everything that the conclusion says?"),
    )),
    Item("12", "The patient’s perspective", "The patient’s own words", (
        Need(lambda case: bool(says(case.patient_words)), "What does the patient say of it?", "examination"),
        Need(lambda case: is_own_words(case.patient_words), "In the patient’s own words?", "examination"),
    )),
    Item("13", "Informed consent", "Consent to the publication of the case", (
        _known("consent", "Has the patient consented to the publication of the case?", "consent"),
    )),
)  # fmt: skip
"""In the order of the checklist: 30 lines."""


def marked(case: Case) -> list[Marked]:
    """Every line with its mark. One text in many boxes is an answer to none of them."""
    blank: dict[str, Any] = dict.fromkeys(repeated(case), "")
    case = replace(case, **blank)
    return [_marked(item, case) for item in ITEMS]


def _marked(item: Item, case: Case) -> Marked:
    missing = tuple(need for need in item.needs if not need.is_known(case))
    known = len(item.needs) - len(missing)
    return Marked(item, MET if not missing else PARTLY if known else NOT_MET, missing)


def score(lines: Sequence[Marked]) -> Fraction:
    """The points of all lines, of 30."""
    return sum((POINTS[line.mark] for line in lines), Fraction(0))


def score_words(points: Fraction) -> str:
    """ "20.5", "17"."""
    return f"{float(points):g}"
