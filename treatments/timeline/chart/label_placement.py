"""Where the labels of the chart stand.

A label stands clear of every mark, error bar, line and other label, or it is not written at all: what is left out
is counted, said beside the lane, and read in the table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from treatments.timeline.chart.text_metrics import Box, Lines, Place, label_box

LAST = 1000  # more than there are places
Places = Sequence[Place] | Callable[[Lines], Sequence[Place]]


@dataclass(frozen=True, slots=True)
class Room:
    """The space for labels: within the bounds, and off everything that is taken."""

    left: float
    right: float
    bottom: float
    taken: Sequence[Box] = ()

    def is_free(self, box: Box) -> bool:
        inside = box.left >= self.left and box.right <= self.right and box.bottom <= self.bottom
        return inside and not any(box.meets(other) for other in self.taken)

    def without(self, box: Box) -> Room:
        return Room(self.left, self.right, self.bottom, [*self.taken, box])


@dataclass(frozen=True, slots=True)
class Wish:
    """One label: its wordings, the best first, and where each of them may stand, the best first.

    So many of the wordings as `whole` says leave nothing out, None for all of them. For a better one of these the
    label goes `stubborn` places further; for a whole one it goes to the last.
    """

    wordings: Sequence[Lines]
    places: Places
    whole: int | None = None
    stubborn: int = LAST

    def is_whole(self, rank: int) -> bool:
        return self.whole is None or rank < self.whole

    def loss(self, rank: int, number: int) -> int:
        """What a wording at one of the places loses against the best at the first."""
        return rank * self.stubborn + number + (0 if self.is_whole(rank) else LAST * LAST)

    def places_for(self, lines: Lines) -> Sequence[Place]:
        return self.places(lines) if callable(self.places) else self.places


@dataclass(frozen=True, slots=True)
class Placed:
    """A wording at its place, and what it lost against its best."""

    lines: Lines
    place: Place
    loss: int = 0
    is_whole: bool = True

    @property
    def box(self) -> Box:
        return label_box(self.place, self.lines)


def place(room: Room, wish: Wish) -> Placed | None:
    """The free place that loses least; None where there is none."""
    best: Placed | None = None
    for rank, lines in enumerate(wish.wordings):
        for number, where in enumerate(wish.places_for(lines)):
            loss = wish.loss(rank, number)
            if best is not None and best.loss <= loss:
                break
            if room.is_free(label_box(where, lines)):
                best = Placed(lines, where, loss, wish.is_whole(rank))
                break
    return best


def place_all(room: Room, wishes: Sequence[Wish]) -> list[Placed | None]:
    """A place for as many as possible, in the best wordings; earlier wishes go before later ones.

    Each round lets those choose first that came off badly in the last, and the best round is taken.
    """
    order = list(range(len(wishes)))
    best: list[Placed | None] = [None] * len(wishes)
    tried: list[list[int]] = []
    while order not in tried:
        tried.append(order)
        found = _in_turn(room, wishes, order)
        if len(tried) == 1 or total_loss(found) < total_loss(best):
            best = found
        order = sorted(order, key=lambda number: -_lost(found[number]))
    return best


def _in_turn(room: Room, wishes: Sequence[Wish], order: Sequence[int]) -> list[Placed | None]:
    found: list[Placed | None] = [None] * len(wishes)
    for number in order:
        placed = place(room, wishes[number])
        if placed is not None:
            found[number] = placed
            room = room.without(placed.box)
    return found


def total_loss(found: Sequence[Placed | None]) -> int:
    """To be left out is worse than any wording at any place."""
    return sum(map(_lost, found))


def _lost(placed: Placed | None) -> int:
    return LAST**3 if placed is None else placed.loss
