"""The words of a consent form: how they are read, their languages and versions. Without pages."""

import pytest
from django.db import IntegrityError
from django.utils import timezone

from tests import factories
from tests.people import Cast
from treatments.consents import languages
from treatments.consents.text_blocks import HEADING, LIST, PARAGRAPH, Block, blocks
from treatments.models import ConsentText


def test_words_are_read_into_blocks() -> None:
    text = "# What it is\r\nAn injection.\nInto the scalp.\n\n\nSecond.\n- one\n-two\n- three <b>\n# \n"
    assert blocks(text) == [
        Block(HEADING, ("What it is",)),
        Block(PARAGRAPH, ("An injection.", "Into the scalp.")),
        Block(PARAGRAPH, ("Second.",)),
        Block(LIST, ("one",)),
        Block(PARAGRAPH, ("-two",)),
        Block(LIST, ("three <b>",)),
        Block(PARAGRAPH, ("#",)),
    ]
    assert blocks("  \n\n") == []


@pytest.mark.parametrize(
    ("typed", "tag", "direction"),
    [
        ("EN", "en", "ltr"),
        ("zh_hans_sg", "zh-Hans-SG", "ltr"),
        ("ar", "ar", "rtl"),
        ("az-arab", "az-Arab", "rtl"),
        ("ur-Latn", "ur-Latn", "ltr"),
        ("he-IL", "he-IL", "rtl"),
    ],
)
def test_tags_and_directions(typed: str, tag: str, direction: str) -> None:
    assert languages.tag(typed) == tag
    assert languages.direction(tag) == direction


@pytest.mark.parametrize("typed", ["", "English", "e", "en-", 'en"><', "x-klingon", "en" + "-abcde" * 9])
def test_what_is_no_tag(typed: str) -> None:
    with pytest.raises(ValueError, match="no language tag"):
        languages.tag(typed)


def test_every_language_has_a_good_tag() -> None:
    assert [languages.tag(each) for each in languages.LANGUAGES] == list(languages.LANGUAGES)


def test_the_last_version_is_current(cast: Cast) -> None:
    """Each form in each language has its own; a retired one takes the form off, and no earlier one comes back."""
    first = factories.consent_text(cast.clinic)
    second = factories.consent_text(cast.clinic, number=2)
    malay = factories.consent_text(cast.clinic, language="ms", language_name="Malay")
    factories.consent_text(factories.clinic(), number=3)
    current = ConsentText.objects.of(cast.clinic).current()
    assert set(current) == {second, malay}
    retired = {"retired_at": timezone.now(), "retired_by": cast.manager}
    ConsentText.objects.filter(pk=second.pk).update(**retired)
    assert set(current.all()) == {malay}
    assert set(ConsentText.objects.of(cast.clinic).last_versions()) == {second, malay}
    assert list(ConsentText.objects.versions_of(first).in_order()) == [second, first]


def test_a_number_is_given_once(cast: Cast) -> None:
    factories.consent_text(cast.clinic)
    with pytest.raises(IntegrityError):
        factories.consent_text(cast.clinic)


def test_a_digest_is_of_all_that_is_read(cast: Cast) -> None:
    """Also of which version it is: the same words published again are another version."""
    text = factories.consent_text(cast.clinic, "photography", uses={"teaching": "Students see them.", "record": "We."})
    same = ConsentText.objects.get(pk=text.pk)
    assert same.digest == text.digest
    assert [use.value for use, _ in text.use_words] == ["record", "teaching"]
    for name, value in {
        "body": "Other.",
        "title": "T",
        "number": 2,
        "uses": {"record": "We."},
        "language": "ms",
    }.items():
        other = ConsentText.objects.get(pk=text.pk)
        setattr(other, name, value)
        assert other.digest != text.digest, name
