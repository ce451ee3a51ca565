"""The form of a session: logged with what happened since the last one and what was seen today, or corrected."""

import copy
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.functional import cached_property

from clinic.staff.access import Can, people_who_may
from clinic.staff.models import Clinic, User
from treatments.courses.intervals import Given, baseline_problems, interval_problems
from treatments.courses.models import Application, Course, ExosomeSession
from treatments.courses.protocol import depth_problems, route_problems, technique_problems
from treatments.courses.vocabulary import Anaesthesia, Route, SessionOutcome, SkinPrep
from treatments.courses.volumes import MAX_FURTHER, regions_named, shown_volumes, total, total_problems, volumes_of
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems
from treatments.products.models import Lot, Product
from treatments.products.rules import handling_problems, lot_problems, untraceable_problems
from treatments.records.forms import named_person
from treatments.records.forms.conditions import AskedWhen
from treatments.records.forms.fields import ExactDecimalField, WholeNumberField
from treatments.records.partial_dates import PartialDate, of_day
from treatments.records.problems import Problem
from treatments.records.vocabulary import Asked
from treatments.safety.grading import date_problems, seriousness_problems
from treatments.safety.grading import lot_problems as signal_problems
from treatments.safety.models import AdverseEvent, FollowUp, LotEvents
from treatments.safety.vocabulary import EventKind, Outcome
from treatments.sessions.log import further, lot_choice, pre_session_checks
from treatments.sessions.log.form_parts import REACTIONS, EventForm, LotForm, OpenEventForm, ReactionForm, ReactionsForm
from treatments.sessions.log.further import FurtherForm
from treatments.sessions.log.lot_choice import LotRow
from treatments.sessions.log.pre_session_checks import day_reached
from treatments.sessions.log.prefill import Prefill, doubtful_left_open
from treatments.sessions.volume_forms import VERTEX, TreatmentForm, VolumesForm

PAIN = [(score, str(score)) for score in range(11)]
NOT_RECORDED = ("", "Not recorded")
NOT_COMPLETED = tuple(outcome for outcome in SessionOutcome.values if outcome != SessionOutcome.COMPLETED)


def pain_field(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=PAIN, coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
    )


