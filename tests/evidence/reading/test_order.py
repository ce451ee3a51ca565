"""The order and the sides of a reader's pairs, drawn from a seed."""

from treatments.evidence.reading.order import draw, new_seed, new_token

PAIRS = list(range(40))
REPEATS = {100 + pair: pair for pair in range(6)}


def test_the_same_seed_draws_the_same() -> None:
    seed = new_seed()

    assert draw(seed, PAIRS, {}) == draw(seed, PAIRS, {})
    assert draw(seed, PAIRS, {}) != draw(new_seed(), PAIRS, {})


def test_every_pair_comes_once() -> None:
    order = draw(new_seed(), [*PAIRS, *REPEATS], REPEATS)

    assert sorted(shown.pair for shown in order) == sorted([*PAIRS, *REPEATS])


def test_a_repeat_has_its_sides_changed() -> None:
    sides = {shown.pair: shown.later_is_right for shown in draw(new_seed(), [*PAIRS, *REPEATS], REPEATS)}

    assert all(sides[repeat] is not sides[pair] for repeat, pair in REPEATS.items())


def test_pair_and_repeat_lie_apart() -> None:
    """Ten others between them where the round is long enough, whichever of the two comes first."""
    repeat_first = 0
    for _ in range(40):
        place = {shown.pair: index for index, shown in enumerate(draw(new_seed(), [*PAIRS, *REPEATS], {100: 0}))}
        assert abs(place[100] - place[0]) >= 10
        repeat_first += place[100] < place[0]

    assert 5 < repeat_first < 35


def test_sides_and_order_follow_chance() -> None:
    """Of 4,000 drawn sides about half, and no pair has a place of its own: ids tell nothing."""
    drawn = [draw(new_seed(), PAIRS, {}) for _ in range(100)]
    on_the_right = sum(shown.later_is_right for order in drawn for shown in order)
    places_of_first = {[shown.pair for shown in order].index(0) for order in drawn}

    assert 1850 < on_the_right < 2150
    assert len(places_of_first) > 20


def test_tokens_share_nothing() -> None:
    tokens = {new_token() for _ in range(1000)}

    assert len(tokens) == 1000 and {len(token) for token in tokens} == {24}
    assert max(sum(token.startswith(first) for token in tokens) for first in {token[0] for token in tokens}) < 50
