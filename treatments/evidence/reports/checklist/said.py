"""How numbers, spans, sexes, stages and regions stand in a sentence: in figures or spelled out. No Django here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_SMALL: Final = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen".split()
)
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS: Final = {
    **{word: number for number, word in enumerate(_SMALL, start=1)},
    **{word: 10 * number for number, word in enumerate(_TENS, start=2)},
    "hundred": 100,
}
_SPELLED: Final = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_SMALL[:9])}))?|{'|'.join(reversed(_SMALL))}|hundred)"
NUMBER: Final = rf"(?:\d+(?:[.,]\d+)?|{_SPELLED}(?:\s+and\s+a\s+half)?)"
"""A number in figures or words; `figure` reads it."""
_ORDINALS: Final = {
    word: number
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), start=1
    )
}
DECADE: Final = rf"(?:(?:{'|'.join(word.removesuffix('y') for word in _TENS)})ies|[1-9]0[’']?s)"
"""Ten years of an age, as in "in his forties"; `decade` reads it."""
ORDINAL: Final = rf"(?:{'|'.join(_ORDINALS)}|\d+(?:st|nd|rd|th))"
_ROMAN: Final = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7}
_SCALES: Final = r"Norwood|Hamilton|Ludwig|Sinclair|Savin|Olsen"
_STAGE: Final = re.compile(
    rf"\b(?:(?P<scale>{_SCALES})(?:[- ](?:{_SCALES}))?[^.;,]{{0,25}}?(?:\b(?:[Ss]tage|[Tt]ype|[Gg]rade)\s+)?"
    r"|(?:[Ss]tage|[Tt]ype)\s+)(?<![\w])(?P<stage>VII|VI|IV|V|III|II|I|[1-7])(?:a|v)?\b(?![-–]?\s*(?:sessions?|mL|months?|years?|%))"
)
_SKIN: Final = re.compile(r"\bFitzpatrick[^.;]*?\b(?:VI|IV|V|III|II|I|[1-6])\b|\btype\s+[12]\s+diabetes", re.I)
_HER: Final = re.compile(r"\b(?:woman|female|lady|girl|she|her|hers|herself)\b", re.I)
_HIS: Final = re.compile(r"\b(?:man|male|gentleman|boy|he|him|his|himself)\b", re.I)
_PATTERN_NAME: Final = re.compile(r"\b(?:fe)?male[- ](?:pattern|androgenetic|baldness)|\b(?:fe)?male\s+AGA", re.I)
_RELATIVE: Final = re.compile(
    r"\b(?:mother|father|sister|brother|wife|husband|partner|daughter|son|aunt|uncle|grand\w+|colleague|clinician|"
    r"doctor|physician|nurse|reader)s?\b",
    re.I,
)
REGION_WORDS: Final = {
    "frontal": r"frontal|hairline|forehead",
    "temporal": r"temporal|temples?",
    "mid_scalp": r"mid-?\s?scalp",
    "vertex": r"vertex|crown",
    "parietal": r"parietal",
    "occipital": r"occipital|occiput",
    "beard": r"beard",
    "eyebrow": r"eyebrows?|brows?",
}
"""How a region is written; left and right of one are one."""


def figure(text: str) -> float:
    """The value of what NUMBER matches: "3,5", "twenty-five", "three and a half"."""
    words, half, _ = re.sub(r"\s+", " ", text.lower()).partition(" and a half")
    if words[:1].isdigit():
        return float(words.replace(",", "."))
    return sum(_WORDS[part] for part in re.split(r"[- ]", words) if part) + (0.5 if half else 0)


def decade(text: str) -> int:
    """The first of its ten years: "forties", "40s"."""
    return int(text[:2]) if text[:1].isdigit() else int(_WORDS[text.lower().removesuffix("ies") + "y"])


def ordinal(text: str) -> int:
    """ "sixth", "6th"."""
    return _ORDINALS.get(text.lower()) or int(re.sub(r"\D", "", text))


def stages(sentence: str) -> Iterator[tuple[str, int, str]]:
    """Each stage of hair loss that is named: its scale, "" where none is, its number, and the words; no skin type."""
    for match in _STAGE.finditer(_SKIN.sub(" ", sentence)):
        told = match["stage"]
        yield (match["scale"] or "").lower(), _ROMAN.get(told) or int(told), match[0].strip()


def sex(sentence: str) -> str:
    """ "female" or "male" where a sentence says one of the two of the patient; "" where it says neither or both, or
    speaks of somebody else too."""
    if _RELATIVE.search(sentence):
        return ""
    told = _PATTERN_NAME.sub(" ", sentence)
    is_her, is_his = _HER.search(told) is not None, _HIS.search(told) is not None
    return "" if is_her == is_his else "female" if is_her else "male"


def regions(sentence: str) -> frozenset[str]:
    return frozenset(code for code, words in REGION_WORDS.items() if re.search(rf"\b(?:{words})\b", sentence, re.I))
