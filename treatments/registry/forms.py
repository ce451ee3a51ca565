from typing import Any

from django import forms
from django.db.models import Min
from django.utils import timezone

from treatments.assessments.models import Assessment, Measurement
from treatments.courses.models import Course, ExosomeSession
from treatments.patients.models import HairHistory, Patient, Therapy
from treatments.patients.rules import birth_problems, event_date_problems, onset_problems
from treatments.patients.vocabulary import Caution, FamilyStatus, Relative
from treatments.photos.models import Photo
from treatments.records.forms.fields import PartialDateFormField
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import RecordForm, Section
from treatments.records.partial_dates import PartialDate
from treatments.records.regions import Region
from treatments.records.vocabulary import Asked


class PatientForm(RecordForm):
    sections = (
        Section("Who", ("name", ("record_number", "sex"), ("birth", "ethnicity"))),
        Section("Contact", (("phone", "email"), "contact_note"), "Seen by everyone at the clinic."),
    )
    birth = PartialDateFormField(
        label="Date of birth",
        required=False,
        is_birth=True,
        help_text="As exactly as it is known: 14 May 1965, 1965, 60 years old, 60 in January 2025.",
    )

    class Meta:
        model = Patient
        fields = ["name", "record_number", "sex", "birth", "ethnicity", "phone", "email", "contact_note"]
        help_texts = {"record_number": "Unique at this clinic.", "sex": "Chooses the scales that are offered first."}
        error_messages = {
            "name": {"required": "Enter the patient's name as it stands in the record."},
            "sex": {"required": "Choose one; “Unknown” is an answer."},
        }

    def __init__(self, *args: Any, clinic: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        self.fields["phone"].widget.attrs["inputmode"] = "tel"

    def clean_record_number(self) -> str:
        number = str(self.cleaned_data["record_number"]).strip()
        taken = Patient.objects.of(self.clinic).filter(record_number=number)
        if taken.exclude(pk=self.own_id).exists():
            raise forms.ValidationError("This record number belongs to another patient. Use the next free one.")
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        birth: PartialDate | None = cleaned.get("birth")
        if birth:
            self.judge(birth_problems(birth, today=timezone.localdate()))
            if self.is_correction and "birth" in self.changed_data:
                self._judge_what_is_recorded(birth)
        return cleaned

    def _judge_what_is_recorded(self, birth: PartialDate) -> None:
        """Rule 1 again: a birth that is corrected must still come before everything that happened."""
        patient, today = self.instance, timezone.localdate()
        first_days = {
            "session": ExosomeSession.objects.standing().filter(patient=patient).aggregate(first=Min("performed_on")),
            "visit": Assessment.objects.standing().filter(patient=patient).aggregate(first=Min("assessed_on")),
            "measurement": Measurement.objects.standing().filter(patient=patient).aggregate(first=Min("measured_on")),
            "photo": Photo.objects.standing().filter(patient=patient).aggregate(first=Min("taken_on")),
        }
        for what, found in first_days.items():
            if (day := found["first"]) is not None:
                self.judge(event_date_problems(day, field="birth", what=f"first {what}", today=today, birth=birth))

    def values(self) -> dict[str, Any]:
        told = str(self.data.get("birth", "")).strip()
        return super().values() | {"birth_as_told": told[:60]}


def _pick(choices: Any, label: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple)


class HistoryForm(RecordForm):
    sections = (
        Section("Hair loss", (("onset", "course"), ("complaint",), "regions", "story")),
        Section("Before and beside", ("earlier_treatment",), "If there was any, the next page asks for it."),
        Section("Family", ("family", "affected_relatives", "unaffected_relatives", "family_note")),
        Section("Safety", ("allergies", "allergies_text", "cautions_asked", "cautions"), "Asked before any injection."),
        Section("Health", ("conditions", "conditions_text", "medicines", "medicines_text", "smoking", "impact")),
    )
    onset = PartialDateFormField(
        label="When did the hair loss begin?",
        required=False,
        help_text="As the patient says it: 2020, May 2020, about 2020, 5 years ago.",
    )
    regions = _pick([choice for choice in Region.choices if choice[0] != Region.WHOLE_SCALP], "Where?")
    cautions = _pick(Caution.choices, "What speaks against it?")
    affected_relatives = _pick(Relative.choices, "Who has hair loss?")
    unaffected_relatives = _pick(Relative.choices, "Who has none?")

    class Meta:
        model = HairHistory
        fields = [
            "onset",
            "course",
            "complaint",
            "regions",
            "story",
            "earlier_treatment",
            "family",
            "family_note",
            "allergies",
            "allergies_text",
            "conditions",
            "conditions_text",
            "medicines",
            "medicines_text",
            "cautions_asked",
            "cautions",
            "smoking",
            "impact",
        ]
        widgets = {
            name: forms.RadioSelect
            for name in ("earlier_treatment", "family", "allergies", "conditions", "medicines", "cautions_asked")
        }

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient
        if self.is_correction:
            told = self.instance.relatives
            self.initial["affected_relatives"] = [r for r, status in told.items() if status == FamilyStatus.AFFECTED]
            self.initial["unaffected_relatives"] = [
                r for r, status in told.items() if status == FamilyStatus.UNAFFECTED
            ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._named_means_yes("allergies", "allergies_text", "the allergies")
        self._named_means_yes("conditions", "conditions_text", "the illness")
        self._named_means_yes("medicines", "medicines_text", "the medicines")
        self._named_means_yes("cautions_asked", "cautions", "what speaks against it")
        self._named_means_yes("family", "affected_relatives", "the relatives", may_be_unnamed=True)
        onset: PartialDate | None = cleaned.get("onset")
        if onset and onset.earliest > timezone.localdate():
            self.add_error("onset", "The hair loss cannot begin in the future. Check the year.")
        elif onset:
            first = Course.objects.standing().filter(patient=self.patient).order_by("baseline_on").first()
            baseline_on = first.baseline.latest if first else None
            self.judge(onset_problems(onset, birth=self.patient.birth or None, baseline_on=baseline_on))
        return cleaned

    def _named_means_yes(self, question: str, named: str, what: str, *, may_be_unnamed: bool = False) -> None:
        answer, names = self.cleaned_data.get(question), self.cleaned_data.get(named)
        if names and answer != Asked.YES:
            self.add_error(question, f"You named {what}: choose “Yes”, or clear them.")
        if answer == Asked.YES and not names and not may_be_unnamed:
            self.add_error(named, f"You chose “Yes”: name {what}.")

    def values(self) -> dict[str, Any]:
        told = {code: FamilyStatus.UNAFFECTED.value for code in self.cleaned_data.get("unaffected_relatives", [])}
        told |= {code: FamilyStatus.AFFECTED.value for code in self.cleaned_data.get("affected_relatives", [])}
        as_told = str(self.data.get("onset", "")).strip()[:60]
        return super().values() | {"relatives": told, "onset_as_told": as_told}


class TherapyForm(RecordForm):
    sections = (Section("Treatment", (("kind", "detail"), ("started", "ended"), ("is_ongoing", "response"), "note")),)
    started = PartialDateFormField(label="Begun", required=False, help_text="2020, May 2020, 5 years ago.")
    ended = PartialDateFormField(label="Ended", required=False)

    class Meta:
        model = Therapy
        fields = ["kind", "detail", "started", "ended", "is_ongoing", "response", "note"]

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient
        self.fields["is_ongoing"] = forms.NullBooleanField(
            label="Still going on?",
            required=False,
            widget=forms.Select(choices=[("", "Not asked"), ("true", "Yes"), ("false", "No")]),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        started, ended = cleaned.get("started"), cleaned.get("ended")
        today, birth = timezone.localdate(), self.patient.birth or None
        for name, day, what in (("started", started, "start"), ("ended", ended, "end")):
            if day:
                self.judge(event_date_problems(day, field=name, what=what, today=today, birth=birth))
        if ended and cleaned.get("is_ongoing"):
            self.add_error("is_ongoing", "It has an end, so it is not still going on. Clear one of the two.")
        if started and ended and ended.latest < started.earliest:
            self.add_error("ended", "It ends before it begins. Check the two dates.")
        return cleaned


class ReasonForm(PlainTextForm, forms.Form):
    reason = forms.CharField(label="Why?", min_length=3, max_length=300)
