import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from clinic.staff.models import Clinic, User
from treatments.appointments.models import Appointment, Call
from treatments.assessments.laboratory.models import LaboratoryReport
from treatments.assessments.models import Assessment, Measurement
from treatments.consents.models import Consent
from treatments.courses.models import Course, ExosomeSession
from treatments.handouts.case_report import CaseReport
from treatments.handouts.models import AftercareGiven, Letter
from treatments.patients import likely_doubles
from treatments.patients.actions import NUMBER_TAKEN
from treatments.patients.history_topics import TOPICS, Topic, is_answered, last_asked
from treatments.patients.likely_doubles import LikelyDouble, Person
from treatments.patients.models import HairHistory, Patient, Therapy
from treatments.patients.rules import birth_problems, event_date_problems, onset_problems
from treatments.patients.vocabulary import DOSED_CODES, TRANSPLANT_CODES, Caution, FamilyStatus, Relative, Sex
from treatments.photos.models import Photo
from treatments.records.formatting import listed
from treatments.records.forms.conditions import AskedWhen
from treatments.records.forms.fields import PartialDateFormField, YesNoField
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import RecordForm, Section
from treatments.records.models import Correction
from treatments.records.partial_dates import PartialDate, of_day
from treatments.records.problems import Problem, warning
from treatments.records.regions import Region
from treatments.records.text.text_folding import identifier_key
from treatments.records.vocabulary import Asked
from treatments.safety.models import AdverseEvent, FollowUp

_DATED: tuple[tuple[Any, tuple[str, ...], str], ...] = (
    (Course, ("when",), "course"),
    (ExosomeSession, ("when",), "session"),
    (Assessment, ("when",), "visit"),
    (Measurement, ("when",), "measurement"),
    (LaboratoryReport, ("when",), "laboratory report"),
    (Photo, ("when",), "photo"),
    (Consent, ("when",), "consent"),
    (AdverseEvent, ("onset", "ended"), "event"),
    (FollowUp, ("when", "ended"), "follow-up"),
    (HairHistory, ("taken_on", "onset"), "hair loss"),
    (Therapy, ("started", "ended"), "treatment"),
    (Appointment, ("when",), "booking"),
    (Call, ("when",), "call"),
    (AftercareGiven, ("when",), "aftercare sheet"),
    (Letter, ("when",), "letter"),
    (CaseReport, ("when",), "case report"),
)
"""Every record of a patient that has dates, the attributes that give them, and what it is called."""
_QUESTIONS = (
    ("allergies", "allergies_text", "the allergies"),
    ("conditions", "conditions_text", "the illness"),
    ("medicines", "medicines_text", "the medicines"),
    ("cautions_asked", "cautions", "the reasons not to inject"),
    ("family", "affected_relatives", "the relatives"),
)
"""Questions of the history, the field that names what was answered with Yes, and what that is in a sentence."""
_RELATIVES = {"unaffected_relatives": FamilyStatus.UNAFFECTED, "affected_relatives": FamilyStatus.AFFECTED}


