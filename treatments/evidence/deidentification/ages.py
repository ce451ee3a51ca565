"""Ages as they may be printed. No Django here.

The privacy rule of the United States (HIPAA, Safe Harbor) gathers every age above 89 in one group, since so few people
are that old.
"""

from __future__ import annotations

from typing import Final

OLDEST: Final = 89


def age_words(years: int, *, is_approximate: bool = False) -> str:
    """ "60 years old", "about 60 years old"; "over 89 years old" for whoever is older than 89."""
    if years > OLDEST:
        return f"over {OLDEST} years old"
    return f"{'about ' if is_approximate else ''}{years} years old"
