"""Figures are stored as written or refused with a sentence; nothing is rounded unseen."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from treatments.courses.volumes import regions_named, shown_volumes
from treatments.records.formatting import figure
from treatments.records.forms.fields import ExactDecimalField, WholeNumberField


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", "3.00"), (" 2.5 ", "2.50"), (".5", "0.50"), ("3.", "3.00"), ("0.10", "0.10"), ("20", "20.00")],
)
def test_a_plain_figure_is_an_exact_decimal(text: str, value: str) -> None:
    number = ExactDecimalField(high=Decimal(20)).clean(text)
    assert isinstance(number, Decimal)
    assert str(number) == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1,5", "full stop instead of the comma: 1.5"),
        ("NaN", "plain figures"),
        ("1e309", "plain figures"),
        ("Infinity", "plain figures"),
        ("٣", "plain figures"),
        ("3 mL", "plain figures"),
        ("1" * 40, "plain figures"),
        ("1.005", "At most 2 decimals"),
        ("-1", "minus sign"),
        ("20.01", "at most 20 mL"),
        ("1_0", "plain figures"),
    ],
)
def test_other_figures_are_refused(text: str, sentence: str) -> None:
    """Anything else is refused with what to write."""
    with pytest.raises(ValidationError, match=sentence):
        ExactDecimalField(high=Decimal(20)).clean(text)


@pytest.mark.parametrize("text", ["٣", "1.5", "-1", "x", "0", "25", "9" * 40])
def test_whole_number_in_range_and_figures(text: str) -> None:
    """A whole number is in range and in figures."""
    with pytest.raises(ValidationError, match="from 1 to 24"):
        WholeNumberField(low=1, high=24).clean(text)


def test_figure_is_shown_without_idle_zeros() -> None:
    assert [figure(Decimal(text)) for text in ("3.00", "2.25", "10.00", "0.10")] == ["3.0", "2.25", "10.0", "0.1"]


def test_typed_name_stays_with_its_region() -> None:
    """The term that was typed is stored with the region that it names."""
    assert regions_named("crown and vertex", ["vertex"]) == {"vertex": "crown and vertex"}
    assert regions_named("front, crown", ["vertex", "frontal"]) == {"vertex": "front, crown", "frontal": "front, crown"}
    assert regions_named("the thin patch", ["vertex", "frontal"]) == {"vertex": "the thin patch"}
    with pytest.raises(ValueError, match="gave no mL there"):
        regions_named("crown and frontal", ["vertex"])


def test_volumes_read_with_the_vertex_first() -> None:
    volumes = {"frontal": Decimal("1.00"), "vertex": Decimal("2.00")}
    assert shown_volumes(volumes, {"vertex": "crown"}) == "Vertex 2 mL (“crown”), Frontal 1 mL"
