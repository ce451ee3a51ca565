"""What may identify somebody in a text: flagged, never changed. No Django here.

Two kinds are looked for. What this record knows: the names of the patient, of relatives and staff, the clinic, record
number, telephone, e-mail, lots. And what looks like it: days, months with a year, telephone numbers, addresses, places,
titles with a name, relatives who are named, what only one person can be. Both have misses and false alarms, so that an
author answers each flag, and says besides that nothing else is known that would identify.

Names that stand for a scale or a test (Norwood, Fitzpatrick) are no people.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from treatments.records.text.text_folding import digits, fold

EPONYMS: Final = frozenset({"norwood", "hamilton", "ludwig", "fitzpatrick", "sinclair", "savin", "olsen"})
SHORTEST_NAME: Final = 2
SHORTEST_NUMBER: Final = 6
MOST_SENTENCE: Final = 500
# In small letters "may" is a month only before a year, and "mar", "dec" and "sept" are short for nothing else.
_MONTH: Final = (
    r"(?:(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)|M(?:ay|AY)|may(?=,?\s+(?:of\s+)?\d{4}))\.?"
)
_CAPITAL: Final = r"[A-ZÀ-ÖØ-Þ][\w’'-]+"
# Capitals that are no place: what a report of this kind writes with one, and what follows "in" or "at" in every text.
_NO_PLACE: Final = EPONYMS | frozenset(
    "month figure table week day year session stage type grade norwood-hamilton hamilton-norwood male female care"
    " asian asians european europeans chinese caucasian african korean japanese malay indian dermatology trichology"
    " exosome exosomes baseline i ii iii iv v vi vii the a an this that these our his her their some all most both"
    " androgenetic alopecia".split()
)
_PATTERNS: Final[tuple[tuple[str, str], ...]] = (
    ("a day", rf"\b\d{{1,2}}(?:st|nd|rd|th)?\.?\s+(?:of\s+)?{_MONTH}(?:,?\s+\d{{4}})?\b"),
    ("a day", rf"\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}\b"),
    ("a day", r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b"),
    ("a day", r"\d{4}\s*年\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?"),
    ("a month of a year", rf"\b{_MONTH}\s+(?:of\s+)?\d{{4}}\b"),
    ("a year", r"\b(?:in|since|until|from|during|of)\s+(?:19|20)\d{2}\b"),
    ("an e-mail address", r"[\w.+-]+@[\w-]+\.[\w.-]+"),
    ("a web address", r"\b(?:https?://|www\.)\S+"),
    ("a telephone number", r"(?<![\w.])\+?\d[\d ()-]{6,}\d\b"),
    ("an identity number", r"\b[A-Z]{1,3}-?\d{5,9}[A-Z]?\b"),
    (
        "an address",
        rf"\b\d+[A-Za-z]?,?\s+(?:{_CAPITAL}\s+){{1,3}}(?:Road|Rd|Street|St|Avenue|Ave|Lane|Drive|Close|Crescent|Way"
        r"|Square|Boulevard|Terrace|Walk|Place|Park)\b",
    ),
    ("an address", r"\b(?:Block|Blk)\s+\d+\b"),
    ("a person", rf"\b(?:Mr|Mrs|Ms|Miss|Mdm|Madam|Dr|Prof)\.?\s+{_CAPITAL}(?:\s+{_CAPITAL})*"),
    (
        "a relative",
        r"\b(?:wife|husband|partner|mother|father|brother|sister|son|daughter|uncle|aunt|cousin)s?,?\s+(?:is\s+called\s+"
        rf"|named\s+)?{_CAPITAL}(?:\s+{_CAPITAL})*",
    ),
    (
        "what only one person can be",
        r"\b(?:the\s+)?(?:only|oldest|youngest|best[- ]known)\s+[\w-]+(?:\s+[\w-]+)?\s+(?:in|of|at|on)\s+\S+",
    ),
    ("what only one person can be", r"\b(?:famous|celebrity|champion|award[- ]winning|television|film star)\b"),
    ("an occupation", r"\bworks?\s+(?:as|for|at)\s+[^.,;]+|\b(?:employed|profession|occupation)\b[^.,;]*"),
    ("an age above 89", r"\b(?:9\d|1[01]\d)(?:[- ]years?[- ]old|\s+years)\b|\baged?\s+(?:9\d|1[01]\d)\b"),
)
_PLACE: Final = re.compile(
    rf"\b(?:in|at|from|near|to|living in|lives in|born in)\s+((?:{_CAPITAL})(?:\s+{_CAPITAL})*)", re.UNICODE
)
# Of these the capital is what tells a name from a word.
_CASED: Final = frozenset({"a person", "a relative", "an address", "an identity number", "a day", "a month of a year"})
_COMPILED: Final = tuple(
    (kind, re.compile(pattern, re.NOFLAG if kind in _CASED else re.IGNORECASE)) for kind, pattern in _PATTERNS
)
_SENTENCE: Final = re.compile(r"[^.!?。！？\n]+(?:[.!?。！？]+(?=\s|$)|$)|\S[^\n]*", re.UNICODE)
_CJK: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True)
class Known:
    """What a record knows of who could be named: `names` are whole names of people by who they are ("the patient"),
    `places` names of the clinic and lines of its address, `codes` record numbers, lots and serial numbers, `numbers`
    telephone numbers, `addresses` of e-mail."""

    names: tuple[tuple[str, str], ...] = ()
    places: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flag:
    """`kind` says what it may be ("a day", "the name of the patient"), `found` is as it stands in the text, `part` is
    where that is. `key` is the same for one finding in one sentence, and another where either changed."""

    kind: str
    found: str
    sentence: str
    part: str

    @property
    def key(self) -> str:
        what = [self.part, self.kind, fold(self.found), fold(self.sentence)]
        return hashlib.sha256("\n".join(what).encode()).hexdigest()


def flags(part: str, text: str, known: Known, *, is_of_others: bool = False) -> list[Flag]:
    """Every finding in a text, in its order, each once in its sentence.

    `is_of_others`: a list of references names other people and years by its nature; only what this record knows is
    looked for in it.
    """
    found: dict[str, Flag] = {}
    for sentence in _sentences(text):
        taken: list[tuple[int, int]] = []
        for kind, start, end in _in_sentence(sentence, known, is_of_others=is_of_others):
            if any(start < last and first < end for first, last in taken):
                continue
            taken.append((start, end))
            flag = Flag(kind, sentence[start:end].strip(), sentence[:MOST_SENTENCE], part)
            found.setdefault(flag.key, flag)
    return list(found.values())


def _sentences(text: str) -> Iterator[str]:
    for match in _SENTENCE.finditer(_whole_titles(text)):
        if sentence := match[0].strip():
            yield sentence


def _whole_titles(text: str) -> str:
    """A full stop behind a title ends no sentence."""
    return re.sub(r"\b(Mr|Mrs|Ms|Mdm|Dr|Prof|No|St|approx)\.\s", r"\1 ", text)


def _in_sentence(sentence: str, known: Known, *, is_of_others: bool) -> Iterator[tuple[str, int, int]]:
    yield from _of_the_record(sentence, known)
    if is_of_others:
        return
    for kind, pattern in _COMPILED:
        for match in pattern.finditer(sentence):
            if kind == "a telephone number" and len(digits(match[0])) < SHORTEST_NUMBER + 1:
                continue
            yield kind, match.start(), match.end()
    for match in _PLACE.finditer(sentence):
        words = [word for word in match[1].split() if fold(word) not in _NO_PLACE]
        if words and fold(match[1].split()[0]) not in _NO_PLACE and not _is_month(words[0]):
            yield "a place", match.start(1), match.end(1)


def _is_month(word: str) -> bool:
    return re.fullmatch(_MONTH, word, re.IGNORECASE) is not None


def _of_the_record(sentence: str, known: Known) -> Iterator[tuple[str, int, int]]:
    for whose, name in known.names:
        yield from ((f"the name of {whose}", *span) for span in _name(sentence, name))
    for place in known.places:
        yield from (("the clinic or its address", *span) for span in _phrase(sentence, place))
    for code in known.codes:
        yield from (("a number of this record", *span) for span in _phrase(sentence, code))
    for number in known.numbers:
        yield from (("a telephone number of this record", *span) for span in _digits(sentence, number))
    for address in known.addresses:
        yield from (("an e-mail address of this record", *span) for span in _phrase(sentence, address))


def _name(sentence: str, name: str) -> Iterator[tuple[int, int]]:
    """Each word of a name, folded; a name in Chinese, Japanese or Korean, which has no spaces, anywhere in the text."""
    if _CJK.search(name):
        whole = "".join(name.split())
        for part in dict.fromkeys([whole, whole[1:]] if len(whole) > SHORTEST_NAME else [whole]):
            yield from ((match.start(), match.end()) for match in re.finditer(re.escape(part), sentence))
        return
    words = {fold(word) for word in re.split(r"[\s,.-]+", name)}
    words = {word for word in words if len(word) >= SHORTEST_NAME and word not in EPONYMS | _COMMON}
    for match in re.finditer(r"[^\W\d_]+(?:[’'][^\W\d_]+)?", sentence):
        if fold(match[0]) in words and match[0][:1].isupper():
            yield match.start(), match.end()


_COMMON: Final = frozenset("dr mr mrs ms mdm prof bin binte the and of".split())


def _phrase(sentence: str, phrase: str) -> Iterator[tuple[int, int]]:
    """A phrase in any spelling of its spaces and hyphens."""
    parts = [re.escape(part) for part in re.split(r"[\s-]+", phrase.strip()) if part]
    if not parts or sum(map(len, parts)) < SHORTEST_NAME + 1:
        return
    between = r"[\s-]*"
    pattern = rf"(?<!\w){between.join(parts)}(?!\w)"
    yield from ((match.start(), match.end()) for match in re.finditer(pattern, sentence, re.IGNORECASE))


def _digits(sentence: str, number: str) -> Iterator[tuple[int, int]]:
    """The last figures of a telephone number, however they are spaced."""
    figures = digits(number)[-8:]
    if len(figures) >= SHORTEST_NUMBER:
        pattern = r"[ ()-]*".join(figures)
        yield from ((match.start(), match.end()) for match in re.finditer(pattern, sentence))


def unanswered(found: Iterable[Flag], answered: Iterable[str]) -> list[Flag]:
    keys = set(answered)
    return [flag for flag in found if flag.key not in keys]
