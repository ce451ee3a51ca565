"""Whether a manuscript says the same everywhere, and nothing that no row of the record holds. No Django here.

Seven checks, each of which the published report that began this work fails. What an author writes is compared with the
record: events, regions, volumes, per cents, light, products, and whatever else has a number or claims an outcome. A
check sees words that it knows; that it finds nothing proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

EVENT_WORDS: Final[Mapping[str, str]] = {
    "injection_site_pain": r"pains?|painful",
    "injection_site_erythema": r"redness|erythema",
    "injection_site_oedema": r"swellings?|o?edema",
    "injection_site_irritation": r"irritations?",
    "pruritus": r"itching|itch|pruritus",
    "headache": r"headaches?",
    "bruising": r"bruis(?:es|ing)",
    "haemorrhage": r"bleeding|ha?emorrhage",
    "folliculitis": r"folliculitis",
    "infection": r"infections?",
    "abscess": r"abscess(?:es)?",
    "granuloma": r"granulomas?",
    "urticaria": r"hives|urticaria",
    "anaphylaxis": r"anaphyla\w+",
    "dizziness": r"dizziness",
    "nausea": r"nausea",
    "fever": r"fever",
    "shedding_te": r"increased shedding|telogen effluvium",
    "necrosis": r"necrosis",
    "scar": r"scars?",
    "vasovagal": r"fainting|faints?|vasovagal",
}
"""How each kind of event is written in a sentence."""
SOURCE_WORDS: Final[Mapping[str, str]] = {
    "plant": r"plant[- ]derived|plant|rose (?:stem )?cells?|RSCEs?",
    "msc": r"MSC[- ]derived|MSCs?|mesenchymal|stromal cells?|stem cells?|umbilical|Wharton|adipose",
    "platelet": r"PRP|platelet[- ]rich|platelets?",
    "salmon": r"salmon|PDRN",
    "milk": r"milk",
    "medium": r"conditioned medi(?:um|a)|secretome",
}
"""How the source of a product is written; the words of the record's own sources are held."""
LIGHT_WORDS: Final[Mapping[str, str]] = {
    "bright_overhead": r"bright (?:overhead )?light",
    "standard_room": r"standard (?:room )?light(?:ing)?|room light",
    "fixed_flash": r"flash",
    "ring": r"ring light",
    "cross_polarised": r"polari[sz]ed",
    "daylight": r"daylight",
}
CLAIMS: Final[Mapping[str, str]] = {
    "repigmentation": r"repigment\w*",
    "cure": r"\bcured?\b",
    "complete regrowth": r"complete (?:scalp )?(?:hair )?regrowth",
    "new hair follicles": r"new (?:hair )?follicles|neogenesis",
    "histology": r"histolog\w+|biops\w+",
    "statistical significance": r"statistically significant|p\s*[<=]\s*0?\.\d+",
}
"""Outcomes that a text can claim and that no row of this record can hold, unless it names them itself."""
_WORDS_OF_NUMBERS: Final = {
    word: number
    for number, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), start=1)
}
_NUMBER: Final = rf"(\d+(?:[.,]\d+)?|{'|'.join(_WORDS_OF_NUMBERS)})"
_OF_TIME: Final = re.compile(rf"\b{_NUMBER}\s*(?:-\s*)?(months?|weeks?|years?)\b", re.I)
_OF_SESSIONS: Final = re.compile(
    rf"\b{_NUMBER}\s+(?:monthly\s+|treatment\s+|injection\s+)*(?:sessions?|treatments?)\b", re.I
)
_OF_VOLUME: Final = re.compile(rf"\b{_NUMBER}\s*(mL|ml|cc|cm3|cm³|millilit(?:er|re)s?)\b")
_PER_CENT: Final = re.compile(r"\b(\d+(?:[.,]\d+)?)(?:\s*[-–]\s*(\d+(?:[.,]\d+)?))?\s*(?:%|per ?cent)")
_TWO_NAMES: Final = re.compile(
    r"\bcrown\s*(?:\band\b|,|/)\s*(?:the\s+)?vertex\b|\bvertex\s*(?:\band\b|,|/)\s*(?:the\s+)?crown\b", re.I
)
_IMPROPER_UNIT: Final = re.compile(r"\d\s*(?:cc|cm3|cm³)\b|\bcc\b")
_HARM: Final = re.compile(r"adverse|side effects?|reactions?|well tolerated|transient|safety", re.I)
_NEGATION: Final = re.compile(r"\b(?:no|not|without|neither|nor|denied|absence of)\b", re.I)
_DENIED: Final = re.compile(rf"{_NEGATION.pattern}.*?(?=\bbut\b|;|$)", re.I)
_OF_THE_CASE: Final = re.compile(r"\b(?:this|our|the) (?:case|patient|man|woman|case’s|case's)\b|\bwe gave\b", re.I)
_SENTENCE: Final = re.compile(r"[^.!?\n]+(?:[.!?](?!\d)|$)|[^\n]+")
_LIGHT_DIFFERS: Final = re.compile(
    r"light\w*\s+(?:differ|was not the same|was another|changed)|different light|another light", re.I
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
    """What the rows of the record hold. `percents` are those with a method, as (low, high); `sources` are keys of
    SOURCE_WORDS; `lights` the light of the first and the last look that a change is told from, "" where not known;
    `months` are Month numbers and spans between sessions, in months; `weeks` and `years` likewise."""

    events: frozenset[str] = frozenset()
    harms_denied: bool = False
    volumes: frozenset[float] = frozenset()
    percents: frozenset[tuple[float, float]] = frozenset()
    lights: tuple[str, str] = ("", "")
    sources: frozenset[str] = frozenset()
    products: tuple[str, ...] = ()
    sessions: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    years: frozenset[int] = frozenset()
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
        "harms": _harms(parts, held),
        "regions": _search(parts, _TWO_NAMES, _TWICE),
        "unit": _search(parts, _IMPROPER_UNIT, _UNIT),
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
    "held": "Nothing is said that no row holds",
}


