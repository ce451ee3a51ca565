"""The small forms that a session's form is made of: the lot, the event since last time, the reactions of today."""

import datetime
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.forms.utils import ErrorDict

from clinic.staff.models import Clinic, User
from treatments.courses.models import ExosomeSession
from treatments.courses.vocabulary import LotConfirmed
from treatments.products import lot_search
from treatments.products.gs1 import LONGEST_SCAN
from treatments.products.models import Lot, Product
from treatments.records.formatting import uncapitalised
from treatments.records.forms.composite_form import FormPart
from treatments.records.forms.conditions import AskedWhen
from treatments.records.forms.fields import PartialDateFormField
from treatments.records.vocabulary import Asked
from treatments.safety.grading import GRADE_MEANINGS, GRADE_WORDS
from treatments.safety.models import AdverseEvent, FollowUp
from treatments.safety.vocabulary import REACTIONS_TODAY, EventKind, Outcome, Seriousness
from treatments.sessions.log import further, lot_choice
from treatments.sessions.log.pre_session_checks import EarlierEvent

NONE_SEEN = "none"
SETTLED, STILL_THERE = "settled", "still_there"
CHAIRSIDE_GRADES = [(grade, f"{grade}, {GRADE_WORDS[grade].lower()}") for grade in (1, 2, 3, 4)]
CHAIRSIDE_CRITERIA = [choice for choice in Seriousness.choices if choice[0] != Seriousness.DEATH]
"""A death takes the full report."""

REACTIONS: tuple[EventKind, ...] = (*REACTIONS_TODAY, EventKind.OTHER)


def grade_field(label: str, **options: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, required=False, coerce=int, empty_value=None, choices=CHAIRSIDE_GRADES, **options
    )


def criteria_field(label: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, required=False, choices=CHAIRSIDE_CRITERIA, widget=forms.CheckboxSelectMultiple
    )


