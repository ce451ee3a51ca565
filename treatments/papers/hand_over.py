"""For whom a record leaves the clinic: what the whole record and FHIR ask before they hand it out."""

from django import forms

from treatments.records.forms.plain_text import PlainTextForm


class WhyForm(PlainTextForm, forms.Form):
    """For whom the record leaves the clinic; it stands on the audit trail."""

    asked_by = forms.ChoiceField(
        label="Who asked for it?",
        choices=[
            ("patient", "The patient, who is known to us or has shown a document"),
            ("representative", "A parent, guardian or representative, with their authority"),
            ("doctor", "Another doctor, with the patient’s consent in writing"),
            ("authority", "An authority or a court, by law"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who asked for the record."},
    )
