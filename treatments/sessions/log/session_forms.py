import datetime
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from clinic.staff.access import ROLE_CAN, Can
from clinic.staff.models import User
from treatments.courses.models import Course, ExosomeSession
from treatments.courses.protocol import depth_problems, interval_problems, route_problems
from treatments.courses.vocabulary import Anaesthesia, Route, SessionOutcome, SkinPrep
from treatments.courses.volumes import as_told, in_words, of_rows, total
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems
from treatments.products.models import Lot, Product
from treatments.products.rules import handling_problems, lot_problems
from treatments.records.forms.fields import ExactDecimalField, WholeNumberField
from treatments.records.partial_dates import PartialDate
from treatments.records.problems import Problem, warning
from treatments.records.regions import Region
from treatments.sessions.log import lot_choice, pre_session_checks
from treatments.sessions.log.session_drawing import SessionDrawing
from treatments.sessions.volume_forms import volume_name

WRITERS = [role for role, rights in ROLE_CAN.items() if Can.WRITE_RECORD in rights]
PAIN = [(score, str(score)) for score in range(11)]


def pain_field(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=PAIN, coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
    )


def _or_unknown(choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [("", "Not recorded"), *choices]


class SessionForm(SessionDrawing):
    """The facts of one session, however they are asked for; what differs is in LogForm and CorrectionForm.

    `may_override`: this person may act without consent on file, giving a reason (rule 14).
    """

    when_columns = ("performed_on", "performed_precision")
    when_label = "When was it given?"
    beside: ClassVar[Mapping[str, str]] = {
        **SessionDrawing.beside,
        "performed_on": "when",
        "regulatory_basis": "lot",
    }

    lot = forms.CharField(label="Lot", required=False, max_length=40)
    # Not stripped by the field: to Python the sign that a GS1 label begins with is white space.
    lot_number = forms.CharField(label="Type or scan a lot number", required=False, max_length=200, strip=False)
    as_told = forms.CharField(
        label="Where, in the words that were used",
        required=False,
        max_length=80,
        help_text="Where they differ from the map, for example: crown and vertex.",
    )
    total_ml = ExactDecimalField(label="Total, mL")
    route = forms.ChoiceField(label="Route", required=False, choices=_or_unknown(Route.choices))
    needle_length_mm = ExactDecimalField(label="Needle length, mm", places=1, high=Decimal("60"), unit="mm")
    depth_mm = ExactDecimalField(label="Depth, mm", places=1, high=Decimal("60"), unit="mm")
    points = WholeNumberField(label="Injection points", low=1, high=2000)
    point_ml = ExactDecimalField(label="mL at each point", places=3, high=Decimal("9"))
    mixed_hours = ExactDecimalField(label="Mixed, hours before use", places=1, high=Decimal("999"), unit="h")
    skin_prep = forms.ChoiceField(label="Skin preparation", required=False, choices=_or_unknown(SkinPrep.choices))
    anaesthesia = forms.ChoiceField(label="Anaesthesia", required=False, choices=_or_unknown(Anaesthesia.choices))
    pain_during = pain_field("Pain during the session, 0 none to 10 worst")
    pain_after = pain_field("Pain 15 minutes after, 0 none to 10 worst")
    outcome = forms.ChoiceField(label="Was it completed?", required=False, choices=SessionOutcome.choices)
    performed_at = forms.TimeField(
        label="Time", required=False, widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )

    class Meta:
        model = ExosomeSession
        fields = [
            "phase", "performed_at", "route", "route_confirmed", "product", "lot", "needle_gauge", "needle_length_mm",
            "depth_mm", "points", "point_ml", "device", "mixed_hours", "skin_prep", "anaesthesia", "anaesthesia_detail",
            "pain_during", "pain_after", "operator", "assistant", "outcome", "outcome_reason", "reported_label", "note",
        ]  # fmt: skip
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}

    def __init__(
        self, *args: Any, clinic: Any, patient: Patient, course: Course, may_override: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.clinic, self.patient, self.course, self.may_override = clinic, patient, course, may_override
        self.lot_is_unknown = False
        self.told: dict[str, str] = {}
        self.consent_refusals: list[str] = []
        self.background = pre_session_checks.load(patient)
        product, operator = self.fields["product"], self.fields["operator"]
        product.queryset = (  # type: ignore[attr-defined]
            Product.objects.of(clinic).filter(Q(archived_at=None) | Q(pk=self.instance.product_id)).order_by("name")
        )
        product.empty_label = "Not recorded"  # type: ignore[attr-defined]
        works_here = Q(memberships__clinic=clinic, memberships__role__in=WRITERS, memberships__is_active=True)
        operator.queryset = (  # type: ignore[attr-defined]
            User.objects.filter(works_here | Q(pk=self.instance.operator_id)).order_by("name").distinct()
        )
        operator.empty_label = "Not recorded"  # type: ignore[attr-defined]
        self.fields["phase"].required = False
        self.fields["needle_gauge"].choices = [  # type: ignore[attr-defined]
            ("", "Not recorded"),
            *list(self.fields["needle_gauge"].choices)[1:],  # type: ignore[attr-defined]
        ]

    # ── Reading ────────────────────────────────────────────────────────────────────────────────

    def clean_phase(self) -> str:
        return self.cleaned_data["phase"] or str(self.initial["phase"])

    def clean_outcome(self) -> str:
        return self.cleaned_data["outcome"] or SessionOutcome.COMPLETED.value

    def clean_lot(self) -> Lot | None:
        """A lot of this clinic by its id; a number typed or scanned wins over a choice made before."""
        text, number = self.cleaned_data["lot"], str(self.data.get("lot_number") or "").strip(" \t\r\n")
        if number:
            try:
                return lot_choice.find(self.clinic, number[:200])
            except ValueError:
                return None  # clean_lot_number says why
        if text == lot_choice.NOT_RECORDED:
            self.lot_is_unknown = True
        if not text or self.lot_is_unknown:
            return None
        try:
            return Lot.objects.of(self.clinic).select_related("product").get(pk=text)
        except (Lot.DoesNotExist, ValidationError):
            raise ValidationError("This lot is not in the list any more. Choose again.") from None

    def clean_lot_number(self) -> str:
        number = str(self.cleaned_data["lot_number"]).strip(" \t\r\n")
        if number:
            try:
                lot_choice.find(self.clinic, number)
            except ValueError as error:
                raise ValidationError(str(error)) from error
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        lot = cleaned.get("lot")
        if lot is not None:
            cleaned["product"] = lot.product
        elif not self.lot_is_unknown and not {"lot", "lot_number"} & set(self.errors):
            self.add_error("lot", "Choose the lot, scan it, or say that it was not recorded.")
        if cleaned.get("outcome") not in (None, SessionOutcome.COMPLETED) and not cleaned.get("outcome_reason"):
            self.add_error("outcome_reason", "Say why the session was not completed.")
        self._read_where()
        self._judge_when()
        self._judge_given()
        self._judge_background()
        return cleaned

    def _read_where(self) -> None:
        self.read_volumes()
        first = volume_name(Region.VERTEX)
        names = {name for name in self.errors if name.startswith("volume-")}
        if not self.volumes and not names:
            self.add_error(first, "Say how many mL went into which region: tap the map or type a figure.")
        try:
            self.told = as_told(self.cleaned_data.get("as_told", ""), self.volumes)
        except ValueError as error:
            self.add_error("as_told", str(error))
        said = self.cleaned_data.get("total_ml")
        given = total(self.volumes)
        if said is not None and self.volumes and said != given:
            self.add_error(first, f"The regions add up to {given:f} mL, the total sent was {said:f} mL. Check both.")

    # ── Judging ────────────────────────────────────────────────────────────────────────────────

    def _judge_when(self) -> None:
        when: PartialDate | None = self.cleaned_data.get("when")
        if when is None:
            return
        today, birth = timezone.localdate(), self.patient.birth or None
        future = when.earliest > today
        self.judge(
            problem
            for problem in event_date_problems(when, field="when", what="session", today=today, birth=birth)
            if not (future and problem.code == "future")  # the base form has said so
        )
        days = ExosomeSession.objects.standing().filter(course=self.course).exclude(pk=self.own_id)
        self.judge(
            interval_problems(
                when.earliest,
                days.values_list("performed_on", flat=True),
                interval_months=self.course.interval_months,
                phase=self.cleaned_data.get("phase", self.instance.phase),
            )
        )
        if when.latest < self.course.baseline_on:
            sentence = f"This is before Month 0 of the course, {self.course.baseline.label()}."
            self.judge([warning(20, "when", sentence, "before_baseline")])

    def _judge_given(self) -> None:
        cleaned = self.cleaned_data
        route, lot, product = cleaned.get("route", ""), cleaned.get("lot"), cleaned.get("product")
        self.judge_total(points=cleaned.get("points"), point_ml=cleaned.get("point_ml"))
        if self.lot_is_unknown:
            self.judge(self._unknown(product))
        if lot is not None:
            self.judge(self.problems_of_lot(lot))
        if product is not None:
            self.judge(handling_problems(mixed_hours=cleaned.get("mixed_hours"), in_use_hours=product.in_use_hours))
        if route:
            self.judge(
                depth_problems(
                    route, depth_mm=cleaned.get("depth_mm"), needle_length_mm=cleaned.get("needle_length_mm")
                )
            )
        if route and product is not None:
            self.judge(
                route_problems(route, labelled_route=product.labelled_route, regulatory_basis=product.regulatory_basis)
            )

    def _unknown(self, product: Product | None) -> Iterable[Problem]:
        if product is not None:
            return lot_problems(lot_known=False, expiry=None, used_on=self._day)
        sentence = "Neither product nor lot is recorded. A reaction could not be traced to its vial."
        return [warning(15, "lot", sentence, "product_unknown")]

    def problems_of_lot(self, lot: Lot) -> list[Problem]:
        """Rules 15 and 16 for a lot on the session's day."""
        found = lot_problems(lot_known=True, expiry=lot.expires_on, used_on=self._day)
        found += handling_problems(cold_chain_ok=lot.cold_chain_ok)
        return found + lot_choice.recall_problems(lot)

    def _judge_background(self) -> None:
        """Rules 9, 14 and 24, once what is given is known."""
        self.judge_patient(
            on=self._consent_day,
            product=self.cleaned_data.get("product"),
            anaesthesia=self.cleaned_data.get("anaesthesia", ""),
            agent=self.cleaned_data.get("anaesthesia_detail", ""),
        )

    def judge_patient(
        self, *, on: datetime.date, product: Product | None, anaesthesia: str = "", agent: str = ""
    ) -> None:
        for problem in self.background.consent_problems(on=on, product=product):
            self.judge_consent(problem)
        self.judge(self.background.caution_problems(product=product, anaesthesia=anaesthesia, agent=agent))
        self.judge(self.background.event_problems())

    def judge_consent(self, problem: Problem) -> None:
        """Without consent on file only some may go ahead, with a reason; the others are told what to do."""
        if not problem.is_error:
            self.judge([problem])
        elif self.may_override:
            self.judge([replace(problem, level="warning")])
        else:
            self.consent_refusals.append(problem.sentence)
            if self.is_bound:
                self.add_error(None, f"{problem.sentence} A clinician may go ahead without it, giving a reason.")

    @property
    def _day(self) -> datetime.date:
        return self.happened_on or timezone.localdate()

    @property
    def _consent_day(self) -> datetime.date:
        """Where only the month is known, the consent may have been signed on any day of it."""
        when: PartialDate | None = self.cleaned_data.get("when")
        return min(when.latest, timezone.localdate()) if when is not None else timezone.localdate()

    # ── What goes to the action ────────────────────────────────────────────────────────────────

    def values(self) -> dict[str, Any]:
        return super().values() | {"lot_is_unknown": self.lot_is_unknown, "total_ml": total(self.volumes)}

    def differences(self, current: Any) -> list[dict[str, str]]:
        rows = super().differences(current)
        theirs, mine = in_words(*of_rows(current.region_volumes.all())), in_words(self.volumes, self.told)
        if theirs != mine:
            rows.append({"label": "Volume by region", "theirs": theirs, "mine": mine})
        return rows
