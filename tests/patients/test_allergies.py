"""Allergy words against ingredients: stems, other names of a substance, what is denied, and no false hits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treatments.patients.allergies import SUBSTANCES, Given, met, read, stem, words_of


def hits(allergies: str, words: str) -> list[str]:
    return [each.allergy for each in met(read(allergies), [Given("it", words)])]


@pytest.mark.parametrize(
    ("allergies", "words"),
    [
        ("egg", "egg white"),
        ("eggs", "egg white"),
        ("Egg", "ovalbumin"),
        ("EGGS (hives)", "lecithin from hens"),
        ("soy", "soya lecithin"),
        ("soya", "hydrogenated soybean oil"),
        ("peanuts", "soya oil"),
        ("soya", "arachis oil"),
        ("milk", "casein"),
        ("Milk", "Milk"),
        ("lactose", "lactose monohydrate"),
        ("dairy", "whey protein"),
        ("latex", "natural rubber"),
        ("lidocaine: anaphylaxis", "Lidocaine and prilocaine cream"),
        ("lignocaine", "lidocaine 1 %"),
        ("Xylocaïne", "Lidocaine"),
        ("EMLA", "Lidocaine and prilocaine cream"),
        ("local anaesthetics", "Ring block, local anaesthetic"),
        ("benzocaine", "Benzocaine, lidocaine and tetracaine cream (BLT)"),
        ("iodine", "Povidone-iodine"),
        ("Betadine", "Povidone-iodine"),
        ("chlorhexidine", "Chlorhexidine"),
        ("fish", "Salmon or other marine source"),
        ("shrimps", "Salmon or other marine source"),
        ("salmon", "PDRN (polynucleotides)"),
        ("roses", "Plant, rose stem cells"),
        ("plants", "Plant, other"),
        ("amoxicillin", "penicillin traces"),
        ("nuts", "almond oil"),
        ("PEG", "macrogol 400"),
        ("walnut", "walnuts"),
        ("strawberries", "strawberry extract"),
        ("mannitol", "Mannitol, trehalose"),
        ("latex, egg and soya", "egg yolk"),
        ("penicillin (anaphylaxis 2010); rubber gloves", "latex"),
        ("no egg", "egg white"),
        ("not sure whether allergic to egg", "egg white"),
        ("no allergy to egg, latex causes hives", "latex"),
        ("no known allergies except lidocaine", "lidocaine"),
        ("does not tolerate lidocaine", "lidocaine"),
        ("tolerates eggs; soya: hives", "soya"),
        ("no allergy to egg or soya, latex causes hives", "latex"),
        ("no egg and allergic to milk", "casein"),
    ],
)
def test_allergy_meets_an_ingredient(allergies: str, words: str) -> None:
    assert hits(allergies, words)


@pytest.mark.parametrize(
    ("allergies", "words"),
    [
        ("egg", "eggplant"),
        ("nuts", "coconut, nutmeg"),
        ("rose", "rosemary"),
        ("fish", "Povidone-iodine"),
        ("shellfish", "Povidone-iodine"),
        ("lidocaine", "tetracaine"),
        ("penicillin", "lidocaine"),
        ("egg", "human albumin"),
        ("a rash with some cream", "Lidocaine and prilocaine cream"),
        ("other local reaction", "Plant, other"),
        ("stromal", "Stromal cells, fat"),
        ("no allergy to egg", "egg white"),
        ("No known allergies to eggs or soya", "egg white, soya lecithin"),
        ("no allergy to egg, milk or soya", "casein, egg, soya"),
        ("not allergic to lidocaine", "lidocaine"),
        ("tolerates lidocaine", "lidocaine"),
        ("lidocaine tolerated", "lidocaine"),
        ("latex: no", "latex"),
        ("egg, not to soya", "soya"),
        ("denies allergy to penicillin", "penicillin"),
        ("never reacted to chlorhexidine", "chlorhexidine"),
        ("none known", "Milk"),
        ("", "Milk"),
        ("2019", "2019"),
    ],
)
def test_no_false_hit(allergies: str, words: str) -> None:
    assert hits(allergies, words) == []


def test_words_that_were_compared_are_named() -> None:
    assert words_of("Allergic to eggs (hives) and lidocaine; no allergy to latex") == ["egg", "lidocaine"]
    assert words_of("no known allergies") == []


def test_hit_says_what_met_what() -> None:
    (found,) = met(read("Allergic to Eggs, pollen"), [Given("Vesicle N", "mannitol, ovalbumin"), Given("EMLA", "EMLA")])
    assert (found.allergy, found.given, found.word) == ("eggs", "Vesicle N", "ovalbumin")


@pytest.mark.parametrize(
    ("word", "root"),
    [("eggs", "egg"), ("berries", "berry"), ("latex", "latex"), ("gloves", "glove"), ("radishes", "radish")],
)
def test_plural_falls_away(word: str, root: str) -> None:
    assert stem(word) == root


NAMES = [name.strip() for names in SUBSTANCES.values() for name in names.split(",")]


@given(st.sampled_from(NAMES), st.sampled_from(["", "s"]), st.sampled_from([str.upper, str.title, str.lower]))
@settings(max_examples=200, deadline=None)
def test_each_name_meets_itself(name: str, plural: str, spelled: object) -> None:
    """Every name of the table, in any case and in the plural, meets a product that names it."""
    written = name if name.endswith("s") else name + plural
    assert hits(f"allergy to {spelled(written)}, severe", f"water, {name}")  # type: ignore[operator]


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_read(text: str) -> None:
    met(read(text), [Given("it", text)])
    words_of(text)
