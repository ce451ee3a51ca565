from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django import forms
from django.utils import timezone

from treatments.courses.models import ExosomeSession
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems
from treatments.records.forms.fields import PartialDateFormField
from treatments.records.forms.record_form import RecordForm, Section
from treatments.records.problems import Problem
from treatments.safety.grading import (
    GRADE_MEANINGS,
    GRADE_WORDS,
    KIND_GRADES,
    agreement_problems,
    date_problems,
    suggested_action,
)
from treatments.safety.models import AdverseEvent
from treatments.safety.suspected_sessions import Suspect
from treatments.safety.vocabulary import (
    CAUSALITY_GUIDE,
    REACTIONS_TODAY,
    ActionTaken,
    Causality,
    EventKind,
    Expectedness,
    LocalAction,
    Seriousness,
)


def day_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def offer(form: forms.BaseForm, name: str, choices: Any) -> None:
    """Let a field offer these, in words of our own for the blank."""
    cast(forms.ChoiceField, form.fields[name]).choices = choices


def several(choices: Any, label: str, help_text: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple, help_text=help_text
    )


class SafetyForm(RecordForm):
    """Dates and answers of an event are judged together, whichever form they are typed into."""

    patient: Patient


    def judge_day(self, name: str, what: str) -> None:
        day = self.cleaned_data.get(name)
        if day:
            self.judge(
                event_date_problems(
                    day, field=name, what=what, today=timezone.localdate(), birth=self.patient.birth or None
                )
            )