class SessionForm(TreatmentForm):
    """The facts of one session, however they are asked for; what differs is in LogForm and CorrectionForm.

    `may_override`: this person may act without consent on file, giving a reason (rule 14).
    """

    conditions = (
        AskedWhen("lot", (lot_choice.NOT_RECORDED,), ("product",)),
        AskedWhen("outcome", NOT_COMPLETED, ("outcome_reason",)),
    )
    when_columns = ("performed_on", "performed_precision")
    when_label = "When was it given?"
    field_of: ClassVar[Mapping[str, str]] = {
        **TreatmentForm.field_of,
        "performed_on": "when",
        "regulatory_basis": "lot",
    }

    as_told = forms.CharField(
        label="Where (in the words of the old record)",
        required=False,
        max_length=80,
        help_text="Fill in only if the words are not those of the map, for example: crown and vertex.",
    )
    total_ml = ExactDecimalField(label="Total, mL")
    route = forms.ChoiceField(label="Route", required=False, choices=[NOT_RECORDED, *Route.choices])
    needle_length_mm = ExactDecimalField(label="Needle length, mm", places=1, high=Decimal("60"), unit="mm")
    depth_mm = ExactDecimalField(label="Depth, mm", places=1, high=Decimal("60"), unit="mm")
    points = WholeNumberField(label="Injection points", low=1, high=2000)
    point_ml = ExactDecimalField(label="mL at each point", places=3, high=Decimal("9"))
    mixed_hours = ExactDecimalField(label="Mixed, hours before use", places=1, high=Decimal("999"), unit="h")
    skin_prep = forms.ChoiceField(label="Skin preparation", required=False, choices=[NOT_RECORDED, *SkinPrep.choices])
    anaesthesia = forms.ChoiceField(label="Anaesthesia", required=False, choices=[NOT_RECORDED, *Anaesthesia.choices])
    pain_during = pain_field("Pain during the session, 0 none to 10 worst")
    pain_after = pain_field("Pain 15 minutes after, 0 none to 10 worst")
    outcome = forms.ChoiceField(label="Was the session completed?", required=False, choices=SessionOutcome.choices)
    performed_at = forms.TimeField(
        label="Time", required=False, widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )

    class Meta:
        model = ExosomeSession
        fields = [
            "phase", "performed_at", "route", "route_confirmed", "product", "needle_gauge", "needle_length_mm",
            "depth_mm", "points", "point_ml", "device", "mixed_hours", "skin_prep", "anaesthesia", "anaesthesia_detail",
            "pain_during", "pain_after", "operator", "operator_name", "assistant", "outcome", "outcome_reason",
            "reported_label", "note",
        ]  # fmt: skip
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}

    def __init__(
        self,
        *args: Any,
        clinic: Clinic,
        patient: Patient,
        course: Course,
        may_override: bool,
        checks: pre_session_checks.PreSessionChecks | None = None,
        **kwargs: Any,
    ) -> None:
        """`checks` are the patient's, where they were read for another form already."""
        super().__init__(*args, **kwargs)
        self.clinic, self.patient, self.course, self.may_override = clinic, patient, course, may_override
        self.region_labels: dict[str, str] = {}
        self.consent_refusals: list[str] = []
        self.checks = checks or pre_session_checks.load(patient)
        product: Any = self.fields["product"]
        product.queryset = (
            Product.objects.of(clinic)
            .filter(Q(archived_at=None) | Q(pk=self.instance.given_product_id))
            .order_by("name")
        )
        # Read once for the three places of the page that name products.
        self.products: list[Product] = list(product.queryset)
        product.choices = [NOT_RECORDED, *((str(each.pk), str(each)) for each in self.products)]
        self.lot = self.add_part(LotForm, clinic=clinic, products=self.products)
        self.further = [self._further_part(place) for place in range(1, self.further_places + 1)]
        operator: Any = self.fields["operator"]
        operator.queryset = people_who_may(Can.WRITE_RECORD, clinic=clinic, named_id=self.instance.operator_id)
        # Written out on the page and named in its summary: asked for once.
        operator.choices = cache(lambda: [NOT_RECORDED, *((user.pk, str(user)) for user in operator.queryset)])
        gauge: Any = self.fields["needle_gauge"]
        gauge.choices = [NOT_RECORDED, *list(gauge.choices)[1:]]
        self.fields["phase"].required = False

    def _further_part(self, place: int) -> FurtherForm:
        volumes = self.add_part(VolumesForm, prefix=f"also{place}-volume")
        part = self.add_part(
            FurtherForm, clinic=self.clinic, place=place, offered=self._further_choices, products=self.products
        )
        part.volumes = volumes
        return part

    @property
    def further_places(self) -> int:
        return MAX_FURTHER

    def _further_choices(self) -> further.Choices:
        return further.choices(self.lot.usable_for(self.instance.given_product_id, on=self.lots_on), self.products)

    # ── Reading ────────────────────────────────────────────────────────────────────────────────

    def clean_phase(self) -> str:
        return self.cleaned_data["phase"] or str(self.initial["phase"])

    def clean_outcome(self) -> str:
        return self.cleaned_data["outcome"] or SessionOutcome.COMPLETED.value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.lot.chosen is not None:
            cleaned["product"] = self.lot.chosen.product
        elif self.lot.own_product is not None:
            cleaned["product"] = self.lot.own_product
        named_person.settle(self, cleaned, "operator")
        if cleaned.get("outcome") not in (None, SessionOutcome.COMPLETED) and not cleaned.get("outcome_reason"):
            self.add_error("outcome_reason", "Write why the session was not completed.")
        self.judge_volumes(points=cleaned.get("points"), point_ml=cleaned.get("point_ml"))
        self._check_where()
        self._judge_when()
        self._judge_lot()
        self._judge_route()
        for each in self.used_further:
            self._judge_further(each)
        self._judge_sum()
        self._judge_patient_today()
        return cleaned

    def _check_where(self) -> None:
        volumes = self.volumes.ml_by_region
        if not volumes and not self.volumes.errors:
            self.add_error(VERTEX, "Write how many mL each region got: tap the map or type a number.")
        try:
            self.region_labels = regions_named(self.cleaned_data.get("as_told", ""), volumes)
        except ValueError as error:
            self.add_error("as_told", str(error))
        stated, given = self.cleaned_data.get("total_ml"), total(volumes)
        if stated is not None and volumes and stated != given:
            self.add_error(VERTEX, f"The regions add up to {given:f} mL, the total sent was {stated:f} mL. Check both.")

    # ── Judging ────────────────────────────────────────────────────────────────────────────────

    def _judge_when(self) -> None:
        when: PartialDate | None = self.cleaned_data.get("when")
        if when is None:
            return
        today, birth = timezone.localdate(), self.patient.birth or None
        problems = event_date_problems(when, field="when", what="session", today=today, birth=birth)
        # That the day is in the future the base form has said.
        self.judge(each for each in problems if when.earliest <= today or each.code != "future")
        phase, was = self.cleaned_data.get("phase", self.instance.phase), self._day_and_phase_before
        if (when, phase) != was:
            months = self.course.interval_months
            given, later = self.other_sessions(), self.saved_with()
            self.judge(
                interval_problems(when, given, interval_months=months, phase=phase, was=was[0], saved_with=later)
            )
        if when != was[0]:
            self.judge(baseline_problems(when, self.course.baseline))

    def other_sessions(self) -> list[Given]:
        """The other sessions of the course, against which the day is judged."""
        others = ExosomeSession.objects.standing().filter(course=self.course).exclude(pk=self.own_id)
        return [session.given for session in others]

    def saved_with(self) -> Sequence[PartialDate]:
        """The days of the later sessions that are saved together with this one."""
        return ()

    @property
    def _day_and_phase_before(self) -> tuple[PartialDate | None, str]:
        """What a correction begins with: of what it leaves alone nothing is asked again."""
        return None, ""

    @property
    def lots_on(self) -> datetime.date:
        """The day on which the lots are judged that the page offers: the session's, today while it cannot be read."""
        today = timezone.localdate()
        try:
            return day_reached(self.fields["when"].clean(self["when"].value()), today)
        except forms.ValidationError:
            return today

    # ── Beside the first product ───────────────────────────────────────────────────────────────

    @property
    def used_further(self) -> list[FurtherForm]:
        """What was given beside the first product, once the form is validated."""
        return [each for each in self.further if each.is_used and not each.errors]

    def applications(self) -> list[Application]:
        return [each.application() for each in self.used_further]

    def _judge_further(self, part: FurtherForm) -> None:
        """Rules 15 to 18 and 21, as for the first product."""
        volumes, cleaned = part.volumes.ml_by_region, part.cleaned_data
        first, what, route = part.volumes.add_prefix("vertex"), part.add_prefix("what"), cleaned.get("route", "")
        if part.is_technique and volumes:
            self.add_error(first, "A technique without a product has no volume. Choose the product, or clear the mL.")
        elif part.is_technique and not route:
            self.add_error(part.add_prefix("route"), "Choose the technique.")
        elif not part.is_technique and not volumes and not part.volumes.errors:
            self.add_error(first, "Write how many mL of it each region got.")
        for problem in part.volumes.problems:
            field = problem.field if problem.field in part.volumes.fields else "vertex"
            self.judge([replace(problem, field=part.volumes.add_prefix(field))])
        self._judge_given(part.lot, part.product, field=what, is_unknown=part.lot_is_unknown)
        problems = depth_problems(route, depth_mm=cleaned.get("depth_mm")) if route else []
        if product := part.product:
            problems += handling_problems(mixed_hours=cleaned.get("mixed_hours"), in_use_hours=product.in_use_hours)
        if route and part.is_technique:
            problems += self._technique_problems(route)
        elif route and product:
            basis = product.regulatory_basis
            problems += route_problems(route, labelled_route=product.labelled_route, regulatory_basis=basis)
        fields = {name: part.add_prefix(name) for name in ("depth_mm", "mixed_hours")} | {"regulatory_basis": what}
        self.judge(replace(each, field=fields.get(each.field, part.add_prefix("route"))) for each in problems)

    def _technique_problems(self, route: str) -> list[Problem]:
        given = [(self.cleaned_data.get("product"), self.cleaned_data.get("route", ""))]
        given += [(each.product, each.cleaned_data.get("route", "")) for each in self.used_further]
        return technique_problems(route, given)

    def _judge_sum(self) -> None:
        """Rule 19 holds for all that was given together."""
        volumes = [total(each.volumes.ml_by_region) for each in self.used_further]
        if not any(volumes):
            return
        for problem in total_problems(sum(volumes, total(self.volumes.ml_by_region))):
            self.judge([replace(problem, field=self.used_further[-1].volumes.add_prefix("vertex"))])

    # ── The first product ──────────────────────────────────────────────────────────────────────

    def _judge_lot(self) -> None:
        """Rules 15 and 16 on the session's day: the lot, or that none is recorded, and how it was handled."""
        product: Product | None = self.cleaned_data.get("product")
        self._judge_given(self.lot.chosen, product, field="lot", is_unknown=self.lot.is_unknown)
        if product is not None:
            mixed_hours = self.cleaned_data.get("mixed_hours")
            self.judge(handling_problems(mixed_hours=mixed_hours, in_use_hours=product.in_use_hours))

    def _judge_given(self, lot: Lot | None, product: Product | None, *, field: str, is_unknown: bool) -> None:
        when: PartialDate = self.cleaned_data.get("when") or of_day(timezone.localdate())
        if lot is not None:
            self._judge_chosen_lot(lot, when, field)
        elif product is not None and product.is_own_blood:
            return
        elif is_unknown and product is not None:
            self.judge(lot_problems(lot_known=False, expiry=None, used_on=when, field=field))
        elif is_unknown:
            self.judge(untraceable_problems(field=field))

    def _judge_chosen_lot(self, lot: Lot, when: PartialDate, field: str) -> None:
        """Whoever may not act without consent may not enter a lot as given after its recall either."""
        for problem in lot_choice.lot_use_problems(lot, when, field=field):
            problem = replace(problem, field=field)
            if problem.code == "recalled" and lot_choice.is_recalled_by(lot, when.earliest) and not self.may_override:
                self.add_error(
                    field,
                    f"{problem.sentence} Only a clinician or manager can enter it, because the lot was recalled by "
                    "that day.",
                )
            else:
                self.judge([problem])

    def _judge_route(self) -> None:
        """Rules 17 and 21."""
        cleaned = self.cleaned_data
        route, product = cleaned.get("route", ""), cleaned.get("product")
        if not route:
            cleaned["route_confirmed"] = False  # The page asks for it only once a route is chosen.
            return
        needle_length_mm = cleaned.get("needle_length_mm")
        self.judge(depth_problems(route, depth_mm=cleaned.get("depth_mm"), needle_length_mm=needle_length_mm))
        if product is not None:
            self.judge(
                route_problems(route, labelled_route=product.labelled_route, regulatory_basis=product.regulatory_basis)
            )

    def _judge_patient_today(self) -> None:
        """Once what is given is known."""
        self.judge_patient(
            on=self._consent_day,
            product=self.cleaned_data.get("product"),
            lot=self.lot.chosen,
        )
        for part in self.used_further:
            self._judge_patient_for(part)
        self.judge(
            self.checks.as_of(self._consent_day).allergy_problems(
                product=self.cleaned_data.get("product"),
                anaesthesia=self.cleaned_data.get("anaesthesia", ""),
                agent=self.cleaned_data.get("anaesthesia_detail", ""),
                skin_prep=self.cleaned_data.get("skin_prep", ""),
            )
        )

    def _judge_patient_for(self, part: FurtherForm) -> None:
        """Rules 9, 14 and 24 for what is given beside the first product; what was said of that is not said twice."""
        on, what = self._consent_day, part.add_prefix("what")
        said = {each.sentence for each in self.warnings}
        if part.product is not None:
            self.judge_consent(on=on, product=part.product)
        problems = self.checks.as_of(on).allergy_problems(product=part.product)
        if part.product is not None or part.lot is not None:
            problems += self.checks.reaction_problems(on, lot=part.lot, product=part.product)
        if part.lot is not None:
            events = lot_choice.events_of([part.lot], on=on).get(part.lot.pk, LotEvents())
            problems += signal_problems(part.lot.number, 0, open_serious=events.open_serious)
        self.judge(replace(each, field=what) for each in problems if each.sentence not in said)

    def judge_patient(self, *, on: datetime.date, product: Product | None, lot: Lot | None) -> None:
        """Rules 9, 14 and 24, as far as they do not depend on what else is given."""
        self.judge_consent(on=on, product=product)
        self.judge(self.checks.as_of(on).caution_problems())
        self.judge(self.checks.event_problems(on))
        if lot is not None or product is not None:
            self.judge(self.checks.reaction_problems(on, lot=lot, product=product))
        if lot is not None:
            events = lot_choice.events_of([lot], on=on).get(lot.pk, LotEvents())
            self.judge(signal_problems(lot.number, 0, open_serious=events.open_serious))

    def judge_consent(self, *, on: datetime.date, product: Product | None) -> None:
        """Without consent on file only some may go ahead, with a reason; the others are told what to do."""
        for problem in self.checks.consent_problems(on=on, product=product):
            if not problem.is_error or self.may_override:
                self.judge([replace(problem, level="warning")])
                continue
            self.consent_refusals.append(problem.sentence)
            if self.is_bound:
                self.add_error(
                    None,
                    f"{problem.sentence} Only a clinician or manager can save without it, with a reason.",
                )

    @property
    def consent_missing(self) -> list[str]:
        """Why the patient must sign before the session, on the day that is typed; empty where nothing is missing."""
        return [problem.sentence for problem in self.checks.consent_problems(on=self._consent_day, product=None)]

    @property
    def _consent_day(self) -> datetime.date:
        """Where only the month is known, the consent may have been signed on any day of it."""
        when: PartialDate | None = getattr(self, "cleaned_data", {}).get("when")
        return min(when.latest, timezone.localdate()) if when is not None else timezone.localdate()

    # ── What goes to the action ────────────────────────────────────────────────────────────────

    def values(self) -> dict[str, Any]:
        product: Product | None = self.cleaned_data.get("product")
        lot = {
            "lot": self.lot.chosen,
            "lot_is_unknown": self.lot.is_unknown and not (product and product.is_own_blood),
            "lot_confirmed": self.lot.confirmed if self.lot.chosen is not None else "",
        }
        # The sum of all is the action's; what is compared and corrected here is that of the first product.
        values = super().values() | lot
        values.pop("total_ml", None)
        return values

    def differences(self, current: ExosomeSession) -> list[dict[str, str]]:
        rows = super().differences(current)
        theirs = shown_volumes(*volumes_of(current.region_volumes.all()))
        mine = shown_volumes(self.volumes.ml_by_region, self.region_labels)
        if theirs != mine:
            rows.append({"label": "Volume by region", "theirs": theirs, "mine": mine})
        also = [[each.text for each in those] for those in (current.applications.all(), self.applications())]
        if also[0] != also[1]:
            rows.append({"label": "Also given", "theirs": " / ".join(also[0]), "mine": " / ".join(also[1])})
        return rows


