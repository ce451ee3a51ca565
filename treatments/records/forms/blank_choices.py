"""The label of a choice that nobody has made yet."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms.models import ModelChoiceIterator

from treatments.records.text.text_folding import name_order


class NamesInOrder(ModelChoiceIterator):
    """The rows of a list that is asked for by name, in the order in which people look for names: the databases put
    accents and lower case each in their own place. Any other list stays in its order."""

    def __iter__(self) -> Iterator[Any]:
        choices = list(super().__iter__())
        if tuple(getattr(self.queryset.query, "order_by", ())) == ("name",):
            choices.sort(key=lambda choice: (str(choice[0]) != "", *name_order(str(choice[1]))))
        yield from choices


def label_blank_choice(field: forms.Field) -> None:
    """ "Choose" or "Not recorded" instead of Django's row of dashes, which a screen reader reads out one by one."""
    label = "Choose" if field.required else "Not recorded"
    if isinstance(field, forms.ModelChoiceField):
        field.iterator = NamesInOrder
        field.widget.choices = field.choices
        if field.empty_label == BLANK_CHOICE_DASH[0][1]:
            field.empty_label = label
    elif isinstance(field, forms.ChoiceField):
        given: Any = field.choices
        choices = list(given)
        if choices[:1] == BLANK_CHOICE_DASH:
            field.choices = [("", label), *choices[1:]]
