from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils import timezone

from treatments.courses.models import ExosomeSession
from treatments.courses.vocabulary import Phase
from treatments.courses.volumes import total
from treatments.patients.rules import event_date_problems
from treatments.products.models import Lot
from treatments.records.forms.fields import PartialDateFormField
from treatments.records.partial_dates import PartialDate, of_day
from treatments.records.vocabulary import Asked
from treatments.safety.grading import GRADE_MEANINGS, GRADE_WORDS, agreement_problems, date_problems
from treatments.safety.models import AdverseEvent
from treatments.safety.vocabulary import REACTIONS_TODAY, EventKind, Outcome
from treatments.sessions.log import lot_choice
from treatments.sessions.log.prefill import Start
from treatments.sessions.log.session_forms import SessionForm
from treatments.sessions.volume_forms import volume_name

NONE_SEEN = "none"
SETTLED, STILL_THERE = "settled", "still_there"
CHAIRSIDE_GRADES = [(grade, f"{grade}, {GRADE_WORDS[grade].lower()}") for grade in (1, 2, 3)]
"""Worse than grade 3 is serious: it takes the full report, which asks what this page does not."""

CHIPS: tuple[EventKind, ...] = (*REACTIONS_TODAY, EventKind.OTHER)


@dataclass(frozen=True)
class ReactionRow:
    """One reaction that may be ticked, with what is kept of it: mild and settled unless somebody says otherwise."""

    kind: str
    label: str
    is_seen: bool
    grade: str
    course: str
    words: str


