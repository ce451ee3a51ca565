"""A day and a time as a message says them: in the language of the text, by the names and forms that Django ships.

The language of a text is a word of the clinic's own ("Deutsch", "German", "de"). Where it is none that Django has the
days and months of, the day stands in figures that every language reads alike (ISO 8601), and the pages say so.
"""

import datetime
import re
from functools import cache
from typing import Final

from django.conf.locale import LANG_INFO
from django.utils import dateformat, formats, translation

from treatments.consents.languages import LANGUAGES
from treatments.records.formatting import day
from treatments.records.text.text_folding import fold

ENGLISH: Final = "en"
_DATE_FIRST: Final = ("ja", "ko", "zh")
"""Languages that write the weekday behind the date."""
_COMMAS: Final = dict.fromkeys(("ar", "fa", "ur"), "، ") | dict.fromkeys(_DATE_FIRST, " ")
# Both scripts write a day in the same signs.
_MORE_NAMES: Final = {"chinese": "zh-hans", "中文": "zh-hans"}
_BEHIND_NAME: Final = re.compile(r"\s*[(,/].*")


def code_of(language: str) -> str:
    """Django's code of the language that a clinic named; "" where days and months are not known in it."""
    written = fold(language)
    known = _codes()
    code = known.get(written) or known.get(fold(_BEHIND_NAME.sub("", language))) or ""
    if code.split("-")[0] == ENGLISH:
        return ENGLISH
    return code if code and _has_days(code) else ""


def day_and_time(on: datetime.date | None, at: datetime.time | None, language: str) -> tuple[str, str]:
    """("Mittwoch, 3. Dezember 2025", "14:30"); "" for what is not given.

    The time is written by 24 hours in every language: Django's words for the halves of a day are wrong in some.
    """
    shown_time = f"{at:%H:%M}" if at else ""
    return _day(on, code_of(language)) if on else "", shown_time


def _day(on: datetime.date, code: str) -> str:
    if not code:
        return on.isoformat()
    if code == ENGLISH:
        return f"{on:%A} {day(on)}"
    with translation.override(code):
        weekday, date = dateformat.format(on, "l"), formats.date_format(on, "DATE_FORMAT")
        if not any(sign.isalpha() for sign in date):  # 3/12 is two days
            date = dateformat.format(on, "j E Y")
    base = code.split("-")[0]
    parts = (date, weekday) if base in _DATE_FIRST else (weekday, date)
    return _COMMAS.get(base, ", ").join(parts)


@cache
def _codes() -> dict[str, str]:
    """Codes by their own spelling, and by what the language is called in English and by whoever speaks it."""
    found: dict[str, str] = dict(_MORE_NAMES)
    for code, told in LANG_INFO.items():
        if "name" not in told:  # an older spelling of another code
            continue
        for name in (code, told["name"], told["name_local"]):
            found.setdefault(fold(name), code)
    for tag, name in LANGUAGES.items():
        if tag.lower() in LANG_INFO:
            found.setdefault(fold(name), tag.lower())
    return found


@cache
def _has_days(code: str) -> bool:
    """Whether Django has words for the days and the months: of some languages it has few."""
    days = [datetime.date(2025, month, month) for month in range(1, 13)]
    with translation.override("en"):
        english = {dateformat.format(each, word) for each in days for word in "lF"}
    with translation.override(code):
        own = {dateformat.format(each, word) for each in days for word in "lF"}
    return len(own & english) < len(english) / 2
