"""Whether a manuscript says the same everywhere, and nothing that no row of the record holds. No Django here.

Seven checks, each of which the published report that began this work fails. What an author writes is compared with the
record: events, regions, volumes, per cents, light, products, and whatever else has a number or claims an outcome. A
check sees words that it knows; that it finds nothing proves nothing. A sentence about other patients, or about what
would be needed, is held against nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from treatments.evidence.reports.checklist import wording
from treatments.evidence.reports.checklist.numbers_held import statements
from treatments.evidence.reports.checklist.said import NUMBER, figure
from treatments.evidence.reports.checklist.wording import EVENT_WORDS, SOURCE_WORDS

_PER_CENT: Final = re.compile(rf"\b({NUMBER})(?:\s*%)?(?:\s*(?:[-–−]|to|and)\s*({NUMBER}))?\s*(?:%|per\s?cent\b)", re.I)
_SENTENCE_ENDS: Final = re.compile(
    r"(?<=[.!?])(?<!\bal\.)(?<!\bvs\.)(?<!\bDr\.)(?<!\bFig\.)(?<!\bcf\.)(?<!\be\.g\.)(?<!\bi\.e\.)\s+|\n+"
)


@dataclass(frozen=True)
class Part:
    """A text of the manuscript. `speaks_of_others`: an introduction or the literature, where only sentences that name
    the case are about it."""

    name: str
    title: str
    text: str
    speaks_of_others: bool = False


@dataclass(frozen=True)
class Held:
    """What the rows of the record hold. `is_record`: they are all there is, so that what is empty was not found or not
    asked; False where a paper is judged by itself.

    `percents` are those with a method, as (low, high); `sources` are keys of SOURCE_WORDS; `lights` the light of the
    first and the last look that a change is told from, "" where not known; `months` are Month numbers and the spans
    between them; `years` spans in years, `ages` those of the patient; `given` what the number of all sessions may be;
    `interval` the months between two of them, 0 where not known; `counts` hairs per cm² and their differences.
    """

    is_record: bool = False
    events: frozenset[str] = frozenset()
    serious: int = 0
    harms_denied: bool = False
    volumes: frozenset[float] = frozenset()
    percents: frozenset[tuple[float, float]] = frozenset()
    counts: frozenset[float] = frozenset()
    lights: tuple[str, str] = ("", "")
    sources: frozenset[str] = frozenset()
    products: tuple[str, ...] = ()
    sessions: frozenset[int] = frozenset()
    given: frozenset[int] = frozenset()
    interval: int = 0
    months: frozenset[int] = frozenset()
    years: frozenset[int] = frozenset()
    ages: frozenset[int] = frozenset()
    sex: str = ""
    stages: str = ""
    regions: frozenset[str] = frozenset()
    treatments: str = ""
    words: str = ""
    """Every text of the record in one, in which a claim may stand."""


@dataclass(frozen=True)
class Finding:
    """What is wrong, where, and in which words."""

    part: str
    sentence: str
    said: str


@dataclass(frozen=True)
class Check:
    """`findings` is empty where nothing was found."""

    code: str
    title: str
    findings: tuple[Finding, ...] = field(default=())

    @property
    def is_passed(self) -> bool:
        return not self.findings


def checks(parts: Sequence[Part], held: Held) -> list[Check]:
    """The seven, in their order."""
    found = {
        "harms": [*_harms(parts, held), *_no_harms(parts, held)],
        "regions": _search(parts, wording.TWO_NAMES, _TWICE),
        "unit": _search(parts, wording.IMPROPER_UNIT, _UNIT),
        "percent": _percents(parts, held),
        "light": _lights(parts, held),
        "product": _products(parts, held),
        "held": _unheld(parts, held),
    }
    return [Check(code, TITLES[code], tuple(findings)) for code, findings in found.items()]


TITLES: Final[Mapping[str, str]] = {
    "harms": "The adverse events are the same everywhere",
    "regions": "No region is counted twice: crown and vertex are one",
    "unit": "Volumes are in mL",
    "percent": "Every per cent has a method",
    "light": "Before and after are seen in the same light, or the text says that they are not",
    "product": "The product is the one that was given",
    "held": "Nothing is said that no entry holds",
}


def contradicted(found: Iterable[Check]) -> frozenset[str]:
    """The names of the parts that say what the record does not hold."""
    return frozenset(finding.part for check in found for finding in check.findings)


_TWICE: Final = "Crown and vertex are two names of one region. Write one of them."
_UNIT: Final = "Write mL, the unit of the record."


def _search(parts: Iterable[Part], pattern: re.Pattern[str], said: str) -> Iterator[Finding]:
    for part in parts:
        for sentence in _all_sentences(part):
            if pattern.search(sentence):
                yield Finding(part.name, sentence, said)


def _all_sentences(part: Part) -> list[str]:
    return [each.strip() for each in _SENTENCE_ENDS.split(part.text) if each and each.strip()]


def _sentences(part: Part) -> list[str]:
    """Those about this case: of a part that speaks of others only those that name the case, of every part none that
    speaks of other patients or of what would be needed."""
    told = []
    for sentence in _all_sentences(part):
        names_case = wording.OF_THE_CASE.search(sentence) is not None
        if wording.NOT_YET.search(sentence) or (part.speaks_of_others and not names_case):
            continue
        if not (wording.OF_OTHERS.search(sentence) and (part.speaks_of_others or not names_case)):
            told.append(sentence)
    return told


def _harms(parts: Sequence[Part], held: Held) -> Iterator[Finding]:
    """Each part that lists harms must list those of the record; without a record all lists must be one."""
    named = {part.name: events_in(part) for part in parts}
    lists = [events for events in named.values() if events]
    expected = held.events if held.is_record or held.events or not lists else lists[0]
    for part in parts:
        events = named[part.name]
        if events and events != expected:
            left = sorted((expected & EVENT_WORDS.keys()) - events)
            if more := sorted(events - expected):
                yield Finding(part.name, _harm_sentence(part, more), _differ(left, more))
            elif left:
                yield Finding(part.name, _harm_sentence(part, EVENT_WORDS), _differ(left, more))
        if held.is_record:
            yield from _occurred(part, events, held)


def _occurred(part: Part, listed: frozenset[str], held: Held) -> Iterator[Finding]:
    """Events that a sentence tells outside a list of harms, and that the record has neither as event nor as finding."""
    for sentence in _sentences(part):
        if wording.OCCURRED.search(sentence):
            told = _named_in(wording.DENIED.sub(" ", sentence)) - listed - held.events
            if new := sorted(code for code in told if not re.search(rf"\b(?:{EVENT_WORDS[code]})\b", held.words, re.I)):
                yield Finding(part.name, sentence, f"No adverse event of the record is this: {_names(new)}.")


def _differ(left: Sequence[str], more: Sequence[str]) -> str:
    told = [
        f"Not named here: {_names(left)}." if left else "",
        f"Named here alone: {_names(more)}." if more else "",
    ]
    return " ".join(["The lists differ.", *filter(None, told)])


def _names(codes: Iterable[str]) -> str:
    return ", ".join(code.replace("injection_site_", "").replace("_", " ") for code in codes)


def events_in(part: Part) -> frozenset[str]:
    """Which events a part says that the patient had, from the first sentence about harm on; not what it denies."""
    found: set[str] = set()
    is_about_harm = False
    for sentence in _sentences(part):
        is_about_harm = is_about_harm or wording.HARM.search(sentence) is not None
        if is_about_harm:
            found |= _named_in(wording.DENIED.sub(" ", sentence))
    return frozenset(found)


def _named_in(text: str) -> set[str]:
    """Each event that is named; a longer name is taken out before a shorter one that stands in it."""
    found = set()
    for code, words in EVENT_WORDS.items():
        text, times = re.subn(rf"\b(?:{words})\b", " ", text, flags=re.I)
        if times:
            found.add(code)
    return found


def _harm_sentence(part: Part, codes: Iterable[str]) -> str:
    every = "|".join(EVENT_WORDS[code] for code in codes)
    return next((each for each in _sentences(part) if re.search(rf"\b(?:{every})\b", each, re.I)), "")


def _no_harms(parts: Iterable[Part], held: Held) -> Iterator[Finding]:
    """That nothing happened is said only where nothing happened and somebody asked."""
    if not held.is_record:
        return
    for part in parts:
        for sentence in _sentences(part):
            if wording.NO_HARM.search(sentence):
                if held.events:
                    yield Finding(
                        part.name, sentence, f"The record holds adverse events: {_names(sorted(held.events))}."
                    )
                elif not held.harms_denied:
                    yield Finding(part.name, sentence, "No row holds that the patient was asked and named none.")
            if held.serious and wording.NO_SERIOUS.search(sentence):
                yield Finding(part.name, sentence, "An adverse event of the record is serious.")


def _percents(parts: Iterable[Part], held: Held) -> Iterator[Finding]:
    for part in parts:
        for sentence in _sentences(part):
            for match in _PER_CENT.finditer(sentence):
                if wording.STRENGTH_OF.search(sentence[: match.start()]) or wording.OF_STRENGTH.search(
                    sentence[match.end() :]
                ):
                    continue
                low = figure(match[1])
                if (low, figure(match[2]) if match[2] else low) not in held.percents:
                    said = f"No measurement of the record gives {match[0].strip()}. Record it with its method."
                    yield Finding(part.name, sentence, said)


def _lights(parts: Sequence[Part], held: Held) -> Iterator[Finding]:
    told = [(part, sentence) for part in parts for sentence in _sentences(part)]
    if any(wording.LIGHT_DIFFERS.search(sentence) for _, sentence in told):
        return
    first, last = held.lights
    if first and last and first != last:
        yield Finding("", "", f"Seen first in {_light(first)}, then in {_light(last)}. Say so among the limits.")
        return
    named = {
        code: (part, sentence)
        for part, sentence in told
        for code, words in wording.LIGHT_WORDS.items()
        if re.search(rf"\b(?:{words})\b", sentence, re.I)
    }
    if len(named) > 1:
        part, sentence = list(named.values())[-1]
        yield Finding(part.name, sentence, f"Two kinds of light are named: {' and '.join(map(_light, named))}.")


def _light(code: str) -> str:
    return {"fixed_flash": "fixed flash", "ring": "ring light", "cross_polarised": "cross-polarised light"}.get(
        code, f"{code.replace('_', ' ')} light" if "light" not in code else code
    )


def _products(parts: Iterable[Part], held: Held) -> Iterator[Finding]:
    for part in parts:
        for sentence in _sentences(part):
            told = wording.DENIED.sub(" ", sentence)
            for code, words in SOURCE_WORDS.items():
                match = re.search(rf"\b(?:{words})\b", told, re.I)
                if (
                    match
                    and code not in held.sources
                    and not any(match[0].lower() in name.lower() for name in held.products)
                    and match[0].lower() not in held.treatments.lower()
                ):
                    given = (
                        f"The record says: {', '.join(held.products)}."
                        if held.products
                        else "The record names no product."
                    )
                    yield Finding(part.name, sentence, f"“{match[0]}” is not what was given. {given}")


def _unheld(parts: Iterable[Part], held: Held) -> Iterator[Finding]:
    for part in parts:
        for sentence in _sentences(part):
            for claim, words in wording.CLAIMS.items():
                match = re.search(words, sentence, re.I)
                if match and not re.search(words, held.words, re.I) and not wording.NEGATION.search(sentence):
                    yield Finding(part.name, sentence, f"No row of the record holds this: {claim}.")
            yield from (Finding(part.name, sentence, said) for said in statements(sentence, held))
