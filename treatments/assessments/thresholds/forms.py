from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms

from treatments.assessments.measurements.visibility import FIGURES, Thresholds
from treatments.assessments.thresholds.clinic_thresholds import spelled
from treatments.records.forms.fields import ExactDecimalField, WholeNumberField
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import MIN_REASON

_PER_CENT: dict[str, Any] = {"places": 1, "low": Decimal(1), "high": Decimal(100), "unit": "%", "required": True}


class ThresholdsForm(PlainTextForm, forms.Form):
    """The clinic's own figures. `was_…` are those that the form was opened with."""

    sdc_matched_pct = ExactDecimalField(
        label="Error at the same spot, %",
        help_text="Smallest detectable change of the logarithm: 2.77 times the spread of your repeat counts.",
        **_PER_CENT,
    )
    sdc_unmatched_pct = ExactDecimalField(label="Error at a spot that was not matched, %", **_PER_CENT)
    visible_pct = ExactDecimalField(label="Visible from a change of, %", **_PER_CENT)
    visible_per_cm2 = ExactDecimalField(
        label="Or from this many hairs per cm²", places=1, low=Decimal(1), high=Decimal(300), unit="", required=True
    )
    early_before_month = WholeNumberField(
        label="Too early until so many months after the first session", low=1, high=24, required=True
    )
    reason = forms.CharField(
        label="Why does the clinic use these limits?",
        min_length=MIN_REASON,
        max_length=300,
        help_text="For example: 14 repeat counts of our own, with a coefficient of variation of 4.1 %.",
    )
    was = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def __init__(self, data: Any = None, *, thresholds: Thresholds, reason: str = "") -> None:
        super().__init__(data, initial={**_as_typed(thresholds), "reason": reason, "was": spelled(thresholds)})
        self.current = thresholds
        self.use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        same, other = cleaned.get("sdc_matched_pct"), cleaned.get("sdc_unmatched_pct")
        if same is not None and other is not None and other < same:
            self.add_error(
                "sdc_unmatched_pct", "A spot that was not matched cannot have less error than the same spot."
            )
        return cleaned

    def take_current(self, current: Thresholds) -> None:
        """Let the next submit count as made in sight of the figures that somebody else has set."""
        self.data = {name: str(value) for name, value in self.data.items()} | {"was": spelled(current)}

    @property
    def thresholds(self) -> Thresholds:
        """As typed. Repeat counts stay behind the error that they gave as long as it is not typed anew."""
        months = self.cleaned_data["early_before_month"]
        figures = {name: float(self.cleaned_data[name]) for name in FIGURES} | {"early_before_month": months}
        typed = replace(self.current, **figures)
        return typed if typed.sdc_matched_pct == self.current.sdc_matched_pct else replace(typed, repeats=None)


def _as_typed(thresholds: Thresholds) -> dict[str, str]:
    return {name: f"{value:g}" for name, value in thresholds.limits.items()}
