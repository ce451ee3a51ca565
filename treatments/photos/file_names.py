"""What the name of a file says of its photo: a day, a view, and words that may name the patient. All of it is a guess.

No Django here. Names come from cameras, telephones and people, in any script; whatever cannot be read says nothing.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from treatments.photos.file_dates import FIRST_DAY
from treatments.photos.vocabulary import View
from treatments.records.partial_dates import PartialDate, of_day
from treatments.records.text.text_folding import fold, identifier_key

_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH = r"(?P<month>0[1-9]|1[0-2])"
_DAY = r"(?P<day>0[1-9]|[12]\d|3[01])"
_DAYS: Final = (
    re.compile(rf"(?<!\d){_YEAR}{_MONTH}{_DAY}(?!\d)"),
    re.compile(rf"(?<!\d){_YEAR}(?P<sep>[-_. ]){_MONTH}(?P=sep){_DAY}(?!\d)"),
    re.compile(rf"(?<!\d){_DAY}\.{_MONTH}\.{_YEAR}(?!\d)"),  # with dots the day is written first everywhere
)
_OF_A_MONTH: Final = re.compile(rf"(?<!\d){_YEAR}[-_.]{_MONTH}(?![-_.]?\d)")
VIEW_WORDS: Final[tuple[tuple[str, View], ...]] = (
    ("left oblique", View.OBLIQUE_LEFT),
    ("right oblique", View.OBLIQUE_RIGHT),
    ("natural", View.FRONTAL_NATURAL),
    ("vertex", View.VERTEX),
    ("crown", View.VERTEX),
    ("whorl", View.VERTEX),
    ("top", View.SUPERIOR_MIDLINE),
    ("midline", View.SUPERIOR_MIDLINE),
    ("midscalp", View.SUPERIOR_MIDLINE),
    ("parting", View.SUPERIOR_MIDLINE),
    ("front", View.FRONTAL),
    ("frontal", View.FRONTAL),
    ("hairline", View.FRONTAL),
    ("forehead", View.FRONTAL),
    ("left", View.TEMPORAL_LEFT),
    ("right", View.TEMPORAL_RIGHT),
    ("back", View.OCCIPITAL),
    ("occipital", View.OCCIPITAL),
    ("occiput", View.OCCIPITAL),
    ("nape", View.OCCIPITAL),
    ("donor", View.OCCIPITAL),
    ("macro", View.TARGET_MACRO),
    ("closeup", View.TARGET_MACRO),
    ("trichoscopy", View.TRICHOSCOPY),
    ("dermoscopy", View.TRICHOSCOPY),
    ("tricho", View.TRICHOSCOPY),
    ("map", View.TREATMENT_MAP),
)
"""Words of a name and the view that they mean; of two words both must stand in it, and then they win over one.

The pages hand them to static/js/photos/view-words.js, which reads them in the same way.
"""
_LETTERS = re.compile(r"[^\W\d_]+")
_PARTS = re.compile(r"[\s_\-.,;()\[\]+&'’]+")
_COUNTERS = {"img", "dsc", "dscn", "dscf", "pxl", "mvi", "image", "photo", "foto", "scan", "pic", "picture", "wa"}
"""What cameras and telephones put before a running number, which is nobody's record number."""
_LONGEST_RUN = 4
_SHORTEST_NUMBER = 3


class NameDate(NamedTuple):
    """A day, or a month, in a name, and whether the name is the folder's."""

    when: PartialDate
    is_of_folder: bool


def stem(name: str) -> str:
    """A name without its ending: "HC-0007 vertex" of "HC-0007 vertex.jpg"."""
    before, dot, ending = name.rpartition(".")
    return before if dot and before and len(ending) <= 5 and ending.isalnum() and not ending.isdigit() else name


def date_in(name: str, folder: str = "", *, latest: datetime.date) -> NameDate | None:
    """The day in the file's name, else in that of its folders, the innermost first; a month where no day is written.

    None where there is none from 1990 to `latest`, or two that differ. An order of day and month that a name leaves
    open ("03-05-2024") is not guessed.
    """
    for text, is_of_folder in [(stem(name), False), *((part, True) for part in reversed(folder.split("/")))]:
        days = {day for pattern in _DAYS for day in _days(pattern, text) if FIRST_DAY <= day <= latest}
        if len(days) > 1:
            return None
        if days:
            return NameDate(of_day(days.pop()), is_of_folder)
        months = {(found["year"], found["month"]) for found in _OF_A_MONTH.finditer(text)}
        possible = [each for each in months if FIRST_DAY <= datetime.date(int(each[0]), int(each[1]), 1) <= latest]
        if len(possible) == 1:
            return NameDate(PartialDate("-".join(possible[0])), is_of_folder)
    return None


def _days(pattern: re.Pattern[str], text: str) -> Iterator[datetime.date]:
    for found in pattern.finditer(text):
        try:
            yield datetime.date(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError:  # 31 June
            continue


def view_in(name: str, folder: str = "") -> View | None:
    """The view that the file's name means, else the innermost folder's; None where there is none, or more than one."""
    for text in [stem(name), *reversed(folder.split("/"))]:
        words = {fold(word) for word in _LETTERS.findall(text)}
        meant = [(len(rule.split()), view) for rule, view in VIEW_WORDS if words.issuperset(rule.split())]
        if meant:
            most = max(count for count, _view in meant)
            views = {view for count, view in meant if count == most}
            return views.pop() if len(views) == 1 else None
    return None


def record_keys(text: str) -> list[str]:
    """Everything in a name that may be a record number, as `identifier_key` spells it, the longest first.

    A number must have a figure in it; one of figures alone needs three of them, and is none behind "IMG" or in a date.
    """
    keys: dict[str, None] = {}
    for start, run in _runs(_without_dates(text)):
        bare = "".join(run)
        if not any(char.isdigit() for char in bare) or len(bare) < _SHORTEST_NUMBER:
            continue
        if bare.isdigit() and (len(run) > 1 or start in _COUNTERS):
            continue
        for joint in ("-", "", "/", "."):
            keys[identifier_key(joint.join(run))] = None
    return sorted(keys, key=lambda key: (-len(key), key))


def name_phrases(text: str) -> list[str]:
    """Every run of two to four words in a name, folded, and with the last word first: what may be a patient's name."""
    phrases: dict[str, None] = {}
    for _start, run in _runs(text):
        if len(run) < 2 or any(any(char.isdigit() for char in part) for part in run):
            continue
        words = [fold(part) for part in run]
        for order in (words, [*words[1:], words[0]], [words[-1], *words[:-1]]):
            phrases[" ".join(order)] = None
    return list(phrases)


def _runs(text: str) -> Iterator[tuple[str, list[str]]]:
    """Runs of one to four neighbouring parts of a text, each with the part that stands before it, folded."""
    parts = [part for part in _PARTS.split(text[:200]) if part]
    for begin in range(len(parts)):
        before = fold(parts[begin - 1]) if begin else ""
        for end in range(begin + 1, min(begin + _LONGEST_RUN, len(parts)) + 1):
            yield before, parts[begin:end]


def _without_dates(text: str) -> str:
    for pattern in (*_DAYS, _OF_A_MONTH):
        text = pattern.sub(" ", text)
    return text


def natural_key(text: str) -> tuple[tuple[int, str], ...]:
    """A key by which figures in names are ordered by their value."""
    parts = re.split(r"(\d+)", fold(text))
    return tuple((int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in parts)
