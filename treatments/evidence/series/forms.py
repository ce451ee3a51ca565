"""Which cases a series tells of, and what its authors write."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from clinic.staff.models import Clinic, User
from treatments.courses.models import Protocol
from treatments.evidence.outcomes.choices import choices
from treatments.evidence.outcomes.cohort import Cohort
from treatments.evidence.series.models import CaseSeries
from treatments.patients.vocabulary import Sex
from treatments.products.models import Product
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import RecordForm, Section

_ROWS: dict[str, int] = {"introduction": 6, "limits": 6, "literature": 6, "references": 6, "inclusion": 4}
_TEXTS = (
    *("introduction", "registration", "ethics", "setting", "inclusion", "treated_by", "changes_why", "limits"),
    *("literature", "conclusion", "authors", "funding", "interests", "references"),
)
_CHOICE = ("protocol", "product", "lot", "stage", "sex", "others")
_WITHOUT = "without"


class SeriesForm(RecordForm):
    """A series, new or written on. No reason is asked for a change: what was there before is kept."""

    sections: ClassVar = [
        Section("Which cases", ["title", "month", ("from_on", "until_on")]),
        Section(
            "Only some of them",
            [("protocol", "product"), ("lot", "stage"), ("sex", "others")],
            help="nothing chosen: all of the period",
        ),
        Section("Introduction", ["introduction"]),
        Section("Methods", ["registration", "ethics", "setting", "inclusion", "treated_by", "changes_why"]),
        Section("Discussion", ["limits", "literature", "conclusion"]),
        Section("Who and with whose money", ["authors", "funding", "interests"]),
        Section("References", ["references"], help="a line for each"),
    ]

    class Meta:
        model = CaseSeries
        fields = ["title", "month", "from_on", "until_on", *_TEXTS]
        widgets: ClassVar[dict[str, Any]] = {
            "title": forms.TextInput(attrs={"autocomplete": "off"}),
            **{name: forms.Textarea(attrs={"rows": _ROWS.get(name, 3), "autocomplete": "off"}) for name in _TEXTS},
        }
        labels = {
            "introduction": "What is known, and why are these cases told?",
            "references": "Which publications are cited?",
        }
        help_texts = {
            "title": "It says what was treated with what. “A case series” is put behind it.",
            "month": "The time at which density and stage are told of.",
            "registration": "Registry and number, or that it was not registered.",
            "ethics": "Committee and number, or why none was needed; how consent was asked for.",
            "setting": "The kind of clinic and of its patients. No name and no place: reviewers may read blind.",
            "inclusion": "Who was offered the treatment and who was not, as it was decided then.",
            "changes_why": "Sessions that were left out, moved or changed in volume. Leave empty where there are none.",
            "limits": "What is known from the record stands below your words on the paper.",
            "interests": "Whoever sells the product, or gets it for less, writes it here.",
            "authors": "A line for each: name, degree, institution, ORCID.",
        }
        error_messages = {
            "title": {"required": "Write a title."},
            "from_on": {"required": "Write the first day of the period."},
            "until_on": {"required": "Write the last day of the period."},
        }

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("correction_reason", None)
        chosen = QueryDict(self.instance.chosen)
        for model, label in ((Protocol, "Protocol"), (Product, "Product")):
            rows = model.objects.of(clinic).order_by("name")
            self.fields[label.lower()] = forms.ModelChoiceField(
                rows, label=label, required=False, empty_label=f"Every {label.lower()}"
            )
        known = choices(clinic, Cohort.read(clinic, chosen.dict()))
        for name, label, nothing, values in (
            ("lot", "Lot", "Every lot", known.lots),
            ("stage", "Stage at baseline", "Every stage", known.stages),
        ):
            self.fields[name] = forms.ChoiceField(label=label, choices=[("", nothing), *values], required=False)
        everybody = [("", "Everybody"), *Sex.choices]
        self.fields["sex"] = forms.ChoiceField(label="Sex", choices=everybody, required=False)
        self.fields["others"] = forms.ChoiceField(
            label="Other hair-loss treatments",
            choices=[("", "With or without"), (_WITHOUT, "Only those without another at that Month")],
            required=False,
        )
        for name in _CHOICE:
            self.initial.setdefault(name, chosen.get(name, ""))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("from_on"), cleaned.get("until_on")
        if first and last and last < first:
            self.add_error("until_on", "The period ends before it begins. Write a later day.")
        return cleaned

    @property
    def chosen(self) -> str:
        """The choice as a cohort reads it."""
        told = {name: self.cleaned_data.get(name) for name in _CHOICE}
        return urlencode({name: getattr(value, "pk", value) for name, value in told.items() if value})

    def values(self) -> dict[str, Any]:
        return super().values() | {"chosen": self.chosen}

    def change(self, *, by: User) -> dict[str, Any]:
        """What the action that writes on is called with."""
        return {"changes": self.values(), "expected_version": self.expected_version, "by": by}


class CodeForm(PlainTextForm, forms.Form):
    """The code of one row of a file."""

    code = forms.CharField(
        label="Code in the file",
        max_length=12,
        help_text="As it stands in the column “case”: P and seven letters.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": "Write the code of the row."},
    )
