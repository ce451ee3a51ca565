import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.courses.models import Course, Plan, Protocol
from treatments.courses.schedule import PlanFacts
from treatments.courses.vocabulary import AssessmentPart, Route
from treatments.courses.volumes import in_order
from treatments.photos.vocabulary import STANDARD_VIEWS, View
from treatments.products.models import Product
from treatments.records.fields import DatePrecision
from treatments.records.formatting import count
from treatments.records.forms.fields import DayFormField, PartialDateFormField, VersionField, WholeNumberField
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import MIN_REASON, Section
from treatments.records.partial_dates import PartialDate
from treatments.records.text.numbers import parse_whole
from treatments.records.text.text_folding import fold
from treatments.sessions.volume_forms import TreatmentForm

FURTHEST_AHEAD = timedelta(days=366)
PLAN_FIELDS = [
    "sessions_planned", "interval_months", "product", "route", "views", "assessment_parts",
    "follow_up_from_month", "follow_up_to_month",
    "maintenance_from_month", "maintenance_to_month", "maintenance_interval_months", "refresh_months",
]  # fmt: skip
_LATER = (
    ("follow_up_from_month", "follow_up_to_month"),
    ("maintenance_from_month", "maintenance_to_month"),
    ("maintenance_interval_months", "refresh_months"),
)


_MONTHS_IN_FIGURES = "Write the months as numbers from 0 to 120 with commas between them, for example 0, 3, 5."


class CheckpointsField(forms.CharField):
    """Months as a list in words: "0, 3, 5"."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(month) for month in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        text = str(super().to_python(value))
        try:
            months = {parse_whole(part) for part in re.split(r"[\s,;，、；،؛]+", text) if part}
        except ValueError as error:
            raise ValidationError(_MONTHS_IN_FIGURES) from error
        if months and not 0 <= min(months) <= max(months) <= 120:
            raise ValidationError(_MONTHS_IN_FIGURES)
        return sorted(months)

    def validate(self, value: Any) -> None:
        if len(value) > 24:
            raise ValidationError("At most 24 checkpoints can be planned.")

    def run_validators(self, value: Any) -> None:
        """A list was read and checked; the validators of a text do not apply to it."""


class PlanForm(TreatmentForm):
    """The part of a form that a protocol and a course share."""

    sessions_planned = WholeNumberField(label="How many sessions?", low=1, high=24, required=True)
    interval_months = WholeNumberField(
        label="How many months apart?", low=1, high=12, required=True, help_text="Calendar months."
    )
    checkpoints = CheckpointsField(
        label="Months with photos and grading", required=False, max_length=120, help_text="For example 0, 3, 5."
    )
    views = forms.MultipleChoiceField(
        label="Views to take",
        choices=[(view.value, view.label) for view in STANDARD_VIEWS]
        + [(view.value, view.label) for view in View if view not in STANDARD_VIEWS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    assessment_parts = forms.MultipleChoiceField(
        label="Asked at an assessment",
        choices=AssessmentPart.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The stage always is. What is not ticked is folded on the page, one tap away.",
    )
    route = forms.ChoiceField(label="Usual route", required=False, choices=[("", "Not decided"), *Route.choices])
    follow_up_from_month = WholeNumberField(
        label="Follow-up visit from month",
        high=120,
        help_text="The patient is seen; nothing need be given. Counted from Month 0.",
    )
    follow_up_to_month = WholeNumberField(label="To month", high=120)
    maintenance_from_month = WholeNumberField(
        label="Maintenance sessions from month", high=120, help_text="Counted from Month 0."
    )
    maintenance_to_month = WholeNumberField(label="To month", high=120)
    maintenance_interval_months = WholeNumberField(
        label="Months between maintenance sessions",
        low=1,
        high=24,
        help_text=("Leave empty if only one session is planned."),
    )
    refresh_months = WholeNumberField(label="Months between refresh sessions", low=1, high=60, help_text="Yearly: 12.")

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        in_use = Product.objects.of(clinic).in_use().order_by("name")
        if self.instance.product_id:
            in_use = in_use | Product.objects.filter(pk=self.instance.product_id)
        product = self.fields["product"]
        product.queryset = in_use  # type: ignore[attr-defined]
        product.empty_label = "Not decided"  # type: ignore[attr-defined]
        product.required = False
        self.volumes.start_with(self.instance.volumes_ml)
        self.initial.setdefault("checkpoints", self.instance.checkpoints)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.judge_volumes()
        self._check_months("maintenance", "Maintenance")
        self._check_months("follow_up", "The follow-up")
        return cleaned

    def _check_months(self, part: str, name: str) -> None:
        """A part of the plan ends after it begins, and comes after the opening run, not into it."""
        first, last = (self.cleaned_data.get(f"{part}_{end}_month") for end in ("from", "to"))
        if last is not None and first is None:
            self.add_error(f"{part}_from_month", "Write from which month, or clear the last month.")
        elif first is not None and last is not None and last < first:
            self.add_error(f"{part}_to_month", f"{name} ends before it begins. Check the two months.")
        sessions, months = self.cleaned_data.get("sessions_planned"), self.cleaned_data.get("interval_months")
        if first is None or sessions is None or months is None:
            return
        run = PlanFacts(sessions, months).last_month_of_run
        if first <= run:
            sentence = (
                f"The first part ({count(sessions, 'session')}) lasts until Month {run}. "
                f"{name} can begin in Month {run + 1} at the earliest."
            )
            self.add_error(f"{part}_from_month", sentence)

    def values(self) -> dict[str, Any]:
        return super().values() | {"volumes": {region: str(ml) for region, ml in in_order(self.volumes.ml_by_region)}}

    def fill_in(self, plan: Plan) -> None:
        """Begin with another plan's values; the person changes what differs."""
        for name in [*PLAN_FIELDS, "checkpoints"]:
            value = getattr(plan, f"{name}_id" if name == "product" else name)
            self.initial[name] = value
        self.volumes.start_with(plan.volumes_ml)


