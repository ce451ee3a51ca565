import pytest

from treatments.records.regions import (
    BESIDE_THE_SCALP,
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
        ("ＣＲＯＷＮ", Region.VERTEX),
        ("mid‑sc\u00adalp", Region.MID_SCALP),
        ("whole scalp", Region.WHOLE_SCALP),
        ("beard", Region.BEARD),
        ("left brow", Region.EYEBROW_LEFT),
        ("eyebrow right", Region.EYEBROW_RIGHT),
    ],
)
def test_region_from_code_label_or_alias(text, region):
    """A region is read from its code, label or alias."""
    assert region_from_text(text) is region


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("temple", "which side"), ("eyebrow", "which side"), ("elbow", "not a region"), ("", "not a region")],
)
def test_no_region_is_refused(text, sentence):
    """What is no region is refused with what to do."""
    with pytest.raises(ValueError, match=sentence):
        region_from_text(text)


def test_whole_scalp_takes_no_volume():
    """A volume cannot go to the whole scalp."""
    assert Region.WHOLE_SCALP not in INJECTABLE
    assert len(INJECTABLE) == len(Region) - 1


@pytest.mark.parametrize("site", list(VertexSite))
def test_vertex_sites_count_to_the_vertex(site):
    """Vertex sites count towards the vertex."""
    assert roll_up(site.value) is Region.VERTEX


def test_roll_up_keeps_regions_or_refuses():
    """Rolling up keeps a region and refuses the rest."""
    assert roll_up("occipital") is Region.OCCIPITAL
    with pytest.raises(ValueError):
        roll_up("crown")


def test_regions_have_concept_and_definition():
    """Every region has a definition, and those of the scalp a concept; for beard and eyebrows none is invented."""
    assert set(DEFINITIONS) == set(Region)
    assert set(SNOMED) == set(Region) - BESIDE_THE_SCALP
    assert SNOMED[Region.VERTEX].code == "61719002"


def test_sides_differ_by_laterality_alone():
    """The two sides differ by laterality alone."""
    for left, right in ((Region.TEMPORAL_LEFT, Region.TEMPORAL_RIGHT), (Region.PARIETAL_LEFT, Region.PARIETAL_RIGHT)):
        assert SNOMED[left] == SNOMED[right]
        assert (LATERALITY[left].code, LATERALITY[right].code) == ("7771000", "24028007")
