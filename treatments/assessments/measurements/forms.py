"""One measurement: on a page of its own, or folded into the assessment it was made at."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from django.forms import BoundField
from django.http import QueryDict
from django.utils import timezone

from clinic.staff.access import Can, people_who_may
from clinic.staff.models import Clinic, User
from treatments.assessments import previous_visits
from treatments.assessments.measurement_kinds import (
    QUANTITIES,
    VELLUS_CUTOFF_UM,
    Method,
    Reading,
    check_together,
    is_same_spot,
    quantity,
)
from treatments.assessments.models import Assessment, Measurement
from treatments.assessments.rules import change_problems, measurement_problems
from treatments.courses.forms import OwnCourseForm
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems
from treatments.records.fields import DatePrecision
from treatments.records.formatting import number
from treatments.records.forms import named_person
from treatments.records.forms.fields import ExactDecimalField, YesNoField
from treatments.records.partial_dates import PartialDate
from treatments.records.problems import Problem
from treatments.records.text.text_folding import fold

MeasuredBy = tuple[User | None, str]
"""Somebody with an account, or the name of somebody without one."""
CHANGE = "density_change_pct"
_RARE = (
    "site_detail", "is_same_spot", "device", "area_cm2", "magnification", "vellus_cutoff_um", "is_clipped", "is_dyed",
)  # fmt: skip
# Kind, site and method have a default: these alone do not mean that something was measured.
_TYPED = ("value", "low", "high", *_RARE)
_ABOUT = "If you do not know it exactly, write a range: from 15 to 25."
_MOST = Decimal(999_999)
"""The largest figure that is measured; a change in per cent may be less than nothing."""
_YES_NO = {
    "is_same_spot": "Is it exactly the same spot as before?",
    "is_clipped": "Was the hair clipped?",
    "is_dyed": "Was the hair dyed?",
}


def relabel_blank(field: Any, blank: str) -> None:
    """Put the blank first among the choices, with this label."""
    field.choices = [("", blank), *(choice for choice in field.choices if choice[0] != "")]


class MeasurementForm(OwnCourseForm):
    """A value or a range, with the site and the method that decide what it may be compared with.

    `beside` are other measurements of the same visit that were checked before: they are judged together.
    """

    beside: Sequence["MeasurementForm"] = ()

    when_columns: ClassVar[tuple[str, str] | None] = ("measured_on", "measured_precision")
    when_label = "When was it measured?"

    class Meta:
        model = Measurement
        fields = [
            "kind", "value", "low", "high", "site", "method", "site_detail", "is_same_spot", "device", "area_cm2",
            "magnification", "vellus_cutoff_um", "is_clipped", "is_dyed", "operator", "operator_name",
        ]  # fmt: skip
        labels = {
            "kind": "What?", "site": "Where?", "method": "How?", "low": "from", "high": "to",
            "operator_name": "Or measured by somebody without an account",
        }  # fmt: skip
        help_texts = {
            "site_detail": (
                "Measured from a landmark or a tattoo dot, for example: 18 cm behind the glabella, in the midline."
            ),
            "device": "With its software and version.",
        }
        error_messages = {
            "kind": {"required": "Choose what was measured."},
            "site": {"required": "Choose where it was measured."},
            "method": {"required": "Choose how it was measured. Only the same method can be compared."},
        }

    def __init__(
        self, *args: Any, patient: Patient, clinic: Clinic, by: User, is_of_visit: bool = False, **kwargs: Any
    ) -> None:
        """`is_of_visit`: the measurement was made at an assessment, and goes with it to its course."""
        super().__init__(*args, **kwargs)
        self.patient = patient
        fields: dict[str, Any] = self.fields
        typed = [(q.code, f"{q.label}, {q.unit}") for q in QUANTITIES.values() if not q.derived]
        fields["kind"].choices = [("", "Choose"), *typed]
        for name in ("value", "low", "high"):
            fields[name] = ExactDecimalField(
                label=fields[name].label, places=3, low=-_MOST, high=_MOST, unit="", hint=_ABOUT
            )
        for name in ("value", "low", "high", "area_cm2"):
            fields[name].widget.attrs["class"] = "form-control"
        for name, label in _YES_NO.items():
            fields[name] = YesNoField(label=label, unanswered="Not recorded")
        fields[
            "vellus_cutoff_um"
        ].help_text = f"Fill in if hairs were counted by thickness. Usually {VELLUS_CUTOFF_UM}."
        for name in ("site", "method"):
            relabel_blank(fields[name], "Choose")
        fields["operator"].empty_label = "Not stated"
        fields["operator"].queryset = people_who_may(
            Can.WRITE_RECORD, clinic=clinic, named_id=self.instance.operator_id
        )
        if not self.is_correction:
            self.initial.setdefault("operator", by.pk)
        if not is_of_visit:
            self.ask_for_course(patient)

    @property
    def is_used(self) -> bool:
        """Whether something was typed beyond what the form was shown with."""
        typed = {name: str(self.data.get(self.add_prefix(name), "")).strip() for name in _TYPED}
        return any(text and text != _as_shown(self.initial.get(name)) for name, text in typed.items())

    @property
    def amounts(self) -> list[BoundField]:
        """The figure and the two ends of the range, which are one question."""
        return [self["value"], self["low"], self["high"]]

    @property
    def needs_more(self) -> bool:
        """Whether one of the rarer fields has a value or an error, and must stand open."""
        return any(self[name].errors or self[name].value() not in (None, "") for name in _RARE)

    @property
    def measured(self) -> PartialDate | None:
        """When it was measured, once that is checked."""
        when: PartialDate | None = self.cleaned_data.get("when")
        return when

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        named_person.settle(self, cleaned, "operator")
        today = timezone.localdate()
        if "when" in self.fields and self.measured and self.measured.earliest <= today:
            birth = self.patient.birth or None
            self.judge(
                event_date_problems(
                    self.measured, field="when", what="measurement", today=today, birth=birth, death=self.patient.died
                )
            )
        if "kind" in cleaned and not {"value", "low", "high"} & set(self.errors):
            self._judge_value(cleaned["kind"], cleaned.get("value"), cleaned)
        return cleaned

    def _judge_value(self, kind: str, value: Decimal | None, cleaned: dict[str, Any]) -> None:
        self.judge(measurement_problems(kind, value=value, low=cleaned.get("low"), high=cleaned.get("high")))
        if quantity(kind).split and not cleaned.get("vellus_cutoff_um"):
            self.add_error(
                "vellus_cutoff_um",
                (f"Write below which diameter a hair counted as vellus. Usually {VELLUS_CUTOFF_UM} µm."),
            )
        if self.measured and cleaned.get("site") and cleaned.get("method"):
            self.judge(self._problems_against_others(kind, value, self.measured, cleaned))

    def _problems_against_others(
        self, kind: str, value: Decimal | None, when: PartialDate, cleaned: dict[str, Any]
    ) -> list[Problem]:
        """Rule 10 with the other values of that day and spot, and rule 11: a counted change in per cent rests on a
        count of that spot."""
        site, method, spot = cleaned["site"], cleaned["method"], cleaned.get("site_detail") or ""
        problems: list[Problem] = []
        if value is not None:
            device = cleaned.get("device") or ""
            others = previous_visits.values_alike(
                self.patient, when, site=site, spot=spot, method=method, device=device, leaving_out=self.instance.pk
            )
            beside = self._values_beside(site=site, spot=spot, method=method, device=device)
            said = {problem.code for problem in check_together({**others, **beside})} if beside else set()
            together = check_together({**others, **beside, kind: value})
            problems += [replace(problem, field="value") for problem in together if problem.code not in said]
        if kind == CHANGE and method != Method.CLINICIAN_VISUAL_ESTIMATE:
            counted = Reading("hair_density", VELLUS_CUTOFF_UM, site, method, spot)
            if not previous_visits.was_counted_before(self.patient, when, site=site, spot=spot, method=method):
                enter_counts = "Enter both counts as hair density. Anagen then computes the change."
                problems += [
                    replace(p, sentence=f"{p.sentence} {enter_counts}") for p in change_problems(None, counted)
                ]
        return problems

    def _values_beside(self, *, site: str, spot: str, method: str, device: str) -> dict[str, Decimal]:
        """Of the measurements beside it those made in the same way at the same spot, by quantity."""
        values = {}
        for each in self.beside:
            made = getattr(each, "cleaned_data", {})
            if made.get("value") is None or (made.get("site"), made.get("method")) != (site, method):
                continue
            if is_same_spot(made.get("site_detail") or "", spot) and fold(made.get("device") or "") == fold(device):
                values[made.get("kind", "")] = made["value"]
        return values


def _as_shown(value: Any) -> str:
    """An initial value as its field sends it back untouched."""
    if isinstance(value, bool):
        return str(value).lower()
    return number(value) if isinstance(value, Decimal) else "" if value is None else str(value)


# What a row takes from the one above it, where it was measured at the same site, and by the same method.
_OF_THE_SITE = ("site_detail", "is_same_spot", "is_clipped", "is_dyed")
_OF_THE_METHOD = ("device", "area_cm2", "magnification", "vellus_cutoff_um")


class InlineMeasurementForm(MeasurementForm):
    """A measurement that is typed with something else: an assessment, or another measurement. Same patient, same day.

    `number` counts the rows from 0; `above` is the one over it.
    """

    when_columns = None
    part_name = "Measurement"

    def __init__(self, *args: Any, number: int = 0, above: MeasurementForm | None = None, **kwargs: Any) -> None:
        self._when: PartialDate | None = None
        self._measured_by: MeasuredBy | None = None
        super().__init__(*args, prefix=f"m{number or ''}", is_of_visit=True, **kwargs)
        # The assessment's id already decides between twins; a second id would tell two alike forms apart.
        del self.fields["id"]
        self.initial["operator"] = None
        person: Any = self.fields["operator"]
        person.empty_label = "Who saw the patient" if above is None else "As above"
        if above is not None:
            for name in ("site", "method"):
                relabel_blank(self.fields[name], "As above")
            if self.is_bound and self.is_used:
                self._take_over(above)

    def _take_over(self, above: MeasurementForm) -> None:
        data = QueryDict(mutable=True)
        data.update({name: str(value) for name, value in self.data.items()})
        typed = {name: str(data.get(self.add_prefix(name), "")).strip() for name in ("site", "method")}
        over = {name: str(above.data.get(above.add_prefix(name), "")) for name in ("site", "method")}
        names = list(typed)
        names += _OF_THE_SITE if typed["site"] in {"", over["site"]} else ()
        names += _OF_THE_METHOD if typed["method"] in {"", over["method"]} else ()
        people = {name: str(above.data.get(above.add_prefix(name), "")) for name in ("operator", "operator_name")}
        if not any(str(data.get(self.add_prefix(name), "")).strip() for name in people):
            # A name takes the place of the person with whom the page began.
            names.append("operator_name" if people["operator_name"].strip() else "operator")
        for name in names:
            if not str(data.get(self.add_prefix(name), "")).strip():
                data[self.add_prefix(name)] = str(above.data.get(above.add_prefix(name), ""))
        self.data = data

    @property
    def needs_more(self) -> bool:
        """What is taken over from last time is told in the line of the folded part, and need not be open."""
        return any(
            self[name].errors or _as_shown(self[name].value()) != _as_shown(self.initial.get(name)) for name in _RARE
        )

    @property
    def taken_over(self) -> str:
        """ "2 cm left of the whorl, Handheld, x20, 1 cm²": what the rarer fields begin with."""
        area, times = self.initial.get("area_cm2"), self.initial.get("magnification")
        told = [self.initial.get("site_detail"), self.initial.get("device"), f"{number(area)} cm²" if area else ""]
        return ", ".join(str(each) for each in [*told, f"×{times}" if times else ""] if each)

    @property
    def is_begun(self) -> bool:
        """Whether the row must stand open: it is filled in with a quantity, or something was typed into it."""
        return bool(self.initial.get("kind")) or (self.is_bound and self.is_used)

    def set_visit(self, when: PartialDate | None, *, measured_by: MeasuredBy | None = None) -> None:
        """To be called before the form is checked. Where nobody is chosen or named in the row, it was `measured_by`."""
        self._when, self._measured_by = when, measured_by

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and not self.is_used:
            # Nobody measured, and nothing is missing: where the rest of the page is wrong, this row is not.
            self.errors.clear()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self._measured_by is not None and not (cleaned.get("operator") or cleaned.get("operator_name")):
            cleaned["operator"], cleaned["operator_name"] = self._measured_by
        return cleaned

    @property
    def measured(self) -> PartialDate | None:
        return self._when

    def made_on(self, first: Measurement) -> Measurement:
        """The unsaved row, made on the same day as the first of the page, and at the same visit."""
        made: Measurement = self.new_record(
            clinic=first.clinic,
            patient=self.patient,
            assessment=first.assessment,
            measured_on=first.measured_on,
            measured_precision=first.measured_precision,
        )
        return made

    def made_at(self, assessment: Assessment) -> Measurement:
        """The unsaved row, dated as the assessment is."""
        made: Measurement = self.new_record(
            clinic=assessment.clinic,
            patient=self.patient,
            measured_on=assessment.assessed_on,
            measured_precision=assessment.assessed_precision or DatePrecision.DAY,
        )
        return made
