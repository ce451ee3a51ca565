from typing import Any, ClassVar

from django import forms

from clinic.staff.models import Clinic
from treatments.appointments.messages import message_text
from treatments.appointments.models import MessageTemplate
from treatments.appointments.vocabulary import MessageKind
from treatments.products.models import Product
from treatments.records.forms.record_form import RecordForm, Section
from treatments.records.text.text_folding import fold

REQUIRED = {
    "kind": "Choose what the message is for.",
    "language": "Write the language of the text.",
    "subject": "Write the subject.",
    "text": "Write the text.",
}
"""What is said of a question that is left empty."""
OF_A_BOOKING = {MessageKind.REMINDER, MessageKind.CONFIRMATION}


class MessageForm(RecordForm):
    """The text of a message, in one language."""

    sections = (Section("Text", (("kind", "language"), "subject", "text")),)

    class Meta:
        model = MessageTemplate
        fields = ("kind", "language", "subject", "text")
        widgets: ClassVar[dict[str, Any]] = {
            "language": forms.TextInput(attrs={"dir": "auto"}),
            "subject": forms.TextInput(attrs={"dir": "auto"}),
            "text": forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
        }

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        self.clinic = clinic
        super().__init__(*args, **kwargs)
        for name, sentence in REQUIRED.items():
            self.fields[name].error_messages["required"] = sentence
        named = ", ".join(f"{{{name}}}" for name in message_text.PLACEHOLDERS)
        self.fields["language"].help_text = "German or Deutsch: the day is named in it."
        self.fields["text"].help_text = f"Filled in by themselves: {named}. No word about health or products."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        has_booking = cleaned.get("kind") in OF_A_BOOKING
        for name in ("subject", "text"):
            for sentence in message_text.faults(cleaned.get(name, ""), has_booking=has_booking):
                self.add_error(name, sentence)
        self._refuse_products(cleaned.get("subject", ""))
        return cleaned

    def _refuse_products(self, subject: str) -> None:
        """A subject is read on a locked screen, by whoever holds the telephone."""
        names = Product.objects.of(self.clinic).values_list("name", flat=True)
        named = next((name for name in names if fold(name) in fold(subject)), None)
        if named:
            self.add_error("subject", f"The subject names a product ({named}). Others may read it: leave it out.")
