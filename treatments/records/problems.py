"""What a clinical rule objects to, in a sentence for the person who can correct it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One breach of a rule: of one of the numbered ones, or of one that a page has besides, by name.

    An error means the record would be false or the patient unsafe; a warning may be passed with a
    reason. `field` names the value it belongs to, "" for the whole record. `code` tells apart what
    one rule objects to: no two of its objections share one.
    """

    rule: int | str
    level: Level
    field: str
    sentence: str
    code: str

    @property
    def is_error(self) -> bool:
        return self.level == "error"


def error(rule: int | str, field: str, sentence: str, code: str) -> Problem:
    return Problem(rule, "error", field, sentence, code)


def warning(rule: int | str, field: str, sentence: str, code: str) -> Problem:
    return Problem(rule, "warning", field, sentence, code)
