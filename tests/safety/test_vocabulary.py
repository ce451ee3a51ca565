import pytest

from treatments.safety.vocabulary import (
    KIND_FACTS,
    OPEN_OUTCOMES,
    REACTIONS_TODAY,
    ActionTaken,
    EventKind,
    Outcome,
    facts,
)


def test_ich_codes_are_stored_unchanged():
    """ICH codes are stored as they are."""
    assert ActionTaken.values == ["1", "2", "3", "4", "0", "9"]
    assert Outcome.values == ["1", "2", "3", "4", "5", "0"]
    assert OPEN_OUTCOMES == {"2", "3", "0"}


@pytest.mark.parametrize(
    "kind",
    [
        "injection_site_pain",
        "injection_site_erythema",
        "injection_site_oedema",
        "injection_site_irritation",
        "pruritus",
        "headache",
    ],
)
def test_published_reactions_are_one_tap(kind):
    """The published case's reactions are one tap each."""
    assert kind in REACTIONS_TODAY


def test_facts_of_a_kind():
    assert facts("granuloma").usual_onset == "2 weeks to 3 months"
    assert facts("lack_of_effect").snomed == ""
    assert len({f.snomed for f in KIND_FACTS.values() if f.snomed}) == sum(bool(f.snomed) for f in KIND_FACTS.values())
    with pytest.raises(ValueError):
        facts("boredom")


def test_no_grave_event_is_a_single_tap():
    grave = {EventKind.ANAPHYLAXIS, EventKind.NECROSIS, EventKind.GRANULOMA, EventKind.INFECTION}
    assert not grave & set(REACTIONS_TODAY)
