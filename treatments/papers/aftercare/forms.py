from typing import Any, ClassVar

from django import forms

from treatments.handouts.models import MOST_TEXT, AftercareSheet
from treatments.records.forms.fields import WholeNumberField
from treatments.records.forms.record_form import RecordForm, Section


class SheetForm(RecordForm):
    """The text of the next version. `based_on` is the number of the version that it was begun from, 0 where there was
    none."""

    sections: ClassVar = [Section("Text", ["text"])]
    based_on = WholeNumberField(low=0, high=2**31 - 1, required=True, widget=forms.HiddenInput())

    class Meta:
        model = AftercareSheet
        fields = ["text"]
        widgets: ClassVar[dict[str, Any]] = {"text": forms.Textarea(attrs={"rows": 26, "maxlength": MOST_TEXT})}
        help_texts = {
            "text": (
                "Begin a heading with #, each line of a list with -, and what must not be overlooked with !. "
                "An empty line parts paragraphs."
            )
        }
        error_messages = {"text": {"required": "Write what the patient is told after a session."}}

    def begin_from(self, number: int) -> None:
        """Let the next submit count as begun from this version."""
        self._set_posted("based_on", str(number))
