"""The forms after an event was reported: a later look, its end, the report to an authority."""

from typing import Any, ClassVar, cast

from django import forms
from django.utils import timezone

from clinic.staff.access import Can, people_who_may
from clinic.staff.models import User
from treatments.records.formatting import day
from treatments.records.forms.fields import PartialDateFormField
from treatments.records.forms.record_form import Section
from treatments.safety.deadline import computed_deadline, default_in_words
from treatments.safety.forms import SafetyForm, multiple_choice, set_choices
from treatments.safety.grading import GRADE_WORDS, agreement_problems, date_problems, is_open, sent_problems
from treatments.safety.looks import Look, clock_problems, look_problems, standing
from treatments.safety.models import AdverseEvent, FollowUp, ReportDecision
from treatments.safety.vocabulary import Outcome, Seriousness


class LookForm(SafetyForm):
    """A later look at an event, new or corrected. It is judged together with the report and the other looks."""

    event: AdverseEvent
    counted_from: ClassVar[dict[str, str]] = {"ended": "seen_on"}

    def _set_event(self, event: AdverseEvent) -> None:
        self.event, self.patient = event, event.patient
        self.initial.setdefault("seen_on", timezone.localdate())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.judge_day("seen_on", "follow-up")
        self.judge_day("ended", "end")
        self.judge_day("learnt_on", "news")
        if {"seen_on", "outcome"} <= set(cleaned):
            self._judge_look(self._look(cleaned))
        return cleaned

    def _look(self, cleaned: dict[str, Any]) -> Look:
        return Look(
            on=cleaned["seen_on"],
            outcome=cleaned["outcome"],
            grade=cleaned.get("grade"),
            criteria=tuple(cleaned.get("criteria") or ()),
            ended=cleaned.get("ended"),
            learnt_on=cleaned.get("learnt_on"),
        )

    def _others(self) -> list[Look]:
        follow_ups = self.event.follow_ups.standing().exclude(pk=self.own_id).order_by("created_at", "id")
        return [self.event.report_look, *(follow_up.look for follow_up in follow_ups)]

    def _judge_look(self, look: Look) -> None:
        event, others = self.event, self._others()
        session = event.exosome_session
        self.judge(
            look_problems(look, others, onset=event.onset or None, session=session.performed if session else None)
        )
        # An end that is recorded already counts, unless the event has come back.
        end = look.ended or (standing([*others, look]).ended if not is_open(look.outcome) else None)
        self.judge(date_problems(onset=event.onset or None, ended=end, outcome=look.outcome, session_on=None))
        # A death is told whole in one look; a reason for seriousness may have been given in another.
        given = {code for other in others for code in other.criteria} - {Seriousness.DEATH.value}
        criteria = given | set(look.criteria)
        grade = look.grade or 1
        self.judge(
            agreement_problems(
                kind=event.kind, grade=grade, serious=bool(criteria), criteria=criteria, outcome=look.outcome
            )
        )
        makes_serious = look.is_serious and not any(other.is_serious for other in others)
        today = timezone.localdate()
        self.judge(
            clock_problems(makes_serious=makes_serious, known_since=look.on, learnt_on=look.learnt_on, today=today)
        )


