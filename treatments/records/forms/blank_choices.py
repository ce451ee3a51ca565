"""What a choice says that nobody has made."""

from typing import Any

from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH


def name_the_blank(field: forms.Field) -> None:
    """Words instead of Django's row of dashes, which a screen reader spells out and nobody understands."""
    words = "Choose" if field.required else "Not recorded"
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == BLANK_CHOICE_DASH[0][1]:
            field.empty_label = words
    elif isinstance(field, forms.ChoiceField):
        given: Any = field.choices
        choices = list(given)
        if choices[:1] == BLANK_CHOICE_DASH:
            field.choices = [("", words), *choices[1:]]