class GradeSelect(forms.Select):
    """Grades with the meaning of each, which shows when it is pointed at."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["title"] = GRADE_MEANINGS[int(value)]
        return option


class LotForm(FormPart):
    """Which lot was used: chosen from the list, typed or scanned, or said not to be recorded.

    After validation `chosen` is the lot or None, and `is_unknown` says that it was not recorded; `own_product` is what
    was prepared from the patient's own blood, which has no lot; `offered` are the lots
    to choose among where the number that was typed is that of several. `confirmed` says how a person chose it: a lot is
    recorded only when somebody touched it.
    """

    use_required_attribute = False
    lot = forms.CharField(label="Lot", required=False, max_length=40)
    # Not stripped by the field: to Python the sign that a GS1 label begins with is white space.
    lot_number = forms.CharField(
        label="Type or scan a lot number", required=False, max_length=LONGEST_SCAN, strip=False
    )

    # "scanned:" or "typed:" with the id of the lot that was found by its number; another lot was tapped.
    lot_how = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(self, *args: Any, clinic: Clinic, products: list[Product], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic, self.products = clinic, products
        self.own_product: Product | None = None
        self.confirmed = ""
        self.chosen: Lot | None = None
        self.is_unknown = False
        self.offered: list[Lot] = []
        self._usable: list[Lot] | None = None

    def usable_for(self, product_id: uuid.UUID | None, *, on: datetime.date) -> list[Lot]:
        """Lots that could be used on the session's day, those of the expected product first; asked for once."""
        if self._usable is None:
            self._usable = lot_choice.usable(self.clinic, on, product_id=product_id)
        return self._usable

    def clean_lot_number(self) -> str:
        number = str(self.cleaned_data["lot_number"]).strip(" \t\r\n")
        if number:
            try:
                self.chosen = lot_search.find(self.clinic, number)
                self.confirmed = lot_choice.how_found(number)
            except lot_search.NoSingleLot as error:
                self.offered = error.lots
                raise ValidationError(str(error)) from error
        return number

    def clean(self) -> dict[str, Any]:
        """A number that was typed or scanned wins over a choice made before."""
        cleaned = self.cleaned_data
        if cleaned.get("lot_number") or self.errors:
            return cleaned
        choice = cleaned["lot"]
        self.is_unknown = choice == lot_choice.NOT_RECORDED
        self.own_product = further.own_product(self.products, choice)
        if self.own_product is not None:
            return cleaned
        if not choice:
            self.add_error("lot", "Choose the lot, scan it, or choose “Not recorded”.")
        elif not self.is_unknown:
            self._choose(choice)
        return cleaned

    def _choose(self, lot_id: str) -> None:
        try:
            self.chosen = Lot.objects.of(self.clinic).select_related("product").get(pk=lot_id)
        except (Lot.DoesNotExist, ValidationError):
            self.add_error("lot", "This lot is not in the list any more. Choose again.")
            return
        how, _, found = str(self.data.get("lot_how", "")).partition(":")
        is_found = found == str(self.chosen.pk) and how in LotConfirmed.values
        self.confirmed = how if is_found else LotConfirmed.TAPPED.value

    def find_number(self) -> None:
        """Put the lot that was typed or scanned among the choices, and validate nothing."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        self._errors, self.cleaned_data = ErrorDict(), {}
        try:
            number = str(data.get("lot_number", ""))[:LONGEST_SCAN]
            data["lot"] = str(lot_search.find(self.clinic, number).pk)
            data["lot_how"], data["lot_number"] = f"{lot_choice.how_found(number)}:{data['lot']}", ""
        except lot_search.NoSingleLot as error:
            self.offered = error.lots
            self._errors["lot_number"] = self.error_class([str(error)])
        self.data = data


class EventForm(FormPart):
    """What happened since the last session, told briefly; it is asked for where the answer is yes."""

    conditions = (
        AskedWhen(
            "since_last",
            (Asked.YES,),
            ("event_kind", "event_words", "event_onset", "event_ended", "event_now", "event_grade", "event_criteria"),
        ),
    )
    use_required_attribute = False
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
    event_grade = grade_field("How bad at its worst?", initial=1)
    event_criteria = criteria_field("Serious because")

    def event(self, session: ExosomeSession, *, after: ExosomeSession | None) -> AdverseEvent:
        """The event as it is reported with a session, tied to the one before it."""
        cleaned = self.cleaned_data
        return AdverseEvent(
            clinic=session.clinic,
            patient=session.patient,
            exosome_session=after,
            kind=cleaned["event_kind"],
            description=cleaned["event_words"],
            onset=cleaned["event_onset"],
            ended=cleaned["event_ended"],
            outcome=cleaned["event_now"] or Outcome.UNKNOWN,
            grade=cleaned["event_grade"] or 1,
            seriousness=cleaned["event_criteria"],
            reported_on=session.performed_on,
        )


class ReactionForm(FormPart):
    """One kind of reaction: mild and settled unless somebody says otherwise."""

    use_required_attribute = False

    def __init__(self, *args: Any, kind: EventKind, **kwargs: Any) -> None:
        super().__init__(*args, prefix=kind.value, auto_id="%s", **kwargs)
        self.kind = kind
        self.conditions = (AskedWhen("reaction", (kind.value,), ("grade", "course", "serious", "words")),)
        grade = grade_field(f"{kind.label}: how bad?", initial=1, widget=GradeSelect)
        grade.choices = [(number, f"Grade {text}") for number, text in CHAIRSIDE_GRADES]
        self.fields["grade"] = grade
        self.fields["course"] = forms.ChoiceField(
            label=f"{kind.label}: how was it when the patient left?",
            required=False,
            initial=SETTLED,
            choices=[(SETTLED, "Gone before leaving"), (STILL_THERE, "Still there on leaving")],
        )
        self.fields["serious"] = criteria_field(f"{kind.label}: serious because")
        if kind is EventKind.OTHER:
            self.fields["words"] = forms.CharField(label="What was it?", required=False, max_length=300)

    def add_prefix(self, field_name: str) -> str:
        """ "grade-redness"."""
        return f"{field_name}-{self.prefix}"

    @property
    def grade(self) -> str:
        return str(self["grade"].value() or 1)

    @property
    def course(self) -> str:
        return str(self["course"].value() or SETTLED)

    @property
    def serious(self) -> BoundField:
        return self["serious"]

    @property
    def outcome(self) -> Outcome:
        """How it stands on leaving, once the form is validated."""
        is_settled = (self.cleaned_data.get("course") or SETTLED) == SETTLED
        return Outcome.RECOVERED if is_settled else Outcome.ONGOING

    def event(self, session: ExosomeSession) -> AdverseEvent:
        settled = self.outcome == Outcome.RECOVERED
        return AdverseEvent(
            clinic=session.clinic,
            patient=session.patient,
            exosome_session=session,
            kind=self.kind.value,
            grade=self.cleaned_data["grade"] or 1,
            seriousness=self.cleaned_data["serious"],
            description=self.cleaned_data.get("words", ""),
            onset=session.performed,
            ended=session.performed if settled else None,
            outcome=self.outcome,
            duration_note="gone before leaving" if settled else "",
            reported_on=session.performed_on,
        )


class OpenEventForm(FormPart):
    """How an event that was open before this session is now, asked in place; what is answered is its next follow-up."""

    use_required_attribute = False

    def __init__(self, *args: Any, known: EarlierEvent, **kwargs: Any) -> None:
        super().__init__(*args, prefix=str(known.event.pk), auto_id="%s", **kwargs)
        self.known = known
        self.fields["now"] = forms.ChoiceField(
            label="How is it now?",
            required=False,
            choices=[
                ("", "Not asked today"),
                (Outcome.ONGOING, "Still there"),
                (Outcome.RECOVERING, "Getting better"),
                (Outcome.RECOVERED, "Gone"),
            ],
        )
        self.fields["over"] = PartialDateFormField(label="If it is gone: since when?", required=False)

    def add_prefix(self, field_name: str) -> str:
        """ "now-" and the event's id."""
        return f"{field_name}-{self.prefix}"

    @property
    def now(self) -> BoundField:
        return self["now"]

    @property
    def over(self) -> BoundField:
        return self["over"]

    @property
    def outcome(self) -> str:
        return str(self.cleaned_data.get("now") or "")

    def follow_up(self, session: ExosomeSession, *, seen_by: User | None) -> FollowUp:
        answer = dict(self.fields["now"].choices)[Outcome(self.outcome)]  # type: ignore[attr-defined]
        return FollowUp(
            clinic=session.clinic,
            patient=session.patient,
            event=self.known.event,
            seen_on=session.performed_on,
            outcome=self.outcome,
            ended=self.cleaned_data.get("over"),
            note=f"Asked before the session of that day: {uncapitalised(answer)}.",
            seen_by=seen_by,
        )


