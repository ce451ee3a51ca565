"""What two spellings of one name, number or telephone have in common, and what stays apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.records.forms.plain_text import without_hidden_marks
from treatments.records.text.text_folding import (
    ascii_digits,
    digits,
    digits_with_trunk_zero,
    fold,
    has_visible,
    identifier_key,
    name_order,
)

UNSEEN = ["\u200b", "\u200c", "\u200d", "\u00ad", "\u2060", "\ufeff", "\u202e", "\u2066", "\u3164", "\u115f", "\ufe0f"]


@pytest.mark.parametrize(
    "spellings",
    [
        ["O'Brien", "O’Brien", "O‘Brien", "O´Brien", "O`Brien", "OʼBrien", "O′Brien", "O＇Brien", "OBRIEN"],
        ["Jean-Luc", "Jean‐Luc", "Jean‑Luc", "Jean–Luc", "Jean—Luc", "Jean−Luc", "Jean－Luc", "jean  luc"],
        ["Zoë Østergård", "ZOE OSTERGARD", "Ｚｏｅ　Ｏｓｔｅｒｇａｒｄ", "Zoe\u0308 Østergård"],
        ["Straße", "STRASSE"],
        ["محمد", "محمـد", "مُحَمَّد"],
    ],
)
def test_one_name_in_every_spelling(spellings: list[str]) -> None:
    assert len({fold(spelling) for spelling in spellings}) == 1
    assert {name_order(spelling)[0] for spelling in spellings} == {fold(spellings[0])}


@pytest.mark.parametrize(
    "spelling",
    ["hc-0777", "HC‑0777", "HC–0777", "HC−0777", "ＨＣ－０７７７", " HC-0777 ", "HC -0777", "HC-٠٧٧٧", "ĤĆ-0777"]
    + [f"HC-{sign}0777" for sign in UNSEEN],
)
def test_one_number_in_every_spelling(spelling: str) -> None:
    assert identifier_key(spelling) == "hc-0777"


def test_two_numbers_stay_two() -> None:
    """A hyphen's place tells two numbers apart, and so does the letter O from a zero."""
    assert len({identifier_key(text) for text in ("12-34", "1-234", "1234", "HC-O777", "HC-0777")}) == 5


@pytest.mark.parametrize("text", [*UNSEEN, "", " \u00a0\u2003", "\u2800", "\U000e0100", "\u200b \u200d", "\uffff"])
def test_an_unseen_text_is_none(text: str) -> None:
    assert not has_visible(text)
    assert without_hidden_marks(text).strip() in {"", text.strip()} and not has_visible(without_hidden_marks(text))


@pytest.mark.parametrize(
    ("typed", "abroad", "inside"),
    [
        ("+44 (0)20 7946 0000", "442079460000", "4402079460000"),
        ("+44（０）20 7946", "44207946", "440207946"),
        ("٠٢٠ ٧٩٤٦", "0207946", "0207946"),
        ("6555²", "6555", "6555"),
    ],
)
def test_a_telephone_is_its_digits(typed: str, abroad: str, inside: str) -> None:
    assert (digits(typed), digits_with_trunk_zero(typed)) == (abroad, inside)


@given(st.text(max_size=60))
def test_folding_any_text_is_final(text: str) -> None:
    """What is folded once does not change when it is folded again, so that stored and typed text always meet."""
    assert fold(fold(text)) == fold(text)
    assert identifier_key(identifier_key(text)) == identifier_key(text)
    assert all(character.isascii() for character in digits(text) + ascii_digits("٣"))
