"""The forms after an event was reported: a later look, its end, the report to an authority."""

from typing import Any, ClassVar, cast

from django import forms
from django.utils import timezone

from clinic.staff.models import User
from treatments.records.forms.fields import PartialDateFormField
from treatments.records.forms.record_form import Section
from treatments.safety.forms import SafetyForm, day_input, multiple_choice, set_choices
from treatments.safety.grading import GRADE_WORDS, agreement_problems, date_problems
from treatments.safety.models import AdverseEvent, FollowUp, ReportDecision
from treatments.safety.vocabulary import Outcome, Seriousness


class FollowUpForm(SafetyForm):
    """A later look. Its answers are judged together with what is recorded of the event."""

    field_of: ClassVar[dict[str, str]] = {"seriousness": "criteria"}

    ended = PartialDateFormField(
        label="When was it over?", required=False, help_text="If it is: 14 May 2025, May 2025."
    )
    criteria = multiple_choice(
        Seriousness.choices, "It has become serious, because", "Added to what is recorded already."
    )

    class Meta:
        model = FollowUp
        fields = ["seen_on", "outcome", "grade", "note", "seen_by"]
        widgets = {
            "seen_on": day_input(),
            "outcome": forms.RadioSelect,
            "note": forms.Textarea(attrs={"rows": 3}),
        }
        error_messages = {
            "outcome": {"required": "Say how it is now; “Not known” is an answer."},
            "note": {"required": "Write what was seen or said, if only a few words."},
        }

    def __init__(self, *args: Any, event: AdverseEvent, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = event
        self.patient = event.patient
        set_choices(self, "outcome", Outcome.choices)
        self.fields["grade"] = forms.TypedChoiceField(
            label="How bad is it now?",
            coerce=int,
            empty_value=None,
            required=False,
            choices=[("", "Not graded"), *((grade, f"Grade {grade}: {word}") for grade, word in GRADE_WORDS.items())],
            help_text="A worse grade raises that of the event; a better one leaves it, since an event has its worst.",
        )
        colleagues = User.objects.filter(memberships__clinic=event.clinic, memberships__is_active=True)
        seen_by = cast(forms.ModelChoiceField, self.fields["seen_by"])
        seen_by.queryset, seen_by.empty_label = colleagues.order_by("name"), "Not seen by staff"
        self.initial.setdefault("seen_on", timezone.localdate())
        self.initial.setdefault("seen_by", by.pk)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.judge_day("seen_on", "follow-up")
        self.judge_day("ended", "end")
        seen_on, event = cleaned.get("seen_on"), self.event
        if seen_on and event.onset and event.onset.certainly_after(seen_on):
            self.add_error("seen_on", f"That is before the event began ({event.onset.label()}). Check the date.")
        if "outcome" in cleaned:
            self._judge_with_event(cleaned, cleaned["outcome"])
        return cleaned

    def _judge_with_event(self, cleaned: dict[str, Any], outcome: str) -> None:
        event = self.event
        # An end that is recorded already counts, unless the event has come back.
        recorded_end = None if outcome == Outcome.ONGOING else event.ended or None
        self.judge(
            date_problems(onset=event.onset or None, ended=cleaned.get("ended") or recorded_end, outcome=outcome)
        )
        criteria = {*event.seriousness, *(cleaned.get("criteria") or [])}
        grade = max(event.grade, cleaned.get("grade") or 0)
        self.judge(
            agreement_problems(kind=event.kind, grade=grade, serious=bool(criteria), criteria=criteria, outcome=outcome)
        )


class ResolveForm(SafetyForm):
    """The event is over: its outcome, when it ended, and how that is known."""

    sections = (Section("How did it end?", ("outcome", "ended", "correction_reason")),)
    ended = PartialDateFormField(label="When was it over?", required=False, help_text="14 May 2025, or May 2025.")

    class Meta:
        model = AdverseEvent
        fields = ["outcome", "ended"]
        widgets = {"outcome": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = self.instance.patient
        set_choices(self, "outcome", [(o.value, o.label) for o in (Outcome.RECOVERED, Outcome.RECOVERED_SEQUELAE)])
        if self.instance.outcome not in {Outcome.RECOVERED, Outcome.RECOVERED_SEQUELAE}:
            self.initial["outcome"] = Outcome.RECOVERED
        reason = self.fields["correction_reason"]
        reason.label = "How do we know?"
        reason.help_text = "Kept on the event."
        reason.error_messages["required"] = "Say how we know, for example: the patient telephoned."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.judge_day("ended", "end")
        if "outcome" in cleaned:
            self.judge(
                date_problems(onset=self.instance.onset or None, ended=cleaned.get("ended"), outcome=cleaned["outcome"])
            )
        return cleaned


class DecisionForm(SafetyForm):
    """Whether the event is reported to an authority, by when, and what was sent."""

    sections = (
        Section(
            "Is it to be reported?",
            ("report_decision", ("report_due_on", "authority"), "correction_reason"),
            "The date is a default, not a legal term.",
        ),
        Section("Sent", (("authority_reported_on", "authority_reference"),), "Once it has been sent."),
    )

    class Meta:
        model = AdverseEvent
        fields = ["report_decision", "report_due_on", "authority", "authority_reported_on", "authority_reference"]
        widgets = {
            "report_decision": forms.RadioSelect,
            "report_due_on": day_input(),
            "authority_reported_on": day_input(),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = self.instance.patient
        set_choices(self, "report_decision", ReportDecision.choices)
        reason = self.fields["correction_reason"]
        reason.label, reason.required = "Why so?", False
        reason.help_text = "For example: serious and unexpected. Kept with the decision."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.judge_day("authority_reported_on", "report")
        if decision := cleaned.get("report_decision"):
            self._check_sent(decision == ReportDecision.REPORTED, cleaned)
        is_explained = cleaned.get("correction_reason") or not self.instance.is_serious
        if decision == ReportDecision.NOT_REQUIRED and not is_explained:
            self.add_error("correction_reason", "The event is serious: say why no report is needed.")
        return cleaned

    def _check_sent(self, is_reported: bool, cleaned: dict[str, Any]) -> None:
        sent_on = cleaned.get("authority_reported_on")
        if is_reported and not sent_on:
            self.add_error("authority_reported_on", "Reported, but when? Write the day it was sent.")
        if is_reported and not cleaned.get("authority"):
            self.add_error("authority", "Reported, but to whom? Write the authority’s name.")
        if sent_on and not is_reported:
            self.add_error("report_decision", "A day it was sent is given: choose “Reported”, or clear that day.")
