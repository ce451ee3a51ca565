import copy
import datetime
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from django import forms
from django.utils import timezone

from treatments.courses.forms import OwnCourseForm
from treatments.courses.models import ExosomeSession
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems
from treatments.records.formatting import day
from treatments.records.forms.conditions import AskedWhen
from treatments.records.forms.fields import PartialDateFormField
from treatments.records.forms.record_form import Section
from treatments.records.partial_dates import PartialDate
from treatments.records.problems import Problem, error
from treatments.safety.grading import (
    GRADE_MEANINGS,
    GRADE_WORDS,
    KIND_GRADES,
    date_problems,
    grade_limits,
    seriousness_problems,
    suggested_action,
)
from treatments.safety.looks import Look, clock_problems, report_problems
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


def set_choices(form: forms.BaseForm, name: str, choices: Any) -> None:
    """Replace a model field's choices, with a label of our own for the blank or none."""
    cast(forms.ChoiceField, form.fields[name]).choices = choices


def multiple_choice(choices: Any, label: str, help_text: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple, help_text=help_text
    )


_AS_REPORTED = ("grade", "seriousness", "outcome", "ended")


class SafetyForm(OwnCourseForm):
    """A form about an event of this patient."""

    patient: Patient

    def judge_day(self, name: str, what: str) -> None:
        when = self.cleaned_data.get(name)
        if when:
            birth, today = self.patient.birth or None, timezone.localdate()
            # What is told or seen of an event may come after a death.
            death = self.patient.died if name in {"onset", "ended"} else None
            self.judge(event_date_problems(when, field=name, what=what, today=today, birth=birth, death=death))


