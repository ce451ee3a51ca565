"""Whether the figures of a sentence, and who and what it names, are those of the record. No Django here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Protocol

from treatments.evidence.reports.checklist import wording
from treatments.evidence.reports.checklist.said import (
    DECADE,
    NUMBER,
    ORDINAL,
    decade,
    figure,
    ordinal,
    regions,
    sex,
    stages,
)

_SESSION: Final = r"(?:sessions?|treatments?|injections|doses)"
_BETWEEN: Final = (
    r"(?:(?:monthly|treatment|injection|exosome|consecutive|induction|maintenance|planned|further|more)\s+)*"
)
_TIMES: Final = re.compile(
    rf"\b(?:treated|injected|given|administered)\s+(?:only\s+)?(?:({NUMBER})\s+times|(once|twice|thrice))\b"
    r"(?!\s*(?:a|an|per|each|every|daily|weekly|monthly|more|as|the)\b)",
    re.I,
)
_ADVERBS: Final = {"once": 1.0, "twice": 2.0, "thrice": 3.0}
_OF_SESSIONS: Final = re.compile(rf"\b({NUMBER})[\s-]+{_BETWEEN}{_SESSION}\b", re.I)
_ORDINAL_SESSION: Final = re.compile(rf"\b({ORDINAL})\s+{_BETWEEN}session\b", re.I)
_IN_ALL: Final = re.compile(r"\b(?:total of|in all|received|underwent|completed|consisted of|course of)\b", re.I)
_BEFORE_AN_END: Final = re.compile(r"\b(?:after|following|by|until|before|between|first|last)\s+(?:the\s+)?$", re.I)
_GIVEN: Final = re.compile(r"^\W*(?:of [\w. ]+? )?(?:were|was)\s+(?:given|performed|done|administered|completed)", re.I)
_MOST_SESSIONS: Final = 30
"""What is more, of "injections", are points of one session."""
_OF_VOLUME: Final = re.compile(rf"\b({NUMBER})[\s-]*(mL|cc|cm3|cm³|millilit(?:er|re)s?)\b", re.I)
_OF_TIME: Final = re.compile(rf"\b({NUMBER}|half\s+a|a)\s*(?:-\s*)?(months?|weeks?|years?)\b(?!\s+of\s+age)", re.I)
_SPAN_OF_ONE: Final = re.compile(r"^\s*(?:later|after|afterwards|on\b)", re.I)
_AGE: Final = re.compile(
    rf"\b({NUMBER})[\s-]+years?[\s-]+old\b|\baged?\s+(?:of\s+)?({NUMBER})\b|\b({NUMBER})\s+years\s+of\s+age\b"
    rf"|\b(?:patient|man|woman|male|female|person|gentleman|lady)\s+of\s+({NUMBER})(?:\s+years)?\b",
    re.I,
)
_IN_A_DECADE: Final = re.compile(rf"\bin\s+(?:his|her|their)\s+(?:(?:early|mid|late)[\s-]+)?({DECADE})", re.I)
_MONTH: Final = re.compile(r"\bMonth\s+(\d+)(?:\s*(?:to|and|–|-)\s*(\d+))?\b", re.I)
_APART: Final = re.compile(rf"\b({NUMBER}|a)[\s-]+(months?|weeks?)\s+(?:apart|intervals?)\b", re.I)
_OF_COUNTS: Final = re.compile(
    rf"\b({NUMBER})(?:\s*(?:to|and|–|-)\s*({NUMBER}))?\s*hairs?\s*(?:/|per)\s*(?:cm|square)", re.I
)
_PUT_AT: Final = re.compile(r"\b(?:inject\w*|given|applied|administered|infiltrat\w+)\b([^.;]*)", re.I)
_TAKEN: Final = re.compile(
    r"\b(?:given|took|takes?|taken|used|uses|treated|started|begun|began|applied|combined|together|also|deliver\w*|"
    r"continued|stopped)\b",
    re.I,
)
_WEEKS_A_MONTH: Final = 4.345
_MONTHS_A_YEAR: Final = 12
_YEARS_A_DECADE: Final = 10


class Known(Protocol):
    """What a sentence is compared with."""

    @property
    def is_record(self) -> bool: ...
    @property
    def volumes(self) -> frozenset[float]: ...
    @property
    def counts(self) -> frozenset[float]: ...
    @property
    def sessions(self) -> frozenset[int]: ...
    @property
    def given(self) -> frozenset[int]: ...
    @property
    def interval(self) -> int: ...
    @property
    def months(self) -> frozenset[int]: ...
    @property
    def years(self) -> frozenset[int]: ...
    @property
    def ages(self) -> frozenset[int]: ...
    @property
    def sex(self) -> str: ...
    @property
    def stages(self) -> str: ...
    @property
    def regions(self) -> frozenset[str]: ...
    @property
    def treatments(self) -> str: ...


def statements(sentence: str, held: Known) -> Iterator[str]:
    """What a sentence says that the record does not, each in a sentence of its own."""
    yield from _sessions(sentence, held)
    yield from _volumes(sentence, held)
    yield from _ages(sentence, held)
    yield from _times(sentence, held)
    if held.is_record:
        yield from _counts(sentence, held)
        yield from _person(sentence, held)
        yield from _stages(sentence, held)
        yield from _places(sentence, held)
        yield from _treatments(sentence, held)


def _sessions(sentence: str, held: Known) -> Iterator[str]:
    for match in _OF_SESSIONS.finditer(sentence):
        number = figure(match[1])
        if not held.sessions or number > _MOST_SESSIONS:
            continue
        is_total = not _BEFORE_AN_END.search(sentence[: match.start()]) and (
            _IN_ALL.search(sentence[: match.start()]) or _GIVEN.match(sentence[match.end() :])
        )
        if number not in held.sessions or (is_total and held.given and number not in held.given):
            yield f"The record does not hold {match[0]}."
    for match in _TIMES.finditer(sentence):
        number = figure(match[1]) if match[1] else _ADVERBS[match[2].lower()]
        if held.given and number not in held.given:
            yield f"The record does not hold that it was {match[0]}."
    for match in _ORDINAL_SESSION.finditer(sentence):
        if held.sessions and ordinal(match[1]) not in held.sessions:
            yield f"The record does not hold a {match[0]}."


def _volumes(sentence: str, held: Known) -> Iterator[str]:
    for match in _OF_VOLUME.finditer(sentence):
        if held.volumes and figure(match[1]) not in held.volumes:
            yield f"No volume of the record is {match[0]}."


def _ages(sentence: str, held: Known) -> Iterator[str]:
    for match in _AGE.finditer(sentence):
        if held.ages and figure(next(filter(None, match.groups()))) not in held.ages:
            yield f"The patient was not of this age: {match[0]}."
    for match in _IN_A_DECADE.finditer(sentence):
        first = decade(match[1])
        if held.ages and not any(first <= age < first + _YEARS_A_DECADE for age in held.ages):
            yield f"The patient was not of this age: {match[0]}."


def _times(sentence: str, held: Known) -> Iterator[str]:
    apart = list(_APART.finditer(sentence))
    for match in apart:
        months = _in_months(1 if match[1].lower() == "a" else figure(match[1]), match[2])
        if held.interval and abs(months - held.interval) > 0.25:
            yield f"The sessions were not planned {match[0].strip()}."
    if wording.PLANNED.search(sentence):
        return
    told = _AGE.sub(" ", _APART.sub(" ", sentence))
    for match in _OF_TIME.finditer(told):
        if match[1].lower() == "a" and not _SPAN_OF_ONE.match(told[match.end() :]):
            continue
        number = {"a": 1.0, "half": 0.5}.get(match[1].lower().split()[0]) or figure(match[1])
        if not _is_span(number, match[2], held):
            yield f"No entry of the record is {match[0]} apart, or from Month 0."
    if held.is_record:
        for match in _MONTH.finditer(told):
            if missing := [each for each in match.groups() if each and int(each) not in held.months]:
                yield f"The record has no entry at Month {missing[0]}."


def _in_months(number: float, unit: str) -> float:
    if unit.lower().startswith("week"):
        return number / _WEEKS_A_MONTH
    return number * (_MONTHS_A_YEAR if unit.lower().startswith("year") else 1)


def _is_span(number: float, unit: str, held: Known) -> bool:
    months = _in_months(number, unit)
    if unit.lower().startswith("year") and (number in held.years or not held.years and not held.is_record):
        return True
    if unit.lower().startswith("week") and not held.is_record:
        return True
    return (number in held.months) if unit.lower().startswith("month") else (round(months) in held.months)


def _counts(sentence: str, held: Known) -> Iterator[str]:
    for match in _OF_COUNTS.finditer(sentence):
        if any(figure(each) not in held.counts for each in match.groups() if each):
            yield f"No count of the record is {match[0].strip()}."


def _person(sentence: str, held: Known) -> Iterator[str]:
    told = sex(sentence)
    if told and held.sex and told != held.sex:
        yield f"The record says that the patient is {held.sex}."


def _stages(sentence: str, held: Known) -> Iterator[str]:
    known = list(stages(held.stages))
    for scale, stage, words in stages(sentence):
        if all(stage != number or (scale and named and scale not in named) for named, number, _ in known):
            yield f"No grading of the record is {words}."


def _places(sentence: str, held: Known) -> Iterator[str]:
    if not held.regions or wording.NEGATION.search(sentence):
        return
    for match in _PUT_AT.finditer(sentence):
        if other := sorted(regions(match[1]) - held.regions):
            yield f"Nothing was given there: {', '.join(each.replace('_', '-') for each in other)}."


def _treatments(sentence: str, held: Known) -> Iterator[str]:
    if not _TAKEN.search(sentence):
        return
    for name, words in wording.TREATMENTS.items():
        match = re.search(words, sentence, re.I)
        if match is None:
            continue
        is_held = re.search(words, held.treatments, re.I) is not None
        is_denied = wording.NEGATION.search(sentence) is not None
        if not is_held and not is_denied:
            yield f"No row of the record holds this treatment: {name}."
