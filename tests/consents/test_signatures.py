import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.consents import signatures

NAME = [[[10, 20], [30, 40], [50, 60], [70, 80]], [[100, 20], [110, 30], [120, 40], [130, 50]]]


def test_strokes_are_stored_as_drawn() -> None:
    """Strokes are stored as they were drawn."""
    assert signatures.read_strokes(json.dumps(NAME)) == NAME
    assert signatures.path(NAME).startswith("M10 20 L30 40")
    assert signatures.path(NAME).count("M") == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "{}",
        "[]",
        "[[]]",
        "[[[1, 2]]]",
        "not json",
        "[" * 2000,
        json.dumps([[[0, 0]] * 8, "x"]),
        json.dumps([[[0, 0.5]] * 8]),
        json.dumps([[[0, True]] * 8]),
        json.dumps([[[0, -1]] * 8]),
        json.dumps([[[0, 1001]] * 8]),
        json.dumps([[[0, 0, 0]] * 8]),
        json.dumps([[[0, 0]]] * 201),
        json.dumps([[[0, 0]] * 8001]),
    ],
)
def test_no_signature_is_refused(text: str) -> None:
    """What is no signature is refused with a sentence."""
    with pytest.raises(ValueError, match="signature"):
        signatures.read_strokes(text)


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=30))
def test_any_json_is_strokes_or_refused(value: object) -> None:
    """Any JSON is either strokes or refused."""
    try:
        strokes = signatures.read_strokes(json.dumps(value))
    except ValueError:
        return
    assert signatures.path(strokes).startswith("M")


def test_a_typed_name_stands_in_for_strokes() -> None:
    signature = signatures.typed("  Ana Invented ")
    assert signatures.typed_name(signature) == "Ana Invented"
    assert signatures.path(signature) == ""
    assert signatures.typed_name(NAME) == ""


def test_signature_is_described_in_text() -> None:
    """A signature is described in text."""
    texts = [signatures.description(each) for each in (NAME, NAME[:1], signatures.typed("Ana Invented"), None)]
    assert texts == ["drawn in 2 strokes", "drawn in 1 stroke", "typed: Ana Invented", "none on the screen"]


def test_dot_is_a_line_without_length() -> None:
    """A dot is drawn as a line without length."""
    assert signatures.path([[[5, 6]]]) == "M5 6 L5 6"
