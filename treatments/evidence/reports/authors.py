"""The authors of a report, as they are typed: a line for each, "Name; affiliation; ORCID". No Django here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ORCID: Final = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dXx])$")


@dataclass(frozen=True)
class Author:
    name: str
    affiliation: str = ""
    orcid: str = ""


def authors(text: str) -> list[Author]:
    """Raises ValueError with a sentence for a line that is none."""
    return [_author(line.strip()) for line in text.splitlines() if line.strip()]


def _author(line: str) -> Author:
    parts = [part.strip() for part in line.split(";")]
    orcid = ""
    if len(parts) > 1 and (match := _ORCID.match(parts[-1])):
        orcid = match[1].upper()
        parts.pop()
        if not is_orcid(orcid):
            raise ValueError(f"{orcid} is no ORCID: its last figure does not fit. Check it at orcid.org.")
    if not parts[0]:
        raise ValueError(f"Write a name first: {line}")
    return Author(parts[0], "; ".join(filter(None, parts[1:])), orcid)


def is_orcid(orcid: str) -> bool:
    """Whether the last character checks the others (ISO 7064, MOD 11-2)."""
    figures = orcid.replace("-", "")
    total = 0
    for figure in figures[:-1]:
        total = (total + int(figure)) * 2
    check = (12 - total % 11) % 11
    return figures[-1] == ("X" if check == 10 else str(check))
