"""The short form of a follow-up without needle: how it goes, anything since last time, what comes next."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from clinic.staff.access import Can, people_who_may
from clinic.staff.models import Clinic, User
from treatments.assessments.measurements.forms import relabel_blank
from treatments.assessments.models import Assessment
from treatments.assessments.vocabulary import VisitKind
from treatments.courses.forms import OwnCourseForm
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems
from treatments.records.forms import named_person
from treatments.records.forms.composite_form import CompositeForm, FormPart
from treatments.records.forms.fields import PartialDateFormField
from treatments.records.forms.record_form import Section
from treatments.records.vocabulary import Asked
from treatments.safety.models import AdverseEvent, FollowUp
from treatments.safety.vocabulary import Outcome

_NOW = [
    ("", "Not asked today"),
    (Outcome.ONGOING, "Still there"),
    (Outcome.RECOVERING, "Getting better"),
    (Outcome.RECOVERED, "Gone"),
]


class OpenEventPart(FormPart):
    """How an event that is not resolved is now; what is answered is its next follow-up."""

    use_required_attribute = False

    def __init__(self, *args: Any, event: AdverseEvent, **kwargs: Any) -> None:
        super().__init__(*args, prefix=str(event.pk), **kwargs)
        self.event = event
        name = f"{event.get_kind_display()}, {event.when.label()}"
        self.fields["now"] = forms.ChoiceField(label=f"{name}: how is it now?", required=False, choices=_NOW)
        self.fields["over"] = PartialDateFormField(label="If it is gone: since when?", required=False)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("over") and not self.cleaned_data.get("now"):
            self.add_error("now", "You wrote when it was over. Choose how it is now.")
        return self.cleaned_data

    @property
    def is_answered(self) -> bool:
        return bool(self.cleaned_data.get("now"))

    def look(self, visit: Assessment) -> FollowUp:
        answer = str(Outcome(self.cleaned_data["now"]).label).lower()
        return FollowUp(
            clinic=visit.clinic,
            patient=visit.patient,
            event=self.event,
            seen_on=visit.assessed_on,
            outcome=self.cleaned_data["now"],
            ended=self.cleaned_data.get("over"),
            note=f"Asked at the follow-up of that day: {answer}.",
            seen_by=visit.assessor,
        )


class FollowUpVisitForm(OwnCourseForm, CompositeForm):
    """A visit without grading. `open_events` are asked in a new one only: a correction changes what the visit said."""

    sections: ClassVar[Sequence[Section]] = (
        Section("How does it go?", ("when", "change_seen", "patient_change", "patient_words")),
        Section("Anything since last time?", ("since_last",)),
        Section("And then?", ("examination", "plan", ("assessor", "assessor_name"))),
    )
    when_columns = ("assessed_on", "assessed_precision")
    when_label = "When was the patient seen?"

    since_last = forms.ChoiceField(
        label="Anything since last time?",
        required=False,
        choices=[(Asked.NONE, "No"), (Asked.YES, "Yes, report it next"), (Asked.NOT_ASKED, "Not asked")],
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Assessment
        fields = [
            "change_seen", "patient_change", "patient_words", "since_last", "examination", "plan", "assessor",
            "assessor_name",
        ]  # fmt: skip
        labels = {
            "change_seen": "How does it go?",
            "patient_change": "Patient: hair compared with the beginning",
            "patient_words": "In the patient’s own words",
            "examination": "Note",
            "plan": "What comes next?",
            "assessor": "Seen by",
            "assessor_name": "Or seen by somebody without an account",
        }
        widgets: ClassVar[dict[str, Any]] = {
            name: forms.Textarea(attrs={"rows": 2}) for name in ("change_seen", "patient_words", "examination", "plan")
        }

    def __init__(self, *args: Any, patient: Patient, clinic: Clinic, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient
        fields: dict[str, Any] = self.fields
        relabel_blank(fields["patient_change"], "Not asked")
        fields["assessor"].empty_label = "Not stated"
        named = self.instance.assessor_id
        fields["assessor"].queryset = people_who_may(Can.WRITE_RECORD, clinic=clinic, named_id=named)
        self.ask_for_course(patient)
        self.open_events: list[OpenEventPart] = []
        if not self.is_correction:
            self.initial.setdefault("assessor", by.pk)
            events = AdverseEvent.objects.open().filter(patient=patient).serious_first()
            self.open_events = [self.add_part(OpenEventPart, event=event) for event in events]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["since_last"] = cleaned.get("since_last") or Asked.NOT_ASKED.value
        today = timezone.localdate()
        if (when := cleaned.get("when")) and when.earliest <= today:
            birth = self.patient.birth or None
            self.judge(
                event_date_problems(when, field="when", what="visit", today=today, birth=birth, death=self.patient.died)
            )
        named_person.settle(self, cleaned, "assessor")
        said = ("change_seen", "patient_words", "examination", "plan")
        is_empty = not any(cleaned.get(name) for name in said) and cleaned.get("patient_change") is None
        if is_empty and cleaned["since_last"] == Asked.NOT_ASKED and not self.errors:
            self.add_error("change_seen", "Write how it goes, or answer one of the questions below.")
        return cleaned

    def values(self) -> dict[str, Any]:
        return super().values() | {"visit": VisitKind.FOLLOW_UP.value}

    def looks(self, visit: Assessment) -> list[FollowUp]:
        """What was answered of the events that are not resolved."""
        return [each.look(visit) for each in self.open_events if each.is_answered]
