"""A series of repeat counts as it is typed, a row for each pair; and why its error becomes the clinic's own."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.evidence.repeats.models import Readers, RepeatPair
from treatments.records.forms.composite_form import CompositeForm, FormPart
from treatments.records.forms.fields import ExactDecimalField
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import MIN_REASON
from treatments.records.ids import new_id

ROWS = 12
_COUNT: dict[str, Any] = {"places": 3, "low": Decimal("0.001"), "high": Decimal(9999), "unit": ""}


class PairForm(FormPart):
    """The two counts of one spot; a row without either is passed over."""

    use_required_attribute = False

    def __init__(self, *args: Any, number: int, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"pair{number}", **kwargs)
        self.number, self.part_name = number, f"Pair {number}"
        self.fields["first"] = ExactDecimalField(label="First count", **_COUNT)
        self.fields["second"] = ExactDecimalField(label="Second count", **_COUNT)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        for name, other in (("first", "second"), ("second", "first")):
            if cleaned.get(name) is None and cleaned.get(other) is not None and name not in self.errors:
                self.add_error(name, "Write both counts of this spot, or neither.")
        return cleaned

    @property
    def counts(self) -> dict[str, Decimal] | None:
        """What was typed, once it is checked; None for an empty row, or one with an error."""
        if self.errors or self.cleaned_data.get("first") is None:
            return None
        return {name: self.cleaned_data[name] for name in ("first", "second")}


class SeriesForm(CompositeForm):
    """Pairs that were counted on one day in one way."""

    class Meta:
        model = RepeatPair
        fields = ["counted_on", "readers", "counted_by", "how"]
        labels = {
            "counted_on": "When were they counted?",
            "counted_by": "Their names",
            "how": "Method and device",
        }
        help_texts = {
            "counted_by": "The people who counted. No patient’s name.",
            "how": "For example: trichoscopy by hand, 1 cm², ×20.",
        }

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        self.initial.setdefault("counted_on", timezone.localdate())
        self.fields["readers"] = forms.ChoiceField(
            label="Who counted?",
            choices=[("", "Choose"), (Readers.SAME, "One person, twice"), (Readers.OTHER, "Two people, once each")],
            error_messages={"required": "Choose who counted."},
        )
        self.rows = [self.add_part(PairForm, number=number) for number in range(1, ROWS + 1)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        day = cleaned.get("counted_on")
        if day and day > timezone.localdate():
            self.add_error("counted_on", "This date is in the future. Write the day on which they were counted.")
        if not any(row.counts for row in self.rows) and not any(row.errors for row in self.rows):
            self.add_error(None, "Write at least one pair: both counts of one spot.")
        return cleaned

    def new_pairs(self) -> list[RepeatPair]:
        """The unsaved rows; the first under the id that the form was shown with."""
        first, *more = [counts for row in self.rows if (counts := row.counts)]
        head = self.new_record(clinic=self.clinic, **first)
        return [head, *(RepeatPair(id=new_id(), clinic=self.clinic, **self.values(), **each) for each in more)]


class TakeOverForm(PlainTextForm, forms.Form):
    """Why the clinic judges by its own error. `was` are the limits, `seen` the error that the page was opened with."""

    reason = forms.CharField(
        label="Why does the clinic use its own error?",
        min_length=MIN_REASON,
        max_length=300,
        help_text="For example: 24 spots counted twice by two nurses, without looking at the first count.",
        error_messages={"required": "Write why the clinic uses its own error."},
    )
    was = forms.CharField(widget=forms.HiddenInput, max_length=200)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=200)

    def take_current(self, *, was: str, seen: str) -> None:
        """Let the next submit count as made in sight of the limits and the error that the page shows now."""
        self.data = {name: str(value) for name, value in self.data.items()} | {"was": was, "seen": seen}