class PatientForm(RecordForm):
    may_change = True
    never_changes: ClassVar[Mapping[str, str]] = {
        "birth": "A date of birth does not change. If it is wrong, choose “It was never right” below."
    }
    sections = (
        Section("Who", ("name", ("record_number", "sex"), ("birth", "ethnicity"))),
        Section("Contact", (("phone", "email"), "contact_note"), "Everyone at the clinic can see this."),
    )
    birth = PartialDateFormField(
        label="Date of birth",
        required=False,
        is_birth=True,
        help_text="As exactly as you know it: 14 May 1965, 1965, 60 years old, 60 in January 2025.",
    )

    class Meta:
        model = Patient
        fields = ["name", "record_number", "sex", "birth", "ethnicity", "phone", "email", "contact_note"]
        help_texts = {
            "record_number": ("Every patient of this clinic has a different number."),
            "sex": "It decides which scales are offered first.",
        }
        error_messages = {
            "name": {"required": "Write the patient’s name."},
            "sex": {"required": "Choose one. You may choose “Unknown”."},
        }

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        self.likely_doubles: list[LikelyDouble] = []
        self.fields["record_number"].widget.attrs["data-scan"] = ""
        self.fields["phone"].widget.attrs["inputmode"] = "tel"

    def clean_record_number(self) -> str:
        """One number is one number in any spelling: HC-0777, hc-0777, and with a sign in it that nobody sees."""
        number = " ".join(str(self.cleaned_data["record_number"]).split())
        if self.is_correction and number == self.instance.record_number:
            return number
        others = Patient.objects.of(self.clinic).exclude(pk=self.own_id)
        other = others.filter(record_key=identifier_key(number)).first()
        if other is not None:
            spelling = "" if other.record_number == number else f" It is written {other.record_number} there."
            raise forms.ValidationError(f"{NUMBER_TAKEN}{spelling}")
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        birth: PartialDate | None = cleaned.get("birth")
        if birth:
            self.judge(birth_problems(birth, today=timezone.localdate()))
            if self.is_correction and "birth" in self.changed_data:
                self._judge_recorded_dates(birth)
        if not self.is_correction or {"name", "birth", "phone"} & set(self.changed_data):
            self.judge(self._double_problems())
        return cleaned

    def _double_problems(self) -> Iterator[Problem]:
        """Who is likely the same person. To register another one takes a reason, which is kept."""
        told = self.cleaned_data
        person = Person(
            name=told.get("name", ""), birth=told.get("birth"), phone=told.get("phone", ""), sex=told.get("sex", "")
        )
        self.likely_doubles = likely_doubles.find(self.clinic, person, but=self.own_id)
        for is_exact in (True, False):
            these = [each for each in self.likely_doubles if each.is_exact is is_exact]
            if these:
                named = listed(
                    [f"{each.patient.name} {each.patient.record_number} ({each.why})" for each in these], "or"
                )
                sentence = f"This patient may already be registered: {named}."
                yield warning("same-person", "", sentence, "exact" if is_exact else "likely")

    def _judge_recorded_dates(self, birth: PartialDate) -> None:
        """Rule 1 again: a birth that is corrected must still come before everything that happened."""
        today = timezone.localdate()
        if died := self.instance.died or None:
            self.judge(event_date_problems(died, field="birth", what="death", today=today, birth=birth))
        for model, names, what in _DATED:
            rows = model.objects.standing().filter(patient=self.instance)
            dates = [date for row in rows for name in names if (date := getattr(row, name))]
            if dates:
                first = min(dates, key=lambda date: date.bounds()[1])
                what = f"first {what}"
                self.judge(event_date_problems(first, field="birth", what=what, today=today, birth=birth, planned=True))

    def values(self) -> dict[str, Any]:
        return super().values() | {"birth_as_told": self.words_of("birth")}


def _pick(choices: Any, label: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple)


