from typing import Any

from django import forms

from treatments.identity.merge.actions import entered_since, following, going_back
from treatments.identity.merge.contents import KINDS
from treatments.patients.models import Patient
from treatments.patients.moves import RecordMove
from treatments.records.forms.record_form import RecordForm


class MergeForm(RecordForm):
    """Which of two records of one person stays, and why they are taken for one person's."""

    keep = forms.ChoiceField(label="Which record stays?", widget=forms.RadioSelect)

    class Meta:
        model = RecordMove
        fields = ["reason"]
        labels = {"reason": "How do you know that it is one person?"}
        help_texts = {"reason": "For example: the same identity card. Read in both records."}

    def __init__(self, *args: Any, one: Patient, other: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.pk): one, str(other.pk): other}
        field: Any = self.fields["keep"]
        field.choices = [(pk, f"{each.record_number}, {each.name}") for pk, each in self.people.items()]
        self.initial["keep"] = str(min(one, other, key=lambda each: each.created_at).pk)

    def recent_duplicate(self, **asked_of: Any) -> None:
        """None: what was moved is gone from here, so that the next one of the same words is another act."""

    @property
    def survivor(self) -> Patient:
        chosen = self.cleaned_data.get("keep") if self.is_bound and self.is_valid() else None
        return self.people[chosen or self.initial["keep"]]

    @property
    def other(self) -> Patient:
        return next(each for each in self.people.values() if each != self.survivor)


class ApartForm(RecordForm):
    """Why two merged records are taken apart, and what of the records entered since goes with the one that came."""

    also = forms.MultipleChoiceField(
        label="Entered after the merge: to which patient does it belong?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What you tick moves to the record that is separated again. The rest stays.",
    )

    class Meta:
        model = RecordMove
        fields = ["reason"]
        labels = {"reason": "Why are they two people?"}

    def __init__(self, *args: Any, merge: RecordMove, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        back = going_back(merge)
        self.follows = following(merge, back)
        since = [record for record in entered_since(merge) if record not in self.follows]
        field: Any = self.fields["also"]
        field.choices = [(str(each.pk), f"{KINDS[type(each)].capitalize()}: {each}") for each in since]
        if not since:
            del self.fields["also"]

    def recent_duplicate(self, **asked_of: Any) -> None:
        """None: what was moved is gone from here, so that the next one of the same words is another act."""
