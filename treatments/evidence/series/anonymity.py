"""Which rows of a file that leaves could single somebody out, by k-anonymity (Sweeney 2002; PDPC Singapore, guide to
basic anonymisation, 2022, annex C). No Django here.

A row is held back, not blurred, where fewer than five rows of the file are alike in all that others may know of a
patient. What is held back is counted in the file.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

K: Final = 5
"""How many rows must be alike. Nobody can pass it."""
BAND: Final = 5
OLDEST: Final = 90
UNKNOWN: Final = "unknown"
NOT_TOLD: Final = "not told"
FEWEST_APART: Final = 3
"""Of what is told as a sum beside rows, so many at least are in no row."""
R = TypeVar("R")


def age_band(age: int | None) -> str:
    """ "40 to 44", "90 or more"; never written so that a spreadsheet takes it for a day."""
    if age is None or age < 0:
        return UNKNOWN
    if age >= OLDEST:
        return f"{OLDEST} or more"
    first = age // BAND * BAND
    return f"{first} to {first + BAND - 1}"


class Sum(NamedTuple, Generic[R]):
    """Those of whom something is told together, such as a mean: `has` says whether a row is among them, and `beside` is
    how many of them are in no row at all."""

    has: Callable[[R], bool]
    beside: int


def held_back(
    rows: Sequence[R],
    alike_in: Callable[[R], Hashable],
    *,
    k: int = K,
    beside: int = 0,
    sums: Sequence[Sum[R]] = (),
    draw: Callable[[R], str] = str,
) -> tuple[list[R], int]:
    """The rows that may leave, in their order, and how many may not.

    `beside` are cases that are in no row and in the sum of all that is told with them; `sums` are told of some. Where
    one or two of a sum were left out so, what they were is a subtraction away: then a row of a larger group that is in
    it stays too, the first by `draw`, or a whole group. `draw` is always the same for a row, or another file of the
    same cases would hold what this one does not.
    """
    sizes = Counter(map(alike_in, rows))
    kept = [row for row in rows if sizes[alike_in(row)] >= k]
    told = [Sum[R](lambda row: True, beside), *sums]
    while (given_away := next((each for each in told if _gives_away(each, rows, kept)), None)) is not None:
        sizes = Counter(map(alike_in, kept))
        larger = [place for place, row in enumerate(kept) if given_away.has(row) and sizes[alike_in(row)] > k]
        if larger:
            del kept[min(larger, key=lambda place: draw(kept[place]))]
        else:
            groups = {alike_in(row) for row in kept if given_away.has(row)}
            smallest = min(groups, key=lambda group: (sizes[group], str(group)))
            kept = [row for row in kept if alike_in(row) != smallest]
    return kept, len(rows) - len(kept)


def _gives_away(told: Sum[R], rows: Sequence[R], kept: Sequence[R]) -> bool:
    """Whether one or two of a sum are in no row, beside others who are."""
    seen = sum(map(told.has, kept))
    return seen > 0 and 0 < sum(map(told.has, rows)) + told.beside - seen < FEWEST_APART


def told_counts(
    counts: Mapping[str, int], *, listed: Mapping[str, int] | None = None, k: int = K
) -> list[tuple[str, str]]:
    """Counts of people as they may leave, with their sum known: from 1 to 4 is "not told", a true 0 stays 0.

    Where the sum would give such a number away, the smallest of the others is not told either, and the next, until each
    could be more than one number. `listed` are those of each count whom the reader sees one by one. Without an answer
    ([]) even that does not hide them: then no value is named, since each that is named is at least 1.
    """
    hidden = [name for name, number in counts.items() if 0 < number < k]
    others = sorted((name for name, number in counts.items() if number >= k), key=lambda name: counts[name])
    while hidden and (len(hidden) < 2 or _apart(hidden, counts, listed or {}) <= len(hidden)):
        if not others:
            return []
        hidden.append(others.pop(0))
    return [(name, NOT_TOLD if name in hidden else str(number)) for name, number in counts.items()]


def _apart(names: Sequence[str], counts: Mapping[str, int], listed: Mapping[str, int]) -> int:
    """How many of these are not seen one by one."""
    return sum(counts[name] - listed.get(name, 0) for name in names)