class LogForm(SessionForm):
    """Logging a new session: its facts, what happened since the last one, and what was seen today.

    What it begins with comes from `prefill`; a field is marked "carried" or "planned" while it still says so.
    """

    field_of: ClassVar[Mapping[str, str]] = {
        **SessionForm.field_of,
        "onset": "event_onset",
        "ended": "event_ended",
        "grade": "event_grade",
    }
    counted_from: ClassVar[Mapping[str, str]] = {"event_onset": "when", "event_ended": "when"}

    since_last = forms.ChoiceField(
        label="Anything since last time?",
        required=False,
        choices=[(Asked.NONE, "No"), (Asked.YES, "Yes"), (Asked.NOT_ASKED, "Not asked")],
        widget=forms.RadioSelect,
    )

    class Meta(SessionForm.Meta):
        fields = [*SessionForm.Meta.fields, "since_last"]

    def __init__(self, *args: Any, prefill: Prefill, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self._propose(prefill)
        prefill = self.prefill
        for part, given in zip(self.further, prefill.further, strict=False):
            part.start_with(given, is_recorded=False)
        self.previous: ExosomeSession | None = prefill.last
        self.event = self.add_part(EventForm)
        today = timezone.localdate()
        self.open_events = [self.add_part(OpenEventForm, known=known) for known in self.checks.open_events(today)]
        rows = [self.add_part(ReactionForm, kind=kind) for kind in REACTIONS]
        self.reactions = self.add_part(ReactionsForm, rows=rows)
        for name, value in prefill.values.items():
            self.initial.setdefault(name, value)
        self.volumes.start_with(prefill.volumes)
        self.marked = {*prefill.values, *map(self.volumes.add_prefix, prefill.volumes)}
        self.initial.setdefault("phase", prefill.phase)
        self.initial.setdefault("operator", by.pk)
        if not self.is_bound:
            self.judge_patient(on=today, product=None, lot=None)
            if self.patient.treatment_day_problems(of_day(today), field="when", what="session"):
                self.initial["when"] = None

    def _propose(self, begin: Prefill) -> None:
        """What the page begins with: nothing of it carries a warning, and no lot is chosen for the person."""
        usable = self.lot.usable_for(begin.product_id, on=self.lots_on)
        self.product_id = lot_choice.expected_product(usable, begin.product_id)
        product = self.expected = next((lot.product for lot in usable if lot.product_id == self.product_id), None)
        values = begin.values
        problems = self.checks.as_of(self.lots_on).allergy_problems(
            anaesthesia=values.get("anaesthesia", ""), skin_prep=values.get("skin_prep", "")
        )
        if route := values.get("route"):
            lengths = {name: values.get(name) for name in ("depth_mm", "needle_length_mm")}
            problems += depth_problems(route, **lengths)
            if product is not None:
                basis = product.regulatory_basis
                problems += route_problems(route, labelled_route=product.labelled_route, regulatory_basis=basis)
        if begin.volumes:
            points, point_ml = values.get("points"), values.get("point_ml")
            problems += total_problems(total(begin.volumes), points=points, point_ml=point_ml)
        self.prefill = doubtful_left_open(begin, problems)
        self.planned_route = route or ""
        self.lot_rows = self._rows_of(usable)
        needed = total(self.prefill.volumes)
        self.suggested = lot_choice.suggested(self.lot_rows, product_id=self.product_id, needed=needed)

    def _rows_of(self, lots: list[Lot]) -> list[LotRow]:
        on, events = self.lots_on, lot_choice.events_of(lots)
        return [self.lot_row(lot, on=on, events=events.get(lot.pk)) for lot in lots]

    def lot_row(self, lot: Lot, *, on: datetime.date, events: LotEvents | None = None) -> LotRow:
        """A lot with what speaks against it for this patient."""
        doubts = lot_choice.doubts_of(lot, on, events=events, checks=self.checks.as_of(on), route=self.planned_route)
        return LotRow(lot, is_chosen=False, doubts=doubts)

    def mark_of(self, name: str) -> str:
        """ "carried" or "planned" while a field still says what it was filled in with."""
        if name not in self.marked:
            return ""
        field = self[name]
        if self.is_bound and str(field.value() or "") != str(field.field.prepare_value(field.initial) or ""):
            return ""
        return self.prefill.mark if name in self.prefill.values else self.prefill.volumes_mark

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["since_last"] = cleaned.get("since_last") or Asked.NOT_ASKED.value
        when = cleaned.get("when")
        if when is not None:
            before = ExosomeSession.objects.standing().filter(patient=self.patient, performed_on__lt=when.earliest)
            self.previous = before.exclude(pk=self.own_id).order_by("-performed_on", "-id").first()
        if cleaned["since_last"] == Asked.YES:
            self._judge_event()
        self._judge_open_events(cleaned["since_last"], when)
        for reaction in self.reactions.seen:
            if reaction.kind is EventKind.OTHER and not reaction.cleaned_data.get("words"):
                self.add_error("words-other", "Say in a few words what it was.")
            self._judge_seriousness(
                kind=reaction.kind,
                grade=reaction.cleaned_data.get("grade"),
                criteria=reaction.cleaned_data.get("serious", []),
                outcome=reaction.outcome,
                fields={"grade": reaction.add_prefix("grade"), "seriousness": reaction.add_prefix("serious")},
            )
        return cleaned

    def _judge_open_events(self, since_last: str, when: PartialDate | None) -> None:
        """Rules 22 and 24 for the events that were open before this session."""
        for asked in self.asked_events:
            event, over = asked.known.event, asked.cleaned_data.get("over")
            recorded = None if asked.outcome == Outcome.ONGOING else event.ended or None
            field = asked.add_prefix("over")
            for problem in date_problems(onset=event.onset or None, ended=over or recorded, outcome=asked.outcome):
                self.judge([replace(problem, field=field)])
        for each in self.open_events:
            if each.cleaned_data.get("over") and not each.outcome:
                self.add_error(each.add_prefix("now"), "You wrote when it was over. Choose how it is now.")
        if since_last == Asked.NONE:
            on = day_reached(when, timezone.localdate())
            asked_ids = {each.known.event.pk for each in self.asked_events}
            self.judge(self.checks.not_asked_problems(on, asked=asked_ids))

    @property
    def asked_events(self) -> list[OpenEventForm]:
        """The open events of which it was said how they are now, once the form is validated."""
        return [each for each in self.open_events if each.outcome]

    def _judge_event(self) -> None:
        """Rules 22 to 24, as far as they concern an event that is told at the chair."""
        event, previous = self.event.cleaned_data, self.previous
        if not event.get("event_kind"):
            self.add_error("event_kind", "Choose what happened, or answer “No”.")
            return
        today, birth = timezone.localdate(), self.patient.birth or None
        for name, what in (("event_onset", "event"), ("event_ended", "end")):
            if event.get(name):
                self.judge(event_date_problems(event[name], field=name, what=what, today=today, birth=birth))
        outcome = event.get("event_now") or Outcome.UNKNOWN
        self.judge(
            date_problems(
                onset=event.get("event_onset"),
                ended=event.get("event_ended"),
                outcome=outcome,
                session_on=previous.performed if previous is not None else None,
            )
        )
        self._judge_seriousness(
            kind=event["event_kind"],
            grade=event.get("event_grade"),
            criteria=event.get("event_criteria", []),
            outcome=outcome,
            fields={"grade": "event_grade", "seriousness": "event_criteria"},
        )

    def _judge_seriousness(
        self, *, kind: str, grade: int | None, criteria: Sequence[str], outcome: str, fields: Mapping[str, str]
    ) -> None:
        """Rule 23: the same questions as the full report asks."""
        problems = seriousness_problems(kind=kind, grade=grade or 1, criteria=criteria, outcome=outcome)
        self.judge(replace(problem, field=fields[problem.field]) for problem in problems)

    def values(self) -> dict[str, Any]:
        return super().values() | {"reactions": self.reactions.answer.value}

    def events(self, session: ExosomeSession) -> list[AdverseEvent]:
        """The events that this form reports: what happened since the last session, and what was seen in this one."""
        events = [self.event.event(session, after=self.previous)] if session.since_last == Asked.YES else []
        return events + [reaction.event(session) for reaction in self.reactions.seen]

    def follow_ups(self, session: ExosomeSession) -> list[FollowUp]:
        """What was answered of the events that were open before this session."""
        return [each.follow_up(session, seen_by=self.by) for each in self.asked_events]

    def saved_twin(self) -> ExosomeSession | None:
        """What an earlier, identical submit of this form has saved: the answer to a double click or a retry."""
        standing = ExosomeSession.objects.standing()
        return standing.filter(
            pk=self.own_id, clinic=self.clinic, patient=self.patient, submission=self.digest()
        ).first()

    def find_lot(self) -> None:
        """Put the lot that was typed or scanned among the choices; nothing else is validated, nothing is saved."""
        self.show_as_typed()
        self.lot.find_number()

    def show_as_typed(self) -> None:
        """Let the page show what was typed; nothing is validated."""
        forms_sent: list[Any] = [self, *self.parts]
        for form in forms_sent:
            form._errors, form.cleaned_data = ErrorDict(), {}


class CorrectionForm(SessionForm):
    """Correcting a session that is not struck out: every fact of it, and the reason."""

    class Meta(SessionForm.Meta):
        fields = [*SessionForm.Meta.fields, "since_last", "reactions"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Validation writes the posted values onto `instance`.
        self.recorded: ExosomeSession = copy.copy(self.instance)
        volumes, region_labels = volumes_of(self.recorded.region_volumes.all())
        self.volumes.start_with(volumes)
        self.initial["as_told"] = next(iter(region_labels.values()), "")
        unknown = lot_choice.NOT_RECORDED if self.recorded.lot_is_unknown else ""
        own = self.recorded.product if self.recorded.lot is None else None
        if own is not None and own.is_own_blood:
            unknown = f"{further.OWN}{own.pk}"
        self.lot.initial["lot"] = unknown or self.recorded.lot_id or ""
        for part, given in zip(self.further, self._recorded_further, strict=False):
            part.start_with(given, is_recorded=True)

    @cached_property
    def _recorded_further(self) -> list[Application]:
        return list(self.instance.applications.select_related("product", "lot__product"))

    @property
    def further_places(self) -> int:
        return max(MAX_FURTHER, len(self._recorded_further))

    @property
    def _day_and_phase_before(self) -> tuple[PartialDate | None, str]:
        return self.recorded.performed, self.recorded.phase

    def values(self) -> dict[str, Any]:
        """How the lot was chosen stays as it was recorded while the lot does."""
        values = super().values()
        if self.recorded.lot_id is not None and values["lot"] == self.recorded.lot:
            values["lot_confirmed"] = self.recorded.lot_confirmed
        return values

    def _judge_patient_today(self) -> None:
        """Whether to go ahead was decided on the day. A correction asks again only for consent to what it changes."""
        product: Product | None = self.cleaned_data.get("product")
        now = (self.happened_on, product.pk if product else None)
        if now != (self.recorded.performed_on, self.recorded.given_product_id):
            self.judge_consent(on=self._consent_day, product=product)
        before = {each.given_product_id for each in self._recorded_further} | {self.recorded.given_product_id}
        for part in self.used_further:
            if part.product is not None and part.product.pk not in before:
                self.judge_consent(on=self._consent_day, product=part.product)
