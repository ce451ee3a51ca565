"""Which rows of a file that leaves could single somebody out, by k-anonymity (Sweeney 2002; PDPC Singapore, guide to
basic anonymisation, 2022, annex C). No Django here.

A row is held back, not blurred, where fewer than five rows of the file are alike in all that others may know of a
patient. What is held back is counted in the file.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import Final, TypeVar

K: Final = 5
"""How many rows must be alike. Nobody can pass it."""
BAND: Final = 5
OLDEST: Final = 90
UNKNOWN: Final = "unknown"
R = TypeVar("R")


def age_band(age: int | None) -> str:
    """ "40 to 44", "90 or more"; never written so that a spreadsheet takes it for a day."""
    if age is None or age < 0:
        return UNKNOWN
    if age >= OLDEST:
        return f"{OLDEST} or more"
    first = age // BAND * BAND
    return f"{first} to {first + BAND - 1}"


def held_back(rows: Sequence[R], alike_in: Callable[[R], Hashable], *, k: int = K) -> tuple[list[R], int]:
    """The rows that may leave, in their order, and how many may not."""
    sizes = Counter(map(alike_in, rows))
    kept = [row for row in rows if sizes[alike_in(row)] >= k]
    return kept, len(rows) - len(kept)


def told_counts(counts: dict[str, int], *, k: int = K) -> list[tuple[str, str]]:
    """Counts of people as they may leave, with their sum known: from 1 to 4 is "fewer than 5", a true 0 stays 0.

    Where a single count is hidden so, the sum would give it away: then the smallest of the others is told as "5 or
    more".
    """
    hidden = [name for name, number in counts.items() if 0 < number < k]
    shown = {name: f"fewer than {k}" if name in hidden else str(number) for name, number in counts.items()}
    others = [name for name, number in counts.items() if number >= k]
    if len(hidden) == 1 and others:
        shown[min(others, key=lambda name: counts[name])] = f"{k} or more"
    return list(shown.items())