class EventForm(SafetyForm):
    """Reporting an event, and correcting what was reported."""

    sections: ClassVar[Sequence[Section]] = (
        Section("Cause and what was done", ("causality", "local_actions", "action_taken"), folded=True),
        Section(
            "Expected, and who told us",
            (("expectedness", "expectedness_reference"), ("reported_by", "reported_on"), "ctcae_version"),
            folded=True,
        ),
    )
    onset = PartialDateFormField(
        label="When did it begin?", required=False, help_text="14 May 2025, May 2025, or leave it open if not known."
    )
    ended = PartialDateFormField(label="When was it over?", required=False, help_text="If only the month: June 2025.")
    seriousness = several(Seriousness.choices, "Serious because", "Leave all open if it is not serious.")
    local_actions = several(LocalAction.choices, "What was done for the patient?")

    class Meta:
        model = AdverseEvent
        fields = [
            "kind",
            "description",
            "exosome_session",
            "onset",
            "outcome",
            "ended",
            "duration_note",
            "grade",
            "seriousness",
            "causality",
            "local_actions",
            "action_taken",
            "expectedness",
            "expectedness_reference",
            "reported_by",
            "reported_on",
            "ctcae_version",
        ]
        widgets = {
            "kind": forms.RadioSelect,
            "outcome": forms.RadioSelect,
            "causality": forms.RadioSelect,
            "description": forms.Textarea(attrs={"rows": 3}),
            "reported_on": day_input(),
        }
        labels = {"ctcae_version": "Graded by"}
        help_texts = {
            "duration_note": "For example: two hours; off and on for a week.",
            "expectedness": "By its nature and its severity, against the label or the clinic’s own list.",
            "reported_on": "The clock of a report starts here. Left empty: when it is entered.",
        }
        error_messages = {"kind": {"required": "Choose what happened; “Other” is at the end of the list."}}

    def __init__(self, *args: Any, patient: Patient, suspects: list[Suspect], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient
        self._offer_sessions(suspects)
        offer(self, "kind", EventKind.choices)
        offer(self, "causality", [("", "Not judged yet"), *Causality.choices])
        offer(self, "action_taken", [("", "Not recorded"), *ActionTaken.choices])
        offer(self, "expectedness", [("", "Not judged"), *Expectedness.choices])
        self.fields["grade"] = forms.TypedChoiceField(
            label="How bad was it at its worst?",
            coerce=int,
            choices=[(grade, f"Grade {grade}") for grade in GRADE_WORDS],
            widget=forms.RadioSelect,
            initial=1,
        )
        if "instance" in kwargs and kwargs["instance"] is not None:
            self.initial["grade"] = self.instance.grade

    def _offer_sessions(self, suspects: list[Suspect]) -> None:
        """The patient's sessions; one that was struck out stays with the event that was tied to it."""
        offered = [("", "Not tied to a session"), *((str(s.session.pk), s.label) for s in suspects)]
        tied = self.instance.exosome_session
        if tied is not None and tied.is_struck_out:
            offered.append((str(tied.pk), f"{tied}, entered in error"))
        field = cast(forms.ModelChoiceField, self.fields["exosome_session"])
        field.queryset = ExosomeSession.objects.filter(patient=self.patient, pk__in=[pk for pk, _ in offered if pk])
        field.choices = offered

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.judge_day("onset", "event")
        self.judge_day("ended", "end")
        self.judge_day("reported_on", "report")
        actions = cleaned.get("local_actions") or []
        if LocalAction.NONE in actions and len(actions) > 1:
            self.add_error("local_actions", "“None” and something that was done exclude each other. Clear one.")
        if not cleaned.get("action_taken") and (suggested := suggested_action(actions)):
            cleaned["action_taken"] = suggested.value
        if {"kind", "grade", "outcome"} <= set(cleaned):
            self.judge(self._problems(cleaned))
        return cleaned

    def _problems(self, cleaned: dict[str, Any]) -> list[Problem]:
        session, criteria = cleaned.get("exosome_session"), cleaned.get("seriousness") or []
        if cleaned["kind"] == EventKind.ANAPHYLAXIS and not criteria:
            sentence = "Anaphylaxis is as a rule serious: at the least “medically important”."
            self.warn("seriousness", "23", sentence)
        return date_problems(
            onset=cleaned.get("onset"),
            ended=cleaned.get("ended"),
            outcome=cleaned["outcome"],
            session_on=session.performed_on if session and session.performed_precision == "day" else None,
        ) + agreement_problems(
            kind=cleaned["kind"],
            grade=cleaned["grade"],
            serious=bool(criteria),
            criteria=criteria,
            outcome=cleaned["outcome"],
        )

    # ── What the page draws ────────────────────────────────────────────────────────────────────

    @property
    def usual_kinds(self) -> list[Any]:
        """What is seen in the chair, in one tap."""
        return [option for option in self["kind"] if option.data["value"] in REACTIONS_TODAY]

    @property
    def other_kinds(self) -> list[Any]:
        return [option for option in self["kind"] if option.data["value"] not in REACTIONS_TODAY]

    @property
    def other_kind_is_chosen(self) -> bool:
        return bool(self["kind"].value()) and self["kind"].value() not in REACTIONS_TODAY

    @property
    def grade_cards(self) -> list[dict[str, Any]]:
        """Each grade with CTCAE's meaning, and with the meaning it has for single kinds where that differs."""
        site, shedding = KIND_GRADES[EventKind.INJECTION_SITE_PAIN], KIND_GRADES[EventKind.SHEDDING_TE]
        return [
            {
                "option": option,
                "word": GRADE_WORDS[grade],
                "meaning": GRADE_MEANINGS[grade],
                "at_the_site": site[grade],
                "of_shedding": shedding.get(grade, "CTCAE has no such grade for shedding."),
            }
            for grade, option in zip(GRADE_WORDS, self["grade"], strict=True)
        ]

    @property
    def causality_cards(self) -> list[dict[str, Any]]:
        return [
            {"option": option, "guide": CAUSALITY_GUIDE.get(option.data["value"], "")} for option in self["causality"]
        ]

    @property
    def open_sections(self) -> set[str]:
        """Titles of the folded parts that hold something."""
        return {
            section.title
            for section in self.sections
            for entry in section.fields
            for name in (entry if isinstance(entry, tuple) else (entry,))
            if self[name].errors or self.warnings_of(name) or (name != "ctcae_version" and self[name].value())
        }
