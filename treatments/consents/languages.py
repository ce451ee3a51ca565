"""Languages of consent forms: BCP 47 tags, their names, and the direction in which they are written. No Django here.

Tags and directions: BCP 47 (RFC 5646) and the script each language is usually written in (ISO 15924, Unicode CLDR).
"""

from __future__ import annotations

import re
from typing import Final

LANGUAGES: Final[dict[str, str]] = {
    "en": "English",
    "ar": "Arabic",
    "bn": "Bengali",
    "my": "Burmese",
    "zh-Hans": "Chinese, simplified",
    "zh-Hant": "Chinese, traditional",
    "nl": "Dutch",
    "fil": "Filipino",
    "fr": "French",
    "de": "German",
    "el": "Greek",
    "he": "Hebrew",
    "hi": "Hindi",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "km": "Khmer",
    "ko": "Korean",
    "ms": "Malay",
    "fa": "Persian",
    "pl": "Polish",
    "pt": "Portuguese",
    "pa": "Punjabi",
    "ru": "Russian",
    "es": "Spanish",
    "ta": "Tamil",
    "te": "Telugu",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
}
"""The languages offered by name, English first; any other has its tag and name written by hand."""

LONGEST_TAG: Final = 35  # RFC 5646, section 4.4.1
_RIGHT_TO_LEFT: Final = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "syr", "ug", "ur", "yi"})
_RIGHT_TO_LEFT_SCRIPTS: Final = frozenset({"adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"})
# Language, perhaps script, region and variants: what a lang attribute needs. No private extensions.
_TAG: Final = re.compile(
    r"(?P<language>[A-Za-z]{2,3})(?:-(?P<script>[A-Za-z]{4}))?(?:-(?P<region>[A-Za-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:-[A-Za-z0-9]{5,8}|-[0-9][A-Za-z0-9]{3})*)"
)


def tag(text: str) -> str:
    """The tag as BCP 47 spells it: "zh-hans-sg" becomes "zh-Hans-SG". Raises ValueError with a sentence."""
    match = _TAG.fullmatch(text.strip().replace("_", "-"))
    if match is None or len(text) > LONGEST_TAG:
        raise ValueError("This is no language tag. Write the code of the language, for example sw or pt-BR.")
    parts = [match["language"].lower(), (match["script"] or "").title(), (match["region"] or "").upper()]
    return "-".join(part for part in parts if part) + match["variants"].lower()


def direction(language: str) -> str:
    """ "rtl" for a language that is written from right to left, else "ltr": the value of a dir attribute."""
    match = _TAG.fullmatch(language)
    if match is None:
        return "ltr"
    if match["script"]:
        return "rtl" if match["script"].lower() in _RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if match["language"].lower() in _RIGHT_TO_LEFT else "ltr"
