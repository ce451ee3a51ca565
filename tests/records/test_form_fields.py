"""Figures are stored as written or refused with a sentence; nothing is rounded unseen."""

import importlib
import json
import pkgutil
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from hypothesis import given
from hypothesis import strategies as st

import treatments
from treatments.courses.volumes import regions_named, shown_volumes
from treatments.records.formatting import number as spelled
from treatments.records.forms.fields import ExactDecimalField, VersionField, WholeNumberField, YesNoField
from treatments.records.text.numbers import page_number, parse_decimal

SPELLINGS = json.loads((Path(__file__).parent / "number_spellings.json").read_text(encoding="utf-8"))


def every_form() -> list[type[BaseForm]]:
    """Every form class of the project, also one that nobody has written yet."""
    for module in pkgutil.walk_packages(treatments.__path__, "treatments."):
        if ".migrations" not in module.name:
            importlib.import_module(module.name)
    found: set[type[BaseForm]] = set()
    waiting: list[type[BaseForm]] = [BaseForm]
    while waiting:
        new = waiting.pop().__subclasses__()
        found |= set(new)
        waiting += new
    return [form for form in found if form.__module__.startswith(("treatments.", "clinic."))]


@pytest.mark.parametrize("text", SPELLINGS["accepted"])
def test_one_number_in_every_spelling(text: str) -> None:
    """The same spellings are read by the script of the page (tests/js/volumes.test.js)."""
    value = Decimal(SPELLINGS["accepted"][text])
    assert parse_decimal(text) == value
    assert ExactDecimalField(places=3).clean(text) == value
    if value == int(value):
        assert WholeNumberField().clean(text) == value


@pytest.mark.parametrize("text", SPELLINGS["refused"])
def test_no_other_spelling_is_guessed(text: str) -> None:
    """What is no number, or may be two, is refused by both fields with a sentence, and never a fault."""
    for field in (ExactDecimalField(places=3), WholeNumberField(low=1, high=24)):
        with pytest.raises(ValidationError) as refused:
            field.clean(text)
        assert refused.value.messages[0].endswith(".")


@given(
    st.text(max_size=80)
    | st.text("0123456789.,-+eE_ \u200b٣２", max_size=12)
    | st.text("9", min_size=4000, max_size=5000)
)
def test_any_text_is_a_number_or_refused(text: str) -> None:
    """What is kept reads the same when it is typed as the page shows it."""
    for field in (
        ExactDecimalField(places=3, low=Decimal(-(10**9)), high=Decimal(10**9)),
        WholeNumberField(),
        VersionField(),
    ):
        try:
            value = field.clean(text)
        except ValidationError:
            continue
        assert field.clean(str(field.prepare_value(value) if value is not None else "") or text) == value


def test_a_thousand_is_not_taken_for_one() -> None:
    """Between 1,000 as one and as one thousand lies a thousandfold dose: it is refused with both ways to write it."""
    with pytest.raises(ValidationError, match="Write 1000, or 1.000 with a full stop"):
        ExactDecimalField().clean("1,000")


@pytest.mark.parametrize("text", ["-0", "−0", "-.0", "-0,00"])
def test_zero_has_no_minus_sign(text: str) -> None:
    """SQLite would keep the sign, and a page show "-0 mL"."""
    assert spelled(parse_decimal(text)) == spelled(ExactDecimalField().clean(text)) == "0"


def test_forms_ask_for_numbers_in_one_way() -> None:
    """No form has a plain number field of Django's: it would take 1e1 and 1_0, and refuse 2,5."""
    forms_with_fields = [form for form in every_form() if hasattr(form, "base_fields")]
    plain = {
        f"{form.__name__}.{name}"
        for form in forms_with_fields
        for name, field in form.base_fields.items()
        if isinstance(field, forms.IntegerField)
    }
    assert plain == set()
    assert len(forms_with_fields) > 40


def test_a_saved_yes_or_no_is_chosen_again() -> None:
    """A plain select looks for "True" among "true" and "false": the page then shows no answer, and saving it takes the
    recorded one away."""
    plain = [
        path
        for path in Path(treatments.__file__).parent.rglob("*.py")
        if "NullBooleanField(" in path.read_text() and path.name != "fields.py" and "migrations" not in path.parts
    ]
    assert not plain
    field = YesNoField(label="Clipped?", unanswered="Not recorded")
    for answer, chosen in ((True, "true"), (False, "false"), (None, None)):
        drawn = field.widget.render("clipped", field.prepare_value(answer))
        assert re.findall(r'value="(\w+)" selected', drawn) == ([chosen] if chosen else [])
        assert field.clean(field.prepare_value(answer)) is answer


def test_no_form_makes_a_plain_number_field() -> None:
    """Nor does one make it when it is opened."""
    plain = re.compile(r"forms\.(Decimal|Integer|Float)Field\(")
    sources = [path for path in Path(treatments.__path__[0]).rglob("*.py") if "migrations" not in path.parts]
    assert [path.name for path in sources if plain.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("number, places, shown", [("3.00", 2, "3"), ("2.50", 2, "2.5"), ("0.100", 3, "0.1")])
def test_a_field_shows_what_a_page_shows(number: str, places: int, shown: str) -> None:
    """A volume has one spelling, in the field as in the text beside it."""
    assert ExactDecimalField(places=places).prepare_value(Decimal(number)) == shown == spelled(Decimal(number))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1" * 40, "too long"),
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


@pytest.mark.parametrize("text", ["1.5", "x", "0", "25", "9" * 40, "٣٠"])
def test_whole_number_in_range_and_figures(text: str) -> None:
    """A whole number is in range and in figures."""
    with pytest.raises(ValidationError, match="from 1 to 24"):
        WholeNumberField(low=1, high=24).clean(text)


@pytest.mark.parametrize(
    "text, page", [("²", 1), ("3", 3), ("٣", 3), ("", 1), ("-2", 1), ("1e1", 1), ("9" * 5000, 1), (None, 1)]
)
def test_a_page_is_asked_for_by_its_number(text: str | None, page: int) -> None:
    assert page_number(text) == page


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
