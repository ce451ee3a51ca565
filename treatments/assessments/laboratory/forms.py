"""A laboratory report as it is typed from paper, with a row for each test; and the tests that a clinic adds."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.assessments.laboratory import remembered
from treatments.assessments.laboratory.catalogue import ANALYTES, shown_unit
from treatments.assessments.laboratory.models import LaboratoryReport, LaboratoryResult, LaboratoryTest
from treatments.assessments.laboratory.remembered import Range
from treatments.assessments.laboratory.rules import Reading, value_problems
from treatments.courses.forms import OwnCourseForm
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems
from treatments.records.forms.composite_form import CompositeForm, FormPart
from treatments.records.forms.fields import ExactDecimalField
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import RecordForm, Section
from treatments.records.problems import Problem, warning
from treatments.records.text.text_folding import fold

_BOUNDS = [("", "exactly"), ("<", "less than"), (">", "more than")]
_FIGURE: dict[str, Any] = {"places": 4, "high": Decimal("99999999.9999"), "unit": ""}


class ResultForm(FormPart):
    """The value of one test, with its unit and the range beside it on the report; a row without a value is passed over.

    `of` is the code of the catalogue or the id of the clinic's own test, and names the fields: "ferritin-value".
    """

    use_required_attribute = False

    def __init__(
        self,
        *args: Any,
        of: str,
        label: str,
        units: Sequence[tuple[str, str]],
        test: LaboratoryTest | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, prefix=of, **kwargs)
        self.of, self.label, self.test = of, label, test
        self.fields["comparator"] = forms.ChoiceField(
            label=f"{label}: exactly, or a bound", choices=_BOUNDS, required=False
        )
        self.fields["value"] = ExactDecimalField(label=f"{label}: value", **_FIGURE)
        self.fields["unit"] = forms.ChoiceField(label=f"{label}: unit", choices=units, required=False)
        self.fields["low"] = ExactDecimalField(label=f"{label}: range from", **_FIGURE)
        self.fields["high"] = ExactDecimalField(label=f"{label}: range to", **_FIGURE)
        self.initial["unit"] = units[0][0]
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-select" if name in {"comparator", "unit"} else "form-control"

    def begin_with(self, last: Range | None) -> None:
        if last is not None and last.unit in dict(self.fields["unit"].choices):  # type: ignore[attr-defined]
            self.initial.update({"unit": last.unit, "low": last.low, "high": last.high})

    @property
    def amounts(self) -> list[BoundField]:
        """The fields of the row in their order."""
        return [self[name] for name in ("comparator", "value", "unit", "low", "high")]

    @property
    def has_one_unit(self) -> bool:
        return self.test is not None

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("comparator") and cleaned.get("value") is None and "value" not in self.errors:
            self.add_error("value", "Write the figure too, or choose “exactly” to leave this test out.")
        return cleaned

    @property
    def reading(self) -> Reading | None:
        """What was typed, once it is checked; None for a row without a value, or with an error."""
        cleaned = self.cleaned_data
        if self.errors or cleaned.get("value") is None:
            return None
        unit = cleaned["unit"] or self.initial["unit"]
        analyte = "" if self.test is not None else self.of
        return Reading(analyte, cleaned["comparator"], cleaned["value"], unit, cleaned.get("low"), cleaned.get("high"))

    @property
    def problems(self) -> list[Problem]:
        reading = self.reading
        found = value_problems(reading) if reading is not None else []
        return [replace(problem, field=self.add_prefix(problem.field)) for problem in found]


class ResultRows(CompositeForm):
    """A form with a row for each test, filled in with the ranges that were typed last for one laboratory."""

    patient: Patient
    clinic: Clinic

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.rows: list[ResultForm] = []
        super().__init__(*args, **kwargs)

    def add_rows(self, *, left_out: Collection[str] = ()) -> None:
        """A row for each test of the catalogue and the clinic but those in `left_out` (`LaboratoryResult.of`)."""
        for analyte in ANALYTES.values():
            units = [(unit.ucum, unit.shown) for unit in analyte.units]
            self._add_row(left_out, of=analyte.code, label=analyte.label, units=units, test=None)
        for test in LaboratoryTest.objects.of(self.clinic).offered().order_by("name"):
            units = [(test.unit, test.unit)]
            self._add_row(left_out, of=str(test.pk), label=test.name, units=units, test=test)
        for row in self.rows:
            row.begin_with(self._filled_in.get(row.of))

    def _add_row(self, left_out: Collection[str], **facts: Any) -> None:
        if facts["of"] not in left_out:
            self.rows.append(self.add_part(ResultForm, **facts))

    @property
    def filled_in_for(self) -> str:
        """The laboratory whose ranges the form was opened with."""
        raise NotImplementedError

    @cached_property
    def _filled_in(self) -> Mapping[str, Range]:
        return remembered.ranges(self.clinic, laboratory=self.filled_in_for, sex=self.patient.sex)

    @property
    def has_ranges(self) -> bool:
        return bool(self._filled_in)

    def judge_rows(self, laboratory: str) -> None:
        """To be called in `clean`."""
        for row in self.rows:
            self.judge(row.problems)
        self.judge(self._ranges_of_another(laboratory))
        if self.rows and not any(row.reading for row in self.rows) and not any(row.errors for row in self.rows):
            self.add_error(None, "Write at least one value.")

    def _ranges_of_another(self, laboratory: str) -> Iterator[Problem]:
        """A range that was filled in, and stayed when the laboratory or the unit changed, is that of another report."""
        for row in self.rows:
            reading, last = row.reading, self._filled_in.get(row.of)
            if reading is None or last is None or (reading.low, reading.high) != (last.low, last.high):
                continue
            if fold(laboratory) == fold(self.filled_in_for) and reading.unit == last.unit:
                continue
            sentence = (
                f"{row.label}: the range {reading.shown_range} was filled in for {self.filled_in_for}, in "
                f"{shown_unit(reading.analyte, last.unit)}. Check it against this report."
            )
            yield warning(10, row.add_prefix("low"), sentence, f"range_of_another_{row.of}"[:40])

    def results(self) -> list[LaboratoryResult]:
        """The unsaved values, in the order of the form."""
        return [LaboratoryResult(**_columns(row, row.reading)) for row in self.rows if row.reading is not None]


class ReportForm(OwnCourseForm, ResultRows):
    """A whole report. A correction asks for its date, laboratory and note alone; each value is corrected by itself."""

    when_columns: ClassVar[tuple[str, str] | None] = ("sampled_on", "sampled_precision")
    when_label = "When was the sample taken?"

    class Meta:
        model = LaboratoryReport
        fields = ["laboratory", "note"]
        labels = {"laboratory": "Which laboratory?"}
        help_texts = {"laboratory": "As it is printed on the report.", "note": "For example: fasting, on biotin."}

    # For which laboratory the ranges were filled in when the form was opened.
    ranges_of = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)

    def __init__(self, *args: Any, patient: Patient, clinic: Clinic, laboratory: str = "", **kwargs: Any) -> None:
        """`laboratory`: whose ranges the form is filled in with."""
        super().__init__(*args, **kwargs)
        self.patient, self.clinic = patient, clinic
        self.fields["laboratory"].widget.attrs["list"] = "laboratories"
        if self.is_correction:
            del self.fields["ranges_of"]
        else:
            self.initial.setdefault("laboratory", laboratory)
            self.initial.setdefault("ranges_of", laboratory)
            self.add_rows()
        self.ask_for_course(patient)

    @cached_property
    def laboratories(self) -> list[str]:
        return remembered.laboratories(self.clinic)

    @property
    def filled_in_for(self) -> str:
        return str(self.data.get("ranges_of", "") if self.is_bound else self.initial["ranges_of"])[:120]

    def clean_laboratory(self) -> str:
        """In the spelling that the clinic used last, so that one laboratory is one."""
        typed = " ".join(str(self.cleaned_data["laboratory"]).split())
        return next((name for name in self.laboratories if fold(name) == fold(typed)), typed)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        when, today = cleaned.get("when"), timezone.localdate()
        if when and when.earliest <= today:
            birth, death = self.patient.birth or None, self.patient.died
            self.judge(event_date_problems(when, field="when", what="sample", today=today, birth=birth, death=death))
        self.judge_rows(cleaned.get("laboratory", ""))
        return cleaned


class FurtherValuesForm(ResultRows):
    """Values that arrived after the report was saved. A test that has its value there has no row: it is corrected."""

    class Meta:
        model = LaboratoryResult
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, report: LaboratoryReport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient, self.clinic, self.report = report.patient, report.clinic, report
        there = {each.of for each in report.results.standing()}
        # What was typed beside a test that has its value by now is shown again, and refused with what is there.
        self.add_rows(left_out={of for of in there if not self.data.get(f"{of}-value")})

    @property
    def filled_in_for(self) -> str:
        return self.report.laboratory

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.judge_rows(self.report.laboratory)
        return cleaned

    def new_results(self) -> list[LaboratoryResult]:
        """The unsaved values; the first under the id that the form was shown with."""
        read = [(row, row.reading) for row in self.rows]
        columns = [_columns(row, reading) for row, reading in read if reading is not None]
        who = {"clinic": self.clinic, "patient": self.patient, "report": self.report}
        return [self.new_record(**who, **columns[0]), *(LaboratoryResult(**each) for each in columns[1:])]


def _columns(row: ResultForm, reading: Reading) -> dict[str, Any]:
    return {
        "analyte": reading.analyte,
        "test": row.test,
        "comparator": reading.comparator,
        "value": reading.value,
        "unit": reading.unit,
        "low": reading.low,
        "high": reading.high,
    }


class ResultCorrectionForm(RecordForm):
    """One value of a report, put right."""

    sections = (Section("Value", (("comparator", "value", "unit"), ("low", "high"))),)

    class Meta:
        model = LaboratoryResult
        fields = ["comparator", "value", "unit", "low", "high"]
        error_messages = {"value": {"required": "Write the value, or strike it out."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = ANALYTES.get(self.instance.analyte)
        units = (
            [(unit.ucum, unit.shown) for unit in known.units] if known else [(self.instance.unit, self.instance.unit)]
        )
        self.fields["unit"] = forms.ChoiceField(label="Unit", choices=units)
        bound = forms.ChoiceField(label=self.fields["comparator"].label, choices=_BOUNDS, required=False)
        self.fields["comparator"] = bound

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            names = ("comparator", "value", "unit", "low", "high")
            self.judge(value_problems(Reading(self.instance.analyte, *(cleaned[name] for name in names))))
        return cleaned


class LaboratoryTestForm(RecordForm):
    """A test that the clinic adds to the catalogue."""

    sections = (Section("Test", (("name", "unit"),)),)

    class Meta:
        model = LaboratoryTest
        fields = ["name", "unit"]
        labels = {"name": "What is measured?", "unit": "In which unit?"}
        help_texts = {
            "name": "For example: Zinc.",
            "unit": "As the laboratory prints it, for example µmol/L. For a second unit, add a second test.",
        }
        error_messages = {
            "name": {"required": "Write what is measured."},
            "unit": {"required": "Write the unit. For a number without unit, write 1."},
        }

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if self.is_correction and name == self.instance.name:
            return name
        taken = LaboratoryTest.objects.of(self.clinic).exclude(pk=self.own_id).values_list("name", flat=True)
        if fold(name) in {*map(fold, taken), *(fold(analyte.label) for analyte in ANALYTES.values())}:
            raise ValidationError(
                "A test with this name is already listed. Use that one, or give this one a different name."
            )
        return name


class OfferForm(PlainTextForm, forms.Form):
    """Whether a test is offered for new reports."""

    offered = forms.BooleanField(required=False)
