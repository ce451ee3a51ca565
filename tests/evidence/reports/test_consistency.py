"""The second meter: whether a manuscript says one thing, and only what the record holds."""

from dataclasses import replace

import pytest

from tests.evidence.reports import paper
from treatments.evidence.reports.checklist.consistency import Check, Held, Part, checks, contradicted, events_in

pytestmark = pytest.mark.any_database
HELD = Held(
    events=frozenset({"injection_site_pain", "headache"}),
    volumes=frozenset({3.0, 15.0}),
    percents=frozenset({(20.0, 25.0), (19.0, 19.0)}),
    lights=("standard_room", "standard_room"),
    sources=frozenset({"plant"}),
    products=("Rose vesicles",),
    sessions=frozenset({1, 2, 3, 4, 5}),
    months=frozenset({0, 1, 3, 5}),
    years=frozenset({60}),
)


def found(text: str, held: Held = HELD, *, of_others: bool = False) -> dict[str, Check]:
    part = Part("take_away", "Conclusion", text, of_others)
    return {check.code: check for check in checks([part], held)}


def failed(text: str, held: Held = HELD, *, of_others: bool = False) -> list[str]:
    return [code for code, check in found(text, held, of_others=of_others).items() if not check.is_passed]


def test_published_report_fails_all_seven() -> None:
    told = {check.code: check for check in checks(paper.PARTS, paper.HELD)}
    assert list(told) == ["harms", "regions", "unit", "percent", "light", "product", "held"]
    assert [code for code, check in told.items() if check.is_passed] == []
    said = " ".join(finding.said for finding in told["held"].findings)
    assert "repigmentation" in said and "six months" in said
    assert {"rationale", "take_away"} <= contradicted(told.values())
    assert contradicted([told["percent"]]) == {"timeline"}, "what the literature says is of others"


def test_what_the_record_holds_passes() -> None:
    text = (
        "This case shows a change of 20–25 % at Month 5 after five sessions of 3 mL at the vertex, plant-derived. "
        "Adverse events were pain and headache, and no infection was seen. The patient is 60 years old."
    )
    assert failed(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Adverse events were pain and itching.", "harms"),
        ("Adverse events were pain.", "harms"),
        ("It was given at the vertex and crown.", "regions"),
        ("It was given at crown, vertex.", "regions"),
        ("3cc were given.", "unit"),
        ("Density rose by 30 %.", "percent"),
        ("Density rose by 20 per cent.", "percent"),
        ("It is derived from stromal cells.", "product"),
        ("Repigmentation was seen.", "held"),
        ("It was seen after six months.", "held"),
        ("After 7 sessions it was denser.", "held"),
        ("4 mL was given.", "held"),
        ("The patient was cured.", "held"),
        ("A biopsy showed it.", "held"),
    ],
)
def test_each_check_finds_it(text: str, code: str) -> None:
    assert failed(text) == [code]


def test_light_that_differs_is_said() -> None:
    differs = replace(HELD, lights=("bright_overhead", "standard_room"))
    assert failed("Denser hair was seen.", differs) == ["light"]
    assert failed("The light differed between the looks.", differs) == []
    assert failed("Bright light first, then standard lighting.") == ["light"]


def test_literature_speaks_of_others() -> None:
    """A study may have 30 patients, 24 months and another product; a sentence about this case may not."""
    text = "PRP over 24 months raised the density by 40 %."
    assert failed(text, of_others=True) == [] and set(failed(text)) == {"percent", "product", "held"}
    assert failed(f"In a study, {text}") == [], "a conclusion may name a study too"
    assert failed("In this case density rose by 40 %.", of_others=True) == ["percent"]


def test_denied_events_are_none() -> None:
    part = Part("x", "x", "Adverse events were pain. No infection, fever or scar was seen.")
    assert events_in(part) == {"injection_site_pain"}
    assert events_in(Part("x", "x", "The scalp had no pain and no swelling.")) == frozenset()