def contradicted(found: Iterable[Check]) -> frozenset[str]:
    """The names of the parts that say what the record does not hold."""
    return frozenset(finding.part for check in found for finding in check.findings)


_TWICE: Final = "Crown and vertex are two names of one region. Write one of them."
_UNIT: Final = "Write mL, the unit of the record."


def _search(parts: Iterable[Part], pattern: re.Pattern[str], said: str) -> Iterator[Finding]:
    for part in parts:
        for sentence in _sentences(part):
            if pattern.search(sentence):
                yield Finding(part.name, sentence, said)


def _sentences(part: Part, *, of_the_case: bool = False) -> Iterator[str]:
    """Those of a part; of one that speaks of others only those about this case, where that is asked."""
    for match in _SENTENCE.finditer(part.text):
        sentence = match[0].strip()
        if sentence and not (of_the_case and part.speaks_of_others and not _OF_THE_CASE.search(sentence)):
            yield sentence


def _harms(parts: Sequence[Part], held: Held) -> Iterator[Finding]:
    """Each part that lists harms must list those of the record; without a record all lists must be one."""
    named = {part.name: events_in(part) for part in parts}
    lists = [events for events in named.values() if events]
    expected = held.events or (lists[0] if lists else frozenset())
    for part in parts:
        events = named[part.name]
        if not events or events == expected:
            continue
        left, more = sorted(expected - events), sorted(events - expected)
        told = [
            f"Not named here: {_names(left)}." if left else "",
            f"Named here alone: {_names(more)}." if more else "",
        ]
        yield Finding(part.name, _harm_sentence(part), " ".join(["The lists differ.", *filter(None, told)]))


def _names(codes: Iterable[str]) -> str:
    return ", ".join(code.replace("injection_site_", "").replace("_", " ") for code in codes)


def events_in(part: Part) -> frozenset[str]:
    """Which events a part says that the patient had, from the first sentence about harm on; not what it denies."""
    found: set[str] = set()
    is_about_harm = False
    for sentence in _sentences(part, of_the_case=True):
        is_about_harm = is_about_harm or _HARM.search(sentence) is not None
        if is_about_harm:
            told = _DENIED.sub(" ", sentence)
            found |= {code for code, words in EVENT_WORDS.items() if re.search(rf"\b(?:{words})\b", told, re.I)}
    return frozenset(found)


def _harm_sentence(part: Part) -> str:
    every = "|".join(EVENT_WORDS.values())
    about = (each for each in _sentences(part, of_the_case=True) if re.search(rf"\b(?:{every})\b", each, re.I))
    return next(about, "")


def _percents(parts: Iterable[Part], held: Held) -> Iterator[Finding]:
    for part in parts:
        for sentence in _sentences(part, of_the_case=True):
            for match in _PER_CENT.finditer(sentence):
                low = _figure(match[1])
                if (low, _figure(match[2]) if match[2] else low) not in held.percents:
                    said = f"No measurement of the record gives {match[0].strip()}. Record it with its method."
                    yield Finding(part.name, sentence, said)


def _lights(parts: Sequence[Part], held: Held) -> Iterator[Finding]:
    told = [(part, sentence) for part in parts for sentence in _sentences(part, of_the_case=True)]
    if any(_LIGHT_DIFFERS.search(sentence) for _, sentence in told):
        return
    first, last = held.lights
    if first and last and first != last:
        yield Finding("", "", f"Seen first in {_light(first)}, then in {_light(last)}. Say so among the limits.")
        return
    named = {
        code: (part, sentence)
        for part, sentence in told
        for code, words in LIGHT_WORDS.items()
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
        for sentence in _sentences(part, of_the_case=True):
            for code, words in SOURCE_WORDS.items():
                match = re.search(rf"\b(?:{words})\b", sentence, re.I)
                if (
                    match
                    and code not in held.sources
                    and not any(match[0].lower() in name.lower() for name in held.products)
                ):
                    given = (
                        f"The record says: {', '.join(held.products)}."
                        if held.products
                        else "The record names no product."
                    )
                    yield Finding(part.name, sentence, f"“{match[0]}” is not what was given. {given}")


def _unheld(parts: Iterable[Part], held: Held) -> Iterator[Finding]:
    for part in parts:
        for sentence in _sentences(part, of_the_case=True):
            for claim, words in CLAIMS.items():
                match = re.search(words, sentence, re.I)
                if match and not re.search(words, held.words, re.I) and not _NEGATION.search(sentence):
                    yield Finding(part.name, sentence, f"No row of the record holds this: {claim}.")
            yield from (Finding(part.name, sentence, said) for said in _numbers(sentence, held))


def _numbers(sentence: str, held: Held) -> Iterator[str]:
    for match in _OF_TIME.finditer(sentence):
        unit, number = match[2].lower().rstrip("s"), _figure(match[1])
        known = {"month": held.months, "year": held.years}.get(unit)
        if known is not None and number not in known:
            yield f"No entry of the record is {match[0]} apart, or from Month 0."
    for match in _OF_SESSIONS.finditer(sentence):
        if held.sessions and _figure(match[1]) not in held.sessions:
            yield f"The record does not hold {match[0]}."
    for match in _OF_VOLUME.finditer(sentence):
        if held.volumes and _figure(match[1]) not in held.volumes:
            yield f"No volume of the record is {match[0]}."


def _figure(text: str) -> float:
    return float(_WORDS_OF_NUMBERS.get(text.lower(), 0) or text.replace(",", "."))