class HistoryForm(RecordForm):
    sections: ClassVar[Sequence[Section]] = (
        Section("Hair loss", ("taken_on", ("onset", "course"), ("complaint",), "regions", "story")),
        Section("Other treatment and family", ("earlier_treatment",), "If yes, the next page asks for it."),
        Section("Family", ("family", "affected_relatives", "unaffected_relatives", "family_note")),
        Section("Safety", ("allergies", "allergies_text", "cautions_asked", "cautions"), "Ask before any injection."),
        Section("Health", ("conditions", "conditions_text", "medicines", "medicines_text", "smoking", "impact")),
    )
    taken_on = PartialDateFormField(
        label="When was this history taken?",
        required=False,
        help_text=(
            "Today, or the date on the paper (day, month or year). “5 years ago” is counted from this day. Leave "
            "empty to count from today."
        ),
    )
    onset = PartialDateFormField(
        label="When did the hair loss begin?",
        required=False,
        help_text="As the patient says it: 2020, May 2020, about 2020, 5 years ago.",
    )
    counted_from: ClassVar[Mapping[str, str]] = {"onset": "taken_on"}
    may_change = True
    never_changes: ClassVar[Mapping[str, str]] = {
        "taken_on": (
            "The day on which it was taken does not change. If you asked again, use “Take the history again”. If the "
            "day is wrong, choose “It was never right” below."
        ),
        "onset": "The beginning does not change. If it is wrong, choose “It was never right” below.",
    }
    conditions: Sequence[AskedWhen] = tuple(
        AskedWhen(question, (Asked.YES,), (names,)) for question, names, _ in _QUESTIONS
    )
    regions = _pick([choice for choice in Region.choices if choice[0] != Region.WHOLE_SCALP], "Where?")
    cautions = _pick(Caution.choices, "Which reasons not to inject?")
    affected_relatives = _pick(Relative.choices, "Who has hair loss?")
    unaffected_relatives = _pick(Relative.choices, "Who has none?")

    class Meta:
        model = HairHistory
        fields = [
            "taken_on",
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
        # Validation writes what was posted onto the form's own copy.
        self.instance_before = copy.copy(self.instance)
        if patient.sex == Sex.MALE and Caution.PREGNANCY_BREASTFEEDING not in self.instance.cautions:
            cautions: Any = self.fields["cautions"]
            cautions.choices = [choice for choice in Caution.choices if choice[0] != Caution.PREGNANCY_BREASTFEEDING]
        if self.is_correction:
            for name, status in _RELATIVES.items():
                self.initial[name] = [code for code, its in self.instance.relatives.items() if its == status]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for question, names_field, what in _QUESTIONS:
            self._check_answer(question, names_field, what)
        today, birth = timezone.localdate(), self.patient.birth or None
        if taken_on := cleaned.get("taken_on"):
            self.judge(event_date_problems(taken_on, field="taken_on", what="history", today=today, birth=birth))
        if onset := cleaned.get("onset"):
            self._judge_onset(onset)
            if taken_on and onset.certainly_after(taken_on):
                self.add_error("onset", f"That is after the history was taken ({taken_on.label()}). Check both dates.")
        return cleaned

    def _check_answer(self, question: str, names_field: str, what: str) -> None:
        is_yes, names = self.cleaned_data.get(question) == Asked.YES, self.cleaned_data.get(names_field)
        # Of relatives it may be known that some are affected, but not which.
        if is_yes and not names and question != "family":
            self.add_error(names_field, f"You chose “Yes”. Write {what}.")

    def _judge_onset(self, onset: PartialDate) -> None:
        if onset.earliest > timezone.localdate():
            self.add_error("onset", "The hair loss cannot begin in the future. Check the year.")
            return
        first = Course.objects.standing().filter(patient=self.patient).order_by("baseline_on").first()
        baseline_on = first.baseline.latest if first else None
        self.judge(onset_problems(onset, birth=self.patient.birth or None, baseline_on=baseline_on))

    def values(self) -> dict[str, Any]:
        relatives: dict[str, str] = {}
        for name, status in _RELATIVES.items():
            relatives |= dict.fromkeys(self.cleaned_data.get(name, []), status.value)
        onset = {"onset_as_told": self.words_of("onset")} if self.has_field("onset") else {}
        return super().values() | {"relatives": relatives} | onset


def _again(topic: Topic) -> str:
    """The field that says whether a topic was asked again."""
    return f"again_{topic.code}"


def _asked_in(topic: Topic) -> tuple[str, ...]:
    """The fields that ask for it: for relatives there are two."""
    relatives = ("affected_relatives", "unaffected_relatives")
    named = [relatives if name == "relatives" else (name,) for name in topic.columns]
    return tuple(field for fields in named for field in fields)


class HistoryAgainForm(HistoryForm):
    """The history taken again: the last answers are filled in, and each question says when it was asked last.

    What differs is an update from the day on which it was asked. What is as before counts as asked again where that is
    ticked: an answer that nobody asked for stays of its old day.
    """

    may_change = False
    counted_from: ClassVar[Mapping[str, str]] = {}
    sections: ClassVar[Sequence[Section]] = (
        Section("Asked again", ("taken_again", "all_again")),
        *(Section(topic.title, (*_asked_in(topic), _again(topic))) for topic in TOPICS),
    )
    taken_again = PartialDateFormField(
        label="When did you ask?", at_least="month", error_messages={"required": "Write the day on which you asked."}
    )
    all_again = forms.BooleanField(
        label="I asked everything on this page. What I did not change is as before",
        required=False,
        help_text="Or tick only what you asked, below.",
    )

    class Meta(HistoryForm.Meta):
        # What began when and the patient's own story are told once.
        fields = [
            name for name in HistoryForm.Meta.fields if name not in ("taken_on", "onset", "story", "earlier_treatment")
        ]

    def __init__(self, *args: Any, updates: Sequence[Correction], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("correction_reason", "taken_on", "onset"):
            del self.fields[name]
        self.initial.setdefault("taken_again", of_day(timezone.localdate()))
        for topic in TOPICS:
            asked = last_asked(self.instance, topic, updates)
            self.fields[_again(topic)] = forms.BooleanField(
                label="Asked again, and as before",
                required=False,
                help_text=f"Last asked {asked.label()}." if asked else "Not asked yet.",
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        taken = cleaned.get("taken_again")
        if taken is not None:
            today, birth = timezone.localdate(), self.patient.birth or None
            self.judge(event_date_problems(taken, field="taken_again", what="history", today=today, birth=birth))
            if taken.certainly_before(self.instance.when):
                self.add_error("taken_again", f"It was taken first {self.instance.when.phrase}. Check the day.")
        for topic in [] if self.errors else self._ticked_without_answer:
            self._refuse_tick(topic)
        if not self.errors and not self.confirmed and not self._changed_topics:
            self.add_error("all_again", "Tick what you asked again, or change what is different now.")
        return cleaned

    @property
    def _changed_topics(self) -> list[Topic]:
        values = self.values()
        return [
            topic
            for topic in TOPICS
            if any(name in values and values[name] != getattr(self.instance_before, name) for name in topic.columns)
        ]

    @property
    def _ticked(self) -> list[Topic]:
        """What is ticked as asked again and is as before."""
        cleaned, changed = self.cleaned_data, self._changed_topics
        ticked = [topic for topic in TOPICS if cleaned.get("all_again") or cleaned.get(_again(topic))]
        return [topic for topic in ticked if topic not in changed]

    @property
    def _ticked_without_answer(self) -> list[Topic]:
        return [topic for topic in self._ticked if not is_answered(self.instance_before, topic)]

    def _refuse_tick(self, topic: Topic) -> None:
        """Nobody has asked a question whose answer is that it was not asked; of one in free words all may be left."""
        if getattr(self.instance_before, topic.code) == Asked.NOT_ASKED and not self.has_error(topic.code):
            self.add_error(topic.code, "It still says “Not asked”. Choose the answer, or do not tick that you asked.")
        elif self.cleaned_data.get(_again(topic)):
            self.add_error(
                _again(topic), "No answer stands here that could be as before. Write it, or clear this tick."
            )

    @property
    def confirmed(self) -> list[str]:
        """What was asked again and is as before, in words. What has no answer is not as before."""
        return [topic.name for topic in self._ticked if is_answered(self.instance_before, topic)]

    def retake(self, *, by: User) -> dict[str, Any]:
        """What the action is called with."""
        return {
            "changes": self.values(),
            "taken": self.cleaned_data["taken_again"],
            "confirmed": self.confirmed,
            "expected_version": self.expected_version,
            "passed": self.passed,
            "by": by,
        }


class TherapyForm(RecordForm):
    sections = (
        Section(
            "Treatment",
            (
                "kind",
                ("dose", "dose_unit"),
                "detail",
                "grafts",
                "grafted_regions",
                "place",
                "told_on",
                ("started", "ended"),
                ("is_ongoing", "response"),
                "note",
            ),
        ),
    )
    conditions: Sequence[AskedWhen] = (
        AskedWhen("kind", TRANSPLANT_CODES, ("grafts", "grafted_regions", "place")),
        AskedWhen("kind", DOSED_CODES, ("dose", "dose_unit")),
    )
    grafted_regions = _pick(
        [choice for choice in Region.choices if choice[0] != Region.WHOLE_SCALP], "Where were they placed?"
    )
    # Not kept: the day from which the patient's words are counted.
    told_on = PartialDateFormField(
        label="When did the patient tell you this?", required=False, help_text="“5 years ago” is counted from this day."
    )
    counted_from: ClassVar[Mapping[str, str]] = {"started": "told_on", "ended": "told_on"}
    may_change = True
    never_changes: ClassVar[Mapping[str, str]] = {
        "kind": "Add another treatment as one of its own. If this one is wrong, choose “It was never right” below.",
        "started": "The beginning does not change. If it is wrong, choose “It was never right” below.",
    }
    started = PartialDateFormField(label="Begun", required=False, help_text="2020, May 2020, 5 years ago.")
    ended = PartialDateFormField(label="Ended", required=False)

    class Meta:
        model = Therapy
        fields = [
            "kind", "dose", "dose_unit", "detail", "grafts", "grafted_regions", "place", "started", "ended",
            "is_ongoing", "response", "note",
        ]  # fmt: skip
        labels = {"grafts": "How many grafts?", "place": "Where was it done?"}
        error_messages = {"kind": {"required": "Choose the treatment."}}
        help_texts = {"detail": "For example: once a day, before sleep."}

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient
        self.initial.setdefault("told_on", self._usually_told_on())
        self.fields["is_ongoing"] = YesNoField(label="Still going on?", unanswered="Not asked")

    def _usually_told_on(self) -> PartialDate:
        """With the history, where that was entered today and this is the first treatment after it; else today."""
        today = of_day(timezone.localdate())
        if self.is_correction or Therapy.objects.standing().filter(patient=self.patient).exists():
            return today
        history = HairHistory.objects.filter(patient=self.patient).exclude(earlier_treatment=Asked.NONE).first()
        is_of_today = history is not None and timezone.localdate(history.created_at) == timezone.localdate()
        return (history.taken_on if history is not None and is_of_today else None) or today

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        started, ended = cleaned.get("started"), cleaned.get("ended")
        self._judge_date("started", started, "start")
        self._judge_date("ended", ended, "end")
        if ended and cleaned.get("is_ongoing"):
            self.add_error("is_ongoing", "You wrote an end and ticked “Still going on”. Clear one of the two.")
        self._judge_dose()
        if started and ended and ended.certainly_before(started):
            self.add_error("ended", "It ends before it begins. Check both dates.")
        return cleaned

    def _judge_dose(self) -> None:
        dose, unit = self.cleaned_data.get("dose"), self.cleaned_data.get("dose_unit")
        if dose is not None and not unit:
            self.add_error("dose_unit", "Choose the unit of the dose.")
        if unit and dose is None and not self.has_error("dose"):
            self.add_error("dose", "Write how much it is, or choose no unit.")

    def values(self) -> dict[str, Any]:
        """What has stopped without a day of its own stopped on the day from which that is told."""
        values = super().values()
        is_told_over = self.is_correction and self.is_update and values["is_ongoing"] is False
        if is_told_over and not values["ended"] and self.initial.get("is_ongoing") is not False:
            values["ended"] = self.cleaned_data.get("changed_since")
        return values

    def _judge_date(self, name: str, date: PartialDate | None, what: str) -> None:
        if date:
            birth, today = self.patient.birth or None, timezone.localdate()
            self.judge(
                event_date_problems(date, field=name, what=what, today=today, birth=birth, death=self.patient.died)
            )


class ArchiveForm(PlainTextForm, forms.Form):
    """Why a patient is archived. After a death nothing is recorded as done, and nobody telephones."""

    conditions = (AskedWhen("has_died", (), ("died",)),)
    reason = forms.CharField(
        label="Why?",
        min_length=3,
        max_length=300,
        error_messages={"required": "Write why the patient is archived."},
    )
    has_died = forms.BooleanField(label="The patient has died", required=False)
    died = PartialDateFormField(
        label="When did the patient die?", required=False, help_text="As exactly as you know it: 14 May 2025, May 2025."
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        died = cleaned.get("died")
        if died and died.earliest > timezone.localdate():
            self.add_error("died", "This day is in the future. Check the date.")
        return cleaned
