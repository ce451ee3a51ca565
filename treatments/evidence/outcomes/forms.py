from django import forms

from treatments.evidence.outcomes.models import Measure, ResponderDefinition
from treatments.records.forms.conditions import AskedWhen
from treatments.records.forms.record_form import RecordForm, Section

LEAST = [(0, "0 or better: not worse"), (1, "+1 or better"), (2, "+2 or better"), (3, "+3")]
_ON_THE_SCALE = (Measure.READING.value, Measure.PATIENT.value)


class ResponderForm(RecordForm):
    """A version of what the clinic calls a responder; a new one each time, since none is changed."""

    sections = (Section("Who is a responder", ("name", "measure", "least", "month", "reason")),)
    conditions = (AskedWhen("measure", _ON_THE_SCALE, ("least",)),)
    least = forms.TypedChoiceField(
        label="At least",
        choices=[("", "Choose"), *LEAST],
        coerce=int,
        empty_value=None,
        help_text="On the scale from −3, greatly worse, to +3, greatly better.",
        error_messages={"required": "Choose from which answer on a patient is a responder."},
    )

    class Meta:
        model = ResponderDefinition
        fields = ("name", "measure", "least", "month", "reason")
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off"})}
