"""The tags that are written without a template are those that Django's templates write."""

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from clinic.form_renderer import FormRenderer

GROUPED = [("", "Choose <one>"), ("Front", [("temple", "Temple & hairline"), (2, "Vertex")]), ("other", "Other")]


class EveryWidget(forms.Form):
    text = forms.CharField(widget=forms.TextInput(attrs={"data-flag": True, "data-off": False, "title": 'a "b"'}))
    password = forms.CharField(widget=forms.PasswordInput(render_value=True))
    email = forms.EmailField()
    hidden = forms.CharField(widget=forms.HiddenInput)
    number = forms.IntegerField(min_value=0)
    decimal = forms.DecimalField(decimal_places=2)
    date = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    file = forms.FileField(widget=forms.FileInput)
    clearable = forms.FileField()
    tick = forms.BooleanField()
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))
    select = forms.ChoiceField(choices=GROUPED)
    several = forms.MultipleChoiceField(choices=GROUPED)
    maybe = forms.NullBooleanField()
    radio = forms.ChoiceField(choices=GROUPED, widget=forms.RadioSelect)
    ticks = forms.MultipleChoiceField(choices=GROUPED, widget=forms.CheckboxSelectMultiple)


# What FormRenderer adds to every field that a browser might fill in (test_any_spelling.py), Django is told here.
for _field in EveryWidget.base_fields.values():
    _field.widget.attrs.setdefault("autocomplete", "off")

FILLED = {
    "text": "<script>", "password": "p&ss", "email": "a@example.test", "hidden": mark_safe("&amp;"), "number": 0,  # noqa: S308
    "decimal": "2.50", "date": "2025-05-14", "tick": True, "note": "\n<b>two</b>\nlines", "select": "2",
    "several": ["temple", "2"], "maybe": "true", "radio": "temple", "ticks": ["other", ""],
}  # fmt: skip


@pytest.mark.parametrize("initial", [{}, FILLED], ids=["empty", "filled"])
@pytest.mark.parametrize("name", list(EveryWidget.base_fields))
def test_a_tag_is_the_one_that_django_writes(name: str, initial: dict[str, Any]) -> None:
    ours, django = EveryWidget(initial=initial, renderer=FormRenderer()), EveryWidget(initial=initial)
    django.renderer = DjangoTemplates()

    assert str(ours[name]) == str(django[name]).replace("</option>\n", "</option>")
    assert [each.tag() for each in ours[name]] == [each.tag() for each in django[name]]
    assert [each.tag(wrap_label=True) for each in ours[name]] == [each.tag(wrap_label=True) for each in django[name]]
