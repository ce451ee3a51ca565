import pytest

from treatments.courses.vocabulary import (
    BREAKS_SKIN,
    NEEDLE_ROUTES,
    PHASE_DEFINITIONS,
    ROUTE_DEFINITIONS,
    Phase,
    Route,
    pain_word,
)


@pytest.mark.parametrize(
    ("score", "word"),
    [(0, "none"), (1, "mild"), (3, "mild"), (4, "moderate"), (6, "moderate"), (7, "severe"), (10, "severe")],
)
def test_pain_in_words(score, word):
    assert pain_word(score) == word


@pytest.mark.parametrize("score", [-1, 11])
def test_pain_outside_the_scale_is_refused(score):
    with pytest.raises(ValueError):
        pain_word(score)


def test_every_route_and_phase_is_explained():
    assert set(ROUTE_DEFINITIONS) == set(Route)
    assert set(PHASE_DEFINITIONS) == set(Phase)


def test_only_topical_leaves_skin_whole():
    """Only topical use leaves the skin whole."""
    assert Route.TOPICAL_ONLY not in BREAKS_SKIN
    assert NEEDLE_ROUTES < BREAKS_SKIN
    assert Route.MICRONEEDLING_TOPICAL in BREAKS_SKIN
