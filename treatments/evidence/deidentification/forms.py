"""The answer to a passage that might identify somebody."""

from django import forms

from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import MIN_REASON


class AnswerForm(PlainTextForm, forms.Form):
    """Why a passage stays that might identify."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    answer = forms.CharField(
        label="Why does it stay?",
        min_length=MIN_REASON,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write why it stays, or change the text.", "min_length": "Write why it stays."},
    )
