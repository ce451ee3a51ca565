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

from treatments.evidence.deidentification.patterns import COMPILED, EPONYMS, MONTH, NO_PLACE, PLACE
from treatments.records.text.text_folding import digits, fold

SHORTEST_NAME: Final = 2
SHORTEST_NUMBER: Final = 6
SHORTEST_IN_SMALL: Final = 3
"""In small letters a name has more letters than this, or it is taken for a word."""
MOST_SENTENCE: Final = 500
_SENTENCE: Final = re.compile(r"[^.!?。！？\n]+(?:[.!?。！？]+(?=\s|$)|$)|\S[^\n]*", re.UNICODE)
# Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese: no space parts one word from the next, or no name from its case.
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_MARKS: Final = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0b80-\u0bcd"
)
_WORD: Final = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{_MARKS}]|[’'](?=[^\W\d_]))*")
_ARABIC_PREFIX: Final = re.compile(
    "^(?:[\u0648\u0641\u0628\u0644\u0643](?:\u0627\u0644)?|\u0627\u0644|\u0644\u0644)(?=[\u0600-\u06ff]{2})"
)
"""And, so, by, for, as, the: written together with the word behind them."""


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
    """A full stop behind a title ends no sentence, nor does one between a day and its month."""
    text = re.sub(r"\b(\d{1,2})\.\s(?=[^\W\d_]{3,10}\s+\d{4}\b)", r"\1 ", text)
    return re.sub(r"\b(Mr|Mrs|Ms|Mdm|Dr|Prof|No|no(?=\.\s\w?\d)|St|approx)\.\s", r"\1 ", text)


def _in_sentence(sentence: str, known: Known, *, is_of_others: bool) -> Iterator[tuple[str, int, int]]:
    yield from _of_the_record(sentence, known)
    if is_of_others:
        return
    for kind, pattern in COMPILED:
        for match in pattern.finditer(sentence):
            if kind == "a telephone number" and len(digits(match[0])) < SHORTEST_NUMBER + 1:
                continue
            yield kind, match.start(), match.end()
    for match in PLACE.finditer(sentence):
        words = [word for word in match[1].split() if fold(word) not in NO_PLACE]
        if words and fold(match[1].split()[0]) not in NO_PLACE and not _is_month(words[0]):
            yield "a place", match.start(1), match.end(1)


def _is_month(word: str) -> bool:
    return re.fullmatch(MONTH, word, re.IGNORECASE) is not None


def _of_the_record(sentence: str, known: Known) -> Iterator[tuple[str, int, int]]:
    for whose, name in known.names:
        yield from ((f"the name of {whose}", *span) for span in _name(sentence, name, is_patient=names_patient(whose)))
    for place in known.places:
        yield from (("the clinic or its address", *span) for span in _phrase(sentence, place))
    for code in known.codes:
        yield from (("a number of this record", *span) for span in _phrase(sentence, code))
        for figures in re.findall(r"0\d{3,}|\d{5,}", code):
            yield from (("a number of this record", *span) for span in _phrase(sentence, figures))
    for number in known.numbers:
        yield from (("a telephone number of this record", *span) for span in _digits(sentence, number))
    for address in known.addresses:
        yield from (("an e-mail address of this record", *span) for span in _phrase(sentence, address))


def names_patient(whose: str) -> bool:
    """Of a name among those that are known, not a person of the clinic."""
    return whose.endswith("patient")


def _name(sentence: str, name: str, *, is_patient: bool) -> Iterator[tuple[int, int]]:
    """Each word of a name, folded. A name in a script without spaces is looked for anywhere in the text.

    Where a script has capitals, a word needs one, or "will" would be Will: but beside another word of the same name or
    behind a title it needs none, and a patient's needs none where it is no common word.
    """
    if _UNSPACED.search(name):
        whole = "".join(name.split())
        for part in dict.fromkeys([whole, whole[1:]] if len(whole) > SHORTEST_NAME else [whole]):
            yield from ((match.start(), match.end()) for match in re.finditer(re.escape(part), sentence))
        return
    words = {fold(word) for word in re.split(r"[\s,.-]+", name)}
    words = {word for word in words if len(word) >= SHORTEST_NAME and word not in EPONYMS | _COMMON}
    found = [(match, _word_of(match[0], words)) for match in _WORD.finditer(sentence)]
    for place, (match, word) in enumerate(found):
        if not word:
            continue
        beside = {other for _, other in found[max(0, place - 1) : place + 2]} - {"", word}
        title = place > 0 and fold(found[place - 1][0][0]) in _TITLES
        is_name = not match[0][:1].islower() or beside or title
        if is_name or (is_patient and len(word) > SHORTEST_IN_SMALL and word not in _ALSO_WORDS):
            yield match.start(), match.end()


def _word_of(text: str, words: set[str]) -> str:
    """Which word of a name it is: as it stands, without its genitive, or without what Arabic writes before it."""
    for spelling in (text, re.split("[’']", text)[0], _ARABIC_PREFIX.sub("", text)):
        if (word := fold(spelling)) in words:
            return word
    return ""


_COMMON: Final = frozenset("dr mr mrs ms mdm prof bin binte the and of".split())
_TITLES: Final = frozenset("dr mr mrs ms miss mdm madam prof".split())
# Names that are words as well: in small letters they are taken for the word.
_ALSO_WORDS: Final = frozenset(
    "bell bloom brown chance charity christian cook dawn dean drew earl faith field forest frank grace grant gray green"
    " grey guy hall hand heath holly hope hunter iris jack jade joy june king lily long love march mark mason may moon"
    " noble olive page park parker pearl penny pink price prince rain ray reed rich rob robin rose ruby sage shell"
    " short silver sky song star stern stone storm summer thin thyme violet wang ward white wild will wood young"
    " basil ginger bald crown hair vertex scalp".split()
)


def _phrase(sentence: str, phrase: str) -> Iterator[tuple[int, int]]:
    """A phrase in any spelling of its spaces, hyphens, slashes and full stops."""
    parts = [re.escape(part) for part in re.split(r"[\s\-–/._]+", phrase.strip()) if part]
    if not parts or sum(map(len, parts)) < SHORTEST_NAME + 1:
        return
    between = r"[\s\-–/._]*"
    pattern = rf"(?<!\w){between.join(parts)}(?!\w)"
    yield from ((match.start(), match.end()) for match in re.finditer(pattern, sentence, re.IGNORECASE))


def _digits(sentence: str, number: str) -> Iterator[tuple[int, int]]:
    """The last figures of a telephone number, however they are spaced."""
    figures = digits(number)[-8:]
    if len(figures) >= SHORTEST_NUMBER:
        pattern = r"[ ().\-–/]*".join(figures)
        yield from ((match.start(), match.end()) for match in re.finditer(pattern, sentence))


def unanswered(found: Iterable[Flag], answered: Iterable[str]) -> list[Flag]:
    keys = set(answered)
    return [flag for flag in found if flag.key not in keys]
