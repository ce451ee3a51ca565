"""Stages as clinics write them: "3v", "III v", "NW III vertex" and "Norwood 3 vertex" are one. No Django here."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from treatments.assessments.scales import basp
from treatments.assessments.scales.basp import BASP
from treatments.assessments.scales.catalogue import SCALES, Grading
from treatments.records.text.text_folding import fold

_ROMAN: Final = {"vii": 7, "vi": 6, "iv": 4, "v": 5, "iii": 3, "ii": 2, "i": 1}
_NAMES: Final = {
    "norwood_1975": ("hamilton norwood", "norwood hamilton", "norwood", "hamilton", "nw", "nh"),
    "ludwig_1977": ("ludwig",),
    "sinclair_modified_men": ("sinclair modified for men", "sinclair men", "sinclair (men)"),
    "sinclair_2004": ("sinclair",),
    "savin_1996": ("savin",),
    "olsen_1999": ("olsen",),
    "basp_2007": ("basp",),
}
_FILLERS: Final = re.compile(r"\b(?:scale|stage|type|grade|class|stadium)\b")
_NUMBERED: Final = re.compile(r"([1-7]) ?(a|v|vertex)?")
_ROMAN_FIRST: Final = re.compile(r"(vii|vi|iv|iii|ii|i|v) ?(a|v|vertex)?")


def read(text: str, *, scale: str = "") -> Grading:
    """The scale that the words name, else the one given, and the stage of it. Raises ValueError with a sentence.

    "IV" is stage 4 and "III v" stage 3 vertex; "VV" and what names two stages ("3-4", "I-II") are none.
    """
    named, rest = _named_scale(text)
    scale_code = named or scale
    if not scale_code:
        raise ValueError(f"“{text}” is a stage of several scales. Say which scale this column uses.")
    code = _codes(scale_code).get(_key(rest))
    if code is None and SCALES[scale_code] is BASP:
        try:
            code = basp.stage("".join(rest.split()).upper()).code
        except ValueError:
            code = None
    if code is None:
        raise ValueError(f"“{text}” is not a stage of {SCALES[scale_code].name}.")
    return Grading(scale_code, code)


def scale_of_heading(heading: str) -> str:
    """The scale that a heading names, "" for none: "Norwood stage", "Grade (Ludwig)"."""
    words = f" {re.sub(r'[^a-z]+', ' ', fold(heading))} "
    return next((code for code, names in _NAMES.items() if any(f" {name} " in words for name in names)), "")


def _named_scale(text: str) -> tuple[str, str]:
    words = fold(text)
    for code, names in _NAMES.items():
        for name in names:
            if words.startswith(name) and not words[len(name) : len(name) + 1].isalpha():
                return code, words[len(name) :]
    return "", words


def _key(words: str) -> str:
    """The stage in one spelling: figures, and the pattern behind them. I-II is not run together to III."""
    bare = re.sub(r"[\s\-_.()]+", " ", _FILLERS.sub(" ", fold(words))).strip()
    if match := _NUMBERED.fullmatch(bare):
        return match[1] + (match[2] or "").replace("vertex", "v")
    if match := _ROMAN_FIRST.fullmatch(bare):
        return f"{_ROMAN[match[1]]}{(match[2] or '').replace('vertex', 'v')}"
    return bare.replace(" ", "")


@lru_cache
def _codes(scale: str) -> dict[str, str]:
    """Stage codes of a scale by their key, and by their label."""
    found: dict[str, str] = {}
    for code, stage in SCALES[scale].by_code.items():
        found.setdefault(_key(code), code)
        found.setdefault(_key(_named_scale(stage.label)[1]), code)
    return found
