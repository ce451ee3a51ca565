from typing import Any, ClassVar

from django import forms

from clinic.staff.models import User
from treatments.handouts.models import MOST_TEXT, Letter
from treatments.records.forms.fields import VersionField
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import RecordForm, Section


class LetterForm(RecordForm):
    """A draft, new or changed. No reason is asked while it is not signed: nothing has left the clinic."""

    sections: ClassVar = [
        Section("To whom", ["recipient", "dated"]),
        Section("Letter", ["subject", "body"], help="written from the record; read it through"),
    ]

    class Meta:
        model = Letter
        fields = ["recipient", "dated", "subject", "body"]
        widgets: ClassVar[dict[str, Any]] = {
            "recipient": forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
            "subject": forms.TextInput(attrs={"autocomplete": "off"}),
            "body": forms.Textarea(attrs={"rows": 24, "maxlength": MOST_TEXT, "class": "letter-text"}),
        }
        help_texts = {
            "recipient": "Name first, then the address, each line on its own.",
            "body": "An empty line parts paragraphs. Your name is put under it when you sign.",
        }
        error_messages = {
            "recipient": {"required": "Write whom the letter is to."},
            "body": {"required": "Write the letter."},
            "subject": {"required": "Write whom or what the letter is about."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("correction_reason", None)

    def change(self, *, by: User) -> dict[str, Any]:
        """What the action that changes a draft is called with."""
        return {"changes": self.values(), "expected_version": self.expected_version, "by": by}


class SignForm(PlainTextForm, forms.Form):
    """Under what name the letter is signed, and which version was read."""

    version = VersionField()
    signed_as = forms.CharField(
        label="Name under the letter",
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write the name that stands under the letter."},
    )
