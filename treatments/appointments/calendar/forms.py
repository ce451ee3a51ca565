from django import forms

from treatments.appointments.vocabulary import NamesInCalendar
from treatments.records.forms.plain_text import PlainTextForm


class FeedForm(PlainTextForm, forms.Form):
    name = forms.CharField(
        label="Which calendar reads it?",
        max_length=60,
        help_text="For example: the screen at the front desk. It says later which address to revoke.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    names = forms.ChoiceField(
        label="Who is named in it?",
        choices=NamesInCalendar.choices,
        initial=NamesInCalendar.NONE,
        widget=forms.RadioSelect,
        help_text="What a calendar program shows leaves this clinic: its maker may read it.",
    )