class LogForm(SessionForm):
    """Logging a new session: its facts, what happened since the last one, and what was seen today."""

    beside: ClassVar[Mapping[str, str]] = {
        **SessionForm.beside,
        "onset": "event_onset",
        "ended": "event_ended",
        "grade": "event_grade",
    }

    since_last = forms.ChoiceField(
        label="Anything since last time?",
        required=False,
        choices=[(Asked.NONE, "No"), (Asked.YES, "Yes"), (Asked.NOT_ASKED, "Not asked")],
        widget=forms.RadioSelect,
    )
    event_kind = forms.ChoiceField(label="What happened?", required=False, choices=[("", "Choose"), *EventKind.choices])
    event_words = forms.CharField(
        label="In your words, or the patient’s",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    event_onset = PartialDateFormField(label="Since when?", required=False)
    event_ended = PartialDateFormField(label="When was it over?", required=False)
    event_now = forms.ChoiceField(
        label="And now?",
        required=False,
        initial=Outcome.UNKNOWN,
        choices=[
            (Outcome.RECOVERED, "Gone"),
            (Outcome.RECOVERING, "Getting better"),
            (Outcome.ONGOING, "Still there"),
            (Outcome.UNKNOWN, "Not known"),
        ],
    )
    event_grade = forms.TypedChoiceField(
        label="How bad at its worst?", required=False, coerce=int, empty_value=None, choices=CHAIRSIDE_GRADES, initial=1
    )
    reaction = forms.MultipleChoiceField(
        label="Reactions today",
        required=False,
        choices=[(NONE_SEEN, "Asked, none"), *((kind.value, kind.label) for kind in CHIPS)],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta(SessionForm.Meta):
        fields = [*SessionForm.Meta.fields, "since_last"]

    def __init__(self, *args: Any, start: Start, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.start = start
        self.previous: ExosomeSession | None = start.last
        for kind in CHIPS:
            self.fields[f"grade-{kind}"] = forms.TypedChoiceField(
                label=f"{kind.label}: how bad?", required=False, coerce=int, empty_value=None, choices=CHAIRSIDE_GRADES
            )
            self.fields[f"course-{kind}"] = forms.ChoiceField(
                label=f"{kind.label}: and then?",
                required=False,
                choices=[(SETTLED, "Settled during the visit"), (STILL_THERE, "Still there on leaving")],
            )
        self.fields["words-other"] = forms.CharField(label="What was it?", required=False, max_length=300)
        for name, value in start.values.items():
            self.initial.setdefault(name, value)
            self.marks[name] = start.mark
        for region in start.volumes:
            self.marks[volume_name(region)] = start.mark
        self.start_volumes(start.volumes)
        self.initial.setdefault("phase", start.phase)
        self.initial.setdefault("operator", by.pk)
        self.first_lot: Lot | None = None
        if not self.is_bound:
            listed = lot_choice.usable(self.clinic, timezone.localdate(), product_id=start.product_id)
            self.first_lot = lot_choice.preselected(listed, product_id=start.product_id, ml=total(start.volumes))
            self.initial["lot"] = self.first_lot.pk if self.first_lot else ""
            self.judge_patient(
                on=timezone.localdate(),
                product=self.first_lot.product if self.first_lot else None,
                anaesthesia=start.values.get("anaesthesia", ""),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["since_last"] = cleaned.get("since_last") or Asked.NOT_ASKED.value
        when = cleaned.get("when")
        if when is not None:
            before = ExosomeSession.objects.standing().filter(patient=self.patient, performed_on__lt=when.earliest)
            self.previous = before.exclude(pk=self.own_id).order_by("-performed_on", "-id").first()
        if cleaned["since_last"] == Asked.YES:
            self._judge_event(cleaned)
        seen = cleaned.get("reaction") or []
        if NONE_SEEN in seen and len(seen) > 1:
            self.add_error("reaction", "“Asked, none” and a reaction exclude each other. Clear one.")
        if EventKind.OTHER in seen and not cleaned.get("words-other"):
            self.add_error("words-other", "Say in a few words what it was.")
        for kind in seen:
            if kind != NONE_SEEN:
                self._judge_grade(kind, cleaned.get(f"grade-{kind}", 1), Outcome.RECOVERED, f"grade-{kind}")
        return cleaned

    def _judge_event(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("event_kind"):
            self.add_error("event_kind", "Say what happened, or answer “No”.")
            return
        today, birth = timezone.localdate(), self.patient.birth or None
        for name, what in (("event_onset", "event"), ("event_ended", "end")):
            if cleaned.get(name):
                self.judge(event_date_problems(cleaned[name], field=name, what=what, today=today, birth=birth))
        previous = self.previous
        to_the_day = previous is not None and previous.performed_precision == "day"
        outcome = cleaned.get("event_now") or Outcome.UNKNOWN
        self.judge(
            date_problems(
                onset=cleaned.get("event_onset"),
                ended=cleaned.get("event_ended"),
                outcome=outcome,
                session_on=previous.performed_on if previous is not None and to_the_day else None,
            )
        )
        self._judge_grade(cleaned["event_kind"], cleaned.get("event_grade", 1), outcome, "event_grade")

    def _judge_grade(self, kind: str, grade: Any, outcome: str, field: str) -> None:
        found = agreement_problems(kind=kind, grade=grade or 1, serious=False, criteria=(), outcome=outcome)
        for problem in found:
            self.add_error(field, problem.sentence)

    def values(self) -> dict[str, Any]:
        seen = self.cleaned_data.get("reaction") or []
        answer = Asked.NOT_ASKED if not seen else Asked.NONE if NONE_SEEN in seen else Asked.YES
        return super().values() | {"reactions": answer.value}

    def events(self, session: ExosomeSession) -> list[AdverseEvent]:
        """The events that this form reports: what happened since the last session, and what was seen in this one."""
        about = {"clinic": self.clinic, "patient": self.patient}
        found = []
        cleaned = self.cleaned_data
        if cleaned["since_last"] == Asked.YES:
            found.append(
                AdverseEvent(
                    **about,
                    exosome_session=self.previous,
                    kind=cleaned["event_kind"],
                    description=cleaned.get("event_words", ""),
                    onset=cleaned.get("event_onset"),
                    ended=cleaned.get("event_ended"),
                    outcome=cleaned.get("event_now") or Outcome.UNKNOWN,
                    grade=cleaned.get("event_grade") or 1,
                    reported_on=session.performed_on,
                )
            )
        for kind in cleaned.get("reaction") or []:
            if kind != NONE_SEEN:
                found.append(AdverseEvent(**about, exosome_session=session, **self._seen_today(kind, session)))
        return found

    def _seen_today(self, kind: str, session: ExosomeSession) -> dict[str, Any]:
        settled = (self.cleaned_data.get(f"course-{kind}") or SETTLED) == SETTLED
        return {
            "kind": kind,
            "grade": self.cleaned_data.get(f"grade-{kind}") or 1,
            "description": self.cleaned_data.get("words-other", "") if kind == EventKind.OTHER else "",
            "onset": session.performed,
            "ended": session.performed if settled else None,
            "outcome": Outcome.RECOVERED if settled else Outcome.ONGOING,
            "duration_note": "settled during the visit" if settled else "",
            "reported_on": session.performed_on,
        }

    def kept_twin(self) -> ExosomeSession | None:
        """What an earlier, identical submit of this form has kept: the answer to a double click or a retry."""
        return ExosomeSession.objects.filter(
            pk=self.own_id, clinic=self.clinic, patient=self.patient, submission=self.digest()
        ).first()

    def show_lot(self) -> None:
        """Put the lot that was typed or scanned among the choices, and save nothing."""
        self._errors, self.cleaned_data = ErrorDict(), {}
        told = QueryDict(mutable=True)
        told.update(self.data)
        try:
            told["lot"] = str(lot_choice.find(self.clinic, str(self.data.get("lot_number", ""))[:200]).pk)
            told["lot_number"] = ""
        except ValueError as error:
            self._errors["lot_number"] = self.error_class([str(error)])
        self.data = told

    # ── What the page draws ────────────────────────────────────────────────────────────────────

    @property
    def when_asked(self) -> PartialDate:
        """The day that stands in the form; today while it cannot be read."""
        try:
            when: PartialDate = self.fields["when"].clean(self["when"].value())
        except ValidationError:
            return of_day(timezone.localdate())
        return when

    @property
    def phase_asked(self) -> str:
        phase = str(self["phase"].value())
        return phase if phase in Phase.values else self.start.phase

    @property
    def none_is_seen(self) -> bool:
        return NONE_SEEN in (self["reaction"].value() or [])

    @property
    def reaction_rows(self) -> list[ReactionRow]:
        seen = self["reaction"].value() or []
        return [
            ReactionRow(
                kind=kind.value,
                label=str(kind.label),
                is_seen=kind.value in seen,
                grade=str(self[f"grade-{kind}"].value() or 1),
                course=str(self[f"course-{kind}"].value() or SETTLED),
                words=str(self["words-other"].value() or "") if kind is EventKind.OTHER else "",
            )
            for kind in CHIPS
        ]

    @property
    def other_errors(self) -> list[str]:
        return [str(error) for error in self["words-other"].errors]

    @property
    def grade_choices(self) -> list[tuple[int, str, str]]:
        return [(grade, words, GRADE_MEANINGS[grade]) for grade, words in CHAIRSIDE_GRADES]