class ReactionsForm(FormPart):
    """Which reactions were seen today, or that there were none; the details of each are in `rows`."""

    use_required_attribute = False
    reaction = forms.MultipleChoiceField(
        label="Reactions today",
        required=False,
        choices=[(NONE_SEEN, "Asked, none"), *((kind.value, kind.label) for kind in REACTIONS)],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, rows: list[ReactionForm], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.kinds: list[str] = []

    def clean(self) -> dict[str, Any]:
        self.kinds = self.cleaned_data.get("reaction", [])
        if NONE_SEEN in self.kinds and len(self.kinds) > 1:
            self.add_error("reaction", "You ticked “Asked, none” and a reaction. Untick one of them.")
        return self.cleaned_data

    @property
    def ticked(self) -> list[str]:
        """What is ticked on the page, valid or not."""
        return self["reaction"].value() or []

    @property
    def none_is_ticked(self) -> bool:
        return NONE_SEEN in self.ticked

    @property
    def seen(self) -> list[ReactionForm]:
        """The reactions that were ticked, once the form is validated."""
        return [row for row in self.rows if row.kind.value in self.kinds]

    @property
    def answer(self) -> Asked:
        if not self.kinds:
            return Asked.NOT_ASKED
        return Asked.NONE if NONE_SEEN in self.kinds else Asked.YES