class EventForm(SafetyForm):
    """Reporting an event, and correcting what was reported."""

    conditions = (AskedWhen("seriousness", (), ("learnt_on",)),)
    sections: ClassVar[Sequence[Section]] = (
        Section("Cause and what was done", ("causality", "local_actions", "action_taken"), folded=True),
        Section(
            "Expected, and who reported it",
            (("expectedness", "expectedness_reference"), ("reported_by", "reported_on")),
            folded=True,
        ),
    )
    onset = PartialDateFormField(
        label="When did it begin?", required=False, help_text="14 May 2025, May 2025 or 2025. Leave empty if not known."
    )
    ended = PartialDateFormField(
        label="When was it over?", required=False, help_text="If you know only the month: June 2025."
    )
    seriousness = multiple_choice(Seriousness.choices, "Serious because", "Leave empty if it is not serious.")
    local_actions = multiple_choice(LocalAction.choices, "What was done for the patient?")
    counted_from: ClassVar[Mapping[str, str]] = {"onset": "reported_on", "ended": "reported_on"}

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
            "learnt_on",
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
        }
        labels = {"ctcae_version": "Graded by", "learnt_on": "When did the clinic learn that it was serious?"}
        help_texts = {
            "duration_note": "For example: two hours; now and then for a week.",
            "expectedness": "Is this kind of event, this bad, on the product label or on the clinic’s own list?",
            "reported_on": "Leave empty if it was today.",
            "learnt_on": (
                "The days until the report is due are counted from this day. Leave empty if the clinic knew it when "
                "it was told of the event."
            ),
        }
        error_messages = {"kind": {"required": "Choose what happened. “Other” is the last one in the list."}}

    def __init__(self, *args: Any, patient: Patient, suspects: list[Suspect], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient
        self.follow_ups: list[Look] = []
        self._set_sessions(suspects)
        set_choices(self, "kind", EventKind.choices)
        set_choices(self, "causality", [("", "Not assessed yet"), *Causality.choices])
        set_choices(self, "action_taken", [("", "Not recorded"), *ActionTaken.choices])
        set_choices(self, "expectedness", [("", "Not assessed"), *Expectedness.choices])
        self.fields["grade"] = forms.TypedChoiceField(
            label="How bad was it at its worst?",
            coerce=int,
            choices=[(grade, f"Grade {grade}") for grade in GRADE_WORDS],
            widget=forms.RadioSelect,
            initial=1,
        )
        if self.is_correction:
            self._begin_with_the_report()
        self.ask_for_course(patient)
        if "course" in self.fields:
            self.fields["course"].help_text = "If you chose a session above, its course is used."

    @property
    def date_of_fact(self) -> PartialDate | None:
        """The onset, else the day it was told; for a new event without either today."""
        told: Any = getattr(self, "cleaned_data", None) or self.initial
        day = told.get("reported_on") or (self.instance.happened if self.is_correction else timezone.localdate())
        return told.get("onset") or PartialDate(day.isoformat())

    def _begin_with_the_report(self) -> None:
        """What is corrected is what the report said, not what follow-ups made of it."""
        self.follow_ups = self.instance.follow_up_looks()
        self.initial.update({name: getattr(self.instance, f"reported_{name}") for name in _AS_REPORTED})

    def _set_sessions(self, suspects: list[Suspect]) -> None:
        """The patient's sessions; one that was struck out stays with the event that was tied to it."""
        labels = {str(suspect.session.pk): suspect.label for suspect in suspects}
        tied = self.instance.exosome_session
        if tied is not None and tied.is_struck_out:
            labels[str(tied.pk)] = f"{tied}, entered in error"
        field = cast(forms.ModelChoiceField, self.fields["exosome_session"])
        field.queryset = ExosomeSession.objects.filter(patient=self.patient, pk__in=labels)
        field.choices = [("", "Not tied to a session"), *labels.items()]
        if labels:
            field.help_text = "Choose the session after which it happened. Then its lot can be traced."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.judge_day("onset", "event")
        self.judge_day("ended", "end")
        self.judge_day("reported_on", "report")
        self.judge_day("learnt_on", "news")
        self._read_actions(cleaned, cleaned.get("local_actions") or [])
        if {"kind", "grade", "outcome"} <= set(cleaned):
            self.judge(self._problems(cleaned))
        return cleaned

    def _read_actions(self, cleaned: dict[str, Any], local_actions: list[str]) -> None:
        if LocalAction.NONE in local_actions and len(local_actions) > 1:
            self.add_error("local_actions", "You ticked “None” and something that was done. Untick one of them.")
        if not cleaned.get("action_taken") and (suggested := suggested_action(local_actions)):
            cleaned["action_taken"] = suggested.value

    def _problems(self, cleaned: dict[str, Any]) -> list[Problem]:
        chosen = cleaned.get("exosome_session")
        session = chosen.performed if chosen else None
        kind, onset, told_on = cleaned["kind"], cleaned.get("onset"), cleaned.get("reported_on")
        problems = date_problems(
            onset=onset, ended=cleaned.get("ended"), outcome=cleaned["outcome"], session_on=session, told_on=told_on
        )
        problems += seriousness_problems(
            kind=kind, grade=cleaned["grade"], criteria=cleaned.get("seriousness") or [], outcome=cleaned["outcome"]
        )
        limit = grade_limits(kind)[1]
        problems += report_problems(onset=onset, session=session, grade_limit=limit, follow_ups=self.follow_ups)
        return problems + self._clock_problems(cleaned, told_on)

    def _clock_problems(self, cleaned: dict[str, Any], told_on: datetime.date | None) -> list[Problem]:
        """Asked in a correction alone: of a new report it is asked beside the day on which the clinic was told."""
        learnt_on = cleaned.get("learnt_on")
        told = told_on or timezone.localdate(self.instance.created_at)
        if learnt_on is not None and told_on is not None and learnt_on < told_on:
            sentence = (
                f"The clinic was told of the event on {day(told_on)}, so it cannot know before that day that it was "
                "serious. Check both dates."
            )
            return [error(22, "learnt_on", sentence, "learnt_before_told")]
        if not self.is_correction:
            return []
        is_new = bool(cleaned.get("seriousness")) and not self.instance.reported_seriousness
        makes_serious = is_new and not self.instance.is_serious
        return clock_problems(
            makes_serious=makes_serious, known_since=told, learnt_on=learnt_on, today=timezone.localdate()
        )

    def differences(self, current: AdverseEvent) -> list[dict[str, str]]:
        """Against what the report says now, which is what this form asks for."""
        as_reported = copy.copy(current)
        for name in _AS_REPORTED:
            setattr(as_reported, name, getattr(current, f"reported_{name}"))
        return super().differences(as_reported)

    # ── What the page shows ────────────────────────────────────────────────────────────────────

    @property
    def usual_kinds(self) -> list[Any]:
        """Reactions during a session, one tap each."""
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