class ProtocolForm(PlanForm):
    sections: ClassVar[Sequence[Section]] = (
        Section("Protocol", ("name", "takes_walk_ins"), "The clinic’s template for a course."),
        Section("Sessions", (("sessions_planned", "interval_months"), ("product", "route"))),
        Section("Volume", ()),
        Section(
            "Checkpoints",
            ("checkpoints", "views", "assessment_parts"),
            "When photos and a grading are due, and what is asked then.",
        ),
        Section("Afterwards", _LATER, "What comes after the first part."),
    )

    class Meta:
        model = Protocol
        fields = ["name", "takes_walk_ins", *PLAN_FIELDS, "checkpoints"]
        help_texts = {
            "takes_walk_ins": (
                "Whoever logs sessions may then log one within it for a patient without a course: one session, and "
                "nothing is planned after it."
            )
        }
        error_messages = {"name": {"required": "Give the protocol a name, for example Five monthly sessions."}}

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if self.is_correction and name == self.instance.name:
            return name
        taken = Protocol.objects.of(self.clinic).exclude(pk=self.own_id).values_list("name", flat=True)
        if fold(name) in map(fold, taken):
            raise ValidationError("A protocol with this name already exists. Give this one a different name.")
        return name


class CourseForm(PlanForm):
    """Planning a course from a protocol, and changing its plan with a reason."""

    sections: ClassVar[Sequence[Section]] = (
        Section("Course", ("name", "baseline")),
        Section("Sessions", (("sessions_planned", "interval_months"), ("product", "route"))),
        Section("Volume", ()),
        Section(
            "Checkpoints",
            ("checkpoints", "views", "assessment_parts"),
            "When photos and a grading are due, and what is asked then.",
        ),
        Section("Afterwards", (*_LATER, "note"), "What comes after the first part."),
    )
    baseline = PartialDateFormField(
        label="When is Month 0?",
        at_least="month",
        help_text="The first session or the baseline visit: 14 May 2025, or May 2025 if the day was not recorded.",
    )

    class Meta:
        model = Course
        fields = ["name", *PLAN_FIELDS, "checkpoints", "note"]
        labels = {"name": "What is the course called?"}
        error_messages = {"name": {"required": "Give the course a name, for example Five monthly sessions."}}

    def __init__(self, *args: Any, protocol: Protocol | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.protocol = protocol
        if self.is_correction:
            self.initial["baseline"] = self.instance.baseline
            self.fields["correction_reason"].label = "Why is the plan changed?"
            self.fields["correction_reason"].help_text = "Saved with the old plan, and shown on the course."
            self.fields["correction_reason"].error_messages["required"] = (
                "Write why the plan is changed, for example: patient travels in June."
            )
        else:
            self.initial.setdefault("baseline", PartialDate(timezone.localdate().isoformat()))
        if protocol is not None:
            self.fill_in(protocol)
            self.initial["name"] = protocol.name

    def clean_baseline(self) -> PartialDate:
        baseline: PartialDate = self.cleaned_data["baseline"]
        if baseline.approximate:
            raise ValidationError(
                "Month 0 cannot be “about”, because everything is counted from it. Write the month, for example May "
                "2025."
            )
        if baseline.earliest > timezone.localdate() + FURTHEST_AHEAD:
            raise ValidationError("Month 0 is more than a year ahead. Check the year.")
        return baseline

    def values(self) -> dict[str, Any]:
        baseline: PartialDate = self.cleaned_data["baseline"]
        values = super().values() | {"baseline_on": baseline.earliest, "baseline_precision": DatePrecision.of(baseline)}
        if not self.is_correction:
            values["protocol"] = self.protocol
        return values


class StepForm(PlainTextForm, forms.Form):
    """A step of a course, with its reason."""

    version = VersionField()
    reason = forms.CharField(
        label="Why?", min_length=MIN_REASON, max_length=300, help_text="Shown on the page of the course."
    )


class StopForm(StepForm):
    stopped_on = DayFormField(label="When was it stopped?")
    field_order = ["version", "stopped_on", "reason"]

    def clean_stopped_on(self) -> Any:
        day = self.cleaned_data["stopped_on"]
        if day > timezone.localdate():
            raise ValidationError("This day is in the future. Write the day on which it was decided.")
        return day


class HandOnForm(PlainTextForm, forms.Form):
    """To which course what is filed under one that was struck out belongs."""

    to = forms.ModelChoiceField(
        Course.objects.none(),
        label="To which course do they belong?",
        empty_label="Choose the course",
        error_messages={"required": "Choose the course. If it is not planned yet, plan it first."},
    )
    reason = forms.CharField(label="Why?", min_length=MIN_REASON, max_length=300, help_text="Saved with each record.")

    def __init__(self, *args: Any, course: Course, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ModelChoiceField, self.fields["to"])
        field.queryset = Course.objects.of_patient(course.patient)
        field.choices = [("", "Choose the course"), *((str(each.pk), each.distinct_name) for each in field.queryset)]


class AdvanceForm(StepForm):
    to = forms.ChoiceField(label="Move on to", widget=forms.RadioSelect)
    field_order = ["version", "to", "reason"]

    def __init__(self, *args: Any, states: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = states  # type: ignore[attr-defined]
        if len(states) == 1:
            self.initial.setdefault("to", states[0][0])
