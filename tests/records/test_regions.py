import pytest

from treatments.records.regions import (
    DEFINITIONS,
    INJECTABLE,
    LATERALITY,
    SNOMED,
    Region,
    VertexSite,
    region_from_text,
    roll_up,
)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("crown", Region.VERTEX),
        (" Crown ", Region.VERTEX),
        ("Vertex", Region.VERTEX),
        ("vertex_upper_arc", Region.VERTEX),
        ("Vertex, transition point", Region.VERTEX),
        ("left temple", Region.TEMPORAL_LEFT),
        ("temporal_right", Region.TEMPORAL_RIGHT),
        ("mid-scalp", Region.MID_SCALP),
        ("Forelock", Region.FRONTAL),
        ("whole scalp", Region.WHOLE_SCALP),
    ],
)
def test_a_region_is_read_from_its_code_label_or_alias(text, region):
    assert region_from_text(text) is region


@pytest.mark.parametrize(
    ("text", "said"), [("temple", "which side"), ("elbow", "not a scalp region"), ("", "not a scalp region")]
)
def test_what_is_no_region_is_refused_with_what_to_do(text, said):
    with pytest.raises(ValueError, match=said):
        region_from_text(text)


def test_a_volume_cannot_go_to_the_whole_scalp():
    assert Region.WHOLE_SCALP not in INJECTABLE
    assert len(INJECTABLE) == len(Region) - 1


@pytest.mark.parametrize("site", list(VertexSite))
def test_vertex_sites_count_towards_the_vertex(site):
    assert roll_up(site.value) is Region.VERTEX


def test_rolling_up_keeps_a_region_and_refuses_the_rest():
    assert roll_up("occipital") is Region.OCCIPITAL
    with pytest.raises(ValueError):
        roll_up("crown")


def test_every_region_has_a_concept_and_a_definition():
    assert set(SNOMED) == set(DEFINITIONS) == set(Region)
    assert SNOMED[Region.VERTEX].code == "61719002"


def test_the_two_sides_differ_by_laterality_alone():
    for left, right in ((Region.TEMPORAL_LEFT, Region.TEMPORAL_RIGHT), (Region.PARIETAL_LEFT, Region.PARIETAL_RIGHT)):
        assert SNOMED[left] == SNOMED[right]
        assert (LATERALITY[left].code, LATERALITY[right].code) == ("7771000", "24028007")
