"""What a manager asks the audit trail."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms

from clinic.audit_report.questions import Question
from clinic.audit_report.words import KINDS, Kind
from clinic.staff.models import Clinic
from treatments.audit_trail.people import People
from treatments.audit_trail.subjects import MAX_MATCHES, Subject, find, subject_of
from treatments.patients.models import Patient
from treatments.records.forms.fields import PartialDateFormField
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.partial_dates import PartialDate

NEWEST, OLDEST = "newest", "oldest"
EXAMPLE_OF_A_DATE = "14 May 2026"


class QuestionForm(PlainTextForm, forms.Form):
    """A question, from an address. `matches` are the patients among whom the one who is meant must be chosen, each with
    the question about that patient as part of an address."""

    patient = forms.CharField(label="Patient", max_length=80, required=False)
    person = forms.ChoiceField(label="Person", required=False)
    since = PartialDateFormField(label="From", required=False)
    until = PartialDateFormField(label="To", required=False)
    kind = forms.ChoiceField(
        label="What",
        required=False,
        choices=[("", "Anything"), *((kind.value, label) for kind, label in KINDS.items())],
    )
    order = forms.ChoiceField(
        label="Order", required=False, choices=[(NEWEST, "Newest first"), (OLDEST, "Oldest first")], initial=NEWEST
    )

    def __init__(self, *args: Any, clinic: Clinic, people: People, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic, self.people = clinic, people
        self.matches: list[tuple[Patient, str]] = []
        self.subject: Subject | None = None
        self.fields["person"].choices = [("", "Anybody"), *people.choices()]  # type: ignore[attr-defined]
        self.fields["patient"].widget.attrs["placeholder"] = "Name, record number or telephone"
        for name in ("since", "until"):
            self.fields[name].widget.attrs["placeholder"] = EXAMPLE_OF_A_DATE

    def clean_patient(self) -> str:
        text: str = self.cleaned_data["patient"]
        found = find(self.clinic, text) if text else []
        if text and not found:
            raise forms.ValidationError("No patient matches. Type fewer letters, or the record number.")
        if len(found) == 1:
            self.subject = subject_of(found[0])
        elif found:
            self.matches = [(each, self.query(patient=each.record_number)) for each in found[:MAX_MATCHES]]
            more = " There are more: type more letters to see the rest." if len(found) > MAX_MATCHES else ""
            raise forms.ValidationError(f"Choose which patient you mean.{more}")
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since: PartialDate | None = cleaned.get("since")
        until: PartialDate | None = cleaned.get("until")
        if since and until and since.earliest > until.latest:
            self.add_error("until", f"This lies before {since.label()}. Write that day or a later one.")
        return cleaned

    def question(self, *, asked_at: datetime) -> Question:
        """What was asked, once the form is valid."""
        answers = self.cleaned_data
        person_id = int(answers["person"]) if answers["person"] else None
        return Question(
            clinic=self.clinic,
            asked_at=asked_at,
            patients=self.subject.ids if self.subject else (),
            entries=self.subject.entries if self.subject else {},
            person_id=person_id,
            accounts=self.people.hashes(person_id),
            first=answers["since"].earliest if answers["since"] else None,
            last=answers["until"].latest if answers["until"] else None,
            kind=Kind(answers["kind"]) if answers["kind"] else None,
            oldest_first=answers["order"] == OLDEST,
        )

    @property
    def facts(self) -> dict[str, str]:
        """What was asked, in words, by the names of the fields."""
        answers = self.cleaned_data
        patient = self.subject.patient if self.subject else None
        return {
            "Patient": f"{patient.record_number} {patient.name}" if patient else "any",
            "Person": self.people.names[int(answers["person"])] if answers["person"] else "anybody",
            "When": _span(answers["since"], answers["until"]),
            "What": KINDS[Kind(answers["kind"])].lower() if answers["kind"] else "anything",
        }

    @property
    def codes(self) -> dict[str, str]:
        """What was asked, as the audit trail keeps it: without a name."""
        answers = self.cleaned_data
        dates = {name: answers[name].text for name in ("since", "until") if answers[name]}
        return dates | {name: answers[name] for name in ("person", "kind") if answers[name]}

    def query(self, **changes: str) -> str:
        """The question as part of an address; `changes` are other answers."""
        typed = {name: self.data.get(name, "") for name in self.fields}
        return urlencode({name: text for name, text in (typed | changes).items() if text})


class SinceForm(PlainTextForm, forms.Form):
    """From which day on a patient is told of the trail; from its beginning where nothing is typed."""

    since = PartialDateFormField(label="Since", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["since"].widget.attrs["placeholder"] = EXAMPLE_OF_A_DATE

    @property
    def first(self) -> date | None:
        since: PartialDate | None = self.cleaned_data["since"] if self.is_bound else None
        return since.earliest if since else None


def _span(since: PartialDate | None, until: PartialDate | None) -> str:
    if since and until:
        return since.label() if since == until else f"{since.label()} to {until.label()}"
    if since or until:
        return f"from {since.label()} on" if since else f"until {until.label() if until else ''}"
    return "at any time"