class FollowUpForm(LookForm):
    field_of: ClassVar[dict[str, str]] = {"seriousness": "criteria"}

    ended = PartialDateFormField(
        label="When was it over?", required=False, help_text="Only if it is over: 14 May 2025, May 2025."
    )
    criteria = multiple_choice(
        Seriousness.choices, "Has it become serious? Tick why.", "This is added to the reasons already recorded."
    )

    class Meta:
        model = FollowUp
        fields = ["seen_on", "outcome", "grade", "ended", "criteria", "learnt_on", "note", "seen_by"]
        widgets = {
            "outcome": forms.RadioSelect,
            "note": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "seen_on": (
                "The day on which the patient was like this. For a letter: the day that the letter names, not the day "
                "on which it came."
            ),
            "learnt_on": (
                "The days until the report is due are counted from this day. Leave empty if it was the day of the "
                "follow-up."
            ),
        }
        error_messages = {
            "outcome": {"required": "Choose how it is now. You may choose “Not known”."},
            "note": {"required": "Write what was seen or said. A few words are enough."},
        }

    def __init__(self, *args: Any, event: AdverseEvent, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._set_event(event)
        set_choices(self, "outcome", Outcome.choices)
        self.fields["grade"] = forms.TypedChoiceField(
            label="How bad is it now?",
            coerce=int,
            empty_value=None,
            required=False,
            choices=[("", "Not graded"), *((grade, f"Grade {grade}: {word}") for grade, word in GRADE_WORDS.items())],
            help_text="If this grade is worse, the event takes it. If it is milder, the event keeps its worst grade.",
        )
        seen_by = cast(forms.ModelChoiceField, self.fields["seen_by"])
        seen_by.queryset = people_who_may(Can.WRITE_RECORD, clinic=event.clinic, named_id=self.instance.seen_by_id)
        seen_by.empty_label = "Nobody of the clinic"
        self.initial.setdefault("seen_by", by.pk)


class ResolveForm(LookForm):
    """The event is over: a look that says how, since when, and how that is known."""

    sections = (Section("How did it end?", ("outcome", "ended", "note", "seen_on")),)
    ended = PartialDateFormField(label="When was it over?", required=False, help_text="14 May 2025, or May 2025.")

    class Meta:
        model = FollowUp
        fields = ["outcome", "ended", "note", "seen_on"]
        widgets = {
            "outcome": forms.RadioSelect,
            "note": forms.Textarea(attrs={"rows": 2}),
        }
        labels = {"note": "Who told you it is over?", "seen_on": "On which day did you learn it?"}
        help_texts = {
            "note": "Saved with the event.",
            "seen_on": ("The day on which the clinic saw or heard that it is over."),
        }
        error_messages = {"note": {"required": "Write who told you, for example: the patient, by telephone."}}

    def __init__(self, *args: Any, event: AdverseEvent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._set_event(event)
        set_choices(self, "outcome", [(o.value, o.label) for o in (Outcome.RECOVERED, Outcome.RECOVERED_SEQUELAE)])
        self.initial.setdefault("outcome", Outcome.RECOVERED)


class DecisionForm(SafetyForm):
    """Whether the event is reported to an authority, by when, and what was sent."""

    sections = (
        Section(
            "Is it to be reported?",
            ("report_decision", ("report_due_on", "authority"), "correction_reason"),
        ),
        Section("Sent", (("authority_reported_on", "authority_reference"),), "Fill in when the report has been sent."),
    )

    class Meta:
        model = AdverseEvent
        fields = ["report_decision", "report_due_on", "authority", "authority_reported_on", "authority_reference"]
        widgets = {
            "report_decision": forms.RadioSelect,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = self.instance.patient
        set_choices(self, "report_decision", ReportDecision.choices)
        self.initial["report_due_on"] = self.instance.due_by_hand_on
        computed = computed_deadline(self.instance.kind, standing(self.instance.looks()))
        due = self.fields["report_due_on"]
        due.label, due.help_text = "Another day for the report", default_in_words(computed)
        reason = self.fields["correction_reason"]
        reason.label, reason.required = "Why this decision?", False
        reason.help_text = "For example: serious and unexpected. Saved with the decision."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.judge_day("authority_reported_on", "report")
        if decision := cleaned.get("report_decision"):
            self._check_sent(decision == ReportDecision.REPORTED, cleaned)
        event = self.instance
        self.judge(sent_problems(sent_on=cleaned.get("authority_reported_on"), learnt_on=event.told_on))
        due_on = cleaned.get("report_due_on")
        if due_on is not None and due_on < event.told_on:
            self.add_error(
                "report_due_on", (f"That is before the clinic was told of the event, on {day(event.told_on)}.")
            )
        is_explained = cleaned.get("correction_reason") or not self.instance.is_serious
        if decision == ReportDecision.NOT_REQUIRED and not is_explained:
            self.add_error("correction_reason", "The event is serious. Write why no report is needed.")
        return cleaned

    def _check_sent(self, is_reported: bool, cleaned: dict[str, Any]) -> None:
        sent_on = cleaned.get("authority_reported_on")
        if is_reported and not sent_on:
            self.add_error("authority_reported_on", "Write the day on which the report was sent.")
        if is_reported and not cleaned.get("authority"):
            self.add_error("authority", "Write the name of the authority.")
        if sent_on and not is_reported:
            self.add_error("report_decision", "You wrote the day of sending. Choose “Reported”, or clear that day.")
