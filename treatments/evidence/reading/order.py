"""In which order and on which side a reader is shown the pairs of a round, drawn from the seed of their place.

A pair and its repeat have their sides changed; which of the two comes first is left to chance, and so is everything
else. Nothing but the seed decides: not ids, not dates, not the order in which pairs were found.
"""

import random
import secrets
from collections.abc import Hashable, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

P = TypeVar("P", bound=Hashable)
_SHUFFLES: Final = 60
_APART: Final = 10
"""So many other pairs lie between a pair and its repeat where the round is long enough."""
_TOKEN_BYTES: Final = 18  # 144 bits, 24 letters


class Shown(NamedTuple):
    """A pair, and whether the later of its photographs stands on the right."""

    pair: Hashable
    later_is_right: bool


def new_seed() -> str:
    """256 bits of the system's own chance, in hex; derived from nothing."""
    return secrets.token_hex(32)


def new_token() -> str:
    """What stands in the address of one pair for one reader: random, and no part of it tells anything."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def draw(seed: str, pairs: Sequence[P], repeats: Mapping[P, P]) -> list[Shown]:
    """Every pair once, in a random order; `repeats` maps a repeat to the pair that it repeats, both among `pairs`."""
    chance = random.Random(seed)  # noqa: S311 - the seed is secret, and nobody learns enough to guess on
    first = [pair for pair in pairs if pair not in repeats]
    later_is_right = {pair: chance.random() < 0.5 for pair in first}
    later_is_right |= {pair: not later_is_right[repeats[pair]] for pair in repeats}
    wanted = min(_APART, len(pairs) // 4)
    best, gap = list(pairs), -1
    for _ in range(_SHUFFLES):
        order = list(pairs)
        chance.shuffle(order)
        place = {pair: index for index, pair in enumerate(order)}
        nearest = min((abs(place[pair] - place[of]) for pair, of in repeats.items()), default=wanted)
        if nearest > gap:
            best, gap = order, nearest
        if gap >= wanted:
            break
    return [Shown(pair, later_is_right[pair]) for pair in best]
