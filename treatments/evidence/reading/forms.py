"""What is asked to open a round, to ask a reader, to close a round, and of a reader about one pair."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from clinic.staff.access import Can, people_who_may
from clinic.staff.models import Clinic, User
from treatments.photos.readings.models import SCALE, Against, CannotJudge, ReadingRound
from treatments.photos.readings.results import FEWEST_READERS
from treatments.photos.vocabulary import NEEDS_SITE, View
from treatments.records.forms.conditions import AskedWhen
from treatments.records.forms.fields import WholeNumberField
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import MIN_REASON, RecordForm, Section
from treatments.records.regions import Region
from treatments.sessions.plan.forms import CheckpointsField

MOST_PAIRS: Final = 200
CANNOT: Final = "cannot"
_SHARES: Final = [("10", "10 in a hundred"), ("15", "15 in a hundred"), ("20", "20 in a hundred")]


class RoundForm(RecordForm):
    sections = (
        Section("The round", ("name",)),
        Section("Which pairs", ("view", "site", "months", "against", "which", "at_most"), "Taken by chance."),
        Section(
            "Hidden among them",
            (("null_percent", "repeat_percent"),),
            "They show how often a gain is seen where there is none, and whether a reader says the same twice.",
        ),
        Section("Readers", ("readers",), f"{FEWEST_READERS} or more; they never learn what the others say."),
    )
    conditions = (AskedWhen("view", tuple(view.value for view in NEEDS_SITE), ("site",)),)
    name = forms.CharField(
        label="What is this round called?",
        max_length=120,
        help_text="Readers see this. Do not write what you hope to find: Vertex, autumn 2026.",
        error_messages={"required": "Give the round a name, for example Vertex, autumn 2026."},
    )
    view = forms.ChoiceField(
        label="Which view?",
        choices=[("", "Choose the view"), *((view.value, view.label) for view in View if view != View.TREATMENT_MAP)],
        error_messages={"required": "Choose one view. Pairs of several views are several rounds."},
    )
    site = forms.ChoiceField(label="Of which site?", choices=[("", "Choose the site"), *Region.choices], required=False)
    months = CheckpointsField(
        label="Photos of which Months?",
        max_length=120,
        help_text="For example 6, or 3, 6, 12. A patient gives one pair, of a Month taken by chance.",
    )
    against = forms.ChoiceField(label="Against which photo?", choices=Against.choices, initial=Against.BASELINE)
    which = forms.ChoiceField(
        label="Which of these pairs?",
        choices=[
            ("comparable", "Only those that are comparable by the record"),
            ("all", "All, and the results for both are shown"),
        ],
        help_text="Light, hair length, parting, distance and camera must be recorded for both photos, and be alike.",
    )
    at_most = WholeNumberField(
        label="How many pairs at most?", low=1, high=MOST_PAIRS, required=True, help_text="40 take about 20 minutes."
    )
    null_percent = forms.TypedChoiceField(label="Pairs of one Month", choices=_SHARES, coerce=int)
    repeat_percent = forms.TypedChoiceField(label="Pairs shown again, sides changed", choices=_SHARES, coerce=int)
    readers = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label="Who reads?",
        widget=forms.CheckboxSelectMultiple,
        help_text="Patients whom one of them has treated, graded, measured or photographed are left out of the round.",
        error_messages={"required": "Choose two readers or more."},
    )

    class Meta:
        model = ReadingRound
        fields = ["name", "view", "site", "months", "against", "at_most", "null_percent", "repeat_percent"]

    def __init__(self, *args: Any, clinic: Clinic, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        for name in ("at_most", "null_percent", "repeat_percent"):
            self.initial.setdefault(name, getattr(self.instance, name))
        readers: Any = self.fields["readers"]
        readers.queryset = people_who_may(Can.READ_BLIND, clinic=clinic).exclude(pk=by.pk)

    def clean_site(self) -> str:
        return str(self.cleaned_data.get("site") or "") if self.cleaned_data.get("view") in NEEDS_SITE else ""

    def clean_months(self) -> list[int]:
        months: list[int] = self.cleaned_data["months"]
        if not months or months[0] < 1:
            raise ValidationError("Write Months from 1 on: each is compared with a photo from before it.")
        return months

    def clean_readers(self) -> Any:
        readers = self.cleaned_data["readers"]
        if len(readers) < FEWEST_READERS:
            raise ValidationError("Choose two readers or more: what one reader saw nobody can check.")
        return readers

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("view") in NEEDS_SITE and not cleaned.get("site"):
            self.add_error("site", "Choose the site: a close-up is compared with one of the same place.")
        return cleaned

    def values(self) -> dict[str, Any]:
        return super().values() | {"comparable_only": self.cleaned_data["which"] == "comparable"}


class ReaderForm(PlainTextForm, forms.Form):
    """One more reader, or a third one."""

    reader = forms.ModelChoiceField(
        User.objects.none(),
        label="Who?",
        empty_label="Choose a reader",
        error_messages={"required": "Choose who is to read."},
    )

    def __init__(self, *args: Any, round: ReadingRound, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reader: Any = self.fields["reader"]
        people = people_who_may(Can.READ_BLIND, clinic=round.clinic)
        out = [by.pk, round.created_by_id, *round.places.values_list("reader", flat=True)]
        reader.queryset = people.exclude(pk__in=out)


class CloseForm(PlainTextForm, forms.Form):
    reason = forms.CharField(
        label="Why is it closed before everybody has read all?", min_length=MIN_REASON, max_length=300, required=False
    )


class AnswerForm(PlainTextForm, forms.Form):
    """What a reader says of a pair: one of seven, or that it cannot be judged, and why."""

    answer = forms.ChoiceField(
        label="Which photograph shows more hair?",
        choices=[*((str(score), label) for score, label in SCALE.items()), (CANNOT, "Cannot judge")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the seven, or Cannot judge."},
    )
    reason = forms.ChoiceField(
        label="Why can it not be judged?", choices=[("", "Choose why"), *CannotJudge.choices], required=False
    )
    note = forms.CharField(label="In your words", max_length=300, required=False)
    conditions = (AskedWhen("answer", (CANNOT,), ("reason", "note")),)
    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("answer") != CANNOT:
            return cleaned
        if not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Choose why the pair cannot be judged.")
        if cleaned.get("reason") == CannotJudge.OTHER and not cleaned.get("note"):
            self.add_error("note", "Write the reason in your words.")
        return cleaned

    def answer_given(self) -> dict[str, Any]:
        """What `actions.answer` is called with."""
        told = self.cleaned_data
        if told["answer"] != CANNOT:
            return {"score": int(told["answer"]), "cannot_judge": "", "note": ""}
        return {"score": None, "cannot_judge": told["reason"], "note": told["note"]}
