"""The label of a choice that nobody has made yet."""

from typing import Any

from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH


def label_blank_choice(field: forms.Field) -> None:
    """ "Choose" or "Not recorded" instead of Django's row of dashes, which a screen reader reads out one by one."""
    label = "Choose" if field.required else "Not recorded"
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == BLANK_CHOICE_DASH[0][1]:
            field.empty_label = label
    elif isinstance(field, forms.ChoiceField):
        given: Any = field.choices
        choices = list(given)
        if choices[:1] == BLANK_CHOICE_DASH:
            field.choices = [("", label), *choices[1:]]
